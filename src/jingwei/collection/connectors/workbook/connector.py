"""Workbooks: the sheet that has the expected header, every cell as the text a person sees.

    bytes ─judge─▶ sheets ─layout─▶ header ─rows─▶ text, filled down where cells are merged

A row in which Excel ruined a long number of an expected column is rejected with the code
`number-ruined`: its other cells may be right, but whose they are cannot be known.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator
from typing import Any

import python_calamine as calamine

from jingwei.collection.connectors import errors, headers
from jingwei.collection.connectors.base import Batch, Connector, Reader, Reject, Source, register
from jingwei.collection.connectors.batches import ROWS, batch
from jingwei.collection.connectors.files import reading, usable
from jingwei.collection.connectors.rejects import shorten
from jingwei.collection.connectors.workbook.cells import is_ruined, text_of
from jingwei.collection.connectors.workbook.container import error_cells, judge
from jingwei.collection.connectors.workbook.layout import Layout, find_layout
from jingwei.kernel.text import listed

MOST_FOOTNOTES = 100


@register
class Workbook(Connector):
    """`Source.table` names the sheet; if there is none of that name, the header decides."""

    name = "workbook"
    formats = ("xlsx", "xls", "xlsm", "xlsb", "ods")
    suffixes = (".xlsx", ".xls", ".xlsm", ".xlsb", ".ods", ".et")

    def open(self, source: Source) -> Reader:
        path = usable(source.location)
        with reading(source.location):
            data = path.read_bytes()
        judge(source.location, data)
        book = _load(source.location, data)
        return WorkbookReader(source, data, book)


def _load(location: str, data: bytes) -> calamine.CalamineWorkbook:
    try:
        return calamine.CalamineWorkbook.from_filelike(io.BytesIO(data))
    except calamine.PasswordError:
        raise errors.WorkbookEncrypted(location=location) from None
    except BaseException as problem:
        raise _damaged(location, problem) from None


def _damaged(location: str, problem: BaseException) -> BaseException:
    """The library's Rust part panics on some damaged files, and a panic is no `Exception`."""
    if (
        isinstance(problem, calamine.CalamineError | OSError | ValueError)
        or type(problem).__name__ == "PanicException"
    ):
        return errors.WorkbookDamaged(location=location, reason=str(problem).splitlines()[0][:200])
    return problem


class WorkbookReader(Reader):
    def __init__(self, source: Source, data: bytes, book: calamine.CalamineWorkbook) -> None:
        super().__init__()
        self._location = source.location
        self._expected = source.headers
        self._sheets: dict[str, calamine.CalamineSheet] = {}
        name, layout = self._choose(source, book)
        self._sheet = self._get(book, name)
        self._sheets = {}
        self._layout = layout
        # a table that begins further right leaves empty columns beside it, which are not its own
        self._left = self._sheet.start[1] if self._sheet.start else 0
        self.columns = headers.columns(source.location, layout.names[self._left :], source.headers)
        wanted = {headers.plain(alias) for aliases in source.headers for alias in aliases}
        self._wanted = [not wanted or headers.plain(column) in wanted for column in self.columns]
        self._merged = [cells for cells in self._sheet.merged_cell_ranges or [] if cells[0][0] > layout.last]
        self._errors = self._find_errors(data, name)
        self._footnotes: list[dict[str, Any]] = []
        self.facts |= {
            "format": source.format,
            "bytes": len(data),
            "sha256": hashlib.sha256(data).hexdigest(),
            "sheet": name,
            "header_row": layout.last + 1,
        }
        if layout.last > layout.first:
            self.facts["header_levels"] = layout.last - layout.first + 1
        titles = [
            {"row": number + 1, "text": " ".join(cell for cell in row if cell)}
            for number, row in enumerate(_top(self._sheet)[: layout.first])
            if any(row)
        ]
        if titles:
            self.facts["titles"] = titles

    def _find_errors(self, data: bytes, name: str) -> dict[tuple[int, int], str]:
        try:
            return error_cells(data, name)
        except Exception as problem:  # the ZIP or its XML is damaged in a place the library did not need
            raise errors.WorkbookDamaged(location=self._location, reason=str(problem)[:200]) from None

    def _get(self, book: calamine.CalamineWorkbook, name: str) -> calamine.CalamineSheet:
        if name not in self._sheets:
            try:
                self._sheets[name] = book.get_sheet_by_name(name)
            except BaseException as problem:
                raise _damaged(self._location, problem) from None
        return self._sheets[name]

    def _choose(self, source: Source, book: calamine.CalamineWorkbook) -> tuple[str, Layout]:
        """The named sheet; without one of that name, the only visible sheet whose header fits best."""
        if source.table in book.sheet_names:
            sheet = self._get(book, source.table)
            layout = find_layout(_top(sheet), sheet.merged_cell_ranges or [], source.headers)
            if layout is None:
                raise self._no_header(source, [source.table], book)
            return source.table, layout
        visible = [
            data.name
            for data in book.sheets_metadata
            if data.visible == calamine.SheetVisibleEnum.Visible
            and data.typ == calamine.SheetTypeEnum.WorkSheet
        ]
        fitting: list[tuple[str, Layout]] = []
        for name in visible:
            sheet = self._get(book, name)
            layout = find_layout(_top(sheet), sheet.merged_cell_ranges or [], source.headers)
            if layout is not None:
                fitting.append((name, layout))
        if not fitting:
            if source.table is not None and source.headers:
                raise errors.SheetMissing(
                    location=source.location, sheet=source.table, sheets=listed(book.sheet_names)
                )
            raise self._no_header(source, visible, book)
        best = max(layout.found for _, layout in fitting)
        chosen = [(name, layout) for name, layout in fitting if layout.found == best]
        if len(chosen) > 1 and source.headers:
            raise errors.SheetAmbiguous(location=source.location, sheets=listed(name for name, _ in chosen))
        if source.table is not None:
            self.facts["sheet_declared"] = source.table
        if len(visible) > 1:
            self.facts["other_sheets"] = [name for name in visible if name != chosen[0][0]]
        return chosen[0]

    def _no_header(
        self, source: Source, sheets: list[str], book: calamine.CalamineWorkbook
    ) -> errors.BadInput:
        rows = [row for name in sheets for row in _top(self._get(book, name)) if any(row)]
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
        rows: list[list[str]] = []
        numbers: list[int] = []
        rejects: list[Reject] = []
        blank = 0
        merges = _Merges(self._merged)
        remarks = False
        for number, raw in _numbered(self._sheet):
            if number <= self._layout.last:
                continue
            self._put_errors(number, raw)
            merges.fill(number, raw)
            raw = raw[self._left :]
            texts = [value if type(value) is str else text_of(value) for value in raw]
            if not any(text.strip() for text in texts):
                blank += 1
                continue
            if self._is_footnote(texts, remarks):
                remarks = True
                self._footnotes.append({"row": number + 1, "text": shorten("".join(texts).strip())})
                continue
            remarks = False
            reject = self._judge(number, raw, texts)
            if reject is not None:
                rejects.append(reject)
            else:
                width = len(self.columns)
                rows.append(texts[:width] + [""] * (width - len(texts)))
                numbers.append(number + 1)
            if len(rows) + len(rejects) >= ROWS:
                yield batch(self.columns, rows, numbers, rejects)
                rows, numbers, rejects = [], [], []
        if rows or rejects:
            yield batch(self.columns, rows, numbers, rejects)
        self.facts["blank"] = blank
        if merges.filled:
            self.facts["merged_cells_filled"] = merges.filled
        if self._footnotes:
            self.facts["footnotes"] = self._footnotes

    def _is_footnote(self, texts: list[str], remarks: bool) -> bool:
        if len(self.columns) == 1 or all(texts[:2]) or len(self._footnotes) >= MOST_FOOTNOTES:
            return False
        return headers.is_footnote(texts, remarks and not any(texts[1:]))

    def _put_errors(self, number: int, raw: list[Any]) -> None:
        if self._errors:
            for column in range(len(raw)):
                found = self._errors.get((number, column))
                if found is not None:
                    raw[column] = found

    def _judge(self, number: int, raw: list[Any], texts: list[str]) -> Reject | None:
        width = len(self.columns)
        ruined = [
            self.columns[at]
            for at, value in enumerate(raw[:width])
            if type(value) is not str and is_ruined(value) and self._wanted[at]
        ]
        if ruined:
            return Reject(number + 1, "number-ruined", shorten("\t".join(texts)), {"columns": listed(ruined)})
        if any(text.strip() for text in texts[width:]):
            values = {
                "expected": width,
                "found": max(at + 1 for at, text in enumerate(texts) if text.strip()),
            }
            return Reject(number + 1, "ragged", shorten("\t".join(texts)), values)
        return None


class _Merges:
    """Cells merged downwards hold their value in the first row only; a person reads it in all."""

    def __init__(self, ranges: list[Any]) -> None:
        self._ranges = sorted(
            (cells for cells in ranges if cells[1][0] > cells[0][0]), key=lambda cells: cells[0]
        )
        self._open: list[tuple[int, int, Any]] = []
        self.filled = 0

    def fill(self, number: int, raw: list[Any]) -> None:
        if not self._open and (not self._ranges or self._ranges[0][0][0] > number):
            return
        self._open = [(last, column, value) for last, column, value in self._open if last >= number]
        for _, column, value in self._open:
            if column < len(raw) and raw[column] == "":
                raw[column] = value
                self.filled += 1
        while self._ranges and self._ranges[0][0][0] <= number:
            (_, column), (last, _) = self._ranges.pop(0)
            if column < len(raw):
                self._open.append((last, column, raw[column]))


def _numbered(sheet: calamine.CalamineSheet) -> Iterator[tuple[int, list[Any]]]:
    """Rows with their number from 0, cells from sheet column 0."""
    if sheet.start is None:
        return
    left = sheet.start[1]
    # the library leaves out empty columns on the left, but not empty rows at the top
    for number, row in enumerate(sheet.iter_rows()):
        yield number, [""] * left + list(row)


def _top(sheet: calamine.CalamineSheet) -> list[list[str]]:
    """The first rows as text, from sheet row 0 and column 0."""
    if sheet.start is None:
        return []
    rows = []
    for number, row in _numbered(sheet):
        if number >= headers.SEARCHED + 3:
            break
        rows.append([text_of(value) for value in row])
    return rows
