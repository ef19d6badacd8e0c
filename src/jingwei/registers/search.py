"""Looking up: what was typed becomes a few walks along the index of the serving copy.

Each walk is bounded: exact keys first, then keys that begin with the text, in the index's own
order, until enough are found; where nobody answers exactly and few by a beginning, what may have been
meant (`mistyped`). A million residents cost what ten thousand cost.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date, datetime
from functools import lru_cache
from typing import Any, NamedTuple

from django.conf import settings
from django.db import connection

from jingwei.catalog.values import standardize_one
from jingwei.kernel.text import Text, language
from jingwei.registers import keys
from jingwei.registers.answers import Candidate, Golden, GoldenValue
from jingwei.registers.declaration import Fact, RegisterField, Rule, SourceOrder
from jingwei.registers.errors import NoSuchEntity, NotLinked
from jingwei.registers.following import current
from jingwei.registers.keys import Wanted, wanted
from jingwei.registers.mistyped import Walks, nearly
from jingwei.registers.models import ServingState
from jingwei.registers.packing import unpack
from jingwei.registers.sources import Declared, declared

BEYOND = "\U0010ffff"
BORN = Text("{year} 年生", "born {year}")


CARDS_AT_ONCE = 500
FEW = 3
"""So many answers by a beginning are enough: what was typed is not finished, and not mistyped."""


class Hit(NamedTuple):
    register: str
    entity_id: str
    kind: str
    exact: bool
    fuzzy: bool = False


def search(registers: Sequence[str], text: str, limit: int) -> list[Candidate]:
    states = {state.register: state for state in ServingState.objects.filter(register__in=list(registers))}
    for name in registers:
        if name not in states:
            declared(name)
            raise NotLinked(register=name)
    known = {name: _built_by(name, str(settings.HOME), states[name].build) for name in registers}
    hits = _hits(known, text, limit)
    lines = _lines(hits)
    tongue = language()
    return [
        _candidate(known[hit.register], hit, json.loads(lines[hit.register, hit.entity_id]), tongue)
        for hit in hits
        if (hit.register, hit.entity_id) in lines
    ]


def cards(register: str, entities: Sequence[str]) -> list[Candidate]:
    """The cards of these entities, in their order; those the copy does not hold are left out."""
    state = ServingState.objects.filter(register=register).first()
    if state is None:
        declared(register)
        raise NotLinked(register=register)
    known = _built_by(register, str(settings.HOME), state.build)
    tongue = language()
    found: list[Candidate] = []
    for start in range(0, len(entities), CARDS_AT_ONCE):
        hits = [Hit(register, one, keys.IDENTIFIER, True) for one in entities[start : start + CARDS_AT_ONCE]]
        lines = _lines(hits)
        found += [
            _candidate(known, hit, json.loads(lines[register, hit.entity_id]), tongue)
            for hit in hits
            if (register, hit.entity_id) in lines
        ]
    return found


@lru_cache(maxsize=16)
def _built_by(register: str, home: str, build: str) -> Declared:
    """The declaration a build was made by; a change of it shows with the next link. Reading the packs'
    folders at every key stroke would take longer than the search itself."""
    return declared(register)


def _of_old_numbers(known: dict[str, Declared], text: str) -> list[tuple[str, Wanted]]:
    """The numbers of today that an old identity number of 15 digits stands for."""
    typed = keys.fold(text)
    if len(typed) != keys.OLD_IDENTIFIER or not typed.isdigit():
        return []
    found = []
    for name, register in known.items():
        for field in register.register.search.identifier:
            mended = standardize_one(register.register.field(field).element, typed).value
            if mended and str(mended) != typed:
                found.append((name, Wanted(keys.IDENTIFIER, str(mended))))
    return found


def _hits(known: dict[str, Declared], text: str, limit: int) -> list[Hit]:
    """Exact hits of every reading before the first prefix hit of any; an entity appears once."""
    found: dict[tuple[str, str], Hit] = {}
    readings = [(name, reading) for name in known for reading in wanted(text)]
    readings.sort(key=lambda pair: list(keys.MATCHED).index(pair[1].kind))
    with connection.cursor() as cursor:

        def walk(several: Sequence[tuple[str, Wanted]], *, exact: bool) -> None:
            for name, reading in several:
                if len(found) >= limit:
                    break
                for entity_id in _walk(cursor, name, reading, limit, exact=exact):
                    found.setdefault((name, entity_id), Hit(name, entity_id, reading.kind, exact))

        walk(readings, exact=True)
        walk(readings, exact=False)
        if not found:
            # No number of today begins with an old one: the place of the century holds a year.
            walk(_of_old_numbers(known, text), exact=True)
        if len(found) < min(FEW, limit) and not any(hit.exact for hit in found.values()):
            for name, register in known.items():
                for kind, entity_id in nearly(Walks(cursor, name), register.register.search, text, limit):
                    found.setdefault((name, entity_id), Hit(name, entity_id, kind, False, True))
    return list(found.values())[:limit]


def _walk(cursor: Any, register: str, reading: Wanted, limit: int, *, exact: bool) -> list[str]:
    where, bounds = (
        ("key = %s", [reading.key])
        if exact
        else ("key > %s AND key < %s", [reading.key, reading.key + BEYOND])
    )
    cursor.execute(
        f"SELECT entity_id FROM registers_searchkey WHERE register = %s AND kind = %s AND {where} "
        "ORDER BY register, kind, key, rank, entity_id LIMIT %s",
        [register, reading.kind, *bounds, limit],
    )
    return [entity_id for (entity_id,) in cursor.fetchall()]


def _lines(hits: Sequence[Hit]) -> dict[tuple[str, str], str]:
    found: dict[tuple[str, str], str] = {}
    with connection.cursor() as cursor:
        for register in dict.fromkeys(hit.register for hit in hits):
            ids = [hit.entity_id for hit in hits if hit.register == register]
            marks = ", ".join(["%s"] * len(ids))
            cursor.execute(
                f"SELECT entity_id, line FROM registers_entity WHERE register = %s AND entity_id IN ({marks})",
                [register, *ids],
            )
            found |= {(register, entity_id): line for entity_id, line in cursor.fetchall()}
    return found


def _candidate(register: Declared, hit: Hit, line: list[str | None], tongue: str) -> Candidate:
    """A line under the search box from the card's values: name, identifier if the card has one, facts."""
    card = register.register.card
    name, rest = line[0] or "", line[1:]
    masked = ""
    if card.identifier:
        number, rest = rest[0], rest[1:]
        masked = register.element(card.identifier).mask_text(number) if number else ""
    facts = [
        _fact(register, fact, value, tongue) for fact, value in zip(card.facts, rest, strict=True) if value
    ]
    return Candidate(
        register=hit.register,
        entity_id=hit.entity_id,
        name=name,
        masked_id=masked,
        facts=facts,
        matched=keys.MATCHED[hit.kind],
        exact=hit.exact,
        fuzzy=hit.fuzzy,
    )


def _fact(register: Declared, fact: Fact, value: str, tongue: str) -> str:
    if fact.show == "year":
        return value[:4]
    if fact.show == "born":
        return str(getattr(BORN, tongue)).format(year=value[:4])
    if fact.show == "masked":
        return register.element(fact.field).mask_text(value)
    title = register.code_title(fact.field, value)
    return getattr(title, tongue) if title else value


def golden(register: str, entity_id: str) -> Golden:
    state = ServingState.objects.filter(register=register).first()
    if state is None:
        declared(register)
        raise NotLinked(register=register)
    known = _built_by(register, str(settings.HOME), state.build)
    row, asked = _packed(register, entity_id), entity_id
    if row is None:
        entity_id = current(register, entity_id)
        row = _packed(register, entity_id) if entity_id != asked else None
    if row is None:
        raise NoSuchEntity(register=register, entity_id=asked)
    fields = unpack(row, state.sources)
    verified = {source.resource for source in known.register.sources if source.verified}
    values = {
        f.name: GoldenValue(
            value=_typed(known, f, fields[f.name].value),
            source=fields[f.name].source,
            organization=known.organization(fields[f.name].source),
            as_of=fields[f.name].as_of,
            verified=fields[f.name].source in verified,
            reason=reason_of(f, known.register.rules(f), fields[f.name].differs),
            differs=fields[f.name].differs,
        )
        for f in known.register.fields
        if f.name in fields
    }
    return Golden(register, entity_id, values, asked if asked != entity_id else None)


def _packed(register: str, entity_id: str) -> str | None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT golden FROM registers_entity WHERE register = %s AND entity_id = %s",
            [register, entity_id],
        )
        row = cursor.fetchone()
    return row[0] if row else None


def _typed(register: Declared, field: RegisterField, value: Any) -> Any:
    """Dates and times, which JSON holds as text, as what they are."""
    read = {"date": date.fromisoformat, "timestamp": datetime.fromisoformat}.get(
        register.element(field.name).type
    )
    if read is None:
        return value
    return [read(one) for one in value] if isinstance(value, list) else read(value)


def reason_of(field: RegisterField, rules: Sequence[Rule], differs: bool) -> str:
    """The rule a field is decided by, as far as the golden record alone can tell; `explain` tells exactly."""
    if field.multiple:
        return "all"
    if not differs:
        return "agreed"
    return rule_name(rules[0]) if rules else "sources"


def rule_name(rule: Rule) -> str:
    return "sources" if isinstance(rule, SourceOrder) else str(rule)
