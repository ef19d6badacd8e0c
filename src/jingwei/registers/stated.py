"""What was stated and deposited here: as rows for collection, and as rows of an entity beside the lake's.

    Statement ─newest of a record─▶ provide: the connector `statements` reads it every night
                                 └▶ gather: the entity's records in the lake, its open statements laid over

A statement is open until the lake has it. `gather` makes a temporary table in the shape of the register's
records, so that whatever works on records (survivorship, explanations, identifiers) works on both.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any

import duckdb
import pyarrow as pa
from django.db.models import Max

from jingwei.catalog import sql
from jingwei.catalog.contracts import Contract
from jingwei.catalog.sql import identifier as quoted
from jingwei.catalog.sql import quoted as literal
from jingwei.catalog.values import Column, standardize_sql
from jingwei.collection.balance import tables_of
from jingwei.collection.connectors.statements import SCHEME, Stated, cells, shape_of
from jingwei.collection.standardize import Plan, standardizer_of
from jingwei.engines import lake
from jingwei.registers import following
from jingwei.registers.errors import NoSuchEntity, NotLinked
from jingwei.registers.linking import records_table
from jingwei.registers.models import Entity, Forwarding, Statement
from jingwei.registers.sources import Declared, Sources

HELD = "held"
"""Temporary table of an entity's records."""
STATED = "stated"


def provide(resource: str, since: int) -> Iterator[Stated]:
    """The newest statement of every record of a resource, from the number `since` on."""
    newest = (
        Statement.objects.filter(resource=resource).values("record_key").annotate(newest=Max("pk")).order_by()
    )
    found = Statement.objects.filter(pk__in=newest.filter(newest__gte=since).values("newest"))
    for one in found.order_by("pk").iterator(chunk_size=10_000):
        yield as_stated(one)


def as_stated(one: Statement) -> Stated:
    return Stated(one.pk, one.record_key, one.as_of, one.by, one.case, one.values)


def resources_of(declared: Declared) -> list[str]:
    """The register's sources that take statements."""
    found = ((name, declared.contracts.get(name)) for name in declared.resources)
    return [name for name, one in found if one and one.server and one.server.format == SCHEME]


def newest_of(register: str, entities: Sequence[str], until: Any = None) -> list[Statement]:
    """The newest statement of each record about these entities; `until` leaves out what came later."""
    asked = Statement.objects.filter(register=register, entity_id__in=list(entities))
    if until is not None:
        asked = asked.filter(at__lte=until)
    newest = {(one.resource, one.record_key): one for one in asked.order_by("pk")}
    return list(newest.values())


def formerly(register: str, entity_id: str) -> list[str]:
    """Identifiers that lead to this entity by now, however far."""
    found: list[str] = []
    fresh = [entity_id]
    while fresh:
        leading = Forwarding.objects.filter(register=register, to__in=fresh)
        fresh = [one for one in leading.values_list("entity_id", flat=True) if one not in (*found, entity_id)]
        found += fresh
    there = set(
        Entity.objects.filter(register=register, entity_id__in=found).values_list("entity_id", flat=True)
    )
    return [one for one in found if one not in there]


def standing(register: str, entity_id: str) -> str:
    """The entity that answers to an identifier, forwarding followed. Raises NoSuchEntity."""
    found = following.current(register, entity_id)
    if not Entity.objects.filter(register=register, entity_id=found).exists():
        raise NoSuchEntity(register=register, entity_id=entity_id)
    return found


def gather_current(
    con: duckdb.DuckDBPyConnection, declared: Declared, entities: Sequence[str], moved: str = ""
) -> None:
    """`gather` as of now: records that the lake still keeps under a former identifier count as the entity's.
    `moved` is one that the first entity bore until this moment."""
    former = {old: entity for entity in entities for old in formerly(declared.name, entity)}
    if moved and moved not in entities:
        former[moved] = entities[0]
    known = [*entities, *former]
    gather(con, declared, known, newest_of(declared.name, known))
    for old, entity in former.items():
        con.execute(f"UPDATE {HELD} SET entity_id = ? WHERE entity_id = ?", [entity, old])


def gather(
    con: duckdb.DuckDBPyConnection,
    declared: Declared,
    entities: Sequence[str],
    statements: Sequence[Statement],
    *,
    snapshot: int | None = None,
) -> None:
    """Makes the table HELD: what the lake holds of these entities, the statements in the place of their own
    older rows. Raises NotLinked where the register was never built."""
    if not lake().exists(con, "register", f"{declared.name}.records"):
        raise NotLinked(register=declared.name)
    table = records_table(declared.name)
    records = table if snapshot is None else lake().as_of("register", f"{declared.name}.records", snapshot)
    there = {column[0] for column in con.execute(f"SELECT * FROM {records} LIMIT 0").description}
    fields = [
        f"CAST({quoted(f.name) if f.name in there else 'NULL'} AS {declared.element(f.name).sql_type}) AS {quoted(f.name)}"
        for f in declared.register.fields
    ]
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE {HELD} AS SELECT entity_id, resource, record_key, reason, score, note, as_of, "
        f"{', '.join(fields)} FROM {records} WHERE entity_id IN (SELECT unnest(?))",
        [list(entities)],
    )
    for resource, some in groupby(sorted(statements, key=lambda s: s.resource), key=lambda s: s.resource):
        if contract := declared.contracts.get(resource):
            lay_over(con, declared, contract, list(some))


def lay_over(
    con: duckdb.DuckDBPyConnection, declared: Declared, contract: Contract, statements: list[Statement]
) -> None:
    rows = [as_stated(one) for one in statements]
    stage(con, contract, rows)
    standing = Standing.stated(con, declared, contract, rows)
    owners = pa.table(
        {
            "record_key": [one.record_key for one in statements],
            "entity_id": [one.entity_id for one in statements],
        }
    )
    con.register("owners", owners)
    names = [f.name for f in declared.register.fields]
    values = ", ".join(f"{standing.derivation(name)} AS {quoted(name)}" for name in names)
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE laid AS SELECT o.entity_id, {literal(contract.id)} AS resource, m._key AS record_key, "
        f"coalesce(h.reason, 'stated') AS reason, h.score, h.note, m._as_of AS as_of, {values} "
        f"FROM ({standing.mapped(names, '_key, _as_of')}) m JOIN owners o ON o.record_key = m._key "
        f"LEFT JOIN {HELD} h ON h.resource = {literal(contract.id)} AND h.record_key = m._key"
    )
    con.execute(
        f"DELETE FROM {HELD} WHERE resource = {literal(contract.id)} AND record_key IN (SELECT record_key FROM laid)"
    )
    con.execute(f"INSERT INTO {HELD} BY NAME FROM laid")
    con.unregister("owners")


def stage(con: duckdb.DuckDBPyConnection, contract: Contract, rows: Sequence[Stated]) -> Plan:
    """The statements as collection would stage them, and the plan that judges them there."""
    sql.install(con)
    shape = shape_of(contract)
    headers = [field.header for field in contract.fields]
    columns = list(zip(*(cells(contract, shape, one) for one in rows), strict=True))
    text = {h: pa.array(column, pa.string()) for h, column in zip(headers, columns, strict=True)}
    numbers = pa.array(range(1, len(rows) + 1), pa.int64())
    own = {
        "_key": pa.array([one.record_key for one in rows], pa.string()),
        "_as_of": pa.array([one.as_of for one in rows]),
    }
    con.register("statements_given", pa.table({"_n": numbers, "_row": numbers, **text, **own}))
    con.execute("CREATE OR REPLACE TEMP TABLE stage AS FROM statements_given")
    con.unregister("statements_given")
    found = {field.name: field.header for field in contract.fields}
    return Plan(contract, found, tables_of(con, lake(), contract))


class Standing(Sources):
    """The register's sources as far as they stand in one temporary table."""

    table: str
    own: dict[str, str]

    def mapped(self, fields: list[str], others: str = "") -> str:
        columns = [
            "CAST(rowid + 1 AS BIGINT) AS rid",
            f"CAST(list_position({self.resource_list()}, resource) - 1 AS TINYINT) AS src",
            *([others] if others else []),
        ]
        for name in fields:
            theirs = self.own.get(name)
            value = quoted(theirs) if theirs else "NULL"
            columns.append(f"TRY_CAST({value} AS {self.declared.element(name).sql_type}) AS {quoted(name)}")
        return f"SELECT {', '.join(columns)} FROM {self.table}"

    @classmethod
    def stated(
        cls, con: duckdb.DuckDBPyConnection, declared: Declared, contract: Contract, rows: Sequence[Stated]
    ) -> Standing:
        """Over what is staged of one resource. Only fields that somebody stated are standardized: the database
        prepares every pattern of a query first, and a contract has hundreds."""
        source = next(s for s in declared.register.sources if s.resource == contract.id)
        told = {name for one in rows for name in one.values} & set(source.map.values())
        fields = [field for field in contract.fields if field.name in told]
        columns = [Column(f.name, standardizer_of(f), quoted(f.header)) for f in fields]
        values = standardize_sql("stage", columns, ["_key", "_as_of"])
        names = "".join(f", {quoted(f.name)}" for f in fields)
        con.execute(
            f"CREATE OR REPLACE TEMP TABLE {STATED} AS "
            f"SELECT {literal(contract.id)} AS resource, _key, _as_of{names} FROM ({values})"
        )
        return cls._over(
            declared, STATED, {name: theirs for name, theirs in source.map.items() if theirs in told}
        )

    @classmethod
    def held(cls, con: duckdb.DuckDBPyConnection, declared: Declared) -> Standing:
        """Over the records of HELD."""
        con.execute(
            f"CREATE OR REPLACE TEMP VIEW held_rows AS SELECT rowid, *, record_key AS _key, as_of AS _as_of FROM {HELD}"
        )
        return cls._over(declared, "held_rows", {f.name: f.name for f in declared.register.fields})

    @classmethod
    def _over(cls, declared: Declared, table: str, own: dict[str, str]) -> Standing:
        made = cls(declared, 0, list(range(len(declared.resources))))
        made.table, made.own = table, own
        return made
