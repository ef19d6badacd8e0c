"""Values as they came become values of their data element: the SQL for whole tables, and single values.

    SELECT … FROM source            given text, and the parts of the quick look
     └ quick look                   the finished value, where the text is clean
        └ tidied ─ steps …          only where the quick look gave nothing; one sub-select each
           └ cast                   text becomes the element's type
              └ fault               number of the first check that is not true
                 └ value            NULL where there is a fault

An expression that the database cannot compute for some text (a number too large) counts as one that
did not match: a step then leaves the text, a check refuses it. One cell never stops a run.

All columns of a resource go through the same levels side by side, so a table is read once.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb

from jingwei.catalog.codes import CodeList
from jingwei.catalog.elements import Element
from jingwei.catalog.sql import identifier, quoted, said, tidied
from jingwei.kernel.text import Text
from jingwei.packs.service import installed

ELEMENT = Text("数据元", "data element")
CODE_LIST = Text("代码表", "code list")


@dataclass(frozen=True)
class Reason:
    """Why a value was refused."""

    code: str
    text: Text


@dataclass(frozen=True)
class Standardized:
    """A value in the element's form (NULL text gives None), or the reason it was refused."""

    value: Any
    fault: Reason | None = None


@dataclass(frozen=True)
class Standardizer:
    """An element together with the code list it names."""

    element: Element
    codes: CodeList | None = None

    def levels(self, given: str, text: str) -> list[str]:
        """Expressions that lead from the text as it came to the normalized text, each over the one before."""
        steps = [f"coalesce(TRY({step}), {text})" for step in self.element.step_expressions(text)]
        levels = [tidied(given), said(text), *steps]
        if self.codes:
            levels.append(self.codes.label_sql(text, self.codes.fold_sql(text)))
        return levels

    def fault(self, text: str, value: str) -> str:
        """Number of the first check that is not true of the text or its typed value; NULL when all hold."""
        element = self.element
        conditions = [f"TRY({element.put(check.valid, text)}) IS NOT TRUE" for check in element.checks]
        if self.codes:
            conditions.append(f"NOT {self.codes.knows_sql(text)}")
        if element.type != "string":
            conditions.append(f"{value} IS NULL")
        whens = " ".join(f"WHEN {condition} THEN {number}" for number, condition in enumerate(conditions, 1))
        return f"CAST(CASE {whens} END AS UTINYINT)" if whens else "CAST(NULL AS UTINYINT)"

    def derive(self, value: str) -> dict[str, Any]:
        """The facts a valid value contains (an identity number: birth date and sex)."""
        names = list(self.element.derived)
        if not names:
            return {}
        facts = ", ".join(self.element.derived_sql(name, "value") for name in names)
        row = scratch().execute(f"SELECT {facts} FROM (SELECT {quoted(value)} AS value)").fetchone()
        return dict(zip(names, row or (), strict=True))


@dataclass(frozen=True)
class Column:
    """One field to standardize: its name, how it is standardized, and the SQL of its text in the source."""

    name: str
    standardizer: Standardizer
    source: str

    def at(self, suffix: str = "") -> str:
        return identifier(self.name + suffix)

    def part(self, name: str) -> str:
        return self.at("__part_" + name)

    def put(self, sql: str) -> str:
        """SQL of `parts` and `quick` over the text as it came."""
        element = self.standardizer.element
        return element.put(sql, self.at("__given"), **{name: self.part(name) for name in element.parts})

    def quick(self) -> str | None:
        """The finished value where the text is clean; None where the element has no quick look."""
        element, codes = self.standardizer.element, self.standardizer.codes
        if element.quick:
            return f"TRY({self.put(element.quick)})"
        return codes.quick_sql(self.at("__given")) if codes else None


def given_name(name: str) -> str:
    """Column with the text as it came."""
    return name + "__given"


def text_name(name: str) -> str:
    """Column with the normalized text (NULL where the quick look gave the value)."""
    return name + "__text"


def fault_name(name: str) -> str:
    """Column with the number of the failed check; NULL is fine."""
    return name + "__fault"


def standardize_sql(
    source: str, columns: Sequence[Column], keep: Iterable[str] = (), quick: bool = True
) -> str:
    """One SELECT over `source` (a table name or a parenthesized query).

    Gives the columns named in `keep` as they are and, for every column, `name` (typed, NULL where
    faulty), `name__fault`, `name__given` and `name__text`. Whoever does not select the latter two
    does not pay for them. `quick=False` sends every value the long way (to compare the two).
    """
    kept = [identifier(name) for name in keep]
    levels, looks = _quick_looks(columns, kept) if quick else ([], set())
    first = [*kept, *(f"{column.source} AS {column.at('__given')}" for column in columns)]
    return _stacked(source, [first, *levels, *_mending(columns, kept, looks)])


def _stacked(source: str, levels: Iterable[list[str]]) -> str:
    """One SELECT: each level reads the one before, the first reads the source."""
    query = source
    for level in levels:
        query = f"(SELECT {', '.join(level)} FROM {query})"
    return query[1:-1]


def _quick_looks(columns: Sequence[Column], kept: list[str]) -> tuple[list[list[str]], set[str]]:
    """The levels of the parts, one below the other, and of the quick look; and the columns that have one."""
    levels = []
    for depth in range(max((len(c.standardizer.element.parts) for c in columns), default=0)):
        level = list(kept)
        for column in columns:
            parts = list(column.standardizer.element.parts.items())
            level += [column.at("__given"), *(column.part(name) for name, _ in parts[:depth])]
            if depth < len(parts):
                name, sql = parts[depth]
                level.append(f"TRY({column.put(sql)}) AS {column.part(name)}")
        levels.append(level)
    looks: set[str] = set()
    last = list(kept)
    for column in columns:
        look = column.quick()
        last += [column.at("__given"), *([f"{look} AS {column.at('__quick')}"] if look else [])]
        looks |= {column.name} if look else set()
    return [*levels, last], looks


def _mending(columns: Sequence[Column], kept: list[str], looks: set[str]) -> list[list[str]]:
    """The levels behind the quick look."""
    ways = {c.name: c.standardizer.levels(c.at("__given"), c.at("__text")) for c in columns}
    levels = []
    for depth in range(max((len(way) for way in ways.values()), default=0)):
        level = list(kept)
        for column in columns:
            way = ways[column.name]
            text = column.at("__text")
            level += _carried(column, looks)
            if depth >= len(way):
                level.append(text)
            elif column.name in looks:
                level.append(f"CASE WHEN {column.at('__quick')} IS NULL THEN {way[depth]} END AS {text}")
            else:
                level.append(f"{way[depth]} AS {text}")
        levels.append(level)
    cast, judged, final = list(kept), list(kept), list(kept)
    for column in columns:
        kind = column.standardizer.element
        given, text, value = column.at("__given"), column.at("__text"), column.at()
        typed = text if kind.type == "string" else f"TRY_CAST({text} AS {kind.sql_type})"
        fault = f"CASE WHEN {text} IS NOT NULL THEN {column.standardizer.fault(text, value)} END"
        if column.name in looks:
            typed = (
                f"CASE WHEN {column.at('__quick')} IS NOT NULL THEN {column.at('__quick')} ELSE {typed} END"
            )
        cast += [given, text, f"{typed} AS {value}"]
        judged += [given, text, value, f"{fault} AS {column.at('__fault')}"]
        final += [
            f"CASE WHEN {column.at('__fault')} IS NULL THEN {value} END AS {value}",
            column.at("__fault"),
            given,
            text,
        ]
    return [*levels, cast, judged, final]


def _carried(column: Column, looks: set[str]) -> list[str]:
    return [column.at("__given"), *([column.at("__quick")] if column.name in looks else [])]


def faulty_sql(columns: Sequence[Column]) -> str:
    """True where any of the columns has a fault; over the output of `standardize_sql`."""
    return "(" + (" OR ".join(f"{c.at('__fault')} IS NOT NULL" for c in columns) or "false") + ")"


def reason_sql(column: Column) -> str:
    """STRUCT(field, code, zh, en) of a column's fault, or NULL; over the output of `standardize_sql`."""
    element = column.standardizer.element
    given, text, fault = column.at("__given"), column.at("__text"), column.at("__fault")
    numbers = range(1, len(element.reasons) + 1)

    def chosen(sql_of: Any) -> str:
        return (
            f"CASE {fault} " + " ".join(f"WHEN {number} THEN {sql_of(number)}" for number in numbers) + " END"
        )

    if not element.reasons:
        return "NULL::STRUCT(field VARCHAR, code VARCHAR, zh VARCHAR, en VARCHAR)"
    code = chosen(lambda number: quoted(element.reasons[number - 1][0]))
    zh = chosen(lambda number: element.spoken_sql(number, "zh", text, given))
    en = chosen(lambda number: element.spoken_sql(number, "en", text, given))
    struct = f"{{'field': {quoted(column.name)}, 'code': {code}, 'zh': {zh}, 'en': {en}}}"
    return f"CASE WHEN {fault} IS NOT NULL THEN {struct} END"


def reasons_sql(columns: Sequence[Column]) -> str:
    """LIST of a row's reasons, NULL where it has none; the texts are computed for faulty rows only."""
    listed = ", ".join(reason_sql(column) for column in columns)
    return (
        f"CASE WHEN {faulty_sql(columns)} THEN list_filter([{listed}], lambda reason: reason IS NOT NULL) END"
    )


def standardizer(name: str) -> Standardizer:
    """The installed element of this name with its code list; UnknownName where there is none."""
    catalogue = installed()
    element: Element = catalogue.get("elements", name, ELEMENT)
    codes = catalogue.get("codes", element.codes, CODE_LIST) if element.codes else None
    return Standardizer(element, codes)


_thread = threading.local()


def scratch() -> duckdb.DuckDBPyConnection:
    """A small in-memory database of this thread, for single values and to ask whether SQL compiles."""
    if not hasattr(_thread, "connection"):
        _thread.connection = duckdb.connect(config={"threads": 1, "memory_limit": "256MB"})
    return _thread.connection


def standardize_many(
    element: str | Standardizer, texts: Sequence[str | None], quick: bool = True
) -> list[Standardized]:
    """The given texts through the same SQL as a table's column, in their order."""
    if not texts:
        return []
    column = Column("value", standardizer(element) if isinstance(element, str) else element, "given")
    rows_sql = standardize_sql(_unnested(texts), [column], ["place"], quick)
    query = f"SELECT value, {reason_sql(column)} AS reason FROM ({rows_sql}) ORDER BY place"
    rows = scratch().execute(query).fetchall()
    return [
        Standardized(value, Reason(reason["code"], Text(reason["zh"], reason["en"])) if reason else None)
        for value, reason in rows
    ]


def standardize_one(element: str | Standardizer, text: str | None) -> Standardized:
    """A single value, as a form field or a lookup gives it.

    Clean text is answered by the quick look alone: the database prepares every pattern of a query
    before it reads the first row, and the whole way has dozens.
    """
    if text is None:
        return Standardized(None)
    column = Column("value", standardizer(element) if isinstance(element, str) else element, "given")
    levels, looks = _quick_looks([column], [])
    if looks:
        query = _stacked(_unnested([text]), [[f"given AS {column.at('__given')}"], *levels])
        _, value = scratch().execute(query).fetchall()[0]
        if value is not None:
            return Standardized(value)
    return standardize_many(column.standardizer, [text])[0]


def _unnested(texts: Sequence[str | None]) -> str:
    """A relation (given, place). The texts travel as one JSON literal: bound parameters would make
    DuckDB import pandas, which takes a second."""
    given = f"from_json({quoted(json.dumps(list(texts)))}, '[\"VARCHAR\"]')"
    return f"(SELECT unnest({given}) AS given, unnest(range({len(texts)})) AS place)"
