"""A whole contract proposed for a table that was understood: fields, key, references, rules, and why.

    Understood ─long sample─▶ meanings ─▶ key ─▶ typed rows ─▶ rules, references ─▶ Proposal ─▶ writing.py

The rows are standardized with the proposed elements, exactly as a run will do it, and the rules are tried on
the result. So the proposal also tells how many of the rows it would accept.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import duckdb

from jingwei.catalog.contract_checks import LOGICAL_TYPE_OF
from jingwei.catalog.masks import Mask
from jingwei.catalog.sql import identifier
from jingwei.catalog.values import Column as Standardized
from jingwei.catalog.values import Standardizer, standardize_sql
from jingwei.collection.understanding import keys, rules
from jingwei.collection.understanding.meaning import Judge, Meaning, standardizers, styles
from jingwei.collection.understanding.names import english_of, name_of
from jingwei.collection.understanding.periods import Wide
from jingwei.collection.understanding.references import Reference, references
from jingwei.collection.understanding.said import Said
from jingwei.collection.understanding.sampling import Sample
from jingwei.collection.understanding.tables import Column, Understood
from jingwei.kernel.text import Text
from jingwei.packs import limits

JUDGED = 300_000
"""Rows on which rules are tried; of a larger table the sample."""

OTHER_MASK = Mask(first=1, last=0)
"""For personal values whose element declares no mask."""


@dataclass
class FieldProposal:
    name: str
    header: str
    title: Text
    element: str
    type: str
    meaning: Said
    empty: int
    distinct: int
    examples: tuple[str, ...]
    classification: str
    unit: str | None = None
    key: int = 0
    required: bool = False
    faulty: int = 0
    on_fault: str = "quarantine"
    rules: list[rules.Kept] = field(default_factory=list)
    reference: Reference | None = None
    notes: list[Text] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "header": self.header,
            "element": self.element,
            "logicalType": self.type,
            **self.meaning.as_dict(),
            "unit": self.unit,
            "empty": self.empty,
            "distinct": self.distinct,
            "faulty": self.faulty,
            "examples": list(self.examples),
            "key": self.key,
            "required": self.required,
            "onFault": self.on_fault,
            "rules": [_rule(one) for one in self.rules],
            "reference": {"to": self.reference.to, **self.reference.said.as_dict()}
            if self.reference
            else None,
            "notes": [str(note) for note in self.notes],
        }


@dataclass
class Proposal:
    """A contract for one table. `expected` of `judged` rows would be accepted."""

    id: str
    table: Understood
    fields: list[FieldProposal]
    key: Said
    rules: list[rules.Kept]
    as_of: tuple[str, Said] | None
    left_out: list[tuple[str, Text]]
    judged: int
    expected: int

    def as_dict(self) -> dict[str, Any]:
        wide = self.table.wide
        return {
            "id": self.id,
            "title": self.table.title,
            "sheet": self.table.sheet,
            "format": self.table.format,
            "rows": self.table.rows,
            "header_row": self.table.facts.get("header_row"),
            "unit": self.table.unit,
            "options": self.table.options,
            "unpivot": _unpivot(wide),
            "fields": [one.as_dict() for one in self.fields],
            "key": {"fields": [one.name for one in self.fields if one.key], **self.key.as_dict()},
            "rules": [_rule(one) for one in self.rules],
            "asOf": {"field": self.as_of[0], **self.as_of[1].as_dict()} if self.as_of else None,
            "left_out": [{"header": header, "why": str(why)} for header, why in self.left_out],
            "notes": [str(note) for note in self.table.notes],
            "judged": self.judged,
            "expected": self.expected,
        }


def _unpivot(wide: Wide | None) -> dict[str, Any] | None:
    if wide is None:
        return None
    made = wide.unpivot
    return {"columns": made.columns, "into": made.into, "value": made.value, "evidence": str(wide.said)}


def _rule(one: rules.Kept) -> dict[str, Any]:
    return {
        "name": one.rule.name,
        "field": one.rule.field,
        "condition": one.rule.condition,
        "severity": one.severity,
        **one.said.as_dict(),
    }


def propose(table: Understood, resource: str) -> Proposal:
    """The contract of a table under the id `resource`."""
    left_out = [(c.header, c.left_out) for c in table.columns if c.left_out]
    left_out += [
        (c.header, limits.REFUSED.fill(name=c.header))
        for c in table.columns
        if not c.left_out and limits.refused(c.header)
    ]
    gone = {header for header, _ in left_out}
    columns = [column for column in table.columns if column.header not in gone]
    with table.sample() as sample:
        return _Proposing(table, resource, sample, columns, left_out).made()


def _refused(faulty: int) -> Text:
    return Text("{n} 个值不合格", "{n} values would be refused").fill(n=f"{faulty:,}")


class _Proposing:
    def __init__(
        self,
        table: Understood,
        resource: str,
        sample: Sample,
        columns: Sequence[Column],
        left_out: list[tuple[str, Text]],
    ) -> None:
        self.table, self.resource, self.sample = table, resource, sample
        self.columns, self.left_out = columns, left_out
        self.known = standardizers()
        self.values = {c.header: sample.values(c.header) for c in columns}
        self.filled = keys.filled(sample, [c.header for c in columns])
        self.judged = sample.rows
        self.expected = 0

    def made(self) -> Proposal:
        judge = Judge(self.sample)
        meanings = {c.header: self._meaning(judge, c) for c in self.columns}
        elements = {header: meaning.element for header, meaning in meanings.items()}
        fields = self._fields(meanings)
        key = self._key(fields, elements)
        self._type(fields)
        self._keep_apart(fields)
        self._demand(fields)
        row_rules = self._rules(fields)
        self._refer(fields)
        self._count(fields, row_rules)
        by_header = {one.header: one.name for one in fields}
        dated = keys.as_of(elements)
        return Proposal(
            self.resource,
            self.table,
            fields,
            key,
            row_rules,
            (by_header[dated[0]], dated[1]) if dated else None,
            self.left_out,
            self.judged,
            self.expected,
        )

    def _meaning(self, judge: Judge, column: Column) -> Meaning:
        wide = self.table.wide
        if wide and column.header == wide.unpivot.into:
            return Meaning(wide.kind.element, Said(0.97, wide.said))
        found = judge.meaning(column.name, column.unit, self.values[column.header])
        # what is measured at many times is a number with decimals, even if none came so far
        if wide and column.header == wide.unpivot.value and found.element in ("integer", "money"):
            return Meaning("decimal", found.said, found.tried, found.accepted)
        return found

    def _fields(self, meanings: dict[str, Meaning]) -> list[FieldProposal]:
        fields: list[FieldProposal] = []
        for column in self.columns:
            meaning = meanings[column.header]
            element = self.known[meaning.element].element
            told = self.filled[column.header]
            name, covered = name_of(column.name, [one.name for one in fields])
            unit = f" ({column.unit})" if column.unit else ""
            made = FieldProposal(
                name=name,
                header=column.header,
                title=Text(column.header, english_of(name) + unit),
                element=meaning.element,
                type=LOGICAL_TYPE_OF[element.type],
                meaning=meaning.said,
                empty=told.empty,
                distinct=told.distinct,
                examples=(),
                classification=element.classification,
                unit=column.unit,
            )
            made.examples = tuple(
                self._shown(value, self.known[meaning.element]) for value in self.values[column.header][:3]
            )
            if covered < 0.5:
                made.notes.append(Text("字段名是拼音，请改", "the name is pinyin: please give a better one"))
            if made.type in ("date", "timestamp"):
                made.notes += styles(self.values[column.header])
            fields.append(made)
        if any(one.classification in ("personal", "sensitive") for one in fields):
            # beside personal values, free text may be personal too
            for one in fields:
                if one.element == "plain_text" and one.distinct > rules.MOST_CODES:
                    one.examples = tuple(OTHER_MASK.text(value) for value in one.examples)
        return fields

    def _shown(self, value: str, standardizer: Standardizer) -> str:
        """An example as it may stand in a file: personal ones masked, long ones cut."""
        element = standardizer.element
        if element.classification in ("personal", "sensitive") and element.codes is None:
            value = (element.mask or OTHER_MASK).text(value)
        flat = " ".join(value.split())
        return flat if len(flat) <= 24 else flat[:24] + "…"

    def _key(self, fields: list[FieldProposal], elements: dict[str, str]) -> Said:
        wide = self.table.wide
        last = [name for name in ("指标", wide.unpivot.into) if name in elements] if wide else []
        if wide and not wide.measures:
            last = [wide.unpivot.into]
        without_value = {
            header: element
            for header, element in elements.items()
            if not (wide and header == wide.unpivot.value)
        }
        key = keys.find_key(self.sample, without_value or elements, self.filled, last)
        if key is None:
            said = Text(
                "没有数据，先用第一列，请确认",
                "there are no rows; the first column stands in: please confirm",
            )
            fields[0].key = 1
            return Said(0.1, said)
        for position, column in enumerate(key.columns, 1):
            next(one for one in fields if one.header == column).key = position
        return key.said

    def _type(self, fields: list[FieldProposal]) -> None:
        """The rows as a run would standardize them, and how many values of each field it would refuse."""
        source = "rows" if self.sample.rows <= JUDGED else "sample"
        columns = [Standardized(one.name, self.known[one.element], identifier(one.header)) for one in fields]
        self.columns_sql = columns
        kept = ", ".join(f"{identifier(one.name)}, {identifier(one.name + '__fault')}" for one in fields)
        rows = standardize_sql(source, columns, ["_n"])
        con = self.sample.con
        con.execute(f"CREATE OR REPLACE TEMP TABLE typed AS SELECT _n, {kept} FROM ({rows})")
        counted = ", ".join(f"count({identifier(one.name + '__fault')})" for one in fields)
        row = con.execute(f"SELECT count(*), {counted} FROM typed").fetchall()[0]
        self.judged = row[0]
        for one, faulty in zip(fields, row[1:], strict=True):
            one.faulty = faulty
            if faulty:
                one.notes.append(Text("{n} 个值不合格", "{n} values would be refused").fill(n=f"{faulty:,}"))

    def _keep_apart(self, fields: list[FieldProposal]) -> None:
        """A key's values must stay as different as they came: an element that makes one of two is given up."""
        source = "rows" if self.sample.rows <= JUDGED else "sample"
        changed = False
        for one in fields:
            if one.key and one.element != "plain_text":
                came = self.sample.one(f"SELECT count(DISTINCT tidy({identifier(one.header)})) FROM {source}")
                stays = self.sample.one(f"SELECT count(DISTINCT {identifier(one.name)}) FROM typed")
                if stays + one.faulty < came:
                    told = Text(
                        "作为 {element} 有些不同的主键会变成一样，按文字收",
                        "as {element} some different keys would become one: kept as text",
                    ).fill(element=one.element)
                    one.element, one.type, one.meaning = "plain_text", "string", Said(0.6, told)
                    changed = True
        if changed:
            for one in fields:
                one.notes = [note for note in one.notes if note.zh != _refused(one.faulty).zh]
            self._type(fields)

    def _demand(self, fields: list[FieldProposal]) -> None:
        """What must be there, and what may be set aside when it is wrong."""
        enough = self.sample.rows >= rules.LEAST
        for one in fields:
            whole = self.filled[one.header].empty == 0
            one.required = bool(one.key) or (whole and enough and not one.faulty and self._never_null(one))
            if not one.required and one.faulty:
                one.on_fault = "void"

    def _never_null(self, one: FieldProposal) -> bool:
        return not self.sample.one(f"SELECT count(*) FROM typed WHERE {identifier(one.name)} IS NULL")

    def _rules(self, fields: list[FieldProposal]) -> list[rules.Kept]:
        described = []
        for one in fields:
            told, values = self.filled[one.header], self.values[one.header]
            codes = rules.codes_of(told, self.sample.rows, values, one.element)
            shape = rules.shape_of(values) if one.element == "plain_text" and not codes else None
            described.append(
                rules.Described(one.name, one.header, one.element, one.type, told, codes, one.unit, shape)
            )
        found = [kept for rule in rules.proposed(described) if (kept := self._tried(rule))]
        by_name = {one.name: one for one in fields}
        of_rows = []
        for kept in rules.chosen(found):
            if kept.rule.field:
                by_name[kept.rule.field].rules.append(kept)
            else:
                of_rows.append(kept)
        return of_rows

    def _tried(self, rule: rules.Proposed) -> rules.Kept | None:
        query = (
            f"SELECT count(*) FILTER ({rule.applies}), count(*) FILTER (({rule.applies}) AND ({rule.condition}) IS FALSE)"
            " FROM typed"
        )
        try:
            applies, broken = self.sample.con.execute(query).fetchall()[0]
        except duckdb.Error:
            # a condition these values cannot be put to is no rule of theirs
            return None
        return rules.kept(rule, applies, broken)

    def _refer(self, fields: list[FieldProposal]) -> None:
        tried = {}
        for one in fields:
            query = (
                f"SELECT CAST({identifier(one.name)} AS VARCHAR) AS v FROM typed WHERE v IS NOT NULL"
                " GROUP BY v ORDER BY hash(v) LIMIT 1000"
            )
            tried[one.name] = (one.element, [value for (value,) in self.sample.con.execute(query).fetchall()])
        found = references(tried, self.resource)
        for one in fields:
            one.reference = found.get(one.name)

    def _count(self, fields: list[FieldProposal], row_rules: list[rules.Kept]) -> None:
        """How many of the judged rows the contract would accept (repeated keys apart)."""
        faults = [f"{identifier(one.name + '__fault')} IS NULL" for one in fields if one.on_fault != "void"]
        there = [f"{identifier(one.name)} IS NOT NULL" for one in fields if one.required]
        kept = [*(rule for one in fields for rule in one.rules), *row_rules]
        held = [f"(({rule.rule.condition}) IS NOT FALSE)" for rule in kept if rule.severity == "error"]
        condition = " AND ".join([*faults, *there, *held]) or "true"
        self.expected = int(self.sample.one(f"SELECT count(*) FILTER ({condition}) FROM typed"))
