"""区医保局: people with health insurance, a GB18030 CSV exported from an old system."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from jingwei.sample.people import EMPLOYED, OPERATOR
from jingwei.sample.strings import blank, dates, day, pick
from jingwei.sample.systems.base import (
    BROKEN_DATES,
    BROKEN_NAMES,
    BROKEN_RECORD_NUMBERS,
    PersonRecords,
    Sample,
    Sheet,
    System,
)
from jingwei.sample.writers import delimited

SHARE = 0.93
KINDS = ("职工基本医疗保险", "城乡居民基本医疗保险")


def make(sample: Sample) -> Sheet:
    people = sample.world.people
    insured = np.flatnonzero(sample.rng("medical.who").random(len(people)) < SHARE)
    r = PersonRecords(sample, "medical.insured", insured, since="2018-01-01")
    keys = r.record_numbers("M")
    who = r.who
    employee = (people.employment[who] == EMPLOYED) | (people.employment[who] == OPERATOR)
    begun = day("2003-01-01") + (r.rng.random(r.rows) * 14 * 365).astype(np.int64)
    insured_on = np.minimum(np.maximum(begun, r.birth + np.where(employee, 18 * 366, 20)), r.as_of)
    columns = {
        "个人编号": keys,
        "姓名": r.names(),
        "证件号码": r.numbers(),
        "性别": r.sexes(("1", "2")),
        "出生日期": r.births("iso"),
        "手机号": r.phones(),
        "通讯地址": r.addresses("district"),
        "所属社区": r.communities(),
        "险种": pick(KINDS, np.where(employee, 0, 1)),
        "参保状态": pick(("正常参保", "暂停参保"), (r.rng.random(r.rows) < 0.06).astype(np.int64)),
        "参保日期": dates(insured_on, "iso"),
        "单位名称": blank(pick(sample.companies.name, people.employer[who]), ~employee),
        "变更日期": r.updated("iso"),
    }
    junk = {
        "姓名": BROKEN_NAMES,
        "出生日期": BROKEN_DATES,
        "个人编号": BROKEN_RECORD_NUMBERS,
        "变更日期": BROKEN_DATES,
    }
    return r.sheet(columns, junk, keys)


def write(sheet: Sheet, path: Path) -> None:
    delimited(sheet.table(), path, "gb18030", quoted=True)


INSURED = System("medical.insured", "population", "medical/insured.csv", make, write)
