"""How good a resource is as it stands: counts of judged and failed rows, after each run that was done.

    lake.standard  ── rows that stand; `_faults`: values set aside, warnings ──┐
    lake.quarantine ─ rows not accepted that nobody has mended yet ────────────┴▶ Score rows of the run

A run of twenty changed rows describes the whole table all the same, for what is counted is what stands
now and not what came. Each row is judged once under each field and dimension, however many faults it has
there. `cycle` stands beside the six dimensions of GB/T 36344: minutes since the newest row, and how many
of them are beyond the promised cycle; how late a table is goes on growing after its last run, so the
reader (scorecard) works it out anew.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from jingwei.catalog.contracts import Contract
from jingwei.catalog.sql import quoted
from jingwei.collection.models import Run, Score
from jingwei.collection.standardize import NOT_UNIQUE
from jingwei.engines import lake
from jingwei.engines.duckdb.lake import DuckLake

CYCLE = "cycle"
WHOLE = ("", "")
OF_CODE = {"missing": "completeness", "duplicate-key": "uniqueness", NOT_UNIQUE: "uniqueness"}
"""Dimension of reasons that no rule gives; faults of elements and rows that are no rows are conformity."""


@dataclass(frozen=True)
class Standing:
    """The table as it stands: rows judged, rows failed by (field, dimension), and the newest row."""

    judged: int
    failed: Mapping[tuple[str, str], int]
    newest: datetime | None


def note(run: Run, contract: Contract) -> None:
    """Writes the scores of a run that was done, in the place of any it has already."""
    standing = measure(contract, run)
    at = run.ended or timezone.now()
    common = {"resource": contract.id, "organization": contract.organization, "run": run.id, "at": at}
    rows = [
        Score(**common, field=field, dimension=dimension, judged=standing.judged,
              failed=standing.failed.get((field, dimension), 0))
        for field, dimension in judged_under(contract)
    ]  # fmt: skip
    if contract.cycle and standing.newest:
        age, late = lateness(standing.newest, contract.cycle, at)
        rows.append(Score(**common, dimension=CYCLE, judged=age, failed=late))
    with transaction.atomic():
        Score.objects.filter(run=run.id).delete()
        Score.objects.bulk_create(rows)


def lateness(newest: datetime, cycle: timedelta, at: datetime) -> tuple[int, int]:
    """Minutes since the newest row, and how many of them are beyond the promised cycle."""
    age = max(0, int((at - newest).total_seconds() // 60))
    return age, max(0, age - int(cycle.total_seconds() // 60))


def dimensions_of(contract: Contract) -> dict[tuple[str, str], str]:
    """Dimension of every reason a rule of the contract may give: (field, code) → dimension."""
    found = {(rule.field or "", rule.name): rule.dimension for rule in contract.all_rules}
    return found | {(f.name, f"{f.name}-reference"): "consistency" for f in contract.fields if f.references}


def dimension_of(contract: Contract, field: str, code: str) -> str:
    """Dimension of one reason."""
    return dimensions_of(contract).get((field, code)) or OF_CODE.get(code, "conformity")


def judged_under(contract: Contract) -> list[tuple[str, str]]:
    """The (field, dimension) pairs a contract has something to say about; '' stands for all of them."""
    pairs: set[tuple[str, str]] = {("", "uniqueness"), *((f.name, "conformity") for f in contract.fields)}
    pairs |= {(f.name, "completeness") for f in contract.fields if f.required}
    pairs |= {(f.name, "uniqueness") for f in contract.fields if f.unique}
    pairs |= {(f.name, "consistency") for f in contract.fields if f.references}
    pairs |= {(field, dimension) for (field, _), dimension in dimensions_of(contract).items()}
    pairs |= {("", dimension) for _, dimension in pairs} | {(field, "") for field, _ in pairs} | {WHOLE}
    return sorted(pairs)


def measure(contract: Contract, run: Run) -> Standing:
    """Counts over the lake as it is now; a handful of queries that read no more than they must."""
    engine = lake()
    with engine.read() as con:
        if not engine.exists(con, "standard", contract.id):
            return Standing(0, {}, None)
        table = engine.table("standard", contract.id)
        rows = _one(con, f"SELECT count(*) FROM {table}")
        wrong = [f"SELECT hash(_key) AS id, unnest(_faults) AS f FROM {table} WHERE _faults IS NOT NULL"]
        rejected = _rejected(con, engine, contract)
        if rejected:
            # The lake is asked once which of them stand in it; it may be very much larger.
            con.execute(
                f"CREATE OR REPLACE TEMP TABLE standing AS SELECT r.*, s._key IS NOT NULL AS stored"
                f" FROM ({rejected}) r LEFT JOIN {table} s ON s._key = r.key"
            )
            rows += _one(con, "SELECT count(*) FROM standing WHERE NOT stored")
            # A key that stands in an earlier form is one row, wrong now.
            wrong.append(
                "SELECT CASE WHEN stored THEN hash(key) ELSE hash('', n) END AS id, unnest(reasons) AS f FROM standing"
            )
        failed = dict(_failed(con, contract, wrong))
        newest = _newest(con, contract, table, run)
    return Standing(rows, failed, newest)


def _rejected(con: Any, engine: DuckLake, contract: Contract) -> str | None:
    """Query of the rows that were not accepted and are open still; None where there is none."""
    if not engine.exists(con, "quarantine", "rows"):
        return None
    table = engine.table("quarantine", "rows")
    where = f"resource = {quoted(contract.id)} AND closed_by IS NULL"
    if "accepted" in engine.columns(con, "quarantine", "rows"):
        where += " AND accepted IS NOT TRUE"
    if not _one(con, f"SELECT count(*) FROM {table} WHERE {where}"):
        return None
    return f"SELECT row_number() OVER () AS n, key, reasons FROM {table} WHERE {where}"


def _failed(con: Any, contract: Contract, wrong: list[str]) -> Iterator[tuple[tuple[str, str], int]]:
    """How many rows failed under each field and dimension, under each of them, and at all."""
    told = " UNION ALL ".join(f"SELECT id, f.field AS field, f.code AS code FROM ({one})" for one in wrong)
    named = [f"({quoted(field)}, {quoted(code)}, {quoted(dimension)})"
             for (field, code), dimension in dimensions_of(contract).items()]  # fmt: skip
    rules = f"(VALUES {', '.join([*named, '(NULL, NULL, NULL)'])}) r(field, code, dimension)"
    plain = " ".join(f"WHEN {quoted(code)} THEN {quoted(dimension)}" for code, dimension in OF_CODE.items())
    found = con.execute(
        "SELECT field, dimension, GROUPING(field), GROUPING(dimension), count(DISTINCT id) FROM ("
        f"SELECT id, t.field, coalesce(r.dimension, CASE t.code {plain} ELSE 'conformity' END) AS dimension"
        f" FROM ({told}) t LEFT JOIN {rules} ON r.field = t.field AND r.code = t.code)"
        " GROUP BY GROUPING SETS ((field, dimension), (field), (dimension), ())"
    ).fetchall()
    for field, dimension, all_fields, all_dimensions, rows in found:
        # What no field is named for counts for the row as a whole alone.
        if all_fields or field:
            yield ("" if all_fields else field, "" if all_dimensions else dimension), int(rows)


def _newest(con: Any, contract: Contract, table: str, run: Run) -> datetime | None:
    """When the newest row is from: the end of its day by the contract's `asOf`, else when the source was read."""
    if contract.as_of is None:
        return run.started
    row = con.execute(f"SELECT max(_as_of) FROM {table}").fetchone()
    if not row or row[0] is None:
        return None
    end = datetime.combine(row[0] + timedelta(days=1), time(), timezone.get_current_timezone())
    return min(end, run.ended or timezone.now())


def _one(con: Any, query: str) -> int:
    row = con.execute(query).fetchone()
    return int(row[0]) if row and row[0] is not None else 0
