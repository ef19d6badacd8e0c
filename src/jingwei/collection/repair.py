"""Rows a department mended here: through the same checks as a table, into the same places.

    entry (row as it came) + mended cells ─▶ stage ─ the contract's Plan ─▶ accepted: leaves quarantine,
                                             before ─┘                      and the mend is remembered
                                                                        └─▶ still wrong: stays, with its new reasons

A repair is a run like any other, with its own balance and receipt; a kill leaves all of it or nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb
import pyarrow as pa

from jingwei.catalog import sql
from jingwei.catalog.contracts import Contract
from jingwei.collection import mends, quarantine, runs
from jingwei.collection.balance import Way, tables_of
from jingwei.collection.connectors.base import Batch, Reader
from jingwei.collection.connectors.batches import batch, schema
from jingwei.collection.connectors.headers import plain
from jingwei.collection.errors import NothingToMend, RowGone
from jingwei.collection.models import Run
from jingwei.collection.quarantine import Reason
from jingwei.collection.standardize import Plan
from jingwei.engines import lake
from jingwei.engines.duckdb.lake import DuckLake
from jingwei.kernel.text import Text


@dataclass(frozen=True)
class Mend:
    """Cells (header → text) that are right for a row: `run` and `row` as the list has them, or as standard has
    them for a row that was accepted. `original` tells apart rows that begin on the same line."""

    run: str
    row: int
    values: Mapping[str, str | None]
    original: str = ""


@dataclass(frozen=True)
class _Found:
    """A mend with the row it is about, as it came."""

    mend: Mend
    text: str
    cells: dict[str, str | None]
    since: str

    @property
    def mended(self) -> dict[str, str | None]:
        """The whole row as it is right; a header is met however it is written."""
        known = {plain(header): header for header in self.cells}
        return {**self.cells, **{known.get(plain(h), h): text for h, text in self.mend.values.items()}}


class MendedReader(Reader):
    """The mended rows as a source; numbered as they were at theirs."""

    def __init__(self, rows: Sequence[Mapping[str, str | None]], numbers: Sequence[int]) -> None:
        super().__init__()
        self._rows, self._numbers = rows, numbers
        self.columns = tuple(dict.fromkeys(header for row in rows for header in row))
        self.declared = len(rows)
        self.facts = {"format": "repair"}

    def batches(self) -> Iterator[Batch]:
        cells = [[row.get(header) for header in self.columns] for row in self._rows]
        yield batch(self.columns, cells, self._numbers)


def repair(resource: str, given: Sequence[Mend], by: str) -> Run:
    """Checks mended rows like any others and publishes those that pass.

    Raises NothingToMend, and RowGone where a row is not on the list any more (nothing is done then).
    """
    if not given:
        raise NothingToMend()
    contract = runs.contract_of(resource)

    def work(run: Run, step: Any) -> None:
        run.kind = Run.REPAIR
        found = [_find(resource, mend) for mend in given]
        _repair(contract, run, step, found, by)

    return runs.live(contract, {"location": f"repair by {by}", "started_by": by}, work)


def _find(resource: str, mend: Mend) -> _Found:
    listed = quarantine.rows(resource, run=mend.run, row=mend.row, open_only=True, accepted=None)
    entries = [one for one in listed if not mend.original or one.text == mend.original]
    if entries:
        entry = entries[0]
        cells = dict(entry.original) if isinstance(entry.original, dict) else {}
        return _Found(mend, entry.text, cells, entry.since)
    landed = _landed(resource, mend)
    if landed is None:
        raise RowGone(run=mend.run, row=mend.row)
    return _Found(mend, "", landed, "")


def _landed(resource: str, mend: Mend) -> dict[str, str | None] | None:
    """An accepted row as it came, from raw; only while standard still holds what that row said."""
    engine = lake()
    with engine.read() as con:
        if not engine.exists(con, "raw", resource) or not engine.exists(con, "standard", resource):
            return None
        stands = con.execute(
            f"SELECT count(*) FROM {engine.table('standard', resource)} WHERE _run = ? AND _row = ?",
            [mend.run, mend.row],
        ).fetchone()
        if not stands or not stands[0]:
            return None
        run = Run.objects.filter(id=mend.run).first()
        landed = run.facts.get("raw_run", mend.run) if run else mend.run
        cursor = con.execute(
            f"SELECT * EXCLUDE (_run, _row) FROM {engine.table('raw', resource)} WHERE _run = ? AND _row = ? LIMIT 1",
            [landed, mend.row],
        )
        names = [column[0] for column in cursor.description]
        row = cursor.fetchone()
    return dict(zip(names, row, strict=True)) if row else None


def _repair(contract: Contract, run: Run, step: Any, found: Sequence[_Found], by: str) -> None:
    engine = lake()
    with engine.connect() as con:
        sql.install(con)
        step("read")
        reader = MendedReader([one.mended for one in found], [one.mend.row for one in found])
        staged = runs.stage(con, reader, contract, run, lambda step, rows: None)
        _before(con, reader, found)
        step("read", rows=staged.rows)
        step("check")
        plan, balance = runs.judge(con, engine, contract, staged, run, Way())
        runs.note(run, balance, reader.declared)
        run.reasons = runs.reasons(con)
        run.facts["mended"] = balance.accepted
        step("check", rows=balance.accepted)
        step("weigh")
        run.snapshot_before = engine.snapshot(con)
        why = runs.weigh(run, contract)

        def remember() -> None:
            mends.remember(con, engine, plan, run.id, by)

        runs.publish(
            con,
            engine,
            plan,
            run,
            balance,
            step,
            why=why,
            land=None if why else staged.file,
            way=Way(),
            beside=None if why else remember,
        )
    runs.finish(run)


def _before(con: duckdb.DuckDBPyConnection, reader: MendedReader, found: Sequence[_Found]) -> None:
    """`before`: the rows as they came, numbered as `stage` numbers the mended ones; `settled`: their entries."""
    rows = [[one.cells.get(header) for header in reader.columns] for one in found]
    table = batch(reader.columns, rows, list(range(len(rows)))).rows
    names = ["_n", *reader.columns, "_text"]
    texts = pa.array([None if one.cells else one.text for one in found], pa.string())
    con.register("as_before", pa.table([*table.columns, texts], names=names))
    con.execute("CREATE OR REPLACE TEMP TABLE before AS FROM as_before")
    con.unregister("as_before")
    entries = {
        "run": [one.mend.run for one in found],
        "row": [one.mend.row for one in found],
        "original": [one.text for one in found],
        "since": [one.since or None for one in found],
    }
    kinds = pa.schema(
        [("run", pa.string()), ("row", pa.int64()), ("original", pa.string()), ("since", pa.string())]
    )
    con.register("entries", pa.table(entries, schema=kinds))
    con.execute("CREATE OR REPLACE TEMP TABLE settled AS FROM entries")
    con.unregister("entries")


def check(resource: str, rows: Sequence[Mapping[str, str | None]]) -> list[tuple[Reason, ...]]:
    """What a repair would say of each row, without doing it. What rows must not share is told at the repair."""
    if not rows:
        return []
    contract = runs.contract_of(resource)
    engine: DuckLake = lake()
    reader = MendedReader(rows, list(range(len(rows))))
    with engine.read() as con:
        sql.install(con)
        cells = reader.columns
        arrays = [pa.array([row.get(header) for row in rows], pa.string()) for header in cells]
        numbers = pa.array(range(len(rows)), pa.int64())
        names = ["_n", *schema(cells).names]
        con.register("asked", pa.table([numbers, numbers, *arrays], names=names))
        con.execute("CREATE OR REPLACE TEMP TABLE stage AS FROM asked")
        con.unregister("asked")
        known = {plain(header): header for header in cells}
        headers = {
            field.name: known[plain(name)]
            for field in contract.fields
            for name in field.headers
            if plain(name) in known
        }
        plan = Plan(contract, headers, tables_of(con, engine, contract))
        if plan.reads_itself and not engine.exists(con, "standard", contract.id):
            plan = plan.with_tables({k: v for k, v in plan.tables.items() if k != contract.id})
        con.execute(f"CREATE OR REPLACE TEMP TABLE checked AS {plan.checked('stage')}")
        con.execute(f"CREATE OR REPLACE TEMP VIEW asked_wrong AS SELECT _n FROM checked WHERE {plan.bad}")
        told = dict(con.execute(plan.reasons("asked_wrong")).fetchall())
    return [
        tuple(Reason(r["field"], r["code"], Text(r["zh"], r["en"])) for r in told.get(at, []))
        for at in range(len(rows))
    ]
