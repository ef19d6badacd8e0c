"""What every way of reading a department's table has in common.

A connector is a folder (or module) here that registers itself with `@register`. It turns a
source, wherever it lives, into batches of *text* exactly as the department wrote it: nothing is
trimmed, converted or guessed here, because raw is evidence. Standardization comes after.

    source ──Connector.open──▶ Reader ──batches()──▶ Batch(rows, rejects) ──▶ raw
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

ROW = "_row"
"""Name of the int64 column with the row's number at the source, counted as a person would:
for files the 1-based line or sheet row the record starts on, for databases 1, 2, 3, ..."""


@dataclass(frozen=True)
class Source:
    """Where to read and what to expect there.

    `location` is a path or a database URL (`sqlite:///file.db`, `postgresql://host/db`,
    `mysql://host/db`); `table` a database table, a sheet name, or None; `headers` the column
    names the contract expects, each with its aliases, in order: readers of sheets find the
    header row with them. `options` come from the contract's server entry.
    """

    location: str
    format: str
    table: str | None = None
    headers: tuple[tuple[str, ...], ...] = ()
    options: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Reject:
    """A stretch of the source that is no record: it is quarantined with its text, never dropped."""

    row: int
    code: str
    text: str
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Batch:
    """`rows` has ROW and one utf8 column per source column, all batches of a reader alike."""

    rows: pa.RecordBatch
    rejects: tuple[Reject, ...] = ()


class Reader(AbstractContextManager["Reader"]):
    """An opened source. `columns` (source headers) are known once opened, `facts` (encoding,
    sheet, header row, sha256 of a file, ...) at the latest when `batches` is exhausted.
    `declared` is the number of records the source itself says it has, or None."""

    columns: tuple[str, ...] = ()
    declared: int | None = None

    def __init__(self) -> None:
        self.facts: dict[str, Any] = {}

    @abstractmethod
    def batches(self) -> Iterator[Batch]: ...

    def __exit__(self, *exc: object) -> None:
        return None


class Connector(ABC):
    """One way of reading. `formats` are the names a contract may use; `suffixes` and `schemes`
    let `collect --from` recognise a path or URL without being told."""

    name: str
    formats: tuple[str, ...] = ()
    suffixes: tuple[str, ...] = ()
    schemes: tuple[str, ...] = ()

    @abstractmethod
    def open(self, source: Source) -> Reader:
        """Opens the source; raises an error of `collection.connectors.errors` if it cannot."""


_registry: dict[str, Connector] = {}


def register(cls: type[Connector]) -> type[Connector]:
    """Class decorator: adds the connector; a format that is taken already is refused."""
    connector = cls()
    for fmt in connector.formats:
        if fmt in _registry:
            raise ValueError(f"format {fmt!r} belongs to connector {_registry[fmt].name!r} already")
        _registry[fmt] = connector
    return cls


def connectors() -> Iterable[Connector]:
    """Every registered connector once, in order of registration."""
    return dict.fromkeys(_registry.values())


def for_format(fmt: str) -> Connector | None:
    return _registry.get(fmt)
