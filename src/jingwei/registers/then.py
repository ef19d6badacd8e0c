"""What a register said of an entity on another day: as then known, and as valid then.

register.builds ─ the build in force on a day ─▶ golden at that build's snapshot ─┐ as then known
statements made by then, not yet in that build ───────────────────────────────────┴▶ Golden
records of that snapshot, those of a later day left out ─ survivorship ─▶ Golden, as valid then
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

import duckdb
from django.utils import timezone

from jingwei.engines import lake
from jingwei.registers import search
from jingwei.registers.answers import Golden, GoldenValue
from jingwei.registers.errors import NotKnownThen, NotLinked
from jingwei.registers.linking import BUILDS
from jingwei.registers.models import Statement
from jingwei.registers.sources import Declared, declared, row_dict
from jingwei.registers.stated import HELD, formerly, gather, newest_of, resources_of
from jingwei.registers.survivorship import golden_sql

PAGE = 50
"""Builds looked at together."""


@dataclass(frozen=True)
class Build:
    """A build of the register and the snapshot that holds it."""

    name: str
    built: datetime
    snapshot: int


def builds(
    con: duckdb.DuckDBPyConnection, register: str, *, until: datetime | None = None, limit: int = PAGE
) -> list[Build]:
    """The register's builds up to a moment, newest first. Raises NotLinked before the first."""
    engine = lake()
    if not engine.exists(con, "register", BUILDS):
        raise NotLinked(register=register)
    upto = until or timezone.now()
    # Each build is one transaction of its own purpose; the lake's clock for it is not the build's, so they are
    # paired by their order, from the newest back.
    rows = con.execute(
        f"SELECT b.build, b.built, s.snapshot_id FROM (SELECT build, built, row_number() OVER (ORDER BY built DESC) AS place "
        f"FROM {engine.table('register', BUILDS)} WHERE register = ?) b "
        "JOIN (SELECT snapshot_id, row_number() OVER (ORDER BY snapshot_id DESC) AS place FROM lake.snapshots() "
        "WHERE commit_message = ?) s ON s.place = b.place WHERE b.built <= ? ORDER BY b.built DESC LIMIT ?",
        [register, f"link {register}", upto, limit],
    ).fetchall()
    return [Build(name, built, int(snapshot)) for name, built, snapshot in rows]


def as_of(register: str, entity_id: str, *, known: date | datetime, valid: date | None = None) -> Golden:
    """The golden record as the register held it at a moment (the end of a day), and, with `valid`, from nothing
    that was stated as of a later day. Undated records count as valid always.

    Raises NotLinked, NotKnownThen; a valid day before all its records gives a record without fields."""
    declaration = declared(register)
    moment = end_of(known)
    with lake().read() as con:
        in_force = builds(con, register, until=moment, limit=1)
        if not in_force:
            raise _unknown(con, declaration, entity_id, known)
        build = in_force[0]
        statements = _open_then(declaration, entity_id, build, moment)
        row = None if statements or valid else golden_row(con, register, build, [entity_id])
        if row is not None:
            return _golden(declaration, entity_id, row)
        ids = _names_then(con, declaration, build, entity_id, statements)
        if not ids:
            raise _unknown(con, declaration, entity_id, known)
        wanted = newest_of(register, [entity_id, *formerly(register, entity_id)], until=moment)
        gather(con, declaration, ids, wanted, snapshot=build.snapshot)
        con.execute(f"UPDATE {HELD} SET entity_id = ?", [entity_id])
        if valid:
            con.execute(f"DELETE FROM {HELD} WHERE as_of > ?", [valid])
        found = con.execute(golden_sql(declaration, HELD, "TRUE"))
        one = found.fetchone()
        return _golden(declaration, entity_id, row_dict(found.description, one) if one else {})


def end_of(known: date | datetime) -> datetime:
    """A day's last moment in the node's time zone; a moment as it is."""
    if isinstance(known, datetime):
        return known if known.tzinfo else timezone.make_aware(known)
    return timezone.make_aware(datetime.combine(known, time.max))


def _unknown(
    con: duckdb.DuckDBPyConnection, known: Declared, entity_id: str, day: date | datetime
) -> NotKnownThen:
    oldest = con.execute(
        f"SELECT min(built) FROM {lake().table('register', BUILDS)} WHERE register = ?", [known.name]
    ).fetchone()
    first = timezone.localdate(oldest[0]).isoformat() if oldest and oldest[0] else "—"
    shown = day.date() if isinstance(day, datetime) else day
    return NotKnownThen(
        day=shown.isoformat(), register=known.register.title.text(), entity_id=entity_id, first=first
    )


def _open_then(known: Declared, entity_id: str, build: Build, moment: datetime) -> list[Statement]:
    """Statements that stood beside the build at that moment."""
    if not resources_of(known):
        return []
    about = [entity_id, *formerly(known.name, entity_id)]
    return [one for one in newest_of(known.name, about, until=moment) if one.at > build.built]


def _names_then(
    con: duckdb.DuckDBPyConnection, known: Declared, build: Build, entity_id: str, stated: Sequence[Statement]
) -> list[str]:
    """What the entity was called in a build: its own identifier, else those that lead to it by now."""
    if golden_row(con, known.name, build, [entity_id]) is not None:
        return [entity_id]
    former = [one for one in formerly(known.name, entity_id) if golden_row(con, known.name, build, [one])]
    return former or ([entity_id] if stated else [])


def golden_row(
    con: duckdb.DuckDBPyConnection, register: str, build: Build, entities: Sequence[str]
) -> dict[str, Any] | None:
    table = lake().as_of("register", f"{register}.golden", build.snapshot)
    found = con.execute(
        f"FROM {table} WHERE entity_id IN (SELECT unnest(?)) ORDER BY entity_id LIMIT 1", [list(entities)]
    )
    row = found.fetchone()
    return row_dict(found.description, row) if row else None


def _golden(known: Declared, entity_id: str, row: dict[str, Any]) -> Golden:
    """A row of the golden table as an answer; a field that today's declaration lacks is left out."""
    verified = {source.resource for source in known.register.sources if source.verified}
    values = {}
    for field in known.register.fields:
        origin = (row.get("_from") or {}).get(field.name)
        if row.get(field.name) is None or origin is None:
            continue
        values[field.name] = GoldenValue(
            value=row[field.name],
            source=origin["source"],
            organization=known.organization(origin["source"]),
            as_of=origin["as_of"],
            verified=origin["source"] in verified,
            reason=search.reason_of(field, known.register.rules(field), bool(origin["differs"])),
            differs=bool(origin["differs"]),
        )
    return Golden(known.name, entity_id, values)
