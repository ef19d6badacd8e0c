"""A contract compiled over a table whose columns have their types already: what is wrong with a row.

    cells ─┬─ missing, rules, shared values ──▶ one bit each: the reason is known from the bit
           └─ elements: a quick look at the value as it is ──▶ suspect; only suspects go the long way

Nothing is standardized. A value that its element could mend is wrong in form: the table does not hold
what the element says. A field that names no element is judged by its type, `required` and rules alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from jingwei.catalog.contracts import Contract, Field
from jingwei.catalog.sql import identifier, quoted
from jingwei.catalog.values import Column, reason_sql, standardize_sql, standardizer
from jingwei.collection.standardize import MISSING, NOT_UNIQUE, REASONS, SHARED, Plan
from jingwei.kernel.text import Text

FORM = Text("“{value}”应写成“{wanted}”", "“{value}” should be written “{wanted}”")
EMPTY = Text("“{value}”应留空", "“{value}” should be left empty")
TWICE = Text("主键重复，另有行也是它", "another row has this key too")
DUPLICATE_KEY, OTHER_FORM = "duplicate-key", "form"
BITS = 60
SHOWN = 40


@dataclass(frozen=True)
class Reason:
    """A reason known from its bit: field ('' for the row), code, dimension, words, SQL that is true where it
    holds; `rows` names a table of the rows instead, where a row alone cannot tell."""

    field: str
    code: str
    dimension: str
    text: Text
    holds: str
    rows: str | None = None


@dataclass(frozen=True)
class Conditions:
    """`cells`: field → SQL of the typed value in the table; `given`: field → its column's type there;
    `shared`: field ('' for the key) → temporary table of the rows (_row, _key) whose value another row has."""

    contract: Contract
    cells: Mapping[str, str]
    given: Mapping[str, str]
    tables: Mapping[str, str]
    shared: Mapping[str, str]

    @cached_property
    def plan(self) -> Plan:
        return Plan(self.contract, {f.name: f.name for f in self.contract.fields}, self.tables)

    @cached_property
    def reasons(self) -> list[Reason]:
        """Missing values first, then shared ones, then broken rules."""
        found = [
            Reason(f.name, "missing", "completeness", MISSING, f"{identifier(f.name)} IS NULL")
            for f in self.contract.fields
            if f.required or f.key
        ]
        for field, table in self.shared.items():
            code, text = (NOT_UNIQUE, SHARED) if field else (DUPLICATE_KEY, TWICE)
            found.append(Reason(field, code, "uniqueness", text, "false", table))
        rules = [*self.plan.rules, *self.plan.warnings]
        found += [
            Reason(r.field or "", r.name, r.dimension, r.message, f"({r.condition}) IS FALSE") for r in rules
        ]
        return found

    @cached_property
    def suspects(self) -> dict[str, str]:
        """Field → SQL that is true where the value may not be what its element says."""
        found = {}
        for field in self.contract.fields:
            condition = self._suspect(field)
            if condition:
                found[field.name] = condition
        return found

    def _suspect(self, field: Field) -> str | None:
        column = self._column(field)
        element, value = column.standardizer.element, identifier(field.name)
        if element.type != "string":
            # The column's type is the check; of a text column what the type refuses is suspect.
            raw = identifier(field.name + "__raw")
            return f"({value} IS NULL AND {raw} IS NOT NULL)" if self.given[field.name] == "VARCHAR" else None
        if field.element is None:
            return None
        if column.standardizer.codes and not element.quick:
            known = ", ".join(quoted(entry.code) for entry in column.standardizer.codes.entries)
            return f"({value} NOT IN ({known}))"
        if element.quick:
            parts = {name: column.part(name) for name in element.parts}
            look = f"TRY({element.put(element.quick, value, **parts)})"
            return f"({value} IS NOT NULL AND ({look} = {value}) IS NOT TRUE)"
        return f"({value} IS NOT NULL)"

    def reading(self, table: str, keep: str) -> str:
        """Query: `keep`, the typed cells, text that its type may refuse as it is (`__raw`), and the parts of
        the elements' quick looks, each level over the one before."""
        names = [f"{cell} AS {identifier(name)}" for name, cell in self.cells.items()]
        names += [f"{self._raw(name)} AS {identifier(name + '__raw')}" for name in self._texts]
        query = f"SELECT {keep}, {', '.join(names)} FROM {table}"
        looked = [self._column(f) for f in self.contract.fields if f.element and self._quick_parts(f)]
        for depth in range(max((len(c.standardizer.element.parts) for c in looked), default=0)):
            level = [
                f"TRY({_part(column, depth)}) AS {column.part(list(column.standardizer.element.parts)[depth])}"
                for column in looked
                if depth < len(column.standardizer.element.parts)
            ]
            query = f"SELECT *, {', '.join(level)} FROM ({query})"
        return query

    @property
    def in_parts(self) -> bool:
        """Whether some quick look has parts: then the bits must be worked out before rows are chosen, or the
        engine would put every part in wherever it is named."""
        return any(f.element and self._quick_parts(f) for f in self.contract.fields)

    def _quick_parts(self, field: Field) -> bool:
        element = standardizer(field.element_name).element
        return bool(element.type == "string" and element.quick and element.parts)

    def _column(self, field: Field) -> Column:
        return Column(field.name, standardizer(field.element_name), identifier(field.name))

    @cached_property
    def _texts(self) -> list[str]:
        return [
            name for name, kind in self.given.items() if kind == "VARCHAR" and self.plan.types[name] != "VARCHAR"
        ]  # fmt: skip

    def _raw(self, name: str) -> str:
        # A cell that is cast is `TRY_CAST(column AS kind)`.
        return self.cells[name].removeprefix("TRY_CAST(").rpartition(" AS ")[0]

    @property
    def masks(self) -> list[str]:
        """Columns `m0`, `m1` … with one bit for each reason."""
        return _masks("m", [reason.holds for reason in self.reasons])

    @property
    def doubts(self) -> list[str]:
        """Columns `s0` … with one bit for each field whose value is suspect."""
        return _masks("s", list(self.suspects.values()))

    @property
    def kept(self) -> list[str]:
        """The suspect values themselves, as text, under the fields' names; NULL where nothing is suspected."""
        return [
            f"CASE WHEN {condition} THEN {self._text(name)} END AS {identifier(name)}"
            for name, condition in self.suspects.items()
        ]

    def _text(self, name: str) -> str:
        return identifier(name + "__raw") if name in self._texts else identifier(name)

    def told(self, masks: str) -> str:
        """Query: every combination of bits in the table `masks`, with its list of reasons."""
        bits = [f"m{at // BITS} & {1 << at % BITS}::BIGINT <> 0" for at in range(len(self.reasons))]
        structs = [
            f"CASE WHEN {bit} THEN {_struct(reason.field, reason.code, reason.text)} END"
            for bit, reason in zip(bits, self.reasons, strict=True)
        ]
        names = ", ".join(mask_names("m", len(self.reasons)))
        listed = f"list_filter([{', '.join(structs)}], lambda r: r IS NOT NULL)::{REASONS}"
        return f"SELECT {names}, {listed} AS told FROM (SELECT DISTINCT {names} FROM {masks})"

    def proved(self, suspects: str) -> str:
        """Query over the suspect values: `_n` and the list of reasons, empty where the suspicion was wrong."""
        columns = [
            Column(name, standardizer(self.contract.field(name).element_name), identifier(name))
            for name in self.suspects
        ]
        reasons = ", ".join(_proof(column) for column in columns)
        judged = standardize_sql(suspects, columns, ["_n"], quick=False)
        return f"SELECT _n, list_filter([{reasons}], lambda r: r IS NOT NULL)::{REASONS} AS proved FROM ({judged})"


def _proof(column: Column) -> str:
    """The element's reason; or that the text is another than the element would have it."""
    value, given = column.at(), column.at("__given")
    text = f"CAST({value} AS VARCHAR)"
    form = _form(column.name, given, text)
    return (
        f"CASE WHEN {column.at('__fault')} IS NOT NULL THEN {reason_sql(column)}"
        f" WHEN {text} IS DISTINCT FROM {given} THEN {form} END"
    )


def _form(field: str, given: str, wanted: str) -> str:
    def said(tongue: str) -> str:
        put = quoted(getattr(FORM, tongue)), quoted(getattr(EMPTY, tongue))
        texts = f"CASE WHEN {wanted} IS NULL THEN {put[1]} ELSE {put[0]} END"
        shown = f"coalesce(left({wanted}, {SHOWN}), '')"
        return f"replace(replace({texts}, '{{wanted}}', {shown}), '{{value}}', left({given}, {SHOWN}))"

    return (
        f"{{'field': {quoted(field)}, 'code': {quoted(OTHER_FORM)}, 'zh': {said('zh')}, 'en': {said('en')}}}"
    )


def _part(column: Column, depth: int) -> str:
    """SQL of an element's part, over the parts above it."""
    element = column.standardizer.element
    parts = list(element.parts)
    above = {name: column.part(name) for name in parts[:depth]}
    return element.put(element.parts[parts[depth]], column.at(), **above)


def _masks(prefix: str, conditions: list[str]) -> list[str]:
    parts = [conditions[at : at + BITS] for at in range(0, len(conditions), BITS)]
    return [
        "("
        + " | ".join(f"CASE WHEN {sql} THEN {1 << bit}::BIGINT ELSE 0 END" for bit, sql in enumerate(part))
        + f") AS {prefix}{index}"
        for index, part in enumerate(parts)
    ]


def mask_names(prefix: str, conditions: int) -> list[str]:
    return [f"{prefix}{index}" for index in range(-(-conditions // BITS))]


def _struct(field: str, code: str, text: Text) -> str:
    return f"{{'field': {quoted(field)}, 'code': {quoted(code)}, 'zh': {quoted(text.zh)}, 'en': {quoted(text.en)}}}"
