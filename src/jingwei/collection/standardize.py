"""Compiles a contract into one pass of SQL that standardizes and checks every row.

    stage (text as the department wrote it) ──elements──▶ values, fault numbers ──rules──▶ checked
    checked ─▶ good rows (wrong values of `onFault: void` fields set aside, broken warnings noted)
            └▶ bad rows ──the same elements over those few rows──▶ reasons in words

The first pass carries only values and small numbers; texts of reasons are made for bad rows alone.
A rule may read other resources: they become sub-selects of the same pass. What the rows of a table must
not share (`unique`) can only be told once all are there, so it is a second, small question (`shared`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from dataclasses import field as dataclass_field
from functools import cached_property

from jingwei.catalog.contract_checks import reading
from jingwei.catalog.contracts import Contract, Field, Rule
from jingwei.catalog.sql import identifier, quoted
from jingwei.catalog.values import Column, Standardizer, reason_sql, standardize_sql, standardizer
from jingwei.kernel.text import Text
from jingwei.packs.service import installed

MISSING = Text("必填，没有填", "required, but empty")
SHARED = Text("不该重复，另有行也是这个值", "has to be unique, but another row has this value too")
REFERENCE = Text("在《{title}》里查不到", "is not in “{title}”")
NOT_UNIQUE = "not-unique"
REASONS = "STRUCT(field VARCHAR, code VARCHAR, zh VARCHAR, en VARCHAR)[]"
FAULTS = "STRUCT(field VARCHAR, code VARCHAR, original VARCHAR)[]"
BITS = 60


def standardizer_of(field: Field) -> Standardizer:
    return standardizer(field.element_name)


@dataclass(frozen=True)
class Plan:
    """The compiled contract: SQL over a table `stage` with `_n`, `_row` and the source's headers."""

    contract: Contract
    headers: Mapping[str, str]
    """Field name → header found in the source."""
    tables: Mapping[str, str] = dataclass_field(default_factory=dict)
    """Resource → SQL name of its table in the lake, for rules that read others. A rule on a resource that is
    not there is not judged."""
    shared: Mapping[str, str] = dataclass_field(default_factory=dict)
    """Field → table of the values that more than one row has, once known."""
    source: str = "stage"
    """Table of the rows as they came."""

    @cached_property
    def columns(self) -> list[Column]:
        return [Column(f.name, standardizer_of(f), self._cell(f.name)) for f in self.contract.fields]

    def _cell(self, name: str) -> str:
        """SQL of the field's text; a column the source gave up (drift) is empty."""
        return identifier(self.headers[name]) if name in self.headers else "NULL::VARCHAR"

    @cached_property
    def types(self) -> dict[str, str]:
        return {c.name: c.standardizer.element.sql_type for c in self.columns}

    @cached_property
    def _judged(self) -> list[Rule]:
        """All rules that can be judged now, their other resources put in."""
        rules = [*self.contract.all_rules, *(_reference(f) for f in self.contract.fields if f.references)]
        return [
            replace(rule, condition=reading(rule.condition, self.tables))
            for rule in rules
            if all(resource in self.tables for resource in rule.resources)
        ]

    @cached_property
    def unjudged(self) -> list[str]:
        """Names of the rules that wait for a resource which was never collected."""
        judged = {rule.name for rule in self._judged}
        wanted = [*self.contract.all_rules, *(_reference(f) for f in self.contract.fields if f.references)]
        return [rule.name for rule in wanted if rule.name not in judged]

    @property
    def rules(self) -> list[Rule]:
        """Rules whose breach sends the row to quarantine."""
        return [rule for rule in self._judged if rule.severity == "error"]

    @property
    def warnings(self) -> list[Rule]:
        """Rules whose breach is noted on the accepted row."""
        return [rule for rule in self._judged if rule.severity == "warning"]

    @property
    def reads_itself(self) -> bool:
        """Whether a rule looks into the contract's own resource."""
        return self.contract.id in self.contract.reads

    def with_shared(self, shared: Mapping[str, str]) -> Plan:
        return replace(self, shared=shared)

    def with_tables(self, tables: Mapping[str, str]) -> Plan:
        return replace(self, tables=tables)

    def over(self, source: str) -> Plan:
        return replace(self, source=source)

    def values(self, stage: str) -> str:
        """Query: the fields, standardized, of every row; unchecked."""
        return f"SELECT {', '.join(self.names)} FROM ({standardize_sql(stage, self.columns)})"

    def keys_only(self, stage: str) -> str:
        """Query: `_n`, `_row` and the key of every row, NULL where it is missing or wrong."""
        keys = [c for c in self.columns if any(f.name == c.name for f in self.contract.keys)]
        return f"SELECT _n, _row, {self.key} AS _key FROM ({standardize_sql(stage, keys, ['_n', '_row'])})"

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
        bits = [
            *_masks("_missing", self._missing),
            *_masks("_broken", _broken(self.rules)),
            *_masks("_warned", _broken(self.warnings)),
        ]
        query = f"SELECT {judged} FROM ({standardize_sql(stage, self.columns, ['_n', '_row'])})"
        return f"SELECT {', '.join(['*', *bits])} FROM ({query})"

    @property
    def _missing(self) -> list[str]:
        return [
            f"{identifier(f.name)} IS NULL AND {identifier(f.name + '__fault')} IS NULL"
            for f in self.required
        ]

    def _twice(self, on_fault: str) -> dict[str, str]:
        """Field → condition on a checked row: another row has its value."""
        return {
            f.name: f"{identifier(f.name)} IN (SELECT value FROM {self.shared[f.name]})"
            for f in self.contract.fields
            if f.name in self.shared and f.on_fault == on_fault
        }

    @property
    def bad(self) -> str:
        """Condition on a checked row: it goes to quarantine."""
        names = _mask_names("_missing", self._missing) + _mask_names("_broken", _broken(self.rules))
        faults = [f"{c.at('__fault')} IS NOT NULL" for c in self._named("quarantine")]
        return _any([*faults, *(f"{name} <> 0" for name in names), *self._twice("quarantine").values()])

    @property
    def void(self) -> str:
        """Condition on a checked row: some value of it is set aside, or a warning is broken."""
        names = _mask_names("_warned", _broken(self.warnings))
        faults = [f"{c.at('__fault')} IS NOT NULL" for c in self._named("void")]
        return _any([*faults, *(f"{name} <> 0" for name in names), *self._twice("void").values()])

    @property
    def key(self) -> str:
        """The row's key as text: the key fields joined by `|`; NULL where one is missing."""
        return self.key_of("")

    def key_of(self, alias: str) -> str:
        """The same of a row of the table `alias`."""
        at = f"{alias}." if alias else ""
        parts = [f"CAST({at}{identifier(f.name)} AS VARCHAR)" for f in self.contract.keys]
        return " || '|' || ".join(parts)

    def reasons(self, rows: str) -> str:
        """Query over the rows of `stage` numbered in `rows`: `_n` and the list of reasons,
        wrong fields first, then missing ones, then broken rules."""
        told = [reason_sql(column) for column in self._named("quarantine")]
        told += [
            f"CASE WHEN {condition} THEN {_struct(f.name, 'missing', MISSING)} END"
            for f, condition in zip(self.required, self._missing, strict=True)
        ]
        told += [_told(rule) for rule in self.rules]
        told += [_shared(name, condition) for name, condition in self._twice("quarantine").items()]
        return self._listed(rows, told, REASONS, "reasons")

    def remarks(self, rows: str) -> str:
        """The same over accepted rows: what was set aside, and warnings."""
        told = [reason_sql(column) for column in self._named("void")]
        told += [_told(rule) for rule in self.warnings]
        told += [_shared(name, condition) for name, condition in self._twice("void").items()]
        return self._listed(rows, told, REASONS, "reasons")

    def _listed(self, rows: str, told: list[str], kind: str, name: str) -> str:
        """Query: `_n` and the list of what is told of each row. A few expressions at a time, for each takes
        memory of its own, and a table may have hundreds of columns."""
        source = f"(SELECT * FROM {self.source} WHERE _n IN (SELECT _n FROM {rows}))"
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
        told += [_noted(rule.field or "", rule.name, condition) for rule, condition in
                 zip(self.warnings, _broken(self.warnings), strict=True)]  # fmt: skip
        told += [_noted(name, NOT_UNIQUE, condition) for name, condition in self._twice("void").items()]
        return self._listed(rows, told, FAULTS, "_faults")


def _reference(field: Field) -> Rule:
    """The rule a field's relationship stands for. The other table may lag, so its breach is a warning."""
    resource, _, name = str(field.references).rpartition(".")
    condition = (
        f"{identifier(field.name)} IN (SELECT {identifier(name)} FROM {{{resource}}}"
        f" WHERE {identifier(name)} IS NOT NULL)"
    )
    contract = installed().section("contracts").get(resource)
    message = REFERENCE.fill(title=contract.title if contract else resource)
    return Rule(f"{field.name}-reference", condition, message, "consistency", field.name, "warning")


def remark(contract: Contract, field: str, code: str) -> Text:
    """What a remark on an accepted row says: the words of its rule, after the field's name."""
    rules = [*contract.all_rules, *(_reference(f) for f in contract.fields if f.references)]
    said = next((rule.message for rule in rules if rule.name == code), SHARED if code == NOT_UNIQUE else None)
    title = next((f.title for f in contract.fields if f.name == field), None)
    if said is None:
        return Text(code, code)
    return Text("{field}：{said}", "{field}: {said}").fill(field=title, said=said) if title else said


def _broken(rules: list[Rule]) -> list[str]:
    return [f"({rule.condition}) IS FALSE" for rule in rules]


def _any(conditions: list[str]) -> str:
    return "(" + (" OR ".join(conditions) or "false") + ")"


def _told(rule: Rule) -> str:
    return (
        f"CASE WHEN ({rule.condition}) IS FALSE THEN {_struct(rule.field or '', rule.name, rule.message)} END"
    )


def _shared(field: str, condition: str) -> str:
    return f"CASE WHEN {condition} THEN {_struct(field, NOT_UNIQUE, SHARED)} END"


def _noted(field: str, code: str, condition: str) -> str:
    return (
        f"CASE WHEN {condition} THEN {{'field': {quoted(field)}, 'code': {quoted(code)},"
        " 'original': NULL::VARCHAR} END"
    )


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
