"""Reads data contracts from ODCS files, and checks what they mean.

A contract is an ODCS v3.1 YAML file that passes the standard's own JSON schema (`odcs`). What the house
needs beyond the standard stands in its `customProperties`, strictly checked like everything else:
an unknown property name is a fault.

    YAML ──the standard's schema──▶ shape ──our conventions──▶ Contract ──elements──▶ meaning
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

import duckdb
from pydantic import BaseModel

from jingwei.catalog import odcs
from jingwei.catalog.contracts import Contract, Field, Rule, Server
from jingwei.catalog.elements import Element
from jingwei.catalog.sql import identifier
from jingwei.catalog.values import scratch
from jingwei.kernel.text import Text
from jingwei.packs import limits
from jingwei.packs.declarations import Document, Fault, nearest
from jingwei.packs.sections import Declared, Everything

VERSIONS = ("v3.1.0", "v3.2.0")
LOGICAL_TYPES = ("string", "date", "timestamp", "integer", "number", "boolean")
LOGICAL_TYPE_OF = {
    "string": "string",
    "date": "date",
    "timestamp": "timestamp",
    "integer": "integer",
    "decimal": "number",
    "boolean": "boolean",
}
"""The standard's word for an element's type."""
CONTRACT_PROPERTIES = (
    "organization",
    "sourceSystem",
    "title",
    "asOf",
    "refresh",
    "maxRemoved",
    "addedColumns",
)
FIELD_PROPERTIES = ("element", "aliases", "onFault", "title")
SERVER_PROPERTIES = ("encoding", "delimiter", "quote", "dialect", "user")
RESOURCE_ID = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+")
FIELD_NAME = re.compile(r"[a-z][a-z0-9_]*")
ENGINE = "jingwei"


class OdcsFile(BaseModel):
    """Stands for the standard in the section table; the standard's JSON schema does the checking."""


def read(document: Document, at: tuple[Any, ...]) -> tuple[Contract | None, list[Fault]]:
    """The document as a contract, or everything wrong with it."""
    value = document.value
    for step in at:
        value = value[step]

    def fault(location: tuple[Any, ...], text: Text, code: str = "contract") -> Fault:
        return Fault(document.path, document.line(at + location), text, code)

    if not isinstance(value, dict):
        return None, [fault((), Text("不是一份数据契约", "is not a data contract"))]
    faults = [fault(place, text, code) for place, text, code in odcs.faults(value)]
    if faults:
        return None, faults
    reading = _Reading(value, fault)
    contract = reading.contract()
    return (None, reading.faults) if reading.faults else (contract, [])


class _Reading:
    """Turns a valid ODCS mapping into a Contract, collecting the faults of our own conventions."""

    def __init__(self, value: dict[str, Any], fault: Any) -> None:
        self.value = value
        self.fault = fault
        self.faults: list[Fault] = []

    def say(self, at: tuple[Any, ...], zh: str, en: str, code: str = "contract") -> None:
        self.faults.append(self.fault(at, Text(zh, en), code))

    def contract(self) -> Contract | None:
        value = self.value
        if value["apiVersion"] not in VERSIONS:
            self.say(("apiVersion",), f"版本要用 {VERSIONS[0]}", f"the version has to be {VERSIONS[0]}")
        if not RESOURCE_ID.fullmatch(str(value["id"])):
            self.say(
                ("id",),
                "资源名要写成 系统.表，只用小写字母、数字和下划线",
                "a resource is named system.table, in lower case letters, digits and underscores",
            )
        tables = value.get("schema") or []
        if len(tables) != 1:
            self.say(("schema",), "一份契约只声明一张表", "a contract declares exactly one table")
            return None
        table = tables[0]
        own = self.custom(value.get("customProperties"), ("customProperties",), CONTRACT_PROPERTIES)
        fields = tuple(self.fields(table))
        names = {f.name for f in fields}
        title = own.get("title") or value.get("name") or value["id"]
        if own.get("asOf") and own["asOf"] not in names:
            near = nearest(own["asOf"], names)
            self.say(
                ("customProperties",),
                f"asOf 指的字段 {own['asOf']} 不在表里" + (f"，是不是 {near}？" if near else ""),
                f"asOf names {own['asOf']}, which is no field" + (f"; did you mean {near}?" if near else ""),
            )
        if own.get("refresh", "upsert") not in ("upsert", "full"):
            self.say(("customProperties",), "refresh 只能是 upsert 或 full", "refresh is upsert or full")
        if own.get("addedColumns", "notice") not in ("notice", "freeze"):
            self.say(
                ("customProperties",),
                "addedColumns 只能是 notice 或 freeze",
                "addedColumns is notice or freeze",
            )
        if not any(f.key for f in fields):
            self.say(
                ("schema", 0),
                "没有主键：至少一个字段要有 primaryKey: true",
                "has no key: at least one field needs primaryKey: true",
                "no-key",
            )
        description = value.get("description") or {}
        promised = [
            f"{s.get('value')} {s.get('unit') or ''}".strip()
            for s in value.get("slaProperties") or []
            if s.get("property") == "frequency"
        ]
        return Contract(
            id=str(value["id"]),
            version=str(value["version"]),
            title=_words(title),
            organization=str(own.get("organization") or value.get("domain") or ""),
            source_system=str(own.get("sourceSystem") or str(value["id"]).split(".")[0]),
            fields=fields,
            server=self.server(value.get("servers") or [], table),
            as_of=own.get("asOf"),
            refresh=own.get("refresh", "upsert"),
            max_removed=float(own.get("maxRemoved", 0.05)),
            added_columns=own.get("addedColumns", "notice"),
            rules=tuple(self.rules(table.get("quality"), ("schema", 0, "quality"), None)),
            purpose=str(description.get("purpose") or ""),
            promised=promised[0] if promised else "",
        )

    def custom(self, listed: Any, at: tuple[Any, ...], known: tuple[str, ...]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for index, entry in enumerate(listed or []):
            name = entry.get("property")
            if name not in known:
                near = nearest(str(name), known)
                self.say(
                    (*at, index),
                    f"不认识的属性 {name}" + (f"，是不是 {near}？" if near else ""),
                    f"unknown property {name}" + (f"; did you mean {near}?" if near else ""),
                    "unknown-key",
                )
                continue
            found[name] = entry.get("value")
        return found

    def fields(self, table: dict[str, Any]) -> Iterator[Field]:
        seen: set[str] = set()
        for index, entry in enumerate(table.get("properties") or []):
            at = ("schema", 0, "properties", index)
            name = str(entry["name"])
            if not FIELD_NAME.fullmatch(name):
                self.say(
                    at,
                    f"字段名 {name} 只能用小写字母、数字和下划线",
                    f"the field name {name} may use lower case letters, digits and underscores only",
                )
            if name in seen:
                self.say(
                    at, f"字段 {name} 声明了两次", f"the field {name} is declared twice", "declared-twice"
                )
            seen.add(name)
            logical = entry.get("logicalType", "string")
            if logical not in LOGICAL_TYPES:
                self.say(
                    (*at, "logicalType"),
                    f"logicalType 只能是 {'、'.join(LOGICAL_TYPES)}",
                    f"logicalType is one of {', '.join(LOGICAL_TYPES)}",
                )
            own = self.custom(entry.get("customProperties"), (*at, "customProperties"), FIELD_PROPERTIES)
            on_fault = own.get("onFault", "quarantine")
            if on_fault not in ("quarantine", "void"):
                self.say(
                    (*at, "customProperties"),
                    "onFault 只能是 quarantine 或 void",
                    "onFault is quarantine or void",
                )
            if on_fault == "void" and (entry.get("primaryKey") or entry.get("required")):
                self.say(
                    (*at, "customProperties"),
                    f"{name} 是必填字段，出错不能只作废值",
                    f"{name} is required: a wrong value cannot just be set aside",
                )
            yield Field(
                name=name,
                header=str(entry.get("physicalName") or name),
                title=_words(
                    own.get("title")
                    or {
                        "zh": entry.get("businessName") or entry.get("physicalName") or name,
                        "en": name.replace("_", " ").capitalize(),
                    }
                ),
                logical_type=logical,
                element=own.get("element"),
                aliases=tuple(str(a) for a in own.get("aliases") or ()),
                required=bool(entry.get("required") or entry.get("primaryKey")),
                key=int(entry.get("primaryKeyPosition") or 1) if entry.get("primaryKey") else 0,
                on_fault=on_fault,
                rules=tuple(self.rules(entry.get("quality"), (*at, "quality"), name)),
            )

    def rules(self, listed: Any, at: tuple[Any, ...], field_name: str | None) -> Iterator[Rule]:
        for index, entry in enumerate(listed or []):
            if entry.get("type") == "text":
                continue
            if (
                entry.get("type") != "custom"
                or entry.get("engine") != ENGINE
                or not isinstance(entry.get("implementation"), str)
            ):
                self.say(
                    (*at, index),
                    "质量规则要写成 type: custom、engine: jingwei 和 implementation: SQL 条件",
                    "a quality rule is written as type: custom, engine: jingwei and implementation: an SQL condition",
                )
                continue
            name = str(entry.get("name") or f"rule-{index + 1}")
            said = str(entry.get("description") or name)
            zh, _, en = said.partition(" | ")
            yield Rule(
                name,
                entry["implementation"],
                Text(zh.strip(), (en or name).strip()),
                str(entry.get("dimension") or "conformity"),
                field_name,
            )

    def server(self, listed: list[dict[str, Any]], table: dict[str, Any]) -> Server | None:
        if not listed:
            return None
        entry = listed[0]
        options = self.custom(
            entry.get("customProperties"), ("servers", 0, "customProperties"), SERVER_PROPERTIES
        )
        kind = entry["type"]
        name = table.get("physicalName")
        if kind == "local":
            return Server(entry["server"], str(entry["format"]), str(entry["path"]), name, options)
        if kind in ("postgres", "postgresql", "mysql"):
            scheme = "mysql" if kind == "mysql" else "postgresql"
            port = f":{entry['port']}" if entry.get("port") else ""
            query = f"?schema={entry['schema']}" if entry.get("schema") else ""
            return Server(
                entry["server"],
                scheme,
                f"{scheme}://{_user(options)}{entry['host']}{port}/{entry['database']}{query}",
                name,
                options,
            )
        self.say(
            ("servers", 0, "type"),
            f"还不能从 {kind} 读取；可用 local、postgres、mysql",
            f"{kind} cannot be read yet; local, postgres and mysql can",
        )
        return None


def _user(options: Mapping[str, Any]) -> str:
    """`user@` of a database address, where the contract names one. The password never stands here."""
    return f"{quote(str(options['user']), safe='')}@" if options.get("user") else ""


def _words(value: Any) -> Text:
    if isinstance(value, dict):
        zh = str(value.get("zh") or value.get("en") or "")
        return Text(zh, str(value.get("en") or zh))
    return Text(str(value), str(value))


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
    """Meaning: every element a contract names exists and has the field's type."""
    elements = {name: declared.value for name, declared in everything.get("elements", {}).items()}
    for declared in contracts.values():
        yield from limits.faults(declared, _names(declared.value))
        wrong = list(wrong_elements(declared.value, elements, declared.path, declared.line))
        yield from wrong or wrong_rules(declared.value, elements, declared.path, declared.line)


def wrong_rules(
    contract: Contract, elements: Mapping[str, Element], path: Path, line: Any
) -> Iterator[Fault]:
    """Rules whose condition is no SQL over the contract's fields. All together first; one by one only to name it."""
    if any(field.element_name not in elements for field in contract.fields):
        return
    columns = ", ".join(
        f"CAST(NULL AS {elements[f.element_name].sql_type}) AS {identifier(f.name)}" for f in contract.fields
    )
    placed = list(_placed(contract))
    if not placed or _said_of([rule.condition for _, rule in placed], columns) is None:
        return
    for at, rule in placed:
        said = _said_of([rule.condition], columns)
        if said is not None:
            text = Text("规则 {name} 不成立：{said}", "the rule {name} is no condition: {said}")
            yield Fault(path, line(at), text.fill(name=rule.name, said=said), "rule-faulty")


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
