"""`jingwei audit bind | look`: tie an account to a resident's record, and look for unusual use now."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import click
from django.utils import timezone

from jingwei.audit import resident, unusual
from jingwei.cli.frame import Output, command
from jingwei.kernel.errors import BadInput
from jingwei.kernel.models import Account
from jingwei.kernel.text import Text
from jingwei.registers import service as registers

DAY = click.DateTime(["%Y-%m-%d"])
BY = "jingwei audit bind"


class NoSuchAccount(BadInput):
    code = "no-such-account"
    what = Text("没有账号 {username}。", "There is no account {username}.")
    do = Text("先用 jingwei account add 建。", "Make it first with jingwei account add.")


class NotExactlyOne(BadInput):
    code = "not-exactly-one"
    what = Text(
        "{register} 里不是恰好一个主体有这个号码。", "{register} has not exactly one entity with this number."
    )
    do = Text("给完整的证件号。", "Give the whole identity number.")


def add_to(group: click.Group) -> None:
    @group.group("audit")
    def audit() -> None:
        """Whose record an account's is, and unusual use."""

    @command(audit)
    @click.argument("username")
    @click.argument("register")
    @click.argument("number")
    def bind(out: Output, username: str, register: str, number: str) -> None:
        """Tie an account to the resident with this identity number, whose card somebody has seen."""
        account = Account.objects.filter(username=username).first()
        if account is None:
            raise NoSuchAccount(username=username)
        found = [one for one in registers.search([register], number, limit=2) if one.exact]
        if len(found) != 1 or found[0].matched != "identifier":
            raise NotExactlyOne(register=register)
        resident.bind(BY, account, register, found[0].entity_id)
        out.say(
            Text("账号 {username} 和 {name} 对上了。", "{username} is tied to {name}.").fill(
                username=username, name=found[0].name
            )
        )
        out.result({"account": username, "register": register, "entity": found[0].entity_id})

    @command(audit)
    @click.option("--since", type=DAY, help="First day; a week ago unless given.")
    @click.option("--until", type=DAY, help="Last day; today unless given.")
    def look(out: Output, since: datetime | None, until: datetime | None) -> None:
        """Go over some days with every detector of unusual use. The worker does it every night."""
        last = until.date() if until else timezone.localdate()
        first: date = since.date() if since else last - timedelta(days=unusual.DAYS)
        new = unusual.look(None, first, last)
        out.say(Text("新列出 {n} 条。", "{n} new findings.").fill(n=f"{new:,}"))
        out.result({"since": first.isoformat(), "until": last.isoformat(), "new": new})
