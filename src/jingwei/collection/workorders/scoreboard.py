"""How well and how promptly each organization provides its data. Organizations are ranked, never persons.

    quality      share of rows with nothing wrong, weighed by age     (collection.quality)
    on time      of the orders decided in the period, those closed by their deadline
    days         median of working days from opening to closing, of those closed in the period
    late         open past their deadline today

An order is decided when it is closed, or when its deadline passes; until then it counts for nobody.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from statistics import median

from django.utils import timezone

from jingwei.collection.models import WorkOrder
from jingwei.collection.quality import service as quality
from jingwei.collection.quality.service import Department
from jingwei.collection.workorders import book
from jingwei.kernel.text import Text

PERIODS = {
    "30": Text("近 30 天", "30 days"),
    "90": Text("近 90 天", "90 days"),
    "365": Text("近一年", "a year"),
}
QUALITY, ON_TIME, DAYS, LATE = "quality", "on_time", "days", "late"
FIGURES = {
    QUALITY: Text("质量得分", "Quality"),
    ON_TIME: Text("按期办结", "Closed in time"),
    DAYS: Text("办结用时", "Time to close"),
    LATE: Text("现在逾期", "Late now"),
}
DEFINITIONS = {
    QUALITY: Text(
        "没有问题的行占全部行的比例，再乘以数据按约定更新的程度；一个单位的几张表按行数加权。行数取这张表现在的样子：在库的行，加上还在隔离的行。",
        "The share of rows with nothing wrong, times how well the table keeps to its promised cycle; several tables of an organization are weighted by their rows. Rows are those of now: the rows in place and those still in quarantine.",
    ),
    ON_TIME: Text(
        "期内有了结果的工单（已办结，或期限已过）里，在期限当天或之前办结的占多少。还没到期、还没办结的不算。",
        "Of the orders decided in the period (closed, or past their deadline), the share closed on or before the deadline. Those open and not yet due do not count.",
    ),
    DAYS: Text(
        "期内办结的工单，从开出到办结的工作日数的中位数，放假和调休按国务院的安排。",
        "The median of working days from opening to closing, of the orders closed in the period; public holidays as announced by the State Council.",
    ),
    LATE: Text("还没办结、期限已过的工单数，以今天为准。", "Orders open past their deadline, as of today."),
}


@dataclass(frozen=True)
class Standing:
    """One organization's line. `rank` is by the figure asked for; equals share a rank, who has none has 0."""

    organization: str
    department: Department | None
    decided: tuple[WorkOrder, ...]
    closed: tuple[WorkOrder, ...]
    late: tuple[WorkOrder, ...]
    open: int
    rank: int = 0

    @property
    def score(self) -> float | None:
        return self.department.score if self.department else None

    @property
    def on_time(self) -> int:
        return sum(in_time(order) for order in self.decided)

    @property
    def share(self) -> float | None:
        return self.on_time / len(self.decided) if self.decided else None

    @property
    def days(self) -> float | None:
        taken = book.working_days_taken(self.closed)
        return median(taken) if taken else None

    def orders(self, figure: str) -> tuple[WorkOrder, ...]:
        """The orders a figure was computed from."""
        return {ON_TIME: self.decided, DAYS: self.closed, LATE: self.late}.get(figure, ())

    def standing(self, figure: str) -> float | None:
        """What ranks: the greater, the better; None where there is nothing to judge."""
        if figure == QUALITY:
            return self.score
        if figure == ON_TIME:
            return self.share
        if figure == DAYS:
            return None if self.days is None else -self.days
        return -float(len(self.late))


def in_time(order: WorkOrder) -> bool:
    return order.closed is not None and timezone.localdate(order.closed) <= order.due


def standings(period: str = "90", figure: str = QUALITY) -> list[Standing]:
    """Every organization with data or orders, the best first."""
    today = timezone.localdate()
    begin = today - timedelta(days=int(period if period in PERIODS else "90"))
    departments = {one.organization: one for one in quality.departments()}
    by_organization: dict[str, list[WorkOrder]] = {name: [] for name in departments}
    for order in WorkOrder.objects.all():
        by_organization.setdefault(order.organization, []).append(order)
    found = [
        _standing(name, departments.get(name), orders, begin)
        for name, orders in by_organization.items()
        if name
    ]
    return ranked(found, figure)


def _standing(name: str, department: Department | None, orders: Sequence[WorkOrder], begin: date) -> Standing:
    closed = [o for o in orders if o.closed and timezone.localdate(o.closed) >= begin]
    overdue = [o for o in orders if o.late and begin <= o.due]
    return Standing(
        organization=name,
        department=department,
        decided=tuple(sorted([*closed, *overdue], key=lambda o: (in_time(o), o.due))),
        closed=tuple(sorted(closed, key=lambda o: o.due)),
        late=tuple(o for o in orders if o.late),
        open=sum(o.state == WorkOrder.OPEN for o in orders),
    )


def ranked(standings: Sequence[Standing], figure: str) -> list[Standing]:
    """Best first; equals keep the order of their names and share a rank."""
    by_name = sorted(standings, key=lambda one: one.organization)
    judged = [one for one in by_name if one.standing(figure) is not None]
    judged.sort(key=lambda one: one.standing(figure) or 0.0, reverse=True)
    out: list[Standing] = []
    for at, one in enumerate(judged, 1):
        same = bool(out) and out[-1].standing(figure) == one.standing(figure)
        out.append(replace(one, rank=out[-1].rank if same else at))
    return out + [one for one in by_name if one.standing(figure) is None]
