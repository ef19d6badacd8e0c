"""Rows that were not accepted: listed with key, reason and the text as it came. No caps."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from jingwei.collection.listing import QUARANTINE
from jingwei.engines import lake
from jingwei.kernel.text import Text


@dataclass(frozen=True)
class Reason:
    field: str
    code: str
    text: Text


@dataclass(frozen=True)
class QuarantinedRow:
    run: str
    row: int
    key: str | None
    reasons: tuple[Reason, ...]
    original: dict[str, Any] | str
    closed_by: str | None
    accepted: bool = False
    """The row was accepted all the same: a value was set aside, or a warning is broken."""
    since: str = ""
    """The run that first found this row wrong."""
    text: str = ""
    """The row as the list keeps it: JSON of headers and cells, or the stretch of text."""


def rows(
    resource: str | None = None,
    run: str | None = None,
    reason: str | None = None,
    offset: int = 0,
    limit: int | None = None,
    open_only: bool = False,
    since: str | None = None,
    key: str | None = None,
    accepted: bool | None = False,
    row: int | None = None,
) -> list[QuarantinedRow]:
    """Quarantined rows of a resource (or of one run), by source row; `reason` is a code or `field:code`.

    `accepted`: False for rows that were not accepted, True for remarks about accepted ones, None for both.
    `since`: those of the problem that this run was the first to find.
    """
    engine = lake()
    with engine.read() as con:
        if not engine.exists(con, "quarantine", QUARANTINE):
            return []
        where, values = _where(resource, run, reason, open_only, since, key, accepted)
        if row is not None:
            where += f" AND row = {int(row)}"
        page = f" LIMIT {int(limit)}" if limit is not None else ""
        found = con.execute(
            f"SELECT run, row, key, reasons, original, closed_by, accepted, since FROM {engine.table('quarantine', QUARANTINE)}"
            f" WHERE {where} ORDER BY run, row{page} OFFSET {int(offset)}",
            values,
        ).fetchall()
    return [_row(*one) for one in found]


def count(
    resource: str | None = None,
    run: str | None = None,
    reason: str | None = None,
    open_only: bool = False,
    since: str | None = None,
    key: str | None = None,
    accepted: bool | None = False,
) -> int:
    engine = lake()
    with engine.read() as con:
        if not engine.exists(con, "quarantine", QUARANTINE):
            return 0
        where, values = _where(resource, run, reason, open_only, since, key, accepted)
        found = con.execute(
            f"SELECT count(*) FROM {engine.table('quarantine', QUARANTINE)} WHERE {where}", values
        ).fetchone()
    return int(found[0]) if found else 0


def _where(
    resource: str | None,
    run: str | None,
    reason: str | None,
    open_only: bool,
    since: str | None,
    key: str | None,
    accepted: bool | None,
) -> tuple[str, list[str]]:
    conditions, values = ["true"], []
    for name, wanted in (("resource", resource), ("run", run), ("since", since), ("key", key)):
        if wanted:
            conditions.append(f"{name} = ?")
            values.append(wanted)
    if accepted is not None:
        conditions.append("accepted" if accepted else "NOT accepted")
    if reason:
        field, _, code = reason.rpartition(":")
        test = "r.code = ?" + (" AND r.field = ?" if field else "")
        conditions.append(f"len(list_filter(reasons, lambda r: {test})) > 0")
        values += [code, field] if field else [code]
    if open_only:
        conditions.append("closed_by IS NULL")
    return " AND ".join(conditions), values


def _row(
    run: str,
    row: int,
    key: str | None,
    reasons: Sequence[dict[str, str]],
    original: str,
    closed_by: str | None,
    accepted: bool,
    since: str,
) -> QuarantinedRow:
    try:
        values = json.loads(original)
    except ValueError:
        values = original
    told = tuple(Reason(r["field"], r["code"], Text(r["zh"], r["en"])) for r in reasons)
    kept = values if isinstance(values, dict) else original
    return QuarantinedRow(run, row, key, told, kept, closed_by, accepted, since, original)
