"""区城运中心: grids and buildings as tables; their borders are GeoJSON files beside them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa

from jingwei.sample.households import HEAD
from jingwei.sample.names import person_names, random_surnames
from jingwei.sample.people import TODAY
from jingwei.sample.places import GRIDS
from jingwei.sample.strings import dates, integers, pick
from jingwei.sample.systems.base import Sample, Sheet, System
from jingwei.sample.words import COMMUNITIES, STREET_OF_COMMUNITY, STREETS
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
        "网格编码": pick(world.land.grid_codes, blocks.grid),
        "更新日期": dates(np.full(len(blocks), TODAY - 123), "iso"),
    }
    return _sheet(columns, keys)


def write(sheet: Sheet, path: Path) -> None:
    delimited(sheet.table(), path, "utf-8")


GRID = System("place.grid", None, "place/grid.csv", make_grids, write)
BUILDING = System("place.building", None, "place/building.csv", make_buildings, write)
