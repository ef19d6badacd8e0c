"""The SQL of a part of an SQLite table: which rows, compared as SQLite keeps each value.

SQLite types values, not columns. A cursor is compared as a number with numbers and byte by byte with text; a
value of another kind than the last one seen cannot be compared and is read each time, as an empty one is:
a row too many does no harm, one too few would be lost.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from jingwei.collection.connectors.base import Part
from jingwei.collection.connectors.database import parts
from jingwei.collection.connectors.database.rows import Row
from jingwei.kernel.text import Text


def quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


@dataclass(frozen=True)
class Column:
    """`affinity`: TEXT, NUMERIC or nothing, by the rules of SQLite's documentation (datatype3, 3.1)."""

    name: str
    affinity: str

    @property
    def printed(self) -> str:
        name = quoted(self.name)
        return (
            f"CASE typeof({name}) WHEN 'blob' THEN 'x''' || hex({name}) || '''' ELSE CAST({name} AS TEXT) END"
        )


def describe(con: sqlite3.Connection, table: str) -> list[Column]:
    names = [d[0] for d in con.execute(f"SELECT * FROM {quoted(table)} LIMIT 0").description]
    # hidden columns are not listed, those of views without a type
    declared = {
        _str(name): _str(kind or b"")
        for name, kind in con.execute("SELECT name, type FROM pragma_table_xinfo(?)", [table])
    }
    return [Column(name, _affinity(declared.get(name, ""))) for name in names]


def _affinity(declared: str) -> str:
    kind = declared.upper()
    if "INT" in kind:
        return "NUMERIC"
    if any(word in kind for word in ("CHAR", "CLOB", "TEXT")):
        return "TEXT"
    return "" if "BLOB" in kind or not kind else "NUMERIC"


class Selection:
    """The rows and columns of one table that are wanted."""

    def __init__(self, location: str, table: str, columns: Sequence[Column], part: Part | None):
        self.table = table
        self.names = parts.Names(location, table, [column.name for column in columns])
        self._columns = {column.name: column for column in columns}
        self.part = part or Part()
        self.read = [self._columns[name] for name in self.names.read(part)]
        self.cursor = self._column(self.part.cursor, parts.CURSOR)
        self.key = [self._columns[self.names.find(name, parts.KEY)] for name in self.part.key]
        changes = self.part.changes
        self.sequence = self._column(changes.sequence, parts.SEQUENCE) if changes else None
        self.mark = self._column(changes.acknowledge, parts.ACKNOWLEDGE) if changes else None

    def _column(self, name: str | None, role: Text) -> Column | None:
        return self._columns[self.names.find(name, role)] if name else None

    def prepare(self, con: sqlite3.Connection) -> None:
        """Keys go into a table of the connection's own memory: there may be many thousands."""
        if not self.key:
            return
        con.execute("PRAGMA temp_store = MEMORY")
        # without a type, a key is compared as the column's own type has it
        columns = ", ".join(f"k{at}" for at in range(len(self.key)))
        con.execute(f"CREATE TEMP TABLE wanted ({columns}, PRIMARY KEY ({columns})) WITHOUT ROWID")
        marks = ", ".join("?" for _ in self.key)
        con.executemany(f"INSERT OR IGNORE INTO temp.wanted VALUES ({marks})", self.part.keys)

    def count(self, con: sqlite3.Connection) -> tuple[int, int | None]:
        """Of the wanted rows, and of all where some are left out."""
        where, values = self._where()
        (count,) = con.execute(f"SELECT count(*) FROM {quoted(self.table)}{where}", values).fetchone()
        if not parts.restricts(self.part):
            return count, None
        (total,) = con.execute(f"SELECT count(*) FROM {quoted(self.table)}").fetchone()
        return count, total

    def rows(self, con: sqlite3.Connection) -> Iterator[Row]:
        where, values = self._where()
        cells = ", ".join(column.printed for column in self.read)
        yield from con.execute(f"SELECT {cells} FROM {quoted(self.table)}{where}{self._order()}", values)

    def sequences(self, con: sqlite3.Connection) -> list[bytes | None]:
        assert self.sequence is not None
        where, values = self._where()
        query = f"SELECT {self.sequence.printed} FROM {quoted(self.table)}{where}{self._order()}"
        return [value for (value,) in con.execute(query, values)]

    def acknowledge(self, con: sqlite3.Connection, values: Sequence[str]) -> int:
        """Sets the mark on the rows with these sequence values, on no others; how many had none yet."""
        changes = self.part.changes
        assert changes is not None and self.sequence is not None and self.mark is not None
        con.execute("CREATE TEMP TABLE applied (v PRIMARY KEY) WITHOUT ROWID")
        con.executemany("INSERT INTO temp.applied VALUES (?)", [(value,) for value in values])
        mark, sequence = quoted(self.mark.name), self._as_text_where_untyped(self.sequence)
        done = con.execute(
            f"UPDATE {quoted(self.table)} SET {mark} = ?1 WHERE {self._unmarked()}"
            f" AND {sequence} IN (SELECT v FROM temp.applied)",
            [changes.acknowledged],
        )
        return done.rowcount

    def _unmarked(self) -> str:
        assert self.mark is not None
        return f"{self._as_text_where_untyped(self.mark)} IS NOT ?1"

    @staticmethod
    def _as_text_where_untyped(column: Column) -> str:
        """A column without a type keeps numbers beside text; they are equal if they print alike."""
        return quoted(column.name) if column.affinity else f"CAST({quoted(column.name)} AS TEXT)"

    def _where(self) -> tuple[str, dict[str, Any] | list[Any]]:
        conditions: list[str] = []
        values: list[Any] = []
        if self.mark is not None and self.part.changes is not None:
            # first, because it names its value by number
            conditions.append(self._unmarked())
            values.append(self.part.changes.acknowledged)
        if self.cursor is not None and self.part.since is not None:
            conditions.append(self._newer(self.cursor, self.part.since))
        if self.key:
            there = ", ".join(map(self._as_text_where_untyped, self.key))
            conditions.append(f"({there}) IN (SELECT * FROM temp.wanted)")
        return (f" WHERE {' AND '.join(conditions)}" if conditions else ""), values

    @staticmethod
    def _newer(cursor: Column, since: str) -> str:
        name, text = quoted(cursor.name), "'" + since.replace("'", "''") + "'"
        number = f"CAST({text} AS NUMERIC)" if _is_number(since) else None
        if cursor.affinity == "TEXT":
            # blobs sort after all text
            return f"({name} IS NULL OR {name} >= {text} COLLATE BINARY)"
        if cursor.affinity == "NUMERIC" and number:
            # text that is no number, and blobs, sort after all numbers
            return f"({name} IS NULL OR {name} >= {number})"
        among_numbers = f"{name} >= {number}" if number else "TRUE"
        return (
            f"CASE typeof({name}) WHEN 'text' THEN {name} >= {text} COLLATE BINARY"
            f" WHEN 'integer' THEN {among_numbers} WHEN 'real' THEN {among_numbers} ELSE TRUE END"
        )

    def _order(self) -> str:
        return f" ORDER BY {quoted(self.sequence.name)}" if self.sequence else ""


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return text.strip().lower().lstrip("+-") not in ("nan", "inf", "infinity")


def _str(value: str | bytes) -> str:
    return value if isinstance(value, str) else value.decode("utf-8", "replace")
