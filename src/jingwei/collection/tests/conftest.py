"""A table of persons in SQLite that changes, and the contract that reads it."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from jingwei.collection import service
from jingwei.collection.models import Run
from jingwei.engines import lake

CONTRACT = """\
apiVersion: v3.1.0
kind: DataContract
id: trial.person
name: 人员
version: 1.0.0
status: active
servers:
  - {{server: source, type: local, path: person.db, format: sqlite}}
schema:
  - name: person
    physicalName: person
    properties:
      - {{name: number, physicalName: number, logicalType: string, primaryKey: true}}
      - name: name
        physicalName: name
        logicalType: string
        required: true
        customProperties: [{{property: element, value: person_name}}]
      - {{name: phone, physicalName: phone, logicalType: string, customProperties: [{{property: element, value: mobile_phone}}]{phone}}}
      - {{name: changed, physicalName: changed, logicalType: timestamp}}
{more}
customProperties:
  - {{property: organization, value: 区数据局}}
{properties}
"""


class Source:
    """The department's table and what our runs made of it."""

    def __init__(self, path: Path, pack: Callable[..., Path]) -> None:
        self.path, self._pack = path, pack
        with self.open() as con:
            con.execute("CREATE TABLE person (number TEXT, name TEXT, phone TEXT, changed TEXT)")
            con.execute(
                "CREATE TABLE change (seq INTEGER PRIMARY KEY, op TEXT, number TEXT, name TEXT, phone TEXT,"
                " changed TEXT, taken TEXT)"
            )

    def open(self) -> sqlite3.Connection:
        return sqlite3.connect(self.path)

    def declare(
        self, properties: dict[str, Any], phone: str = "", more: str = "", table: str = "person"
    ) -> None:
        lines = "\n".join(
            f"  - {{property: {name}, value: {json.dumps(value, ensure_ascii=False)}}}"
            for name, value in properties.items()
        )
        text = CONTRACT.format(properties=lines, phone=phone, more=more).replace(
            "physicalName: person\n", f"physicalName: {table}\n"
        )
        self._pack("trial", {"contracts/person.yaml": text})

    def put(self, *rows: tuple[str | None, ...]) -> None:
        with self.open() as con:
            con.executemany("INSERT INTO person VALUES (?, ?, ?, ?)", rows)

    def run(self, sql: str, *values: Any) -> None:
        with self.open() as con:
            con.execute(sql, values)

    def ask(self, sql: str) -> list[Any]:
        with self.open() as con:
            return con.execute(sql).fetchall()

    @staticmethod
    def collect(**options: Any) -> Run:
        return service.collect("trial.person", **options)

    @staticmethod
    def standard(columns: str = "number, name") -> list[Any]:
        with lake().read() as con:
            return con.execute(f'SELECT {columns} FROM lake.standard."trial.person" ORDER BY _key').fetchall()


@pytest.fixture
def source(home: Path, pack: Callable[..., Path], db: None) -> Iterator[Source]:
    yield Source(home / "sample" / "person.db", pack)


NAMES = ["沈云禾", "许可心", "程既白", "陆知遥", "顾南枝", "温如玉", "宋清欢", "叶听雨", "江晚吟", "苏暮雪"]


@pytest.fixture
def rows() -> list[tuple[str, str, str, str]]:
    """Ten good rows, changed a day apart."""
    return [
        (f"{n:03d}", name, f"1990000{n:04d}", f"2026-01-{n:02d} 08:00:00") for n, name in enumerate(NAMES, 1)
    ]
