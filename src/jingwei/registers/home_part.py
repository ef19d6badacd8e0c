"""What the registers put on the home page: their sizes, with sources and age, and when one was brought up to date.

Sizes are those of the serving copy, which lookups are answered from.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db.models import Max
from django.urls import reverse
from django.utils import timezone

from jingwei.collection.models import Run
from jingwei.inbox import home
from jingwei.inbox.home import Change, Figure, Row
from jingwei.kernel.models import Account
from jingwei.kernel.text import Text
from jingwei.registers.models import ServingState
from jingwei.registers.sources import Declared, declared

REBUILT = Text("{title}更新过，现有 {n} 条", "{title} was brought up to date: {n} records")
DEFINITION = Text(
    "各来源的记录按有效号码和相似程度合成后，还剩多少条主记录；同一{entity}只算一次。",
    "How many golden records are left once the sources' rows are joined by valid numbers and by likeness; each {entity} counts once.",
)


def register() -> None:
    home.register_changes("registers", "register.read", rebuilt_since)
    home.register_figures("registers", figures)


def rebuilt_since(account: Account, since: datetime) -> Iterable[Change]:
    for state in ServingState.objects.filter(updated__gt=since):
        text = REBUILT.fill(title=declared(state.register).register.title.text(), n=f"{state.entities:,}")
        yield Change(
            state.updated, text, reverse("registers:overview", args=[state.register]), "register", "ok"
        )


def figures() -> Iterable[Figure]:
    for state in ServingState.objects.order_by("register"):
        yield _size(state, declared(state.register))


def _size(state: ServingState, known: Declared) -> Figure:
    entity = known.register.entity.text()
    read = Run.objects.filter(state=Run.DONE, resource__in=known.resources).values("resource")
    last = dict(read.order_by().annotate(at=Max("started")).values_list("resource", "at"))
    rows = []
    for name in known.resources:
        contract = known.contracts[name]
        at = last.get(name)
        note = (
            Text("{who} · {when} 读的", "{who} · read {when}")
            if at
            else Text("{who} · 没读过", "{who} · never read")
        )
        when = f"{timezone.localtime(at):%Y-%m-%d %H:%M}" if at else ""
        rows.append(Row(contract.title, "✓" if at else "–", note.fill(who=contract.organization, when=when)))
    return Figure(
        name=f"register-{state.register}",
        title=known.register.title.text(),
        value=f"{state.entities:,}",
        unit=entity,
        definition=DEFINITION.fill(entity=entity),
        as_of=state.updated,
        sources=Text("{n} 张表合成", "{n} tables joined").fill(n=len(known.resources)),
        columns=(
            Text("来源", "Source"),
            Text("读过", "Read"),
            Text("谁提供，几时读的", "Provider, and when it was read"),
        ),
        rows=rows,
    )
