"""What is known of a resource today: how good, how fresh, which runs.

    scores and runs of the collection room ──▶ Facts ──▶ the page's right side

The strip of days says of each of the last thirty whether data came, was held, failed, or was due and did not come.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Max
from django.utils import timezone

from jingwei.catalog.contracts import Contract
from jingwei.collection.models import Profile, Run
from jingwei.collection.quality import service as quality
from jingwei.kernel.text import Text

DAYS, RUNS = 30, 5
CAME, HELD, FAILED, LATE, QUIET = "came", "held", "failed", "late", "quiet"
SAID = {
    CAME: Text("来了", "came"),
    HELD: Text("扣住", "held"),
    FAILED: Text("失败", "failed"),
    LATE: Text("没来", "late"),
    QUIET: Text("不必来", "not due"),
}


@dataclass(frozen=True)
class Day:
    day: date
    state: str

    @property
    def said(self) -> Text:
        return SAID[self.state]


@dataclass(frozen=True)
class Aspect:
    """A dimension now, and how far it moved in thirty days (None where it cannot be said)."""

    title: Text
    score: float
    change: float | None


@dataclass(frozen=True)
class Facts:
    card: quality.Scorecard | None
    aspects: tuple[Aspect, ...]
    points: tuple[quality.Point, ...]
    newest: Run | None
    done: Run | None
    runs: tuple[Run, ...]
    rows: int | None
    days: tuple[Day, ...]
    cycle: Text | None

    @property
    def late(self) -> bool:
        return bool(self.card and self.card.promptness and self.card.promptness.late)

    def count(self, state: str) -> int:
        return sum(day.state == state for day in self.days)


def facts(contract: Contract) -> Facts:
    recent = list(Run.objects.filter(resource=contract.id)[:RUNS])
    done = Run.objects.filter(resource=contract.id, state=Run.DONE).first()
    card = quality.scores(contract.id)
    points = quality.history(contract.id) if card else ()
    profile = Profile.objects.filter(resource=contract.id).values_list("rows", flat=True).first()
    then = next(
        (p for p in reversed(points) if p.at <= timezone.now() - timedelta(days=DAYS)),
        points[0] if len(points) > 1 else None,
    )
    aspects = tuple(
        Aspect(d.title, d.score, d.score - then.dimensions[d.dimension] if then and d.dimension in then.dimensions else None)
        for d in (card.dimensions if card else ())
    )  # fmt: skip
    return Facts(
        card, aspects, points, recent[0] if recent else None, done, tuple(recent), profile,
        days(contract, timezone.localdate()), quality.span(contract.cycle) if contract.cycle else None,
    )  # fmt: skip


def days(contract: Contract, today: date) -> tuple[Day, ...]:
    """The last thirty days, oldest first. A day is late when the cycle had passed since the last data."""
    first = today - timedelta(days=DAYS - 1)
    midnight = timezone.make_aware(datetime.combine(first, datetime.min.time()))
    runs = Run.objects.filter(resource=contract.id, started__gte=midnight).values_list("started", "state")
    by_day: dict[date, set[str]] = {}
    for started, state in runs:
        by_day.setdefault(timezone.localdate(started), set()).add(state)
    before = Run.objects.filter(resource=contract.id, started__lt=midnight, state=Run.DONE)
    before = before.aggregate(at=Max("started"))["at"]
    last = timezone.localdate(before) if before else None
    found = []
    for offset in range(DAYS):
        day = first + timedelta(days=offset)
        states = by_day.get(day, set())
        if Run.DONE in states:
            last, state = day, CAME
        elif Run.HELD in states:
            state = HELD
        elif Run.FAILED in states:
            state = FAILED
        else:
            due = last is not None and contract.cycle is not None and day - last > contract.cycle
            state = LATE if due else QUIET
        found.append(Day(day, state))
    return tuple(found)


def last_done() -> dict[str, datetime]:
    """When each resource was last read to the end."""
    found = Run.objects.filter(state=Run.DONE).values_list("resource").annotate(at=Max("ended"))
    return {resource: at for resource, at in found if at}


def counted() -> dict[str, int]:
    """Rows of each resource, as of its newest profile."""
    newest = Profile.objects.values("resource").annotate(last=Max("id")).values("last")
    return dict(Profile.objects.filter(id__in=newest).values_list("resource", "rows"))
