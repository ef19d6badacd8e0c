"""Rows a department mended here: through the same checks as a table, into the same places.

    entry (row as it came) + mended cells ─▶ stage ─ the contract's Plan ─▶ accepted: leaves quarantine,
                                             before ─┘                      and the mend is remembered
                                                                        └─▶ still wrong: stays, with its new reasons

A repair is a run like any other, with its own balance and receipt; a kill leaves all of it or nothing.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb
import pyarrow as pa

from jingwei.catalog import sql
from jingwei.catalog.contracts import Contract
from jingwei.collection import mends, runs
from jingwei.collection.balance import Way, tables_of
from jingwei.collection.connectors.base import Batch, Reader
from jingwei.collection.connectors.batches import batch, schema
from jingwei.collection.connectors.headers import plain
from jingwei.collection.errors import NothingToMend, RowGone
from jingwei.collection.listing import QUARANTINE
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
        found = _find(resource, given)
        _repair(contract, run, step, found, by)

    return runs.live(contract, {"location": f"repair by {by}", "started_by": by}, work)


ASKED = '[{"n": "BIGINT", "run": "VARCHAR", "row": "BIGINT", "original": "VARCHAR"}]'


def _find(resource: str, given: Sequence[Mend]) -> list[_Found]:
    """Each mend with its row: an open entry of the list, else a row that standard holds. RowGone for one that
    is neither."""
    engine = lake()
    found: dict[int, _Found] = {}
    with engine.read() as con:
        _ask(con, [(n, mend.run, mend.row, mend.original) for n, mend in enumerate(given)])
        if engine.exists(con, "quarantine", QUARANTINE):
            rows = con.execute(
                f"SELECT a.n, q.original, q.since FROM asked a JOIN {engine.table('quarantine', QUARANTINE)} q"
                " ON q.run = a.run AND q.row = a.row AND a.original IN ('', q.original)"
                " WHERE q.resource = ? AND q.closed_by IS NULL",
                [resource],
            ).fetchall()
            found = {n: _Found(given[n], text, _cells(text), since) for n, text, since in rows}
        rest = [n for n in range(len(given)) if n not in found]
        if rest:
            found |= _landed(con, engine, resource, {n: given[n] for n in rest})
    gone = next((mend for n, mend in enumerate(given) if n not in found), None)
    if gone is not None:
        raise RowGone(run=gone.run, row=gone.row)
    return [found[n] for n in range(len(given))]


def _ask(con: duckdb.DuckDBPyConnection, rows: Sequence[tuple[int, str, int, str]]) -> None:
    """Fills the temporary table `asked`; as text, for a table given as Arrow makes the engine import pandas."""
    told = json.dumps([dict(zip(("n", "run", "row", "original"), row, strict=True)) for row in rows])
    con.execute(
        "CREATE OR REPLACE TEMP TABLE asked AS SELECT unnest(from_json(?, ?), recursive := true)",
        [told, ASKED],
    )


def _cells(text: str) -> dict[str, str | None]:
    """The cells of an entry; a stretch that was no record has none."""
    try:
        cells = json.loads(text)
    except ValueError:
        return {}
    return cells if isinstance(cells, dict) else {}


def _landed(
    con: duckdb.DuckDBPyConnection, engine: DuckLake, resource: str, given: Mapping[int, Mend]
) -> dict[int, _Found]:
    """Accepted rows as they came, from raw; only those that standard still holds."""
    if not engine.exists(con, "raw", resource) or not engine.exists(con, "standard", resource):
        return {}
    names = {mend.run for mend in given.values()}
    landed = {run.id: run.facts.get("raw_run", run.id) for run in Run.objects.filter(id__in=names)}
    _ask(con, [(n, mend.run, mend.row, landed.get(mend.run, mend.run)) for n, mend in given.items()])
    cursor = con.execute(
        f"SELECT a.n, r.* EXCLUDE (_run, _row) FROM asked a JOIN {engine.table('raw', resource)} r"
        " ON r._run = a.original AND r._row = a.row WHERE (a.run, a.row) IN"
        f" (SELECT (_run, _row) FROM {engine.table('standard', resource)})"
    )
    headers = [column[0] for column in cursor.description][1:]
    return {
        n: _Found(given[n], "", dict(zip(headers, cells, strict=True)), "") for n, *cells in cursor.fetchall()
    }


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
    names = ["_n", *reader.columns, "_text", "_row"]
    texts = pa.array([None if one.cells else one.text for one in found], pa.string())
    con.register("as_before", pa.table([*table.columns, texts, table.column(0)], names=names))
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
