"""SQLite files, the commonest database on a department's desk.

SQLite types values, not columns: each is printed by SQLite itself (`CAST AS TEXT`), so that an
18-digit text stays the text it is. A blob, which has no text, comes as SQLite writes it: x'FFD8'.
Counting and reading happen in one read transaction, hence in one snapshot. A file has no clock of its own:
it is this machine's.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import TypeVar
from urllib.parse import quote, unquote

from jingwei.collection.connectors import errors, headers
from jingwei.collection.connectors.base import (
    CHANGES,
    COLUMNS,
    CURSOR,
    KEYS,
    Batch,
    Connector,
    Finding,
    Reader,
    Source,
    register,
)
from jingwei.collection.connectors.database import sequences
from jingwei.collection.connectors.database.checking import Inspector, check
from jingwei.collection.connectors.database.rows import Row, batches
from jingwei.collection.connectors.database.sqlite_part import Selection, describe, quoted
from jingwei.collection.connectors.files import beginning, usable
from jingwei.kernel.text import listed

T = TypeVar("T")

MAGIC = b"SQLite format 3\0"
PATIENCE = 5.0
"""Seconds to wait for a writer to finish."""


@register
class SQLite(Connector):
    """`Source.table` names the table or view; a database with a single table needs no name."""

    name = "sqlite"
    formats = ("sqlite",)
    suffixes = (".db", ".sqlite", ".sqlite3", ".db3")
    schemes = ("sqlite",)
    capabilities = frozenset({CURSOR, COLUMNS, KEYS, CHANGES})

    def open(self, source: Source) -> Reader:
        return SQLiteReader(source, _file(source))

    def check(self, source: Source) -> Iterator[Finding]:
        return check(source, lambda: SQLiteInspector(source), ("open",))


def _file(source: Source) -> Path:
    location = path_of(source.location)
    path = usable(location)
    if beginning(path, 16) != MAGIC:
        raise errors.NotDatabase(location=location)
    return path


def path_of(location: str) -> str:
    """The file an address like `sqlite:///data/people.db` (or a plain path) means."""
    if not location.lower().startswith("sqlite:"):
        return location
    rest = unquote(location.split(":", 1)[1].split("?", maxsplit=1)[0])
    if rest.startswith("///"):
        # as in SQLAlchemy: three slashes begin a relative path, four an absolute one
        relative = rest[3:]
        return relative if Path(relative).exists() else f"/{relative}"
    return rest.removeprefix("//")


def _connect(path: Path, mode: str = "ro") -> sqlite3.Connection:
    try:
        # text as bytes: SQLite does not check that it is UTF-8, `rows` does
        con = sqlite3.connect(
            f"file:{quote(str(path.resolve()))}?mode={mode}",
            uri=True,
            timeout=PATIENCE,
            isolation_level=None,
            check_same_thread=False,
        )
    except sqlite3.Error as problem:
        raise _say(str(path), problem) from None
    con.text_factory = bytes
    return con


def find(con: sqlite3.Connection, location: str, named: str) -> str:
    """The table's name, whatever case the contract writes it in."""
    names = [
        name.decode("utf-8", "replace")
        for (name,) in con.execute(
            "SELECT name FROM sqlite_master WHERE type IN ('table', 'view') "
            "AND name NOT LIKE 'sqlite_%' ORDER BY name"
        )
    ]
    if not named:
        if len(names) == 1:
            return names[0]
        raise errors.TableNotNamed(location=location, tables=listed(names))
    for name in names:
        if name.casefold() == named.casefold():
            return name
    raise errors.TableMissing(location=location, table=named, tables=listed(names))


def _say(location: str, problem: sqlite3.Error, table: str = "") -> errors.BadInput | errors.Failed:
    message = str(problem)
    if "not a database" in message or "encrypted" in message:
        return errors.NotDatabase(location=location)
    if "locked" in message or "busy" in message:
        return errors.SourceLocked(location=location)
    if "malformed" in message or "corrupt" in message:
        return errors.DatabaseDamaged(location=location, reason=message)
    if "unable to open" in message or "readonly" in message:
        return errors.SourceUnreadable(location=location, reason=message)
    if "no such" in message or "schema has changed" in message:
        return errors.TableChanged(location=location, table=table, reason=message)
    return errors.SourceBroke(location=location, reason=message)


class SQLiteReader(Reader):
    def __init__(self, source: Source, path: Path) -> None:
        super().__init__()
        self._location = str(path)
        self._delivered = 0
        self._named = source.table or ""
        self._sequences: list[str] = []
        self._con = _connect(path)
        try:
            self._begin(source)
        except sqlite3.Error as problem:
            self._con.close()
            raise _say(self._location, problem, self._named) from None
        except errors.BadInput:
            self._con.close()
            raise

    def _begin(self, source: Source) -> None:
        self.clock = datetime.now().astimezone()
        self._con.execute("BEGIN")
        table = find(self._con, self._location, self._named)
        self._wanted = wanted = Selection(self._location, table, describe(self._con, table), source.part)
        wanted.prepare(self._con)
        self.declared, self.total = wanted.count(self._con)
        if wanted.sequence is not None:
            given = wanted.sequences(self._con)
            self._sequences = sequences.checked(given, self._location, table, wanted.sequence.name)
        self.columns = headers.columns(
            self._location, [column.name for column in wanted.read], source.headers
        )
        self.facts |= {
            "format": "sqlite",
            "table": table,
            "declared": self.declared,
            "bytes": Path(self._location).stat().st_size,
        }

    def batches(self) -> Iterator[Batch]:
        """Every row once; raises `SourceIncomplete` unless as many came as were counted."""
        for made in batches(self.columns, self._rows()):
            self._delivered += made.rows.num_rows + len(made.rejects)
            yield made
        if self._delivered != self.declared:
            raise errors.SourceIncomplete(
                location=self._location, declared=self.declared, read=self._delivered
            )

    def _rows(self) -> Iterator[Row]:
        try:
            yield from self._wanted.rows(self._con)
        except sqlite3.Error as problem:
            raise _say(self._location, problem, self._named) from None

    def acknowledge(self) -> None:
        """Sets the mark on exactly the rows that were read, in a transaction of its own."""
        wanted = self._wanted
        if not self._sequences or wanted.mark is None or self._delivered != self.declared:
            return
        place = {"location": self._location, "table": wanted.table}
        # the snapshot would keep the writer of a file without WAL waiting for itself
        self._con.close()
        try:
            with closing(_connect(Path(self._location), "rw")) as con:
                con.execute("BEGIN IMMEDIATE")
                if wanted.acknowledge(con, self._sequences) > len(self._sequences):
                    # a row with a sequence value of ours came since: it was not read
                    con.execute("ROLLBACK")
                    raise errors.AcknowledgeFailed(**place, reason=sequences.AGAIN)
                con.execute("COMMIT")
        except sqlite3.Error as problem:
            if "readonly" in str(problem):
                raise errors.AcknowledgeRefused(**place, column=wanted.mark.name) from None
            raise errors.AcknowledgeFailed(**place, reason=problem) from None

    def __exit__(self, *exc: object) -> None:
        self._con.close()


class SQLiteInspector(Inspector):
    """A file has no clock and nobody signs in."""

    def __init__(self, source: Source) -> None:
        self._path = _file(source)
        self._named = source.table or ""
        self._con = _connect(self._path)
        self.product = f"SQLite {sqlite3.sqlite_version}"
        self._table = ""

    def find(self) -> str:
        self._table = self._try(lambda: find(self._con, str(self._path), self._named))
        return self._table

    def columns(self) -> list[str]:
        return self._try(lambda: [column.name for column in describe(self._con, self._table)])

    def try_reading(self) -> None:
        self._try(lambda: self._con.execute(f"SELECT * FROM {quoted(self._table)} LIMIT 0"))

    def may_mark(self, column: str) -> bool:
        # the journal is written beside the file
        return os.access(self._path, os.W_OK) and os.access(self._path.parent, os.W_OK)

    def _try(self, act: Callable[[], T]) -> T:
        try:
            return act()
        except sqlite3.Error as problem:
            raise _say(str(self._path), problem, self._named) from None

    def __exit__(self, *exc: object) -> None:
        self._con.close()
