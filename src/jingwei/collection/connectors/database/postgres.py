"""PostgreSQL tables, through COPY: the fastest way out, and every value as PostgreSQL prints it.

Large tables go through `postgres_stream`, what it does not fit (small ones, databases whose text may not be
UTF-8, servers that only resemble PostgreSQL) through COPY's text format and `copytext`.

    find the table ─ lock it against change ─ one snapshot: the server's time, counts, rows ─▶ batches
    ... the lake has them ... ─ acknowledge ─▶ a short transaction of its own

Counting and reading happen in one REPEATABLE READ transaction, hence in one snapshot. The table is
locked (against ALTER, DROP and TRUNCATE only) before that snapshot is taken, because a table rewritten
after it would look empty in it.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import psycopg
from psycopg import sql

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
from jingwei.collection.connectors.batches import from_arrays
from jingwei.collection.connectors.database import copytext, sequences
from jingwei.collection.connectors.database.adbc_session import DriverError
from jingwei.collection.connectors.database.address import Address, parse
from jingwei.collection.connectors.database.checking import Inspector, check
from jingwei.collection.connectors.database.postgres_part import Selection, describe
from jingwei.collection.connectors.database.postgres_stream import Stream, Unfit
from jingwei.kernel.text import listed

log = logging.getLogger(__name__)

BLOCK = 4_000_000
"""Bytes taken from the server before they are cut into rows."""

LARGE = 5_000
"""Rows from which a second connection pays."""

LOCKABLE = ("r", "p", "v")
"""Kinds of relations LOCK TABLE takes."""

PATIENCE = 10
"""Seconds to wait for the server to answer the first time."""

LOCK_PATIENCE = "10s"
"""To wait for whoever is altering the table."""


@register
class Postgres(Connector):
    """`Source.table` names the table or view, alone or with its schema; options: `server`, `schema`."""

    name = "postgres"
    formats = ("postgres",)
    schemes = ("postgresql", "postgres")
    capabilities = frozenset({CURSOR, COLUMNS, KEYS, CHANGES})

    def open(self, source: Source) -> Reader:
        address = parse(source.location, source.options, "PGPASSWORD")
        return PostgresReader(source, address, _connect(address))

    def check(self, source: Source) -> Iterator[Finding]:
        address = parse(source.location, source.options, "PGPASSWORD")
        return check(source, lambda: PostgresInspector(source, address, _connect(address)))


def _parameters(address: Address) -> dict[str, Any]:
    return {
        "host": address.host or None,
        "port": address.port,
        "dbname": address.database or None,
        "user": address.user or None,
        "password": address.password or None,
        "connect_timeout": PATIENCE,
        "application_name": "jingwei",
        # a server that vanished is noticed within a minute instead of hours
        "keepalives_idle": 20,
        "keepalives_interval": 10,
        "keepalives_count": 4,
        "options": "-c datestyle=ISO -c intervalstyle=postgres -c extra_float_digits=1"
        f" -c lock_timeout={LOCK_PATIENCE}",
    }


def _connect(address: Address) -> psycopg.Connection:
    try:
        con = psycopg.connect(**_parameters(address), autocommit=True)
        if con.info.parameter_status("server_encoding") != "SQL_ASCII":
            con.execute("SET client_encoding TO 'UTF8'")
    except psycopg.Error as problem:
        raise _say(address, problem) from None
    except UnicodeError as problem:
        raise errors.OptionWrong(option="location", value=address.hide(problem)) from None
    return con


_REFUSED = ("28P01", "28000")
_CHANGED = ("42P01", "42703", "XX000")
"""No such table, no such column, and what a relation dropped in between is called."""

_LOGIN = re.compile(
    r"password authentication failed|no password supplied|role \".*\" does not exist|no pg_hba.conf entry"
)


def _say(address: Address, problem: psycopg.Error, table: str = "", read: int | None = None) -> Exception:
    """The driver's error as one of ours; `read` when records were coming already."""
    message = address.hide(problem)
    state = problem.sqlstate or ""
    dropped = isinstance(problem, psycopg.OperationalError)
    return _told(address, message, state, dropped, table, read)


def _told(
    address: Address, message: str, state: str, dropped: bool, table: str, read: int | None
) -> Exception:
    """By the server's code of the error, else by its words; `dropped` if the connection itself failed."""
    if state in _REFUSED or _LOGIN.search(message):
        return errors.CredentialsRefused(location=address.shown, variable=address.variable)
    if state == "3D000" or re.search(r"database \".*\" does not exist", message):
        return errors.DatabaseMissing(location=address.shown)
    if state == "42501":
        return errors.TableRefused(location=address.shown, table=table)
    if state in _CHANGED:
        return errors.TableChanged(location=address.shown, table=table, reason=message)
    if state == "55P03":
        return errors.SourceLocked(location=address.shown)
    if read is not None and (state[:2] in ("", "57", "08") or dropped):
        return errors.SourceWentAway(location=address.shown, read=read, reason=message)
    if dropped:
        return errors.SourceUnreachable(location=address.shown, reason=message)
    return errors.SourceBroke(location=address.shown, reason=message)


def find(con: psycopg.Connection, address: Address, named: str) -> tuple[int, str, str, str]:
    """Number, schema, name and kind of the table, whatever case the contract writes them in."""
    rows = con.execute(
        "SELECT c.oid, n.nspname, c.relname, c.relkind FROM pg_class c"
        " JOIN pg_namespace n ON n.oid = c.relnamespace "
        "WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND n.nspname !~ '^(pg_|information_schema$)' "
        "ORDER BY array_position(current_schemas(false), n.nspname), 2, 3"
    ).fetchall()
    tables = [(oid, _str(schema), _str(name), _str(kind)) for oid, schema, name, kind in rows]
    known = listed(f"{schema}.{name}" for _, schema, name, _ in tables[:20])
    if not named:
        if len(tables) == 1:
            return tables[0]
        raise errors.TableNotNamed(location=address.shown, tables=known)
    for same in (str, str.casefold):
        for found in tables:
            _, schema, name, _ = found
            full = f"{schema}.{name}"
            in_schema = not address.schema or same(schema) == same(address.schema)
            if same(full) == same(named) or (in_schema and same(name) == same(named)):
                return found
    raise errors.TableMissing(location=address.shown, table=named, tables=known)


class PostgresReader(Reader):
    clock: datetime

    def __init__(self, source: Source, address: Address, con: psycopg.Connection) -> None:
        super().__init__()
        self._address = address
        self._con = con
        self._delivered = 0
        self._named = source.table or ""
        self._sequences: list[str] = []
        try:
            self._begin(source)
        except psycopg.Error as problem:
            con.close()
            raise _say(address, problem, self._named) from None
        except (errors.BadInput, errors.Failed):
            con.close()
            raise

    def _begin(self, source: Source) -> None:
        oid, schema, table, kind = find(self._con, self._address, self._named)
        self._snapshot = self._begin_snapshot(schema, table, kind)
        self._wanted = Selection(self._address.shown, schema, table, describe(self._con, oid), source.part)
        self._count()
        self.columns = headers.columns(
            self._address.shown, [column.name for column in self._wanted.read], source.headers
        )
        self.facts |= {
            "format": "postgres",
            "location": self._address.shown,
            "table": f"{schema}.{table}",
            "declared": self.declared,
            "server": f"PostgreSQL {self._con.info.parameter_status('server_version')}",
        }

    def _begin_snapshot(self, schema: str, table: str, kind: str, lend: bool = True) -> str:
        """Opens the transaction; gives the snapshot's name, for a second connection to read from, if it has one."""
        self._con.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        if kind in LOCKABLE:
            self._lock(schema, table)
        # text of other encodings may be no text: it has to be looked at row by row
        if not lend or self._con.info.parameter_status("server_encoding") != "UTF8":
            return ""
        try:
            row = self._con.execute("SELECT pg_export_snapshot()").fetchone()
        except psycopg.errors.DatabaseError as problem:
            log.info("the snapshot is not lent: %s", self._address.hide(problem))
            self._con.execute("ROLLBACK")
            return self._begin_snapshot(schema, table, kind, lend=False)
        return str(row[0]) if row else ""

    def _lock(self, schema: str, table: str) -> None:
        """Against ALTER, DROP and TRUNCATE. Whoever may read some columns only, may not: then it is left."""
        try:
            with self._con.transaction():
                self._con.execute(
                    sql.SQL("LOCK TABLE {} IN ACCESS SHARE MODE").format(sql.Identifier(schema, table))
                )
        except psycopg.errors.InsufficientPrivilege:
            return

    def _count(self) -> None:
        wanted = self._wanted
        try:
            self._ask_counts()
        except (psycopg.DataError, psycopg.errors.UndefinedFunction, psycopg.errors.CannotCoerce) as problem:
            if not wanted.key or wanted.keys_as_text:
                raise self._incomparable(problem) from None
            wanted.keys_as_text = True
            self._ask_counts()

    def _ask_counts(self) -> None:
        with self._con.transaction():
            row = self._con.execute(self._wanted.counts()).fetchone()
            assert row is not None
            self.clock, self.declared, self.total = row
            listing = self._wanted.sequences()
            if listing is not None and self._wanted.sequence is not None:
                given = [value for (value,) in self._con.execute(listing)]
                self._sequences = sequences.checked(
                    given, self._address.shown, self._named, self._wanted.sequence.name
                )

    def _incomparable(self, problem: psycopg.Error) -> Exception:
        part, message = self._wanted.part, self._address.hide(problem)
        cursor = self._wanted.cursor
        if cursor is not None and part.since is not None:
            return errors.CursorIncomparable(
                location=self._address.shown,
                column=cursor.name,
                type=cursor.type,
                since=part.since,
                reason=message,
            )
        if part.changes is not None:
            return errors.OptionWrong(option="changes.acknowledged", value=part.changes.acknowledged)
        return _say(self._address, problem, self._named)

    def batches(self) -> Iterator[Batch]:
        """Every row once; raises `SourceIncomplete` unless as many came as were counted."""
        stream = self._stream()
        for made in self._streamed(stream) if stream else self._copied():
            self._delivered += made.rows.num_rows + len(made.rejects)
            yield made
        if self._delivered != self.declared:
            raise errors.SourceIncomplete(
                location=self._address.shown, declared=self.declared, read=self._delivered
            )

    def _stream(self) -> Stream | None:
        """The quick way, where it pays and fits."""
        if (self.declared or 0) < LARGE or not self._snapshot:
            return None
        try:
            query = self._wanted.query().as_string(self._con)
            return Stream(_parameters(self._address), self._snapshot, query)
        except Unfit as problem:
            log.info("the plain way is taken: %s", self._address.hide(problem))
            return None

    def _streamed(self, stream: Stream) -> Iterator[Batch]:
        try:
            for rows in stream:
                first = self._delivered + 1
                yield from_arrays(self.columns, rows.columns, range(first, first + rows.num_rows))
        except DriverError as problem:
            message = self._address.hide(problem)
            raise _told(self._address, message, problem.state, False, self._named, self._delivered) from None

    def _copied(self) -> Iterator[Batch]:
        for block in self._blocks():
            yield copytext.cut(self.columns, block, self._delivered + 1)

    def _blocks(self) -> Iterator[bytes]:
        """What COPY sends, some thousand lines at a time."""
        query = sql.SQL("COPY ({}) TO STDOUT").format(self._wanted.query())
        try:
            with self._con.cursor() as cursor, cursor.copy(query) as copy:
                block = bytearray()
                for data in copy:
                    block += data
                    if len(block) >= BLOCK:
                        yield bytes(block)
                        block = bytearray()
                if block:
                    yield bytes(block)
        except psycopg.Error as problem:
            raise _say(self._address, problem, self._named, self._delivered) from None

    def acknowledge(self) -> None:
        """Sets the mark on exactly the rows that were read, through a connection of its own."""
        if not self._sequences or self._delivered != self.declared:
            return
        query = self._wanted.acknowledge(self._sequences)
        mark = self._wanted.mark
        if query is None or mark is None:
            return
        place = {"location": self._address.shown, "table": self._named}
        try:
            with _connect(self._address) as con, con.transaction():
                if con.execute(query).rowcount > len(self._sequences):
                    # a row with a sequence value of ours came since: it was not read
                    raise errors.AcknowledgeFailed(**place, reason=sequences.AGAIN)
        except psycopg.errors.InsufficientPrivilege:
            raise errors.AcknowledgeRefused(**place, column=mark.name) from None
        except (psycopg.Error, errors.SourceUnreachable) as problem:
            raise errors.AcknowledgeFailed(**place, reason=self._address.hide(problem)) from None

    def __exit__(self, *exc: object) -> None:
        self._con.close()


class PostgresInspector(Inspector):
    def __init__(self, source: Source, address: Address, con: psycopg.Connection) -> None:
        self._source, self._address, self._con = source, address, con
        self.product = f"PostgreSQL {con.info.parameter_status('server_version')}"
        self._oid = 0
        self._quoted = sql.Identifier("")

    def find(self) -> str:
        self._oid, schema, table, _ = find(self._con, self._address, self._source.table or "")
        self._quoted = sql.Identifier(schema, table)
        return f"{schema}.{table}"

    def columns(self) -> list[str]:
        return [column.name for column in describe(self._con, self._oid)]

    def try_reading(self) -> None:
        self._ask(sql.SQL("SELECT * FROM {} LIMIT 0").format(self._quoted))

    def may_mark(self, column: str) -> bool:
        ask = sql.SQL(
            "SELECT has_column_privilege({}, attnum, 'UPDATE') FROM pg_attribute WHERE attrelid = {} AND "
        )
        named = sql.SQL("lower(attname) = lower({})").format(sql.Literal(column))
        rows = self._ask(ask.format(sql.Literal(self._oid), sql.Literal(self._oid)) + named)
        return bool(rows and rows[0][0])

    def now(self) -> datetime:
        found: datetime = self._ask(sql.SQL("SELECT clock_timestamp()"))[0][0]
        return found

    def _ask(self, query: sql.SQL | sql.Composed) -> list[tuple[Any, ...]]:
        try:
            return self._con.execute(query).fetchall()
        except psycopg.Error as problem:
            raise _say(self._address, problem, self._source.table or "") from None

    def __exit__(self, *exc: object) -> None:
        self._con.close()


def _str(value: str | bytes) -> str:
    return value if isinstance(value, str) else value.decode("utf-8", "replace")
