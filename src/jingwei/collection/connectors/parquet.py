"""Parquet: every type as the text that loses nothing, row group by row group.

    file ─footer─▶ columns, rows declared ─row groups─▶ Arrow ─by type─▶ text

Types become text the way a person writes them: dates and times in ISO, decimals with their digits, numbers of
floating point with as many digits as tell them apart, nested values as JSON, bytes that are no text as SQLite
writes them (x'FFD8').
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from django.utils import timezone
from pyarrow import parquet

from jingwei.collection.connectors import errors, file_errors, headers
from jingwei.collection.connectors.base import Batch, Connector, Reader, Source, register
from jingwei.collection.connectors.batches import from_arrays
from jingwei.collection.connectors.files import beginning, checksum, reading, usable
from jingwei.collection.connectors.json_text import Literal, written
from jingwei.kernel.text import listed

MAGIC, SEALED = b"PAR1", b"PARE"
ROWS = 20_000
DIGITS = {"s": 0, "ms": 3, "us": 6, "ns": 9}
"""Digits behind the second of each unit of time."""


@register
class Parquet(Connector):
    """A single file; no options."""

    name = "parquet"
    formats = ("parquet",)
    suffixes = (".parquet", ".pq", ".parq")

    def open(self, source: Source) -> Reader:
        return ParquetReader(source, usable(source.location))


class ParquetReader(Reader):
    def __init__(self, source: Source, path: Path) -> None:
        super().__init__()
        self._location = source.location
        self._path = path
        if beginning(path, 4) == SEALED:
            raise file_errors.ParquetEncrypted(location=source.location)
        self._stamp = _stamp(path)
        with reading(source.location):
            self._handle = path.open("rb")
        try:
            self._file = parquet.ParquetFile(self._handle, pre_buffer=False)
            self._schema = self._file.schema_arrow
        except (pa.ArrowException, OSError) as problem:
            self._handle.close()
            raise self._damaged(problem) from None
        known = self._file.metadata
        names = self._schema.names
        try:
            self.columns = headers.columns(source.location, names, source.headers)
            found = headers.matched(names, source.headers)
            if source.headers and not headers.enough(found, source.headers):
                raise errors.HeaderMissing(
                    location=source.location,
                    rows=1,
                    expected=listed(aliases[0] for aliases in source.headers[:12]),
                    found=listed(names[:12]),
                )
        except errors.BadInput:
            self._handle.close()
            raise
        self.declared = known.num_rows
        self.facts = {
            "format": "parquet",
            "bytes": path.stat().st_size,
            "sha256": checksum(path),
            "declared": known.num_rows,
            "row_groups": known.num_row_groups,
            "written_by": known.created_by or "",
            "types": {name: str(field.type) for name, field in zip(self.columns, self._schema, strict=True)},
        }

    def batches(self) -> Iterator[Batch]:
        """Every row once, numbered from 1. Raises `SourceChanged` if the file was replaced meanwhile."""
        number = 1
        for group in self._groups():
            arrays = [text_of(column) for column in group.columns]
            yield from_arrays(self.columns, arrays, range(number, number + group.num_rows))
            number += group.num_rows
        if _stamp(self._path) != self._stamp:
            raise errors.SourceChanged(location=self._location)

    def _groups(self) -> Iterator[pa.RecordBatch]:
        try:
            yield from self._file.iter_batches(batch_size=ROWS, use_threads=False)
        except (pa.ArrowException, OSError) as problem:
            raise self._damaged(problem) from None

    def _damaged(self, problem: Exception) -> file_errors.ParquetDamaged:
        return file_errors.ParquetDamaged(location=self._location, reason=str(problem).splitlines()[0][:120])

    def __exit__(self, *exc: object) -> None:
        self._handle.close()


def _stamp(path: Path) -> tuple[int, int, int]:
    stat = path.stat()
    return stat.st_size, stat.st_mtime_ns, stat.st_ino


def text_of(column: pa.Array) -> pa.Array:
    """The column as text; nulls stay nulls."""
    kind = column.type
    if pa.types.is_dictionary(kind):
        return text_of(column.dictionary_decode())
    if isinstance(column, pa.ExtensionArray):
        return _one_by_one(column) if kind.extension_name == "arrow.uuid" else text_of(column.storage)
    if pa.types.is_string(kind):
        return column
    if pa.types.is_integer(kind) or pa.types.is_boolean(kind) or pa.types.is_date32(kind):
        return column.cast(pa.string())
    if pa.types.is_large_string(kind) or pa.types.is_string_view(kind) or pa.types.is_null(kind):
        return column.cast(pa.string())
    if pa.types.is_float16(kind):
        return column.cast(pa.float32()).cast(pa.string())
    if pa.types.is_floating(kind):
        return column.cast(pa.string())
    if pa.types.is_timestamp(kind) and kind.tz:
        return _moments(column)
    if pa.types.is_timestamp(kind) or pa.types.is_time(kind):
        return _without_zeros(column.cast(pa.string()), DIGITS[kind.unit])
    return _one_by_one(column)


def _without_zeros(texts: pa.Array, digits: int) -> pa.Array:
    """Times without the zeros at the end of their fraction of a second."""
    if digits:
        texts = pc.replace_substring_regex(texts, r"(\.\d*?)0+$", r"\1")
        texts = pc.replace_substring_regex(texts, r"\.$", "")
    return texts


def _moments(column: pa.Array) -> pa.Array:
    """Points in time with their offset; those that are only said to be UTC, in the node's own zone."""
    zone = timezone.get_default_timezone_name() if column.type.tz == "UTC" else column.type.tz
    try:
        texts = pc.strftime(column.cast(pa.timestamp(column.type.unit, zone)), "%Y-%m-%d %H:%M:%S%z")
    except pa.ArrowException:  # a zone this machine does not know
        texts = _joined(column.cast(pa.timestamp(column.type.unit)).cast(pa.string()), "+0000")
    texts = pc.replace_substring_regex(texts, r"(\.\d*?)0+([+-]\d{4})$", r"\1\2")
    texts = pc.replace_substring_regex(texts, r"\.([+-]\d{4})$", r"\1")
    return pc.replace_substring_regex(texts, r"([+-]\d\d)(\d\d)$", r"\1:\2")


def _joined(texts: pa.Array, end: str) -> pa.Array:
    return pc.binary_join_element_wise(texts, end, "")


def _one_by_one(column: pa.Array) -> pa.Array:
    return pa.array([None if not value.is_valid else _text(value) for value in column], pa.string())


def _text(value: Any) -> str:
    kind = value.type
    if pa.types.is_nested(kind):
        return written(_plain(value))
    if pa.types.is_duration(kind):
        digits = DIGITS[kind.unit]
        return written(_plain(pa.scalar(value.value, pa.decimal128(38)).cast(pa.decimal128(38, digits))))
    found = value.as_py()
    if isinstance(found, bytes):
        try:
            text = found.decode()
        except UnicodeDecodeError:
            text = "\0"
        return f"x'{found.hex().upper()}'" if "\0" in text else text
    if isinstance(found, Decimal):
        return format(found, "f")
    return str(found)


def _plain(value: Any) -> Any:
    """A nested value as what JSON is made of; numbers are literals."""
    if not value.is_valid:
        return None
    kind = value.type
    if pa.types.is_map(kind):
        pairs = [(str(text_of(pa.array([k]))[0]), _plain(v)) for k, v in _pairs(value)]
        return dict(pairs) if len(dict(pairs)) == len(pairs) else [list(pair) for pair in pairs]
    if pa.types.is_struct(kind):
        return {field.name: _plain(value[at]) for at, field in enumerate(kind)}
    if pa.types.is_nested(kind):
        return [_plain(inner) for inner in value.values]
    if pa.types.is_boolean(kind):
        return value.as_py()
    text = text_of(pa.array([value.as_py()], kind))[0].as_py()
    is_number = pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind)
    return Literal(text) if is_number else text


def _pairs(value: Any) -> Iterator[tuple[Any, Any]]:
    for entry in value.values:
        yield entry[0], entry[1]
