"""A small register over standard tables written straight into the lake: what its rows say is all there is."""

from __future__ import annotations

import csv
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from jingwei.engines import lake
from jingwei.registers import service
from jingwei.registers.answers import LinkReport

FIELDS = ("number", "id_number", "name", "birth_date", "phone", "address", "as_of")
ELEMENTS = ("plain_text", "resident_id", "person_name", "date", "mobile_phone", "address", "date")

REGISTER = """\
register: people
title: {zh: 人, en: People}
entity: {zh: 人, en: Person}
fields:
  - {name: id_number, element: resident_id}
  - {name: name, element: person_name}
  - {name: names, element: person_name, title: {zh: 各处姓名, en: Names}, multiple: true}
  - {name: birth_date, element: date, derived_from: id_number}
  - {name: phone, element: mobile_phone, survivorship: [newest]}
  - {name: address, element: address, survivorship: [{sources: [b.person]}, newest]}
survivorship: [verified, sources, newest]
sources:
  - {resource: a.person, verified: true, map: &all {id_number: id_number, name: name, names: name, birth_date: birth_date, phone: phone, address: address}}
  - {resource: b.person, map: *all}
  - {resource: c.person, map: *all}
identifiers:
  - {field: id_number, contradicted_by: [name, birth_date]}
matching:
  blocking: [[name.pinyin, birth_date], [name, phone], [phone, birth_date]]
  comparisons:
    - {field: name, as: person_name}
    - {field: birth_date, as: date}
    - {field: phone, as: phone}
  precision: 0.95
search: {identifier: [id_number], person_name: [name, names], phone: [phone]}
card: {name: name, identifier: id_number, facts: [{field: birth_date, show: year}]}
"""


def contract(resource: str) -> str:
    properties = "".join(
        f"""
      - name: {name}
        logicalType: {"date" if element == "date" else "string"}
        {"required: true" if name == "number" else "required: false"}
        {"primaryKey: true" if name == "number" else "primaryKey: false"}
        customProperties: [{{property: element, value: {element}}}]"""
        for name, element in zip(FIELDS, ELEMENTS, strict=True)
    )
    return f"""\
apiVersion: v3.1.0
kind: DataContract
id: {resource}
name: {resource}
version: 1.0.0
status: active
schema:
  - name: person
    properties:{properties}
customProperties: [{{property: organization, value: 单位{resource[0].upper()}}}]
"""


@dataclass
class Town:
    """Rows are (number, id_number, name, birth_date, phone, address, as_of); missing ends may be left off."""

    home: Path

    def put(self, resource: str, rows: Sequence[Sequence[Any]]) -> None:
        types = {"birth_date": "DATE", "as_of": "DATE"}
        columns = ", ".join(f"{name} {types.get(name, 'VARCHAR')}" for name in FIELDS)
        with lake().write(f"put {resource}") as con:
            con.execute(f"CREATE OR REPLACE TEMP TABLE put ({columns})")
            for row in rows:
                con.execute(
                    f"INSERT INTO put VALUES ({', '.join('?' * len(FIELDS))})",
                    [*row, *[None] * (len(FIELDS) - len(row))],
                )
            table = lake().table("standard", resource)
            con.execute(f"DROP TABLE IF EXISTS {table}")
            con.execute(
                f"CREATE TABLE {table} AS SELECT *, number AS _key, CAST(row_number() OVER () AS BIGINT) AS _row, 'R' AS _run, "
                "as_of AS _as_of, CAST(NULL AS STRUCT(field VARCHAR, code VARCHAR, original VARCHAR)[]) AS _faults FROM put"
            )

    def link(self) -> LinkReport:
        return service.link("people")

    def entities(self) -> dict[str, str]:
        """`a.person/1` → entity."""
        table = lake().table("register", "people.records")
        with lake().read() as con:
            rows = con.execute(f"SELECT resource || '/' || record_key, entity_id FROM {table}").fetchall()
        return dict(rows)

    def together(self) -> set[frozenset[str]]:
        """The records in their entities, whatever these are called."""
        groups: dict[str, set[str]] = {}
        for record, entity in self.entities().items():
            groups.setdefault(entity, set()).add(record)
        return {frozenset(group) for group in groups.values()}

    def truth(self, rows: Sequence[tuple[str, str, str]]) -> Path:
        path = self.home / "truth.csv"
        with open(path, "w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows([("resource", "record_key", "true_id"), *rows])
        return path


FILES = {f"contracts/{r}.yaml": contract(r) for r in ("a.person", "b.person", "c.person")} | {
    "registers/people.yaml": REGISTER
}


@pytest.fixture
def town(home: Path, pack: Callable[..., Path], db: None) -> Town:
    pack("town", FILES)
    return Town(home)


def number(birth: str, order: int) -> str:
    """An identity number of the division 990101, which nobody has, with its check digit (GB 11643)."""
    body = f"990101{birth.replace('-', '')}{order:03d}"
    weighed = sum(int(digit) * pow(2, 17 - at, 11) for at, digit in enumerate(body))
    return body + "10X98765432"[weighed % 11]


SURNAMES = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜"
GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉兰春梅海燕文博宇轩"


def person(index: int) -> tuple[str, str, str, str]:
    """id_number, name, birth date, phone of an invented person; no two share a number or a phone."""
    name = SURNAMES[index % 32] + GIVEN[index * 7 % 34] + GIVEN[index * 13 % 34]
    birth = f"{1950 + index * 17 % 60}-{1 + index * 5 % 12:02d}-{1 + index * 11 % 28:02d}"
    return number(birth, index % 1000), name, birth, f"199{index:08d}"
