"""松涛街道办事处: the ledger of old-age allowances, a workbook as communities hand it in."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa

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
from jingwei.sample.writers import ledger_workbook

MOST_ROWS = 6_000
"""A ledger kept by hand does not grow with the city; whoever is over comes in another office's book."""
LEVELS = ("80 至 89 周岁", "90 至 99 周岁", "100 周岁以上")
AMOUNTS = np.array([100.0, 200.0, 800.0])


def make(sample: Sample) -> Sheet:
    people = sample.world.people
    old = np.flatnonzero((people.age >= 80.1) & (sample.rng("street.who").random(len(people)) < 0.92))[
        :MOST_ROWS
    ]
    r = PersonRecords(sample, "street.elder_allowance", old, since="2025-01-01")
    # the book goes from community to community
    r.sort(sample.world.community_of(r.house))
    keys = r.record_numbers("E", 7)
    age = people.age[r.who]
    level = np.digitize(age, (90, 100))
    eightieth = np.minimum(r.birth + (np.array([80, 90, 100])[level] * 365.25).astype(np.int64), r.as_of)
    contact = np.where(people.phone[r.who] >= 0, r.who, people.guardian[r.who])
    columns = {
        "台账编号": keys,
        "姓名": r.names(),
        "性别": r.sexes(),
        "身份证号": r.numbers(),
        "出生年月日": r.births("dot"),
        "所属社区": pick(COMMUNITIES, sample.world.community_of(r.house)),
        "居住地址": r.addresses("spaced"),
        "联系人": pick(people.name, contact),
        "联系人电话": r.phones(),
        "档次": pick(LEVELS, level),
        "月标准（元）": pa.array(AMOUNTS[level]),
        "起发日期": dates(eightieth, "iso"),
        "核对日期": r.updated("iso"),
    }
    junk = {"姓名": BROKEN_NAMES, "出生年月日": BROKEN_DATES, "台账编号": BROKEN_RECORD_NUMBERS}
    return r.sheet(columns, junk, keys)


def write(sheet: Sheet, path: Path) -> None:
    ledger_workbook(
        sheet.table(),
        path,
        sheet="高龄津贴台账",
        titles=(
            "云溪区高龄津贴发放台账",
            "填报单位：松涛街道办事处　填报日期：2026 年 11 月 20 日　单位：元",
        ),
        groups=(("", 1), ("老人基本情况", 4), ("居住和联系", 4), ("津贴发放", 3), ("", 1)),
        footnotes=("注：1. 本表由各社区每月核对一次。", "　　2. 迁出或去世的，次月起停发。"),
        date_columns=("起发日期",),
    )


ELDER_ALLOWANCE = System("street.elder_allowance", "population", "street/elder_allowance.xlsx", make, write)
