"""Files of the kinds that departments really keep.

Tables leave in slices of some ten thousand rows, so that memory holds one slice of text and not a
second copy of everything. The same table always becomes the same bytes.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

import duckdb
import duckdb_extension_sqlite_scanner
import pyarrow as pa
import xlsxwriter
from pyarrow import csv

SLICE = 50_000
_SCANNER = next(Path(duckdb_extension_sqlite_scanner.__file__).parent.rglob("*.duckdb_extension"))


def delimited(
    table: pa.Table,
    path: Path,
    encoding: str,
    *,
    mark: bytes = b"",
    delimiter: str = ",",
    quoted: bool = False,
) -> None:
    """CSV or TSV in any encoding; `mark` goes first (a byte order mark); `quoted` puts every text in
    quotes, otherwise none is (and a text that needs them is refused)."""
    style: Literal["needed", "none"] = "needed" if quoted else "none"
    with path.open("wb") as out:
        out.write(mark)
        for start in range(0, max(1, len(table)), SLICE):
            text = io.BytesIO()
            options = csv.WriteOptions(
                include_header=start == 0, delimiter=delimiter, quoting_style=style, quoting_header=style
            )
            csv.write_csv(table.slice(start, SLICE), text, options)
            raw = text.getvalue()
            out.write(raw if encoding == "utf-8" else raw.decode().encode(encoding))


def _connection() -> duckdb.DuckDBPyConnection:
    # one thread, so that rows keep their order and files their bytes
    return duckdb.connect(config={"threads": 1, "preserve_insertion_order": True})


def json_lines(table: pa.Table, path: Path) -> None:
    with _connection() as con:
        con.register("rows", table)
        con.execute(f"COPY rows TO '{_quoted(path)}' (FORMAT json)")


def sqlite_database(table: pa.Table, path: Path, name: str) -> None:
    """One table of a new SQLite database."""
    with _connection() as con:
        con.execute(f"LOAD '{_quoted(_SCANNER)}'")
        con.execute(f"ATTACH '{_quoted(path)}' AS target (TYPE sqlite)")
        con.register("rows", table)
        con.execute(f'CREATE TABLE target."{name}" AS SELECT * FROM rows')
        con.execute("DETACH target")


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")


def ledger_workbook(
    table: pa.Table,
    path: Path,
    *,
    sheet: str,
    titles: Sequence[str],
    groups: Sequence[tuple[str, int]],
    footnotes: Sequence[str],
    date_columns: Sequence[str] = (),
) -> None:
    """A workbook as offices draw it: title lines, a header of two rows with merged cells, footnotes.

    `groups` covers the columns from the left: a group's words over so many columns; a group of one
    column without words is merged downwards. `date_columns` hold ISO dates and become real dates.
    """
    book = xlsxwriter.Workbook(str(path), {"constant_memory": True, "strings_to_numbers": False})
    book.set_properties({"created": datetime(2026, 11, 20)})
    page = book.add_worksheet(sheet)
    head = book.add_format({"bold": True, "align": "center", "valign": "vcenter", "border": 1})
    large = book.add_format({"bold": True, "align": "center", "font_size": 16})
    calendar = book.add_format({"num_format": "yyyy-mm-dd"})
    last = table.num_columns - 1
    for row, title in enumerate(titles):
        page.merge_range(row, 0, row, last, title, large if row == 0 else None)
    top = len(titles)
    # rows are written strictly downwards: cells of the second header row come after the first
    column = 0
    merged: list[tuple[int, int, int, int]] = []
    for words, width in groups:
        if width == 1:
            page.write(top, column, table.column_names[column], head)
            merged.append((top, column, top + 1, column))
        else:
            page.write(top, column, words, head)
            for blank in range(column + 1, column + width):
                page.write_blank(top, blank, None, head)
            merged.append((top, column, top, column + width - 1))
        column += width
    column = 0
    for _, width in groups:
        for place in range(column, column + width):
            if width == 1:
                page.write_blank(top + 1, place, None, head)
            else:
                page.write(top + 1, place, table.column_names[place], head)
        column += width
    # merge_range would write the cells again, which constant memory cannot; only the marks are added
    page.merge.extend([row, first, end, final] for row, first, end, final in merged)
    columns: list[list[Any]] = [column.to_pylist() for column in table.columns]
    dates = [table.column_names.index(name) for name in date_columns]
    row = top + 2
    for values in zip(*columns, strict=True):
        for place, value in enumerate(values):
            if value is None:
                continue
            if place in dates:
                page.write_datetime(row, place, datetime.fromisoformat(value), calendar)
            elif isinstance(value, str):
                page.write_string(row, place, value)
            else:
                page.write_number(row, place, value)
        row += 1
    for note in footnotes:
        page.write_string(row, 0, note)
        row += 1
    book.close()
