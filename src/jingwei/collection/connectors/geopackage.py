"""GeoPackages: a layer's table as SQLite prints it, its shapes as WKT.

A GeoPackage is an SQLite file that says of itself which tables are layers, which column holds the shapes and
in which reference system. The table is read as any SQLite table is; only the shapes' bytes are turned.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from urllib.parse import quote

import pyarrow as pa

from jingwei.collection.connectors import errors, file_errors, headers
from jingwei.collection.connectors.base import ROW, Batch, Connector, Reader, Reject, Source, register
from jingwei.collection.connectors.batches import schema
from jingwei.collection.connectors.database.sqlite import MAGIC, SQLite, path_of
from jingwei.collection.connectors.files import beginning, usable
from jingwei.collection.connectors.geometry import NotAShape, from_geopackage
from jingwei.collection.connectors.rejects import shorten
from jingwei.kernel.text import listed

MARKS = (b"GPKG", b"GP10", b"GP11")
"""What an SQLite file has at byte 68 if it is a GeoPackage."""
LAYERS = """
SELECT c.table_name, c.data_type, coalesce(g.column_name, ''), coalesce(s.organization, ''),
  coalesce(s.organization_coordsys_id, 0), coalesce(s.srs_name, '')
FROM gpkg_contents c LEFT JOIN gpkg_geometry_columns g ON g.table_name = c.table_name
LEFT JOIN gpkg_spatial_ref_sys s ON s.srs_id = g.srs_id
WHERE c.data_type IN ('features', 'attributes') ORDER BY c.table_name
"""
GEOMETRY = "geometry"


@dataclass(frozen=True)
class Layer:
    name: str
    shape: str
    """Its column of shapes; empty for a layer that has none."""
    system: str


def is_geopackage(start: bytes) -> bool:
    return start[68:72] in MARKS


@register
class GeoPackage(Connector):
    """Option: `layer`; the contract's physicalName will do too. One layer needs no name."""

    name = "geopackage"
    formats = ("geopackage", "gpkg")
    suffixes = (".gpkg",)

    def open(self, source: Source) -> Reader:
        location = path_of(source.location)
        if beginning(usable(location), 16) != MAGIC:
            raise errors.NotDatabase(location=location)
        layers = _layers(location)
        layer = _chosen(source, location, layers)
        as_table = replace(source, location=location, table=layer.name, headers=_without_shape(source, layer))
        return GeoPackageReader(source, SQLite().open(as_table), layer)


def _layers(location: str) -> list[Layer]:
    try:
        with closing(sqlite3.connect(f"file:{quote(location)}?mode=ro", uri=True)) as con:
            found = con.execute(LAYERS).fetchall()
    except sqlite3.DatabaseError as problem:
        raise errors.DatabaseDamaged(location=location, reason=str(problem)) from None
    return [
        Layer(name, shape, f"{organization}:{number}" if organization and number > 0 else system)
        for name, _, shape, organization, number, system in found
    ]


def _chosen(source: Source, location: str, layers: list[Layer]) -> Layer:
    named = source.options.get("layer") or source.table
    known = listed(layer.name for layer in layers)
    if named:
        for layer in layers:
            if layer.name.casefold() == str(named).casefold():
                return layer
        if source.options.get("layer"):
            raise file_errors.LayerMissing(location=location, layer=named, layers=known)
    if len(layers) == 1:
        return layers[0]
    raise file_errors.LayerNotNamed(location=location, layers=known)


def _without_shape(source: Source, layer: Layer) -> tuple[tuple[str, ...], ...]:
    """The expected columns as the table has them: the contract calls the shape `geometry`."""
    return tuple(
        (*aliases, layer.shape) if layer.shape and GEOMETRY in map(headers.plain, aliases) else aliases
        for aliases in source.headers
    )


class GeoPackageReader(Reader):
    def __init__(self, source: Source, table: Reader, layer: Layer) -> None:
        super().__init__()
        self._table = table
        self._at = table.columns.index(layer.shape) if layer.shape in table.columns else None
        names = [GEOMETRY if at == self._at else name for at, name in enumerate(table.columns)]
        self.columns = headers.columns(source.location, names, source.headers)
        self.declared = table.declared
        self.facts = {**table.facts, "format": "geopackage", "layer": layer.name}
        if layer.system:
            self.facts["crs"] = layer.system

    def batches(self) -> Iterator[Batch]:
        for made in self._table.batches():
            yield self._with_shapes(made)

    def _with_shapes(self, made: Batch) -> Batch:
        arrays = list(made.rows.columns)
        rejects = list(made.rejects)
        kept = list(range(made.rows.num_rows))
        if self._at is not None:
            texts = [_text(blob) for blob in arrays[self._at + 1].to_pylist()]
            arrays[self._at + 1] = pa.array([text or None for text in texts], pa.string())
            kept = [at for at, text in enumerate(texts) if text is not None]
            rejects += [self._faulty(made.rows, at) for at, text in enumerate(texts) if text is None]
        rows = pa.RecordBatch.from_arrays(arrays, schema=schema(self.columns))
        return Batch(rows if len(kept) == rows.num_rows else rows.take(pa.array(kept)), tuple(rejects))

    def _faulty(self, rows: pa.RecordBatch, at: int) -> Reject:
        cells = [str(column[at]) for column in rows.columns[1:] if column[at].is_valid]
        return Reject(rows.column(ROW)[at].as_py(), "geometry-faulty", shorten(" | ".join(cells)))

    def __exit__(self, *exc: object) -> None:
        self._table.__exit__(*exc)


def _text(blob: str | None) -> str | None:
    """WKT of a shape as SQLite writes its bytes (x'47...'); an empty text for no shape, None for a faulty one."""
    if blob is None:
        return ""
    try:
        return from_geopackage(bytes.fromhex(blob.removeprefix("x'").removesuffix("'")))[0] or ""
    except (NotAShape, ValueError):
        return None
