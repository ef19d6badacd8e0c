"""Faults of meaning in relation declarations; the loader asks once all packs are read.

Relations among persons exist for entitlements: only households and kinship can be declared between two
registers of persons, and only where the declaration says what they serve.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from jingwei.kernel.text import Text
from jingwei.packs import limits
from jingwei.packs.declarations import Fault
from jingwei.packs.sections import Declared, Everything
from jingwei.registers.declaration import Register
from jingwei.registers.places.declaration import FIELD, REGISTER, RESOURCE, unknown
from jingwei.registers.relations.declaration import AMONG_PERSONS, End, Relation

PERSONS_ONLY = Text(
    "人与人之间只能声明同户（household）和亲属（kinship）",
    "between persons only household and kinship can be declared",
)
FOR_ENTITLEMENTS = Text(
    "人与人的关系只为办理待遇，要写 serves: entitlements",
    "a relation among persons serves entitlements only: write serves: entitlements",
)


def of_persons(register: Register) -> bool:
    """Whether a register's entities are natural persons: an identity number identifies them."""
    elements = {f.name: f.element for f in register.fields}
    return any(elements.get(i.field) == "resident_id" for i in register.identifiers)


def _of(resource: str, fields: list[str]) -> list[str]:
    return [f"{resource}.{name}" for name in fields]


def check(relations: Mapping[str, Declared], everything: Everything) -> Iterator[Fault]:
    for declared in relations.values():
        yield from _check_relation(declared, everything)


def _check_relation(declared: Declared, everything: Everything) -> Iterator[Fault]:
    relation: Relation = declared.value
    titled = [(("relation",), relation.relation), (("title",), relation.title.zh), (("title",), relation.title.en),
              (("inverse",), relation.inverse.zh), (("inverse",), relation.inverse.en)]  # fmt: skip
    yield from limits.faults(declared, titled)
    registers = everything.get("registers", {})
    ends: dict[str, Register | None] = {}
    for side, name in (("from", relation.from_), ("to", relation.to)):
        found = registers.get(name)
        ends[side] = found.value if found else None
        if found is None:
            yield unknown(declared, (side,), REGISTER, name, registers)
    yield from _check_persons(declared, relation, ends["from"], ends["to"])
    holders = {t.value.register_ for t in everything.get("places", {}).values()}
    for index, source in enumerate(relation.sources):
        at: tuple[Any, ...] = ("sources", index)
        contract = everything.get("contracts", {}).get(source.resource)
        if contract is None:
            yield unknown(
                declared, (*at, "resource"), RESOURCE, source.resource, everything.get("contracts", {})
            )
        held = [f.name for f in contract.value.fields] if contract else None
        for key in ("role", "since", "until"):
            name = getattr(source, key)
            if held is not None and name is not None and name not in held:
                yield unknown(
                    declared, (*at, key), FIELD, f"{source.resource}.{name}", _of(source.resource, held)
                )
        for side, end in (("from", source.from_), ("to", source.to)):
            register = ends[side]
            if register is not None:
                yield from _check_end(declared, (*at, side), end, source.resource, held, register, holders)


def _check_persons(
    declared: Declared, relation: Relation, one: Register | None, other: Register | None
) -> Iterator[Fault]:
    persons = one is not None and other is not None and of_persons(one) and of_persons(other)
    if persons and relation.kind not in AMONG_PERSONS:
        yield declared.fault(("kind",), PERSONS_ONLY, "not-kept-here")
    if (persons or relation.kind in AMONG_PERSONS) and relation.serves is None:
        yield declared.fault(("kind",), FOR_ENTITLEMENTS, "not-kept-here")
    if relation.kind in AMONG_PERSONS and one is not None and other is not None and not persons:
        text = Text(f"{relation.kind} 只在居民之间", f"{relation.kind} is between residents only")
        yield declared.fault(("kind",), text, "wrong-value")


def _check_end(
    declared: Declared,
    at: tuple[Any, ...],
    end: End,
    resource: str,
    held: list[str] | None,
    register: Register,
    holders: set[str],
) -> Iterator[Fault]:
    names = [f.name for f in register.fields]
    for key, name in end.fields().items():
        if held is not None and name not in held:
            yield unknown(declared, (*at, key), FIELD, f"{resource}.{name}", _of(resource, held))
    for theirs, mine in end.within.items():
        if held is not None and theirs not in held:
            yield unknown(
                declared, (*at, "within", theirs), FIELD, f"{resource}.{theirs}", _of(resource, held)
            )
        if mine not in names:
            yield unknown(declared, (*at, "within", theirs), FIELD, mine, names)
    if end.matches is not None and end.matches not in names:
        yield unknown(declared, (*at, "matches"), FIELD, end.matches, names)
    if end.record and resource not in {s.resource for s in register.sources}:
        text = Text(
            f"{resource} 不是 {register.name} 的来源，它的行没有主记录",
            f"{resource} is no source of {register.name}: its rows have no entity there",
        )
        yield declared.fault(at, text, "unknown-name")
    if end.identifier and not end.matches and not register.identifiers:
        text = Text(
            f"{register.name} 没有标识字段，要写 matches",
            f"{register.name} has no identifier; say what it matches",
        )
        yield declared.fault(at, text, "missing-key")
    if end.place and register.name not in holders:
        text = Text(
            f"{register.name} 不是地点库，没有 places 声明说到它",
            f"{register.name} holds no places: no declaration in places/ names it",
        )
        yield declared.fault((*at, "place"), text, "unknown-name")
