"""What a pack says about a register: its fields, its sources, who is the same, who is believed.

One YAML file declares one register. The shape is strict (unknown keys are faults); `check` finds
faults of meaning once all packs are known: fields, elements, resources and features that do not
exist, comparisons that do not fit, a field that derives from itself.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, model_validator

from jingwei.packs.declarations import Declaration, Words

Kind = Literal[
    "exact", "text", "person_name", "organization_name", "short_name", "name_across",
    "date", "phone", "address", "place", "mention", "title",
]  # fmt: skip


class SourceOrder(Declaration):
    """Believe the resources in this order; those not named come after, as the register lists them."""

    sources: tuple[str, ...]


Rule = Literal["verified", "sources", "newest", "oldest"] | SourceOrder


class RegisterField(Declaration):
    """A field of the golden record. `derived_from` takes what a field's element says about another
    (the birth date in an identity number) where a source does not give it."""

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
    element: str
    title: Words | None = None
    survivorship: tuple[Rule, ...] | None = None
    multiple: bool = False
    derived_from: str | None = None


class RegisterSource(Declaration):
    """A resource that feeds the register. `verified`: its rows were checked against documents.
    `distinct`: it lists every entity at most once, so two of its rows are two entities."""

    resource: str
    map: dict[str, str]
    verified: bool = False
    distinct: bool = False


def _named(value: Any) -> Any:
    return {"field": value} if isinstance(value, str) else value


class StrongIdentifier(Declaration):
    """A field whose valid value names one entity, or names it `together_with` other fields (an indicator with
    its area and period). A record that contradicts the others of its number in all of `contradicted_by` is
    taken to carry somebody else's number."""

    field: str
    together_with: tuple[str, ...] = ()
    contradicted_by: tuple[str, ...] = ()


class Comparison(Declaration):
    """How two values are compared. `also` names a second field of the same meaning: for `text`
    the one values are swapped with, for `address` the one that stands in for it, for `name_across` the short name, for `mention` the text field
    that mentions the name. `frequency`: agreeing on a rare value counts for more."""

    field: str
    kind: Kind = Field(alias="as")
    also: str | None = None
    frequency: bool | None = None


class Matching(Declaration):
    """For records without a valid identifier. A blocking rule lists fields or features (`name.pinyin`)
    that must agree before two records are compared at all; `largest_block` skips keys that too many share."""

    blocking: tuple[tuple[str, ...], ...]
    comparisons: tuple[Comparison, ...]
    precision: Annotated[float, Field(gt=0.5, lt=1)] = 0.995
    largest_block: Annotated[int, Field(gt=1)] = 200
    seed: int = 20260101

    @model_validator(mode="after")
    def _something_to_compare(self) -> Matching:
        if not self.blocking or not self.comparisons:
            raise ValueError("matching needs at least one blocking rule and one comparison")
        if any(not rule for rule in self.blocking):
            raise ValueError("a blocking rule names at least one field")
        return self


class Search(Declaration):
    """Which fields answer to what a clerk types."""

    identifier: tuple[str, ...] = ()
    person_name: tuple[str, ...] = ()
    organization_name: tuple[str, ...] = ()
    phone: tuple[str, ...] = ()
    address: tuple[str, ...] = ()


class Fact(Declaration):
    """One fact of a candidate's line; `year` shows only the year of a date, `born` says it of a person.
    A code is shown as its title."""

    field: str
    show: Literal["whole", "year", "born", "masked"] = "whole"


class Card(Declaration):
    """What tells namesakes apart under the search box."""

    name: str
    identifier: str | None = None
    facts: tuple[Fact, ...] = ()


class Register(Declaration):
    register_: Annotated[str, Field(alias="register", pattern=r"^[a-z][a-z0-9_]*$")]
    title: Words
    entity: Words
    prefix: Annotated[str, Field(pattern=r"^[A-Z]$")] = "P"
    seen_by: tuple[str, ...] = ()
    """Roles that see the register at all; none named: whoever may read registers."""
    fields: tuple[RegisterField, ...]
    sources: tuple[RegisterSource, ...]
    survivorship: tuple[Rule, ...] = ("verified", "sources", "newest")
    identifiers: tuple[Annotated[StrongIdentifier, BeforeValidator(_named)], ...] = ()
    matching: Matching | None = None
    search: Search = Search()
    card: Card

    @property
    def name(self) -> str:
        return self.register_

    def field(self, name: str) -> RegisterField:
        return next(f for f in self.fields if f.name == name)

    def rules(self, field: RegisterField) -> tuple[Rule, ...]:
        return field.survivorship if field.survivorship is not None else self.survivorship
