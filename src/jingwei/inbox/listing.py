"""The list of somebody's to-dos: what the address asks for, which of them fit, and what each line shows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Count, F, Q, QuerySet
from django.utils import timezone

from jingwei.inbox import due, kinds, todos
from jingwei.inbox.models import ToDo
from jingwei.kernel.models import Account
from jingwei.kernel.permissions import ROLES
from jingwei.kernel.text import Text

STATES = {
    "": Text("要办的", "To do"),
    "mine": Text("在我手上", "I have"),
    "free": Text("还没人接", "Nobody has"),
    "late": Text("逾期", "Late"),
    "done": Text("办完的", "Done"),
}
DUES = {
    "today": Text("今天到期", "due today"),
    "week": Text("七天内到期", "due within seven days"),
    "none": Text("没有期限", "no deadline"),
}
SORTS = {"": Text("按期限", "by deadline"), "new": Text("新的在前", "newest first")}
WEEK = timedelta(days=7)


@dataclass(frozen=True)
class Asked:
    """What the address asks for; whatever it does not know is as if it were not there."""

    state: str = ""
    kind: str = ""
    organization: str = ""
    due: str = ""
    sort: str = ""

    @classmethod
    def of(cls, query: Mapping[str, str]) -> Asked:
        def one_of(name: str, known: Mapping[str, Text]) -> str:
            return query.get(name, "") if query.get(name, "") in known else ""

        return cls(
            one_of("state", STATES),
            query.get("kind", "")[:40],
            query.get("organization", "")[:120],
            one_of("due", DUES),
            one_of("sort", SORTS),
        )

    @property
    def narrowed(self) -> bool:
        return bool(self.kind or self.organization or self.due or self.state)


@dataclass(frozen=True)
class Line:
    """A to-do, ready to draw. `holder` is the name of whoever has it."""

    todo: ToDo
    kind: kinds.Kind
    due: due.Due | None
    holder: str
    mine: bool
    to_do: bool
    """Whether it is the reader's to do; whoever is above only hears of it."""
    meant: Text


def found(account: Account, asked: Asked) -> QuerySet[ToDo]:
    rows = in_state(todos.scoped(account), asked.state, account)
    today = timezone.localdate()
    if asked.kind:
        rows = rows.filter(kind=asked.kind)
    if asked.organization:
        rows = rows.filter(organization=asked.organization)
    if asked.due == "today":
        rows = rows.filter(due=today)
    elif asked.due == "week":
        rows = rows.filter(due__lte=today + WEEK)
    elif asked.due == "none":
        rows = rows.filter(due=None)
    if asked.state == "done":
        return rows.order_by("-done", "-id")
    if asked.sort == "new":
        return rows.order_by("-created", "-id")
    return rows.order_by(F("due").asc(nulls_last=True), "created", "id")


def in_state(rows: QuerySet[ToDo], state: str, account: Account) -> QuerySet[ToDo]:
    if state == "done":
        return rows.exclude(done=None)
    rows = rows.filter(done=None)
    if state == "mine":
        return rows.filter(holder=account.username)
    if state == "free":
        return rows.filter(holder="")
    if state == "late":
        return rows.filter(due__lt=timezone.localdate())
    return rows


def counts(account: Account) -> dict[str, int]:
    """How many of each state, in one question."""
    is_open = Q(done=None)
    told = todos.scoped(account).aggregate(
        all=Count("pk", filter=is_open),
        mine=Count("pk", filter=is_open & Q(holder=account.username)),
        free=Count("pk", filter=is_open & Q(holder="")),
        late=Count("pk", filter=is_open & Q(due__lt=timezone.localdate())),
        today=Count("pk", filter=is_open & Q(due=timezone.localdate())),
        done=Count("pk", filter=~is_open),
    )
    return {"": told.pop("all"), **told}


def choices(account: Account) -> tuple[list[kinds.Kind], list[str]]:
    """Kinds and organizations there are among the account's to-dos, to filter by."""
    rows = todos.scoped(account).order_by()
    names = sorted(rows.values_list("kind", flat=True).distinct())
    organizations = sorted(rows.exclude(organization="").values_list("organization", flat=True).distinct())
    return [kinds.kind_called(name) for name in names], organizations


def lines(rows: Iterable[ToDo], account: Account) -> list[Line]:
    rows = list(rows)
    names = names_of(row.holder for row in rows if row.holder)
    return [
        Line(
            row,
            kinds.kind_called(row.kind),
            None if row.done else due.said(row.due),
            names.get(row.holder, row.holder),
            row.holder == account.username,
            todos.is_meant(row, account),
            whom(row),
        )
        for row in rows
    ]


def names_of(usernames: Iterable[str]) -> dict[str, str]:
    """Name and organization of accounts, as pages say them."""
    accounts = Account.objects.filter(username__in=set(usernames)).select_related("organization")
    return {one.username: one.name for one in accounts}


def whom(todo: ToDo) -> Text:
    if todo.role in ROLES:
        return ROLES[todo.role][0]
    name = todo.organization or todo.role
    return Text(name, name) if name else Text("本人", "you")
