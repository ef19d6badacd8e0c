"""Pages of the tree: search it, open an organization, change it, import a table of organizations.

What a form may say is listed where it is read; nothing else a request carries reaches a record.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date

from django.contrib.auth.decorators import login_required
from django.db.models import Q
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from jingwei.kernel import permissions
from jingwei.kernel.models import Account, Organization, OrganizationChange, Post
from jingwei.kernel.organizations import line_of
from jingwei.kernel.text import Text
from jingwei.people import importing, tree
from jingwei.people.errors import (
    FactsWrong,
    OrganizationsUnreadable,
    StillInUse,
    TableFaulty,
    UnknownOrganization,
)

MOST = 1_000
"""Rows of the tree on one page; beyond that one searches."""
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
KINDS = {
    OrganizationChange.MADE: Text("设立", "set up"),
    OrganizationChange.EDITED: Text("修改", "edited"),
    OrganizationChange.RENAMED: Text("改名", "renamed"),
    OrganizationChange.MOVED: Text("改隶属", "moved"),
    OrganizationChange.MERGED: Text("并入", "merged"),
    OrganizationChange.CLOSED: Text("撤销", "closed"),
}


@dataclass
class Line:
    """A row of the drawn tree."""

    organization: Organization
    depth: int
    people: int
    below: list[Line] = field(default_factory=list)


def account_of(request: HttpRequest) -> Account:
    assert isinstance(request.user, Account)
    return request.user


def day_in(given: QueryDict, name: str, otherwise: date | None = None) -> date:
    """A day of a form; FactsWrong where it is none."""
    text = given.get(name, "").strip()
    if not text and otherwise is not None:
        return otherwise
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise FactsWrong({name: Text("日期写成 2026-01-31", "write the day as 2026-01-31")}) from None


def chosen(account: Account, text: str, action: str = tree.EDIT) -> Organization:
    """An organization named in a form by code or by name, among those the account may name."""
    text = text.strip()
    found = tree.visible(account, action).filter(Q(code=text) | Q(name_zh=text), valid_until=None).first()
    if found is None:
        # A code of somebody else's organization is refused on record; one that does not exist is only unknown.
        tree.organization_of(account, text, action)
        raise UnknownOrganization(code=text)
    return found


def known(account: Account, action: str = tree.EDIT) -> list[Organization]:
    """Organizations a form offers."""
    return list(tree.visible(account, action).filter(valid_until=None)[:MOST])


@login_required
@require_GET
def start(request: HttpRequest) -> HttpResponse:
    account = account_of(request)
    permissions.require(account, tree.EDIT, "organizations")
    wanted, past = request.GET.get("q", "").strip()[:80], request.GET.get("which") == "past"
    found = tree.visible(account)
    lines, total = lines_of(list(found), wanted, past), found.count()
    given = {
        "lines": lines[:MOST],
        "more": max(0, len(lines) - MOST),
        "total": total,
        "q": wanted,
        "which": "past" if past else None,
        "levels": tree.LEVELS,
        "top": permissions.scopes(account, tree.EDIT) is None,
    }
    return render(request, "people/organizations.html", given)


def lines_of(every: list[Organization], wanted: str, past: bool) -> list[Line]:
    """The tree in rows, parents first; a search keeps what fits and the way to it."""
    people = Counter(
        Post.objects.filter(Q(until=None) | Q(until__gte=timezone.localdate())).values_list(
            "organization_id", flat=True
        )
    )
    today = timezone.localdate()
    by_id = {one.pk: Line(one, 0, people[one.pk]) for one in every}

    def fits(one: Organization) -> bool:
        ended = one.valid_until is not None and one.valid_until <= today
        words = (one.name_zh, one.name_en, one.code, *one.grids)
        return ended is past and (not wanted or any(wanted.lower() in word.lower() for word in words))

    kept: set[int] = set()
    for line in by_id.values():
        at: Line | None = line if fits(line.organization) else None
        while at is not None and at.organization.pk not in kept:
            kept.add(at.organization.pk)
            at = by_id.get(at.organization.parent_id or 0)
    roots: list[Line] = []
    for line in by_id.values():
        if line.organization.pk in kept:
            above = by_id.get(line.organization.parent_id or 0)
            (above.below if above else roots).append(line)
    rows: list[Line] = []

    def walk(lines: list[Line], depth: int) -> None:
        for line in lines:
            line.depth = min(depth, 6)
            rows.append(line)
            walk(line.below, depth + 1)

    walk(roots, 0)
    return rows


@login_required
@require_GET
def organization(request: HttpRequest, code: str) -> HttpResponse:
    return _page(request, tree.organization_of(account_of(request), code))


def _page(
    request: HttpRequest, one: Organization, fault: FactsWrong | StillInUse | None = None, deed: str = ""
) -> HttpResponse:
    account = account_of(request)
    posts = tree.held_in(one).select_related("account", "scope")
    unposted = Account.objects.filter(organization=one, posts=None)
    given = {
        "one": one,
        "line": line_of(one)[::-1],
        "posts": posts,
        "unposted": unposted,
        "children": one.children.all(),
        "predecessors": one.predecessors.all(),
        "changes": one.changes.all()[:100],
        "kinds": KINDS,
        "levels": tree.LEVELS,
        "known": known(account),
        "fault": fault,
        "faults": fault.faults if isinstance(fault, FactsWrong) else {},
        "deed": deed,
        "typed": request.POST if fault else {},
        "today": timezone.localdate(),
        "may_people": permissions.allowed(account, "account.edit", within=one)
        or permissions.allowed(account, "role.grant", within=one),
    }
    return render(request, "people/organization.html", given, status=400 if fault else 200)


def _facts(given: QueryDict) -> dict[str, object]:
    return {
        "code": given.get("code", "").strip(),
        "name_zh": given.get("name_zh", "").strip(),
        "name_en": given.get("name_en", "").strip(),
        "level": given.get("level", ""),
        "grids": tree.grids_of(given.get("grids", "")),
    }


def _rename(account: Account, one: Organization, given: QueryDict) -> None:
    on = day_in(given, "on", timezone.localdate())
    tree.rename(account, one, given.get("name_zh", "").strip(), given.get("name_en", "").strip(), on)


def _edit(account: Account, one: Organization, given: QueryDict) -> None:
    tree.edit(account, one, level=given.get("level", ""), grids=tree.grids_of(given.get("grids", "")))


def _move(account: Account, one: Organization, given: QueryDict) -> None:
    tree.move(account, one, chosen(account, given.get("parent", "")))


def _merge(account: Account, one: Organization, given: QueryDict) -> None:
    tree.merge(
        account, one, chosen(account, given.get("into", "")), day_in(given, "on", timezone.localdate())
    )


def _close(account: Account, one: Organization, given: QueryDict) -> None:
    tree.close(account, one, day_in(given, "on", timezone.localdate()))


def _below(account: Account, one: Organization, given: QueryDict) -> None:
    tree.make(account, one, _facts(given))


DEEDS: dict[str, Callable[[Account, Organization, QueryDict], None]] = {
    "rename": _rename,
    "edit": _edit,
    "move": _move,
    "merge": _merge,
    "close": _close,
    "below": _below,
}


@login_required
@require_POST
def change(request: HttpRequest, code: str, deed: str) -> HttpResponse:
    account = account_of(request)
    one = tree.organization_of(account, code)
    if deed not in DEEDS:
        raise UnknownOrganization(code=deed)
    try:
        DEEDS[deed](account, one, request.POST)
    except (FactsWrong, StillInUse) as fault:
        return _page(request, Organization.objects.get(pk=one.pk), fault, deed)
    return redirect("people:organization", code)


@login_required
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """An organization at the top, or below the one that is named."""
    account = account_of(request)
    permissions.require(account, tree.EDIT, "organization/new")
    fault: FactsWrong | None = None
    if request.method == "POST":
        parent = request.POST.get("parent", "").strip()
        try:
            above = chosen(account, parent) if parent else None
            made = tree.make(account, above, _facts(request.POST))
            return redirect("people:organization", made.code)
        except FactsWrong as exc:
            fault = exc
    given = {
        "levels": tree.LEVELS,
        "known": known(account),
        "faults": fault.faults if fault else {},
        "fault": fault,
        "typed": request.POST,
        "top": permissions.scopes(account, tree.EDIT) is None,
    }
    return render(request, "people/organization_new.html", given, status=400 if fault else 200)


@login_required
@require_http_methods(["GET", "POST"])
def import_table(request: HttpRequest) -> HttpResponse:
    account = account_of(request)
    permissions.require(account, tree.EDIT, "organization/import")
    given: dict[str, object] = {"outcome": None, "fault": None, "rows": (), "columns": importing.COLUMNS}
    file = request.FILES.get("file")
    if request.method == "POST":
        try:
            if file is None or (file.size or 0) > importing.MOST_BYTES:
                why = Text("没有选文件，或文件太大", "no file was chosen, or it is too large")
                raise OrganizationsUnreadable(name=file.name if file else "-", why=why)
            given["outcome"] = importing.take(account, file.name or "-", file.read())
        except (TableFaulty, OrganizationsUnreadable) as exc:
            given["fault"] = exc
            given["rows"] = exc.faults[:500] if isinstance(exc, TableFaulty) else ()
    return render(request, "people/import.html", given, status=400 if given["fault"] else 200)


@login_required
@require_GET
def template(request: HttpRequest) -> HttpResponse:
    permissions.require(account_of(request), tree.EDIT, "organization/import")
    response = HttpResponse(importing.template(), content_type=XLSX)
    response.headers["Content-Disposition"] = 'attachment; filename="organizations.xlsx"'
    return response
