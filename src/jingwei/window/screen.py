"""What the work area shows of a form: each place with its text, its fault and its group.

The order is the house's: what needs a hand first, what is filled already after, what may stay empty last.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any

from jingwei.kernel.text import Text
from jingwei.registers.showing import element_called, is_number, show
from jingwei.window.items import ItemField
from jingwei.window.models import Case
from jingwei.window.prefill import Form, Place


@dataclass(frozen=True)
class Spot:
    """A place as drawn: `text` is what stands in the control."""

    place: Place
    text: str
    choice: str
    fault: Text | None

    @property
    def id(self) -> str:
        return f"f-{self.place.name}"

    @property
    def needs_hand(self) -> bool:
        if self.place.contested:
            return self.choice == "" or self.fault is not None
        return self.fault is not None or (self.place.field.required and not self.text)

    @property
    def as_held(self) -> bool:
        """Still what the house filled in."""
        return self.place.held and self.text == self.place.shown


@dataclass(frozen=True)
class Screen:
    form: Form
    texts: Mapping[str, str] = field(default_factory=dict)
    choices: Mapping[str, str] = field(default_factory=dict)
    faults: Mapping[str, Text] = field(default_factory=dict)
    draft: Case | None = None
    others: Sequence[Case] = ()

    @cached_property
    def spots(self) -> list[Spot]:
        return [
            Spot(
                place=p,
                text=as_shown(p, self.texts.get(p.name)),
                choice=self.choices.get(p.name, ""),
                fault=self.faults.get(p.name),
            )
            for p in self.form.places
        ]

    @property
    def asked(self) -> list[Spot]:
        """Required and held nowhere, or wrong as typed: the clerk's first stop."""
        return [
            s
            for s in self.spots
            if not s.place.contested and (s.fault or (s.place.field.required and not s.place.held))
        ]

    @property
    def contested(self) -> list[Spot]:
        return [s for s in self.spots if s.place.contested]

    @property
    def filled(self) -> list[Spot]:
        return [s for s in self.spots if s.place.held and not s.place.contested and not s.fault]

    @property
    def optional(self) -> list[Spot]:
        return [
            s
            for s in self.spots
            if not s.place.held and not s.place.field.required and not s.place.contested and not s.fault
        ]

    @property
    def to_go(self) -> list[Spot]:
        return [s for s in [*self.asked, *self.contested] if s.needs_hand]

    @property
    def old(self) -> list[Spot]:
        return [s for s in self.filled if s.place.old]

    @property
    def other_cases(self) -> list[Case]:
        return [c for c in self.others if self.draft is None or c.number != self.draft.number]


def as_shown(place: Place, text: str | None) -> str:
    """A held value that comes back in full, as a code or untouched is masked again."""
    return place.shown if text is None or (place.held and text == place.value) else text


@dataclass(frozen=True)
class CaseRow:
    """One field of a stored case as its page shows it."""

    name: str
    title: Text
    shown: str
    masked: bool
    stated: bool
    unsure: bool
    organization: str
    as_of: date | None
    unit: Text | None
    register: str = ""
    deposited: str = ""
    """What became of the value in its register: stands, outlived or refused; empty where it was not deposited."""
    why: Text | None = None

    @classmethod
    def of(cls, declared: ItemField, kept: Mapping[str, Any]) -> CaseRow:
        element = element_called(declared.element)
        value = str(kept.get("value", ""))
        shown = show(element, value) if value else ""
        return cls(
            name=declared.name,
            title=declared.title.text(),
            shown=shown,
            masked=bool(value) and is_number(element),
            stated=kept.get("origin") == "stated",
            unsure=kept.get("choice") == "unsure",
            organization=str(kept.get("organization", "")),
            as_of=date.fromisoformat(kept["as_of"]) if kept.get("as_of") else None,
            unit=declared.unit.text() if declared.unit else None,
            register=declared.register or "",
            deposited=str(kept.get("deposited", "")),
            why=Text(**kept["why"]) if kept.get("why") else None,
        )
