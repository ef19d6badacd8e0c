"""The invented territory: streets, communities and grids that nest exactly, and houses in them.

The ground plan is a brick pattern in a unit square (6 × 4 communities, each of four rows of grids)
that one smooth function bends into a landscape. Every border is drawn through all the corners that
lie on it, so neighbours share their vertices and no sliver opens between them. The place lies in
the open sea: no real address is near.
"""

from __future__ import annotations

import json
from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa

from jingwei.sample.strings import integers, join, pick
from jingwei.sample.words import COMMUNITIES, ROAD_FIRST, ROAD_LAST, STREETS

GRIDS = 450
_COLUMNS, _ROWS, _BANDS = 6, 4, 4
UNIT = 7200  # corners are integers in units that every split divides: no rounding opens a gap
_CENTRE = (125.2, 28.4)

Cell = tuple[int, int, int, int]


@dataclass(frozen=True)
class Territory:
    """Grids in order of community; `rings` maps a cell of the plan to a closed ring of coordinates."""

    street_codes: list[str]
    community_codes: list[str]
    community_cells: list[Cell]
    street_cells: list[Cell]
    grid_names: list[str]
    grid_codes: list[str]
    grid_community: np.ndarray
    grid_cells: list[Cell]
    corners_along_rows: dict[int, list[int]]
    corners_along_columns: list[int]

    def ring(self, cell: Cell) -> list[tuple[float, float]]:
        left, bottom, right, top = cell

        def between(marks: list[int], low: int, high: int) -> list[int]:
            return marks[bisect_left(marks, low) : bisect_right(marks, high)]

        lower = between(self.corners_along_rows[bottom], left, right)
        upper = between(self.corners_along_rows[top], left, right)
        side = between(self.corners_along_columns, bottom, top)
        path = [(u, bottom) for u in lower] + [(right, v) for v in side[1:]]
        path += [(u, top) for u in upper[-2::-1]] + [(left, v) for v in side[-2::-1]]
        return [_bend(u, v) for u, v in path]

    def centre(self, cell: Cell) -> tuple[float, float]:
        return _bend((cell[0] + cell[2]) // 2, (cell[1] + cell[3]) // 2)


def _bend(u: int, v: int) -> tuple[float, float]:
    """The plan's point on the map: gentle waves, so smooth that no cell folds over."""
    x, y = u / UNIT, v / UNIT
    east = x + 0.018 * np.sin(7 * y + 2 * x) + 0.006 * np.sin(23 * y + 5 * x)
    north = y + 0.022 * np.sin(5 * x + 3 * y) + 0.007 * np.sin(19 * x + 2 * y)
    return round(_CENTRE[0] + (east - 0.5) * 0.18, 6), round(_CENTRE[1] + (north - 0.5) * 0.12, 6)


def territory() -> Territory:
    """The same ground plan for every sample: people change with the seed, the land does not."""
    width, height = UNIT // _COLUMNS, UNIT // _ROWS
    street_names = list(STREETS)
    street_codes = [f"990101{number:03d}" for number in range(1, len(street_names) + 1)]
    street_cells, community_cells, community_codes = [], [], []
    for s in range(len(street_names)):
        left, bottom = (s % 3) * 2 * width, (s // 3) * 2 * height
        street_cells.append((left, bottom, left + 2 * width, bottom + 2 * height))
        for c in range(4):
            x, y = left + (c % 2) * width, bottom + (c // 2) * height
            community_cells.append((x, y, x + width, y + height))
            community_codes.append(f"{street_codes[s]}{c + 1:03d}")
    names, codes, owner, cells = [], [], [], []
    larger = GRIDS - 18 * len(COMMUNITIES)
    for index, (left, bottom, _, _) in enumerate(community_cells):
        # 18 grids in rows of 5, 4, 5, 4; the larger communities have 19
        rows = (5, 4, 5, 5) if index < larger else (5, 4, 5, 4)
        number = 0
        for row, cut in enumerate(rows):
            for k in range(cut):
                number += 1
                low = bottom + row * height // _BANDS
                cells.append(
                    (left + k * width // cut, low, left + (k + 1) * width // cut, low + height // _BANDS)
                )
                names.append(f"{COMMUNITIES[index].removesuffix('社区')}{number:02d}格")
                codes.append(f"{community_codes[index]}{number:03d}")
                owner.append(index)
    along_rows: dict[int, set[int]] = {}
    for left, low, right, high in cells:
        for v in (low, high):
            along_rows.setdefault(v, set()).update((left, (left + right) // 2, right))
    step = height // _BANDS // 3
    return Territory(
        street_codes,
        community_codes,
        community_cells,
        street_cells,
        names,
        codes,
        np.array(owner),
        cells,
        {v: sorted(us) for v, us in along_rows.items()},
        list(range(0, UNIT + 1, step)),
    )


def shapes(land: Territory, cells: list[Cell]) -> pa.Array:
    """Borders as GeoJSON geometries, WGS 84."""
    polygons = ({"type": "Polygon", "coordinates": [land.ring(cell)]} for cell in cells)
    return pa.array([json.dumps(polygon) for polygon in polygons])


def write_geojson(table: pa.Table, path: Path) -> None:
    """A collection of features: the column `geometry` is a feature's shape, all others are its properties."""
    features = [
        {"type": "Feature", "properties": row, "geometry": json.loads(row.pop("geometry"))}
        for row in table.to_pylist()
    ]
    collection = {"type": "FeatureCollection", "name": path.stem, "features": features}
    path.write_text(json.dumps(collection, ensure_ascii=False), encoding="utf-8")


@dataclass(frozen=True)
class Buildings:
    """One entry a building; dwellings are numbered through: building b has those
    from first[b] up to first[b] + houses[b] - 1."""

    grid: np.ndarray
    community: np.ndarray
    road: pa.Array
    number: np.ndarray
    block: np.ndarray
    units: np.ndarray
    floors: np.ndarray
    doors: np.ndarray
    houses: np.ndarray
    first: np.ndarray
    building_of_house: np.ndarray

    def __len__(self) -> int:
        return len(self.grid)

    def rooms(self, house: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Unit and room number (floor × 100 + door) of each dwelling."""
        building = self.building_of_house[house]
        place = house - self.first[building]
        per_unit = (self.floors * self.doors)[building]
        inside = place % per_unit
        return place // per_unit + 1, (inside // self.doors[building] + 1) * 100 + inside % self.doors[
            building
        ] + 1

    def codes(self) -> pa.Array:
        return join("B", integers(np.arange(len(self)) + 1_000_001))

    def points(self, land: Territory) -> tuple[np.ndarray, np.ndarray]:
        """Longitude and latitude of each building, well inside its grid, two never in one spot."""
        cells = np.array(land.grid_cells)[self.grid]
        place = np.arange(len(self))
        across, up = (place * 0.618034) % 0.8 + 0.1, (place * 0.414214) % 0.8 + 0.1
        u = (cells[:, 0] + (cells[:, 2] - cells[:, 0]) * across).astype(np.int64)
        v = (cells[:, 1] + (cells[:, 3] - cells[:, 1]) * up).astype(np.int64)
        bent = np.array([_bend(int(x), int(y)) for x, y in zip(u, v, strict=True)])
        return bent[:, 0], bent[:, 1]


def buildings(land: Territory, dwellings: int, rng: np.random.Generator) -> Buildings:
    """Enough buildings for so many dwellings, spread over all grids, with roads and house numbers."""
    guess = max(GRIDS, dwellings // 20 + 50)
    low_rise = rng.random(guess) < 0.55
    units = np.where(low_rise, 1, rng.integers(1, 5, guess))
    floors = np.where(low_rise, rng.integers(2, 6, guess), rng.choice([6, 6, 7, 11, 18, 26], guess))
    doors = rng.choice([2, 2, 3, 4], guess)
    houses = units * floors * doors
    count = min(max(GRIDS, int(np.searchsorted(np.cumsum(houses), dwellings)) + 1), guess)
    units, floors, doors, houses = (a[:count] for a in (units, floors, doors, houses))
    grid = np.concatenate([rng.permutation(GRIDS), rng.integers(0, GRIDS, max(0, count - GRIDS))])[:count]
    community = land.grid_community[grid]
    # roads belong to a community; blocks of a compound share a number
    every_road = [first + last for first in ROAD_FIRST for last in ROAD_LAST]
    # the road of the screens is in the first community
    every_road.remove("松间路")
    others = [every_road[i] for i in rng.permutation(len(every_road))[: len(COMMUNITIES) * 6 - 1]]
    road_names = ["松间路", *others]
    place = np.empty(count, dtype=np.int64)
    for index in range(len(COMMUNITIES)):
        here = np.flatnonzero(community == index)
        place[here] = np.arange(len(here))
    compound = place // 6 // 3
    return Buildings(
        grid,
        community,
        pick(road_names, community * 6 + place % 6),
        compound * 2 + 8 - (place % 2),
        place // 6 % 3 + 1,
        units,
        floors,
        doors,
        houses,
        np.concatenate([[0], np.cumsum(houses)[:-1]]),
        np.repeat(np.arange(count), houses),
    )
