"""区市场监管局: the register of businesses, a SQLite database; the credit code is the key."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from jingwei.sample.companies import KINDS, STATUSES
from jingwei.sample.strings import blank, dates, fixed, integers, pick
from jingwei.sample.systems.base import BROKEN_DATES, BROKEN_NAMES, Sample, Sheet, System
from jingwei.sample.systems.business import CompanyRecords
from jingwei.sample.words import COMMUNITIES, STREET_OF_COMMUNITY
from jingwei.sample.writers import sqlite_database


def make(sample: Sample) -> Sheet:
    companies = sample.companies
    r = CompanyRecords(sample, "market.enterprise", np.arange(len(companies)), since="2019-01-01")
    which = r.which
    community = sample.world.community_of(companies.house[which])
    columns = {
        "统一社会信用代码": r.codes(),
        "名称": r.names(),
        "主体类型": pick(KINDS, companies.kind[which]),
        "法定代表人": r.representatives(),
        "法定代表人证件号": r.representative_numbers(),
        "注册资本（万元）": integers(companies.capital[which]),
        "成立日期": dates(companies.founded[which], "iso"),
        "登记状态": pick(STATUSES, companies.status[which]),
        "住所": r.addresses("official"),
        "所属街道": pick(STREET_OF_COMMUNITY, community),
        "所属社区": pick(COMMUNITIES, community),
        "行业门类": pick(companies.industry, which),
        "经营范围": pick(companies.scope, which),
        "联系电话": r.phones(),
        "更新时间": r.updated("midnight"),
    }
    columns["法定代表人证件号"] = blank(columns["法定代表人证件号"], companies.status[which] >= 2)
    junk = {
        "名称": BROKEN_NAMES,
        "成立日期": BROKEN_DATES,
        "统一社会信用代码": (None, "1.29901E+17", "92990100MA", "待赋码"),
    }
    return r.sheet(columns, junk, fixed(companies.code[which]), also_unusable=~r.code_fits)


def write(sheet: Sheet, path: Path) -> None:
    sqlite_database(sheet.table(), path, "市场主体")


ENTERPRISE = System("market.enterprise", "legal_entity", "market/enterprise.db", make, write)
