from __future__ import annotations

import json
from itertools import pairwise

from jingwei.sample.places import GRIDS, territory
from jingwei.sample.words import COMMUNITIES, STREETS


def features(sample, level: str) -> list[dict]:
    return json.loads((sample.folder / f"place/{level}.geojson").read_text(encoding="utf-8"))["features"]


def ring(feature: dict) -> list[list[float]]:
    (outer,) = feature["geometry"]["coordinates"]
    assert outer[0] == outer[-1]
    return outer


def area(points: list) -> float:
    return sum(a[0] * b[1] - b[0] * a[1] for a, b in pairwise(points)) / 2


def inside(point: tuple[float, float], points: list) -> bool:
    """Crossing number."""
    x, y = point
    crossings = 0
    for (x1, y1), (x2, y2) in pairwise(points):
        if (y1 > y) != (y2 > y) and x < x1 + (y - y1) / (y2 - y1) * (x2 - x1):
            crossings += 1
    return crossings % 2 == 1


def centroid(points: list) -> tuple[float, float]:
    cells = [(a, b, a[0] * b[1] - b[0] * a[1]) for a, b in pairwise(points)]
    total = sum(c for _, _, c in cells) * 3
    return sum((a[0] + b[0]) * c for a, b, c in cells) / total, sum(
        (a[1] + b[1]) * c for a, b, c in cells
    ) / total


def streets_of(sample) -> list[dict]:
    """All divisions but the district itself."""
    return [f for f in features(sample, "divisions") if len(f["properties"]["code"]) == 9]


def test_the_district_has_six_streets_24_communities_and_450_grids(sample):
    counts = [len(streets_of(sample)), *(len(features(sample, level)) for level in ("communities", "grids"))]
    assert counts == [6, 24, 450] == [len(STREETS), len(COMMUNITIES), GRIDS]
    assert len(features(sample, "divisions")) == 7


def test_every_grid_lies_in_its_community_and_that_in_its_street(sample):
    communities = {f["properties"]["name"]: ring(f) for f in features(sample, "communities")}
    streets = {f["properties"]["name"]: ring(f) for f in streets_of(sample)}
    for grid in features(sample, "grids"):
        centre = centroid(ring(grid))
        assert inside(centre, ring(grid))
        assert inside(centre, communities[grid["properties"]["community"]])
        assert inside(centre, streets[grid["properties"]["street"]])


def test_borders_of_a_community_are_borders_of_its_grids(sample):
    grids = features(sample, "grids")
    for community in features(sample, "communities"):
        own = [ring(g) for g in grids if g["properties"]["community"] == community["properties"]["name"]]
        corners = {tuple(point) for points in own for point in points}
        assert {tuple(point) for point in ring(community)} <= corners


def test_grids_cover_the_territory_without_gap_or_overlap(sample):
    grids = sum(area(ring(g)) for g in features(sample, "grids"))
    communities = sum(area(ring(c)) for c in features(sample, "communities"))
    streets = sum(area(ring(s)) for s in streets_of(sample))
    # T-junctions are drawn through, so areas agree to the last rounded digit of the coordinates
    assert abs(grids / communities - 1) < 1e-9
    assert abs(communities / streets - 1) < 1e-9
    assert all(area(ring(g)) > 0 for g in features(sample, "grids"))


def test_every_row_of_the_building_table_names_a_grid_of_its_community(read):
    land = territory()
    community_of = dict(zip(land.grid_codes, (COMMUNITIES[c] for c in land.grid_community), strict=True))
    rows = read("place/building.csv")
    assert len({row["楼栋地址"] for row in rows}) == len(rows)
    assert all(community_of[row["网格编码"]] == row["社区"] for row in rows)
    assert {row["网格编码"] for row in rows} == set(land.grid_codes)


def test_points_of_buildings_lie_in_grids_and_a_few_in_another_than_their_row_says(sample, read):
    rings = {f["properties"]["code"]: ring(f) for f in features(sample, "grids")}
    measured = [row for row in read("place/building.csv") if row["经度"]]
    points = [(float(row["经度"]), float(row["纬度"])) for row in measured]
    astray = [
        row for row, point in zip(measured, points, strict=True) if not inside(point, rings[row["网格编码"]])
    ]
    assert 0.9 < len(measured) / len(read("place/building.csv")) < 0.99
    assert len(set(points)) == len(points)
    assert len(astray) < 0.03 * len(measured)


def test_every_house_is_in_a_building_and_no_two_have_one_address(read):
    houses, buildings = read("place/house.csv"), {row["楼栋编码"] for row in read("place/building.csv")}
    assert {row["楼栋编码"] for row in houses} == buildings
    assert len({row["房屋地址"] for row in houses}) == len(houses)


def test_grids_are_counted_with_the_households_that_live_there(sample, read):
    grids = read("place/grid.csv")
    households = {row["户号"] for row in read("police/resident.db") if row["户号"]}
    assert abs(sum(int(row["户数"]) for row in grids) - len(households)) <= 2
