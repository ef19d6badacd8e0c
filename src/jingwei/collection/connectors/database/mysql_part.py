"""The SQL of a part of a MySQL or MariaDB table: which rows, compared in the type each column has.

MySQL compares a number with a text as floating point and takes a date it cannot read for nothing; so values are
written as literals of the column's own kind, and what does not fit is refused before anything is read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from jingwei.collection.connectors import errors
from jingwei.collection.connectors.base import Part
from jingwei.collection.connectors.database import parts
from jingwei.kernel.text import Text

BYTES = (
    "binary", "varbinary", "tinyblob", "blob", "mediumblob", "longblob", "geometry", "point", "linestring", "polygon",
    "multipoint", "multilinestring", "multipolygon", "geometrycollection",
)  # fmt: skip
NUMBERS = (
    "tinyint", "smallint", "mediumint", "int", "integer", "bigint", "decimal", "numeric", "float", "double", "year",
    "bit",
)  # fmt: skip
TIMES = {"date": "DATE", "datetime": "DATETIME(6)", "timestamp": "DATETIME(6)", "time": "TIME(6)"}

STATEMENT = 4_000_000
"""Characters of keys in one statement: servers take at least 16 MB (max_allowed_packet)."""

_NUMBER = re.compile(r"[-+]?\d+(?:\.\d*)?(?:[eE][-+]?\d+)?")


def quoted(name: str) -> str:
    return "`" + name.replace("`", "``") + "`"


def literal(text: str) -> str:
    """A text for the server. Whether a backslash escapes there is a setting: such texts go over as bytes."""
    if "\\" in text:
        return f"_utf8mb4 X'{text.encode().hex()}'"
    return "'" + text.replace("'", "''") + "'"


@dataclass(frozen=True)
class Column:
    name: str
    kind: str

    @property
    def quoted(self) -> str:
        return quoted(self.name)

    @property
    def printed(self) -> str:
        """The column as text; bytes, which have none, in MySQL's own notation x'FFD8'."""
        if self.kind in BYTES or self.kind == "bit":
            return f"CONCAT('x''', HEX({self.quoted}), '''')"
        return f"CONVERT({self.quoted}, CHAR)"

    def value(self, text: str) -> str | None:
        """The literal this column can be compared with, or None."""
        if self.kind in NUMBERS:
            return text.strip() if _NUMBER.fullmatch(text.strip()) else None
        if self.kind in TIMES:
            return f"CAST({literal(text)} AS {TIMES[self.kind]})"
        return None if self.kind in BYTES else literal(text)


class Selection:
    """The rows and columns of one table that are wanted."""

    def __init__(self, location: str, table: str, columns: Sequence[Column], part: Part | None):
        self.table = quoted(table)
        self.names = parts.Names(location, table, [column.name for column in columns])
        self._columns = {column.name: column for column in columns}
        self._location = location
        self.part = part or Part()
        self.read = [self._columns[name] for name in self.names.read(part)]
        self.cursor = self._column(self.part.cursor, parts.CURSOR)
        self.key = [self._columns[self.names.find(name, parts.KEY)] for name in self.part.key]
        changes = self.part.changes
        self.sequence = self._column(changes.sequence, parts.SEQUENCE) if changes else None
        self.mark = self._column(changes.acknowledge, parts.ACKNOWLEDGE) if changes else None

    def _column(self, name: str | None, role: Text) -> Column | None:
        return self._columns[self.names.find(name, role)] if name else None

    def statements(self) -> Iterator[str]:
        """Each gives one row of facts (count of the wanted rows, the server's time and that in UTC, count of all), then the rows, in one
        snapshot. There are several only where the keys do not go into one statement."""
        keyed = list(self._among()) if self.key else [""]
        for condition in keyed:
            yield self._statement([condition] if condition else [])

    def _statement(self, more: list[str]) -> str:
        conditions = [*self._conditions(), *more]
        where = f" WHERE {' AND '.join(conditions)}" if conditions else ""
        rows = f"FROM {self.table}{where}"
        total = f"(SELECT count(*) FROM {self.table})" if parts.restricts(self.part) else "NULL"
        cells = [self.sequence.printed if self.sequence else "NULL", *(one.printed for one in self.read)]
        facts = f"CONCAT_WS(' ', (SELECT count(*) {rows}), NOW(6), UTC_TIMESTAMP(6), {total}) AS facts"
        names = [f"c{at}" for at in range(len(cells))]
        empty = ", ".join(f"NULL AS {name}" for name in names)
        filled = ", ".join(f"{cell} AS {name}" for cell, name in zip(cells, names, strict=True))
        told = f"SELECT 0 AS n, {facts}, {empty} UNION ALL SELECT 1, NULL, {filled} {rows}"
        if self.sequence is None:
            return told
        # the order of rows, which a union does not keep
        ordered = f"SELECT 1 AS n, NULL AS facts, {filled}, {self.sequence.quoted} AS s {rows}"
        return f"SELECT 0 AS n, {facts}, {empty}, NULL AS s UNION ALL {ordered} ORDER BY n, s"

    def _conditions(self) -> list[str]:
        conditions: list[str] = []
        if self.cursor is not None and self.part.since is not None:
            conditions.append(self._newer(self.cursor, self.part.since))
        if self.mark is not None:
            conditions.append(f"NOT ({self.mark.quoted} <=> {self.marked()})")
        return conditions

    def _newer(self, cursor: Column, since: str) -> str:
        value = cursor.value(since)
        if value is None:
            raise self.incomparable("")
        if cursor.kind in NUMBERS or cursor.kind in TIMES:
            return f"({cursor.quoted} IS NULL OR {cursor.quoted} >= {value})"
        # byte by byte, as the lake compares, not by the column's collation
        text = f"CONVERT({cursor.quoted} USING utf8mb4) COLLATE utf8mb4_bin"
        return f"({cursor.quoted} IS NULL OR {text} >= {value})"

    def time(self) -> str | None:
        """The cursor's last value, where it must not come to nothing when the server reads it as a time."""
        if self.cursor is None or self.part.since is None or self.cursor.kind not in TIMES:
            return None
        return self.cursor.value(self.part.since)

    def incomparable(self, reason: str) -> errors.CursorIncomparable:
        assert self.cursor is not None
        return errors.CursorIncomparable(
            location=self._location,
            column=self.cursor.name,
            type=self.cursor.kind,
            since=self.part.since,
            reason=reason or "-",
        )

    def _among(self) -> Iterator[str]:
        """Conditions that together name all keys, each of them short enough for one statement."""
        names = ", ".join(column.quoted for column in self.key)
        pending: list[str] = []
        size = 0
        for key in self.part.keys:
            values = [column.value(text) for column, text in zip(self.key, key, strict=True)]
            if None in values:
                # a number cannot be equal to this text
                continue
            pending.append(f"({', '.join(str(value) for value in values)})")
            size += len(pending[-1])
            if size > STATEMENT:
                yield f"({names}) IN ({', '.join(pending)})"
                pending, size = [], 0
        yield f"({names}) IN ({', '.join(pending)})" if pending else "FALSE"

    def marked(self) -> str:
        """The value that says a change was applied."""
        assert self.mark is not None and self.part.changes is not None
        value = self.mark.value(self.part.changes.acknowledged)
        if value is None:
            raise errors.OptionWrong(option="changes.acknowledged", value=self.part.changes.acknowledged)
        return value

    def acknowledge(self, values: Sequence[str]) -> Iterator[tuple[str, str]]:
        """Pairs of statements: one sets the mark on the rows with these sequence values, unless two rows have the
        same one; the other counts those that still have none."""
        if self.mark is None or self.sequence is None:
            return
        mark, sequence, marked = self.mark.quoted, self.sequence.quoted, self.marked()
        for start in range(0, len(values), 20_000):
            given = ", ".join(
                self.sequence.value(value) or "NULL" for value in values[start : start + 20_000]
            )
            open_rows = f"FROM {self.table} WHERE NOT ({mark} <=> {marked}) AND {sequence} IN ({given})"
            once = f"SELECT {sequence} AS s {open_rows} GROUP BY {sequence} HAVING count(*) = 1"
            yield (
                f"UPDATE {self.table} JOIN ({once}) AS once ON once.s = {self.table}.{sequence}"
                f" SET {self.table}.{mark} = {marked} WHERE NOT ({self.table}.{mark} <=> {marked})",
                f"SELECT count(*) {open_rows}",
            )
