"""JSON: one object a line, one array of objects, or a document with the records inside; GeoJSON too.

    file ─survey─▶ encoding ─documents─▶ where the records are ─pass 1─▶ every key ─pass 2─▶ batches

Keys are not declared anywhere in JSON, so the file is gone over twice: columns are all the keys
of all its objects, in the order they appear, and nothing can turn up late. Values become the text
that stands in the file: a number keeps its literal (an 18-digit one too), a nested value stays
JSON. Of GeoJSON the properties are columns and the shape is WKT. What is no object becomes a
Reject, and reading goes on with the next record.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

import pyarrow as pa
from pyarrow import json as arrow_json

from jingwei.collection.connectors import errors, headers
from jingwei.collection.connectors.base import Batch, Connector, Reader, Reject, Source, register
from jingwei.collection.connectors.batches import ROWS, from_arrays, without_collector
from jingwei.collection.connectors.documents import LINES, RECORDS, Layout, flattened, layout_of, records
from jingwei.collection.connectors.encoding import MARKED, Encoding, escape, find_encoding
from jingwei.collection.connectors.files import Survey, survey, usable
from jingwei.collection.connectors.geometry import NotAShape, from_geojson
from jingwei.collection.connectors.json_stream import Stream
from jingwei.collection.connectors.json_text import Literal, text_of
from jingwei.collection.connectors.lines import LINE_LIMIT, Lines
from jingwei.collection.connectors.rejects import shorten
from jingwei.kernel.text import listed

MOST_COLUMNS = 1_000
OWN, GEOMETRY = "\0", "geometry"
"""Marks what a feature has beside its properties, which may have the same names."""
FEATURE = ("type", "properties", GEOMETRY)
EXTRA = "_extra"
"""Column that holds, as one JSON object, the values of keys beyond `MOST_COLUMNS`: a file that uses
identifiers as keys would otherwise need a column for each."""


@register
class JsonLines(Connector):
    """Options: `encoding`, `records` (where in a document the records are: `data.items`)."""

    name = "jsonlines"
    formats = ("jsonl", "json", "geojson")
    suffixes = (".jsonl", ".ndjson", ".json", ".geojson", ".geojsonl")

    def open(self, source: Source) -> Reader:
        path = usable(source.location)
        seen = survey(path)
        expected = (alias for aliases in source.headers for alias in aliases)
        encoding = find_encoding(source.location, seen, expected, source.options.get("encoding"))
        layout = layout_of(source, lambda: Lines(path, seen, encoding))
        return JsonReader(source, seen, encoding, layout)


Texts = list[tuple[int, str]]


class _RepeatedKey(ValueError):
    pass


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        raise _RepeatedKey(Counter(key for key, _ in pairs).most_common(1)[0][0])
    return made


_decode = json.JSONDecoder(
    object_pairs_hook=_object, parse_int=Literal, parse_float=Literal, parse_constant=Literal
).decode


class JsonReader(Reader):
    def __init__(self, source: Source, seen: Survey, encoding: Encoding, layout: Layout) -> None:
        super().__init__()
        self._location = source.location
        self._layout = layout
        self._seen = seen
        self._encoding = encoding
        self._lines: Lines | None = None
        self._whole = seen.valid_utf8 and encoding.codec == "utf-8"
        keys = self._keys()
        self._known = keys[:MOST_COLUMNS]
        self._taken = frozenset(self._known)
        names = self._known if len(keys) <= MOST_COLUMNS else [*self._known, EXTRA]
        self.columns = headers.columns(source.location, [_shown(name) for name in names], source.headers)
        if not keys and b"".join(seen.start.split()) == b"[]":
            raise errors.SourceEmpty(location=source.location)
        if not keys:
            raise errors.JsonNotTable(
                location=source.location, found=seen.start[:60].decode("utf-8", "replace")
            )
        if source.headers and not headers.enough(headers.matched(keys, source.headers), source.headers):
            raise errors.HeaderMissing(
                location=source.location,
                rows=seen.lines,
                expected=listed(aliases[0] for aliases in source.headers[:12]),
                found=listed(keys[:12]),
            )
        self.facts = {
            "format": "json" if layout.kind == RECORDS else source.format,
            "bytes": seen.size,
            "sha256": seen.sha256,
            "encoding": encoding.title,
            "encoding_confidence": encoding.confidence,
        }
        if len(keys) > MOST_COLUMNS:
            self.facts["late_columns"] = keys[MOST_COLUMNS : MOST_COLUMNS + 20]
        if layout.path:
            self.facts["records"] = ".".join(layout.path)
        if layout.features:
            self.facts |= {"format": "geojson", **reference_system(layout.beside)}
        elif layout.beside:
            self.facts["document"] = layout.beside

    def _keys(self) -> list[str]:
        keys: dict[str, None] = {}
        known = keys.keys()
        empty: set[str] = set()
        for block in self._blocks():
            with without_collector():
                names = self._names(block)
                if names is None:
                    for number, text in block:
                        record = self._parse(number, text)
                        if isinstance(record, dict) and not record.keys() <= known:
                            keys |= dict.fromkeys(record)
                            empty |= {key for key, value in record.items() if value is None}
                else:
                    keys |= dict.fromkeys(names)
        return _without_parents(list(keys), empty) if self._layout.flat else list(keys)

    def _names(self, block: Texts) -> list[str] | None:
        """The keys of a block of objects, from Arrow's parser: several times faster than Python's, but
        it wants right lines whose values are of one kind. None if they are not."""
        if self._lines is None or self._lines.oversize or self._layout.flat:
            return None
        try:
            data = "\n".join([text.strip() for _, text in block]).encode()
            options = arrow_json.ReadOptions(use_threads=False, block_size=len(data) + 1)
            return arrow_json.read_json(pa.BufferReader(data), read_options=options).column_names
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError, UnicodeEncodeError):
            return None

    def batches(self) -> Iterator[Batch]:
        """Every object once. Raises `SourceChanged` at the end if the file did."""
        for block in self._blocks():
            with without_collector():
                made = self._make(block)
            yield made
        self.facts["blank"] = self._blank

    def _make(self, block: Texts) -> Batch:
        rows: list[list[Any]] = []
        numbers: list[int] = []
        rejects: list[Reject] = []
        for number, text in block:
            record = self._parse(number, text)
            if isinstance(record, Reject):
                rejects.append(record)
            else:
                rows.append(self._cells(record))
                numbers.append(number)
        return self._batch(rows, numbers, rejects)

    def _batch(self, rows: list[list[Any]], numbers: list[int], rejects: list[Reject]) -> Batch:
        columns = zip(*rows, strict=True) if rows else [()] * len(self.columns)
        return from_arrays(self.columns, [_array(column) for column in columns], numbers, rejects)

    def _cells(self, record: dict[str, Any]) -> list[Any]:
        cells = [record.get(key) for key in self._known]
        if len(self.columns) > len(cells):
            extra = {key: value for key, value in record.items() if key not in self._taken}
            cells.append(extra or None)
        return cells

    def _blocks(self) -> Iterator[Texts]:
        """One pass over the file: the texts of its records with the line each starts on."""
        self.close()
        self._blank = 0
        lines = self._lines = Lines(usable(self._location), self._seen, self._encoding)
        if self._layout.kind == LINES:
            number, texts = 1, lines.take()
            while texts:
                block = [(at, text) for at, text in enumerate(texts, number) if not text.isspace()]
                self._blank += len(texts) - len(block)
                number += len(texts)
                if block:
                    yield block
                texts = lines.take()
        else:
            found = records(Stream(self._location, lines), self._layout)
            while block := list(islice(found, ROWS // 10)):
                yield block
        lines.verify()

    def _parse(self, number: int, text: str) -> dict[str, Any] | Reject:
        assert self._lines is not None
        if number in self._lines.oversize:
            length = self._lines.oversize[number]
            values = {"length": length, "limit": LINE_LIMIT}
            return Reject(number, "line-too-long", shorten(escape(text.strip()), length), values)
        try:
            record = _decode(text)
        except _RepeatedKey as problem:
            return Reject(number, "repeated-key", shorten(escape(text.strip())), {"key": str(problem)})
        except (ValueError, RecursionError) as problem:
            kept = shorten(escape(text.strip()).replace("\0", "\\x00"))
            if "\0" in text:
                return Reject(number, "nul", kept)
            if MARKED.search(text):
                return Reject(number, "undecodable", kept, {"encoding": self._encoding.title})
            return Reject(number, "malformed-json", kept, {"detail": getattr(problem, "msg", "too deep")})
        if not isinstance(record, dict):
            return Reject(number, "not-object", shorten(text.strip()))
        if not self._whole and MARKED.search(text):
            return Reject(
                number, "undecodable", shorten(escape(text.strip())), {"encoding": self._encoding.title}
            )
        if "\\u" in text and _lone_surrogate(record):
            return Reject(number, "undecodable", shorten(text.strip()), {"encoding": "Unicode"})
        return self._shaped(number, text, record) if self._layout.flat else record

    def _shaped(self, number: int, text: str, record: dict[str, Any]) -> dict[str, Any] | Reject:
        """A record with its nested objects, or a feature with its properties and its shape, as columns."""
        if not self._layout.features:
            pairs = list(flattened(record))
        elif record.get("type") != "Feature":
            return Reject(number, "not-feature", shorten(text.strip()))
        else:
            try:
                shape = from_geojson(record.get("geometry"))
            except NotAShape:
                return Reject(number, "geometry-faulty", shorten(text.strip()))
            pairs = [
                *flattened(record.get("properties") or {}),
                *flattened({OWN + key: value for key, value in record.items() if key not in FEATURE}),
                (OWN + GEOMETRY, shape),
            ]
        made = dict(pairs)
        if len(made) == len(pairs):
            return made
        key = Counter(key for key, _ in pairs).most_common(1)[0][0]
        return Reject(number, "repeated-key", shorten(text.strip()), {"key": _shown(key)})

    def close(self) -> None:
        if self._lines is not None:
            self._lines.close()

    def __exit__(self, *exc: object) -> None:
        self.close()


def reference_system(beside: dict[str, Any]) -> dict[str, Any]:
    """What a GeoJSON file says of its coordinates; without a word they are WGS 84 by the standard (RFC 7946)."""
    named = beside.get("crs.properties.name")
    return {"crs": str(named)} if named else {"crs": "OGC:CRS84", "crs_said": False}


def _shown(key: str) -> str:
    return key.removeprefix(OWN)


def _without_parents(keys: list[str], empty: set[str]) -> list[str]:
    """Leaves out a key that is null in one record and an object in another, whose members are columns."""
    parents = {key[:at] for key in keys for at, sign in enumerate(key) if sign == "."}
    return [key for key in keys if not (key in empty and key in parents)]


def _lone_surrogate(record: dict[str, Any]) -> bool:
    try:
        json.dumps(record, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return True
    return False


def _array(column: Sequence[Any]) -> pa.Array:
    try:
        return pa.array(column, pa.string())
    except (pa.ArrowTypeError, pa.ArrowInvalid):  # true, false or a nested value among them
        return pa.array([text_of(value) for value in column], pa.string())
