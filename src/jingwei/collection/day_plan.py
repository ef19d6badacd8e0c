"""The picture of a day's plan: an hour is a column, what is due in it a stack of marks, and a line for now.

The day is the one around now, mostly ahead: whoever comes in the morning sees what the night brought and what the
coming night will. What was due is drawn by what became of it, what is to come by its outline; an hour with more than fits is
drawn full and says how many there are.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone

from jingwei.collection.models import Run

WIDTH, HEIGHT = 1120, 112
LEFT, TOP, BOTTOM = 4, 14, 20
BEHIND = timedelta(hours=6)
"""How much of the day lies behind; the rest is to come."""
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
    """`runs` the plan began, by their planned time; `due` times nobody has served; `coming` what is to come."""
    now = timezone.localtime(now)
    start = now.replace(minute=0, second=0, microsecond=0) - BEHIND
    moments = [(run.planned, run.state) for run in runs if run.planned]
    moments += [(moment, "due") for moment in due] + [(moment, "coming") for moment in coming]
    stacks = [Counter[str]() for _ in range(24)]
    for moment, kind in moments:
        at = int((timezone.localtime(moment) - start).total_seconds() // 3600)
        if 0 <= at < 24:
            stacks[at][kind] += 1
    step = (WIDTH - 2 * LEFT) / 24
    room = HEIGHT - TOP - BOTTOM
    marks, hours = [], []
    for at, stack in enumerate(stacks):
        height = room / max(MOST, stack.total())
        y = float(HEIGHT - BOTTOM)
        for kind in KINDS:
            for _ in range(stack[kind]):
                y -= height
                x, high = LEFT + at * step + 3, max(height - 1.5, 0.8)
                marks.append(
                    Mark(round(x, 1), round(y + 0.5, 1), round(step - 6, 1), round(high, 1), FILLS[kind])
                )
        hour = start + timedelta(hours=at)
        said = f"{hour:%m-%d}" if hour.hour == 0 else f"{hour:%H}"
        hours.append(Hour(round(LEFT + (at + 0.5) * step, 1), said, stack.total(), round(y - 3, 1)))
    passed = (now - start).total_seconds() / 3600
    return Day(marks, hours, round(LEFT + passed * step, 1), sum(one.count for one in hours))
