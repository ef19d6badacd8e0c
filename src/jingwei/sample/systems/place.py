"""区城运中心 and 区民政局: divisions, communities and grids with their borders (GeoJSON), buildings with a point,
the dwellings in them, and what became of the codes of divisions that are no more."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa

from jingwei.sample.households import HEAD
from jingwei.sample.identifiers import LOCAL_DIVISION
from jingwei.sample.names import person_names, random_surnames
from jingwei.sample.people import TODAY
from jingwei.sample.places import GRIDS, UNIT, shapes, write_geojson
from jingwei.sample.strings import blank, dates, integers, join, pick
from jingwei.sample.systems.base import Sample, Sheet, System
from jingwei.sample.words import COMMUNITIES, DISTRICT, STREET_OF_COMMUNITY, STREETS
from jingwei.sample.writers import delimited


def _sheet(columns: dict[str, pa.Array], keys: pa.Array) -> Sheet:
    rows = len(keys)
    return Sheet(columns, keys, np.arange(rows), np.ones(rows, dtype=bool), np.empty(0, dtype=np.int64))


def make_grids(sample: Sample) -> Sheet:
    world, land = sample.world, sample.world.land
    rng = sample.rng("place.grid")
    homes = world.people.house[world.people.role == HEAD]
    keys = pa.array(land.grid_codes)
    street_of = np.array([list(STREETS).index(name) for name in STREET_OF_COMMUNITY])[land.grid_community]
    centres = [land.centre(cell) for cell in land.grid_cells]
    sex = rng.integers(1, 3, GRIDS)
    columns = {
        "网格编码": keys,
        "网格名称": pa.array(land.grid_names),
        "社区编码": pick(land.community_codes, land.grid_community),
        "社区": pick(COMMUNITIES, land.grid_community),
        "街道编码": pick(land.street_codes, street_of),
        "街道": pick(list(STREETS), street_of),
        "网格员": person_names(sex, rng.integers(1970, 2003, GRIDS), random_surnames(GRIDS, rng), rng),
        "户数": integers(np.bincount(world.grid_of(homes), minlength=GRIDS)),
        "中心经度": pa.array([f"{x:.6f}" for x, _ in centres]),
        "中心纬度": pa.array([f"{y:.6f}" for _, y in centres]),
        "更新日期": dates(np.full(GRIDS, TODAY - 19), "iso"),
    }
    return _sheet(columns, keys)


def make_buildings(sample: Sample) -> Sheet:
    world, blocks = sample.world, sample.world.buildings
    keys = blocks.codes()
    rng = sample.rng("place.building")
    east, north = blocks.points(world.land)
    unmeasured = rng.random(len(blocks)) < 0.05
    # a few buildings were counted to the grid before theirs; their points know better
    before = np.maximum(blocks.grid - 1, 0)
    beside = world.land.grid_community[before] == blocks.community
    wrongly = ~unmeasured & beside & (np.arange(len(blocks)) >= GRIDS) & (rng.random(len(blocks)) < 0.02)
    stated = np.where(wrongly, before, blocks.grid)
    columns = {
        "楼栋编码": keys,
        "楼栋地址": sample.addresses.buildings("official"),
        "道路": blocks.road,
        "门牌号": integers(blocks.number),
        "幢": integers(blocks.block),
        "单元数": integers(blocks.units),
        "层数": integers(blocks.floors),
        "户室数": integers(blocks.houses),
        "社区": pick(COMMUNITIES, blocks.community),
        "街道": pick(STREET_OF_COMMUNITY, blocks.community),
        "网格": pick(world.land.grid_names, blocks.grid),
        "网格编码": pick(world.land.grid_codes, stated),
        "经度": blank(pa.array([f"{x:.6f}" for x in east]), unmeasured),
        "纬度": blank(pa.array([f"{y:.6f}" for y in north]), unmeasured),
        "更新日期": dates(np.full(len(blocks), TODAY - 123), "iso"),
    }
    return _sheet(columns, keys)


def make_houses(sample: Sample) -> Sheet:
    blocks = sample.world.buildings
    house = np.arange(len(blocks.building_of_house))
    unit, room = blocks.rooms(house)
    building = pick(blocks.codes(), blocks.building_of_house)
    keys = join(building, "-", integers(unit), "-", integers(room))
    columns = {
        "房屋编码": keys,
        "楼栋编码": building,
        "单元": integers(unit),
        "室号": integers(room),
        "房屋地址": sample.addresses.write(house, "official"),
        "更新日期": dates(np.full(len(house), TODAY - 123), "iso"),
    }
    return _sheet(columns, keys)


def make_divisions(sample: Sample) -> Sheet:
    land = sample.world.land
    codes = [str(LOCAL_DIVISION), *land.street_codes]
    columns = {
        "code": pa.array(codes),
        "name": pa.array([DISTRICT, *STREETS]),
        # the streets still stand under the code of the county that the district was
        "parent_code": pa.array([None, *([FORMER_COUNTY] * len(STREETS))]),
        "updated_on": dates(np.full(len(codes), TODAY - 200), "iso"),
        "geometry": shapes(land, [(0, 0, UNIT, UNIT), *land.street_cells]),
    }
    return _sheet(columns, columns["code"])


def make_communities(sample: Sample) -> Sheet:
    land = sample.world.land
    columns = {
        "code": pa.array(land.community_codes),
        "name": pa.array(COMMUNITIES),
        "street": pa.array(STREET_OF_COMMUNITY),
        "street_code": pa.array([code[:9] for code in land.community_codes]),
        "updated_on": dates(np.full(len(COMMUNITIES), TODAY - 200), "iso"),
        "geometry": shapes(land, land.community_cells),
    }
    return _sheet(columns, columns["code"])


def make_borders(sample: Sample) -> Sheet:
    land = sample.world.land
    columns = {
        "code": pa.array(land.grid_codes),
        "name": pa.array(land.grid_names),
        "community": pick(COMMUNITIES, land.grid_community),
        "street": pick(STREET_OF_COMMUNITY, land.grid_community),
        "updated_on": dates(np.full(GRIDS, TODAY - 19), "iso"),
        "geometry": shapes(land, land.grid_cells),
    }
    return _sheet(columns, columns["code"])


FORMER_COUNTY = "990121"
CODES = (
    # code, name, from, to, codes that followed
    (str(LOCAL_DIVISION), DISTRICT, "2001-03-01", None, None),
    (FORMER_COUNTY, "云溪县", "1983-01-01", "2001-02-28", str(LOCAL_DIVISION)),
    ("990102", "望湖区", "2013-06-01", None, None),
    ("990122", "望湖县", "1983-01-01", "2013-05-31", "990102"),
    ("990103", "芦港区", "1983-01-01", None, None),
    ("990104", "白鹭区", "1996-01-01", None, None),
    ("990123", "鹭港县", "1983-01-01", "1995-12-31", "990103、990104"),
    ("990124", "清樾县", "1983-01-01", "2013-05-31", "990102"),
    ("990130", "澄州特区", "1983-01-01", "1988-09-30", None),
)
"""Codes of invented divisions: renamed, merged (two into 990102), split (990123) and given up (990130)."""


def make_codes(sample: Sample) -> Sheet:
    rows = list(zip(*CODES, strict=True))
    columns = {
        "区划代码": pa.array(rows[0]),
        "区划名称": pa.array(rows[1]),
        "启用日期": pa.array(rows[2]),
        "停用日期": pa.array(rows[3], pa.string()),
        "后继代码": pa.array(rows[4], pa.string()),
        "更新日期": dates(np.full(len(CODES), TODAY - 200), "iso"),
    }
    return _sheet(columns, columns["区划代码"])


def write(sheet: Sheet, path: Path) -> None:
    delimited(sheet.table(), path, "utf-8")


def write_shapes(sheet: Sheet, path: Path) -> None:
    write_geojson(sheet.table(), path)


GRID = System("place.grid", None, "place/grid.csv", make_grids, write)
BUILDING = System("place.building", None, "place/building.csv", make_buildings, write)
HOUSE = System("place.house", None, "place/house.csv", make_houses, write)
DIVISION = System("place.division", None, "place/divisions.geojson", make_divisions, write_shapes)
COMMUNITY = System("place.community", None, "place/communities.geojson", make_communities, write_shapes)
BORDER = System("place.grid_border", None, "place/grids.geojson", make_borders, write_shapes)
DIVISION_CODE = System("place.division_code", None, "place/division_code.csv", make_codes, write)
