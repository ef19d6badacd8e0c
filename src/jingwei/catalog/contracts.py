"""Data contracts: what a department's table is, once it has been read from its ODCS file (contract_files)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from jingwei.kernel.text import Text

PLAIN_ELEMENTS = {
    "string": "plain_text",
    "date": "date",
    "timestamp": "timestamp",
    "integer": "integer",
    "number": "decimal",
    "boolean": "yes_no",
}
"""The element of a field that names none, by its logical type."""


RESOURCE_IN_RULE = re.compile(r"\{([a-z][a-z0-9_]*(?:\.[a-z][a-z0-9_]*)+)\}")

DIMENSIONS = {
    "completeness": Text("完整性", "Completeness"),
    "conformity": Text("规范性", "Conformity"),
    "uniqueness": Text("唯一性", "Uniqueness"),
    "consistency": Text("一致性", "Consistency"),
    "timeliness": Text("时效性", "Timeliness"),
    "accuracy": Text("准确性", "Accuracy"),
}
"""Dimensions of data quality after GB/T 36344-2018, by the standard's (ODCS) word."""


@dataclass(frozen=True)
class Rule:
    """A check of a row: an SQL condition over the contract's fields that must hold.

    It may name other resources in braces, `id_number IN (SELECT id_number FROM {police.resident})`;
    those are read as they stand in the lake, and a rule on a resource that was never collected is not
    judged. A broken rule of severity `error` sends the row to quarantine, `warning` accepts it with a mark.
    """

    name: str
    condition: str
    message: Text
    dimension: str
    field: str | None = None
    severity: str = "error"

    @property
    def resources(self) -> tuple[str, ...]:
        """Other resources the condition reads."""
        return tuple(dict.fromkeys(RESOURCE_IN_RULE.findall(self.condition)))


@dataclass(frozen=True)
class Field:
    name: str
    header: str
    title: Text
    logical_type: str = "string"
    element: str | None = None
    aliases: tuple[str, ...] = ()
    required: bool = False
    key: int = 0
    on_fault: str = "quarantine"
    rules: tuple[Rule, ...] = ()
    unique: bool = False
    references: str | None = None
    """`resource.field` of another resource that must hold this value (the standard's relationship)."""

    @property
    def headers(self) -> tuple[str, ...]:
        return (self.header, *self.aliases)

    @property
    def element_name(self) -> str:
        return self.element or PLAIN_ELEMENTS[self.logical_type]


@dataclass(frozen=True)
class Server:
    """Where the table lives: `format` is a connector's, `location` a path or URL without password."""

    name: str
    format: str
    location: str
    table: str | None = None
    options: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Cursor:
    """Reading only what is newer than last time. `column` is the source's; rows are read again from
    `lookback` before the last value seen (late rows): a span for times, a number for counters."""

    column: str
    lookback: str = "0"


@dataclass(frozen=True)
class ChangeTable:
    """A change table as exchange databases (前置库) keep them: each row says what happened to a key.

    Columns are the source's. A row is taken while `acknowledge` is not `acknowledged`, in the order of
    `sequence`; once applied it is set so.
    """

    sequence: str
    operation: str
    insert: tuple[str, ...] = ("I", "INSERT", "1")
    update: tuple[str, ...] = ("U", "UPDATE", "2")
    delete: tuple[str, ...] = ("D", "DELETE", "3")
    acknowledge: str | None = None
    acknowledged: str = "1"


@dataclass(frozen=True)
class Drift:
    """What a run does when the source's columns or codes are not the contract's.

    added: notice (kept in raw, told) · freeze (refused). removed: freeze (refused) · evolve (empty from now
    on, told; never for a required field). renamed: freeze (refused, with the likely new name) · evolve (read
    under the new name, told). retyped and codes: quarantine (the rows that do not fit) · freeze (the run is
    held when the share of rows that do not fit passes `held_above`).
    """

    added: str = "notice"
    removed: str = "freeze"
    renamed: str = "freeze"
    retyped: str = "quarantine"
    codes: str = "quarantine"
    held_above: float = 0.2


@dataclass(frozen=True)
class Unpivot:
    """Wide columns to long rows: headers that match `columns` become values of `into`, their cells of `value`.
    The pattern's first group, if it has one, is what is kept of the header."""

    columns: str
    into: str
    value: str


@dataclass(frozen=True)
class Contract:
    """A resource of one department.

    `refresh`: upsert (keys that do not come stay), full (keys that do not come are removed), incremental
    (only what is newer by `cursor`), changes (a change table).
    """

    id: str
    version: str
    title: Text
    organization: str
    source_system: str
    fields: tuple[Field, ...]
    server: Server | None = None
    as_of: str | None = None
    refresh: str = "upsert"
    max_removed: float = 0.05
    rules: tuple[Rule, ...] = ()
    purpose: str = ""
    promised: str = ""
    drift: Drift = Drift()
    cursor: Cursor | None = None
    changes: ChangeTable | None = None
    deletions: str = "keys"
    """Of incremental reading: `keys` compares all keys when the counts differ, `none` never removes."""
    partition: str | None = None
    """Field whose values (months, of a date) part the source for counts and checksums."""
    unpivot: Unpivot | None = None
    schedule: str | None = None
    """Cron expression of the plan, in the node's time zone."""
    cycle: timedelta | None = None
    """How often new data is promised."""
    consumers: tuple[str, ...] = ()
    """Organizations that are told when the table changes its shape."""
    deadline: int = 5
    """Working days the provider has to mend rows."""
    sharing: str = "conditional"
    """unconditional · conditional · not_shared"""
    sharing_reason: str = ""
    """The condition, or why it is not shared: the law or rule that says so."""
    theme: str = ""
    """A code of the list `resource_theme`; empty where nobody said."""
    level: int | None = None
    """Level of classification, 1 to 4; None: what the most sensitive field needs."""

    @property
    def keys(self) -> tuple[Field, ...]:
        return tuple(sorted((f for f in self.fields if f.key), key=lambda f: f.key))

    def field(self, name: str) -> Field:
        return next(f for f in self.fields if f.name == name)

    @property
    def all_rules(self) -> tuple[Rule, ...]:
        """Rules of fields first, then those of the whole row."""
        return (*(rule for field in self.fields for rule in field.rules), *self.rules)

    @property
    def reads(self) -> frozenset[str]:
        """Resources that its rules and relationships look into."""
        referred = {str(field.references).rpartition(".")[0] for field in self.fields if field.references}
        return frozenset(referred | {resource for rule in self.all_rules for resource in rule.resources})
