"""The picture of a day's plan: an hour is a column, what is due in it a stack of marks, and a line for now.

What was due is drawn by what became of it, what is to come by its outline; an hour with more than fits is
drawn full and says how many there are.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from jingwei.collection.models import Run

WIDTH, HEIGHT = 1120, 112
LEFT, TOP, BOTTOM = 4, 14, 20
MOST = 8
"""Marks that fit above each other."""
KINDS = ("failed", "held", "running", "done", "due", "coming")
"""From the bottom of a stack to its top: what needs somebody stands lowest, where the eye begins."""
FILLS = {
    "done": "f-ok",
    "failed": "f-bad",
    "held": "f-warn",
    "running": "f-5",
    "due": "f-line",
    "coming": "f-1 s-ctl",
}


@dataclass(frozen=True)
class Mark:
    x: float
    y: float
    width: float
    height: float
    fill: str


@dataclass(frozen=True)
class Hour:
    x: float
    said: str
    count: int
    label_y: float


@dataclass(frozen=True)
class Day:
    marks: list[Mark]
    hours: list[Hour]
    now: float
    total: int

    width: int = WIDTH
    height: int = HEIGHT
    base: int = HEIGHT - BOTTOM


def draw(runs: Iterable[Run], due: Iterable[datetime], coming: Iterable[datetime], now: datetime) -> Day:
    """`runs` the plan began today, by their planned time; `due` times nobody has served; `coming` the rest of today."""
    now = timezone.localtime(now)
    stacks: dict[int, Counter[str]] = {hour: Counter() for hour in range(24)}
    for run in runs:
        if run.planned:
            _count(stacks, run.planned, run.state, now)
    for moment in due:
        _count(stacks, moment, "due", now)
    for moment in coming:
        _count(stacks, moment, "coming", now)
    step = (WIDTH - 2 * LEFT) / 24
    room = HEIGHT - TOP - BOTTOM
    marks, hours = [], []
    for hour, stack in stacks.items():
        total = stack.total()
        height = room / max(MOST, total)
        y = float(HEIGHT - BOTTOM)
        for kind in KINDS:
            for _ in range(stack[kind]):
                y -= height
                marks.append(
                    Mark(
                        round(LEFT + hour * step + 3, 1),
                        round(y + 0.5, 1),
                        round(step - 6, 1),
                        round(max(height - 1.5, 0.8), 1),
                        FILLS[kind],
                    )
                )
        hours.append(Hour(round(LEFT + hour * step + step / 2, 1), f"{hour:02d}", total, round(y - 3, 1)))
    passed = now.hour + now.minute / 60
    return Day(marks, hours, round(LEFT + passed * step, 1), sum(one.count for one in hours))


def _count(stacks: dict[int, Counter[str]], moment: datetime, kind: str, now: datetime) -> None:
    local = timezone.localtime(moment)
    if local.date() == now.date():
        stacks[local.hour][kind] += 1
