"""区税务局: registered taxpayers, a GB18030 CSV; names and codes are as the taxpayer once gave them."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from jingwei.sample.companies import INDIVIDUAL
from jingwei.sample.strings import dates, integers, numbered, pick
from jingwei.sample.systems.base import (
    BROKEN_DATES,
    BROKEN_NAMES,
    BROKEN_RECORD_NUMBERS,
    Sample,
    Sheet,
    System,
)
from jingwei.sample.systems.business import CompanyRecords
from jingwei.sample.writers import delimited


def make(sample: Sample) -> Sheet:
    companies = sample.companies
    chance = np.where(companies.kind == INDIVIDUAL, 0.85, 0.98)
    which = np.flatnonzero(sample.rng("tax.who").random(len(companies)) < chance)
    r = CompanyRecords(sample, "tax.taxpayer", which, since="2017-01-01")
    keys = numbered("T", np.arange(r.rows) + 1, 9)
    which = r.which
    columns = {
        "登记序号": keys,
        "社会信用代码": r.codes(),
        "纳税人名称": r.names(),
        "法定代表人姓名": r.representatives(),
        "法定代表人身份证号": r.representative_numbers(),
        "生产经营地址": r.addresses("road"),
        "联系电话": r.phones(),
        "行业": pick(companies.industry, which),
        "从业人数": integers(companies.employees[which]),
        "纳税人状态": pick(("正常", "停业", "注销", "非正常"), companies.status[which]),
        "登记日期": dates(companies.founded[which], "compact"),
        "修改日期": r.updated("compact"),
    }
    junk = {"纳税人名称": BROKEN_NAMES, "登记日期": BROKEN_DATES, "登记序号": BROKEN_RECORD_NUMBERS}
    return r.sheet(columns, junk, keys)


def write(sheet: Sheet, path: Path) -> None:
    delimited(sheet.table(), path, "gb18030")


TAXPAYER = System("tax.taxpayer", "legal_entity", "tax/taxpayer.csv", make, write)
