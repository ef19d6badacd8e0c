"""Pages of accounts: the list, one account with posts and deputies, what the administrator and security may do there.

The administrator makes accounts and posts, the security administrator gives posts their roles: the page is one, its
forms are theirs. A one-time password is shown in the answer that made it and nowhere else.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from jingwei.kernel import permissions, proposals
from jingwei.kernel.errors import JingweiError
from jingwei.kernel.models import Account, Deputy, Organization, Post
from jingwei.kernel.roles import roles
from jingwei.kernel.text import Text
from jingwei.parts.tables import Column, Stored, Table
from jingwei.people import accounts, granting
from jingwei.people.errors import FactsWrong, RolesExclude
from jingwei.people.organization_pages import account_of, chosen, day_in, known

EDIT, GRANT = accounts.EDIT, granting.GRANT
STATES = ((True, Text("在用", "in use")), (False, Text("停用", "disabled")))


def _signed_in(one: Account) -> str:
    return f"{timezone.localtime(one.last_login):%Y-%m-%d %H:%M}" if one.last_login else "—"


TABLE = Table(
    "people.accounts",
    Text("账号", "Accounts"),
    EDIT,
    columns=(
        Column(
            "username",
            Text("账号", "Account"),
            sort=True,
            filter=True,
            link=lambda one: reverse("people:account", args=[one.username]),
        ),
        Column("name", Text("姓名", "Name"), filter=True),
        Column("organization", Text("机构", "Organization"), source="organization__name_zh", filter=True),
        Column("post", Text("岗位", "Post")),
        Column("roles", Text("角色", "Roles"), show=lambda one: str(granting.titles(one.roles))),
        Column("state", Text("状态", "State"), show=lambda one: str(dict(STATES)[one.is_active])),
        Column("last_login", Text("最近登录", "Last sign-in"), show=_signed_in),
    ),
    order="username",
    empty=Text("还没有账号。先新建一个。", "No account yet. Make the first one."),
)


def action_of(account: Account) -> str:
    """Both administrators see accounts: by the action they have; whoever has neither is refused."""
    if permissions.allowed(account, EDIT):
        return EDIT
    permissions.require(account, GRANT, "accounts")
    return GRANT


@login_required
@require_http_methods(["GET", "POST"])
def start(request: HttpRequest) -> HttpResponseBase:
    account = account_of(request)
    action = action_of(account)
    rows = accounts.visible(account, action).select_related("organization")
    shown = replace(TABLE, action=action).read(request, Stored(rows))
    if shown.download:
        return shown.download
    given = {"accounts": shown, "may_edit": action == EDIT}
    return render(request, "people/accounts.html", given)


@login_required
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    account = account_of(request)
    permissions.require(account, EDIT, "account/new")
    fault: FactsWrong | None = None
    if request.method == "POST":
        said = request.POST
        try:
            place = _place(account, said.get("organization", ""), EDIT)
            made, password = accounts.add(
                account, said.get("username", "").strip(), said.get("name", ""), place, said.get("title", "")
            )
            return _page(request, made, password=password)
        except FactsWrong as exc:
            fault = exc
    given = {
        "known": known(account, EDIT),
        "faults": fault.faults if fault else {},
        "fault": fault,
        "typed": request.POST,
        "top": permissions.scopes(account, EDIT) is None,
    }
    return render(request, "people/account_new.html", given, status=400 if fault else 200)


def _place(account: Account, text: str, action: str) -> Organization | None:
    if text.strip():
        return chosen(account, text, action)
    if permissions.scopes(account, action) is not None:
        raise FactsWrong({"organization": Text("要选一个机构", "choose an organization")})
    return None


@login_required
@require_GET
def account(request: HttpRequest, username: str) -> HttpResponse:
    reader = account_of(request)
    return _page(request, accounts.account_of(reader, username, action_of(reader)))


def _page(
    request: HttpRequest,
    one: Account,
    *,
    password: str = "",
    fault: JingweiError | None = None,
    deed: str = "",
) -> HttpResponse:
    reader = account_of(request)
    may_edit, may_grant = permissions.allowed(reader, EDIT), permissions.allowed(reader, GRANT)
    today = timezone.localdate()
    posts = list(Post.objects.filter(account=one).select_related("organization", "scope"))
    given = {
        "one": one,
        "posts": posts,
        "password": password,
        "fault": fault,
        "faults": fault.faults if isinstance(fault, FactsWrong) else {},
        "deed": deed,
        "typed": request.POST if fault else {},
        "may_edit": may_edit and reader.pk != one.pk,
        "may_grant": may_grant and reader.pk != one.pk,
        "own": reader.pk == one.pk,
        "roles": roles(),
        "titles": granting.titles,
        "known": known(reader, EDIT if may_edit else GRANT),
        "absences": Deputy.objects.filter(absent=one, until__gte=today).select_related("deputy"),
        "stands_in": Deputy.objects.filter(deputy=one, until__gte=today).select_related("absent"),
        "waiting": [p for p in proposals.waiting() if p.object == f"account/{one.username}"]
        if may_grant
        else [],
        "today": today,
    }
    return render(request, "people/account.html", given, status=400 if fault else 200)


def _post_of(one: Account, given: QueryDict) -> Post:
    number = given.get("post", "")
    accounts.settle(one)
    found = Post.objects.select_related("account", "organization", "scope").filter(
        account=one, pk=int(number) if number.isascii() and number.isdecimal() else 0
    )
    post = found.first() or (Post.objects.filter(account=one).first() if number == "own" else None)
    if post is None:
        raise Http404
    return post


def _add_post(reader: Account, one: Account, given: QueryDict) -> str:
    until = day_in(given, "until") if given.get("until") else None
    place = _place(reader, given.get("organization", ""), EDIT)
    accounts.add_post(
        reader, one, place, given.get("title", ""), day_in(given, "since", timezone.localdate()), until
    )
    return ""


def _end_post(reader: Account, one: Account, given: QueryDict) -> str:
    accounts.end_post(reader, _post_of(one, given), day_in(given, "until", timezone.localdate()))
    return ""


def _disable(reader: Account, one: Account, given: QueryDict) -> str:
    accounts.disable(reader, one)
    return ""


def _enable(reader: Account, one: Account, given: QueryDict) -> str:
    accounts.enable(reader, one)
    return ""


def _reset(reader: Account, one: Account, given: QueryDict) -> str:
    return accounts.reset(reader, one)


def _roles(reader: Account, one: Account, given: QueryDict) -> str:
    named = given.get("scope", "").strip()
    scope = chosen(reader, named, GRANT) if named else None
    granting.grant(reader, _post_of(one, given), given.getlist("roles")[:50], scope)
    return ""


def _deputy(reader: Account, one: Account, given: QueryDict) -> str:
    other = accounts.account_of(reader, given.get("deputy", "").strip(), GRANT)
    since, until = day_in(given, "since", timezone.localdate()), day_in(given, "until")
    granting.deputize(reader, one, other, since, until, given.get("reason", "").strip())
    return ""


def _end_deputy(reader: Account, one: Account, given: QueryDict) -> str:
    number = given.get("number", "")
    found = Deputy.objects.filter(
        absent=one, pk=int(number) if number.isascii() and number.isdecimal() else 0
    ).first()
    if found is None:
        raise Http404
    granting.end_deputy(reader, found)
    return ""


Deed = Callable[[Account, Account, QueryDict], str]
EDITS: dict[str, Deed] = {
    "post": _add_post, "end-post": _end_post, "disable": _disable, "enable": _enable, "reset": _reset,
}  # fmt: skip
GRANTS: dict[str, Deed] = {"roles": _roles, "deputy": _deputy, "end-deputy": _end_deputy}


@login_required
@require_POST
def change(request: HttpRequest, username: str, deed: str) -> HttpResponse:
    return _do(request, username, deed, EDIT, EDITS)


@login_required
@require_POST
def grant(request: HttpRequest, username: str, deed: str) -> HttpResponse:
    return _do(request, username, deed, GRANT, GRANTS)


def _do(request: HttpRequest, username: str, deed: str, action: str, deeds: dict[str, Deed]) -> HttpResponse:
    reader = account_of(request)
    one = accounts.account_of(reader, username, action)
    if deed not in deeds:
        raise Http404
    try:
        password = deeds[deed](reader, one, request.POST)
    except (FactsWrong, RolesExclude) as fault:
        return _page(request, Account.objects.get(pk=one.pk), fault=fault, deed=deed)
    if password:
        return _page(request, one, password=password)
    return redirect("people:account", username)
