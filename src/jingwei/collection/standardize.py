"""Compiles a contract into one pass of SQL that standardizes and checks every row.

    stage (text as the department wrote it) ──elements──▶ values, fault numbers ──rules──▶ checked
    checked ─▶ good rows (wrong values of `onFault: void` fields set aside)
            └▶ bad rows ──the same elements over those few rows──▶ reasons in words

The first pass carries only values and small numbers; texts of reasons are made for bad rows alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from jingwei.catalog.contracts import Contract, Field, Rule
from jingwei.catalog.sql import identifier, quoted
from jingwei.catalog.values import Column, Standardizer, reason_sql, standardize_sql, standardizer
from jingwei.kernel.text import Text

MISSING = Text("必填，没有填", "required, but empty")
PLAIN_ELEMENTS = {
    "string": "plain_text",
    "date": "date",
    "timestamp": "timestamp",
    "integer": "integer",
    "number": "decimal",
    "boolean": "yes_no",
}
"""The element of a field that names none, by its logical type."""
REASONS = "STRUCT(field VARCHAR, code VARCHAR, zh VARCHAR, en VARCHAR)[]"
FAULTS = "STRUCT(field VARCHAR, code VARCHAR, original VARCHAR)[]"
BITS = 60


def standardizer_of(field: Field) -> Standardizer:
    return standardizer(field.element or PLAIN_ELEMENTS[field.logical_type])


@dataclass(frozen=True)
class Plan:
    """The compiled contract: SQL over a table `stage` with `_n`, `_row` and the source's headers."""

    contract: Contract
    headers: Mapping[str, str]
    """Field name → header found in the source."""

    @cached_property
    def columns(self) -> list[Column]:
        return [
            Column(f.name, standardizer_of(f), identifier(self.headers[f.name])) for f in self.contract.fields
        ]

    @cached_property
    def types(self) -> dict[str, str]:
        return {c.name: c.standardizer.element.sql_type for c in self.columns}

    @cached_property
    def rules(self) -> list[Rule]:
        own = [rule for field in self.contract.fields for rule in field.rules]
        return [*own, *self.contract.rules]

    @property
    def names(self) -> list[str]:
        return [identifier(f.name) for f in self.contract.fields]

    @property
    def required(self) -> list[Field]:
        return [f for f in self.contract.fields if f.required]

    def _named(self, on_fault: str) -> list[Column]:
        wanted = {f.name for f in self.contract.fields if f.on_fault == on_fault}
        return [c for c in self.columns if c.name in wanted]

    def checked(self, stage: str) -> str:
        """Query: `_n`, `_row`, the fields, `<field>__fault`, and bits of missing fields and broken rules."""
        judged = ", ".join(["_n", "_row", *self.names, *(c.at("__fault") for c in self.columns)])
        bits = [*_masks("_missing", self._missing), *_masks("_broken", self._broken)]
        query = f"SELECT {judged} FROM ({standardize_sql(stage, self.columns, ['_n', '_row'])})"
        return f"SELECT {', '.join(['*', *bits])} FROM ({query})"

    @property
    def _missing(self) -> list[str]:
        return [
            f"{identifier(f.name)} IS NULL AND {identifier(f.name + '__fault')} IS NULL"
            for f in self.required
        ]

    @property
    def _broken(self) -> list[str]:
        return [f"({rule.condition}) IS FALSE" for rule in self.rules]

    @property
    def bad(self) -> str:
        """Condition on a checked row: it goes to quarantine."""
        masks = [
            f"{name} <> 0"
            for name in _mask_names("_missing", self._missing) + _mask_names("_broken", self._broken)
        ]
        faults = [f"{c.at('__fault')} IS NOT NULL" for c in self._named("quarantine")]
        return "(" + (" OR ".join([*faults, *masks]) or "false") + ")"

    @property
    def void(self) -> str:
        """Condition on a checked row: some value of it is set aside."""
        return (
            "("
            + (" OR ".join(f"{c.at('__fault')} IS NOT NULL" for c in self._named("void")) or "false")
            + ")"
        )

    @property
    def key(self) -> str:
        """The row's key as text: the key fields joined by `|`; NULL where one is missing."""
        parts = [f"CAST({identifier(f.name)} AS VARCHAR)" for f in self.contract.keys]
        return " || '|' || ".join(parts)

    def reasons(self, rows: str) -> str:
        """Query over the rows of `stage` numbered in `rows`: `_n` and the list of reasons,
        wrong fields first, then missing ones, then broken rules."""
        told = [reason_sql(column) for column in self._named("quarantine")]
        told += [
            f"CASE WHEN {condition} THEN {_struct(f.name, 'missing', MISSING)} END"
            for f, condition in zip(self.required, self._missing, strict=True)
        ]
        told += [
            f"CASE WHEN {condition} THEN {_struct(rule.field or '', rule.name, rule.message)} END"
            for rule, condition in zip(self.rules, self._broken, strict=True)
        ]
        return self._listed(rows, told, REASONS, "reasons")

    def _listed(self, rows: str, told: list[str], kind: str, name: str) -> str:
        """Query: `_n` and the list of what is told of each row. A few expressions at a time, for each takes
        memory of its own, and a table may have hundreds of columns."""
        source = f"(SELECT * FROM stage WHERE _n IN (SELECT _n FROM {rows}))"
        judged = standardize_sql(source, self.columns, ["_n"])
        parts = [
            f"SELECT _n, {at} AS part, list_filter([{', '.join(told[at : at + BITS])}], lambda r: r IS NOT NULL)::{kind} AS told FROM judged"
            for at in range(0, len(told), BITS)
        ]
        if len(parts) == 1:
            return f"WITH judged AS ({judged}) SELECT _n, told AS {name} FROM ({parts[0]})"
        return (
            f"WITH judged AS MATERIALIZED ({judged}) SELECT _n, flatten(list(told ORDER BY part)) AS {name}"
            f" FROM ({' UNION ALL '.join(parts)}) GROUP BY _n"
        )

    def set_aside(self, rows: str) -> str:
        """Query over the rows numbered in `rows`: `_n` and the values set aside, with code and original."""
        told = []
        for column in self._named("void"):
            codes = " ".join(
                f"WHEN {number} THEN {quoted(code)}"
                for number, (code, _) in enumerate(column.standardizer.element.reasons, 1)
            )
            told.append(
                f"CASE WHEN {column.at('__fault')} IS NOT NULL THEN {{'field': {quoted(column.name)},"
                f" 'code': CASE {column.at('__fault')} {codes} END, 'original': {column.at('__given')}}} END"
                if codes
                else f"NULL::{FAULTS.removesuffix('[]')}"
            )
        return self._listed(rows, told, FAULTS, "_faults")


def _chunks(conditions: list[str]) -> list[list[str]]:
    return [conditions[start : start + BITS] for start in range(0, len(conditions), BITS)]


def _mask_names(prefix: str, conditions: list[str]) -> list[str]:
    return [f"{prefix}{index}" for index in range(len(_chunks(conditions)))]


def _masks(prefix: str, conditions: list[str]) -> list[str]:
    """One integer column for every 60 conditions: a bit is set where the condition holds."""
    masks = []
    for name, chunk in zip(_mask_names(prefix, conditions), _chunks(conditions), strict=True):
        bits = " | ".join(
            f"CASE WHEN {sql} THEN {1 << bit}::BIGINT ELSE 0 END" for bit, sql in enumerate(chunk)
        )
        masks.append(f"({bits}) AS {name}")
    return masks


def _struct(field: str, code: str, message: Text) -> str:
    return f"{{'field': {quoted(field)}, 'code': {quoted(code)}, 'zh': {quoted(message.zh)}, 'en': {quoted(message.en)}}}"
