"""Fills an item's form from the registers: every value with its source, its age, and who disagrees.

    item + register + entity ──golden (serving copy)──▶ held values
                             ──explain (lake), only where sources differ on a field that matters──▶ sides
    ──▶ Form: what needs a hand first, what is already done after

Nothing here is written. What leaves for the browser is `shown` (masked); `value` stays on the server.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cached_property
from itertools import takewhile

from django.utils import timezone

from jingwei.catalog.elements import Element
from jingwei.kernel.text import Text
from jingwei.packs.service import installed
from jingwei.registers import service as registers
from jingwei.registers.answers import Golden, GoldenValue, Statement
from jingwei.registers.declaration import Register
from jingwei.registers.showing import choices, element_called, is_number, show
from jingwei.window.errors import NoSuchItem, WrongStart
from jingwei.window.items import Item, ItemField
from jingwei.window.sameness import same


@dataclass(frozen=True)
class Side:
    """One of several values that sources hold for the same field."""

    value: str
    shown: str
    organization: str
    as_of: date | None
    verified: bool
    cut: tuple[str, str, str] = ("", "", "")
    """`shown` as what it begins with like its rival, what only it says, what both end with."""


@dataclass(frozen=True)
class Fact:
    """A line about the entity beside the form."""

    title: Text
    shown: str


@dataclass(frozen=True)
class Place:
    """One place of the form: what is declared, what is held, what the clerk sees."""

    field: ItemField
    element: Element
    value: str = ""
    shown: str = ""
    organization: str = ""
    source: str = ""
    as_of: date | None = None
    subject: str = ""
    old: bool = False
    sides: tuple[Side, ...] = ()
    disputed: bool = False
    """Somebody holds the value to be wrong; its provider has not answered yet."""

    @property
    def name(self) -> str:
        return self.field.name

    @property
    def held(self) -> bool:
        return self.value != ""

    @property
    def masked(self) -> bool:
        """A number that stands starred on the screen until someone asks."""
        return self.held and is_number(self.element)

    @property
    def contested(self) -> bool:
        return len(self.sides) > 1

    @property
    def missing(self) -> bool:
        return self.field.required and not self.held

    @cached_property
    def options(self) -> list[tuple[str, str]]:
        """Codes and their words, where the element is coded."""
        return choices(self.element)

    @property
    def kind(self) -> str:
        """Which control asks for it."""
        if self.options:
            return "select"
        return {"date": "date", "integer": "numeric", "decimal": "decimal"}.get(self.element.type, "text")


@dataclass(frozen=True)
class Form:
    """An item's form for one entity; `subjects` are all entities whose data it shows."""

    item: Item
    register: str
    entity_id: str
    name: str
    golden: Golden
    places: tuple[Place, ...]
    subjects: tuple[str, ...]
    facts: tuple[Fact, ...] = ()

    def place(self, name: str) -> Place | None:
        return next((p for p in self.places if p.name == name), None)

    @property
    def spared(self) -> list[Place]:
        """Filled by the house and agreed by all sources: nothing for the resident to do."""
        return [p for p in self.places if p.held and not p.contested]

    @property
    def contested(self) -> list[Place]:
        return [p for p in self.places if p.contested]

    @property
    def asked(self) -> list[Place]:
        return [p for p in self.places if not p.held]

    @property
    def missing(self) -> list[Place]:
        return [p for p in self.places if p.missing]


def items() -> list[Item]:
    """What is on offer, in the order a clerk sees it."""
    return sorted(installed().section("items").values(), key=lambda item: (item.place, item.item))


def item_called(name: str) -> Item:
    found = installed().section("items").get(name)
    if found is None:
        raise NoSuchItem(item=name)
    return found


def prefill(item: Item, register: str, entity_id: str) -> Form:
    """The form of `item` for an entity. Raises WrongStart, NoSuchEntity."""
    if register not in item.starts:
        raise WrongStart(item=item.title.text(), register=register_title(register))
    first = registers.golden(register, entity_id)
    golden = {register: first} | followed(item, first)
    places = tuple(place(field, golden.get(field.register or "")) for field in item.fields)
    return Form(
        item=item,
        register=register,
        entity_id=entity_id,
        name=name_of(first),
        golden=first,
        places=contest(places, golden),
        subjects=tuple(one.entity_id for one in golden.values()),
        facts=tuple(card_facts(first)),
    )


def followed(item: Item, first: Golden) -> dict[str, Golden]:
    """The records that the first one leads to: looked up by identifier, taken only when just one answers."""
    found: dict[str, Golden] = {}
    for register, path in item.follow.items():
        start, name = path.split(".")
        if start != first.register or name not in first.fields:
            continue
        identifier = text_of(first.fields[name])
        matches = [c for c in registers.search([register], identifier, limit=2) if c.matched == "identifier"]
        if identifier and len(matches) == 1:
            found[register] = registers.golden(register, matches[0].entity_id)
    return found


def place(field: ItemField, golden: Golden | None) -> Place:
    element = element_called(field.element)
    held = golden.fields.get(field.register_field or "") if golden else None
    value = text_of(held) if held else ""
    if held is None or golden is None or not value:
        return Place(field, element)
    stale = field.old_after is not None and held.as_of is not None
    limit = timezone.localdate() - timedelta(days=field.old_after or 0)
    return Place(
        field=field,
        element=element,
        value=value,
        shown=show(element, value),
        organization=held.organization,
        source=held.source,
        as_of=held.as_of,
        subject=golden.entity_id,
        old=bool(stale and held.as_of and held.as_of < limit),
        disputed=held.disputed,
    )


def contest(places: tuple[Place, ...], golden: dict[str, Golden]) -> tuple[Place, ...]:
    """Adds the other values where a field matters and its sources disagree; asks the lake only then."""
    doubtful = {p.field.held for p in places if p.held and p.field.matters and differs(p, golden)}
    explained = {
        f"{register}.{told.field}": [told.winner, *told.losers]
        for register in sorted({str(held).split(".")[0] for held in doubtful})
        for told in registers.explain(register, golden[register].entity_id)
    }
    return tuple(
        replace(p, sides=sides(p.element, explained.get(p.field.held or "", [])))
        if p.held and p.field.held in doubtful
        else p
        for p in places
    )


def differs(p: Place, golden: dict[str, Golden]) -> bool:
    return golden[p.field.register or ""].fields[p.field.register_field or ""].differs


def sides(element: Element, statements: list[Statement]) -> tuple[Side, ...]:
    """Distinct values, the winner first; of several sources that mean the same the first speaks."""
    seen: list[Side] = []
    for one in statements:
        value = text_of(one)
        if value and not any(same(element.element, value, side.value) for side in seen):
            seen.append(Side(value, show(element, value), one.organization, one.as_of, one.verified))
    shown = [side.shown for side in seen]
    rivals = [*shown[1:2], *(shown[:1] * len(shown))]
    return tuple(
        replace(side, cut=difference(side.shown, rival)) for side, rival in zip(seen, rivals, strict=False)
    )


def difference(text: str, other: str) -> tuple[str, str, str]:
    """Cuts `text` at the beginning and the end that it shares with `other`."""
    start = shared(text, other)
    end = shared(text[start:][::-1], other[start:][::-1])
    stop = len(text) - end
    return text[:start], text[start:stop], text[stop:]


def shared(one: str, other: str) -> int:
    """How many characters both begin with; a number is not cut in two."""
    same = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))
    while 0 < same < max(len(one), len(other)) and one[same - 1].isdigit():
        same -= 1
    return same


def text_of(held: GoldenValue | Statement) -> str:
    """A held value as canonical text; of several values the first."""
    value = held.value
    if isinstance(value, list | tuple):
        value = value[0] if value else None
    return "" if value is None else str(value)


def name_of(golden: Golden) -> str:
    """What to call an entity: the field its register's card names first."""
    held = golden.fields.get(register_called(golden.register).card.name)
    return text_of(held) if held else golden.entity_id


def card_facts(golden: Golden) -> Iterator[Fact]:
    """What the register's card tells of an entity besides its name, identifier first, masked."""
    register = register_called(golden.register)
    named = [register.card.identifier, *(fact.field for fact in register.card.facts)]
    for name in dict.fromkeys(filter(None, named)):
        held = golden.fields.get(name)
        declared = register.field(name)
        element = element_called(declared.element)
        if held and text_of(held):
            title = declared.title.text() if declared.title else element.title.text()
            yield Fact(title, show(element, text_of(held)))


def register_called(name: str) -> Register:
    return installed().section("registers")[name]


def register_title(name: str) -> Text:
    declared = installed().section("registers").get(name)
    return declared.title.text() if declared else Text(name, name)
