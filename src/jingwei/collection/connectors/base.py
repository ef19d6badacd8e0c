"""What every way of reading a department's table has in common.

A connector is a folder (or module) here that registers itself with `@register`. It turns a
source, wherever it lives, into batches of *text* exactly as the department wrote it: nothing is
trimmed, converted or guessed here, because raw is evidence. Standardization comes after.

    source ──Connector.open──▶ Reader ──batches()──▶ Batch(rows, rejects) ──▶ raw
"""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import pyarrow as pa

from jingwei.kernel.errors import JingweiError
from jingwei.kernel.text import Text

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
    part: Part | None = None


@dataclass(frozen=True)
class Part:
    """Which rows and columns of a table are wanted, where not all; columns are the source's own.

    `since`: only rows whose `cursor` is empty, at or after this value (as text). `columns`: only these. `keys`:
    only rows with these values in the columns `key`. `changes`: the table is a change table, see `Changes`.
    Only connectors with the capability are asked (`Connector.capabilities`).
    """

    cursor: str | None = None
    since: str | None = None
    columns: tuple[str, ...] = ()
    key: tuple[str, ...] = ()
    keys: tuple[tuple[str, ...], ...] = ()
    changes: Changes | None = None


@dataclass(frozen=True)
class Changes:
    """A change table: rows not yet acknowledged, in the order of `sequence`; `acknowledge` is None where
    the source keeps no mark (then `since` on the sequence tells where to go on)."""

    sequence: str
    acknowledge: str | None
    acknowledged: str


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


@dataclass(frozen=True)
class Partition:
    """A piece of the source: a file of a folder, a sheet, a month."""

    name: str
    rows: int
    checksum: str


class Reader(AbstractContextManager["Reader"]):
    """An opened source. `columns` (source headers) are known once opened, `facts` (encoding,
    sheet, header row, sha256 of a file, ...) at the latest when `batches` is exhausted.
    `declared` is the number of records the source itself says will come, or None; `total` how many the
    table has where only a part is read; `clock` the source's own time when it was opened (aware), where it
    has one. `partitions` says, once exhausted, how the source itself is parted (files of a folder or an
    archive): name, rows and checksum of each."""

    columns: tuple[str, ...] = ()
    declared: int | None = None
    total: int | None = None
    clock: datetime | None = None
    may_be_empty: bool = False
    """Whether a source without a single row is as it should be."""

    def __init__(self) -> None:
        self.facts: dict[str, Any] = {}
        self.partitions: list[Partition] = []

    @abstractmethod
    def batches(self) -> Iterator[Batch]: ...

    def acknowledge(self) -> None:
        """Tells the source that what was read is applied: called once, after the lake has it. May be called
        for rows that were acknowledged already; whatever was not read must stay untouched."""

    def __exit__(self, *exc: object) -> None:
        return None


@dataclass(frozen=True)
class Finding:
    """One step of a check: `ok` None where it could not be told. `step` is one of STEPS."""

    step: str
    ok: bool | None
    said: Text
    seconds: float = 0.0
    do: Text | None = None


STEPS = {
    "reachable": Text("连得上", "Reachable"),
    "signed-in": Text("登得进", "Signed in"),
    "open": Text("打得开", "Opens"),
    "table": Text("表在", "Table there"),
    "columns": Text("列齐", "Columns complete"),
    "rights": Text("权限够", "Rights enough"),
    "clock": Text("时钟准", "Clock sane"),
}
CURSOR, COLUMNS, KEYS, CHANGES = "cursor", "columns", "keys", "changes"


class Connector(ABC):
    """One way of reading. `formats` are the names a contract may use; `suffixes` and `schemes`
    let `collect --from` recognise a path or URL without being told."""

    name: str
    formats: tuple[str, ...] = ()
    suffixes: tuple[str, ...] = ()
    schemes: tuple[str, ...] = ()
    capabilities: frozenset[str] = frozenset()
    """Of `part`: any of CURSOR, COLUMNS, KEYS, CHANGES."""

    @abstractmethod
    def open(self, source: Source) -> Reader:
        """Opens the source; raises an error of `collection.connectors.errors` if it cannot."""

    def check(self, source: Source) -> Iterator[Finding]:
        """Tries the configuration step by step, without reading the table: reachable, signed in, table there,
        rights enough, clock sane. Never raises for what is wrong with the source; ends at the first step
        that makes the next ones pointless. By default, opening the source is the only step."""
        began = time.monotonic()
        try:
            with self.open(source) as reader:
                said = Text("打得开，有 {n} 列", "opens, with {n} columns").fill(n=len(reader.columns))
                yield Finding("open", True, said, time.monotonic() - began)
        except JingweiError as exc:
            yield Finding("open", False, exc.what, time.monotonic() - began, exc.do)


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
