"""What a pack says about relations: which entities stand in one, and which table says so.

One YAML file in `relations/` declares one relation between the entities of two registers. Each of its
sources names both ends: the entity of the row itself, or whom a field of the row points at by number, by
name within a scope, or by the address of a place.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, model_validator

from jingwei.packs.declarations import Declaration, Words

Kind = Literal["household", "kinship", "residence", "property", "seat", "share", "branch", "office", "holder"]
"""household, kinship: among residents, for entitlements only; residence, property: a resident's place;
seat: an organization's place; share: who owns it; branch: of what it is a part; office: who acts for it;
holder: whose a licence or a credit record is."""
AMONG_PERSONS = ("household", "kinship")
RECORD = "record"


class End(Declaration):
    """Whom one side of a relation means: one of `record` (the entity of the row itself), `identifier` (a field
    with its number), `name` (a field with its exact name, `within` fields that must agree as well), `place`
    (a field with its address). `called` is a field that names an entity nobody knows."""

    record: bool = False
    identifier: str | None = None
    name: str | None = None
    place: str | None = None
    within: dict[str, str] = Field(default_factory=dict)
    matches: str | None = None
    called: str | None = None

    @model_validator(mode="after")
    def _one_way(self) -> End:
        ways = [self.record, self.identifier is not None, self.name is not None, self.place is not None]
        if sum(ways) != 1:
            raise ValueError("an end says one of record, identifier, name, place")
        if self.within and self.name is None:
            raise ValueError("within goes with name")
        return self

    def fields(self) -> dict[str, str]:
        """Key → the contract's field it names."""
        named = {"identifier": self.identifier, "name": self.name, "place": self.place, "called": self.called}
        return {key: name for key, name in named.items() if name}


def _end(value: Any) -> Any:
    return {"record": True} if value == RECORD else value


class RelationSource(Declaration):
    """A resource whose rows state the relation. `role` is a field, `says` the same words for every row."""

    resource: str
    from_: Annotated[End, BeforeValidator(_end)] = Field(alias="from", default=End(record=True))
    to: Annotated[End, BeforeValidator(_end)]
    role: str | None = None
    says: Words | None = None
    since: str | None = None
    until: str | None = None

    @model_validator(mode="after")
    def _one_role(self) -> RelationSource:
        if self.role and self.says:
            raise ValueError("give role (a field) or says (words), not both")
        return self


class Relation(Declaration):
    """`title` names the other side as seen from `from`, `inverse` as seen from `to`. `serves: entitlements`
    is said of relations among persons, which exist for nothing else."""

    relation: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    title: Words
    inverse: Words
    kind: Kind
    from_: str = Field(alias="from")
    to: str
    serves: Literal["entitlements"] | None = None
    sources: tuple[RelationSource, ...] = Field(min_length=1)
