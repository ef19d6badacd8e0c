"""Which columns tell the rows of a table apart.

Asked of every row that was read: a column (or a few together) that is never empty and never the same twice.
Identifiers come before names and dates, few columns before many, those on the left before those on the
right; what is measured is no key, however different the measurements.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from jingwei.catalog.sql import identifier
from jingwei.collection.understanding.meaning import hinted
from jingwei.collection.understanding.said import Said
from jingwei.collection.understanding.sampling import Sample
from jingwei.kernel.text import Text, listed

MOST_COLUMNS = 10
"""Columns that are tried in combinations."""

MOST_TOGETHER = 4
NEARLY = 0.98
"""Share of rows a key must tell apart where none does it for all."""

MOST_EMPTY = 0.05
SHORT = 24
"""Characters that a text which stands alone as a key has on average at most: a title is none."""

NEVER = ("decimal", "money", "yes_no", "sex", "marital_status", "education", "address")
TIMES = ("date", "timestamp", "year_month")
ALONE_NEVER = (*NEVER, *TIMES, "integer", "person_name", "mobile_phone", "landline")
LONGEST = 60
"""Characters a key's values have on average at most."""


@dataclass(frozen=True)
class Key:
    columns: tuple[str, ...]
    said: Said
    repeated: int = 0
    """Rows that share their key with another."""


@dataclass(frozen=True)
class Filled:
    """`empty` rows of a column, `distinct` values, `length` characters on average."""

    empty: int
    distinct: int
    length: float


def filled(sample: Sample, columns: Sequence[str]) -> dict[str, Filled]:
    """How full each column is, in one pass over all rows."""
    asked = ", ".join(
        f"count(*) FILTER (tidy({name}) IS NULL), count(DISTINCT tidy({name})), avg(length({name}))"
        for name in map(identifier, columns)
    )
    row = sample.con.execute(f"SELECT {asked} FROM rows").fetchall()[0] if columns else ()
    return {
        column: Filled(row[at * 3], row[at * 3 + 1], row[at * 3 + 2] or 0.0)
        for at, column in enumerate(columns)
    }


def find_key(
    sample: Sample, elements: Mapping[str, str], told: Mapping[str, Filled], last: Sequence[str] = ()
) -> Key | None:
    """The key among the columns whose elements are given, in the table's order; `last` are those that
    becoming long has added and that belong to the key of every long row. None for a table without rows."""
    if not sample.rows or not elements:
        return None
    columns = list(elements)
    # a row that came twice is repeated, not a second one
    rows = _distinct(sample, columns)
    usable = [
        c for c in columns if elements[c] not in NEVER and told[c].length <= LONGEST and told[c].distinct > 1
    ]
    full = [c for c in usable if told[c].empty == 0]
    if not last:
        for column in _ranked([c for c in full if _may_stand_alone(c, elements[c])], elements):
            short = told[column].length <= SHORT or hinted("id", column)
            if told[column].distinct >= rows and short:
                return _single(column, told[column], sample.rows, elements[column])
        if full and full[0] in usable[:1] and elements[full[0]] in TIMES and told[full[0]].distinct >= rows:
            return _single(full[0], told[full[0]], sample.rows, elements[full[0]])
    measured = {c for c in full if _is_measured(c, elements[c], told[c].distinct, rows)}
    candidates = _ranked([c for c in full if c not in measured], elements)[:MOST_COLUMNS]
    candidates = [c for c in candidates if c not in last]
    for size in range(1 if last else 2, MOST_TOGETHER + 1):
        for together in combinations(candidates, size):
            chosen = _in_order((*together, *last), columns)
            if not _could(chosen, told, rows):
                continue
            if _distinct(sample, chosen) >= rows:
                return _composite(chosen, sample.rows, len(candidates))
    if last and _distinct(sample, last) >= rows:
        return _composite(tuple(last), sample.rows, 0)
    return _nearly(sample, elements, told, usable, last, rows) or _all(
        sample, columns, full or [c for c in columns if told[c].empty == 0], last
    )


def _may_stand_alone(column: str, element: str) -> bool:
    return element not in ALONE_NEVER or hinted("id", column)


_TIME = re.compile(r"年|月|季|日|year|month|quarter|week|day|hour", re.IGNORECASE)


def _is_measured(column: str, element: str, distinct: int, rows: int) -> bool:
    """Whether whole numbers are figures rather than labels: nearly all different, and named like neither."""
    figures = element == "integer" and distinct * 2 > rows
    return figures and not hinted("id", column) and not _TIME.search(column)


def _ranked(columns: Sequence[str], elements: Mapping[str, str]) -> list[str]:
    """Identifiers first, then as they stand in the table."""

    def rank(column: str) -> int:
        if elements[column] in ("plain_text", "integer") and hinted("id", column):
            return 0
        if elements[column] in ("resident_id", "credit_code"):
            return 1
        return 3 if elements[column] in ("person_name", "mobile_phone", "landline") else 2

    return sorted(columns, key=rank)


def _in_order(chosen: Sequence[str], columns: Sequence[str]) -> tuple[str, ...]:
    return tuple(column for column in columns if column in chosen)


def _could(chosen: Sequence[str], told: Mapping[str, Filled], rows: int) -> bool:
    product = 1
    for column in chosen:
        product *= max(1, told[column].distinct)
    return product >= rows


def _distinct(sample: Sample, columns: Sequence[str]) -> int:
    packed = ", ".join(f"tidy({identifier(column)})" for column in columns)
    return int(sample.one(f"SELECT count(*) FROM (SELECT DISTINCT {packed} FROM rows)"))


def _single(column: str, told: Filled, rows: int, element: str) -> Key:
    sure = 0.98 if hinted("id", column) or element in ("resident_id", "credit_code") else 0.75
    if rows < 20:
        sure -= 0.3
    said = Text("{rows} 行的值各不相同，没有空的", "{rows} rows, all different, none empty").fill(
        rows=f"{rows:,}"
    )
    return Key((column,), Said(sure, said))


def _composite(columns: tuple[str, ...], rows: int, tried: int) -> Key:
    said = Text(
        "{columns} 合起来 {rows} 行各不相同，没有空的",
        "{columns} together: {rows} rows, all different, none empty",
    ).fill(columns=listed(columns), rows=f"{rows:,}")
    return Key(columns, Said(max(0.4, 0.9 - 0.1 * (len(columns) - 2)) if rows >= 20 else 0.4, said))


def _nearly(
    sample: Sample,
    elements: Mapping[str, str],
    told: Mapping[str, Filled],
    usable: Sequence[str],
    last: Sequence[str],
    rows: int,
) -> Key | None:
    """One identifier that is nearly a key: its repeated and empty rows will be quarantined."""
    for column in _ranked([c for c in usable if _may_stand_alone(c, elements[c]) and not last], elements):
        if told[column].distinct >= rows * NEARLY and hinted("id", column):
            return _loose(sample, (column,), told[column].distinct, told[column].empty, rows)
    nearly_full = [c for c in usable if told[c].empty <= sample.rows * MOST_EMPTY]
    counted = [c for c in nearly_full if not _is_measured(c, elements[c], told[c].distinct, rows)]
    candidates = _ranked(counted, elements)
    for size in range(1, 4):
        for together in combinations(candidates[:6], size):
            chosen = _in_order((*together, *last), list(elements))
            if len(chosen) > 1 and _could(chosen, told, int(rows * NEARLY)):
                distinct = _distinct(sample, chosen)
                if distinct >= rows * NEARLY:
                    empty = max(told[column].empty for column in chosen)
                    return _loose(sample, chosen, distinct, empty, rows)
    return None


def _loose(sample: Sample, columns: tuple[str, ...], distinct: int, empty: int, rows: int) -> Key:
    said = Text(
        "{columns} 几乎各不相同：{rows} 行里 {repeated} 行的主键重复，{empty} 行为空，这些行会隔离",
        "{columns} are nearly all different: of {rows} rows {repeated} repeat a key and {empty} have none; those are quarantined",
    ).fill(columns=listed(columns), rows=f"{sample.rows:,}", repeated=max(0, rows - distinct), empty=empty)
    return Key(columns, Said(0.4 * distinct / rows, said), max(0, rows - distinct))


def _all(sample: Sample, columns: Sequence[str], full: Sequence[str], last: Sequence[str]) -> Key:
    """No key was found: whatever is always filled, for a person to decide."""
    chosen = _in_order((*(full or columns[:1]), *last), columns)[:MOST_COLUMNS]
    repeated = sample.rows - _distinct(sample, chosen)
    said = Text(
        "找不到主键，先用总有值的列；{n} 行会因主键重复而隔离，请改成真正的主键",
        "no key was found; the columns that are always filled stand in: {n} rows repeat it. Put the real key here",
    ).fill(n=repeated)
    return Key(chosen, Said(0.1, said), repeated)


_VERSIONED = re.compile(r"更新|修改|变更|变动|维护|update|modif|changed", re.IGNORECASE)
_BUSINESS = re.compile(r"截至|统计|填报|核对|登记|创建|办理|留言时间|as.?of|created|date", re.IGNORECASE)


def as_of(elements: Mapping[str, str]) -> tuple[str, Said] | None:
    """The column that says when a row was last right."""
    dated = [column for column, element in elements.items() if element in ("date", "timestamp")]
    for pattern, confidence in ((_VERSIONED, 0.9), (_BUSINESS, 0.4)):
        for column in dated:
            if pattern.search(column):
                said = Text("表头像是更新时间", "the header reads like a time of change")
                if pattern is _BUSINESS:
                    said = Text(
                        "最像业务时间的日期列，请确认", "the date most like a business date; please confirm"
                    )
                return column, Said(confidence, said)
    return None
