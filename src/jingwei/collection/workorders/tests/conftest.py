"""A department's table that can be delivered again and again, and people who work on its orders."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from jingwei.collection import service
from jingwei.collection.models import Run, WorkOrder
from jingwei.engines import lake
from jingwei.kernel.models import Account, Organization

CONTRACT = """
apiVersion: v3.1.0
kind: DataContract
id: trial.person
name: 人员
version: 1.0.0
status: active
servers: [{{server: source, type: local, path: person.csv, format: csv}}]
schema:
  - name: person
    properties:
      - {{name: number, physicalName: 编号, logicalType: string, required: true, primaryKey: true}}
      - {{name: name, physicalName: 姓名, logicalType: string, required: true, customProperties: [{{property: element, value: person_name}}]}}
      - {{name: sex, physicalName: 性别, logicalType: string, customProperties: [{{property: element, value: sex}}]}}
      - {{name: id_number, physicalName: 证件号, logicalType: string, customProperties: [{{property: element, value: resident_id}}]}}
      - name: since
        physicalName: 登记日期
        logicalType: date
        quality:
          - {{name: not-before-1949, type: custom, engine: jingwei, implementation: "since >= DATE '1949-10-01'", dimension: conformity, description: "登记日期太早 | registered too early"}}
customProperties:
  - {{property: organization, value: {organization}}}
  - {{property: title, value: {{zh: 人员, en: Persons}}}}
"""
HEADER = "编号,姓名,性别,证件号,登记日期"
GOOD = ("1,沈云禾,女,,2020-01-02", "2,许可心,女,,2021-03-04")
PROVIDER, OTHER = "区数据局", "区医保局"


def make_account(name: str, role: str, organization: str) -> Account:
    of = None
    if organization:
        of, _ = Organization.objects.get_or_create(
            code=organization, defaults={"name_zh": organization, "level": "district"}
        )
    return Account.objects.create_user(name, "correct horse", name=name, roles=[role], organization=of)


@pytest.fixture
def officer(db: None) -> Account:
    return make_account("officer", "officer", PROVIDER)


@pytest.fixture
def colleague(db: None) -> Account:
    return make_account("colleague", "officer", PROVIDER)


@pytest.fixture
def stranger(db: None) -> Account:
    return make_account("stranger", "officer", OTHER)


@pytest.fixture
def steward(db: None) -> Account:
    return make_account("steward", "steward", "")


@pytest.fixture
def deliver(db: None, home: Path, pack: Callable[..., Path]) -> Callable[..., Run]:
    """Delivers lines and collects them: `deliver("1,沈云禾,女,,2020-01-02")`."""
    pack("trial", {"contracts/person.yaml": CONTRACT.format(organization=PROVIDER)})

    def send(*lines: str, header: str = HEADER) -> Run:
        (home / "sample" / "person.csv").write_text("\n".join([header, *lines]) + "\n", "utf-8")
        return service.collect("trial.person", started_by="test")

    return send


@pytest.fixture
def order(deliver: Callable[..., Run]) -> WorkOrder:
    """Two wrong rows among good ones: a date that is none, and a missing name with an unknown sex."""
    deliver(*GOOD, "3,程既白,男,,2020-13-01", "4,,某,,2020-01-02")
    return WorkOrder.objects.get()


def standard(columns: str = "number, name") -> list[tuple[Any, ...]]:
    with lake().read() as con:
        return con.execute(f'SELECT {columns} FROM lake.standard."trial.person" ORDER BY number').fetchall()
