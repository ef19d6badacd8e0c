"""A village of two grids, three buildings and a few doors, its people and shops: rows written straight into the
lake, registers linked from them. What lies where can be drawn on a napkin:

    grid west x 0..1, grid east x 1..2, both y 0..1, in the community 柳湾社区 of the town 临溪镇
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from jingwei.engines import lake
from jingwei.kernel import home as homes
from jingwei.registers import service as registers
from jingwei.registers.models import Entity
from jingwei.registers.relations import service as relations
from jingwei.registers.relations.service import Related
from jingwei.registers.tests.conftest import number

PLACE = {"code": "plain_text", "name": "plain_text", "address": "address", "parent": "plain_text",
         "longitude": "longitude", "latitude": "latitude", "shape": "geometry"}  # fmt: skip
FIELDS: dict[str, dict[str, str]] = {
    "map.division": PLACE, "map.community": PLACE, "map.grid": PLACE, "map.building": PLACE, "map.house": PLACE,
    "map.code": {"code": "plain_text", "name": "plain_text", "valid_from": "date", "valid_to": "date", "successor": "plain_text"},
    "police.person": {"number": "plain_text", "id_number": "resident_id", "name": "person_name", "address": "address",
                      "household": "plain_text", "head": "person_name", "role": "plain_text", "moved_in": "date"},
    "civil.marriage": {"number": "plain_text", "id_number": "resident_id", "spouse_id": "resident_id", "spouse": "person_name"},
    "market.firm": {"code": "plain_text", "name": "organization_name", "address": "address", "founded": "date"},
    "market.share": {"number": "plain_text", "code": "plain_text", "owner": "plain_text", "owner_name": "plain_text", "until": "date"},
}  # fmt: skip
KEYS = {"police.person": "number", "civil.marriage": "number", "market.share": "number"}

PLACES = "{code: code, name: name, address: address, parent: parent, longitude: longitude, latitude: latitude, shape: shape}"
REGISTERS = {
    "registers/place.yaml": """\
register: place
title: {zh: 地点, en: Places}
entity: {zh: 地点, en: Place}
prefix: D
fields:
  - {name: code, element: plain_text}
  - {name: name, element: plain_text}
  - {name: address, element: address}
  - {name: parent, element: plain_text}
  - {name: longitude, element: longitude}
  - {name: latitude, element: latitude}
  - {name: shape, element: geometry}
sources:
"""
    + "".join(
        f"  - {{resource: map.{level}, map: {PLACES}}}\n"
        for level in ("division", "community", "grid", "building", "house")
    )
    + "identifiers: [code]\ncard: {name: name}\n",
    "registers/people.yaml": """\
register: people
title: {zh: 人, en: People}
entity: {zh: 人, en: Person}
fields:
  - {name: id_number, element: resident_id}
  - {name: name, element: person_name}
  - {name: address, element: address}
  - {name: household, element: plain_text}
sources:
  - {resource: police.person, map: {id_number: id_number, name: name, address: address, household: household}}
  - {resource: civil.marriage, map: {id_number: id_number}}
identifiers: [id_number]
card: {name: name, identifier: id_number}
""",
    "registers/firm.yaml": """\
register: firm
title: {zh: 企业, en: Firms}
entity: {zh: 企业, en: Firm}
prefix: L
fields:
  - {name: code, element: plain_text}
  - {name: name, element: organization_name}
sources:
  - {resource: market.firm, map: {code: code, name: name}}
identifiers: [code]
card: {name: name, identifier: code}
""",
}
TERRITORY = """\
territory: village
register: place
fields: {code: code, name: name, address: address, parent: parent, longitude: longitude, latitude: latitude, shape: shape}
levels: {division: [map.division], community: [map.community], grid: [map.grid], building: [map.building], house: [map.house]}
succession: {resource: map.code, code: code, name: name, valid_from: valid_from, valid_to: valid_to, successor: successor}
"""
HOUSEHOLD = """\
relation: household
title: {zh: 户主, en: Head}
inverse: {zh: 成员, en: Member}
kind: household
serves: entitlements
from: people
to: people
sources:
  - {resource: police.person, to: {name: head, within: {household: household}}, role: role}
"""
RELATIONS = {
    "relations/household.yaml": HOUSEHOLD,
    "relations/spouse.yaml": """\
relation: spouse
title: {zh: 配偶, en: Spouse}
inverse: {zh: 配偶, en: Spouse}
kind: kinship
serves: entitlements
from: people
to: people
sources:
  - {resource: civil.marriage, to: {identifier: spouse_id, called: spouse}, says: {zh: 结婚, en: married}}
""",
    "relations/residence.yaml": """\
relation: residence
title: {zh: 住处, en: Home}
inverse: {zh: 住户, en: Resident}
kind: residence
from: people
to: place
sources:
  - {resource: police.person, to: {place: address}, since: moved_in}
""",
    "relations/share.yaml": """\
relation: share
title: {zh: 股东, en: Shareholder}
inverse: {zh: 投资, en: Holds}
kind: share
from: firm
to: firm
sources:
  - {resource: market.share, from: {identifier: code}, to: {identifier: owner, called: owner_name}, until: until}
""",
}


def contract(resource: str) -> str:
    key = KEYS.get(resource, "code")
    kinds = {"date": "date", "longitude": "number", "latitude": "number"}
    properties = "".join(
        f"\n      - {{name: {name}, logicalType: {kinds.get(element, 'string')}, required: {str(name == key).lower()}, "
        f"primaryKey: {str(name == key).lower()}, customProperties: [{{property: element, value: {element}}}]}}"
        for name, element in FIELDS[resource].items()
    )
    return f"""\
apiVersion: v3.1.0
kind: DataContract
id: {resource}
name: {resource}
version: 1.0.0
status: active
schema:
  - name: t
    properties:{properties}
customProperties: [{{property: organization, value: 村委会}}]
"""


MANIFEST = """pack: village
version: "1.0.0"
title: {zh: 村, en: Village}
description: {zh: 村, en: Village}
requires: [standards]
"""
FILES = {
    **{f"contracts/{resource}.yaml": contract(resource) for resource in FIELDS},
    **REGISTERS,
    "places/village.yaml": TERRITORY,
    **RELATIONS,
}


def square(left: float, right: float) -> str:
    return f"POLYGON (({left} 0, {right} 0, {right} 1, {left} 1, {left} 0))"


def put(tables: Mapping[str, Sequence[Mapping[str, Any]]]) -> None:
    """The standard tables of resources with these rows; what a row does not say is empty."""
    types = {"date": "DATE", "longitude": "DECIMAL(18, 6)", "latitude": "DECIMAL(18, 6)"}
    with lake().write("put") as con:
        for resource, rows in tables.items():
            fields = FIELDS[resource]
            columns = ", ".join(f"{name} {types.get(element, 'VARCHAR')}" for name, element in fields.items())
            con.execute(f"CREATE OR REPLACE TEMP TABLE put ({columns})")
            for row in rows:
                marks = ", ".join("?" * len(fields))
                con.execute(f"INSERT INTO put VALUES ({marks})", [row.get(name) for name in fields])
            table = lake().table("standard", resource)
            con.execute(f"DROP TABLE IF EXISTS {table}")
            con.execute(
                f"CREATE TABLE {table} AS SELECT *, {KEYS.get(resource, 'code')} AS _key, "
                "CAST(row_number() OVER () AS BIGINT) AS _row, 'R' AS _run, CAST(NULL AS DATE) AS _as_of, "
                "CAST(NULL AS STRUCT(field VARCHAR, code VARCHAR, original VARCHAR)[]) AS _faults FROM put"
            )


MAP: dict[str, list[dict[str, Any]]] = {
    "map.division": [{"code": "990101", "name": "云溪区"}, {"code": "990101001", "name": "临溪镇", "parent": "990101"}],
    "map.community": [{"code": "990101001001", "name": "柳湾社区", "parent": "990101001", "shape": square(0, 2)}],
    "map.grid": [
        {"code": "G1", "name": "柳湾01格", "parent": "990101001001", "shape": square(0, 1)},
        {"code": "G2", "name": "柳湾02格", "shape": square(1, 2)},
    ],
    "map.building": [
        {"code": "B1", "name": "柳岸路8号1幢", "address": "柳岸路8号1幢", "parent": "G1", "longitude": 0.5, "latitude": 0.5},
        {"code": "B2", "name": "柳岸路8号2幢", "address": "柳岸路8号2幢", "parent": "G1", "longitude": 1.5, "latitude": 0.5},
        {"code": "B3", "name": "石桥巷3号", "address": "石桥巷3号", "parent": "G2"},
    ],
    "map.house": [
        {"code": "B1-101", "name": "101", "address": "柳岸路8号1幢1单元101室", "parent": "B1"},
        {"code": "B1-2-101", "name": "101", "address": "柳岸路8号1幢2单元101室", "parent": "B1"},
        {"code": "B2-101", "name": "101", "address": "柳岸路8号2幢1单元101室", "parent": "B2"},
        {"code": "B3-1", "name": "1", "address": "石桥巷3号1室"},
    ],
}  # fmt: skip
ANNA, BEN, CARL, DORA = (
    number(birth, order)
    for birth, order in (("1960-01-02", 12), ("1958-03-04", 13), ("1988-05-06", 15), ("1990-07-08", 16))
)
PEOPLE: dict[str, list[dict[str, Any]]] = {
    "police.person": [
        {"number": "1", "id_number": BEN, "name": "陆丙", "household": "H1", "head": "陆丙", "role": "户主", "address": "临溪镇柳岸路8-1-1-101"},
        {"number": "2", "id_number": ANNA, "name": "安娜", "household": "H1", "head": "陆丙", "role": "配偶", "address": "柳岸路8号1幢1单元101"},
        {"number": "3", "id_number": CARL, "name": "陆卡", "household": "H1", "head": "陆丙", "role": "子女", "address": "柳岸路8号1幢101室", "moved_in": "2024-05-01"},
        {"number": "4", "id_number": DORA, "name": "朵拉", "household": "H2", "head": "没有这人", "role": "户主", "address": "别处路1号"},
    ],
    "civil.marriage": [
        {"number": "M1", "id_number": ANNA, "spouse_id": BEN, "spouse": "陆丙"},
        {"number": "M2", "id_number": DORA, "spouse_id": number("1989-01-01", 77), "spouse": "外地人"},
    ],
}  # fmt: skip


@dataclass
class Village:
    """The village as it was put and linked; `report` tells what relating it gave, by relation."""

    report: dict[str, Related] = field(default_factory=dict)
    put = staticmethod(put)

    def link(self, *names: str) -> None:
        for name in names:
            registers.link(name)

    def entity(self, register: str, key: str) -> str:
        with lake().read() as con:
            (row,) = con.execute(
                f"SELECT DISTINCT entity_id FROM {lake().table('register', f'{register}.records')} WHERE record_key = ?",
                [key],
            ).fetchall()
        return str(row[0])


_built: list[tuple[Path, list[Entity], Village]] = []


def built(settings: Any, factory: pytest.TempPathFactory) -> Village:
    """The whole village, linked and related; made by the first test that asks, lent to all others."""
    if _built:
        settings.HOME, entities, made = _built[0]
        Entity.objects.bulk_create(entities)
        return made
    settings.HOME = factory.mktemp("village") / "home"
    homes.make(settings.HOME)
    for path, text in {**FILES, "pack.yaml": MANIFEST}.items():
        file = settings.HOME / "packs" / "village" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8")
    made = Village()
    made.put({**MAP, **PEOPLE})
    made.link("place", "people")
    made.report = {one.relation: one for one in relations.build().relations}
    _built.append((settings.HOME, list(Entity.objects.all()), made))
    return made
