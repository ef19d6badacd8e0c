"""Reads data contracts from ODCS files, and checks what they mean.

A contract is an ODCS v3.1 YAML file that passes the standard's own JSON schema (`odcs`). What the house
needs beyond the standard stands in its `customProperties`, strictly checked like everything else:
an unknown property name is a fault.

    YAML ──the standard's schema──▶ shape ──our conventions──▶ Contract ──elements──▶ meaning
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import quote

from cronsim import CronSim, CronSimError
from pydantic import BaseModel

from jingwei.catalog import contract_properties as properties
from jingwei.catalog import odcs
from jingwei.catalog.contracts import Contract, Field, Rule, Server
from jingwei.kernel.text import Text
from jingwei.packs.declarations import Document, Fault, nearest

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
SEVERITIES = ("error", "warning")
RESOURCE_ID = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+")
REFERENCE = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*){2,}")
FIELD_NAME = re.compile(r"[a-z][a-z0-9_]*")
ENGINE = "jingwei"
STATEMENTS = "statements"
"""Driver of a server that is this platform itself: what the window and the grid deposit."""


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
        own = self.custom(value.get("customProperties"), ("customProperties",), properties.ContractProperties)
        fields = tuple(self.fields(table))
        names = {f.name for f in fields}
        title = own.title or value.get("name") or value["id"]
        for said, name in (("asOf", own.as_of), ("partition", own.partition)):
            if name and name not in names:
                near = nearest(name, names)
                self.say(
                    ("customProperties",),
                    f"{said} 指的字段 {name} 不在表里" + (f"，是不是 {near}？" if near else ""),
                    f"{said} names {name}, which is no field" + (f"; did you mean {near}?" if near else ""),
                )
        for refresh, needed, there in (
            ("incremental", "cursor", own.cursor),
            ("changes", "changes", own.changes),
        ):
            if own.refresh == refresh and there is None:
                self.say(
                    ("customProperties",),
                    f"refresh 是 {refresh} 时要写明 {needed}",
                    f"refresh: {refresh} needs the property {needed}",
                    "missing-key",
                )
        if own.unpivot and not {
            self.header_of(table, own.unpivot.into),
            self.header_of(table, own.unpivot.value),
        } <= {f.header for f in fields}:
            self.say(
                ("customProperties",),
                "unpivot 的 into 和 value 都要是表里的列",
                "unpivot: into and value have to be columns of the table",
            )
        if not any(f.key for f in fields):
            self.say(
                ("schema", 0),
                "没有主键：至少一个字段要有 primaryKey: true",
                "has no key: at least one field needs primaryKey: true",
                "no-key",
            )
        description = value.get("description") or {}
        return Contract(
            id=str(value["id"]),
            version=str(value["version"]),
            title=_words(title),
            organization=str(own.organization or value.get("domain") or ""),
            source_system=str(own.source_system or str(value["id"]).split(".")[0]),
            fields=fields,
            server=self.server(value.get("servers") or [], table),
            as_of=own.as_of,
            refresh=own.refresh,
            max_removed=own.max_removed,
            rules=tuple(self.rules(table.get("quality"), ("schema", 0, "quality"), None)),
            purpose=str(description.get("purpose") or ""),
            drift=own.drift.made(),
            cursor=own.cursor.made() if own.cursor else None,
            changes=own.changes.made() if own.changes else None,
            deletions=own.deletions,
            partition=own.partition,
            unpivot=own.unpivot.made() if own.unpivot else None,
            consumers=own.consumers,
            deadline=own.deadline,
            sharing=own.sharing,
            sharing_reason=own.sharing_reason.strip(),
            theme=own.theme,
            level=own.level,
            **self.promises(value.get("slaProperties") or []),
        )

    def promises(self, listed: list[dict[str, Any]]) -> dict[str, Any]:
        """Cycle and plan: the standard's `frequency`, and the first `schedule` of `scheduler: cron`."""
        found: dict[str, Any] = {"promised": "", "cycle": None, "schedule": None}
        for index, entry in enumerate(listed):
            at = ("slaProperties", index)
            if entry.get("property") == "frequency":
                found["promised"] = f"{entry.get('value')} {entry.get('unit') or ''}".strip()
                found["cycle"] = properties.span(entry.get("value"), entry.get("unit"))
                if found["cycle"] is None:
                    self.say(
                        at,
                        "frequency 要写成数和单位，如 value: 1, unit: d",
                        "frequency is a number and a unit: value: 1, unit: d",
                    )
            if entry.get("schedule"):
                said = _wrong_plan(str(entry["schedule"]))
                if entry.get("scheduler", "cron") != "cron" or said:
                    self.say(
                        at,
                        f"schedule 要写成 cron 表达式：{said or entry.get('scheduler')}",
                        f"schedule is a cron expression: {said or entry.get('scheduler')}",
                    )
                else:
                    found["schedule"] = str(entry["schedule"])
        return found

    @staticmethod
    def header_of(table: dict[str, Any], name: str) -> str:
        """The header of the field `name`, or the name itself: unpivot may say either."""
        entries = table.get("properties") or []
        return next((str(e.get("physicalName") or e["name"]) for e in entries if e.get("name") == name), name)

    def custom(self, listed: Any, at: tuple[Any, ...], model: type[properties.M]) -> properties.M:
        def say(index: int | None, text: Text, code: str) -> None:
            place = at if index is None else (*at, index)
            self.faults.append(self.fault(place, text, code))

        return properties.read(listed, model, say)

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
            own = self.custom(
                entry.get("customProperties"), (*at, "customProperties"), properties.FieldProperties
            )
            on_fault = own.on_fault
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
                    own.title
                    or {
                        "zh": entry.get("businessName") or entry.get("physicalName") or name,
                        "en": name.replace("_", " ").capitalize(),
                    }
                ),
                logical_type=logical,
                element=own.element,
                aliases=own.aliases or (),
                required=bool(entry.get("required") or entry.get("primaryKey")),
                key=int(entry.get("primaryKeyPosition") or 1) if entry.get("primaryKey") else 0,
                on_fault=on_fault,
                rules=tuple(self.rules(entry.get("quality"), (*at, "quality"), name)),
                unique=bool(entry.get("unique")),
                references=self.reference(entry.get("relationships"), (*at, "relationships")),
            )

    def reference(self, listed: Any, at: tuple[Any, ...]) -> str | None:
        """`resource.field` the standard's relationship leads to."""
        for index, entry in enumerate(listed or []):
            to = entry.get("to")
            if not isinstance(to, str) or not REFERENCE.fullmatch(to):
                self.say(
                    (*at, index),
                    "关联要写成 to: 系统.表.字段",
                    "a relationship is written as to: system.table.field",
                )
                return None
            return to
        return None

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
                self.severity(entry, (*at, index)),
            )

    def severity(self, entry: dict[str, Any], at: tuple[Any, ...]) -> str:
        said = str(entry.get("severity") or "error")
        if said not in SEVERITIES:
            self.say(at, "severity 只能是 error 或 warning", "severity is error or warning")
        return said

    def server(self, listed: list[dict[str, Any]], table: dict[str, Any]) -> Server | None:
        if not listed:
            return None
        entry = listed[0]
        own = self.custom(
            entry.get("customProperties"), ("servers", 0, "customProperties"), properties.ServerProperties
        )
        options = own.model_dump(exclude_none=True)
        kind, name = entry["type"], table.get("physicalName")
        if kind == "local":
            return Server(entry["server"], str(entry["format"]), str(entry["path"]), name, options)
        if kind in ("postgres", "postgresql", "mysql"):
            scheme = "mysql" if kind == "mysql" else "postgresql"
            port = f":{entry['port']}" if entry.get("port") else ""
            query = f"?schema={entry['schema']}" if entry.get("schema") else ""
            place = f"{scheme}://{_user(options)}{entry['host']}{port}/{entry['database']}{query}"
            return Server(entry["server"], scheme, place, name, options)
        if kind == "api":
            return Server(entry["server"], "rest", str(entry["location"]), name, options)
        if own.driver == STATEMENTS:
            return Server(entry["server"], STATEMENTS, f"{STATEMENTS}://{self.value['id']}", name, options)
        if own.driver:
            scheme = "odbc" if str(own.driver).lower().startswith("odbc:") else "adbc"
            # kinds of servers name their places differently: Oracle has a serviceName, others a catalog
            parts = {key: value for key, value in entry.items() if isinstance(value, str | int)}
            where = f"{scheme}://{parts.get('host', '')}/{parts.get('database', '')}"
            return Server(entry["server"], scheme, where, name, {**options, "place": parts})
        self.say(
            ("servers", 0, "type"),
            f"从 {kind} 读取要写明 driver；不写也能读的有 local、postgres、mysql、api",
            f"reading from {kind} needs a driver; local, postgres, mysql and api need none",
        )
        return None


def _wrong_plan(schedule: str) -> str:
    """What is wrong with a cron expression, or nothing."""
    try:
        CronSim(schedule, datetime(2026, 1, 1))
    except CronSimError as exc:
        return f"{schedule} ({exc})"
    return ""


def _user(options: Mapping[str, Any]) -> str:
    """`user@` of a database address, where the contract names one. The password never stands here."""
    return f"{quote(str(options['user']), safe='')}@" if options.get("user") else ""


def _words(value: Any) -> Text:
    if isinstance(value, dict):
        zh = str(value.get("zh") or value.get("en") or "")
        return Text(zh, str(value.get("en") or zh))
    return Text(str(value), str(value))
