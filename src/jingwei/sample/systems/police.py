"""区公安分局: the register of residents, a SQLite database with one row a resident."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from jingwei.sample.households import RELATIONS
from jingwei.sample.strings import blank, dates, numbered, patch, pick
from jingwei.sample.systems.base import (
    BROKEN_DATES,
    BROKEN_NAMES,
    BROKEN_RECORD_NUMBERS,
    PersonRecords,
    Sample,
    Sheet,
    System,
)
from jingwei.sample.words import STREET_OF_COMMUNITY
from jingwei.sample.writers import sqlite_database

MARITAL = {10: "未婚", 20: "已婚", 30: "丧偶", 40: "离婚"}
EDUCATION = {
    10: "研究生教育",
    20: "大学本科教育",
    30: "大学专科教育",
    40: "中等职业教育",
    60: "普通高级中学教育",
    70: "初级中学教育",
    80: "小学教育",
}


def make(sample: Sample) -> Sheet:
    world, people = sample.world, sample.world.people
    r = PersonRecords(sample, "police.resident", np.arange(len(people)), since="2016-01-01")
    keys = r.record_numbers("P")
    who = r.who
    home = people.registered_house[who]
    registered = sample.addresses.write(home, "official")
    away = people.registered_elsewhere[who]
    registered = patch(registered, away >= 0, pick(world.elsewhere, away[away >= 0]))
    former = r.rng.random(r.rows) < 0.01
    moved = np.where(~r.old_address & (people.moved_on[who] > r.birth + 400), people.moved_on[who], -1)
    community = world.community_of(r.house)
    columns = {
        "人员编号": keys,
        "姓名": r.names(),
        "曾用名": blank(pick(people.name, (who * 31 + 7) % len(people)), ~former),
        "公民身份号码": r.numbers(),
        "性别": r.sexes(),
        "出生日期": r.births("compact"),
        "联系电话": r.phones(),
        "户籍地址": registered,
        "现住址": r.addresses("official"),
        "街道": pick(STREET_OF_COMMUNITY, community),
        "社区": r.communities(),
        "网格": pick(world.land.grid_names, world.grid_of(r.house)),
        "户号": numbered("H", people.household[who] + 100_000_001, 9),
        "户主姓名": pick(people.name, people.head[who]),
        "与户主关系": pick(RELATIONS, people.role[who]),
        "婚姻状况": pick([MARITAL.get(code, "") for code in range(41)], people.marital[who]),
        "文化程度": pick([EDUCATION.get(code, "") for code in range(81)], people.education[who]),
        "人口状态": pick(("流动", "常住"), people.local[who].astype(np.int64)),
        "迁入日期": dates(moved, "compact"),
        "更新时间": r.updated("midnight"),
    }
    junk = {
        "姓名": BROKEN_NAMES,
        "出生日期": BROKEN_DATES,
        "人员编号": BROKEN_RECORD_NUMBERS,
        "更新时间": BROKEN_DATES,
    }
    return r.sheet(columns, junk, keys)


def write(sheet: Sheet, path: Path) -> None:
    sqlite_database(sheet.table(), path, "常住人口")


RESIDENT = System("police.resident", "population", "police/resident.db", make, write)
