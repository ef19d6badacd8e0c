"""The source records behind an entity, and why each field has its value.

Both read the lake, and lay over it what was deposited since (`stated`): a word given at the window explains a
value the moment it stands. Records lie sorted by entity, so one entity is a few row groups away. The
explanation orders its statements by the very ranks that made the golden record.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import duckdb

from jingwei.catalog.sql import identifier as quoted
from jingwei.catalog.sql import quoted as literal
from jingwei.engines import lake
from jingwei.registers.answers import Explanation, SourceRecord, Statement
from jingwei.registers.declaration import RegisterField, Rule
from jingwei.registers.errors import NoSuchEntity
from jingwei.registers.search import rule_name
from jingwei.registers.sources import Declared, declared, row_dict
from jingwei.registers.stated import HELD, gather_current
from jingwei.registers.survivorship import LAST_DAY, ranks

OWN = ("entity_id", "resource", "record_key", "reason", "score", "note", "as_of")


def records(register: str, entity_id: str) -> list[SourceRecord]:
    known = declared(register)
    with lake().read() as con:
        gather_current(con, known, [entity_id])
        found = con.execute(f"FROM {HELD} WHERE entity_id = ? ORDER BY resource, record_key", [entity_id])
        rows = [row_dict(found.description, row) for row in found.fetchall()]
        if not rows:
            raise NoSuchEntity(register=register, entity_id=entity_id)
        return [source_record(known, row, _faults(con, row)) for row in rows]


def source_record(known: Declared, row: dict[str, Any], faults: list[dict[str, str]]) -> SourceRecord:
    return SourceRecord(
        resource=row["resource"],
        organization=known.organization(row["resource"]),
        record_key=row["record_key"],
        reason=row["reason"],
        score=row["score"],
        as_of=row["as_of"],
        values={name: value for name, value in row.items() if name not in OWN},
        faults=faults,
        note=row["note"] or "",
    )


def _faults(con: duckdb.DuckDBPyConnection, row: dict[str, Any]) -> list[dict[str, str]]:
    """Values the checks set aside in this row, from its standard table."""
    if not lake().exists(con, "standard", row["resource"]):
        return []
    found = con.execute(
        f"SELECT _faults FROM {lake().table('standard', row['resource'])} WHERE _key = ?", [row["record_key"]]
    ).fetchone()
    return list(found[0] or []) if found else []


def explain(register: str, entity_id: str) -> list[Explanation]:
    known = declared(register)
    ranked = ", ".join(f"{sql} AS {quoted('rank ' + name)}" for name, sql in ranks(known).items())
    resources = "[" + ", ".join(literal(name) for name in known.resources) + "]"
    with lake().read() as con:
        gather_current(con, known, [entity_id])
        found = con.execute(
            f"SELECT *, {ranked} FROM (SELECT *, list_position({resources}, resource) - 1 AS src, "
            f"hash(resource, record_key) AS tie FROM {HELD} WHERE entity_id = ?)",
            [entity_id],
        )
        rows = [row_dict(found.description, row) for row in found.fetchall()]
    if not rows:
        raise NoSuchEntity(register=register, entity_id=entity_id)
    verified = {source.resource for source in known.register.sources if source.verified}
    explained = []
    for field in known.register.fields:
        said = sorted(
            (row for row in rows if row[field.name] is not None), key=lambda r: r["rank " + field.name]
        )
        if not said:
            continue
        statements = [
            Statement(
                value=row[field.name],
                source=row["resource"],
                organization=known.organization(row["resource"]),
                record_key=row["record_key"],
                as_of=row["as_of"],
                verified=row["resource"] in verified,
            )
            for row in said
        ]
        reason = _reason(known, field, said)
        explained.append(Explanation(field.name, statements[0], reason, statements[1:]))
    return explained


def _reason(known: Declared, field: RegisterField, said: Sequence[dict[str, Any]]) -> str:
    """`only`, `agreed`, `all`, or the first rule under which the winner beats the best statement of another value."""
    if len(said) == 1:
        return "only"
    if field.multiple:
        return "all"
    rival = next((row for row in said[1:] if row[field.name] != said[0][field.name]), None)
    if rival is None:
        return "agreed"
    chain: list[Rule] = [*known.register.rules(field), "sources", "newest"]
    for rule in chain:
        if _standing(known, rule, said[0]) != _standing(known, rule, rival):
            return rule_name(rule)
    return "tie"


def _standing(known: Declared, rule: Rule, row: dict[str, Any]) -> int:
    """Where one rule puts a record; the smaller, the better."""
    number = row["src"]
    if rule == "verified":
        return 0 if known.register.sources[number].verified else 1
    if rule == "sources":
        return int(number)
    if rule in ("newest", "oldest"):
        if row["as_of"] is None:
            return LAST_DAY
        days = row["as_of"].toordinal()
        return -days if rule == "newest" else int(days)
    order = rule.sources  # type: ignore[union-attr]
    return order.index(row["resource"]) if row["resource"] in order else len(order)
