"""Faults of meaning in register declarations; the loader asks once all packs are read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from jingwei.kernel.roles import ROLES
from jingwei.kernel.text import Text
from jingwei.packs import limits
from jingwei.packs.declarations import Fault, nearest
from jingwei.packs.sections import Declared, Everything
from jingwei.registers import credit
from jingwei.registers.declaration import Register, Rule, SourceOrder
from jingwei.registers.matching.comparers import COMPARERS, features_of


def check(registers: Mapping[str, Declared], everything: Everything) -> Iterator[Fault]:
    for declared in registers.values():
        yield from _check_register(declared, everything)


def _unknown(declared: Declared, at: tuple[Any, ...], what: Text, name: str, known: Iterable[str]) -> Fault:
    near = nearest(name, list(known))
    hint = Text(f"，是不是 {near}？", f"; did you mean {near}?") if near else Text("", "")
    text = Text("没有{what} {name}{hint}", "unknown {what} {name}{hint}").fill(
        what=what, name=name, hint=hint
    )
    return declared.fault(at, text, "unknown-name")


FIELD = Text("字段", "field")
ELEMENT = Text("数据元", "element")
RESOURCE = Text("资源", "resource")
ROLE = Text("角色", "role")
FEATURE = Text("特征", "feature")


def _check_register(declared: Declared, everything: Everything) -> Iterator[Fault]:
    register: Register = declared.value
    names = [f.name for f in register.fields]
    titled = [
        (i, text)
        for i, f in enumerate(register.fields)
        for text in (f.name, *(f.title.text() if f.title else ()))
    ]
    yield from limits.faults(declared, ((("fields", i), text) for i, text in titled))
    for index, field in enumerate(register.fields):
        at: tuple[Any, ...] = ("fields", index)
        if names.index(field.name) != index:
            text = Text(f"字段 {field.name} 声明了两次", f"the field {field.name} is declared twice")
            yield declared.fault(at, text, "declared-twice")
        if field.element not in everything.get("elements", {}):
            yield _unknown(declared, (*at, "element"), ELEMENT, field.element, everything.get("elements", {}))
        yield from _check_derived(declared, register, index, names)
    for index, role in enumerate(register.seen_by):
        known = {*ROLES, *everything.get("roles", {})}
        if role not in known:
            yield _unknown(declared, ("seen_by", index), ROLE, role, known)
    yield from _check_sources(declared, register, names, everything)
    yield from credit.check(declared, everything)
    yield from _check_references(declared, register, names)
    if register.matching:
        yield from _check_matching(declared, register, names)


def _check_derived(declared: Declared, register: Register, index: int, names: list[str]) -> Iterator[Fault]:
    field = register.fields[index]
    if field.derived_from is None:
        return
    at = ("fields", index, "derived_from")
    if field.derived_from not in names:
        yield _unknown(declared, at, FIELD, field.derived_from, names)
        return
    seen = [field.name]
    current: str | None = field.derived_from
    while current is not None and current in names:
        if current in seen:
            way = " → ".join([*seen, current])
            yield declared.fault(at, Text(f"推导绕成一圈：{way}", f"derives in a circle: {way}"), "cycle")
            return
        seen.append(current)
        current = register.field(current).derived_from


def _check_sources(
    declared: Declared, register: Register, names: list[str], everything: Everything
) -> Iterator[Fault]:
    contracts = everything.get("contracts", {})
    seen: set[str] = set()
    for index, source in enumerate(register.sources):
        at: tuple[Any, ...] = ("sources", index)
        if source.resource in seen:
            text = Text(f"来源 {source.resource} 写了两次", f"the source {source.resource} stands here twice")
            yield declared.fault((*at, "resource"), text, "declared-twice")
        seen.add(source.resource)
        contract = contracts.get(source.resource)
        if contract is None:
            yield _unknown(declared, (*at, "resource"), RESOURCE, source.resource, contracts)
        held = [f.name for f in contract.value.fields] if contract else None
        for mine, theirs in source.map.items():
            if mine not in names:
                yield _unknown(declared, (*at, "map", mine), FIELD, mine, names)
            if held is not None and theirs not in held:
                yield _unknown(declared, (*at, "map", mine), FIELD, f"{source.resource}.{theirs}", held)
    resources = {source.resource for source in register.sources}
    chains: list[tuple[tuple[Any, ...], tuple[Rule, ...]]] = [(("survivorship",), register.survivorship)]
    chains += [(("fields", i, "survivorship"), f.survivorship or ()) for i, f in enumerate(register.fields)]
    for place, chain in chains:
        for rule in chain:
            for resource in rule.sources if isinstance(rule, SourceOrder) else ():
                if resource not in resources:
                    yield _unknown(declared, place, RESOURCE, resource, resources)


def _check_references(declared: Declared, register: Register, names: list[str]) -> Iterator[Fault]:
    places: list[tuple[tuple[Any, ...], str]] = []
    for index, identifier in enumerate(register.identifiers):
        places.append((("identifiers", index), identifier.field))
        places += [(("identifiers", index, "contradicted_by"), f) for f in identifier.contradicted_by]
        places += [(("identifiers", index, "together_with"), f) for f in identifier.together_with]
    for kind in type(register.search).model_fields:
        places += [(("search", kind), f) for f in getattr(register.search, kind)]
    places.append((("card", "name"), register.card.name))
    if register.card.identifier:
        places.append((("card", "identifier"), register.card.identifier))
    places += [(("card", "facts", i), fact.field) for i, fact in enumerate(register.card.facts)]
    for at, name in places:
        if name not in names:
            yield _unknown(declared, at, FIELD, name, names)


def _check_matching(declared: Declared, register: Register, names: list[str]) -> Iterator[Fault]:
    matching = register.matching
    assert matching is not None
    for index, comparison in enumerate(matching.comparisons):
        for key, name in (("field", comparison.field), ("also", comparison.also)):
            if name is not None and name not in names:
                yield _unknown(declared, ("matching", "comparisons", index, key), FIELD, name, names)
        if comparison.also is None and COMPARERS[comparison.kind].needs_also:
            text = Text(f"{comparison.kind} 需要 also", f"{comparison.kind} needs also")
            yield declared.fault(("matching", "comparisons", index), text, "missing-key")
    features = set(names) | {
        f"{c.field}.{feature}" for c in matching.comparisons for feature in features_of(c)
    }
    for index, rule in enumerate(matching.blocking):
        for part in rule:
            if part not in features:
                yield _unknown(declared, ("matching", "blocking", index), FEATURE, part, features)
