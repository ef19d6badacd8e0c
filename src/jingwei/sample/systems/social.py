"""区人社局: contributions of the employed, UTF-8 CSV with byte order mark; the number is the key."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from jingwei.sample.people import EMPLOYED, EMPLOYMENT, OPERATOR
from jingwei.sample.strings import dates, fixed, integers, pick
from jingwei.sample.systems.base import BROKEN_DATES, BROKEN_NAMES, PersonRecords, Sample, Sheet, System
from jingwei.sample.writers import delimited


def make(sample: Sample) -> Sheet:
    people, companies = sample.world.people, sample.companies
    chance = np.where(people.employment == EMPLOYED, 0.985, 0.8)
    working = (people.employment >= EMPLOYED) & (people.employment <= OPERATOR)
    who = np.flatnonzero(working & (sample.rng("social.who").random(len(people)) < chance))
    r = PersonRecords(sample, "social.insured", who, since="2024-01-01")
    who = r.who
    employer = people.employer[who]
    months = ((people.age[who] - 18) * 12 * r.rng.random(r.rows)).astype(np.int64).clip(1, 500)
    columns = {
        "社会保障号码": r.numbers(),
        "姓名": r.names(),
        "性别": r.sexes(),
        "出生日期": r.births("slash"),
        "移动电话": r.phones(),
        "居住地址": r.addresses("dashes"),
        "学历": pick([str(code) for code in range(91)], people.education[who]),
        "就业形式": pick(EMPLOYMENT, people.employment[who]),
        "单位名称": pick(companies.name, employer),
        "单位统一社会信用代码": pick(fixed(companies.code), employer),
        "参保状态": pick(("正常缴费", "暂停缴费"), (r.rng.random(r.rows) < 0.05).astype(np.int64)),
        "缴费月数": integers(months),
        "参保日期": dates(r.as_of - months * 30, "slash"),
        "变动日期": r.updated("slash"),
    }
    junk = {"姓名": BROKEN_NAMES, "出生日期": BROKEN_DATES, "变动日期": BROKEN_DATES}
    return r.sheet(columns, junk, fixed(people.number[who]), also_unusable=~r.number_fits)


def write(sheet: Sheet, path: Path) -> None:
    delimited(sheet.table(), path, "utf-8", mark=b"\xef\xbb\xbf", quoted=True)


INSURED = System("social.insured", "population", "social/insured.csv", make, write)
