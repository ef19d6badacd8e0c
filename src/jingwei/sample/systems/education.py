"""区教育局: pupils and students on the rolls, JSON lines from a web service."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from jingwei.sample import people as truth
from jingwei.sample.strings import dates, day, pick
from jingwei.sample.systems.base import (
    BROKEN_DATES,
    BROKEN_NAMES,
    BROKEN_RECORD_NUMBERS,
    PersonRecords,
    Sample,
    Sheet,
    System,
)
from jingwei.sample.words import SCHOOLS
from jingwei.sample.writers import json_lines

GRADES = (
    "小班",
    "中班",
    "大班",
    "一年级",
    "二年级",
    "三年级",
    "四年级",
    "五年级",
    "六年级",
    "初一",
    "初二",
    "初三",
    "高一",
    "高二",
    "高三",
)


def make(sample: Sample) -> Sheet:
    people = sample.world.people
    on_the_rolls = (people.employment == truth.STUDENT) & (people.age < 18)
    who = np.flatnonzero(on_the_rolls & (sample.rng("education.who").random(len(people)) < 0.93))
    r = PersonRecords(sample, "education.student", who, since="2023-09-01")
    keys = r.record_numbers("G")
    who = r.who
    grade = (people.age[who].astype(np.int64) - 3).clip(0, 14)
    # kindergartens, primary schools, lower and upper secondary schools
    first, kinds = np.array([0, 2, 7, 10]), np.array([2, 5, 3, 2])
    level = np.digitize(grade, (3, 9, 12))
    school = first[level] + sample.world.community_of(r.house) % kinds[level]
    begun = np.array([0, 3, 9, 12])[level]
    # whoever came from another school enrolled when the record says so
    autumns = np.array([day(f"{year}-09-01") for year in range(2010, 2027)])
    enrolled = np.minimum(autumns[16 - (grade - begun)], r.as_of)
    guardian = np.where(people.phone[who] >= 0, people.head[who], people.guardian[who])
    columns = {
        "学籍号": keys,
        "学生姓名": r.names(),
        "身份证件号": r.numbers(),
        "性别": r.sexes(),
        "出生日期": r.births("iso"),
        "学校": pick(SCHOOLS, school),
        "年级": pick(GRADES, grade),
        "家庭住址": r.addresses("street"),
        "监护人姓名": pick(people.name, guardian),
        "监护人电话": people.phones(np.where(guardian >= 0, guardian, who), np.zeros(r.rows, dtype=bool)),
        "入学日期": dates(enrolled, "iso"),
        "更新日期": r.updated("iso"),
    }
    junk = {"学生姓名": BROKEN_NAMES, "出生日期": BROKEN_DATES, "学籍号": BROKEN_RECORD_NUMBERS}
    return r.sheet(columns, junk, keys)


def write(sheet: Sheet, path: Path) -> None:
    json_lines(sheet.table(), path)


STUDENT = System("education.student", "population", "education/student.jsonl", make, write)
