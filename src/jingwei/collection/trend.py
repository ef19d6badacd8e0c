"""The picture of a score over days: a line, and under it how many rows failed.

The axis begins where there is something to see and says so: a score that moves between 98 and 100 percent is a
flat line on an axis from nought. Coordinates are those of the SVG's viewBox.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from django.utils import timezone

WIDTH, HEIGHT = 480, 140
LEFT, RIGHT, TOP, BOTTOM = 44, 10, 12, 26
STEPS = (0.5, 0.2, 0.1, 0.05, 0.02, 0.01)
"""Heights the axis may have, in shares; the smallest that holds the line is taken."""


class Scored(Protocol):
    @property
    def at(self) -> datetime: ...

    @property
    def score(self) -> float: ...


@dataclass(frozen=True)
class Dot:
    x: float
    y: float
    said: str


@dataclass(frozen=True)
class Tick:
    at: float
    said: str


@dataclass(frozen=True)
class Trend:
    line: str
    area: str
    dots: list[Dot]
    rows: list[Tick]
    days: list[Tick]
    floor: float

    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    right: int = WIDTH - RIGHT
    bottom: int = HEIGHT - BOTTOM


def draw(points: Sequence[Scored]) -> Trend | None:
    """The picture of two points or more, oldest first; None for fewer."""
    if len(points) < 2:
        return None
    floor = begin(min(point.score for point in points))
    first, last = points[0].at.timestamp(), points[-1].at.timestamp()
    across = (WIDTH - LEFT - RIGHT) / ((last - first) or 1)
    down = (HEIGHT - TOP - BOTTOM) / (1 - floor)
    dots = [
        Dot(
            round(LEFT + (point.at.timestamp() - first) * across, 1),
            round(TOP + (1 - point.score) * down, 1),
            f"{timezone.localtime(point.at):%Y-%m-%d} {percent(point.score)}",
        )
        for point in points
    ]
    line = " L".join(f"{dot.x} {dot.y}" for dot in dots)
    base = HEIGHT - BOTTOM
    return Trend(
        line=f"M{line}",
        area=f"M{dots[0].x} {base} L{line} L{dots[-1].x} {base}Z",
        dots=dots,
        rows=[
            Tick(round(TOP + (1 - share) * down, 1), percent(share))
            for share in (1.0, (1 + floor) / 2, floor)
        ],
        days=[
            Tick(dots[0].x, f"{timezone.localtime(points[0].at):%m-%d}"),
            Tick(dots[-1].x, f"{timezone.localtime(points[-1].at):%m-%d}"),
        ],
        floor=floor,
    )


def begin(least: float) -> float:
    """Where the axis begins, so that the lowest point is not on its edge."""
    fitting = [1 - step for step in STEPS if least > 1 - step]
    return round(max(fitting, default=0.0), 2)


def percent(share: float) -> str:
    """Whole where it is whole, else with one digit; what is not quite everything never reads 100 %."""
    figure = min(share * 100, 99.9) if share < 1 else 100
    return f"{figure:.1f}%".replace(".0%", "%")
