"""Judging a table as it stands, against all of a contract's rules, in one pass.

    table ─ keys, unique fields ──▶ values that several rows have (duplicates)
    table ─ one pass (conditions) ─▶ failing: row, key, bits, suspect values
    failing ─ bits ──▶ reasons, made once for every combination of bits
            └ suspects ──▶ the long way through their elements
    every failing row, its key and all its reasons ──▶ a Parquet or CSV file

A department's warehouse table, a Parquet file somebody sent, or the lake's own table after the rules have
changed: nothing is collected and nothing is changed. Memory is the engine's; failing rows are never capped.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import duckdb

from jingwei.catalog import sql
from jingwei.catalog.contracts import Contract
from jingwei.catalog.sql import identifier
from jingwei.catalog.values import standardizer
from jingwei.collection import balance
from jingwei.collection.connectors.headers import plain
from jingwei.collection.errors import ColumnsMissing
from jingwei.collection.quality import duplicates
from jingwei.collection.quality.conditions import BITS, Conditions, mask_names
from jingwei.collection.quality.errors import NothingToJudge, OutputUnknown, TableUnreadable
from jingwei.collection.quality.scores import dimension_of
from jingwei.collection.standardize import REASONS
from jingwei.engines import lake
from jingwei.engines.duckdb.lake import DuckLake, literal, quoted
from jingwei.kernel.text import Text, language, listed

Progress = Callable[[str, int], None]


@dataclass(frozen=True)
class Count:
    """How many rows one reason holds for."""

    field: str
    code: str
    dimension: str
    text: Text
    rows: int


@dataclass(frozen=True)
class Judgement:
    """`failed` rows of `rows` have something wrong; a row with two reasons counts under both.
    `unjudged` names the rules on resources that were never collected."""

    resource: str
    rows: int
    failed: int
    counts: tuple[Count, ...]
    unjudged: tuple[str, ...]
    out: Path | None
    seconds: float


def judge(
    contract: Contract, table: Path | None = None, out: Path | None = None, progress: Progress | None = None
) -> Judgement:
    """Judges a Parquet file, or the resource's standard table where none is given. `out` gets every failing
    row: `row` (from 1, in the file's order; of the lake's table, the number the lake gave it), `key`, `reasons`."""
    begun = time.monotonic()
    say = progress or (lambda step, rows: None)
    if out is not None and out.suffix.lower() not in WRITERS:
        raise OutputUnknown(path=out)
    engine = lake()
    with engine.read() as con:
        sql.install(con)
        found = _conditions(con, engine, contract, table)
        source, row = _source(engine, contract, table)
        rows = _one(con, f"SELECT count(*) FROM {source}")
        say("unique", rows)
        found = _with_shared(con, found, source, row)
        say("judge", rows)
        _pass(con, found, source, row)
        if found.suspects:
            _prove(con, found)
        failed = _one(con, "SELECT count(*) FROM failing")
        counts = _counts(con, found)
        if out is not None:
            say("write", failed)
            _write(con, found, out)
    unjudged = tuple(found.plan.unjudged)
    return Judgement(contract.id, rows, failed, counts, unjudged, out, time.monotonic() - begun)


def _source(engine: DuckLake, contract: Contract, table: Path | None) -> tuple[str, str]:
    """SQL of the table, and of a row's number in it."""
    if table is None:
        return engine.table("standard", contract.id), "rowid"
    return f"read_parquet({literal(str(table))}, file_row_number = true)", "file_row_number + 1"


def _conditions(
    con: duckdb.DuckDBPyConnection, engine: DuckLake, contract: Contract, table: Path | None
) -> Conditions:
    """The contract over the table's columns and types."""
    if table is None and not engine.exists(con, "standard", contract.id):
        raise NothingToJudge(resource=contract.id)
    source, _ = _source(engine, contract, table)
    try:
        there = balance.columns_of(con, f"SELECT * FROM {source}")
    except duckdb.Error as exc:
        raise TableUnreadable(path=table, why=str(exc).splitlines()[0]) from exc
    cells, given, missing = {}, {}, []
    for field in contract.fields:
        column = _column_of(field.name, field.headers, there)
        if column is None:
            missing.append(field.name)
            continue
        wanted = standardizer(field.element_name).element.sql_type
        given[field.name] = there[column]
        same = there[column] == balance.kind(wanted) or (there[column], wanted) == ("DECIMAL", wanted)
        cells[field.name] = quoted(column) if same else f"TRY_CAST({quoted(column)} AS {wanted})"
    if missing:
        raise ColumnsMissing(missing=listed(missing), present=listed(there))
    return Conditions(contract, cells, given, balance.tables_of(con, engine, contract), {})


def _column_of(name: str, headers: tuple[str, ...], there: dict[str, str]) -> str | None:
    """The table's column for a field: by the field's own name, else by the source's headers."""
    by_plain = {plain(column): column for column in there}
    for wanted in (name, *headers):
        if plain(wanted) in by_plain:
            return by_plain[plain(wanted)]
    return None


def _with_shared(con: duckdb.DuckDBPyConnection, found: Conditions, source: str, row: str) -> Conditions:
    """The same, knowing the rows that share their key, or the value of a unique field, with another."""
    contract, shared = found.contract, {}
    wanted = {"": _key(found)} if contract.keys else {}
    wanted |= {f.name: found.cells[f.name] for f in contract.fields if f.unique and contract.keys != (f,)}
    for index, (field, value) in enumerate(wanted.items()):
        into = f"shared_{index}"
        if duplicates.shared(con, source, row, _key(found), f"CAST({value} AS VARCHAR)", into):
            shared[field] = into
    return replace(found, shared=shared)


def _key(found: Conditions) -> str:
    """The row's key as text over the table's own columns; NULL where a part is missing."""
    parts = [f"CAST({found.cells[f.name]} AS VARCHAR)" for f in found.contract.keys]
    return " || '|' || ".join(parts) or "NULL::VARCHAR"


def _pass(con: duckdb.DuckDBPyConnection, found: Conditions, source: str, row: str) -> None:
    """Fills `failing` with the rows that have a bit set, in the table's order."""
    masks, doubts = (mask_names("m", len(found.reasons)), mask_names("s", len(found.suspects)))
    bits = [*found.masks, *found.doubts]
    if found.in_parts:
        # A column that might differ each time is worked out once, before rows are chosen by it.
        bits[-1] = f"(CAST(random() < -1 AS BIGINT) | {bits[-1].rpartition(' AS ')[0]}) AS {doubts[-1]}"
    reading = found.reading(source, f"{row} AS _row, {_key(found)} AS _key")
    judged = f"SELECT _row, _key, {', '.join([*bits, *found.kept])} FROM ({reading})"
    wrong = " OR ".join(f"{name} <> 0" for name in [*masks, *doubts]) or "false"
    query = f"SELECT * FROM ({judged}) WHERE {wrong}"
    for at, reason in enumerate(found.reasons):
        if reason.rows:
            query = _joined(query, reason.rows, at, masks, doubts, list(found.suspects))
    number = "row_number() OVER () AS _n, " if found.suspects else ""
    con.execute(f"CREATE OR REPLACE TEMP TABLE failing AS SELECT {number}* FROM ({query})")


def _joined(query: str, rows: str, at: int, masks: list[str], doubts: list[str], values: list[str]) -> str:
    """The failing rows together with those of the table `rows`, which get the bit `at`."""
    bits = [
        f"coalesce(f.{name}, 0) | CASE WHEN r._row IS NOT NULL THEN {1 << at % BITS}::BIGINT ELSE 0 END AS {name}"
        if index == at // BITS
        else f"coalesce(f.{name}, 0) AS {name}"
        for index, name in enumerate([*masks, *doubts])
    ]
    kept = [f"f.{identifier(name)}" for name in values]
    columns = ", ".join(
        ["coalesce(f._row, r._row) AS _row", "coalesce(f._key, r._key) AS _key", *bits, *kept]
    )
    return f"SELECT {columns} FROM ({query}) f FULL JOIN {rows} r ON r._row = f._row"


def _prove(con: duckdb.DuckDBPyConnection, found: Conditions) -> None:
    """Fills `proved` with the reasons of suspect values; rows that were suspected wrongly leave `failing`."""
    doubted = " OR ".join(f"{name} <> 0" for name in mask_names("s", len(found.suspects)))
    con.execute("CREATE OR REPLACE TEMP TABLE proved (_n BIGINT, proved " + REASONS + ")")
    con.execute(f"INSERT INTO proved {found.proved(f'(SELECT * FROM failing WHERE {doubted})')}")
    con.execute("DELETE FROM proved WHERE len(proved) = 0")
    clean = " AND ".join(f"{name} = 0" for name in mask_names("m", len(found.reasons))) or "true"
    con.execute(f"DELETE FROM failing WHERE {clean} AND _n NOT IN (SELECT _n FROM proved)")


def _counts(con: duckdb.DuckDBPyConnection, found: Conditions) -> tuple[Count, ...]:
    """Rows by reason, most frequent first."""
    counts = []
    bits = [
        f"count(*) FILTER (m{at // BITS} & {1 << at % BITS}::BIGINT <> 0)" for at in range(len(found.reasons))
    ]
    if bits:
        rows = con.execute(f"SELECT {', '.join(bits)} FROM failing").fetchone() or ()
        counts += [
            Count(reason.field, reason.code, reason.dimension, reason.text, int(n))
            for reason, n in zip(found.reasons, rows, strict=True)
            if n
        ]
    if found.suspects:
        told = con.execute(
            "SELECT r.field, r.code, min(r.zh), min(r.en), count(*) FROM (SELECT unnest(proved) AS r FROM proved)"
            " GROUP BY r.field, r.code"
        ).fetchall()
        counts += [
            Count(f, c, dimension_of(found.contract, f, c), Text(zh, en), n) for f, c, zh, en, n in told
        ]
    return tuple(sorted(counts, key=lambda count: (-count.rows, count.field, count.code)))


def _write(con: duckdb.DuckDBPyConnection, found: Conditions, out: Path) -> None:
    """Every failing row with key and reasons; one line a row."""
    names = mask_names("m", len(found.reasons))
    listed_reasons, joined = f"[]::{REASONS}", "failing f"
    if names:
        con.execute(f"CREATE OR REPLACE TEMP TABLE told AS {found.told('failing')}")
        listed_reasons, joined = (
            "t.told",
            f"failing f JOIN told t ON {' AND '.join(f't.{n} = f.{n}' for n in names)}",
        )
    if found.suspects:
        listed_reasons = f"list_concat({listed_reasons}, p.proved)"
        joined += " LEFT JOIN proved p ON p._n = f._n"
    query = f"SELECT f._row AS row, f._key AS key, {listed_reasons} AS reasons FROM {joined}"
    out.parent.mkdir(parents=True, exist_ok=True)
    con.execute(WRITERS[out.suffix.lower()](query, literal(str(out))))


def _parquet(query: str, path: str) -> str:
    return f"COPY ({query}) TO {path} (FORMAT parquet)"


def _csv(query: str, path: str) -> str:
    """Reasons as codes and as words in the reader's language, for a spreadsheet."""
    words = f"array_to_string(list_transform(reasons, lambda r: concat_ws(' ', nullif(r.field, ''), r.{language()})), '；')"
    codes = (
        "array_to_string(list_transform(reasons, lambda r: concat_ws(':', nullif(r.field, ''), r.code)), ' ')"
    )
    return f"COPY (SELECT row, key, {codes} AS codes, {words} AS reasons FROM ({query})) TO {path} (FORMAT csv, HEADER true)"


WRITERS = {".parquet": _parquet, ".csv": _csv}


def _one(con: duckdb.DuckDBPyConnection, query: str) -> int:
    row: Any = con.execute(query).fetchone()
    return int(row[0]) if row and row[0] is not None else 0
