"""Values as they came become values of their data element: the SQL for whole tables, and single values.

    SELECT … FROM source            given text, and the parts of the quick look
     └ quick look                   the finished value, where the text is clean
        └ tidied ─ steps …          only where the quick look gave nothing; one sub-select each
           └ cast                   text becomes the element's type
              └ fault               number of the first check that is not true
                 └ value            NULL where there is a fault

All columns of a resource go through the same levels side by side, so a table is read once.
"""

from __future__ import annotations

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

    def quick(self, given: str, parts: dict[str, str]) -> str | None:
        if self.element.quick:
            return self.element.put(self.element.quick, given, **parts)
        return self.codes.quick_sql(given) if self.codes else None

    def levels(self, given: str, text: str) -> list[str]:
        """Expressions that lead from the text as it came to the normalized text, each over the one before."""
        levels = [tidied(given), said(text), *self.element.step_expressions(text)]
        if self.codes:
            levels.append(self.codes.label_sql(text, self.codes.fold_sql(text)))
        return levels

    def fault(self, text: str, value: str) -> str:
        """Number of the first check that is not true, over normalized text and typed value; NULL when all hold."""
        element = self.element
        conditions = [f"({element.put(check.valid, text)}) IS NOT TRUE" for check in element.checks]
        if self.codes:
            conditions.append(f"NOT {self.codes.knows_sql(text)}")
        if element.type != "string":
            conditions.append(f"{value} IS NULL")
        whens = " ".join(f"WHEN {condition} THEN {number}" for number, condition in enumerate(conditions, 1))
        return f"CAST(CASE {whens} END AS UTINYINT)" if whens else "CAST(NULL AS UTINYINT)"


@dataclass(frozen=True)
class Column:
    """One field to standardize: its name, how it is standardized, and the SQL of its text in the source."""

    name: str
    standardizer: Standardizer
    source: str

    def at(self, suffix: str = "") -> str:
        return identifier(self.name + suffix)


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
    levels: list[list[str]] = [list(kept) for _ in range(2)]
    has_quick = {}
    for column in columns:
        parts = column.standardizer.element.parts if quick else {}
        names = {part: column.at(f"__{part}") for part in parts}
        levels[0].append(f"{column.source} AS {column.at('__given')}")
        levels[0] += [
            f"{column.standardizer.element.put(sql, column.source)} AS {names[part]}"
            for part, sql in parts.items()
        ]
        look = column.standardizer.quick(column.at("__given"), names) if quick else None
        has_quick[column.name] = look is not None
        levels[1].append(column.at("__given"))
        if look is not None:
            levels[1].append(f"{look} AS {column.at('__quick')}")
    levels += _mending(columns, kept, has_quick)
    query = source
    for level in levels:
        query = f"(SELECT {', '.join(level)} FROM {query})"
    return query[1:-1]


def _mending(columns: Sequence[Column], kept: list[str], has_quick: dict[str, bool]) -> list[list[str]]:
    """The levels behind the quick look."""
    ways = {c.name: c.standardizer.levels(c.at("__given"), c.at("__text")) for c in columns}
    levels = []
    for depth in range(max((len(way) for way in ways.values()), default=0)):
        level = list(kept)
        for column in columns:
            way = ways[column.name]
            text = column.at("__text")
            level += _carried(column, has_quick)
            if depth >= len(way):
                level.append(text)
            elif has_quick[column.name]:
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
        if has_quick[column.name]:
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


def _carried(column: Column, has_quick: dict[str, bool]) -> list[str]:
    return [column.at("__given"), *([column.at("__quick")] if has_quick[column.name] else [])]


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
    """LIST of the reasons of a row, NULL where it has none; the texts are computed for faulty rows only."""
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


def _connection() -> duckdb.DuckDBPyConnection:
    """A small in-memory database of this thread; it never sees a table."""
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
    source = "(SELECT unnest(?::VARCHAR[]) AS given, unnest(range(?)) AS place)"
    query = f"SELECT value, {reason_sql(column)} AS reason FROM ({standardize_sql(source, [column], ['place'], quick)})"
    rows = _connection().execute(f"{query} ORDER BY place", [list(texts), len(texts)]).fetchall()
    return [
        Standardized(value, Reason(reason["code"], Text(reason["zh"], reason["en"])) if reason else None)
        for value, reason in rows
    ]


def standardize_one(element: str | Standardizer, text: str | None) -> Standardized:
    """A single value, as a form field or a lookup gives it."""
    return standardize_many(element, [text])[0]
