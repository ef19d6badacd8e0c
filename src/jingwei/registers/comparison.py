"""A department's list beside a register, without the register leaving: row by row and field by field yes, differs, no.

    list row ─standardized as its elements ask─▶ identifier, else name with the other fields ─▶ one entity, none, several
                                                              │ each compared field
                                                              ▼
                                              yes · differs · no (the register holds none) · unreadable

No value of the register is in the answer, whatever the list holds. Who asked, for what, how many rows and which
fields is on the ledger, with the entities that were compared.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import connection, transaction

from jingwei.catalog.values import standardize_many
from jingwei.collection.connectors.headers import plain
from jingwei.collection.understanding.meaning import hinted
from jingwei.kernel import ledger
from jingwei.kernel.models import Account
from jingwei.kernel.text import Text, listed
from jingwei.registers import keys
from jingwei.registers.errors import ListTooLong, NothingToCompare, NotLinked, PurposeMissing
from jingwei.registers.models import ServingState
from jingwei.registers.packing import unpack
from jingwei.registers.sources import Declared, declared

MOST_ROWS = 50_000
ASKED_AT_ONCE = 500
LEAST_PURPOSE = 4
NAMESAKES = 200
"""A name more people bear than this is not told apart by a list."""

FOUND, NOT_FOUND, SEVERAL = "found", "not-found", "several"
YES, DIFFERS, NO, UNREADABLE, BLANK = "yes", "differs", "no", "unreadable", ""
WORDS = {
    FOUND: Text("找到", "found"),
    NOT_FOUND: Text("没找到", "not found"),
    SEVERAL: Text("不止一个", "more than one"),
    YES: Text("一致", "yes"),
    DIFFERS: Text("不一致", "differs"),
    NO: Text("库里没有", "no"),
    UNREADABLE: Text("写法不对", "unreadable"),
    BLANK: Text("", ""),
}


@dataclass(frozen=True)
class ListRow:
    """A row of the list: its number there, and its cells by column."""

    number: int
    cells: Mapping[str, str]


@dataclass(frozen=True)
class Answer:
    row: ListRow
    found: str
    fields: Mapping[str, str]


@dataclass(frozen=True)
class Comparison:
    register: str
    columns: Mapping[str, str]
    """Register field → column of the list."""
    answers: Sequence[Answer] = field(default_factory=list)

    @property
    def counts(self) -> Counter[str]:
        return Counter(one.found for one in self.answers)

    def field_counts(self, name: str) -> Counter[str]:
        return Counter(one.fields[name] for one in self.answers if name in one.fields)


def guess(known: Declared, columns: Sequence[str]) -> dict[str, str]:
    """Register field → column: by the field's own name and titles, by the headers the register's sources use,
    and for identifiers and names by what a header usually means."""
    found: dict[str, str] = {}
    left = list(columns)
    for one in known.register.fields:
        element = known.element(one.name)
        titles = [*(_both(known.title(one.name))), *_both(element.title.text())]
        wanted = {plain(name) for name in [one.name, *titles, *headers(known, one.name)]}
        column = next((column for column in left if plain(column) in wanted), None)
        if column is not None and not one.multiple:
            found[one.name] = column
            left.remove(column)
    search = known.register.search
    for name in (*search.identifier, *search.person_name, *search.organization_name, *search.phone):
        if name not in found and not known.register.field(name).multiple:
            element = known.element(name)
            column = next((column for column in left if hinted(element.element, column)), None)
            if column is not None:
                found[name] = column
                left.remove(column)
    return found


def _both(title: Text) -> tuple[str, str]:
    return title.zh, title.en


def headers(known: Declared, name: str) -> Iterable[str]:
    """What the register's sources call a field in their own tables."""
    for source in known.register.sources:
        contract, theirs = known.contracts.get(source.resource), source.map.get(name)
        if contract and theirs:
            yield from contract.field(theirs).headers


def check(known: Declared, columns: Mapping[str, str]) -> None:
    """Refuses a list that could not tell one entity from another."""
    search = known.register.search
    unknown = [name for name in columns if all(one.name != name for one in known.register.fields)]
    names = {*search.person_name, *search.organization_name}
    identified = any(name in columns for name in search.identifier)
    if unknown or not (identified or (names & set(columns) and len(set(columns) - names) > 0)):
        identifiers = listed([str(known.title(name)) for name in search.identifier]) or "-"
        raise NothingToCompare(register=known.register.title.text(), identifiers=identifiers)


def compare(
    account: Account | None,
    register: str,
    rows: Sequence[ListRow],
    columns: Mapping[str, str],
    purpose: str,
) -> Comparison:
    """The answers in the order of the rows, once the asking is on the ledger."""
    known = declared(register)
    state = ServingState.objects.filter(register=register).first()
    if state is None:
        raise NotLinked(register=register)
    if len(purpose.strip()) < LEAST_PURPOSE:
        raise PurposeMissing()
    if len(rows) > MOST_ROWS:
        raise ListTooLong(rows=len(rows), most=MOST_ROWS)
    check(known, columns)
    values = _standardized(known, rows, columns)
    candidates = _candidates(known, values)
    packed = _packed(register, {entity for several in candidates for entity in several})
    held = {entity: _held(known, unpack(golden, state.sources)) for entity, golden in packed.items()}
    answers, subjects = [], set()
    for row, given, several in zip(rows, values, candidates, strict=True):
        verdict, entity = _settle(known, given, several, held)
        fields = {name: UNREADABLE for name, one in given.items() if not one.readable}
        if entity is not None:
            subjects.add(entity)
            fields = {name: _field(given[name], held[entity].get(name)) for name in columns}
        answers.append(Answer(row, verdict, fields))
    with transaction.atomic():
        ledger.record(
            account,
            "register.compare",
            f"{register}, {len(rows)} rows",
            subjects=sorted(subjects),
            fields=sorted(columns),
            purpose=purpose.strip(),
        )
    return Comparison(register, dict(columns), answers)


@dataclass(frozen=True, slots=True)
class Given:
    """A cell in its element's form; `readable` is False where the element refuses it."""

    value: str | None
    readable: bool = True


def _standardized(
    known: Declared, rows: Sequence[ListRow], columns: Mapping[str, str]
) -> list[dict[str, Given]]:
    found: list[dict[str, Given]] = [{} for _ in rows]
    for name, column in columns.items():
        texts = [row.cells.get(column, "") or "" for row in rows]
        distinct = sorted(set(texts))
        element = known.element(name).element
        told = {
            text: Given(None if one.value is None else str(one.value), one.fault is None)
            for text, one in zip(distinct, standardize_many(element, distinct), strict=True)
        }
        for row, text in zip(found, texts, strict=True):
            row[name] = told[text]
    return found


def _candidates(known: Declared, rows: Sequence[Mapping[str, Given]]) -> list[list[str]]:
    """The entities each row may mean: those of its first identifier that is given, else those of its name."""
    search = known.register.search
    asked: list[tuple[str, str] | None] = []
    for row in rows:
        identifier = next((row[n].value for n in search.identifier if n in row and row[n].value), None)
        names = (*search.person_name, *search.organization_name)
        name = next((row[n].value for n in names if n in row and row[n].value), None)
        if identifier:
            asked.append((keys.IDENTIFIER, identifier.upper()))
        else:
            refused = any(not row[n].readable for n in search.identifier if n in row)
            asked.append((keys.NAME, keys.fold(name)) if name and not refused else None)
    held: dict[tuple[str, str], list[str]] = {}
    for kind in (keys.IDENTIFIER, keys.NAME):
        wanted = sorted({one[1] for one in asked if one and one[0] == kind})
        for entity, key in _of_keys(known.name, kind, wanted):
            held.setdefault((kind, key), []).append(entity)
    return [held.get(one, []) if one else [] for one in asked]


def _of_keys(register: str, kind: str, wanted: Sequence[str]) -> Iterable[tuple[str, str]]:
    with connection.cursor() as cursor:
        for start in range(0, len(wanted), ASKED_AT_ONCE):
            some = wanted[start : start + ASKED_AT_ONCE]
            marks = ", ".join(["%s"] * len(some))
            cursor.execute(
                "SELECT DISTINCT entity_id, key FROM registers_searchkey "
                f"WHERE register = %s AND kind = %s AND key IN ({marks})",
                [register, kind, *some],
            )
            yield from cursor.fetchall()


def _packed(register: str, entities: Iterable[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    ids = sorted(entities)
    with connection.cursor() as cursor:
        for start in range(0, len(ids), ASKED_AT_ONCE):
            some = ids[start : start + ASKED_AT_ONCE]
            marks = ", ".join(["%s"] * len(some))
            cursor.execute(
                f"SELECT entity_id, golden FROM registers_entity WHERE register = %s AND entity_id IN ({marks})",
                [register, *some],
            )
            found |= dict(cursor.fetchall())
    return found


def _held(known: Declared, fields: Mapping[str, Any]) -> dict[str, set[str]]:
    """What the register holds of an entity, as texts of the elements."""
    out = {}
    for name, one in fields.items():
        many = one.value if isinstance(one.value, list) else [one.value]
        texts = {_text(value) for value in many if value not in (None, "")}
        if texts:
            out[name] = texts
    return out


def _text(value: Any) -> str:
    return keys.fold(str(value))


def _settle(
    known: Declared, given: Mapping[str, Given], several: Sequence[str], held: Mapping[str, Any]
) -> tuple[str, str | None]:
    """Which entity a row means. By a name alone nobody is meant: another field has to agree, and no second
    namesake's as well."""
    several = [entity for entity in several if entity in held]
    if not several:
        return NOT_FOUND, None
    search = known.register.search
    identified = any(given[n].value for n in search.identifier if n in given)
    if identified:
        return (FOUND, several[0]) if len(several) == 1 else (SEVERAL, None)
    if len(several) > NAMESAKES:
        return SEVERAL, None
    names = {*search.person_name, *search.organization_name}
    others = [name for name, one in given.items() if name not in names and one.value]
    agreeing = [
        entity for entity in several if any(_field(given[n], held[entity].get(n)) == YES for n in others)
    ]
    if len(agreeing) == 1:
        return FOUND, agreeing[0]
    if len(agreeing) > 1:
        every = [e for e in agreeing if all(_field(given[n], held[e].get(n)) == YES for n in others)]
        return (FOUND, every[0]) if len(every) == 1 else (SEVERAL, None)
    return (NOT_FOUND, None) if len(several) == 1 else (SEVERAL, None)


def _field(given: Given, held: set[str] | None) -> str:
    if not given.readable:
        return UNREADABLE
    if given.value is None or given.value == "":
        return BLANK
    if not held:
        return NO
    return YES if _text(given.value) in held else DIFFERS
