"""The register's sources as one view of the lake: every row in the register's own fields.

All passes of one linking read the same snapshot, so a collection that lands meanwhile changes
nothing under its feet. A row is known by `rid`: the number of its source and the lake's row id plus one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import duckdb

from jingwei.catalog.codes import CodeList
from jingwei.catalog.contracts import Contract
from jingwei.catalog.elements import Element
from jingwei.catalog.sql import identifier as quoted
from jingwei.catalog.sql import quoted as literal
from jingwei.engines import lake
from jingwei.kernel.text import Text, listed
from jingwei.packs.service import installed
from jingwei.registers.declaration import Register
from jingwei.registers.errors import NothingCollected

ROW_BITS = 40
KIND = Text("基础库", "register")


@dataclass(frozen=True)
class Declared:
    """A register with the contracts and elements it names."""

    register: Register
    contracts: Mapping[str, Contract]
    elements: Mapping[str, Element]
    codes: Mapping[str, CodeList] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return self.register.name

    @cached_property
    def elements_of(self) -> Mapping[str, Element]:
        """Element of each field; asked for every candidate of every key stroke."""
        return {one.name: self.elements[one.element] for one in self.register.fields}

    def element(self, field_name: str) -> Element:
        return self.elements_of[field_name]

    def code_title(self, field_name: str, value: str) -> Text | None:
        """What a code of the field is called; None where the field is not coded or does not know it."""
        codes = self.codes.get(self.element(field_name).codes or "")
        return codes.title_of(value) if codes else None

    def organization(self, resource: str) -> str:
        contract = self.contracts.get(resource)
        return contract.organization if contract else ""

    def title(self, field_name: str) -> Text:
        field_ = self.register.field(field_name)
        return field_.title.text() if field_.title else self.elements[field_.element].title.text()

    @cached_property
    def resources(self) -> list[str]:
        return [source.resource for source in self.register.sources]


def declared(register: str) -> Declared:
    """The declaration from the installed packs; UnknownName where there is none."""
    catalogue = installed()
    found = catalogue.get("registers", register, KIND)
    sections = [catalogue.section(name) for name in ("contracts", "elements", "codes")]
    return Declared(found, *sections)


@dataclass
class Sources:
    """SQL over the sources of one register that have been collected."""

    declared: Declared
    snapshot: int
    present: list[int] = field(default_factory=list)

    @classmethod
    def of(cls, con: duckdb.DuckDBPyConnection, declared: Declared) -> Sources:
        sources = cls(declared, lake().snapshot(con))
        collected = con.execute(
            "SELECT table_name FROM duckdb_tables() WHERE database_name = 'lake' AND schema_name = 'standard'"
        ).fetchall()
        sources.present = [i for i, name in enumerate(declared.resources) if (name,) in collected]
        if not sources.present:
            names = declared.resources
            raise NothingCollected(register=declared.name, resources=listed(names), first=names[0])
        return sources

    def mapped(self, fields: list[str], others: str = "") -> str:
        """`rid, src` and `others` (columns of the standard tables), then the fields as the sources give them."""
        parts = []
        for index in self.present:
            source = self.declared.register.sources[index]
            columns = [
                f"(CAST({index} AS BIGINT) << {ROW_BITS}) + rowid + 1 AS rid",
                f"CAST({index} AS TINYINT) AS src",
            ]
            columns += [others] if others else []
            for name in fields:
                theirs = source.map.get(name)
                value = quoted(theirs) if theirs else "NULL"
                columns.append(
                    f"TRY_CAST({value} AS {self.declared.element(name).sql_type}) AS {quoted(name)}"
                )
            table = lake().as_of("standard", source.resource, self.snapshot)
            parts.append(f"SELECT {', '.join(columns)} FROM {table}")
        return " UNION ALL ".join(parts)

    def derivation(self, name: str, alias: str = "m") -> str:
        """A field of `mapped`, filled from the field it derives from where the source does not give it."""
        column = f"{alias}.{quoted(name)}"
        origin = self.declared.register.field(name).derived_from
        if not origin:
            return column
        told = self.declared.element(origin).derived_sql(name, self.derivation(origin, alias))
        kind = self.declared.element(name).sql_type
        return f"coalesce({column}, CASE WHEN {self.derivation(origin, alias)} IS NOT NULL THEN TRY_CAST({told} AS {kind}) END)"

    def needed(self, fields: list[str]) -> list[str]:
        """The fields and those they derive from."""
        found: list[str] = []
        for name in fields:
            current: str | None = name
            while current:
                if current not in found:
                    found.append(current)
                current = self.declared.register.field(current).derived_from
        return found

    def resource_list(self) -> str:
        """SQL list of the resources' names; element src + 1 is the source's."""
        return "[" + ", ".join(literal(name) for name in self.declared.resources) + "]"


def row_dict(description: Any, row: Any) -> dict[str, Any]:
    return {column[0]: value for column, value in zip(description, row, strict=True)}
