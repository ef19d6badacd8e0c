"""Counts and checksums by partition of the source: what `reconcile` and an auditor compare later.

A source may be parted by itself (the files of an archive); a contract may name a field by which it is
(`partition`: months of a date, values of anything else). Sums are over standardized values, so that lake and
source can be compared whatever the source's way of writing; they do not depend on the order of rows.
"""

from __future__ import annotations

from typing import Any

import duckdb

from jingwei.catalog.sql import identifier
from jingwei.collection.connectors.base import Reader
from jingwei.collection.standardize import Plan

MOST = 1000
"""Partitions a run notes; a field with more values than that parts nothing."""


def of(con: duckdb.DuckDBPyConnection, plan: Plan, reader: Reader) -> list[dict[str, Any]]:
    """What this run accepted, by partition."""
    if reader.partitions:
        return [{"name": p.name, "rows": p.rows, "checksum": p.checksum} for p in reader.partitions]
    return summed(con, plan, "good") if plan.contract.partition else []


def summed(con: duckdb.DuckDBPyConnection, plan: Plan, table: str) -> list[dict[str, Any]]:
    """`name`, `rows`, `checksum` of every partition of a table with the contract's columns."""
    cells = ", ".join(plan.names)
    rows = con.execute(
        f"SELECT {part_of(plan)} AS part, count(*), lower(hex(bit_xor(h))) || '-' || sum(h::HUGEINT & 4294967295)"
        f" FROM (SELECT *, hash({cells}) AS h FROM {table}) GROUP BY part ORDER BY part LIMIT {MOST}"
    ).fetchall()
    return [{"name": name, "rows": count, "checksum": checksum} for name, count, checksum in rows]


def part_of(plan: Plan) -> str:
    """SQL for the name of a row's partition; all rows are one where the contract names no field."""
    name = plan.contract.partition
    if name is None:
        return "''"
    column = identifier(name)
    if plan.types[name].startswith(("DATE", "TIMESTAMP")):
        return f"coalesce(strftime({column}, '%Y-%m'), '')"
    return f"coalesce(CAST({column} AS VARCHAR), '')"
