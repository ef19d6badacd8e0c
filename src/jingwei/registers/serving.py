"""The serving copy: golden records and search keys in the operational store, updated by difference.

    lake golden ─▶ digest an entity ─┬─ differs from the copy ─▶ JSON and keys of those entities
                 digests of the copy ─┘                            │ one transaction, with the build's name
                                                                   ▼
                                                     Entity, SearchKey, ServingState

The lake commits first. If the process dies before the copy has followed, its build is still the
old one, and the next link brings it up to date.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import duckdb
import pyarrow as pa
from django.db import connection, transaction
from django.utils import timezone

from jingwei.catalog.sql import identifier as quoted
from jingwei.catalog.sql import quoted as literal
from jingwei.registers import keys
from jingwei.registers.linking import Built, golden_table
from jingwei.registers.models import ServingState
from jingwei.registers.sources import Declared

BATCH = 20_000
EPOCH = date(1970, 1, 1)
RECORDS = "_records"


@dataclass(frozen=True)
class Difference:
    """How the copy changed, in entities."""

    new: int
    changed: int
    removed: int
    unchanged: int


def keys_version(declared: Declared) -> str:
    """Names how keys are made and records packed; another version means making all of them anew."""
    search = declared.register.search.model_dump_json() + declared.register.card.model_dump_json()
    fields = [f.name for f in declared.register.fields]
    text = "|".join([keys.VERSION, search, *fields, "#", *declared.resources])
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def packed_sql(declared: Declared, alias: str = "g") -> str:
    """SQL of the compact JSON: `{"field": [value, source number, day, differs], "_records": n}`; empty fields left out."""
    resources = "[" + ", ".join(literal(name) for name in declared.resources) + "]"
    pieces = []
    for field in declared.register.fields:
        name = quoted(field.name)
        value, origin = f"{alias}.{name}", f"{alias}._from.{name}"
        pieces.append(
            f"CASE WHEN {value} IS NULL THEN NULL ELSE {literal(json.dumps(field.name) + ':[')} || {_json(value, declared.element(field.name).type, several=field.multiple)} || ',' "
            f"|| (list_position({resources}, {origin}.source) - 1) || ',' "
            f"|| coalesce(CAST(date_diff('day', DATE '1970-01-01', {origin}.as_of) AS VARCHAR), 'null') || ',' "
            f"|| CASE WHEN {origin}.differs THEN '1' ELSE '0' END || ']' END"
        )
    return f"'{{' || concat_ws(',', {', '.join(pieces)}, '\"{RECORDS}\":' || {alias}.{RECORDS}) || '}}'"


def line_fields(declared: Declared) -> list[str]:
    """The fields of a candidate's line, in the order `line` holds them: name, identifier, facts."""
    card = declared.register.card
    return [card.name, *([card.identifier] if card.identifier else []), *(fact.field for fact in card.facts)]


def line_sql(declared: Declared, alias: str = "g") -> str:
    """SQL of the JSON list of the card's values as text."""
    texts = []
    for name in line_fields(declared):
        value = f"{alias}.{quoted(name)}"
        several = declared.register.field(name).multiple
        texts.append(f"array_to_string({value}, '、')" if several else f"CAST({value} AS VARCHAR)")
    return f"CAST(to_json([{', '.join(texts)}]) AS VARCHAR)"


def _json(value: str, kind: str, *, several: bool) -> str:
    """SQL of a value as JSON; text that needs no escaping, nearly all of it, is only put in quotes."""
    if kind == "date" and not several:
        return f"'\"' || {value} || '\"'"
    if kind == "string" and not several:
        unsafe = f"regexp_matches({value}, '[\\x00-\\x1f\"\\\\]')"
        return f"CASE WHEN {unsafe} THEN CAST(to_json({value}) AS VARCHAR) ELSE '\"' || {value} || '\"' END"
    return f"to_json({value})"


@dataclass(frozen=True)
class Unpacked:
    """One field of a packed record."""

    value: Any
    source: str
    as_of: date | None
    differs: bool


def unpack(golden: str, sources: Sequence[str]) -> dict[str, Unpacked]:
    found = {}
    for name, entry in json.loads(golden).items():
        if name == RECORDS:
            continue
        value, source, day, differs = entry
        as_of = None if day is None else EPOCH + timedelta(days=day)
        found[name] = Unpacked(value, sources[source], as_of, bool(differs))
    return found


def update(con: duckdb.DuckDBPyConnection, declared: Declared, built: Built) -> Difference:
    """Brings the copy to the build; nothing is read or written where it is there already."""
    state = ServingState.objects.filter(register=declared.name).first()
    version = keys_version(declared)
    if state and state.build == built.build and state.keys_version == version:
        return Difference(0, 0, 0, state.entities)
    afresh = state is None or state.keys_version != version
    golden = golden_table(declared.name)
    with transaction.atomic():
        _load_served(con, declared.name)
        con.execute(
            f"CREATE OR REPLACE TEMP TABLE fresh AS SELECT entity_id, CAST(hash(g, {literal(version)}) >> 1 AS BIGINT) AS digest "
            f"FROM {golden} g"
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
            "WHERE f.digest IS DISTINCT FROM s.digest"
        )
        _remove(con, declared, afresh=afresh)
        _add(con, declared, afresh=afresh)
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
        con.execute("DROP TABLE served; DROP TABLE fresh; DROP TABLE gone; DROP TABLE come")
    return Difference(new, changed, removed, unchanged)


def _load_served(con: duckdb.DuckDBPyConnection, register: str) -> None:
    """Temporary table `served` (entity_id, digest) from the operational store."""
    con.execute("CREATE OR REPLACE TEMP TABLE served (entity_id VARCHAR, digest BIGINT)")
    with connection.cursor() as cursor:
        cursor.execute("SELECT entity_id, digest FROM registers_entity WHERE register = %s", [register])
        while rows := cursor.fetchmany(200_000):
            ids, digests = zip(*rows, strict=True)
            con.register(
                "served_rows", pa.table({"entity_id": pa.array(ids), "digest": pa.array(digests, pa.int64())})
            )
            con.execute("INSERT INTO served FROM served_rows")
            con.unregister("served_rows")


def _search_columns(declared: Declared, packed: str | None = None) -> str:
    """The search fields as lists of text, from the lake's columns or from a packed record."""
    columns = []
    for name in keys.fields_of(declared.register.search):
        multiple = declared.register.field(name).multiple
        if packed is None:
            listed = (
                f"CAST({quoted(name)} AS VARCHAR[])" if multiple else f"[CAST({quoted(name)} AS VARCHAR)]"
            )
        elif multiple:
            listed = f"CAST(json_extract({packed}, '$.\"{name}\"[0]') AS VARCHAR[])"
        else:
            listed = f"[json_extract_string({packed}, '$.\"{name}\"[0]')]"
        columns.append(f"{listed} AS {quoted(name)}")
    return ", ".join(["entity_id", *columns])


def _remove(con: duckdb.DuckDBPyConnection, declared: Declared, *, afresh: bool) -> None:
    """Takes out entities that changed or went, and their keys (made again from the record that is leaving)."""
    name = declared.name
    with connection.cursor() as cursor:
        if afresh:
            cursor.execute("DELETE FROM registers_searchkey WHERE register = %s", [name])
        leaving = con.execute("SELECT entity_id FROM gone ORDER BY entity_id").fetchall()
        if not leaving:
            return
        if not afresh:
            con.execute("CREATE OR REPLACE TEMP TABLE leaving (entity_id VARCHAR, packed VARCHAR)")
            for start in range(0, len(leaving), 500):
                some = [entity for (entity,) in leaving[start : start + 500]]
                marks = ", ".join(["%s"] * len(some))
                cursor.execute(
                    f"SELECT entity_id, golden FROM registers_entity WHERE register = %s AND entity_id IN ({marks})",
                    [name, *some],
                )
                ids, packed = zip(*cursor.fetchall(), strict=True)
                con.register(
                    "leaving_rows", pa.table({"entity_id": pa.array(ids), "packed": pa.array(packed)})
                )
                con.execute("INSERT INTO leaving FROM leaving_rows")
                con.unregister("leaving_rows")
            con.execute(
                f"CREATE OR REPLACE TEMP TABLE leaving_golden AS SELECT {_search_columns(declared, 'packed')}, "
                f"CAST(json_extract(packed, '$.{RECORDS}') AS INTEGER) AS _records FROM leaving"
            )
            keys.make_keys(con, declared.register.search, "leaving_golden", "leaving_keys")
            for rows in _batches(con.execute("FROM leaving_keys")):
                cursor.executemany(
                    "DELETE FROM registers_searchkey WHERE register = %s AND kind = %s AND key = %s AND rank = %s AND entity_id = %s",
                    [(name, *row) for row in rows],
                )
            con.execute("DROP TABLE leaving; DROP TABLE leaving_golden; DROP TABLE leaving_keys")
        cursor.executemany(
            "DELETE FROM registers_entity WHERE register = %s AND entity_id = %s",
            [(name, e) for (e,) in leaving],
        )


def _add(con: duckdb.DuckDBPyConnection, declared: Declared, *, afresh: bool) -> None:
    """Puts in the entities that came, in the order of the primary keys."""
    name, now, golden = declared.name, timezone.now(), golden_table(declared.name)
    changed = f"FROM {golden} g JOIN come c ON c.entity_id = g.entity_id"
    with connection.cursor() as cursor:
        query = f"SELECT g.entity_id, {line_sql(declared)}, {packed_sql(declared)}, c.digest {changed} ORDER BY g.entity_id"
        for rows in _batches(con.execute(query)):
            cursor.executemany(
                "INSERT INTO registers_entity (register, entity_id, line, golden, digest, updated)"
                " VALUES (%s, %s, %s, %s, %s, %s)",
                [(name, *row, now) for row in rows],
            )
        columns = _search_columns(declared).replace("entity_id", "g.entity_id", 1)
        source = f"{golden} g" if afresh else changed.removeprefix("FROM ")
        con.execute(f"CREATE OR REPLACE TEMP TABLE coming AS SELECT {columns}, g._records FROM {source}")
        keys.make_keys(con, declared.register.search, "coming", "coming_keys")
        con.execute("DROP TABLE coming")
        for rows in _batches(con.execute("FROM coming_keys ORDER BY kind, key, rank, entity_id")):
            cursor.executemany(
                "INSERT INTO registers_searchkey (register, kind, key, rank, entity_id) VALUES (%s, %s, %s, %s, %s)",
                [(name, *row) for row in rows],
            )
        con.execute("DROP TABLE coming_keys")


def _batches(result: duckdb.DuckDBPyConnection) -> Iterator[list[tuple[Any, ...]]]:
    while rows := result.fetchmany(BATCH):
        yield rows
