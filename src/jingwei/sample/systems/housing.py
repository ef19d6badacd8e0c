"""区住建局: titles to dwellings and who holds them, JSON lines."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa

from jingwei.sample.households import HEAD, SPOUSE
from jingwei.sample.strings import join, numbered, pick
from jingwei.sample.systems.base import (
    BROKEN_DATES,
    BROKEN_NAMES,
    BROKEN_RECORD_NUMBERS,
    PersonRecords,
    Sample,
    Sheet,
    System,
)
from jingwei.sample.writers import json_lines


def make(sample: Sample) -> Sheet:
    world, people = sample.world, sample.world.people
    draw = sample.rng("housing.who").random(len(people))
    owner = ((people.role == HEAD) & (draw < 0.6)) | ((people.role == SPOUSE) & (draw < 0.12))
    r = PersonRecords(
        sample, "housing.ownership", np.flatnonzero(owner & (people.age >= 20)), since="2005-01-01"
    )
    keys = r.record_numbers("", 11, first=20_260_000_001)
    # what is owned is the home of today, whatever the address in other systems
    house = people.house[r.who]
    building = world.buildings.building_of_house[house]
    unit, room = world.buildings.rooms(house)
    columns = {
        "不动产权证号": keys,
        "权利人": r.names(),
        "证件号": r.numbers(),
        "联系电话": r.phones(),
        "坐落": sample.addresses.varied(
            sample.addresses.write, house, "official", r.mistakes.choose("address_variant", r.every())
        ),
        "房屋编码": join(pick(world.buildings.codes(), building), numbered("-", unit * 10_000 + room, 5)),
        "建筑面积": pa.array(np.round(40 + house * 7919 % 1100 / 10.0, 1)),
        "共有情况": pick(("单独所有", "共同共有"), (people.spouse[r.who] >= 0).astype(np.int64)),
        "用途": pick(("住宅",), np.zeros(r.rows, dtype=np.int64)),
        "登记时间": r.updated("midnight"),
    }
    junk = {"权利人": BROKEN_NAMES, "登记时间": BROKEN_DATES, "不动产权证号": BROKEN_RECORD_NUMBERS}
    return r.sheet(columns, junk, keys)


def write(sheet: Sheet, path: Path) -> None:
    json_lines(sheet.table(), path)


OWNERSHIP = System("housing.ownership", "population", "housing/ownership.jsonl", make, write)
