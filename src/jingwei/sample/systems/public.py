"""What offices publish about companies: branches and shareholders, permits and penalties (双公示).

A branch is a company of its own with its own credit code, in no other table; its parent stands in the row.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa

from jingwei.sample.companies import INDIVIDUAL, LIMITED
from jingwei.sample.identifiers import LOCAL_DIVISION, credit_codes
from jingwei.sample.people import TODAY
from jingwei.sample.strings import blank, dates, fixed, integers, join, numbered, patch, pick
from jingwei.sample.systems.base import Sample, Sheet, System
from jingwei.sample.words import STREETS
from jingwei.sample.writers import delimited

BRANCHES, SHARED = 0.05, 0.9
"""Of the companies with limited liability: how many have a branch, how many have told who owns them."""
PENALTIES = ("未按规定公示年度报告", "占道经营", "未按规定明码标价", "消防设施未保持完好", "超范围经营")
PERMITS = ("食品经营许可", "公共场所卫生许可", "户外广告设置许可", "道路运输经营许可")
OFFICES = ("区市场监管局", "区综合行政执法局", "区消防救援大队")


def _sheet(columns: dict[str, pa.Array], keys: pa.Array, truth: np.ndarray | None = None) -> Sheet:
    rows = len(keys)
    truth = np.arange(rows) if truth is None else truth
    return Sheet(columns, keys, truth, np.ones(rows, dtype=bool), np.empty(0, dtype=np.int64))


def _limited(sample: Sample) -> np.ndarray:
    return np.flatnonzero(sample.companies.kind == LIMITED)


def make_branches(sample: Sample) -> Sheet:
    companies, rng = sample.companies, sample.rng("market.branch")
    limited = _limited(sample)
    chosen = rng.random(len(limited)) < BRANCHES
    # however small the district, the office publishes something
    chosen[:1] |= not chosen.any()
    parents = limited[chosen]
    rows = len(parents)
    codes = fixed(
        credit_codes(
            np.ones(rows, dtype=np.int64),
            np.full(rows, LOCAL_DIVISION),
            ((len(companies) + np.arange(rows)) * 524_287 + 7_654_321) % 31**6,
        )
    )
    street = pick([name.removesuffix("街道") for name in STREETS], rng.integers(0, len(STREETS), rows))
    house = rng.integers(0, len(sample.world.buildings.building_of_house), rows)
    # an old branch's parent stands there with its name alone
    nameless = rng.random(rows) < 0.1
    founded = companies.founded[parents]
    columns = {
        "分支机构代码": codes,
        "分支机构名称": join(pick(companies.name, parents), street, "分公司"),
        "负责人": pick(sample.world.people.name, companies.representative[parents]),
        "经营场所": sample.addresses.shop(house, "street"),
        "总公司代码": blank(pick(fixed(companies.code), parents), nameless),
        "总公司名称": pick(companies.name, parents),
        "设立日期": dates(founded + ((TODAY - founded) * rng.random(rows)).astype(np.int64), "iso"),
        "更新日期": dates(np.full(rows, TODAY - 40), "iso"),
    }
    return _sheet(columns, codes, len(companies) + np.arange(rows))


def make_shareholders(sample: Sample) -> Sheet:
    """One row a shareholder: residents, and now and then another company."""
    companies, people, rng = sample.companies, sample.world.people, sample.rng("market.shareholder")
    told = _limited(sample)
    told = told[rng.random(len(told)) < SHARED]
    number = rng.choice([1, 2, 2, 3], len(told))
    company = np.repeat(told, number)
    first = np.concatenate([[True], company[1:] != company[:-1]])
    grown = np.flatnonzero((people.age >= 20) & (people.age < 75))
    person = np.where(
        first, companies.representative[company], grown[rng.integers(0, len(grown), len(company))]
    )
    by_company = ~first & (rng.random(len(company)) < 0.15)
    owner = told[rng.integers(0, len(told), len(company))]
    by_company &= owner != company
    share = np.round(100 / np.repeat(number, number), 2)
    keys = numbered("GD", np.arange(len(company)) + 1, 9)
    since = companies.founded[company]
    left = ~first & (rng.random(len(company)) < 0.08)
    columns = {
        "记录编号": keys,
        "统一社会信用代码": pick(fixed(companies.code), company),
        "企业名称": pick(companies.name, company),
        "股东类型": pick(("自然人", "企业法人"), by_company.astype(np.int64)),
        "股东名称": patch(pick(people.name, person), by_company, pick(companies.name, owner[by_company])),
        "股东证件号": blank(
            pick(fixed(people.number), person), by_company | (rng.random(len(company)) < 0.03)
        ),
        "股东信用代码": blank(pick(fixed(companies.code), owner), ~by_company),
        "持股比例": pa.array([f"{value:.2f}%" for value in share]),
        "入股日期": dates(since, "iso"),
        "退出日期": dates(np.where(left, np.minimum(since + 400, TODAY - 30), -1), "iso"),
        "更新日期": dates(np.full(len(company), TODAY - 40), "iso"),
    }
    return _sheet(columns, keys)


def _published(
    sample: Sample, resource: str, share: float
) -> tuple[np.ndarray, np.random.Generator, np.ndarray]:
    """Companies that something was published of, and on which days."""
    companies, rng = sample.companies, sample.rng(resource)
    which = np.flatnonzero(rng.random(len(companies)) < share)
    earliest = np.maximum(companies.founded[which], TODAY - 5 * 365)
    return which, rng, earliest + ((TODAY - 10 - earliest).clip(0) * rng.random(len(which))).astype(np.int64)


def make_penalties(sample: Sample) -> Sheet:
    companies = sample.companies
    which, rng, decided = _published(sample, "credit.penalty", 0.04)
    rows = len(which)
    kind = rng.integers(0, len(PENALTIES), rows)
    keys = numbered("YXCF", np.arange(rows) + 1, 8)
    warned = rng.random(rows) < 0.4
    columns = {
        "决定书文号": keys,
        "类别": pick(("行政处罚",), np.zeros(rows, dtype=np.int64)),
        "相对人代码": pick(fixed(companies.code), which),
        "相对人名称": pick(companies.name, which),
        "违法事实": pick(PENALTIES, kind),
        "处罚结果": pick(("罚款", "警告"), warned.astype(np.int64)),
        "罚款金额": blank(integers(rng.integers(1, 60, rows) * 500), warned),
        "决定日期": dates(decided, "iso"),
        "公示截止日期": dates(decided + 365, "iso"),
        "决定机关": pick(OFFICES, kind % len(OFFICES)),
        "更新日期": dates(decided + 3, "iso"),
    }
    return _sheet(columns, keys)


def make_permits(sample: Sample) -> Sheet:
    companies = sample.companies
    which, rng, decided = _published(sample, "credit.permit", 0.12)
    rows = len(which)
    keys = numbered("YXXK", np.arange(rows) + 1, 8)
    individual = companies.kind[which] == INDIVIDUAL
    columns = {
        "许可文号": keys,
        "类别": pick(("行政许可",), np.zeros(rows, dtype=np.int64)),
        "相对人代码": pick(fixed(companies.code), which),
        "相对人名称": pick(companies.name, which),
        "许可内容": pick(
            PERMITS, np.where(individual, rng.integers(0, 2, rows), rng.integers(0, len(PERMITS), rows))
        ),
        "许可日期": dates(decided, "iso"),
        "有效期至": dates(decided + 4 * 365, "iso"),
        "许可机关": pick(OFFICES, rng.integers(0, 2, rows)),
        "更新日期": dates(decided + 3, "iso"),
    }
    return _sheet(columns, keys)


def write(sheet: Sheet, path: Path) -> None:
    delimited(sheet.table(), path, "utf-8")


def write_old(sheet: Sheet, path: Path) -> None:
    delimited(sheet.table(), path, "gb18030")


BRANCH = System("market.branch", "legal_entity", "market/branch.csv", make_branches, write)
SHAREHOLDER = System("market.shareholder", None, "market/shareholder.csv", make_shareholders, write)
PENALTY = System("credit.penalty", None, "credit/penalty.csv", make_penalties, write_old)
PERMIT = System("credit.permit", None, "credit/permit.csv", make_permits, write)
