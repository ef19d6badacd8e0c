"""The SQL of a part of a PostgreSQL table: which rows, compared in the type each column has.

A text cursor is compared byte by byte, as the lake does, not by the server's collation. Keys come as text
and are turned into the column's own type, so that its index serves; where that fails (a key that changed
its type), the column is turned into text instead.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import psycopg
from psycopg import sql

from jingwei.collection.connectors.base import Part
from jingwei.collection.connectors.database import parts
from jingwei.kernel.text import Text

Query = sql.SQL | sql.Composed

COLUMNS = (
    "SELECT a.attname, format_type(coalesce(nullif(t.typbasetype, 0), a.atttypid), -1), t.typcategory = 'S' "
    "FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid "
    "WHERE a.attrelid = %s AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum"
)


@dataclass(frozen=True)
class Column:
    """A column with its base type as SQL writes it, without its length."""

    name: str
    type: str
    textual: bool

    @property
    def quoted(self) -> sql.Identifier:
        return sql.Identifier(self.name)

    @property
    def printed(self) -> Query:
        return sql.SQL("{}::text").format(self.quoted)

    def cast(self, value: sql.Composable) -> Query:
        return sql.SQL("{}::{}").format(value, sql.SQL(self.type))


class Selection:
    """The rows and columns of one table that are wanted. `keys_as_text` may be set once casting keys failed."""

    def __init__(
        self,
        location: str,
        schema: str,
        table: str,
        columns: Sequence[Column],
        part: Part | None,
    ):
        self.table = sql.Identifier(schema, table)
        self.names = parts.Names(location, table, [column.name for column in columns])
        self._columns = {column.name: column for column in columns}
        self.part = part or Part()
        self.read = [self._columns[name] for name in self.names.read(part)]
        self.keys_as_text = False
        self.cursor = self.column(self.part.cursor, parts.CURSOR)
        self.key = [self._columns[self.names.find(name, parts.KEY)] for name in self.part.key]
        changes = self.part.changes
        self.sequence = self.column(changes.sequence, parts.SEQUENCE) if changes else None
        self.mark = self.column(changes.acknowledge, parts.ACKNOWLEDGE) if changes else None

    def column(self, name: str | None, role: Text) -> Column | None:
        return self._columns[self.names.find(name, role)] if name else None

    def query(self) -> Query:
        """Every wanted cell as PostgreSQL prints it."""
        cells = sql.SQL(", ").join(column.printed for column in self.read)
        return sql.SQL("SELECT {} FROM {}{}{}").format(cells, self.table, self._where(), self._order())

    def counts(self) -> Query:
        """The server's time, the count of the wanted rows, and that of all."""
        if not parts.restricts(self.part):
            return sql.SQL("SELECT now(), count(*), NULL FROM {}").format(self.table)
        return sql.SQL("SELECT now(), (SELECT count(*) FROM {0}{1}), (SELECT count(*) FROM {0})").format(
            self.table, self._where()
        )

    def sequences(self) -> Query | None:
        """The sequence values of the wanted rows, where this is a change table."""
        if self.sequence is None:
            return None
        return sql.SQL("SELECT {} FROM {}{}{}").format(
            self.sequence.printed, self.table, self._where(), self._order()
        )

    def acknowledge(self, values: list[str]) -> Query | None:
        """Sets the mark on the rows with these sequence values, and on no others."""
        if self.mark is None or self.sequence is None or self.part.changes is None:
            return None
        marked = self.mark.cast(sql.Literal(self.part.changes.acknowledged))
        return sql.SQL(
            "UPDATE {table} SET {mark} = {marked} WHERE {mark} IS DISTINCT FROM {marked}"
            " AND {sequence} IN (SELECT {value} FROM unnest({values}::text[]) AS u(v))"
        ).format(
            table=self.table,
            mark=self.mark.quoted,
            marked=marked,
            sequence=self.sequence.quoted,
            value=self.sequence.cast(sql.Identifier("u", "v")),
            values=sql.Literal(values),
        )

    def _where(self) -> Query:
        conditions: list[Query] = []
        if self.cursor is not None and self.part.since is not None:
            conditions.append(self._newer(self.cursor, self.part.since))
        if self.key:
            conditions.append(self._among())
        if self.mark is not None and self.part.changes is not None:
            marked = self.mark.cast(sql.Literal(self.part.changes.acknowledged))
            conditions.append(sql.SQL("{} IS DISTINCT FROM {}").format(self.mark.quoted, marked))
        return sql.SQL(" WHERE ") + sql.SQL(" AND ").join(conditions) if conditions else sql.SQL("")

    def _newer(self, cursor: Column, since: str) -> Query:
        value = cursor.cast(sql.Literal(since))
        if cursor.textual:
            value = sql.SQL('{} COLLATE "C"').format(value)
        return sql.SQL("({0} IS NULL OR {0} >= {1})").format(cursor.quoted, value)

    def _among(self) -> Query:
        """Rows with one of the keys; each column of the keys goes over as one array."""
        names = [sql.Identifier(f"k{at}") for at in range(len(self.key))]
        arrays = [
            sql.SQL("{}::text[]").format(sql.Literal([key[at] for key in self.part.keys]))
            for at in range(len(self.key))
        ]
        there: list[sql.Composable] = [column.quoted for column in self.key]
        given: list[sql.Composable] = [
            column.cast(name) for column, name in zip(self.key, names, strict=True)
        ]
        if self.keys_as_text:
            there, given = [column.printed for column in self.key], list(names)
        return sql.SQL("({}) IN (SELECT {} FROM unnest({}) AS u({}))").format(
            *(sql.SQL(", ").join(some) for some in (there, given, arrays, names))
        )

    def _order(self) -> Query:
        return sql.SQL(" ORDER BY {}").format(self.sequence.quoted) if self.sequence else sql.SQL("")


def describe(con: psycopg.Connection, oid: int) -> list[Column]:
    """The columns of a relation, in its order."""
    rows = con.execute(COLUMNS, [oid]).fetchall()
    return [Column(_str(name), _str(kind), textual) for name, kind, textual in rows]


def _str(value: str | bytes) -> str:
    return value if isinstance(value, str) else value.decode("utf-8", "replace")
