"""SQLite files, the commonest database on a department's desk.

SQLite types values, not columns: each is printed by SQLite itself (`CAST AS TEXT`), so that an
18-digit text stays the text it is. A blob, which has no text, comes as SQLite writes it: x'FFD8'.
Counting and reading happen in one read transaction, hence in one snapshot. A file has no clock of its own:
it is this machine's.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote, unquote

from jingwei.collection.connectors import errors, headers
from jingwei.collection.connectors.base import (
    CHANGES,
    COLUMNS,
    CURSOR,
    KEYS,
    Batch,
    Connector,
    Reader,
    Source,
    register,
)
from jingwei.collection.connectors.database import sequences
from jingwei.collection.connectors.database.rows import Row, batches
from jingwei.collection.connectors.database.sqlite_part import Selection, describe
from jingwei.collection.connectors.files import beginning, usable
from jingwei.kernel.text import listed

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
        location = path_of(source.location)
        path = usable(location)
        if beginning(path, 16) != MAGIC:
            raise errors.NotDatabase(location=location)
        return SQLiteReader(source, path)


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


class SQLiteReader(Reader):
    def __init__(self, source: Source, path: Path) -> None:
        super().__init__()
        self._location = str(path)
        self._delivered = 0
        self._named = source.table or ""
        self._sequences: list[str] = []
        self._con = self._connect(path)
        try:
            self._begin(source)
        except sqlite3.Error as problem:
            self._con.close()
            raise self._say(problem) from None
        except errors.BadInput:
            self._con.close()
            raise

    def _connect(self, path: Path, mode: str = "ro") -> sqlite3.Connection:
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
            raise self._say(problem) from None
        con.text_factory = bytes
        return con

    def _begin(self, source: Source) -> None:
        self._con.execute("BEGIN")
        names = [
            name.decode("utf-8", "replace")
            for (name,) in self._con.execute(
                "SELECT name FROM sqlite_master WHERE type IN ('table', 'view') "
                "AND name NOT LIKE 'sqlite_%' ORDER BY name"
            )
        ]
        table = self._table(source, names)
        self._wanted = wanted = Selection(self._location, table, describe(self._con, table), source.part)
        wanted.prepare(self._con)
        self.clock = datetime.now(UTC)
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

    def _table(self, source: Source, names: list[str]) -> str:
        known = listed(names)
        if source.table is None:
            if len(names) == 1:
                return names[0]
            raise errors.TableNotNamed(location=self._location, tables=known)
        for name in names:
            if name.casefold() == source.table.casefold():
                return name
        raise errors.TableMissing(location=self._location, table=source.table, tables=known)

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
            raise self._say(problem) from None

    def acknowledge(self) -> None:
        """Sets the mark on exactly the rows that were read, in a transaction of its own."""
        wanted = self._wanted
        if not self._sequences or wanted.mark is None or self._delivered != self.declared:
            return
        place = {"location": self._location, "table": wanted.table}
        # the snapshot would keep the writer of a file without WAL waiting for itself
        self._con.close()
        try:
            with closing(self._connect(Path(self._location), "rw")) as con:
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

    def _say(self, problem: sqlite3.Error) -> errors.BadInput | errors.Failed:
        message = str(problem)
        if "not a database" in message or "encrypted" in message:
            return errors.NotDatabase(location=self._location)
        if "locked" in message or "busy" in message:
            return errors.SourceLocked(location=self._location)
        if "malformed" in message or "corrupt" in message:
            return errors.DatabaseDamaged(location=self._location, reason=message)
        if "unable to open" in message or "readonly" in message:
            return errors.SourceUnreadable(location=self._location, reason=message)
        if "no such" in message or "schema has changed" in message:
            return errors.TableChanged(location=self._location, table=self._named, reason=message)
        return errors.SourceBroke(location=self._location, reason=message)

    def __exit__(self, *exc: object) -> None:
        self._con.close()
