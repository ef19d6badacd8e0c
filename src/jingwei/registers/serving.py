"""The serving copy: golden records and search keys in the operational store, updated by difference.

    candidates (all · those a link touched · those a statement names)
        │ digest of the golden row against the digest in the copy
        ▼
    gone, come ─▶ their JSON and keys, in one transaction ─▶ Entity, SearchKey, ServingState

The lake commits first. If the process dies before the copy has followed, its build is still the
old one, and the next link brings it up to date.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import duckdb
import pyarrow as pa
from django.db import connection, transaction
from django.utils import timezone

from jingwei.catalog.sql import quoted as literal
from jingwei.engines import lake
from jingwei.registers import keys, packing
from jingwei.registers.linking import BUILDS, Built, golden_table
from jingwei.registers.models import ServingState, Statement
from jingwei.registers.sources import Declared

BATCH = 20_000
ASKED_AT_ONCE = 500
ENTITIES_AT_ONCE = 200_000
PAGES_KILOBYTES = 262_144
TEMPORARY = ("candidates", "served", "fresh", "gone", "come")


@dataclass(frozen=True)
class Difference:
    """How the copy changed, in entities."""

    new: int
    changed: int
    removed: int
    unchanged: int


def update(con: duckdb.DuckDBPyConnection, declared: Declared, built: Built) -> Difference:
    """Brings the copy to the build; nothing is read or written where it is there already.

    Where the link says which entities it touched, and the copy shows the build before it, only these are
    looked at, and those that statements renewed meanwhile.
    """
    state = ServingState.objects.filter(register=declared.name).first()
    version = packing.version(declared)
    if state and state.build == built.build and state.keys_version == version:
        return Difference(0, 0, 0, state.entities)
    with transaction.atomic():
        if state is None or state.keys_version != version:
            _load_served(con, declared.name)
            with _room():
                difference = _replace(con, declared, golden_table(declared.name), afresh=True)
        else:
            touched = getattr(built, "touched", None)
            if touched and _before(con, declared.name) == state.build:
                _candidates(con, declared.name, touched, state)
                _load_candidates(con, declared.name)
                golden = (
                    f"(SELECT * FROM {golden_table(declared.name)} SEMI JOIN candidates USING (entity_id))"
                )
                con.execute(f"CREATE OR REPLACE TEMP TABLE candidate_golden AS FROM {golden}")
                difference = _replace(con, declared, "candidate_golden")
                con.execute("DROP TABLE candidate_golden")
                left = built.entities - difference.new - difference.changed
                difference = Difference(difference.new, difference.changed, difference.removed, left)
            else:
                _load_served(con, declared.name)
                difference = _replace(con, declared, golden_table(declared.name))
        ServingState.objects.update_or_create(
            register=declared.name,
            defaults={
                "build": built.build,
                "snapshot": built.snapshot,
                "sources": declared.resources,
                "keys_version": version,
                "entities": built.entities,
                "updated": timezone.now(),
            },
        )
    return difference


def renew(
    con: duckdb.DuckDBPyConnection, declared: Declared, golden: str, entities: Sequence[str]
) -> Difference:
    """Puts the rows of `golden` (a table or view with the columns of the register's golden table) in the place
    of exactly these entities; one that `golden` does not hold is taken out.

    Runs in the caller's transaction and on any connection. The copy keeps the name of its build: the next
    link compares these entities again.
    """
    con.execute("CREATE OR REPLACE TEMP TABLE candidates (entity_id VARCHAR)")
    con.execute("INSERT INTO candidates SELECT DISTINCT unnest(?)", [list(entities)])
    with transaction.atomic():
        _load_candidates(con, declared.name)
        wanted = f"(SELECT * FROM {golden} SEMI JOIN candidates USING (entity_id))"
        con.execute(f"CREATE OR REPLACE TEMP TABLE candidate_golden AS FROM {wanted}")
        difference = _replace(con, declared, "candidate_golden")
        con.execute("DROP TABLE candidate_golden")
        state = ServingState.objects.filter(register=declared.name).first()
        if state is not None and difference.new != difference.removed:
            state.entities += difference.new - difference.removed
            state.save(update_fields=["entities"])
    return difference


@contextmanager
def _room() -> Iterator[None]:
    """Memory for the pages of a whole copy, so that they are written once and not at every split."""
    if connection.vendor != "sqlite":
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA cache_size")
        (before,) = cursor.fetchone()
        cursor.execute(f"PRAGMA cache_size = -{PAGES_KILOBYTES}")
        try:
            yield
        finally:
            cursor.execute(f"PRAGMA cache_size = {before}")


def _before(con: duckdb.DuckDBPyConnection, register: str) -> str | None:
    """The build before the newest: what `touched` is told against."""
    rows = con.execute(
        f"SELECT build FROM {lake().table('register', BUILDS)} WHERE register = ? ORDER BY built DESC LIMIT 2",
        [register],
    ).fetchall()
    return rows[1][0] if len(rows) > 1 else None


def _candidates(con: duckdb.DuckDBPyConnection, register: str, touched: str, state: ServingState) -> None:
    con.execute(f"CREATE OR REPLACE TEMP TABLE candidates AS SELECT DISTINCT entity_id FROM {touched}")
    said = Statement.objects.filter(register=register, at__gte=state.updated)
    ids = list(said.values_list("entity_id", flat=True).distinct())
    con.execute("INSERT INTO candidates SELECT unnest(?::VARCHAR[]) EXCEPT FROM candidates", [ids])


def _new_served(con: duckdb.DuckDBPyConnection) -> None:
    con.execute("CREATE OR REPLACE TEMP TABLE served (entity_id VARCHAR, digest BIGINT)")


def _load_served(con: duckdb.DuckDBPyConnection, register: str) -> None:
    """Temporary table `served` (entity_id, digest): all of the register in the operational store."""
    _new_served(con)
    with connection.cursor() as cursor:
        cursor.execute("SELECT entity_id, digest FROM registers_entity WHERE register = %s", [register])
        while rows := cursor.fetchmany(200_000):
            _fill(con, "served", rows)


def _load_candidates(con: duckdb.DuckDBPyConnection, register: str) -> None:
    """Temporary table `served` of the candidates alone."""
    _new_served(con)
    ids = [one for (one,) in con.execute("SELECT entity_id FROM candidates ORDER BY entity_id").fetchall()]
    for _, rows in _asked(register, ids, "entity_id, digest"):
        _fill(con, "served", rows)


def _asked(
    register: str, ids: Sequence[str], columns: str
) -> Iterator[tuple[Sequence[str], list[tuple[Any, ...]]]]:
    """The rows of these entities in the copy, some hundreds at a time."""
    with connection.cursor() as cursor:
        for start in range(0, len(ids), ASKED_AT_ONCE):
            some = ids[start : start + ASKED_AT_ONCE]
            marks = ", ".join(["%s"] * len(some))
            cursor.execute(
                f"SELECT {columns} FROM registers_entity WHERE register = %s AND entity_id IN ({marks})",
                [register, *some],
            )
            yield some, cursor.fetchall()


def _fill(con: duckdb.DuckDBPyConnection, table: str, rows: Sequence[Sequence[Any]]) -> None:
    if not rows:
        return
    names = [row[0] for row in con.execute(f"DESCRIBE {table}").fetchall()]
    columns = dict(zip(names, map(pa.array, zip(*rows, strict=True)), strict=True))
    con.register("filling_rows", pa.table(columns))
    con.execute(f"INSERT INTO {table} FROM filling_rows")
    con.unregister("filling_rows")


def _replace(
    con: duckdb.DuckDBPyConnection, declared: Declared, golden: str, *, afresh: bool = False
) -> Difference:
    """Makes the copy of the entities in `served` and `golden` what `golden` says."""
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE fresh AS SELECT entity_id, {packing.digest_sql(declared)} AS digest FROM {golden} g"
    )
    row = con.execute(
        "SELECT count(*) FILTER (s.entity_id IS NULL), count(*) FILTER (f.entity_id IS NULL), "
        "count(*) FILTER (f.digest <> s.digest), count(*) FILTER (f.digest = s.digest) "
        "FROM fresh f FULL JOIN served s ON s.entity_id = f.entity_id"
    ).fetchone()
    new, removed, changed, unchanged = row or (0, 0, 0, 0)
    con.execute(
        "CREATE OR REPLACE TEMP TABLE gone AS SELECT s.entity_id FROM served s LEFT JOIN fresh f USING (entity_id) "
        "WHERE f.digest IS DISTINCT FROM s.digest"
    )
    con.execute(
        "CREATE OR REPLACE TEMP TABLE come AS SELECT f.entity_id, f.digest FROM fresh f LEFT JOIN served s USING (entity_id) "
        f"WHERE {'TRUE' if afresh else 'f.digest IS DISTINCT FROM s.digest'}"
    )
    con.execute("DROP TABLE served; DROP TABLE fresh")
    _remove(con, declared, afresh=afresh)
    _add(con, declared, golden)
    for table in TEMPORARY:
        con.execute(f"DROP TABLE IF EXISTS {table}")
    return Difference(new, changed, removed, unchanged)


def _remove(con: duckdb.DuckDBPyConnection, declared: Declared, *, afresh: bool) -> None:
    """Takes out entities that changed or went, and their keys (made again from the record that is leaving)."""
    name = declared.name
    with connection.cursor() as cursor:
        if afresh:
            cursor.execute("DELETE FROM registers_searchkey WHERE register = %s", [name])
            cursor.execute("DELETE FROM registers_entity WHERE register = %s", [name])
            return
    leaving = [one for (one,) in con.execute("SELECT entity_id FROM gone ORDER BY entity_id").fetchall()]
    if not leaving:
        return
    con.execute("CREATE OR REPLACE TEMP TABLE leaving (entity_id VARCHAR, packed VARCHAR)")
    for _, rows in _asked(name, leaving, "entity_id, golden"):
        _fill(con, "leaving", rows)
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE leaving_golden AS SELECT {packing.search_columns(declared, 'packed')} FROM leaving"
    )
    with connection.cursor() as cursor:
        for kind, select in keys.selects(con, declared.register.search, "leaving_golden").items():
            for rows in _batches(con.execute(select)):
                if kind == keys.VARIANT:
                    # A way to misspell a name goes with the last who bears the name.
                    cursor.executemany(
                        "DELETE FROM registers_searchkey WHERE register = %s AND kind = %s AND key = %s AND NOT EXISTS "
                        "(SELECT 1 FROM registers_searchkey WHERE register = %s AND kind = %s AND key = %s)",
                        [(name, kind, row[0], name, keys.NAME, keys.varied(row[0])) for row in rows],
                    )
                else:
                    cursor.executemany(
                        "DELETE FROM registers_searchkey WHERE register = %s AND kind = %s AND key = %s AND rank = %s AND entity_id = %s",
                        [(name, kind, *row) for row in rows],
                    )
        cursor.executemany(
            "DELETE FROM registers_entity WHERE register = %s AND entity_id = %s",
            [(name, entity) for entity in leaving],
        )
    con.execute("DROP TABLE leaving; DROP TABLE leaving_golden")


def _add(con: duckdb.DuckDBPyConnection, declared: Declared, golden: str) -> None:
    """Puts in the entities that came, in the order of the primary keys: each insert lands at the end of its page."""
    name = declared.name
    now = connection.ops.adapt_datetimefield_value(timezone.now())
    line, packed = packing.line_sql(declared), packing.packed_sql(declared)
    coming = f"{golden} g JOIN come c ON c.entity_id = g.entity_id"
    with connection.cursor() as cursor:
        for where in _ranges(con):
            query = f"SELECT g.entity_id, {line}, {packed}, c.digest FROM {coming} WHERE {where} ORDER BY g.entity_id"
            for rows in _batches(con.execute(query)):
                cursor.executemany(
                    "INSERT INTO registers_entity (register, entity_id, line, golden, digest, updated)"
                    " VALUES (%s, %s, %s, %s, %s, %s)",
                    [(name, *row, now) for row in rows],
                )
        con.execute(
            f"CREATE OR REPLACE TEMP TABLE coming AS SELECT {packing.search_columns(declared)} FROM {golden} SEMI JOIN come USING (entity_id)"
        )
        for kind, select in keys.selects(con, declared.register.search, "coming").items():
            # Rows go from one database to the other as they are: at millions, putting two constants before each
            # of them in Python costs as much as the insert.
            constants = f"{literal(name)}, {literal(kind)}"
            for rows in _batches(con.execute(f"{select} ORDER BY key, rank, entity_id")):
                cursor.executemany(
                    "INSERT INTO registers_searchkey (register, kind, key, rank, entity_id) "
                    f"VALUES ({constants}, %s, %s, %s) ON CONFLICT DO NOTHING",
                    rows,
                )
    con.execute("DROP TABLE coming")


def _ranges(con: duckdb.DuckDBPyConnection) -> list[str]:
    """Conditions that cut the coming entities, in their order, into parts that are sorted in memory."""
    row = con.execute("SELECT count(*) FROM come").fetchone()
    parts = -(-(row[0] if row else 0) // ENTITIES_AT_ONCE)
    if parts < 2:
        return ["TRUE"]
    found = con.execute(
        f"SELECT quantile_disc(entity_id, {[part / parts for part in range(1, parts)]}) FROM come"
    ).fetchone()
    edges: list[str | None] = [None, *(found[0] if found else []), None]
    conditions = []
    for low, high in pairwise(edges):
        both = [f"g.entity_id >= {literal(low)}"] if low else []
        both += [f"g.entity_id < {literal(high)}"] if high else []
        conditions.append(" AND ".join(both))
    return conditions


def _batches(result: duckdb.DuckDBPyConnection) -> Iterator[list[tuple[Any, ...]]]:
    while rows := result.fetchmany(BATCH):
        yield rows
