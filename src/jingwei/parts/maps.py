"""A map without tiles: areas from GeoJSON as SVG, a value printed in each, the legend beside it.

Coordinates are degrees; within a district the earth is flat enough: a degree of longitude is shortened by the
cosine of the latitude in the middle. Nothing is fetched from anywhere. Areas stand for places and counts,
never for persons.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from jingwei.kernel.text import Text

WIDTH = 440
MARGIN = 4
SHADES = 5
NARROW = 46
"""An area less wide than this has its value printed without its name."""

Point = tuple[float, float]


@dataclass(frozen=True)
class Drawn:
    """An area ready to draw: `d` for the path, where its words stand, its shade from 1 to 5 (0: no value)."""

    key: str
    title: str
    d: str
    x: float
    y: float
    value: float | None
    shade: int
    badge: int
    narrow: bool


@dataclass(frozen=True)
class AreaMap:
    """`values` by the area's key; `steps` are the lower bounds of shades 2 to 5; `badges` count what is late."""

    name: str
    title: Text
    unit: Text
    areas: Sequence[Drawn]
    height: int
    steps: Sequence[float]
    badge: Text | None = None

    @property
    def width(self) -> int:
        return WIDTH

    @property
    def legend(self) -> list[tuple[int, str]]:
        """Shade and range, darkest first."""
        given = [f"{step:g}" for step in self.steps]
        above = str(Text("{n} 以上", "{n} and more").fill(n=given[-1]))
        below = str(Text("不到 {n}", "below {n}").fill(n=given[0]))
        between = [f"{low}–{self._before(high)}" for low, high in zip(given, self.steps[1:], strict=False)]
        ranges = [below, *between, above]
        return list(enumerate(ranges, start=1))[::-1]

    @staticmethod
    def _before(step: float) -> str:
        return f"{step - 1:g}" if float(step).is_integer() else f"<{step:g}"

    @property
    def lacking(self) -> bool:
        return any(area.value is None for area in self.areas)


def area_map(
    name: str,
    title: Text,
    unit: Text,
    features: Mapping[str, Any],
    values: Mapping[str, float],
    steps: Sequence[float],
    *,
    key: str = "code",
    label: str = "name",
    badges: Mapping[str, int] | None = None,
    badge: Text | None = None,
) -> AreaMap:
    """`features` is a GeoJSON FeatureCollection of polygons; `key` and `label` are properties of each."""
    if list(steps) != sorted(steps) or len(steps) != SHADES - 1:
        raise ValueError(f"{name}: {SHADES - 1} rising steps are needed")
    shapes = [(one["properties"], _rings(one["geometry"])) for one in features["features"]]
    project, height = _projection([point for _, rings in shapes for ring in rings for point in ring])
    drawn = []
    for properties, rings in shapes:
        flat = [[project(point) for point in ring] for ring in rings]
        largest = max(flat, key=lambda ring: abs(_area(ring)))
        x, y = _middle(largest)
        code = str(properties[key])
        value = values.get(code)
        across = max(p[0] for p in largest) - min(p[0] for p in largest)
        drawn.append(
            Drawn(
                code,
                str(properties.get(label, code)),
                "".join(_path(ring) for ring in flat),
                round(x, 1),
                round(y, 1),
                value,
                0 if value is None else 1 + sum(value >= step for step in steps),
                (badges or {}).get(code, 0),
                across < NARROW,
            )
        )
    return AreaMap(name, title, unit, drawn, height, steps, badge)


def _rings(geometry: Mapping[str, Any]) -> list[list[Point]]:
    if geometry["type"] == "Polygon":
        polygons = [geometry["coordinates"]]
    elif geometry["type"] == "MultiPolygon":
        polygons = geometry["coordinates"]
    else:
        raise ValueError(f"an area cannot be a {geometry['type']}")
    return [[(float(p[0]), float(p[1])) for p in ring] for polygon in polygons for ring in polygon]


def _projection(points: Sequence[Point]) -> tuple[Any, int]:
    west, east = min(p[0] for p in points), max(p[0] for p in points)
    south, north = min(p[1] for p in points), max(p[1] for p in points)
    squeeze = math.cos(math.radians((south + north) / 2))
    scale = (WIDTH - 2 * MARGIN) / (((east - west) * squeeze) or 1)

    def project(point: Point) -> Point:
        return MARGIN + (point[0] - west) * squeeze * scale, MARGIN + (north - point[1]) * scale

    return project, round((north - south) * scale + 2 * MARGIN)


def _path(ring: Sequence[Point]) -> str:
    return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in ring) + "Z"


def _area(ring: Sequence[Point]) -> float:
    return sum(a[0] * b[1] - b[0] * a[1] for a, b in zip(ring, [*ring[1:], ring[0]], strict=True)) / 2


def _middle(ring: Sequence[Point]) -> Point:
    """The centre of gravity, or the middle of the points where the ring has no area."""
    area = _area(ring)
    if abs(area) < 1e-9:
        return sum(p[0] for p in ring) / len(ring), sum(p[1] for p in ring) / len(ring)
    x = y = 0.0
    for a, b in zip(ring, [*ring[1:], ring[0]], strict=True):
        cross = a[0] * b[1] - b[0] * a[1]
        x += (a[0] + b[0]) * cross
        y += (a[1] + b[1]) * cross
    return x / (6 * area), y / (6 * area)
