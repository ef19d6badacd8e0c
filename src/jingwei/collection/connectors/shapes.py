"""Records of a `.shp` file as WKT, with every digit of their coordinates.

A polygon's rings stand there in one row: those that run clockwise are outlines, the others holes in the
outline around them (ESRI Shapefile Technical Description, 1998).
"""

from __future__ import annotations

import math
import struct
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from jingwei.collection.connectors.geometry import NotAShape, wkt

POINT, LINE, POLYGON, POINTS = 1, 3, 5, 8
PLAIN, HIGH, MEASURED = 0, 1, 2
"""Tens of a shape's number: x and y; with a height (and perhaps a measure); with a measure."""
NO_MEASURE = -1e38
"""Smaller numbers stand for no measure."""
TRIED = 5
"""Points of a hole that are looked for in an outline; one may lie on its edge."""

Coordinates = list[list[float]]


def shape_text(content: bytes) -> str | None:
    """WKT of a record's content; None for the null shape. Raises NotAShape."""
    try:
        return _text(content)
    except struct.error:
        raise NotAShape from None


def _text(content: bytes) -> str | None:
    (number,) = struct.unpack_from("<i", content)
    kind, more = number % 10, number // 10
    if number == 0:
        return None
    if kind not in (POINT, LINE, POLYGON, POINTS) or more not in (PLAIN, HIGH, MEASURED):
        raise NotAShape
    if kind == POINT:
        [point], tag = _points(content, 4, 1, more, ranges=False)
        return wkt("Point", point, dimensions=tag)
    at, starts = 40, [0]
    (count,) = struct.unpack_from("<i", content, 36)
    if kind != POINTS:
        parts = count
        (count,) = struct.unpack_from("<i", content, 40)
        if not 0 <= parts * 4 <= len(content):
            raise NotAShape
        starts = list(struct.unpack_from(f"<{parts}i", content, 44))
        at = 44 + 4 * parts
    if not 0 <= count * 16 <= len(content):
        raise NotAShape
    points, tag = _points(content, at, count, more, ranges=True)
    if kind == POINTS:
        return wkt("MultiPoint", points, dimensions=tag)
    lines = [points[first:last] for first, last in pairwise([*starts, count])]
    return (
        _one_or_many("LineString", lines, tag)
        if kind == LINE
        else _one_or_many("Polygon", polygons(lines), tag)
    )


def _one_or_many(kind: str, parts: Sequence[Any], tag: str) -> str:
    if len(parts) == 1:
        return wkt(kind, parts[0], dimensions=tag)
    return wkt(f"Multi{kind}", list(parts), dimensions=tag)


def _points(content: bytes, at: int, count: int, more: int, *, ranges: bool) -> tuple[Coordinates, str]:
    """The points, and which dimensions they have. `ranges`: before heights and measures stand their least and
    greatest."""
    numbers = struct.unpack_from(f"<{2 * count}d", content, at)
    columns: list[Sequence[float]] = [numbers[0::2], numbers[1::2]]
    at += 16 * count
    skip = 16 if ranges else 0
    tag = ""
    if more == HIGH:
        columns.append(struct.unpack_from(f"<{count}d", content, at + skip))
        at += skip + 8 * count
        tag = "Z"
    if more and at + skip + 8 * count <= len(content):
        measures = struct.unpack_from(f"<{count}d", content, at + skip)
        if all(measure > NO_MEASURE and not math.isnan(measure) for measure in measures):
            columns.append(measures)
            tag += "M"
    return [list(point) for point in zip(*columns, strict=True)], tag


def polygons(rings: Sequence[Coordinates]) -> list[list[Coordinates]]:
    """Each outline with its holes."""
    outlines = [ring for ring in rings if _area(ring) <= 0]
    holes = [ring for ring in rings if _area(ring) > 0]
    if not outlines:  # written the other way round
        outlines, holes = list(rings), []
    made = [[outline] for outline in outlines]
    for hole in holes:
        around = [polygon for polygon in made if _lies_in(hole, polygon[0])]
        if around:
            min(around, key=lambda polygon: abs(_area(polygon[0]))).append(hole)
        else:
            made.append([hole])
    return made


def _area(ring: Coordinates) -> float:
    """Twice the area; negative where the ring runs clockwise."""
    return sum(a[0] * b[1] - b[0] * a[1] for a, b in pairwise([*ring, ring[0]])) if ring else 0.0


def _lies_in(ring: Coordinates, outline: Coordinates) -> bool:
    tried = ring[:TRIED]
    return sum(_inside(point, outline) for point in tried) * 2 > len(tried)


def _inside(point: Sequence[float], outline: Coordinates) -> bool:
    x, y = point[0], point[1]
    crossed = False
    for a, b in pairwise([*outline, outline[0]]):
        if (a[1] > y) != (b[1] > y) and x < (b[0] - a[0]) * (y - a[1]) / (b[1] - a[1]) + a[0]:
            crossed = not crossed
    return crossed
