"""A table of members and the contract that says what is right about it."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from jingwei.collection import service
from jingwei.collection.models import Run

MEMBER = """\
apiVersion: v3.1.0
kind: DataContract
id: club.member
name: 会员
version: 1.0.0
status: active
servers:
  - {{server: source, type: local, path: member.csv, format: csv}}
schema:
  - name: member
    properties:
      - {{name: number, physicalName: 编号, logicalType: string, required: true, primaryKey: true}}
      - name: name
        physicalName: 姓名
        logicalType: string
        required: true
        customProperties: [{{property: element, value: person_name}}]
      - name: id_number
        physicalName: 证件
        logicalType: string
        customProperties: [{{property: element, value: resident_id}}{void}]
      - name: sex
        physicalName: 性别
        logicalType: string
        customProperties: [{{property: element, value: sex}}]
      - {{name: kind, physicalName: 类别, logicalType: string}}
      - {{name: joined, physicalName: 入会, logicalType: date}}
      - {{name: changed, physicalName: 变更, logicalType: date}}
      - name: fee
        physicalName: 会费
        logicalType: number
        customProperties: [{{property: element, value: money}}]
        quality:
          - {{name: fee-not-negative, type: custom, engine: jingwei, implementation: "fee >= 0", dimension: conformity, description: 会费是负的 | the fee is negative}}
    quality:
      - {{name: changed-after-joined, type: custom, engine: jingwei, implementation: "changed >= joined", dimension: consistency, description: 变更早于入会 | changed before joining}}
{sla}
customProperties:
  - {{property: organization, value: 区体育局}}
{properties}
"""
HEADERS = ("编号", "姓名", "证件", "性别", "类别", "入会", "变更", "会费")
FIELDS = ("number", "name", "id_number", "sex", "kind", "joined", "changed", "fee")


def number_of(order: int, born: str = "19900101") -> str:
    """A resident number with the right check digit (ISO 7064 MOD 11-2)."""
    body = f"990101{born}{order:03d}"
    weights = [pow(2, 17 - i, 11) for i in range(17)]
    return body + "10X98765432"[sum(int(c) * w for c, w in zip(body, weights, strict=True)) % 11]


def made(order: int, **values: Any) -> dict[str, Any]:
    """A member with nothing wrong, but for the given values."""
    right = {
        "number": f"{order:04d}",
        "name": "沈云" + "禾苗树木林森"[order % 6],
        "id_number": number_of(order % 1000),
        "sex": "12"[order % 2],
        "kind": ("甲", "乙", "丙")[order % 3],
        "joined": "2020-01-02",
        "changed": "2021-03-04",
        "fee": f"{order % 50}.00",
    }
    return {**right, **values}


@pytest.fixture
def member() -> Callable[..., dict[str, Any]]:
    return made


@pytest.fixture
def club(pack: Callable[..., Path], home: Path) -> Callable[..., Run]:
    """Declares club.member; the function collects the given members and returns the run."""

    def declare(void: bool = False, cycle: str = "", properties: str = "") -> None:
        text = MEMBER.format(
            void=", {property: onFault, value: void}" if void else "",
            sla=f"slaProperties:\n  - {{property: frequency, {cycle}}}" if cycle else "",
            properties=properties,
        )
        pack("club", {"contracts/member.yaml": text})

    def collect(members: list[dict[str, Any]], **declared: Any) -> Run:
        declare(**declared)
        with open(home / "sample" / "member.csv", "w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(HEADERS)
            writer.writerows([one[name] for name in FIELDS] for one in members)
        return service.collect("club.member")

    collect.declare = declare  # type: ignore[attr-defined]
    return collect
