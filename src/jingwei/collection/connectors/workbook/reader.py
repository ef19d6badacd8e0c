"""One sheet's table: its header among titles, its rows as text, and what Excel has done to them.

A row in which Excel ruined a long number of an expected column is rejected with the code
`number-ruined`: its other cells may be right, but whose they are cannot be known. So is one whose
formula failed (`formula-error`) or was never computed (`formula-uncomputed`): the value is not "none".
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import python_calamine as calamine

from jingwei.collection.connectors import errors, headers
from jingwei.collection.connectors.base import Batch, Reader, Reject, Source
from jingwei.collection.connectors.batches import ROWS, batch
from jingwei.collection.connectors.layout import BODY, Layout, at_row, find_layout
from jingwei.collection.connectors.options import SECTION, Options, without
from jingwei.collection.connectors.rejects import shorten
from jingwei.collection.connectors.walk import Row, Walk
from jingwei.collection.connectors.workbook.cells import is_ruined, text_of
from jingwei.collection.connectors.workbook.container import refuse_vast
from jingwei.collection.connectors.workbook.grid import VISIBLE, damaged, first_rows, numbered, worksheets
from jingwei.collection.connectors.workbook.merges import Merges
from jingwei.collection.connectors.workbook.oddities import UNCOMPUTED, odd_cells
from jingwei.kernel.text import listed

SEEN = headers.SEARCHED + BODY
"""Rows from which a header is found."""


class WorkbookReader(Reader):
    def __init__(self, source: Source, data: bytes, book: calamine.CalamineWorkbook) -> None:
        super().__init__()
        self._location = source.location
        self._options = Options.of(source)
        source = without(source, SECTION) if self._options.sections else source
        self._data = data
        self._sheets: dict[str, calamine.CalamineSheet] = {}
        name, layout = self._choose(source, book)
        self._sheet = self._get(book, name)
        self._sheets = {}
        self._layout = layout
        # a table that begins further right leaves empty columns beside it, which are not its own
        self._left = self._sheet.start[1] if self._sheet.start else 0
        self.columns = headers.columns(source.location, layout.names[self._left :], source.headers)
        wanted = {headers.plain(alias) for aliases in source.headers for alias in aliases}
        wide = set(headers.wide_ones(self.columns, self._options.wide)) if self._options.wide else set()
        self._wanted = [
            not wanted or headers.plain(column) in wanted or at in wide
            for at, column in enumerate(self.columns)
        ]
        merged = self._sheet.merged_cell_ranges or []
        self._merged = [cells for cells in merged if cells[0][0] > layout.last]
        self._bands = {
            top
            for (top, left), (bottom, right) in self._merged
            if top == bottom and (right - left + 1) * 2 > len(self.columns)
        }
        self._oddities = self._find_oddities(name)
        above = first_rows(self._sheet, layout.last + 1)
        heading = above[layout.last][self._left :] if 0 <= layout.last < len(above) else ()
        self._walk = Walk(self.columns, heading, self._options.keep_totals)
        self._down = [at for at, column in enumerate(self.columns) if column in self._options.fill_down]
        self.facts |= {
            "format": source.format,
            "bytes": len(data),
            "sha256": hashlib.sha256(data).hexdigest(),
            "sheet": name,
            "header_row": layout.last + 1 if layout.last >= layout.first else 0,
        }
        if layout.last > layout.first:
            self.facts["header_levels"] = layout.last - layout.first + 1
        if layout.described:
            self.facts["described"] = {
                label: list(cells[self._left :][: len(self.columns)]) for label, cells in layout.described
            }
        self._width = len(self.columns)
        titles = [
            {"row": number + 1, "text": " ".join(cell.strip() for cell in row if cell.strip())}
            for number, row in enumerate(above[: layout.first])
            if number >= self._start and any(cell.strip() for cell in row)
        ]
        if titles:
            self.facts["titles"] = titles
            self._walk.section = str(titles[-1]["text"])
        if self._options.sections:
            self.columns = (*self.columns, SECTION)

    def _find_oddities(self, name: str) -> dict[tuple[int, int], str]:
        try:
            return odd_cells(self._data, name)
        except Exception as problem:  # the ZIP or its XML is damaged in a place the library did not need
            raise errors.WorkbookDamaged(location=self._location, reason=str(problem)[:200]) from None

    def _get(self, book: calamine.CalamineWorkbook, name: str) -> calamine.CalamineSheet:
        if name not in self._sheets:
            try:
                refuse_vast(self._location, self._data, name)
                self._sheets[name] = book.get_sheet_by_name(name)
            except BaseException as problem:
                raise damaged(self._location, problem) from None
        return self._sheets[name]

    def _choose(self, source: Source, book: calamine.CalamineWorkbook) -> tuple[str, Layout]:
        """The named sheet; without one of that name, the only visible sheet whose header fits best; a
        hidden one only if there is no other."""
        self._start = 0
        if source.table in book.sheet_names:
            layout = self._layout_of(source, self._get(book, source.table))
            if layout is None:
                raise self._no_header(source, [source.table], book)
            self._tell_sheets(book, source.table)
            return source.table, layout
        visible = [data.name for data in worksheets(book) if data.visible == VISIBLE]
        hidden = [data.name for data in worksheets(book) if data.visible != VISIBLE]
        fitting: list[tuple[str, Layout, int]] = []
        for names in (visible, hidden):
            for name in names:
                layout = self._layout_of(source, self._get(book, name))
                if layout is not None:
                    fitting.append((name, layout, self._start))
            if fitting:
                break
        if not fitting:
            if source.table is not None and source.headers:
                raise errors.SheetMissing(
                    location=source.location, sheet=source.table, sheets=listed(book.sheet_names)
                )
            raise self._no_header(source, visible or hidden, book)
        best = max(layout.found for _, layout, _ in fitting)
        chosen = [one for one in fitting if one[1].found == best]
        if not source.headers:
            # nobody said which: the largest table is the one a workbook is about, the first of equals
            chosen.sort(key=lambda one: -self._get(book, one[0]).total_height * len(one[1].names))
        if len(chosen) > 1 and source.headers:
            raise errors.SheetAmbiguous(
                location=source.location, sheets=listed(name for name, _, _ in chosen)
            )
        if source.table is not None:
            self.facts["sheet_declared"] = source.table
        name, layout, self._start = chosen[0]
        self._tell_sheets(book, name)
        return name, layout

    def _tell_sheets(self, book: calamine.CalamineWorkbook, name: str) -> None:
        """Other sheets of the workbook, noted: they are not read."""
        for fact, wanted in (("other_sheets", True), ("hidden_sheets", False)):
            others = [
                data.name
                for data in worksheets(book)
                if (data.visible == VISIBLE) == wanted and (data.name != name or not wanted)
            ]
            if others:
                self.facts[fact] = others

    def _layout_of(self, source: Source, sheet: calamine.CalamineSheet) -> Layout | None:
        """The table's header on a sheet: at its top, else under the tables above it."""
        options, merged = self._options, sheet.merged_cell_ranges or []
        self._start = options.from_row - 1
        if options.header_row is not None:
            return at_row(
                first_rows(sheet, max(options.header_row, 1) + SEEN), merged, options.header_row - 1
            )
        rows = first_rows(sheet, self._start + SEEN)
        layout = self._from(rows, merged, source)
        if not source.headers or (layout is not None and layout.found >= len(source.headers)):
            return layout
        best, at = layout, self._start
        while (start := self._below(sheet)) is not None:
            self._start = start
            other = self._from(first_rows(sheet, start + SEEN), merged, source)
            if other is not None and (best is None or other.found > best.found):
                best, at = other, start
        self._start = at
        return best

    def _from(self, rows: list[list[str]], merged: list[Any], source: Source) -> Layout | None:
        """The header found from the row `_start` on, in places of the whole sheet."""
        start = self._start
        moved = [
            ((top - start, left), (down - start, right))
            for (top, left), (down, right) in merged
            if top >= start
        ]
        layout = find_layout(rows[start:], moved, source.headers, self._options.wide)
        return layout and replace(layout, first=layout.first + start, last=layout.last + start)

    def _below(self, sheet: calamine.CalamineSheet) -> int | None:
        """Where the table under the one that begins at `_start` begins, if there is one."""
        merged = sheet.merged_cell_ranges or []
        first = self._from(first_rows(sheet, self._start + SEEN), merged, Source("", ""))
        if first is None:
            return None
        left = sheet.start[1] if sheet.start else 0
        walk = Walk(first.names[left:], totals=True)
        rows = (
            Row(number + 1, [text_of(value) for value in raw[left:]])
            for number, raw in numbered(sheet)
            if number > first.last
        )
        for _ in walk.records(rows):
            pass
        below = walk.facts.get("tables_below")
        return below[0]["row"] - 1 if below else None

    def _no_header(
        self, source: Source, sheets: list[str], book: calamine.CalamineWorkbook
    ) -> errors.BadInput:
        rows = [row for name in sheets for row in first_rows(self._get(book, name), SEEN) if any(row)]
        if not rows:
            return errors.SourceEmpty(location=source.location)
        return errors.HeaderMissing(
            location=source.location,
            rows=headers.SEARCHED,
            expected=listed(aliases[0] for aliases in source.headers[:12]),
            found=" ".join(cell for cell in rows[0] if cell)[:120],
        )

    def batches(self) -> Iterator[Batch]:
        """Every row under the header, once."""
        rows: list[Sequence[str]] = []
        numbers: list[int] = []
        rejects: list[Reject] = []
        merges = Merges(self._merged)
        above = [""] * self._width
        filled_down = 0
        width = self._width
        sections = self._options.sections
        for row in self._walk.records(self._rows()):
            texts, raw = row.cells, row.kept
            merged = merges.fill(row.number - 1, raw, self._left)
            if merged:
                texts = list(texts)
                for at in merged:
                    if at < len(texts):
                        texts[at] = text_of(raw[at])
            for at in self._down:
                if at < len(texts) and texts[at].strip():
                    above[at] = texts[at]
                elif at < len(texts) and above[at]:
                    texts = [*texts[:at], above[at], *texts[at + 1 :]]
                    filled_down += 1
            reject = self._judge(row.number - 1, raw, texts)
            if reject is not None:
                rejects.append(reject)
            else:
                cells = [*texts[:width], *[""] * (width - len(texts))]
                rows.append([*cells, self._walk.section] if sections else cells)
                numbers.append(row.number)
            if len(rows) + len(rejects) >= ROWS:
                yield batch(self.columns, rows, numbers, rejects)
                rows, numbers, rejects = [], [], []
        if rows or rejects:
            yield batch(self.columns, rows, numbers, rejects)
        self.facts |= self._walk.facts
        if merges.filled:
            self.facts["merged_cells_filled"] = merges.filled
        if filled_down:
            self.facts["cells_filled_down"] = filled_down

    def _rows(self) -> Iterator[Row]:
        """Rows under the header as text, with their own values; errors in the place of their cells."""
        left, last = self._left, self._layout.last if self._layout.last >= 0 else self._layout.first - 1
        for number, values in numbered(self._sheet):
            if number <= last:
                continue
            raw = values[left:]
            if self._oddities:
                for column in range(len(raw)):
                    found = self._oddities.get((number, column + left))
                    if found is not None:
                        raw[column] = found
            texts = [value if type(value) is str else text_of(value) for value in raw]
            yield Row(number + 1, texts, raw, number in self._bands)

    def _judge(self, number: int, raw: list[Any], texts: Sequence[str]) -> Reject | None:
        width = self._width
        if self._oddities:
            for code, told in (("formula-uncomputed", True), ("formula-error", False)):
                at_fault = [
                    at
                    for at in range(min(width, len(raw)))
                    if self._wanted[at]
                    and (found := self._oddities.get((number, at + self._left))) is not None
                    and (found == UNCOMPUTED) == told
                ]
                if at_fault:
                    named = listed(self.columns[at] for at in at_fault)
                    found_errors = listed(dict.fromkeys(texts[at] for at in at_fault))
                    said = {"columns": named, "errors": found_errors}
                    return Reject(number + 1, code, shorten("\t".join(texts)), said)
        ruined = [
            self.columns[at]
            for at, value in enumerate(raw[:width])
            if type(value) is not str and is_ruined(value) and self._wanted[at]
        ]
        if ruined:
            return Reject(number + 1, "number-ruined", shorten("\t".join(texts)), {"columns": listed(ruined)})
        if any(text.strip() for text in texts[width:]):
            values: dict[str, Any] = {
                "expected": width,
                "found": max(at + 1 for at, text in enumerate(texts) if text.strip()),
            }
            return Reject(number + 1, "ragged", shorten("\t".join(texts)), values)
        return None
