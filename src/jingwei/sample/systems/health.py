"""区卫健局: covers of health records kept by community clinics, a UTF-16 CSV with many gaps."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from jingwei.sample.people import TODAY
from jingwei.sample.strings import dates, pick
from jingwei.sample.systems.base import (
    BROKEN_DATES,
    BROKEN_NAMES,
    BROKEN_RECORD_NUMBERS,
    PersonRecords,
    Sample,
    Sheet,
    System,
)
from jingwei.sample.words import COMMUNITIES
from jingwei.sample.writers import delimited

DOCTORS = ("温既明", "苏望云", "林照晚", "顾清和", "柳闻莺", "程知夏", "孟疏影", "叶半夏", "谢南星", "乔木槿")


def make(sample: Sample) -> Sheet:
    people = sample.world.people
    # infants and elders have records more often than others
    chance = np.where((people.age < 7) | (people.age >= 60), 0.88, 0.5)
    who = np.flatnonzero(sample.rng("health.who").random(len(people)) < chance)
    r = PersonRecords(sample, "health.record", who, since="2012-01-01")
    keys = r.record_numbers("J")
    community = sample.world.community_of(r.house)
    opened = np.minimum(
        r.as_of, np.maximum(r.birth + 30, r.as_of - (r.rng.random(r.rows) * 2000).astype(np.int64))
    )
    columns = {
        "档案编号": keys,
        "姓名": r.names(),
        "身份证号码": r.numbers(),
        "性别": r.sexes(),
        "出生年月日": r.births("chinese"),
        "本人电话": r.phones(),
        "家庭住址": r.addresses("road"),
        "所属社区": r.communities(),
        "建档机构": pick([f"{name}卫生服务站" for name in COMMUNITIES], community),
        "签约医生": pick(DOCTORS, (community * 3 + r.who % 3) % len(DOCTORS)),
        "建档日期": dates(np.minimum(opened, TODAY), "chinese"),
        "更新日期": r.updated("chinese"),
    }
    junk = {
        "姓名": BROKEN_NAMES,
        "出生年月日": BROKEN_DATES,
        "档案编号": BROKEN_RECORD_NUMBERS,
        "更新日期": BROKEN_DATES,
    }
    return r.sheet(columns, junk, keys)


def write(sheet: Sheet, path: Path) -> None:
    delimited(sheet.table(), path, "utf-16-le", mark=b"\xff\xfe")


RECORD = System("health.record", "population", "health/record.csv", make, write)
