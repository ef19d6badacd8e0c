"""`jingwei organization | account`: the tree and the people in it, from the server itself.

Who can run commands on the server keeps the node: here the first accounts get their roles, and the three
administrators, whom no page resets or disables, are kept up. All of it is on record as done by the node.
"""

from __future__ import annotations

from pathlib import Path

import click
from django.db import transaction
from django.utils import timezone

from jingwei.cli.frame import Output, command
from jingwei.kernel.errors import EXIT_BAD_INPUT, EXIT_DONE, BadInput
from jingwei.kernel.models import Account, Organization
from jingwei.kernel.organizations import current
from jingwei.kernel.roles import roles
from jingwei.kernel.text import Text
from jingwei.packs.declarations import nearest
from jingwei.people import accounts, granting, importing, tree
from jingwei.people.errors import TableFaulty, UnknownOrganization
from jingwei.people.organization_pages import lines_of


class AccountTaken(BadInput):
    code = "account-taken"
    what = Text("账号 {username} 已经有了。", "The account {username} exists already.")
    do = Text("换一个账号名。", "Choose another name.")


class UnknownRole(BadInput):
    code = "unknown-role"
    what = Text("没有角色 {name}{hint}。", "There is no role {name}{hint}.")
    do = Text("现有的：{known}。", "There are: {known}.")


def add_to(group: click.Group) -> None:
    @group.group()
    def organization() -> None:
        """The tree of organizations."""

    @command(organization, "import")
    @click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
    def organization_import(out: Output, file: Path) -> int:
        """Take organizations from FILE (.csv or .xlsx), all of them or none."""
        try:
            found = importing.take(None, file.name, file.read_bytes())
        except TableFaulty as exc:
            if out.as_json:
                raise
            rows = [[row, column, text] for row, column, text in exc.faults]
            out.table(
                exc.what, [Text("行", "row"), Text("列", "column"), Text("怎么了", "what is wrong")], rows
            )
            return EXIT_BAD_INPUT
        counts = {"made": found.made, "changed": found.changed, "same": found.same}
        told = Text(
            "新建 {made}  变更 {changed}  没变 {same}", "made {made}  changed {changed}  as they were {same}"
        )
        out.say(told.fill(**counts))
        out.result(counts)
        return EXIT_DONE

    @command(organization, "list")
    @click.option("--past", is_flag=True, help="Those that were merged or closed.")
    @click.argument("search", default="")
    def organization_list(out: Output, search: str, past: bool) -> None:
        """List the tree, or what in it fits SEARCH (name, code or grid)."""
        lines = lines_of(list(Organization.objects.all()), search, past)
        out.table(
            Text("机构 {n} 个", "{n} organizations").fill(n=len(lines)),
            [Text("名称", "name"), Text("层级", "level"), Text("代码", "code"), Text("在岗", "people"),
             Text("网格", "grids")],
            [["  " * line.depth + line.organization.name_zh, tree.LEVELS[line.organization.level],
              line.organization.code, line.people, len(line.organization.grids)] for line in lines],
        )  # fmt: skip
        listed = [
            {
                "code": line.organization.code,
                "name": line.organization.name_zh,
                "level": line.organization.level,
                "parent": line.organization.parent.code if line.organization.parent else None,
                "people": line.people,
                "grids": line.organization.grids,
            }
            for line in lines
        ]
        out.result({"organizations": listed})

    @group.group()
    def account() -> None:
        """People who sign in."""

    @command(account, "add")
    @click.argument("username")
    @click.option("--name", required=True, help="The person's name.")
    @click.option("--role", "names", multiple=True, required=True, help="A role; may be given several times.")
    @click.option("--post", default="", help="What the person does, as shown in the page.")
    @click.option(
        "--organization", "place", default="", help="Code or name of the organization; a new name makes it."
    )
    @click.option(
        "--password-file",
        type=click.Path(path_type=Path, exists=True),
        help="Read the password from a file instead of asking.",
    )
    @click.option(
        "--one-time", is_flag=True, help="Print a password that must be changed at the first sign-in."
    )
    def account_add(
        out: Output,
        username: str,
        name: str,
        names: tuple[str, ...],
        post: str,
        place: str,
        password_file: Path | None,
        one_time: bool,
    ) -> None:
        """Add an account; the password is asked for."""
        if Account.objects.filter(username=username).exists():
            raise AccountTaken(username=username)
        _known(names)
        password = "" if one_time else password_file.read_text().strip() if password_file else _asked()
        with transaction.atomic():
            where = _place(place) if place else None
            made, given = accounts.add(None, username, name, where, post, password)
            granting.grant(None, made.posts.get(), names)
        out.say(Text("账号 {username} 已建。", "The account {username} is ready.").fill(username=username))
        if one_time:
            out.say(Text("一次性密码：{p}", "One-time password: {p}").fill(p=given))
        shown = {"password": given} if one_time else {}
        out.result({"account": username, "roles": list(names), **shown})

    @command(account, "disable")
    @click.argument("username")
    def account_disable(out: Output, username: str) -> None:
        """Let USERNAME sign in no more; what it did stays on record."""
        accounts.disable(None, accounts.account_of(None, username))
        out.say(Text("账号 {u} 已停用。", "The account {u} is disabled.").fill(u=username))
        out.result({"account": username, "active": False})

    @command(account, "enable")
    @click.argument("username")
    def account_enable(out: Output, username: str) -> None:
        """Let USERNAME sign in again."""
        accounts.enable(None, accounts.account_of(None, username))
        out.say(Text("账号 {u} 已启用。", "The account {u} is enabled.").fill(u=username))
        out.result({"account": username, "active": True})

    @command(account, "reset")
    @click.argument("username")
    def account_reset(out: Output, username: str) -> None:
        """Print a one-time password for USERNAME and end its sessions."""
        given = accounts.reset(None, accounts.account_of(None, username))
        out.say(Text("一次性密码：{p}", "One-time password: {p}").fill(p=given))
        out.result({"account": username, "password": given})

    @command(account, "list")
    def account_list(out: Output) -> None:
        """List the accounts."""
        found = list(Account.objects.select_related("organization").order_by("username"))
        out.table(
            Text("账号 {n} 个", "{n} accounts").fill(n=len(found)),
            [Text("账号", "account"), Text("姓名", "name"), Text("机构", "organization"), Text("岗位", "post"),
             Text("角色", "roles"), Text("状态", "state"), Text("最近登录", "last sign-in")],
            [[one.username, one.name, one.organization or "", one.post, granting.titles(one.roles),
              Text("在用", "in use") if one.is_active else Text("停用", "disabled"),
              f"{timezone.localtime(one.last_login):%Y-%m-%d %H:%M}" if one.last_login else ""] for one in found],
        )  # fmt: skip
        listed = [
            {
                "account": one.username,
                "name": one.name,
                "organization": str(one.organization or ""),
                "post": one.post,
                "roles": one.roles,
                "active": one.is_active,
                "last_sign_in": one.last_login,
            }
            for one in found
        ]
        out.result({"accounts": listed})


def _asked() -> str:
    return str(click.prompt("Password", hide_input=True, confirmation_prompt=True))


def _known(names: tuple[str, ...]) -> None:
    known = roles()
    for name in names:
        if name not in known:
            near = nearest(name, known)
            hint = Text(f"，是不是 {near}", f"; did you mean {near}") if near else Text("", "")
            raise UnknownRole(name=name, hint=hint, known=", ".join(sorted(known)))


def _place(text: str) -> Organization:
    """By code or name; a name that is new becomes an organization of the district."""
    found = current().filter(code=text).first() or current().filter(name_zh=text).first()
    if found is not None:
        return found
    if text.isascii():
        raise UnknownOrganization(code=text)
    number = Organization.objects.count() + 1
    while Organization.objects.filter(code=f"org-{number}").exists():
        number += 1
    return tree.make(None, None, {"code": f"org-{number}", "name_zh": text, "level": "district"})
