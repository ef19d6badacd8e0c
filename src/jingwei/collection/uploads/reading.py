"""A handed-in file as its person means it: the file's rows, with columns assigned and cells corrected.

It is a connector like any other, under addresses such as `upload://U-20261121-0001`, so that a run collects
an upload the way it collects everything else. The file on disk stays as it came; what was laid over it stands
in `Upload.corrections`: `{"sheet": name, "columns": {field: header of the file}, "cells": {row: {field: text}}}`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import pyarrow as pa

from jingwei.catalog.contracts import Contract
from jingwei.collection.connectors.base import ROW, Batch, Connector, Reader, Reject, Source
from jingwei.collection.connectors.batches import batch
from jingwei.collection.connectors.headers import plain
from jingwei.collection.connectors.resolve import open_source, resolve
from jingwei.collection.connectors.unpivot import made
from jingwei.collection.models import Upload
from jingwei.collection.runs import contract_of
from jingwei.collection.uploads.errors import UploadNotATable, UploadNotYours
from jingwei.kernel.home import home
from jingwei.kernel.text import listed

SCHEME = "upload"
TABLES = ("xlsx", "xls", "xlsm", "xlsb", "ods", "csv", "tsv")
RUINED = re.compile(r"-?\d\.\d{14}E[+-]\d{2,}")
"""How the workbook connector writes a number whose last digits Excel has lost."""
Cells = Mapping[str, Mapping[str, str]]


def place_of(upload: Upload) -> str:
    return f"{SCHEME}://{upload.id}"


def path_of(upload: Upload) -> Path:
    return home() / upload.path


def opened(upload: Upload, contract: Contract) -> CorrectedReader:
    """The file behind an upload, corrections laid over it. Raises what the connectors raise."""
    assigned: dict[str, str] = upload.corrections.get("columns", {})
    unmade = [field for field in contract.fields if field.name not in made_fields(contract)]
    # A column somebody assigned is one more name of its field: the header row is found with it too.
    hoped = [
        (*field.headers, assigned[field.name]) if field.name in assigned else field.headers
        for field in unmade
    ]
    source = resolve(str(path_of(upload)), None, upload.corrections.get("sheet"), hoped)
    if source.format not in TABLES:
        raise UploadNotATable(name=upload.name, found=source.format)
    return CorrectedReader(open_source(source), upload, contract)


def made_fields(contract: Contract) -> set[str]:
    """Fields no column of a file answers to, because turning a wide table long makes them."""
    if contract.unpivot is None:
        return set()
    added = {plain(name) for name in made(contract.unpivot)}
    return {
        field.name
        for field in contract.fields
        if any(plain(name) in added for name in (field.name, *field.headers))
    }


class HandedIn(Connector):
    """Files handed in through the page, by the number of the upload."""

    name = "upload"
    formats = (SCHEME,)
    schemes = (SCHEME,)

    def open(self, source: Source) -> Reader:
        number = source.location.partition("://")[2]
        upload = Upload.objects.filter(pk=number).first()
        if upload is None:
            raise UploadNotYours(upload=number)
        return opened(upload, contract_of(upload.resource))


class CorrectedReader(Reader):
    """`inner` with columns renamed to what the contract calls them, and cells replaced. `replaced` tells, once
    exhausted, what the file said in each corrected cell."""

    def __init__(self, inner: Reader, upload: Upload, contract: Contract) -> None:
        super().__init__()
        self._inner = inner
        self._cells: Cells = upload.corrections.get("cells", {})
        assigned = {
            plain(header): contract.field(name).header
            for name, header in upload.corrections.get("columns", {}).items()
            if any(field.name == name for field in contract.fields)
        }
        self.columns = tuple(assigned.get(plain(column), column) for column in inner.columns)
        self.file_columns = inner.columns
        self.declared, self.total, self.clock = inner.declared, inner.total, inner.clock
        self._headers = headers_of(contract, self.columns)
        self.replaced: dict[tuple[int, str], str] = {}
        self._upload = upload
        self._note()

    def _note(self) -> None:
        facts = {key: value for key, value in self._inner.facts.items() if key != "location"}
        corrected = sorted((int(row), name) for row, cells in self._cells.items() for name in cells)
        self.facts |= facts | {
            "upload": self._upload.id,
            "upload_file": self._upload.name,
            "handed_in_by": self._upload.by,
            "corrected_cells": [f"{row} {self._headers.get(name, name)}" for row, name in corrected],
            "assigned_columns": [
                f"{header} → {self._headers.get(name, name)}"
                for name, header in self._upload.corrections.get("columns", {}).items()
            ],
        }

    def __enter__(self) -> CorrectedReader:
        return self

    def batches(self) -> Iterator[Batch]:
        for one in self._inner.batches():
            yield self._corrected(one)
        self.partitions = self._inner.partitions
        self._note()

    def _corrected(self, one: Batch) -> Batch:
        names = [ROW, *self.columns]
        rows = one.rows.rename_columns(names) if one.rows.schema.names != names else one.rows
        if not self._cells:
            return replace(one, rows=rows)
        mended = [(reject, self._mended(reject)) for reject in one.rejects]
        left = tuple(reject for reject, cells in mended if cells is None)
        if len(left) < len(one.rejects):
            given = [(reject.row, cells) for reject, cells in mended if cells is not None]
            more = batch(self.columns, [cells for _, cells in given], [row for row, _ in given])
            rows = pa.concat_batches([rows, more.rows])
        return Batch(self._laid_over(rows), left)

    def _laid_over(self, rows: pa.RecordBatch) -> pa.RecordBatch:
        wanted = {int(row): cells for row, cells in self._cells.items()}
        places = [(at, row) for at, row in enumerate(rows.column(0).to_pylist()) if row in wanted]
        changed: dict[str, list[str | None]] = {}
        for at, row in places:
            for name, text in wanted[row].items():
                header = self._headers.get(name)
                if header is None:
                    continue
                column = changed.setdefault(header, rows.column(header).to_pylist())
                self.replaced[row, name] = column[at] or ""
                column[at] = text
        arrays = [
            pa.array(changed[name], pa.string()) if name in changed else rows.column(name)
            for name in rows.schema.names
        ]
        return pa.RecordBatch.from_arrays(arrays, schema=rows.schema)

    def _mended(self, reject: Reject) -> list[str] | None:
        """A row that was refused for ruined numbers alone, once each of them was typed again."""
        typed = {self._headers.get(name) for name in self._cells.get(str(reject.row), {})}
        cells = cells_of(reject.text, self.columns) if reject.code == "number-ruined" and typed else None
        if cells is None or ruined_in(cells, self.columns) - typed:
            return None
        # A tab within a cell would shift the cut: what the connector named must stand where we found it.
        found = ruined_in(cells, self.file_columns)
        named = listed(column for column in self.file_columns if column in found)
        return cells if named == reject.values.get("columns") else None

    def __exit__(self, *exc: object) -> None:
        self._inner.__exit__(*exc)


def headers_of(contract: Contract, columns: tuple[str, ...]) -> dict[str, str]:
    """Field name → the column of the file that answers to it, for those that have one."""
    by_plain = {plain(column): column for column in reversed(columns)}
    found = {}
    for field in contract.fields:
        header = next((by_plain[plain(name)] for name in field.headers if plain(name) in by_plain), None)
        if header is not None:
            found[field.name] = header
    return found


def cells_of(text: str, columns: tuple[str, ...]) -> list[str] | None:
    """The cells of a refused row from its text, where cutting it at the tabs gives them beyond doubt."""
    cells = text.split("\t")
    width = len(columns)
    if len(cells) < width or any(cell.strip() for cell in cells[width:]):
        return None
    return cells[:width]


def ruined_in(cells: list[str], columns: tuple[str, ...]) -> set[str | None]:
    return {column for column, cell in zip(columns, cells, strict=True) if RUINED.fullmatch(cell)}
