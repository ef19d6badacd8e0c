"""The rows of a work order, as they stand open in the lake.

A row is known by the text it came with: `mark` is the digest of its original. Run and row number say where it
came from, but a source that sends it again gives it another run, and several records may start on one line.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import duckdb

from jingwei.catalog.contracts import Contract, Field
from jingwei.collection.connectors.headers import plain
from jingwei.collection.models import WorkOrder
from jingwei.collection.quarantine import QUARANTINE, QuarantinedRow, Reason
from jingwei.engines import lake
from jingwei.kernel.text import Text

READ = "run, row, md5(original), key, reasons, original, accepted"
OPEN = "resource = ? AND since = ? AND closed_by IS NULL"
PART = 2_000


@dataclass(frozen=True)
class Line:
    """An open row. `original` is header to text as it came, or the text of a stretch that was no record.
    `accepted`: the row is in the lake, but a value of it was set aside or a lesser rule is broken."""

    run: str
    row: int
    mark: str
    key: str | None
    reasons: tuple[Reason, ...]
    original: dict[str, Any] | str
    accepted: bool
    source: str
    """The original as the lake keeps it."""

    def header(self, field: Field) -> str | None:
        """The department's own header for this field in this row."""
        if isinstance(self.original, str):
            return None
        wanted = {plain(header) for header in field.headers}
        return next((header for header in self.original if plain(header) in wanted), None)

    def text(self, field: Field) -> str:
        header = self.header(field)
        value = self.original[header] if header and isinstance(self.original, dict) else None
        return "" if value is None else str(value)

    def listed(self) -> QuarantinedRow:
        """The same as an entry of the list, for what draws those."""
        return QuarantinedRow(self.run, self.row, self.key, self.reasons, self.original, None)

    def wrong(self, contract: Contract) -> list[str]:
        """Names of the fields whose cells are to be corrected: those with a fault, and those a broken rule of
        the whole row speaks of; none where the row as a whole is wrong."""
        faulty = {reason.field for reason in self.reasons if reason.field}
        return [field.name for field in contract.fields if field.name in faulty]


def counts(resource: str) -> dict[str, int]:
    """How many rows of each order of a resource are open, by the run that first found them."""
    with _table() as (con, table):
        if con is None:
            return {}
        found = con.execute(
            f"SELECT since, count(*) FROM {table} WHERE resource = ? AND closed_by IS NULL AND since IS NOT NULL"
            " GROUP BY since ORDER BY since",
            [resource],
        ).fetchall()
    return {str(since): int(rows) for since, rows in found}


def count(order: WorkOrder, reason: str = "") -> int:
    with _table() as (con, table):
        if con is None:
            return 0
        where, values = _where(order, reason)
        row = con.execute(f"SELECT count(*) FROM {table} WHERE {where}", values).fetchone()
    return int(row[0]) if row else 0


def page(order: WorkOrder, offset: int = 0, limit: int = 25, reason: str = "") -> list[Line]:
    """Open rows in the order of the source; `reason` is `field:code`."""
    with _table() as (con, table):
        if con is None:
            return []
        where, values = _where(order, reason)
        found = con.execute(
            f"SELECT {READ} FROM {table} WHERE {where} ORDER BY row, run, original LIMIT {int(limit)} OFFSET {int(offset)}",
            values,
        ).fetchall()
    return [_line(*row) for row in found]


def each(order: WorkOrder) -> Iterator[Line]:
    """All open rows, a few thousand at a time."""
    with _table() as (con, table):
        if con is None:
            return
        where, values = _where(order, "")
        cursor = con.execute(f"SELECT {READ} FROM {table} WHERE {where} ORDER BY row, run, original", values)
        while rows := cursor.fetchmany(PART):
            for row in rows:
                yield _line(*row)


def marked(order: WorkOrder, marks: Collection[str]) -> dict[str, list[Line]]:
    """The open rows with these marks; equal rows share one."""
    found: dict[str, list[Line]] = {}
    with _table() as (con, table):
        if con is None or not marks:
            return found
        where, values = _where(order, "")
        rows = con.execute(
            f"SELECT {READ} FROM {table} WHERE {where}"
            " AND md5(original) IN (SELECT unnest(from_json(?, '[\"VARCHAR\"]'))) ORDER BY row, run",
            [*values, json.dumps(sorted(marks))],
        ).fetchall()
    for row in rows:
        line = _line(*row)
        found.setdefault(line.mark, []).append(line)
    return found


def of_run(order: WorkOrder, run: str) -> int:
    """How many rows of an order stand open since this run touched them: those a repair did not put right."""
    with _table() as (con, table):
        if con is None:
            return 0
        where, values = _where(order, "")
        row = con.execute(
            f"SELECT count(*) FROM {table} WHERE {where} AND run = ?", [*values, run]
        ).fetchone()
    return int(row[0]) if row else 0


def reasons(order: WorkOrder) -> list[tuple[str, Text, int]]:
    """`field:code`, an example of the words, rows; most frequent first."""
    with _table() as (con, table):
        if con is None:
            return []
        where, values = _where(order, "")
        found = con.execute(
            "SELECT r.field, r.code, min(r.zh), min(r.en), count(*) AS n"
            f" FROM (SELECT unnest(reasons) AS r FROM {table} WHERE {where})"
            " GROUP BY r.field, r.code ORDER BY n DESC, 1, 2",
            values,
        ).fetchall()
    return [(f"{field}:{code}", Text(zh, en), int(n)) for field, code, zh, en, n in found]


def headers(order: WorkOrder) -> list[str]:
    """Every header the open rows came with, in the department's order."""
    with _table() as (con, table):
        if con is None:
            return []
        where, values = _where(order, "")
        found = con.execute(
            "SELECT k, min(place) FROM (SELECT unnest(json_keys(original)) AS k, generate_subscripts(json_keys(original), 1) AS place"
            f" FROM {table} WHERE {where} AND json_valid(original)) GROUP BY k ORDER BY 2, 1",
            values,
        ).fetchall()
    return [str(header) for header, _ in found]


def any_text(order: WorkOrder) -> bool:
    """Whether stretches that were no record are among the rows: they have text, but no cells."""
    with _table() as (con, table):
        if con is None:
            return False
        where, values = _where(order, "")
        found = con.execute(
            f"SELECT count(*) FROM {table} WHERE {where} AND NOT starts_with(original, '{{')", values
        ).fetchone()
    return bool(found and found[0])


@contextmanager
def _table() -> Iterator[tuple[duckdb.DuckDBPyConnection | None, str]]:
    """A reading connection and the name of the quarantine table; `(None, "")` while there is none."""
    engine = lake()
    with engine.read() as con:
        there = engine.exists(con, "quarantine", QUARANTINE)
        if there and "since" in engine.columns(con, "quarantine", QUARANTINE):
            yield con, engine.table("quarantine", QUARANTINE)
        else:
            yield None, ""


def _where(order: WorkOrder, reason: str) -> tuple[str, list[str]]:
    if not reason:
        return OPEN, [order.resource, order.run]
    field, _, code = reason.rpartition(":")
    test = "len(list_filter(reasons, lambda r: r.code = ? AND r.field = ?)) > 0"
    return f"{OPEN} AND {test}", [order.resource, order.run, code, field]


def _line(
    run: str,
    row: int,
    mark: str,
    key: str | None,
    reasons: Sequence[dict[str, str]],
    original: str,
    accepted: bool | None,
) -> Line:
    try:
        values = json.loads(original)
    except ValueError:
        values = original
    told = tuple(Reason(r["field"], r["code"], Text(r["zh"], r["en"])) for r in reasons)
    whole = values if isinstance(values, dict) else original
    return Line(run, row, mark, key, told, whole, bool(accepted), original)
