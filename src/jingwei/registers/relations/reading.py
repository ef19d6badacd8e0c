"""What an entity's page shows: its relations, seen from its side, with the row that says so.

The lake finds the rows, the serving copy names the entities at the other end. Whoever shows households or
kinship records the look, as for every other look at a person's record.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date

from jingwei.engines import lake
from jingwei.kernel.text import Text
from jingwei.packs.service import installed
from jingwei.registers.models import Entity
from jingwei.registers.relations.build import BACK, TABLE
from jingwei.registers.relations.declaration import AMONG_PERSONS
from jingwei.registers.relations.declaration import Relation as Declaration

MOST = 500


@dataclass(frozen=True)
class Relation:
    """One relation of an entity. `title` says what the other side is to it; `outward` is false where a row of
    the other side says so. `entity_id` is None where nobody could be found: `note` says why, `name` how the
    row calls it. `among_persons`: to be shown for entitlements, and recorded."""

    relation: str
    kind: str
    title: Text
    role: str | None
    outward: bool
    register: str
    entity_id: str | None
    name: str
    resource: str
    organization: str
    record_key: str
    since: date | None
    until: date | None
    note: str | None
    among_persons: bool = False


def of(register: str, entity_id: str) -> list[Relation]:
    """The relations of an entity from both sides; [] before any were built. At most `MOST` a side."""
    declared: dict[str, Declaration] = dict(installed().section("relations"))
    columns = "relation, role, from_register, from_entity, to_register, to_entity, to_text, resource, record_key, since, until, note"
    engine = lake()
    with engine.read() as con:
        if not engine.exists(con, "register", TABLE) or not declared:
            return []
        rows = [
            (True, row)
            for row in con.execute(
                f"SELECT {columns} FROM {engine.table('register', TABLE)} WHERE from_entity = ? AND from_register = ? "
                f"ORDER BY relation, resource, record_key LIMIT {MOST}",
                [entity_id, register],
            ).fetchall()
        ]
        rows += [
            (False, row)
            for row in con.execute(
                f"SELECT {columns} FROM {engine.table('register', BACK)} WHERE to_entity = ? AND to_register = ? "
                f"ORDER BY relation, resource, record_key LIMIT {MOST}",
                [entity_id, register],
            ).fetchall()
        ]
    contracts = installed().section("contracts")
    wanted = {(row[4], row[5]) if outward else (row[2], row[3]) for outward, row in rows}
    names = _names(wanted)
    found = []
    for outward, row in rows:
        relation = declared.get(row[0])
        if relation is None:
            continue
        other, entity = (row[4], row[5]) if outward else (row[2], row[3])
        contract = contracts.get(row[7])
        found.append(
            Relation(
                relation=row[0],
                kind=relation.kind,
                title=(relation.title if outward else relation.inverse).text(),
                role=row[1],
                outward=outward,
                register=other,
                entity_id=entity,
                name=names.get((other, entity)) or (row[6] if outward else None) or "",
                resource=row[7],
                organization=contract.organization if contract else "",
                record_key=row[8],
                since=row[9],
                until=row[10],
                note=row[11],
                among_persons=relation.kind in AMONG_PERSONS,
            )
        )
    return found


def _names(wanted: set[tuple[str, str | None]]) -> dict[tuple[str, str | None], str]:
    """What the serving copy calls entities; the first of a card's line is its name."""
    by_register: dict[str, list[str]] = {}
    for register, entity in wanted:
        if entity:
            by_register.setdefault(register, []).append(entity)
    return {
        (register, entity): json.loads(line)[0] or ""
        for register, entities in by_register.items()
        for entity, line in Entity.objects.filter(register=register, entity_id__in=entities).values_list(
            "entity_id", "line"
        )
    }
