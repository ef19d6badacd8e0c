"""区政务服务局: the store of licences. Food permits belong to companies, health certificates to persons."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa

from jingwei.sample.companies import INDIVIDUAL
from jingwei.sample.strings import dates, numbered, pick
from jingwei.sample.systems.base import (
    BROKEN_DATES,
    BROKEN_NAMES,
    BROKEN_RECORD_NUMBERS,
    PersonRecords,
    Sample,
    Sheet,
    System,
)
from jingwei.sample.systems.business import CompanyRecords
from jingwei.sample.writers import delimited, json_lines


def make_permits(sample: Sample) -> Sheet:
    companies = sample.companies
    which = np.flatnonzero(companies.food & (companies.status < 2))
    r = CompanyRecords(sample, "licence.food_permit", which, since="2022-01-01")
    keys = numbered("JY990101", np.arange(r.rows) + 1_000_001, 8)
    issued = np.maximum(r.as_of - (r.rng.random(r.rows) * 300).astype(np.int64), companies.founded[r.which])
    columns = {
        "许可证编号": keys,
        "证照类型": pick(("食品经营许可证",), np.zeros(r.rows, dtype=np.int64)),
        "统一社会信用代码": r.codes(),
        "经营者名称": r.names(),
        "负责人": r.representatives(),
        "经营场所": r.addresses("street"),
        "经营面积": pa.array(np.round(12 + r.which * 7919 % 2400 / 10.0, 1)),
        "经营项目": pick(("热食类食品制售", "预包装食品销售", "糕点类食品制售", "自制饮品制售"), r.which % 4),
        "发证日期": dates(issued, "iso"),
        "有效期至": dates(issued + 5 * 365, "iso"),
        "更新日期": r.updated("iso"),
    }
    return r.sheet(
        columns,
        {"经营者名称": BROKEN_NAMES, "更新日期": BROKEN_DATES, "许可证编号": BROKEN_RECORD_NUMBERS},
        keys,
    )


def make_certificates(sample: Sample) -> Sheet:
    people, companies = sample.world.people, sample.companies
    employer = people.employer
    in_food = (employer >= 0) & companies.food[employer]
    # every hand in a small shop needs one, in a company about half
    chance = np.where(companies.kind[employer] == INDIVIDUAL, 0.95, 0.4)
    who = np.flatnonzero(in_food & (sample.rng("licence.who").random(len(people)) < chance))
    r = PersonRecords(sample, "licence.health_certificate", who, since="2025-11-25")
    keys = r.record_numbers("JK")
    columns = {
        "健康证编号": keys,
        "证照类型": pick(("从业人员健康证明",), np.zeros(r.rows, dtype=np.int64)),
        "持证人": r.names(),
        "证件号码": r.numbers(),
        "性别": r.sexes(),
        "出生日期": r.births("iso"),
        "手机": r.phones(),
        "从业单位": pick(companies.name, employer[r.who]),
        "发证日期": dates(r.as_of, "compact"),
        "有效期至": dates(r.as_of + 365, "compact"),
        "更新日期": r.updated("compact"),
    }
    return r.sheet(
        columns, {"持证人": BROKEN_NAMES, "更新日期": BROKEN_DATES, "健康证编号": BROKEN_RECORD_NUMBERS}, keys
    )


def write_permits(sheet: Sheet, path: Path) -> None:
    json_lines(sheet.table(), path)


def write_certificates(sheet: Sheet, path: Path) -> None:
    delimited(sheet.table(), path, "utf-8")


FOOD_PERMIT = System(
    "licence.food_permit", "legal_entity", "licence/food_permit.jsonl", make_permits, write_permits
)
HEALTH_CERTIFICATE = System(
    "licence.health_certificate",
    "population",
    "licence/health_certificate.csv",
    make_certificates,
    write_certificates,
)
