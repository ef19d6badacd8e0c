"""What tables are in a file nobody has described, and how each of them is to be read.

    file ─every sheet, every table─▶ wide reader ─sample─▶ headers, units, times ─▶ Understood
                                                                        └─▶ Source, as a contract will read it

Nothing is read here but through the readers a contract's runs use: an `Understood` is a `Source` with the
options that make those readers give the right table, and the reasons for them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from jingwei.collection.connectors import Source, errors, headers, open_source, resolve
from jingwei.collection.connectors.options import SECTION, SHEET
from jingwei.collection.understanding import shape, sums, units
from jingwei.collection.understanding.periods import Wide, find_wide
from jingwei.collection.understanding.sampling import Sample, gathered
from jingwei.kernel.errors import BadInput, JingweiError
from jingwei.kernel.text import Text, listed

MOST_TABLES = 50


@dataclass(frozen=True)
class Column:
    """A column of the table as it is read: header, name without its unit, unit; `left_out` says why a
    contract has no use for it."""

    header: str
    name: str
    unit: str | None = None
    left_out: Text | None = None


@dataclass
class Understood:
    """One table. `facts` are those of its reader, `notes` what was decided and why, `options` what a
    contract's server entry has to say so that the table is read like this."""

    location: str
    format: str
    sheet: str | None
    title: str
    unit: str | None
    columns: tuple[Column, ...]
    rows: int
    rejected: int
    whole: bool
    facts: dict[str, Any]
    wide: Wide | None = None
    options: dict[str, Any] = field(default_factory=dict)
    notes: list[Text] = field(default_factory=list)
    from_row: int = 1

    @property
    def names(self) -> tuple[str, ...]:
        """Headers as the long table has them."""
        return tuple(column.header for column in self.columns)

    def source(self, long: bool = True) -> Source:
        """The table's source as its contract will have it."""
        options = dict(self.options)
        if self.wide and long:
            options["unpivot"] = self.wide.unpivot
        if self.from_row > 1:
            options["from_row"] = self.from_row
        return resolve(self.location, None, self.sheet, (), options)

    @contextmanager
    def sample(self) -> Iterator[Sample]:
        with open_source(self.source()) as reader, gathered(reader) as found:
            yield found


@dataclass(frozen=True)
class Passed:
    """A part of the file in which no table was found, or that is not read, and why."""

    name: str
    why: Text


@dataclass
class Understanding:
    location: str
    tables: list[Understood]
    passed: list[Passed]
    alike: list[tuple[str, ...]] = field(default_factory=list)
    """Names of sheets (or tables) of one shape."""


class NoTable(BadInput):
    code = "no-table"
    what = Text("{location} 里没有找到表：{why}", "No table was found in {location}: {why}")
    do = Text(
        "用 jingwei contract show 看看读到了什么；表头缺失时补上表头再试。",
        "jingwei contract show tells what was read; if the header is missing, add one and try again.",
    )


def understand(
    location: str, sheet: str | None = None, options: dict[str, Any] | None = None
) -> Understanding:
    """Every table at a path or URL, or those of one sheet (or database table)."""
    found = Understanding(location, [], [])
    first: JingweiError | None = None
    for name in _places(location, sheet, options or {}, found.passed):
        try:
            found.tables += _tables_of(location, name, options or {})
        except (errors.HeaderMissing, errors.SourceEmpty) as problem:
            first = first or problem
            found.passed.append(Passed(name or location, problem.what))
        if len(found.tables) >= MOST_TABLES:
            break
    if not found.tables:
        if first is not None and not found.passed[1:]:
            raise first
        why = "；".join(f"{one.name}: {one.why}" for one in found.passed[:5]) or "—"
        raise NoTable(location=location, why=why)
    _pass_over_prose(found)
    _find_alike(found)
    return found


def _pass_over_prose(found: Understanding) -> None:
    """Sheets of one column beside real tables are notes, not tables."""
    if any(len(table.columns) > 1 for table in found.tables):
        for table in [table for table in found.tables if len(table.columns) == 1 and table.sheet]:
            found.tables.remove(table)
            found.passed.append(
                Passed(table.sheet or "", Text("只有文字，不是表", "holds text, not a table"))
            )


def _places(
    location: str, sheet: str | None, options: dict[str, Any], passed: list[Passed]
) -> list[str | None]:
    """Sheets of a workbook, tables of a database; one nameless place for all else."""
    if sheet is not None:
        return [sheet]
    try:
        with open_source(resolve(location, options=options)) as reader:
            facts = reader.facts
    except errors.TableNotNamed as several:
        return [name for name in several.values["tables"].zh.split("、") if name]
    if "sheet" not in facts or options.get("sheets"):
        return [None]
    for name in facts.get("hidden_sheets", []):
        if name != facts["sheet"]:
            passed.append(Passed(name, Text("隐藏的工作表，没有读", "a hidden sheet, not read")))
    return [facts["sheet"], *facts.get("other_sheets", [])]


def _tables_of(location: str, sheet: str | None, options: dict[str, Any]) -> Iterator[Understood]:
    """The tables of one place, from top to bottom."""
    start = 1
    for _ in range(MOST_TABLES):
        given = {**options, **({"from_row": start} if start > 1 else {})}
        try:
            made = _read(location, sheet, given, start)
            if made.facts.get("sections") and "sections" not in options:
                # what the titles say is part of what their rows say
                made = _read(location, sheet, {**given, "sections": True}, start)
        except (errors.HeaderMissing, errors.SourceEmpty):
            if start > 1:  # what began below looked like a table and is none
                return
            raise
        if made.rows or made.rejected or start == 1:
            yield made
        below = made.facts.get("tables_below")
        if not below or below[0]["row"] <= start:
            return
        start = below[0]["row"]


def _read(location: str, sheet: str | None, options: dict[str, Any], start: int) -> Understood:
    source = resolve(location, None, sheet, (), options)
    with open_source(source) as reader, gathered(reader) as sample:
        return _understood(source, sample, start)


def _understood(source: Source, sample: Sample, start: int) -> Understood:
    facts = sample.facts
    options = {
        name: value for name, value in source.options.items() if name not in ("from_row", "declared_format")
    }
    if facts.get("encoding_confidence", 1) < 0.9:
        options["encoding"] = facts["encoding"]
    rows = sample.spread()
    titles = [str(title["text"]) for title in facts.get("titles", [])]
    found = Understood(
        location=source.location,
        format=str(facts.get("format", source.format)),
        sheet=facts.get("sheet") or source.table,
        title=shape.title(titles),
        unit=units.of_titles(titles),
        columns=(),
        rows=sample.rows,
        rejected=sample.rejected,
        whole=sample.whole,
        facts=facts,
        options=options,
        from_row=start,
    )
    _say_what_was_set_aside(found)
    found.wide = find_wide(sample.columns, shape.figures(rows, len(sample.columns)), shape.measure(titles))
    _fill_down(found, sample, rows)
    found.columns = tuple(_columns(found, sample, rows))
    if found.wide:
        found.notes.append(found.wide.said)
        found.notes.append(shape.orientation(rows, sample.columns, found.wide.columns))
    found.notes += [whole.said for whole in sums.wholes(rows)] if sample.rows <= sums.MOST else []
    if not sample.whole:
        found.notes.append(
            Text("只看了前 {n} 行", "only the first {n} rows were looked at").fill(n=f"{sample.rows:,}")
        )
    return found


def _columns(found: Understood, sample: Sample, rows: shape.Rows) -> Iterator[Column]:
    wide = set(found.wide.columns) if found.wide else set()
    described = found.facts.get("described", {})
    by_column = next(
        (cells for label, cells in described.items() if label.casefold() in ("unit", "单位")), ()
    )
    for at, header in enumerate(sample.columns):
        if at in wide:
            continue
        if header in (SECTION, SHEET):
            yield Column(header, header)
            continue
        name, unit = units.of_header(header)
        if not unit and at < len(by_column) and units.is_unit(by_column[at]):
            unit = by_column[at]
        yield Column(header, name, unit, shape.useless(header, at, rows, found.wide))
    if found.wide:
        unpivot = found.wide.unpivot
        if found.wide.measures:
            yield Column("指标", "指标")
        yield Column(unpivot.into, unpivot.into)
        name, unit = units.of_header(unpivot.value)
        yield Column(unpivot.value, name, unit or found.unit)


def _fill_down(found: Understood, sample: Sample, rows: shape.Rows) -> None:
    """Group labels that stand only in the first row of their group."""
    filled = shape.group_labels(sample.columns, rows) if sample.rows == len(rows) else []
    if filled:
        found.options["fill_down"] = filled
        found.notes.append(
            Text(
                "{columns} 只在每组第一行填写，下面的行照抄",
                "{columns} stand in the first row of each group only; the rows below repeat them",
            ).fill(columns=listed(filled))
        )


def _say_what_was_set_aside(found: Understood) -> None:
    facts = found.facts
    if facts.get("header_row") == 0:
        found.options["header_row"] = 0
        found.notes.append(
            Text("没有表头，列按位置称呼", "there is no header; columns are named by their place")
        )
    for fact, said in SET_ASIDE.items():
        rows = facts.get(fact) or []
        if rows:
            shown = "；".join(f"{row['row']}: {str(row['text'])[:40]}" for row in rows[:3])
            found.notes.append(said.fill(n=len(rows), shown=shown))
    if found.options.get("sections"):
        said = Text("行间的标题成为列 {column}", "titles between the rows become the column {column}")
        found.notes.append(said.fill(column=SECTION))
    if found.rejected:
        found.notes.append(
            Text("{n} 行读不成记录，会进隔离", "{n} rows are no records and will be quarantined").fill(
                n=found.rejected
            )
        )


SET_ASIDE = {
    "totals": Text(
        "{n} 行是合计或小计，不作为记录，列在批次里（{shown}）",
        "{n} rows add up others: kept apart, listed with every run ({shown})",
    ),
    "footnotes": Text("{n} 行是脚注（{shown}）", "{n} rows are footnotes ({shown})"),
    "repeated_headers": Text("表头重复了 {n} 次（{shown}）", "the header comes again {n} times ({shown})"),
    "column_numbers": Text(
        "表头下有一行是列号（{shown}）", "a row under the header counts the columns ({shown})"
    ),
    "sections": Text("行间有 {n} 个标题（{shown}）", "{n} titles stand between the rows ({shown})"),
    "tables_below": Text("下面还有另一张表（{shown}）", "another table begins below ({shown})"),
}


def _find_alike(found: Understanding) -> None:
    """Sheets with the same columns: one table in several parts, most likely."""
    shapes: dict[tuple[str, ...], list[str]] = {}
    for table in found.tables:
        if table.sheet and table.from_row == 1:
            shapes.setdefault(tuple(sorted(map(headers.plain, table.names))), []).append(table.sheet)
    found.alike = [tuple(sheets) for sheets in shapes.values() if len(sheets) > 1]


def together(table: Understood, sheets: Sequence[str]) -> Understood:
    """Sheets of one shape as one table: the first of them, read with the others."""
    pattern = _pattern(sheets)
    options = {**table.options, "sheets": pattern}
    with open_source(resolve(table.location, None, None, (), options)) as reader, gathered(reader) as sample:
        source = resolve(table.location, None, None, (), options)
        made = _understood(source, sample, 1)
    said = Text(
        "{n} 张工作表的列相同（{sheets}），当一张表读，表名成为列 {column}",
        "{n} sheets have the same columns ({sheets}): read as one table, their names become the column {column}",
    ).fill(n=len(sheets), sheets=listed(sheets[:8]), column=SHEET)
    return replace(made, sheet=None, notes=[said, *made.notes])


def _pattern(sheets: Sequence[str]) -> str:
    """A pattern that fits these sheets, and next month's."""
    first = sheets[0]
    start = next(
        (at for at in range(len(first)) if any(s[at : at + 1] != first[at] for s in sheets)), len(first)
    )
    ending = next(
        (at for at in range(len(first)) if any(s[-1 - at : len(s) - at] != first[-1 - at] for s in sheets)), 0
    )
    head, tail = first[:start].rstrip("0123456789"), first[len(first) - ending :].lstrip("0123456789")
    plain = re.compile(r"[\[\]*?]")
    return "*" if plain.search(head + tail) or len(head) + len(tail) >= len(first) else f"{head}*{tail}"
