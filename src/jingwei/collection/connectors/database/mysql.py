"""MySQL and MariaDB tables, through DuckDB's scanner: every value as the server prints it.

The server turns each value into utf8mb4 text itself. Each statement of the scanner has a snapshot of its own;
so one statement gives the counts and the server's time in its first row and then the rows. It is begun when the
source is opened.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta, timezone
from typing import TypeVar

import duckdb
import pyarrow as pa

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
from jingwei.collection.connectors.batches import ROWS, from_arrays
from jingwei.collection.connectors.database import sequences
from jingwei.collection.connectors.database.address import Address, parse
from jingwei.collection.connectors.database.checking import Inspector, check
from jingwei.collection.connectors.database.mysql_part import Column, Selection, literal, quoted
from jingwei.engines.duckdb import extensions
from jingwei.kernel.text import listed

T = TypeVar("T")


@register
class MySQL(Connector):
    """`Source.table` names the table or view; option: `server`."""

    name = "mysql"
    formats = ("mysql",)
    schemes = ("mysql", "mariadb")
    capabilities = frozenset({CURSOR, COLUMNS, KEYS, CHANGES})

    def open(self, source: Source) -> Reader:
        address = parse(source.location, source.options, "MYSQL_PWD")
        return MySQLReader(source, address)

    def check(self, source: Source) -> Iterator[Finding]:
        address = parse(source.location, source.options, "MYSQL_PWD")
        return check(source, lambda: MySQLInspector(source, address))


def ask(con: duckdb.DuckDBPyConnection, query: str) -> list[tuple[str, ...]]:
    return con.execute(f"FROM mysql_query('source', {_literal(query)})").fetchall()


def find(con: duckdb.DuckDBPyConnection, address: Address, named: str) -> str:
    """The table's name, whatever case the contract writes it in."""
    query = "SELECT table_name FROM information_schema.tables WHERE table_schema = database() ORDER BY 1"
    tables = [name for (name,) in ask(con, query)]
    known = listed(tables[:20])
    if not named:
        if len(tables) == 1:
            return tables[0]
        raise errors.TableNotNamed(location=address.shown, tables=known)
    for same in (str, str.casefold):
        for name in tables:
            if same(name) == same(named):
                return name
    raise errors.TableMissing(location=address.shown, table=named, tables=known)


def describe(con: duckdb.DuckDBPyConnection, table: str) -> list[Column]:
    rows = ask(
        con,
        "SELECT column_name, data_type FROM information_schema.columns WHERE table_schema = database() "
        f"AND table_name = {literal(table)} ORDER BY ordinal_position",
    )
    return [Column(name, kind.lower()) for name, kind in rows]


class MySQLReader(Reader):
    def __init__(self, source: Source, address: Address) -> None:
        super().__init__()
        self._address = address
        self._named = source.table or ""
        self._delivered = 0
        self._sequences: list[str | None] = []
        self._con = _connect(address)
        try:
            self._begin(source)
        except duckdb.Error as problem:
            self._con.close()
            raise _say(self._address, problem, self._named) from None
        except (errors.BadInput, errors.Failed):
            self._con.close()
            raise

    def _begin(self, source: Source) -> None:
        table = find(self._con, self._address, self._named)
        columns = describe(self._con, table)
        self._wanted = wanted = Selection(self._address.shown, table, columns, source.part)
        time = wanted.time()
        if time and ask(self._con, f"SELECT {time}")[0][0] is None:
            raise wanted.incomparable("")
        self.columns = headers.columns(self._address.shown, [one.name for one in wanted.read], source.headers)
        self.facts |= {
            "format": "mysql",
            "location": self._address.shown,
            "table": table,
            "server": f"MySQL {ask(self._con, 'SELECT version()')[0][0]}",
        }
        self.declared = 0
        self._incoming = self._answers()
        self._first = next(self._incoming)

    def batches(self) -> Iterator[Batch]:
        """Every row once; raises `SourceIncomplete` unless as many came as were counted."""
        try:
            for rows in self._all():
                first = self._delivered + 1
                self._delivered += rows.num_rows
                if self._wanted.sequence is not None:
                    self._sequences += rows.column(2).cast(pa.string()).to_pylist()
                arrays = [column.cast(pa.string()) for column in rows.columns[3 : 3 + len(self.columns)]]
                yield from_arrays(self.columns, arrays, range(first, first + rows.num_rows))
        except (duckdb.Error, pa.ArrowException, OSError) as problem:
            raise _say(self._address, problem, self._named, self._delivered) from None
        if self._delivered != self.declared:
            raise errors.SourceIncomplete(
                location=self._address.shown, declared=self.declared, read=self._delivered
            )
        if self._wanted.sequence is not None:
            sequences.checked(self._sequences, self._address.shown, self._named, self._wanted.sequence.name)

    def _all(self) -> Iterator[pa.RecordBatch]:
        yield self._first
        yield from self._incoming

    def _answers(self) -> Iterator[pa.RecordBatch]:
        """The rows of every statement, without its row of facts, which is noted."""
        for statement in self._wanted.statements():
            told = False
            for rows in self._con.execute(
                f"FROM mysql_query('source', {_literal(statement)})"
            ).to_arrow_reader(ROWS):
                if not told:
                    self._note(str(rows.column(1)[0].as_py()))
                    told, rows = True, rows.slice(1)
                yield rows

    def _note(self, facts: str) -> None:
        count, day, hour, day_utc, hour_utc, *total = facts.split(" ")
        self.declared = self.facts["declared"] = (self.declared or 0) + int(count)
        self.total = int(total[0]) if total else None
        now, universal = (
            datetime.fromisoformat(f"{one} {two}") for one, two in ((day, hour), (day_utc, hour_utc))
        )
        # in the server's own zone, as the times in its tables are
        self.clock = now.replace(
            tzinfo=timezone(timedelta(minutes=round((now - universal).total_seconds() / 60)))
        )

    def acknowledge(self) -> None:
        """Sets the mark on exactly the rows that were read, through a connection that may write."""
        wanted = self._wanted
        values = [value for value in self._sequences if value is not None]
        if not values or wanted.mark is None or self._delivered != self.declared:
            return
        place = {"location": self._address.shown, "table": self._named}
        self._con.close()
        try:
            with _connect(self._address, write=True) as con:
                for update, left in wanted.acknowledge(values):
                    con.execute(f"CALL mysql_execute('source', {_literal(update)})")
                    answer = con.execute(f"FROM mysql_query('source', {_literal(left)})").fetchone()
                    if answer and int(answer[0]):
                        # a row with a sequence value of ours came since: it was not read
                        raise errors.AcknowledgeFailed(**place, reason=sequences.AGAIN)
        except duckdb.Error as problem:
            message = self._address.hide(problem)
            if "command denied" in message:
                raise errors.AcknowledgeRefused(**place, column=wanted.mark.name) from None
            raise errors.AcknowledgeFailed(**place, reason=message) from None

    def __exit__(self, *exc: object) -> None:
        self._con.close()


def _say(address: Address, problem: Exception, table: str = "", read: int | None = None) -> Exception:
    """The server's error as one of ours; `read` when records were coming already."""
    # the scanner puts the whole statement before what the server said
    message = address.hide(re.sub(r'(?s)query ".*"', "query", str(problem)))
    if re.search(r"Access denied for user .*to database|Unknown database", message):
        return errors.DatabaseMissing(location=address.shown)
    if "Access denied" in message or "authentication" in message.lower():
        return errors.CredentialsRefused(location=address.shown, variable=address.variable)
    if "command denied" in message:
        return errors.TableRefused(location=address.shown, table=table)
    if re.search(r"doesn't exist|Unknown column|definition has changed", message):
        return errors.TableChanged(location=address.shown, table=table, reason=message)
    if "Lock wait timeout" in message:
        return errors.SourceLocked(location=address.shown)
    if read is not None:
        return errors.SourceWentAway(location=address.shown, read=read, reason=message)
    return errors.SourceUnreachable(location=address.shown, reason=message)


def _connect(address: Address, write: bool = False) -> duckdb.DuckDBPyConnection:
    con = duckdb.connect(":memory:")
    try:
        extensions.load(con, "mysql_scanner")
        parts = {
            "host": address.host or "localhost",
            "port": str(address.port or 3306),
            "user": address.user,
            "passwd": address.password,
            "db": address.database,
        }
        if address.host.startswith("/"):
            parts = {**parts, "host": "localhost", "socket": address.host}
        text = " ".join(f"{key}={_value(value)}" for key, value in parts.items() if value)
        # the scanner would give a table five minutes at most, and DuckDB draw its own progress on the screen
        con.execute("SET mysql_query_timeout_enabled = false")
        con.execute("SET enable_progress_bar = false")
        con.execute(f"ATTACH {_literal(text)} AS source (TYPE mysql{'' if write else ', READ_ONLY'})")
    except duckdb.Error as problem:
        con.close()
        raise _say(address, problem) from None
    return con


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _value(text: str) -> str:
    """A value of a connection text: quoted, so that blanks in a password do no harm."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


class MySQLInspector(Inspector):
    def __init__(self, source: Source, address: Address) -> None:
        self._named, self._address = source.table or "", address
        self._con = _connect(address)
        self._table = ""
        try:
            self.product = f"MySQL {ask(self._con, 'SELECT version()')[0][0]}"
        except duckdb.Error as problem:
            self._con.close()
            raise _say(address, problem) from None

    def find(self) -> str:
        self._table = self._try(lambda: find(self._con, self._address, self._named))
        return self._table

    def columns(self) -> list[str]:
        return self._try(lambda: [column.name for column in describe(self._con, self._table)])

    def try_reading(self) -> None:
        self._try(lambda: ask(self._con, f"SELECT 1 FROM {quoted(self._table)} LIMIT 0"))

    def may_mark(self, column: str) -> bool:
        # what no row answers to changes nothing, but is refused where updating is
        harmless = f"UPDATE {quoted(self._table)} SET {quoted(column)} = {quoted(column)} WHERE FALSE"
        try:
            with _connect(self._address, write=True) as con:
                con.execute(f"CALL mysql_execute('source', {_literal(harmless)})")
        except duckdb.Error as problem:
            if "denied" in str(problem):
                return False
            raise _say(self._address, problem, self._named) from None
        return True

    def now(self) -> datetime:
        found = self._try(lambda: ask(self._con, "SELECT CAST(UTC_TIMESTAMP(6) AS CHAR)"))[0][0]
        return datetime.fromisoformat(found).replace(tzinfo=UTC)

    def _try(self, act: Callable[[], T]) -> T:
        try:
            return act()
        except duckdb.Error as problem:
            raise _say(self._address, problem, self._named) from None

    def __exit__(self, *exc: object) -> None:
        self._con.close()
