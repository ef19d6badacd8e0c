"""What a register looks like as a whole: coverage of its sources, state of its fields, how it was linked.

lake: records, golden, builds ─▶ Overview ─▶ home/registers/<register>.overview.json ─▶ the page, in milliseconds

Counts only, no person's data. They are computed once a build and kept under the build's name; another
build makes them anew.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import duckdb

from jingwei.catalog.sql import identifier as quoted
from jingwei.engines import lake
from jingwei.kernel.home import home
from jingwei.registers.errors import NotLinked
from jingwei.registers.linking import golden_table, latest, records_table
from jingwei.registers.sources import Declared, declared

FORMAT = 1
"""Raise it when the same build has to be counted in another way."""


@dataclass(frozen=True)
class Coverage:
    """How much of a register one source knows: its rows, and the entities they belong to."""

    resource: str
    records: int
    entities: int


@dataclass(frozen=True)
class FieldState:
    """A golden field over all entities: how many have it, how old it is, how many sources contradict each other.

    `middle` is the day in the middle of all winners' days, None where no winner is dated."""

    name: str
    filled: int
    middle: date | None
    differing: int


@dataclass(frozen=True)
class Overview:
    build: str
    built: datetime
    records: int
    entities: int
    sources: list[Coverage]
    fields: list[FieldState]
    linked_by: dict[str, int]
    notes: dict[str, int]
    matching: dict[str, Any]


def of(register: str) -> Overview:
    """The overview of the newest build. Raises NotLinked."""
    known = declared(register)
    with lake().read() as con:
        newest = latest(con, register)
        if newest is None:
            raise NotLinked(register=register)
        kept = _kept(register, newest["build"])
        if kept is not None:
            return kept
        found = _count(con, known, newest)
    _keep(register, found)
    return found


def folder() -> Path:
    """Where the pages of registers keep what they computed; all of it can be computed again."""
    found = home() / "registers"
    found.mkdir(parents=True, exist_ok=True)
    return found


def _count(con: duckdb.DuckDBPyConnection, known: Declared, newest: dict[str, Any]) -> Overview:
    rows = con.execute(
        f"SELECT resource, count(*), count(DISTINCT entity_id) FROM {records_table(known.name)} GROUP BY resource"
    ).fetchall()
    counted = {resource: (records, entities) for resource, records, entities in rows}
    held = set(lake().columns(con, "register", f"{known.name}.golden"))
    fields = [f for f in known.register.fields if f.name in held]
    asked = ", ".join(
        f"count({quoted(f.name)}), quantile_disc(_from.{quoted(f.name)}.as_of, 0.5), "
        f"count(*) FILTER (_from.{quoted(f.name)}.differs)"
        for f in fields
    )
    row = con.execute(f"SELECT {asked} FROM {golden_table(known.name)}").fetchone() or ()
    return Overview(
        build=newest["build"],
        built=newest["built"],
        records=newest["records"],
        entities=newest["entities"],
        sources=[Coverage(name, *counted.get(name, (0, 0))) for name in known.resources],
        fields=[FieldState(f.name, *row[3 * n : 3 * n + 3]) for n, f in enumerate(fields)],
        linked_by=newest["facts"].get("linked_by", {}),
        notes=newest["facts"].get("notes", {}),
        matching=newest["facts"].get("matching", {}),
    )


def _path(register: str) -> Path:
    return folder() / f"{register}.overview.json"


def _keep(register: str, found: Overview) -> None:
    path = _path(register)
    fresh = path.with_suffix(f".{found.build[:8]}.new")
    text = json.dumps({"format": FORMAT, **asdict(found)}, ensure_ascii=False, default=str)
    fresh.write_text(text, encoding="utf-8")
    fresh.replace(path)


def _kept(register: str, build: str) -> Overview | None:
    try:
        told = json.loads(_path(register).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    if told.pop("format", None) != FORMAT or told["build"] != build:
        return None
    fields = [
        FieldState(
            f["name"], f["filled"], date.fromisoformat(f["middle"]) if f["middle"] else None, f["differing"]
        )
        for f in told["fields"]
    ]
    told |= {
        "built": datetime.fromisoformat(told["built"]),
        "sources": [Coverage(**one) for one in told["sources"]],
        "fields": fields,
    }
    return Overview(**told)
