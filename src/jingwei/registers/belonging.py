"""Which entity a statement is about, by the rules of linking.

The linking's own identifier pass runs over the few records that matter: those of the entity that was named
and of every entity that answers to one of the statement's identifiers, and the statement itself.

    identifiers of the statement ─▶ entities that hold them ─┐
    the entity named by the caller ──────────────────────────┴▶ HELD ─identifiers.resolve─▶ one entity, or none
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import duckdb

from jingwei.catalog.contracts import Contract
from jingwei.catalog.sql import identifier as quoted
from jingwei.registers import following, identifiers, keys
from jingwei.registers.errors import NumberContradicted, TwoEntities
from jingwei.registers.linking import records_table
from jingwei.registers.models import Entity, SearchKey, Statement
from jingwei.registers.naming import entity_name, record_label
from jingwei.registers.sources import Declared, row_dict
from jingwei.registers.stated import HELD, Standing, as_stated, gather_current, lay_over, stage

NEW = "?"
"""Stands for the statement's entity until it is known."""
CONTRADICTED = "contradicted:"
Record = tuple[str, str]


@dataclass(frozen=True)
class Belonging:
    """`entity` is the one there is now, None for a new one; `entity_id` what it is called with the statement.
    `vouched` is a record of the entity that only the caller's word ties the statement to."""

    entity: str | None
    entity_id: str
    vouched: Record | None = None
    values: dict[str, Any] = field(default_factory=dict)
    """The statement in the register's fields."""
    joined: Statement | None = None
    """What the same resource was told about the entity on the same day."""


@dataclass(frozen=True)
class Member:
    """A record with what the identifier pass made of it."""

    entity_id: str
    record: Record
    cluster: int | None
    reason: str | None
    note: str | None
    identifiers: tuple[str | None, ...]


def belonging(
    con: duckdb.DuckDBPyConnection,
    known: Declared,
    contract: Contract,
    one: Statement,
    named: str | None,
    *,
    joins: bool,
) -> Belonging:
    """What is staged of the statement decides. Without a record of its own it joins what was said of the entity
    on the same day (`joins`). Raises TwoEntities, NumberContradicted."""
    values, numbers = _read(con, known, contract, one)
    holders = _holders(con, known, numbers)
    gather_current(con, known, list(dict.fromkeys([*holders, *([named] if named else [])])))
    kept, one.entity_id = one.entity_id, NEW
    lay_over(con, known, contract, [one])
    one.entity_id = kept
    members = _members(con, known)
    mine = next(m for m in members if m.entity_id == NEW)
    others = [m for m in members if m.entity_id != NEW]
    if mine.note and mine.note.startswith(CONTRADICTED):
        title = known.title(mine.note.removeprefix(CONTRADICTED))
        raise NumberContradicted(field=title, entity_id=holders[0] if holders else "—")
    entity = _claimed(known, mine, others, named)
    own = [m for m in others if m.entity_id == entity]
    joined = _same_day(one, entity) if joins and entity else None
    vouched = None
    if joined is not None:
        # The record is the entity's already; only its words change.
        mine = replace(mine, record=(one.resource, joined.record_key))
    elif entity and not any(m.cluster is not None and m.cluster == mine.cluster for m in own):
        vouched = min(own, key=lambda m: (m.cluster is None, m.record)).record if own else None
    return Belonging(entity, _name(known, [mine, *own]), vouched, values, joined)


def _same_day(one: Statement, entity_id: str) -> Statement | None:
    that_day = Statement.objects.filter(
        register=one.register, entity_id=entity_id, resource=one.resource, as_of=one.as_of
    )
    return that_day.order_by("-pk").first()


def _read(
    con: duckdb.DuckDBPyConnection, known: Declared, contract: Contract, one: Statement
) -> tuple[dict[str, Any], list[str | None]]:
    """The statement in the register's fields, and the value of each of its identifiers."""
    rows = [as_stated(one)]
    stage(con, contract, rows)
    standing = Standing.stated(con, known, contract, rows)
    names = [f.name for f in known.register.fields]
    columns = [f"{standing.derivation(name)} AS {quoted(name)}" for name in names]
    found = con.execute(f"SELECT {', '.join(columns)} FROM ({standing.mapped(names)}) m")
    values = row_dict(found.description, found.fetchone())
    told = [identifiers.value_of(standing, i) for i in known.register.identifiers]
    numbers = con.execute(
        f"SELECT [{', '.join(told)}]::VARCHAR[] FROM ({standing.mapped(names)}) m"
    ).fetchone()
    return values, list(numbers[0] or []) if numbers else []


def _holders(con: duckdb.DuckDBPyConnection, known: Declared, numbers: list[str | None]) -> list[str]:
    """Entities that answer to one of these identifiers. The first one names its entity; for a later one the
    records and the search keys are asked."""
    found: dict[str, None] = {}
    for place, (identifier, value) in enumerate(zip(known.register.identifiers, numbers, strict=True)):
        if value is None:
            continue
        ids = [entity_name(known, f"{identifier.field}:{value}")]
        if place > 0 and not identifier.together_with:
            rows = con.execute(
                f"SELECT DISTINCT entity_id FROM {records_table(known.name)} WHERE CAST({quoted(identifier.field)} AS VARCHAR) = ?",
                [value],
            ).fetchall()
            ids += [row[0] for row in rows]
            key = keys.fold(value)
            typed = SearchKey.objects.filter(register=known.name, kind=keys.IDENTIFIER, key=key)
            ids += list(typed.values_list("entity_id", flat=True)[:20])
        found |= dict.fromkeys(following.current(known.name, one) for one in ids)
    there = Entity.objects.filter(register=known.name, entity_id__in=list(found))
    known_ids = set(there.values_list("entity_id", flat=True))
    return [one for one in found if one in known_ids]


def _members(con: duckdb.DuckDBPyConnection, known: Declared) -> list[Member]:
    standing = Standing.held(con, known)
    identifiers.resolve(con, standing)
    numbers = ", ".join(f"l.{quoted(i.field)}" for i in known.register.identifiers)
    rows = con.execute(
        f"SELECT h.entity_id, h.resource, h.record_key, l.cluster, l.reason, l.note, [{numbers}]::VARCHAR[] "
        f"FROM {HELD} h JOIN links l ON l.rid = h.rowid + 1"
    ).fetchall()
    con.execute("DROP TABLE links")
    return [Member(e, (resource, key), c, r, note, tuple(ns)) for e, resource, key, c, r, note, ns in rows]


def _claimed(known: Declared, mine: Member, others: list[Member], named: str | None) -> str | None:
    """The entity by number first, then by name; both have to be one."""
    if mine.cluster is None:
        return named
    owners = sorted({m.entity_id for m in others if m.cluster == mine.cluster})
    if owners:
        if named and named not in owners:
            raise TwoEntities(by_number=owners[0], named=named)
        return named or owners[0]
    if named and any(m.cluster is not None for m in others if m.entity_id == named):
        raise TwoEntities(by_number=_name(known, [mine]), named=named)
    return named


def _name(known: Declared, members: list[Member]) -> str:
    """What linking calls the entity of these records."""
    order = [i.field for i in known.register.identifiers]
    clustered = [m for m in members if m.cluster is not None]
    if clustered:
        first = min(clustered, key=lambda m: (order.index(m.reason or order[-1]), m.record))
        label = next(
            f"{name}:{value}"
            for name, value in zip(order, first.identifiers, strict=True)
            if value is not None
        )
    else:
        label = min(record_label(*m.record) for m in members)
    return entity_name(known, label)
