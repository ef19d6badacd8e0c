"""What changed about an entity, from build to build of its register.

    golden of one build (`then`) ─ compared with the build before ─▶ Moments, newest first
    statements that no build has yet ─ the serving copy compared with the newest build ─┘

Only the register's own builds are looked at, a page of them at a time, and each costs one lookup of one
entity; where its records came from or went is asked only of builds in which its records changed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import pairwise
from typing import Any

import duckdb
from django.utils import timezone

from jingwei.engines import lake
from jingwei.kernel.text import Text
from jingwei.registers import search
from jingwei.registers.errors import NoSuchEntity
from jingwei.registers.models import Entity, ServingState, Statement
from jingwei.registers.sources import Declared, declared
from jingwei.registers.stated import formerly, resources_of
from jingwei.registers.then import PAGE, Build, builds, golden_row

FIRST, CHANGED, STATED, CAME, WENT, JOINED, LEFT = (
    "first", "changed", "stated", "came", "went", "joined", "left",
)  # fmt: skip
KINDS = {
    FIRST: Text("第一次入库", "first known"),
    CHANGED: Text("值变了", "value changed"),
    STATED: Text("交存的陈述", "statement deposited"),
    CAME: Text("多了一条来源记录", "a source record came"),
    WENT: Text("少了一条来源记录", "a source record went"),
    JOINED: Text("并入了另一主记录的记录", "a record joined from another entity"),
    LEFT: Text("一条记录分到另一主记录", "a record left for another entity"),
}
"""Why a moment stands in the history, in words."""


@dataclass(frozen=True)
class Moment:
    """One change of one entity. `known` is when the register began to say `after`; `source`, `organization` and
    `as_of` are those of the new value, or of the record that came or went (`record_key`). `other` is the entity
    a record came from or went to. `by` and `case` tell of a statement who deposited it, and for what."""

    known: datetime
    kind: str
    field: str = ""
    before: Any = None
    after: Any = None
    source: str = ""
    organization: str = ""
    as_of: date | None = None
    record_key: str = ""
    other: str = ""
    by: str = ""
    case: str = ""

    @property
    def words(self) -> Text:
        return KINDS[self.kind]


def history(
    register: str, entity_id: str, *, before: datetime | None = None, limit: int = PAGE
) -> list[Moment]:
    """What changed about an entity, newest first: of the newest `limit` builds, or of those up to `before`.

    Raises NoSuchEntity where no build of the page and no statement knows it, NotLinked."""
    known = declared(register)
    former = formerly(register, entity_id)
    with lake().read() as con:
        page = builds(con, register, until=before, limit=limit + 1)
        names = [entity_id, *former]
        goldens = [(build, _golden_row_of(con, register, build, names)) for build in page]
        moments = _deposited(known, entity_id, goldens, names) if before is None else []
        for (build, row), (_, older) in pairwise([*goldens, (None, None)]):
            if row is None or build is None:
                continue
            if older is None:
                # Whether it was known before the page's last build is for the next page to tell.
                if build is not page[-1] or len(page) <= limit:
                    moments.append(Moment(build.built, FIRST))
                continue
            moments += _changes(known, names, build.built, older, row)
        for (build, row), (previous, older) in pairwise(goldens):
            if (
                row
                and older
                and (row["_records"] != older["_records"] or row["entity_id"] != older["entity_id"])
            ):
                moments += _records(con, known, entity_id, names, build, previous)
    if not moments and not any(row for _, row in goldens) and before is None:
        raise NoSuchEntity(register=register, entity_id=entity_id)
    return sorted(moments, key=lambda one: (one.known, one.field), reverse=True)


def _golden_row_of(
    con: duckdb.DuckDBPyConnection, register: str, build: Build, names: Sequence[str]
) -> dict[str, Any] | None:
    """Its row under its own identifier, else under one that leads to it by now."""
    own = golden_row(con, register, build, names[:1])
    return own or (golden_row(con, register, build, names[1:]) if len(names) > 1 else None)


def _changes(
    known: Declared, names: Sequence[str], built: datetime, older: dict[str, Any], row: dict[str, Any]
) -> list[Moment]:
    moments = []
    for field in known.register.fields:
        before, after = older.get(field.name), row.get(field.name)
        if before != after:
            origin = (row.get("_from") or {}).get(field.name) or {}
            moments.append(_moment(known, names, built, field.name, before, after, origin))
    return moments


def _moment(
    known: Declared,
    names: Sequence[str],
    built: datetime,
    field: str,
    before: Any,
    after: Any,
    origin: dict[str, Any],
) -> Moment:
    """A change of one field; one that a statement made was known when that was deposited."""
    source = origin.get("source") or ""
    said = None
    if source in resources_of(known):
        told = Statement.objects.filter(
            register=known.name,
            entity_id__in=list(names),
            resource=source,
            as_of=origin["as_of"],
            at__lte=built,
        )
        said = told.order_by("-pk").first()
    return Moment(
        known=said.at if said else built,
        kind=STATED if said else CHANGED,
        field=field,
        before=before,
        after=after,
        source=source,
        organization=known.organization(source),
        as_of=origin.get("as_of"),
        record_key=said.record_key if said else "",
        by=said.by if said else "",
        case=said.case if said else "",
    )


def _deposited(
    known: Declared,
    entity_id: str,
    goldens: Sequence[tuple[Build, dict[str, Any] | None]],
    names: Sequence[str],
) -> list[Moment]:
    """What the serving copy says beyond the newest build: statements that are not in the lake yet."""
    if not Entity.objects.filter(register=known.name, entity_id=entity_id).exists():
        return []
    if not ServingState.objects.filter(register=known.name).exists():
        return []
    now = search.golden(known.name, entity_id).fields
    last = goldens[0][1] if goldens else None
    row = {name: held.value for name, held in now.items()}
    origin = {name: {"source": held.source, "as_of": held.as_of} for name, held in now.items()}
    if last is None:
        said = Statement.objects.filter(register=known.name, entity_id__in=list(names)).order_by("pk").first()
        return [Moment(said.at, FIRST, source=said.resource, organization=known.organization(said.resource),
                       as_of=said.as_of, record_key=said.record_key, by=said.by, case=said.case)] if said else []  # fmt: skip
    return _changes(known, names, timezone.now(), last, {**row, "_from": origin})


def _records(
    con: duckdb.DuckDBPyConnection,
    known: Declared,
    entity_id: str,
    names: Sequence[str],
    build: Build,
    older: Build,
) -> list[Moment]:
    """Records that came, went, or changed over from or to another entity between two builds."""
    now, then = _members(con, known.name, build, names), _members(con, known.name, older, names)
    was = _whereabouts(con, known.name, older, [key for key in now if key not in then])
    moved = _whereabouts(con, known.name, build, [key for key in then if key not in now])
    own = now[next(iter(now))] if now else entity_id
    moments = []
    for resource, key in sorted(now):
        origin = then.get((resource, key)) or was.get((resource, key), "")
        if origin != now[resource, key]:
            kind = JOINED if origin and origin != own else CAME
            moments.append((kind, resource, key, origin if kind == JOINED else ""))
    for resource, key in sorted(then):
        if (resource, key) not in now:
            to = moved.get((resource, key), "")
            moments.append((LEFT if to else WENT, resource, key, to))
    return [
        Moment(
            build.built,
            kind,
            source=resource,
            organization=known.organization(resource),
            record_key=key,
            other=other,
        )
        for kind, resource, key, other in moments
    ]


def _members(
    con: duckdb.DuckDBPyConnection, register: str, build: Build, names: Sequence[str]
) -> dict[tuple[str, str], str]:
    """The entity's records in a build, each with the name it went under."""
    table = lake().as_of("register", f"{register}.records", build.snapshot)
    rows = con.execute(
        f"SELECT resource, record_key, entity_id FROM {table} WHERE entity_id IN (SELECT unnest(?))",
        [list(names)],
    ).fetchall()
    return {(resource, key): entity for resource, key, entity in rows}


def _whereabouts(
    con: duckdb.DuckDBPyConnection, register: str, build: Build, records: Sequence[tuple[str, str]]
) -> dict[tuple[str, str], str]:
    """Which entity each of these records belonged to in a build; those it did not have are left out."""
    if not records:
        return {}
    table = lake().as_of("register", f"{register}.records", build.snapshot)
    rows = con.execute(
        f"SELECT resource, record_key, entity_id FROM {table} WHERE record_key IN (SELECT unnest(?))",
        [[key for _, key in records]],
    ).fetchall()
    wanted = set(records)
    return {(resource, key): entity for resource, key, entity in rows if (resource, key) in wanted}
