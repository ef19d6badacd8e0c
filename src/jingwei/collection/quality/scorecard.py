"""Reading scores: a resource now, by dimension and field, over time; departments side by side.

Row scores are those of the last run that was done. Timeliness is worked out at the moment of reading,
for a table grows late without a run. A resource's score is the share of its rows with nothing wrong,
times the share of the time since its newest row that was promised: 98 % right, but a month late on a
promise of fifteen days, is 49 %. A department's score is that of its resources, weighted by their rows.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby

from django.utils import timezone

from jingwei.catalog.contracts import DIMENSIONS, Contract
from jingwei.collection.models import Score
from jingwei.collection.quality.scores import CYCLE, lateness
from jingwei.kernel.text import Text
from jingwei.packs.service import installed

RESOURCE = Text("信息资源", "resource")
TREND = 30
"""Days that a trend looks back."""


@dataclass(frozen=True)
class Mark:
    """Rows judged and rows failed."""

    judged: int
    failed: int

    @property
    def score(self) -> float:
        """0 to 1; nothing judged is nothing wrong."""
        return 1 - self.failed / self.judged if self.judged else 1.0


@dataclass(frozen=True)
class Promptness:
    """The newest row against the promised cycle, at one moment."""

    promised: timedelta
    newest: datetime
    age: timedelta
    score: float

    @property
    def late(self) -> bool:
        return self.score < 1

    @property
    def told(self) -> Text:
        if not self.late:
            return Text("按约定更新，最新数据在 {age} 前", "as promised; the newest row is {age} old").fill(
                age=span(self.age)
            )
        return Text(
            "约定每 {promised} 更新，最新数据已是 {age} 前", "promised every {promised}; the newest row is {age} old"
        ).fill(promised=span(self.promised), age=span(self.age))  # fmt: skip


@dataclass(frozen=True)
class DimensionScore:
    """One of the six dimensions: `mark` counts rows (None where nothing but the cycle is judged)."""

    dimension: str
    title: Text
    score: float
    mark: Mark | None


@dataclass(frozen=True)
class FieldScore:
    field: str
    title: Text
    mark: Mark
    dimensions: Mapping[str, Mark]

    @property
    def score(self) -> float:
        return self.mark.score


@dataclass(frozen=True)
class Scorecard:
    """A resource at one moment. `rows` counts rows with anything wrong at all."""

    resource: str
    title: Text
    organization: str
    run: str
    at: datetime
    score: float
    rows: Mark
    promptness: Promptness | None
    dimensions: tuple[DimensionScore, ...]
    """In the order of the standard; only those something is said about."""
    fields: tuple[FieldScore, ...]
    """In the contract's order."""


@dataclass(frozen=True)
class Point:
    """A resource's or department's score on a day."""

    at: datetime
    score: float
    judged: int
    failed: int
    dimensions: Mapping[str, float]


@dataclass(frozen=True)
class Department:
    """An organization's resources, worst first. `before` is its score thirty days ago, None if it had none."""

    organization: str
    score: float
    judged: int
    failed: int
    resources: tuple[Scorecard, ...]
    before: float | None

    @property
    def change(self) -> float | None:
        return None if self.before is None else self.score - self.before


def span(of: timedelta) -> Text:
    """A length of time in one unit: minutes below two hours, hours below two days, else days."""
    minutes = int(of.total_seconds() // 60)
    for limit, size, unit in (
        (120, 1, Text("分钟", "min")),
        (2880, 60, Text("小时", "h")),
    ):
        if minutes < limit:
            return Text("{n} {unit}", "{n} {unit}").fill(n=minutes // size, unit=unit)
    days = minutes // 1440
    return Text("{n} 天", "{n} days").fill(n=days)


def contracts() -> dict[str, Contract]:
    return dict(sorted(installed().section("contracts").items()))


def score_now(resource: str) -> float | None:
    """0 to 1; None where the resource was never scored."""
    card = scorecard(resource)
    return card.score if card else None


def scorecard(resource: str, at: datetime | None = None) -> Scorecard | None:
    """The resource's scores as of now, or as they would have been read at a moment of the past."""
    contract: Contract = installed().get("contracts", resource, RESOURCE)
    return _cards([contract], at or timezone.now()).get(resource)


def history(resource: str, days: int = 90) -> tuple[Point, ...]:
    """The last score of each day on which there was one, oldest first."""
    contract: Contract = installed().get("contracts", resource, RESOURCE)
    since = timezone.now() - timedelta(days=days)
    found = Score.objects.filter(resource=resource, field="", at__gte=since).order_by("at", "run")
    by_run = [list(rows) for _, rows in groupby(found, key=lambda row: (row.at, row.run))]
    last_of_day = {timezone.localdate(rows[0].at): rows for rows in by_run}
    points = []
    for rows in last_of_day.values():
        card = _card(contract, rows, rows[0].at)
        points.append(
            Point(card.at, card.score, card.rows.judged, card.rows.failed,
                  {d.dimension: d.score for d in card.dimensions})
        )  # fmt: skip
    return tuple(points)


def departments() -> tuple[Department, ...]:
    """Every organization with a scored resource, best first."""
    now = timezone.now()
    known = list(contracts().values())
    cards, earlier = _cards(known, now), _cards(known, now - timedelta(days=TREND))
    found = []
    for name in sorted({card.organization for card in cards.values()}):
        own = sorted(
            (c for c in cards.values() if c.organization == name), key=lambda c: (c.score, c.resource)
        )
        before = [c for c in earlier.values() if c.organization == name]
        found.append(
            Department(
                name,
                _weighted(own),
                sum(card.rows.judged for card in own),
                sum(card.rows.failed for card in own),
                tuple(own),
                _weighted(before) if before else None,
            )
        )
    return tuple(sorted(found, key=lambda d: (-d.score, d.organization)))


def _weighted(cards: Iterable[Scorecard]) -> float:
    """Mean of the scores, each resource by its rows; a resource without rows weighs as one row."""
    weights = [(max(1, card.rows.judged), card.score) for card in cards]
    return sum(weight * score for weight, score in weights) / sum(weight for weight, _ in weights)


def _cards(of: list[Contract], at: datetime) -> dict[str, Scorecard]:
    """Scorecards by resource from the last scored run of each at that moment."""
    by_id = {contract.id: contract for contract in of}
    wholes = Score.objects.filter(resource__in=by_id, field="", dimension="", at__lte=at)
    last = {resource: run for resource, run in wholes.order_by("at", "run").values_list("resource", "run")}
    rows: dict[str, list[Score]] = {}
    for row in Score.objects.filter(run__in=last.values()):
        rows.setdefault(row.resource, []).append(row)
    return {resource: _card(by_id[resource], found, at) for resource, found in rows.items()}


def _card(contract: Contract, rows: list[Score], at: datetime) -> Scorecard:
    marks = {(row.field, row.dimension): Mark(row.judged, row.failed) for row in rows}
    whole = marks.get(("", ""), Mark(0, 0))
    prompt = _promptness(contract, rows, at)
    factor = prompt.score if prompt else 1.0
    dimensions = []
    for name, title in DIMENSIONS.items():
        mark = marks.get(("", name))
        timed = name == "timeliness" and prompt is not None
        if mark or timed:
            score = (mark.score if mark else 1.0) * (factor if timed else 1.0)
            dimensions.append(DimensionScore(name, title, score, mark))
    fields = tuple(
        FieldScore(f.name, f.title, marks[(f.name, "")],
                   {name: marks[(f.name, name)] for name in DIMENSIONS if (f.name, name) in marks})
        for f in contract.fields if (f.name, "") in marks
    )  # fmt: skip
    return Scorecard(
        contract.id, contract.title, contract.organization, rows[0].run, rows[0].at, whole.score * factor,
        whole, prompt, tuple(dimensions), fields,
    )  # fmt: skip


def _promptness(contract: Contract, rows: list[Score], at: datetime) -> Promptness | None:
    row = next((row for row in rows if row.dimension == CYCLE), None)
    if row is None or contract.cycle is None:
        return None
    newest = row.at - timedelta(minutes=row.judged)
    age, late = lateness(newest, contract.cycle, at)
    return Promptness(contract.cycle, newest, timedelta(minutes=age), 1 - late / age if age else 1.0)
