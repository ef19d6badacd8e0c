"""A workbook as the library opens it, and a sheet's rows with their places."""

from __future__ import annotations

import io
import zlib
from collections.abc import Iterator
from itertools import islice
from typing import Any

import python_calamine as calamine

from jingwei.collection.connectors import errors
from jingwei.collection.connectors.workbook.cells import text_of

VISIBLE = calamine.SheetVisibleEnum.Visible


def load(location: str, data: bytes) -> calamine.CalamineWorkbook:
    try:
        return calamine.CalamineWorkbook.from_filelike(io.BytesIO(data))
    except calamine.PasswordError:
        raise errors.WorkbookEncrypted(location=location) from None
    except BaseException as problem:
        raise damaged(location, problem) from None


def damaged(location: str, problem: BaseException) -> BaseException:
    """The library's Rust part panics on some damaged files, and a panic is no `Exception`."""
    if isinstance(problem, errors.SheetVast):
        return problem
    if (
        isinstance(problem, calamine.CalamineError | OSError | ValueError | zlib.error)
        or type(problem).__name__ == "PanicException"
    ):
        return errors.WorkbookDamaged(location=location, reason=str(problem).splitlines()[0][:200])
    return problem


def worksheets(book: calamine.CalamineWorkbook) -> list[Any]:
    return [data for data in book.sheets_metadata if data.typ == calamine.SheetTypeEnum.WorkSheet]


def numbered(sheet: calamine.CalamineSheet) -> Iterator[tuple[int, list[Any]]]:
    """Rows with their number from 0, cells from sheet column 0."""
    if sheet.start is None:
        return
    left = sheet.start[1]
    # the library leaves out empty columns on the left, but not empty rows at the top
    for number, row in enumerate(sheet.iter_rows()):
        yield number, [""] * left + list(row)


def first_rows(sheet: calamine.CalamineSheet, most: int) -> list[list[str]]:
    """The first rows as text, from sheet row 0 and column 0."""
    return [[text_of(value) for value in row] for _, row in islice(numbered(sheet), most)]
