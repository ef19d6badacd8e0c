"""Shapefiles: the table of the `.dbf`, with each record's shape from the `.shp` beside it as WKT.

    .shp ─record by record─▶ WKT ┐
    .dbf ─record by record─▶ cells ┴▶ rows          .prj ─▶ facts (the reference system, or that it is missing)

Both files are walked through in step; where they do not hold the same number of records, nothing is read.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import BinaryIO

from jingwei.collection.connectors import errors, file_errors, headers
from jingwei.collection.connectors.base import Batch, Connector, Reader, Reject, Source, register
from jingwei.collection.connectors.batches import batch, without_collector
from jingwei.collection.connectors.dbf import ROWS, DbfReader
from jingwei.collection.connectors.files import CHUNK, beginning, reading, usable
from jingwei.collection.connectors.geometry import NotAShape
from jingwei.collection.connectors.rejects import shorten
from jingwei.collection.connectors.shapes import shape_text

MAGIC = b"\x00\x00\x27\x0a" + bytes(20)
GEOMETRY = "geometry"
LARGEST = 200_000_000
"""Bytes a single shape may have."""


@register
class Shapefile(Connector):
    """Option: `encoding` (of the .dbf). The parts lie beside each other, whatever the case of their names."""

    name = "shapefile"
    formats = ("shapefile",)
    suffixes = (".shp",)

    def open(self, source: Source) -> Reader:
        path = usable(source.location)
        table = beside(path, ".dbf")
        if table is None:
            raise file_errors.ShapefileIncomplete(location=path, missing=path.with_suffix(".dbf").name)
        return ShapefileReader(
            source, path, DbfReader(replace(source, location=str(table)), usable(str(table)))
        )


def beside(path: Path, suffix: str) -> Path | None:
    """The part of a shapefile with this suffix."""
    wanted = path.with_suffix(suffix).name.casefold()
    return next((one for one in path.parent.iterdir() if one.name.casefold() == wanted), None)


class ShapefileReader(Reader):
    def __init__(self, source: Source, path: Path, table: DbfReader) -> None:
        super().__init__()
        self._path = path
        self._table = table
        start = beginning(path, 100)
        if len(start) < 100 or not start.startswith(MAGIC):
            raise self._damaged("no shapefile header")
        (words,) = struct.unpack_from(">i", start, 24)
        size = path.stat().st_size
        if words * 2 > size:
            raise self._damaged(f"{words * 2:,} bytes declared, {size:,} there")
        self._end = words * 2
        self._written = path.stat().st_mtime_ns
        named = headers.columns(source.location, [*table.columns, GEOMETRY], source.headers)
        self.columns = named
        self.facts = {**table.facts, "format": "shapefile", **_reference(path)}
        missing = [suffix for suffix in (".shx", ".prj") if beside(path, suffix) is None]
        if missing:
            self.facts["missing_parts"] = missing

    def batches(self) -> Iterator[Batch]:
        """Every record that is not deleted, with its shape."""
        with reading(str(self._path)), self._path.open("rb", CHUNK) as file:
            both = self._both(file)
            while block := list(islice(both, ROWS)):
                with without_collector():
                    rejects = [found for _, found in block if isinstance(found, Reject)]
                    rows = [(number, found) for number, found in block if not isinstance(found, Reject)]
                    cells, numbers = [row for _, row in rows], [number for number, _ in rows]
                    made = batch(self.columns, cells, numbers, rejects)
                yield made
        if self._path.stat().st_mtime_ns != self._written:
            raise errors.SourceChanged(location=self._path)
        self.declared = self._table.declared
        self.facts |= {key: value for key, value in self._table.facts.items() if key != "format"}

    def _both(self, file: BinaryIO) -> Iterator[tuple[int, list[str | None] | Reject]]:
        shapes = self._shapes(file)
        for number, record in self._table.records():
            shape = next(shapes, None)
            if shape is None:
                raise self._damaged(f"{self._table.shape.records:,} records, {number - 1:,} shapes")
            if isinstance(record, Reject):
                yield number, record
            elif record is not None:
                try:
                    yield number, [*record, shape_text(shape)]
                except NotAShape:
                    text = " | ".join(cell or "" for cell in record)
                    yield number, Reject(number, "geometry-faulty", shorten(text))
        if next(shapes, None) is not None:
            raise self._damaged(f"more shapes than the {self._table.shape.records:,} records")

    def _shapes(self, file: BinaryIO) -> Iterator[bytes]:
        file.seek(100)
        at = 100
        while at + 8 <= self._end:
            head = file.read(8)
            length = struct.unpack(">ii", head)[1] * 2 if len(head) == 8 else -1
            if not 4 <= length <= LARGEST or len(content := file.read(length)) < length:
                raise self._damaged(f"shape at byte {at:,} is cut off")
            at += 8 + length
            yield content

    def _damaged(self, reason: str) -> file_errors.ShapefileDamaged:
        return file_errors.ShapefileDamaged(location=self._path, reason=reason)


def _reference(path: Path) -> dict[str, str]:
    """The reference system by its name and its definition, from the `.prj`."""
    found = beside(path, ".prj")
    text = beginning(found, 4000).decode("utf-8", "replace").strip() if found else ""
    name = re.match(r'\w+\["([^"]+)"', text)
    return {"crs": name[1] if name else text[:80], "crs_definition": text} if text else {}
