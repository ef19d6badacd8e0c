"""Several sheets of one shape, read as one table."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from fnmatch import fnmatchcase
from typing import Any

import pyarrow as pa
import python_calamine as calamine

from jingwei.collection.connectors import errors, headers
from jingwei.collection.connectors.base import Batch, Reader, Source
from jingwei.collection.connectors.batches import schema
from jingwei.collection.connectors.options import SHEET, Options, without
from jingwei.collection.connectors.workbook.grid import VISIBLE, worksheets
from jingwei.collection.connectors.workbook.reader import WorkbookReader
from jingwei.kernel.text import listed


class SheetsReader(Reader):
    """Several sheets of the same shape as one table: a column more says on which sheet a row stands, and
    the facts tell each sheet's own. A sheet with other columns is refused, one without a table passed over."""

    def __init__(self, source: Source, data: bytes, book: calamine.CalamineWorkbook) -> None:
        super().__init__()
        pattern = Options.of(source).sheets or "*"
        source = without(source, SHEET)
        self._readers: dict[str, WorkbookReader] = {}
        passed: list[str] = []
        for sheet in worksheets(book):
            if sheet.visible != VISIBLE or not fnmatchcase(sheet.name, pattern):
                continue
            try:
                reader = WorkbookReader(replace(source, table=sheet.name), data, book)
            except (errors.HeaderMissing, errors.SourceEmpty):
                passed.append(sheet.name)
                continue
            self._readers[sheet.name] = reader
        if not self._readers:
            known = listed(book.sheet_names)
            raise errors.SheetMissing(location=source.location, sheet=pattern, sheets=known)
        first = next(iter(self._readers.values()))
        self._order = {
            name: headers.columns_in_order(first.columns, r.columns) for name, r in self._readers.items()
        }
        for name, order in self._order.items():
            if order is None:
                raise errors.SheetDiffers(
                    location=source.location, sheet=name, like=next(iter(self._readers))
                )
        self.columns = (*first.columns, SHEET)
        kept = ("format", "bytes", "sha256", "header_row", "header_levels", "titles", "described")
        self.facts = {name: first.facts[name] for name in kept if name in first.facts}
        self.facts["sheets"] = list(self._readers)
        if passed:
            self.facts["other_sheets"] = passed

    def batches(self) -> Iterator[Batch]:
        told: dict[str, Any] = {}
        for name, reader in self._readers.items():
            read = 0
            for made in reader.batches():
                rows = made.rows
                order = self._order[name] or ()
                arrays = [rows.column(0), *(rows.column(at + 1) for at in order)]
                arrays.append(pa.array([name] * rows.num_rows, pa.string()))
                read += rows.num_rows + len(made.rejects)
                yield Batch(pa.RecordBatch.from_arrays(arrays, schema=schema(self.columns)), made.rejects)
            told[name] = {"rows": read, **{k: v for k, v in reader.facts.items() if k in TOLD and v}}
        self.facts["by_sheet"] = told


TOLD = ("titles", "footnotes", "totals", "repeated_headers", "sections", "tables_below")
"""Facts that are told for each sheet."""
