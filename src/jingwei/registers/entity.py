"""What stands beside an entity's golden record: how its records came together, relations, history, old identifiers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from jingwei.kernel.text import Text
from jingwei.registers import history, overview, waterfall
from jingwei.registers.answers import SourceRecord
from jingwei.registers.declaration import Register
from jingwei.registers.errors import NoSuchEntity, NotKnownThen, NotLinked
from jingwei.registers.models import Forwarding
from jingwei.registers.presenting import resource_title, shown_value, tail, texts, title_of
from jingwei.registers.relations import service as relations
from jingwei.registers.waterfall import Waterfall

BUILDS, MOMENTS = 10, 20
"""Of the newest builds, so many moments: older ones are for `jingwei register history`."""


def score(register: Register, records: Sequence[SourceRecord], place: int) -> tuple[Waterfall, Text] | None:
    """How a record that was joined by similarity scores, and the source of the record it is held against."""
    if not 0 <= place < len(records):
        return None
    other = waterfall.nearest(register, records[place], records)
    drawing = (
        waterfall.of_pair(register, records[place], other, threshold_of(register.name)) if other else None
    )
    return (drawing, resource_title(other.resource)) if drawing and other else None


def threshold_of(register: str) -> float | None:
    """The weight above which records are joined, as the last linking set it."""
    try:
        found = overview.of(register).matching.get("threshold")
    except NotLinked:
        return None
    return float(found) if found is not None else None


@dataclass(frozen=True)
class Event:
    """A line of the history."""

    known: datetime
    words: Text
    title: Text | None
    before: str
    after: str
    source: Text | None
    by: str


def events(register: Register, entity_id: str) -> list[Event]:
    """Newest first; empty where the lake does not know the entity yet."""
    try:
        moments = history.history(register.name, entity_id, limit=BUILDS)
    except (NotLinked, NotKnownThen, NoSuchEntity):
        return []
    fields = {f.name: f for f in register.fields}
    return [_event(one, fields) for one in moments[:MOMENTS]]


def _event(one: history.Moment, fields: dict[str, Any]) -> Event:
    declared = fields.get(one.field)
    return Event(
        known=one.known,
        words=one.words,
        title=title_of(declared) if declared else None,
        before=shown_value(declared, one.before) if declared and texts(one.before) else "",
        after=shown_value(declared, one.after) if declared and texts(one.after) else tail(one.record_key),
        source=resource_title(one.source) if one.source else None,
        by=one.by,
    )


@dataclass(frozen=True)
class Related:
    """A relation as a page shows it. What is between persons serves entitlements: the other's name is masked and
    leads nowhere."""

    title: Text
    role: str
    name: str
    address: tuple[str, str] | None
    source: Text
    since: date | None
    until: date | None
    among_persons: bool


def related(register: Register, entity_id: str) -> list[Related]:
    return [
        Related(
            title=one.title,
            role=one.role or "",
            name=f"{one.name[:1]}**" if one.among_persons and one.name else one.name,
            address=(one.register, one.entity_id) if one.entity_id and not one.among_persons else None,
            source=resource_title(one.resource),
            since=one.since,
            until=one.until,
            among_persons=one.among_persons,
        )
        for one in relations.of(register.name, entity_id)
    ]


def formerly(register: str, entity_id: str) -> list[str]:
    """Identifiers that lead here, newest first."""
    found = Forwarding.objects.filter(register=register, to=entity_id).order_by("-at", "entity_id")
    return list(found.values_list("entity_id", flat=True)[:20])
