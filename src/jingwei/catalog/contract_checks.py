"""What contracts mean: their elements exist, their rules are SQL, what they refer to is declared.

A file's shape and conventions were checked when it was read (contract_files); this looks over all packs.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import duckdb

from jingwei.catalog import sharing
from jingwei.catalog.contracts import RESOURCE_IN_RULE, Contract, Rule
from jingwei.catalog.elements import Element
from jingwei.catalog.sql import identifier
from jingwei.catalog.values import scratch
from jingwei.kernel.text import Text
from jingwei.packs import limits
from jingwei.packs.declarations import Fault, nearest
from jingwei.packs.sections import Declared, Everything

LOGICAL_TYPE_OF = {
    "string": "string",
    "date": "date",
    "timestamp": "timestamp",
    "integer": "integer",
    "decimal": "number",
    "boolean": "boolean",
}
"""The standard's word for an element's type."""


def wrong_elements(
    contract: Contract, elements: Mapping[str, Element], path: Path, line: Any
) -> Iterator[Fault]:
    """Fields that name a data element nobody declared, or one of another type than they say."""
    for index, one in enumerate(contract.fields):
        at = ("schema", 0, "properties", index)
        if one.element is None:
            continue
        if one.element not in elements:
            near = nearest(one.element, elements)
            hint = Text(f"，是不是 {near}？", f"; did you mean {near}?") if near else Text("", "")
            text = Text(
                "{field} 的数据元 {element} 没有声明{hint}",
                "{field} names the data element {element}, which is not declared{hint}",
            )
            named = text.fill(field=one.name, element=one.element, hint=hint)
            yield Fault(path, line(at), named, "unknown-element")
        elif one.logical_type != (wanted := LOGICAL_TYPE_OF[elements[one.element].type]):
            text = Text(
                "{field} 的 logicalType 是 {said}，而数据元 {element} 是 {wanted}",
                "{field} says logicalType {said}, but the data element {element} is {wanted}",
            )
            told = text.fill(field=one.name, said=one.logical_type, element=one.element, wanted=wanted)
            yield Fault(path, line(at), told, "other-type")


def _names(contract: Contract) -> Iterator[tuple[tuple[Any, ...], str]]:
    """Every name a contract gives to what it holds of people, and where."""
    for index, one in enumerate(contract.fields):
        for name in (one.name, *one.headers, one.title.zh, one.title.en):
            yield ("schema", 0, "properties", index), name


def check(contracts: Mapping[str, Declared], everything: Everything) -> Iterator[Fault]:
    """Meaning: every element a contract names exists and has the field's type, every rule is SQL, and what
    other resources it reads are declared."""
    elements = {name: declared.value for name, declared in everything.get("elements", {}).items()}
    known = {name: declared.value for name, declared in everything.get("contracts", {}).items()}
    listed = everything.get("codes", {}).get(sharing.THEMES)
    themes = listed.value if listed else None
    for declared in contracts.values():
        yield from limits.faults(declared, _names(declared.value))
        wrong = list(wrong_elements(declared.value, elements, declared.path, declared.line))
        wrong += sharing.faults(declared.value, elements, themes, declared.path, declared.line)
        wrong += wrong_references(declared.value, known, declared.path, declared.line)
        yield from wrong or wrong_rules(declared.value, elements, declared.path, declared.line, known)


def wrong_references(
    contract: Contract, known: Mapping[str, Contract], path: Path, line: Any
) -> Iterator[Fault]:
    """Relationships and rules that lead to a resource or a field nobody declared."""
    for index, field in enumerate(contract.fields):
        if field.references is None:
            continue
        resource, _, name = field.references.rpartition(".")
        there = contract if resource == contract.id else known.get(resource)
        if there is None or not any(f.name == name for f in there.fields):
            near = (
                nearest(resource, known) if there is None else nearest(name, [f.name for f in there.fields])
            )
            hint = Text(f"，是不是 {near}？", f"; did you mean {near}?") if near else Text("", "")
            text = Text(
                "{field} 关联的 {to} 没有声明{hint}", "{field} refers to {to}, which is not declared{hint}"
            )
            told = text.fill(field=field.name, to=field.references, hint=hint)
            yield Fault(path, line(("schema", 0, "properties", index)), told, "unknown-reference")
    for at, rule in _placed(contract):
        for resource in rule.resources:
            if resource != contract.id and resource not in known:
                near = nearest(resource, known)
                hint = Text(f"，是不是 {near}？", f"; did you mean {near}?") if near else Text("", "")
                text = Text(
                    "规则 {rule} 用到的 {to} 没有声明{hint}",
                    "the rule {rule} reads {to}, which is not declared{hint}",
                )
                yield Fault(
                    path, line(at), text.fill(rule=rule.name, to=resource, hint=hint), "unknown-reference"
                )


def wrong_rules(
    contract: Contract,
    elements: Mapping[str, Element],
    path: Path,
    line: Any,
    known: Mapping[str, Contract] | None = None,
) -> Iterator[Fault]:
    """Rules whose condition is no SQL over the contract's fields. All together first; one by one only to name it."""
    if any(field.element_name not in elements for field in contract.fields):
        return
    columns = _nothing(contract, elements)
    others = {name: f"(SELECT {_nothing(one, elements)})" for name, one in {**(known or {}), contract.id: contract}.items()
              if all(f.element_name in elements for f in one.fields)}  # fmt: skip
    placed = [(at, rule, reading(rule.condition, others)) for at, rule in _placed(contract)]
    if not placed or _said_of([condition for _, _, condition in placed], columns) is None:
        return
    for at, rule, condition in placed:
        said = _said_of([condition], columns)
        if said is not None:
            text = Text("规则 {name} 不成立：{said}", "the rule {name} is no condition: {said}")
            yield Fault(path, line(at), text.fill(name=rule.name, said=said), "rule-faulty")


def reading(condition: str, tables: Mapping[str, str]) -> str:
    """A rule's condition with the SQL of each resource it names in braces."""
    return RESOURCE_IN_RULE.sub(lambda found: tables.get(found[1], found[0]), condition)


def _nothing(contract: Contract, elements: Mapping[str, Element]) -> str:
    """The contract's fields as columns of the right type without values."""
    return ", ".join(
        f"CAST(NULL AS {elements[f.element_name].sql_type}) AS {identifier(f.name)}" for f in contract.fields
    )


def _placed(contract: Contract) -> Iterator[tuple[tuple[Any, ...], Rule]]:
    """Every rule of a contract, and where it stands."""
    for index, field in enumerate(contract.fields):
        for rule in field.rules:
            yield ("schema", 0, "properties", index), rule
    for rule in contract.rules:
        yield ("schema", 0, "quality"), rule


def _said_of(conditions: list[str], columns: str) -> str | None:
    """What the engine says against the conditions, over fields of these types; None when they hold."""
    tests = ", ".join(f"({condition}) IS FALSE" for condition in conditions)
    try:
        scratch().execute(f"EXPLAIN SELECT {tests} FROM (SELECT {columns})")
    except duckdb.Error as exc:
        return str(exc).splitlines()[0]
    return None
