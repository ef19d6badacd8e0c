"""Data contracts: what a department's table is, once it has been read from its ODCS file (contract_files)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
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


@dataclass(frozen=True)
class Rule:
    """A check of a row: an SQL condition over the contract's fields that must hold."""

    name: str
    condition: str
    message: Text
    dimension: str
    field: str | None = None


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
class Contract:
    """A resource of one department."""

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
    added_columns: str = "notice"
    rules: tuple[Rule, ...] = ()
    purpose: str = ""
    promised: str = ""

    @property
    def keys(self) -> tuple[Field, ...]:
        return tuple(sorted((f for f in self.fields if f.key), key=lambda f: f.key))

    def field(self, name: str) -> Field:
        return next(f for f in self.fields if f.name == name)
