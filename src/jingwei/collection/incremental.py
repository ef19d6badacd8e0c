"""Reading only what is new: where to go on, and how it is made sure that nothing was missed.

    last run's cursor ─ lookback ─▶ since ─▶ rows at or after it ─▶ new cursor (never past the source's clock)
    source's count = lake + quarantine?  ─ no ─▶ all keys compared ─▶ late rows fetched, gone keys removed

A cursor alone loses rows: stamped before they were committed, written after a clock jumped, deleted. So
rows are read again from a little earlier, a source whose clock went back is read whole, and every run
compares how many rows there are; where that differs (and once a week) all keys are compared.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import duckdb
import pyarrow as pa
from django.utils import timezone

from jingwei.catalog.contract_properties import back
from jingwei.catalog.contracts import Contract
from jingwei.catalog.sql import identifier
from jingwei.collection import key_comparison, landing, sources
from jingwei.collection.balance import Way, one
from jingwei.collection.connectors.base import CHANGES, CURSOR, Changes, Part, Reader, Source, for_format
from jingwei.collection.connectors.headers import plain
from jingwei.collection.connectors.resolve import open_source
from jingwei.collection.errors import CursorColumn, NotIncremental
from jingwei.collection.listing import prepare
from jingwei.collection.models import Run
from jingwei.collection.standardize import Plan
from jingwei.engines.duckdb.lake import DuckLake, literal, quoted
from jingwei.kernel.text import listed

KEYS_EVERY = timedelta(days=7)
FETCHED = 100_000
"""So many late rows are fetched by their keys; where there are more, the whole table is read."""


@dataclass(frozen=True)
class Reading:
    """How this run reads: `since` is the text the cursor goes on from, None where all is read."""

    source: Source
    kind: str
    way: Way
    column: str | None = None
    since: str | None = None
    through: str | None = None
    clock: datetime | None = None

    @property
    def whole(self) -> Reading:
        """The same, reading everything."""
        way = replace(self.way, complete=True)
        return replace(self, source=replace(self.source, part=None), kind=Run.FULL, way=way, since=None)


def plan_reading(contract: Contract, location: str | None) -> Reading:
    """What to read now; raises NotIncremental where the source cannot be asked for a part."""
    source = sources.source_of(contract, location)
    if location is not None or contract.refresh in ("upsert", "full"):
        complete = contract.refresh == "full"
        return Reading(source, Run.FULL, Way(complete=complete))
    connector = for_format(source.format)
    if contract.refresh == "changes" and contract.changes:
        _able(connector, CHANGES, source, contract)
        changes = contract.changes
        asked = Changes(changes.sequence, changes.acknowledge, changes.acknowledged)
        last = _last(contract.id, changes.sequence) if changes.acknowledge is None else None
        since = last.facts["cursor"]["through"] if last else None
        part = Part(cursor=changes.sequence, since=since, changes=asked)
        return Reading(
            replace(source, part=part), Run.CHANGES, Way(changes=changes), changes.sequence, since, since
        )
    assert contract.cursor is not None
    _able(connector, CURSOR, source, contract)
    column = contract.cursor.column
    last = _last(contract.id, column)
    if last is None:
        complete = contract.deletions == "keys"
        return Reading(source, Run.FULL, Way(complete=complete), column)
    through = last.facts["cursor"]["through"]
    clock = datetime.fromisoformat(last.facts["clock"]) if last.facts.get("clock") else None
    since = before(through, contract.cursor.lookback)
    part = Part(cursor=column, since=since)
    return Reading(replace(source, part=part), Run.INCREMENTAL, Way(), column, since, through, clock)


def part_asked(contract: Contract) -> Part | None:
    """The columns and rights a contract's reading needs at its source, for a check of the configuration."""
    if contract.refresh == "changes" and contract.changes:
        changes = contract.changes
        asked = Changes(changes.sequence, changes.acknowledge, changes.acknowledged)
        return Part(cursor=changes.sequence, changes=asked)
    return (
        Part(cursor=contract.cursor.column) if contract.refresh == "incremental" and contract.cursor else None
    )


def _able(connector: Any, capability: str, source: Source, contract: Contract) -> None:
    if connector is None or capability not in connector.capabilities:
        raise NotIncremental(format=source.format, refresh=contract.refresh)


def _last(resource: str, column: str) -> Run | None:
    """The newest run that noted how far this cursor came."""
    done = Run.objects.filter(resource=resource, state=Run.DONE, facts__cursor__column=column)
    return done.exclude(facts__cursor__through=None).first()


def before(through: str, lookback: str) -> str:
    """The cursor's value a lookback earlier; text that is neither time nor number stays."""
    step = back(lookback)
    if not step:
        return through
    try:
        if through.lstrip("-").isdigit():
            return str(int(through) - int(step))
        moment = datetime.fromisoformat(through) - timedelta(seconds=step)
    except (ValueError, OverflowError):
        return through
    return moment.date().isoformat() if len(through) == 10 and "T" not in through else moment.isoformat(" ")


@contextmanager
def opened(reading: Reading, facts: dict[str, Any]) -> Iterator[tuple[Reading, Reader]]:
    """The source opened. One whose clock went back since the last run is read whole: rows written in between
    may bear a time that was passed already."""
    with open_source(reading.source) as reader:
        now = reader.clock
        backwards = (
            now is not None and reading.clock is not None and now < reading.clock - timedelta(seconds=1)
        )
        if not backwards:
            yield reading, reader
            return
        facts["clock_went_back"] = {"before": str(reading.clock), "now": str(now)}
    whole = reading.whole
    with open_source(whole.source) as reader:
        yield whole, reader


def through(con: duckdb.DuckDBPyConnection, reading: Reading, reader: Reader) -> dict[str, Any]:
    """The cursor as of this run: the greatest value read that is not ahead of the source's own clock."""
    header = next((h for h in reader.columns if h.casefold() == str(reading.column).casefold()), None)
    if header is None:
        raise CursorColumn(column=reading.column, present=listed(reader.columns))
    cell = quoted(header)
    numbers, times, values = con.execute(
        f"SELECT count(TRY_CAST({cell} AS HUGEINT)), count(TRY_CAST({cell} AS TIMESTAMP)), count({cell}) FROM stage"
    ).fetchone() or (0, 0, 0)
    if not values:
        return {"column": reading.column, "through": reading.through}
    limit, ahead = "true", 0
    if numbers == values:
        order = f"TRY_CAST({cell} AS HUGEINT)"
    elif times == values:
        order = f"TRY_CAST({cell} AS TIMESTAMP)"
        if reader.clock is not None:
            clock = _as_printed(con, cell, reader.clock).isoformat(" ")
            limit = f"{order} <= TIMESTAMP {literal(clock)}"
            ahead = one(con, f"SELECT count(*) FROM stage WHERE NOT ({limit})")
    else:
        order = cell
    row = con.execute(f"SELECT arg_max({cell}, {order}) FILTER ({limit}) FROM stage").fetchone()
    found = row[0] if row else None
    if reading.through is not None and found is not None:
        # What is read again from before the last value must not take the cursor back.
        (later,) = con.execute(
            f"SELECT arg_max(v, o) FROM (SELECT {cell} AS v, {order} AS o FROM (SELECT {literal(found)} AS {cell}"
            f" UNION ALL SELECT {literal(reading.through)}))"
        ).fetchone() or (found,)
        found = later
    noted = {"column": reading.column, "through": found if found is not None else reading.through}
    return {**noted, "ahead": ahead} if ahead else noted


def _as_printed(con: duckdb.DuckDBPyConnection, cell: str, clock: datetime) -> datetime:
    """The source's time as its cursor reads once cast: in UTC where values bear an offset, else in its own zone."""
    offsets = one(
        con,
        f"SELECT count(*) FROM stage WHERE regexp_matches({cell}, '([+-][0-9]{{2}}(:?[0-9]{{2}})?|Z)$') AND {cell} LIKE '%:%'",
    )
    return (clock.astimezone(UTC) if offsets else clock).replace(tzinfo=None)


@dataclass(frozen=True)
class Missed:
    """What comparing all keys brought to light: late rows (appended to `stage`), or too many of them."""

    late: int
    whole: bool


def amiss(con: duckdb.DuckDBPyConnection, engine: DuckLake, plan: Plan, run: Run, reader: Reader) -> bool:
    """Whether all keys have to be compared: the source counts other than lake and quarantine together, or the
    last comparison is a week old. Notes the counts."""
    if reader.total is None:
        return False
    contract = plan.contract
    current = engine.table("standard", contract.id)
    table = prepare_list(con, engine)
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE astray AS SELECT key, reasons FROM {table}"
        f" WHERE resource = {literal(contract.id)} AND closed_by IS NULL AND NOT accepted"
        " AND (key IS NULL OR key NOT IN (SELECT key FROM bad WHERE key IS NOT NULL))"
        " UNION ALL SELECT key, reasons FROM bad"
    )
    twice = "list_contains(list_transform(reasons, lambda r: r.code), 'duplicate-key')"
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE met AS SELECT _key FROM {current} SEMI JOIN astray ON astray.key = _key"
        " UNION SELECT _key FROM good SEMI JOIN astray ON astray.key = _key"
    )
    con.execute(f"DELETE FROM astray WHERE key IN (SELECT _key FROM met) AND NOT {twice}")
    there = one(con, f"SELECT count(*) FROM {current}") + one(
        con, "SELECT count(*) FROM fate WHERE what = 'new'"
    )
    strays = one(con, "SELECT count(*) FROM astray")
    done = Run.objects.filter(resource=run.resource, state=Run.DONE)
    last = done.filter(facts__has_key="keys_compared").first()
    surplus = last.facts["keys_compared"].get("surplus", 0) if last else 0
    run.facts["source_rows"] = {"said": reader.total, "known": there + strays}
    old = last is None or timezone.now() - last.started > KEYS_EVERY
    whole = done.filter(kind=Run.FULL).first()
    if old and whole is not None and timezone.now() - whole.started <= KEYS_EVERY:
        old = False
    return reader.total != there + strays + surplus or old


def prepare_list(con: duckdb.DuckDBPyConnection, engine: DuckLake) -> str:
    """The quarantine's list; a select of nothing where there is none yet."""
    if engine.exists(con, "quarantine", "rows"):
        return engine.table("quarantine", "rows")
    return "(SELECT ''::VARCHAR AS resource, ''::VARCHAR AS key, []::STRUCT(code VARCHAR)[] AS reasons, ''::VARCHAR AS closed_by, false AS accepted WHERE false)"


def compare_keys(
    con: duckdb.DuckDBPyConnection, engine: DuckLake, plan: Plan, reading: Reading, run: Run
) -> Missed:
    """Reads all keys of the source and fetches the rows that neither lake nor quarantine know."""
    headers = [plan.headers[field.name] for field in plan.contract.keys]
    keys = replace(reading.source, part=Part(columns=tuple(headers)))
    with open_source(keys) as reader:
        count = key_comparison.read(con, reader, headers)
    run.facts["keys_compared"] = {"keys": count, "late": 0}
    current = engine.table("standard", plan.contract.id)
    # `fate` is empty where nothing is stored: then every row is new
    beside = (
        "SELECT _key FROM fate WHERE what = 'new' UNION SELECT _key FROM good WHERE NOT EXISTS (FROM fate)"
        " UNION SELECT key FROM astray WHERE key IS NOT NULL AND key NOT IN (SELECT _key FROM met)"
    )
    key_comparison.compare(con, plan, headers, current, beside)
    late = key_comparison.late(con)
    run.facts["keys_compared"]["late"] = late
    if late > FETCHED:
        return Missed(late, whole=True)
    if late:
        cells = ", ".join(identifier(header) for header in headers)
        wanted = con.execute(f"SELECT {cells} FROM source_cells WHERE _n IN (SELECT _n FROM late)").fetchall()
        rows = replace(
            reading.source,
            part=Part(key=tuple(headers), keys=tuple(tuple(map(str, row)) for row in wanted)),
        )
        with open_source(rows) as reader:
            _load(con, "fetched", reader, list(reader.columns))
        first = one(con, "SELECT max(_n) FROM stage") + 1
        con.execute(f"UPDATE fetched SET _n = _n + {first}")
        late = one(con, "SELECT count(*) FROM fetched")
        landing.append(con, "fetched")
    return Missed(late, whole=False)


def _load(con: duckdb.DuckDBPyConnection, table: str, reader: Reader, headers: list[str]) -> None:
    """A reader's rows as the temporary table (`_n`, `_row`, the headers)."""
    wanted = {plain(header): header for header in headers}
    mapping = {column: wanted[plain(column)] for column in reader.columns if plain(column) in wanted}
    schema = pa.schema([("_row", pa.int64()), *((column, pa.utf8()) for column in reader.columns)])

    def rows() -> Iterator[pa.RecordBatch]:
        for batch in reader.batches():
            yield batch.rows

    con.register("incoming_cells", pa.RecordBatchReader.from_batches(schema, rows()))
    cells = ", ".join(f"{identifier(c)} AS {identifier(h)}" for c, h in mapping.items())
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE {table} AS SELECT row_number() OVER () AS _n, _row, {cells} FROM incoming_cells"
    )
    con.unregister("incoming_cells")


def remove_gone(
    con: duckdb.DuckDBPyConnection, engine: DuckLake, plan: Plan, run: Run, reader: Reader, late: int
) -> int:
    """Fills `gone` with stored keys the source no longer has, and `settled` with entries about such rows."""
    contract = plan.contract
    con.execute("INSERT INTO gone SELECT _key FROM absent WHERE _key NOT IN (SELECT _key FROM good)")
    removed = one(con, "SELECT count(*) FROM gone")
    table = prepare(con, engine) if engine.exists(con, "quarantine", "rows") else None
    if table:
        con.execute(
            f"CREATE OR REPLACE TEMP TABLE settled AS SELECT run, row, original FROM {table}"
            f" WHERE resource = {literal(contract.id)} AND closed_by IS NULL AND key IS NOT NULL"
            f" AND {key_comparison.lacks('key')}"
        )
    known = run.facts["source_rows"]["known"] + late - removed
    run.facts["keys_compared"] = {
        **run.facts["keys_compared"],
        "late": late,
        "gone": removed,
        "surplus": int(reader.total or 0) - known,
    }
    return removed
