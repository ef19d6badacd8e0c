"""What a pack says about its territory: which register holds the places, and which resource which level.

One YAML file in `places/`. `check` finds what the shape cannot: registers, fields and resources that do
not exist, a resource that stands at two levels, coordinates of which one half is missing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Literal

from pydantic import Field

from jingwei.kernel.text import Text
from jingwei.packs.declarations import Declaration, Fault, nearest
from jingwei.packs.sections import Declared, Everything

LEVELS = ("division", "community", "grid", "building", "house")
"""From the widest to the narrowest; a place lies in one of a wider level."""
LevelName = Literal["division", "community", "grid", "building", "house"]
FIELD, RESOURCE, REGISTER = Text("字段", "field"), Text("资源", "resource"), Text("基础库", "register")


class PlaceFields(Declaration):
    """The register's fields that say where a place is. `parent` is the code of the place it lies in, `shape`
    its border as WKT, `longitude` and `latitude` its point, all in one system of coordinates."""

    code: str
    name: str
    address: str | None = None
    parent: str | None = None
    longitude: str | None = None
    latitude: str | None = None
    shape: str | None = None


class Succession(Declaration):
    """What became of codes. Either `successor` is a field that names the code that followed, or `revision`
    is one that names the edition a row stands in, and what followed is found by comparing editions."""

    resource: str
    code: str
    name: str
    valid_from: str | None = None
    valid_to: str | None = None
    successor: str | None = None
    revision: str | None = None

    def fields(self) -> Iterator[tuple[str, str]]:
        for key in ("code", "name", "valid_from", "valid_to", "successor", "revision"):
            if getattr(self, key):
                yield key, getattr(self, key)


class Territory(Declaration):
    territory: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    register_: str = Field(alias="register")
    fields: PlaceFields
    levels: dict[LevelName, tuple[str, ...]]
    succession: Succession | None = None

    def level_of(self) -> dict[str, str]:
        """Resource → level."""
        return {resource: level for level, resources in self.levels.items() for resource in resources}


def unknown(declared: Declared, at: tuple[Any, ...], what: Text, name: str, known: Any) -> Fault:
    near = nearest(name, list(known))
    hint = Text(f"，是不是 {near}？", f"; did you mean {near}?") if near else Text("", "")
    text = Text("没有{what} {name}{hint}", "unknown {what} {name}{hint}").fill(
        what=what, name=name, hint=hint
    )
    return declared.fault(at, text, "unknown-name")


def check(territories: Mapping[str, Declared], everything: Everything) -> Iterator[Fault]:
    of_register: dict[str, str] = {}
    for name, declared in territories.items():
        territory: Territory = declared.value
        register = everything.get("registers", {}).get(territory.register_)
        if register is None:
            yield unknown(
                declared, ("register",), REGISTER, territory.register_, everything.get("registers", {})
            )
        else:
            yield from _check_fields(declared, territory, [f.name for f in register.value.fields])
            yield from _check_levels(declared, territory, [s.resource for s in register.value.sources])
        if territory.register_ in of_register:
            text = Text(
                f"{territory.register_} 已归 {of_register[territory.register_]}",
                f"{territory.register_} belongs to {of_register[territory.register_]} already",
            )
            yield declared.fault(("register",), text, "declared-twice")
        of_register.setdefault(territory.register_, name)
        if territory.succession:
            yield from _check_succession(declared, territory.succession, everything)


def _check_fields(declared: Declared, territory: Territory, known: list[str]) -> Iterator[Fault]:
    fields = territory.fields
    for key in PlaceFields.model_fields:
        name = getattr(fields, key)
        if name is not None and name not in known:
            yield unknown(declared, ("fields", key), FIELD, name, known)
    if (fields.longitude is None) != (fields.latitude is None):
        text = Text("longitude 和 latitude 要一起写", "longitude and latitude stand together or not at all")
        yield declared.fault(("fields",), text, "missing-key")


def _check_levels(declared: Declared, territory: Territory, sources: list[str]) -> Iterator[Fault]:
    seen: dict[str, str] = {}
    for level, resources in territory.levels.items():
        for index, resource in enumerate(resources):
            at = ("levels", level, index)
            if resource not in sources:
                yield unknown(declared, at, RESOURCE, resource, sources)
            if resource in seen:
                text = Text(
                    f"{resource} 已是 {seen[resource]} 一级",
                    f"{resource} is of the level {seen[resource]} already",
                )
                yield declared.fault(at, text, "declared-twice")
            seen.setdefault(resource, level)


def _check_succession(declared: Declared, succession: Succession, everything: Everything) -> Iterator[Fault]:
    contracts = everything.get("contracts", {})
    contract = contracts.get(succession.resource)
    if contract is None:
        yield unknown(declared, ("succession", "resource"), RESOURCE, succession.resource, contracts)
    else:
        held = [f.name for f in contract.value.fields]
        for key, name in succession.fields():
            if name not in held:
                yield unknown(
                    declared,
                    ("succession", key),
                    FIELD,
                    f"{succession.resource}.{name}",
                    [f"{succession.resource}.{one}" for one in held],
                )
    if (succession.successor is None) == (succession.revision is None):
        text = Text(
            "successor 和 revision 要写一个，也只能写一个",
            "give either successor or revision, one of the two",
        )
        yield declared.fault(("succession",), text, "missing-key")
