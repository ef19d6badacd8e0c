"""Shapes as text: GeoJSON and WKB become WKT with every digit they came with.

Engines print coordinates with 15 digits; raw rows are evidence, so that these are written as they stand in
the file (GeoJSON), or with as many digits as tell the number apart (WKB).
"""

from __future__ import annotations

import math
import struct
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

KINDS = ("Point", "LineString", "Polygon", "MultiPoint", "MultiLineString", "MultiPolygon")
"""In the order of their numbers in WKB, from 1; each nests its coordinates one level deeper than it has parts."""
DEPTHS = {
    "Point": 0, "LineString": 1, "MultiPoint": 1, "Polygon": 2, "MultiLineString": 2, "MultiPolygon": 3
}  # fmt: skip
DEEPEST = 20


class NotAShape(ValueError):
    """What stands there is no geometry."""


def from_geojson(geometry: Any, depth: int = 0) -> str | None:
    """WKT of a GeoJSON geometry whose numbers are literals (texts) or numbers; None for null."""
    if geometry is None:
        return None
    if not isinstance(geometry, Mapping) or depth > DEEPEST:
        raise NotAShape
    kind = geometry.get("type")
    if kind == "GeometryCollection":
        parts = geometry.get("geometries")
        if not isinstance(parts, list):
            raise NotAShape
        inner = ", ".join(text for part in parts if (text := from_geojson(part, depth + 1)))
        return f"GEOMETRYCOLLECTION ({inner})" if inner else "GEOMETRYCOLLECTION EMPTY"
    if kind not in DEPTHS:
        raise NotAShape
    return wkt(kind, geometry.get("coordinates"))


def wkt(kind: str, coordinates: Any, *, dimensions: str | None = None) -> str:
    """WKT of nested coordinates; `dimensions` (``, `Z`, `M`, `ZM`) are counted where they are not said."""
    first = _first(coordinates)
    if first is None:
        return f"{kind.upper()} EMPTY"
    if dimensions is None:
        dimensions = {2: "", 3: "Z", 4: "ZM"}.get(len(first), "?")
    if dimensions == "?":
        raise NotAShape
    tag = f"{kind.upper()} {dimensions}".rstrip()
    written = _written(coordinates, DEPTHS[kind], len(first))
    return f"{tag} {written if DEPTHS[kind] else f'({written})'}"


def _first(coordinates: Any) -> Sequence[Any] | None:
    """The first point; None where there is none."""
    if not isinstance(coordinates, list | tuple):
        raise NotAShape
    for inner in coordinates:
        if not isinstance(inner, list | tuple):
            return coordinates
        found = _first(inner)
        if found is not None:
            return found
    return None


def _written(coordinates: Any, depth: int, width: int) -> str:
    if not isinstance(coordinates, list | tuple):
        raise NotAShape
    if depth == 0:
        if len(coordinates) != width:
            raise NotAShape
        return " ".join(map(_number, coordinates))
    return "(" + ", ".join(_written(inner, depth - 1, width) for inner in coordinates) + ")"


def _number(value: Any) -> str:
    try:
        known = not isinstance(value, bool | list | dict | None) and math.isfinite(float(value))
    except ValueError:
        known = False
    if not known:
        raise NotAShape
    if isinstance(value, float):
        return repr(value).removesuffix(".0")
    return str(value)


def from_geopackage(blob: bytes) -> tuple[str | None, int]:
    """WKT and number of the reference system of a GeoPackage's geometry (its header, then WKB)."""
    if len(blob) < 8 or blob[:2] != b"GP":
        raise NotAShape
    flags = blob[3]
    envelope = (0, 32, 48, 48, 64)
    if (flags >> 1) & 7 > 4:
        raise NotAShape
    (system,) = struct.unpack_from("<i" if flags & 1 else ">i", blob, 4)
    at = 8 + envelope[(flags >> 1) & 7]
    try:
        text, _ = _wkb(blob, at, 0)
    except (struct.error, IndexError):
        raise NotAShape from None
    return text, system


def from_wkb(blob: bytes) -> str:
    try:
        return _wkb(blob, 0, 0)[0]
    except (struct.error, IndexError):
        raise NotAShape from None


def _wkb(blob: bytes, at: int, depth: int) -> tuple[str, int]:
    """WKT of the geometry at an offset, and the offset behind it."""
    order = "<" if blob[at] == 1 else ">"
    (number,) = struct.unpack_from(order + "I", blob, at + 1)
    at += 5
    z, m = bool(number & 0x80000000), bool(number & 0x40000000)
    if number & 0x20000000:  # PostGIS writes the reference system into it
        at += 4
    number &= 0x0FFFFFFF
    z, m = z or number // 1000 in (1, 3), m or number // 1000 in (2, 3)
    number %= 1000
    dimensions = "Z" * z + "M" * m
    width = 2 + z + m
    if number == 7:
        (count,) = struct.unpack_from(order + "I", blob, at)
        parts, at = _parts(blob, at + 4, count, depth)
        return (f"GEOMETRYCOLLECTION ({', '.join(parts)})" if parts else "GEOMETRYCOLLECTION EMPTY"), at
    if not 1 <= number <= 6:
        raise NotAShape
    kind = KINDS[number - 1]
    coordinates, at = _coordinates(blob, at, order, kind, width)
    return wkt(kind, coordinates, dimensions=dimensions), at


def _parts(blob: bytes, at: int, count: int, depth: int) -> tuple[list[str], int]:
    if depth > DEEPEST or count > len(blob):
        raise NotAShape
    made = []
    for _ in range(count):
        text, at = _wkb(blob, at, depth + 1)
        made.append(text)
    return made, at


def _coordinates(blob: bytes, at: int, order: str, kind: str, width: int) -> tuple[list[Any], int]:
    if kind == "Point":
        point = list(struct.unpack_from(f"{order}{width}d", blob, at))
        return ([] if all(map(math.isnan, point)) else point), at + 8 * width
    (count,) = struct.unpack_from(order + "I", blob, at)
    at += 4
    if count > len(blob):
        raise NotAShape
    if kind == "LineString":
        return _points(blob, at, order, count, width)
    inner = {"Polygon": "LineString"}.get(kind, kind.removeprefix("Multi"))
    made = []
    for _ in range(count):
        if kind != "Polygon":
            order = "<" if blob[at] == 1 else ">"
            at += 5
        part, at = _coordinates(blob, at, order, inner, width)
        made.append(part)
    return made, at


def _points(blob: bytes, at: int, order: str, count: int, width: int) -> tuple[list[Any], int]:
    numbers = struct.unpack_from(f"{order}{count * width}d", blob, at)
    return list(_grouped(numbers, width)), at + 8 * count * width


def _grouped(numbers: Sequence[float], width: int) -> Iterator[list[float]]:
    for start in range(0, len(numbers), width):
        yield list(numbers[start : start + width])
