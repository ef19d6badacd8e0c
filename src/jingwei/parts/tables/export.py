"""A table as a file: all its rows as they are filtered and ordered, the columns that are shown.

CSV is written while it is sent, with a mark of its encoding (BOM) so that Excel reads Chinese. A cell that a
spreadsheet would take for a formula gets an apostrophe before it. In XLSX text is stored as text, which no
spreadsheet computes; the file is written row by row into scratch space, a new sheet where one is full.
"""

from __future__ import annotations

import csv
import io
import os
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from itertools import islice
from typing import IO, Any

import xlsxwriter
from django.conf import settings
from django.utils import timezone, translation

from jingwei.parts.tables.columns import MOMENT, Column

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
SHEET_ROWS = 1_048_575
"""What a sheet holds below its head."""
LONGEST_CELL = 32_767
PIECE = 500
CSV = "text/csv; charset=utf-8"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def disarmed(value: Any) -> str:
    """The cell as text. Numbers keep their sign: they are no text somebody typed."""
    if value is None:
        return ""
    if isinstance(value, bool | int | float | Decimal):
        return str(value)
    text = plain(value)
    return f"'{text}" if text.startswith(FORMULA) else text


def plain(value: Any) -> str:
    if isinstance(value, datetime):
        local = timezone.localtime(value) if timezone.is_aware(value) else value
        return local.strftime("%Y-%m-%d %H:%M:%S")
    if isinstance(value, date):
        return value.isoformat()
    return str(value)


def csv_pieces(columns: Sequence[Column], rows: Iterable[Any]) -> Iterator[bytes]:
    # a file is sent after its request has ended, and the reader's language with it
    tongue = translation.get_language()
    return _csv_pieces(columns, iter(rows), tongue)


def _csv_pieces(columns: Sequence[Column], rows: Iterator[Any], tongue: str | None) -> Iterator[bytes]:
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    with translation.override(tongue):
        writer.writerow([disarmed(str(column.title)) for column in columns])
    yield b"\xef\xbb\xbf"
    while True:
        with translation.override(tongue):
            some = 0
            for row in islice(rows, PIECE):
                writer.writerow([disarmed(column.words(row)) for column in columns])
                some += 1
        yield buffer.getvalue().encode()
        if some < PIECE:
            return
        buffer.seek(0)
        buffer.truncate()


def xlsx_file(title: str, columns: Sequence[Column], rows: Iterable[Any]) -> IO[bytes]:
    """An open file that is gone when it is closed. Memory holds one row."""
    folder = settings.HOME / "tmp"
    folder.mkdir(parents=True, exist_ok=True)
    # no name in the folder: a killed process leaves nothing behind
    target = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115  the response closes it
    options = {"constant_memory": True, "tmpdir": os.fspath(folder), "remove_timezone": True}
    book = xlsxwriter.Workbook(target, options)
    head = book.add_format({"bold": True, "bottom": 1})
    formats = {
        "day": book.add_format({"num_format": "yyyy-mm-dd"}),
        MOMENT: book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"}),
    }
    sheet = None
    line = SHEET_ROWS
    for row in rows:
        if line >= SHEET_ROWS:
            sheet = _sheet(book, title, columns, head)
            line = 0
        line += 1
        for place, column in enumerate(columns):
            _put(sheet, line, place, column.words(row), formats)
    if sheet is None:
        _sheet(book, title, columns, head)
    book.close()
    target.seek(0)
    return target


def _sheet(book: Any, title: str, columns: Sequence[Column], head: Any) -> Any:
    number = len(book.worksheets()) + 1
    name = "".join(sign for sign in title if sign not in "[]:*?/\\'")[:24] or "Sheet"
    sheet = book.add_worksheet(name if number == 1 else f"{name} {number}")
    sheet.freeze_panes(1, 0)
    for place, column in enumerate(columns):
        sheet.set_column(place, place, 18)
        sheet.write_string(0, place, str(column.title), head)
    return sheet


def _put(sheet: Any, line: int, place: int, value: Any, formats: dict[str, Any]) -> None:
    if value is None or value == "":
        return
    if isinstance(value, int | float | Decimal) and not isinstance(value, bool):
        # Excel keeps fifteen digits; a longer number would come back as another
        if abs(float(value)) < 10**15:
            sheet.write_number(line, place, value)
        else:
            sheet.write_string(line, place, str(value))
    elif not isinstance(value, date):
        sheet.write_string(line, place, plain(value)[:LONGEST_CELL])
    elif isinstance(value, datetime):
        local = timezone.localtime(value) if timezone.is_aware(value) else value
        sheet.write_datetime(line, place, local.replace(tzinfo=None), formats[MOMENT])
    elif isinstance(value, date):
        sheet.write_datetime(line, place, datetime(value.year, value.month, value.day), formats["day"])


WRITERS: dict[str, tuple[str, Callable[..., Any]]] = {"csv": (CSV, csv_pieces), "xlsx": (XLSX, xlsx_file)}
