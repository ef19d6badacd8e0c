"""Where in a JSON file its records are: one a line, in one array, or somewhere inside a document.

    file ─▶ first lines are objects? ─yes─▶ LINES
            └no▶ walk through ─▶ every list of objects, with its path and length ─▶ the one that is meant

The one that is meant is named (`records: data.items`), or has the columns the contract expects, or is the
longest. Records inside a document are flattened (`a.b`); lists within them stay JSON text.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from jingwei.collection.connectors import errors, file_errors, headers
from jingwei.collection.connectors.base import Source
from jingwei.collection.connectors.json_stream import Stream
from jingwei.collection.connectors.lines import Lines
from jingwei.kernel.text import listed

LINES, RECORDS, SEQUENCE = "lines", "records", "sequence"
SAMPLE = 20
DEEPEST = 40
SAID = 200
"""Characters of a member beside the records that are kept as facts."""

Path = tuple[str, ...]
Opener = Callable[[], Lines]


@dataclass(frozen=True)
class Layout:
    """`kind`: one object a LINE, the RECORDS of the list at `path`, or a SEQUENCE of objects. `flat`: nested
    objects become columns `a.b`. `features`: the records are GeoJSON features."""

    kind: str
    path: Path = ()
    flat: bool = False
    features: bool = False
    beside: dict[str, Any] = field(default_factory=dict)
    """What the document says beside the records."""


@dataclass
class _Found:
    """What a walk through a file came upon."""

    lists: dict[Path, int] = field(default_factory=dict)
    samples: dict[Path, list[dict[str, Any]]] = field(default_factory=dict)
    beside: dict[str, Any] = field(default_factory=dict)
    objects: int = 0
    """Values at the top that are objects."""

    def note(self, path: Path, text: str) -> None:
        samples = self.samples.setdefault(path, [])
        if text.startswith("{"):
            self.lists[path] = self.lists.get(path, 0) + 1
            if len(samples) < SAMPLE and (record := _object(text)) is not None:
                samples.append(record)


def layout_of(source: Source, opened: Opener) -> Layout:
    """Raises RecordsMissing or RecordsAmbiguous if the records cannot be told."""
    named = source.options.get("records")
    if named is None:
        with closing(opened()) as lines:
            by_line = _by_lines(source, lines)
        if by_line is not None:
            return by_line
    found = _Found()
    with closing(opened()) as lines:
        stream = Stream(source.location, lines)
        if stream.peek() == "[":
            # an array at the top is what is meant; some of its elements tell what they are
            stream.take("[")
            for _, text in islice(stream.elements(), SAMPLE):
                found.note((), text)
            return _layout(source, found, ())
        for _ in _walk(stream, (), found, None):
            pass
    return _chosen(source, found, named)


def _by_lines(source: Source, lines: Lines) -> Layout | None:
    """The layout of a file with one object a line. A single line, or lines without the expected columns, may be
    documents with the records inside."""
    plain = Layout(LINES, flat=_dotted(source))
    texts = [line for line in lines.take(most=SAMPLE) if line.strip()]
    first = texts[0].lstrip("\ufeff \t") if texts else ""
    records = [record for record in map(_object, texts) if record is not None]
    if not first.startswith("{"):
        return None if first.startswith("[") else plain
    if _object(first) is None:
        # a damaged line ends like an object, a line of a document like anything
        return plain if first.rstrip().endswith("}") or len(records) * 2 >= len(texts) else None
    if all(map(_is_feature, records)) and not _fits_as_it_is(source, records):
        return Layout(LINES, flat=True, features=True)
    if source.headers and _enough(source, records):
        return plain
    inside = any(_has_list(value) for record in records for value in record.values())
    return None if inside and (source.headers or len(texts) == 1) else plain


def _enough(source: Source, records: list[dict[str, Any]]) -> bool:
    return any(
        headers.enough(headers.matched(list(record), source.headers), source.headers) for record in records
    )


def records(stream: Stream, layout: Layout) -> Iterator[tuple[int, str]]:
    """The texts of the records, each with its line. Walks to the end, so that what is cut off is found out."""
    yield from _walk(stream, (), _Found(), layout)


def _walk(stream: Stream, path: Path, found: _Found, wanted: Layout | None) -> Iterator[tuple[int, str]]:
    if path == ():
        while stream.peek():
            row = stream.row
            if wanted is not None and wanted.kind == SEQUENCE:
                yield row, stream.value()
                continue
            if stream.peek() != ("[" if wanted and not wanted.path else "{") or () in found.lists:
                raise stream.no_table()
            yield from _inside(stream, path, found, wanted)
        return
    yield from _inside(stream, path, found, wanted)


def _inside(stream: Stream, path: Path, found: _Found, wanted: Layout | None) -> Iterator[tuple[int, str]]:
    mark = stream.peek()
    if mark == "[":
        stream.take("[")
        for row, text in stream.elements():
            if wanted is None:
                found.note(path, text)
            elif wanted.path == path:
                yield row, text
        found.lists.setdefault(path, 0)
    elif mark == "{" and len(path) < DEEPEST:
        found.objects += path == ()
        stream.take("{")
        while stream.peek() != "}":
            key = _text(stream)
            stream.take(":")
            yield from _walk(stream, (*path, key), found, wanted)
            if stream.peek() != "}":
                stream.take(",")
        stream.take("}")
    else:
        text = stream.value()
        if len(text) <= SAID and len(found.beside) < 50:
            found.beside[".".join(path)] = text.strip('"')


def _text(stream: Stream) -> str:
    if stream.peek() != '"':
        stream.take('"')
    try:
        return str(json.loads(stream.value()))
    except ValueError:
        raise stream.no_table() from None


def _chosen(source: Source, found: _Found, named: str | None) -> Layout:
    lists = {path: count for path, count in found.lists.items() if count}
    if named is not None:
        path = next((path for path in found.lists if ".".join(path) == named.strip(". ")), None)
        if path is None:
            raise file_errors.RecordsMissing(
                location=source.location, records=named, found=_listed(lists) if lists else "—"
            )
        return _layout(source, found, path)
    if not lists:
        if found.beside.get("type") == "Feature":
            return Layout(SEQUENCE, flat=True, features=True)
        if found.objects > 1:
            return Layout(SEQUENCE, flat=_dotted(source))
        raise errors.JsonNotTable(location=source.location, found=listed(list(found.beside)[:8]))
    fitting = {path: _fit(source, found.samples[path]) for path in lists}
    best = max(fitting.values())
    candidates = {path: lists[path] for path, fit in fitting.items() if fit == best}
    longest = max(candidates.values())
    first, *others = [path for path, count in candidates.items() if count == longest]
    if others:
        raise file_errors.RecordsAmbiguous(location=source.location, found=_listed(candidates))
    return _layout(source, found, first)


def _layout(source: Source, found: _Found, path: Path) -> Layout:
    samples = found.samples.get(path, [])
    features = sum(map(_is_feature, samples)) * 2 > len(samples) and not _fits_as_it_is(source, samples)
    return Layout(RECORDS, path, bool(path) or features or _dotted(source), features, found.beside)


def _fits_as_it_is(source: Source, samples: list[dict[str, Any]]) -> bool:
    """Whether the contract wants the members of features themselves (`properties`, `geometry`)."""
    as_it_is = max(headers.matched(list(sample), source.headers) for sample in samples)
    return as_it_is > _fit(source, [sample.get("properties") or {} for sample in samples])


def _fit(source: Source, samples: list[dict[str, Any]]) -> int:
    flat = [{name for name, _ in flattened(sample)} | _properties(sample) for sample in samples]
    return max((headers.matched(list(names), source.headers) for names in flat), default=0)


def _properties(record: dict[str, Any]) -> set[str]:
    return {name for name, _ in flattened(record.get("properties") or {})} if _is_feature(record) else set()


def flattened(record: dict[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Members of an object with those of the objects within it, named `a.b`; an empty object is nothing."""
    for key, value in record.items():
        if isinstance(value, dict):
            yield from flattened(value, f"{prefix}{key}.")
        else:
            yield prefix + key, value


def _is_feature(record: dict[str, Any]) -> bool:
    return record.get("type") == "Feature" and isinstance(record.get("properties"), dict | None)


def _has_list(value: Any) -> bool:
    if isinstance(value, dict):
        return any(map(_has_list, value.values()))
    return isinstance(value, list) and any(isinstance(one, dict) for one in value)


def _dotted(source: Source) -> bool:
    return any("." in alias for aliases in source.headers for alias in aliases)


def _object(text: str) -> dict[str, Any] | None:
    try:
        value = json.loads(text.lstrip("\ufeff"), parse_int=str, parse_float=str)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _listed(lists: dict[Path, int]) -> str:
    return str(listed(f"{'.'.join(path)} ({count:,})" for path, count in lists.items()))
