"""PostgreSQL tables, through COPY: the fastest way out, and every value as PostgreSQL prints it.

Counting and reading happen in one REPEATABLE READ transaction, hence in one snapshot. The bytes
of COPY's text format are cut up here rather than by the driver, because they may not be UTF-8.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import psycopg
import pyarrow as pa
from psycopg import sql
from pyarrow import csv as arrow_csv

from jingwei.collection.connectors import errors, headers
from jingwei.collection.connectors.base import Batch, Connector, Reader, Source, register
from jingwei.collection.connectors.batches import from_arrays
from jingwei.collection.connectors.database.address import Address, parse
from jingwei.collection.connectors.database.rows import made_of
from jingwei.kernel.text import listed

BLOCK = 4_000_000
"""Bytes taken from the server before they are cut into rows."""

PATIENCE = 10
"""Seconds to wait for the server to answer the first time."""


@register
class Postgres(Connector):
    """`Source.table` names the table or view, alone or with its schema; options: `server`, `schema`."""

    name = "postgres"
    formats = ("postgres",)
    schemes = ("postgresql", "postgres")

    def open(self, source: Source) -> Reader:
        address = parse(source.location, source.options, "PGPASSWORD")
        return PostgresReader(source, address, _connect(address))


def _connect(address: Address) -> psycopg.Connection:
    try:
        con = psycopg.connect(
            host=address.host or None,
            port=address.port,
            dbname=address.database or None,
            user=address.user or None,
            password=address.password or None,
            connect_timeout=PATIENCE,
            application_name="jingwei",
            # a server that vanished is noticed within a minute instead of hours
            keepalives_idle=20,
            keepalives_interval=10,
            keepalives_count=4,
            options="-c datestyle=ISO -c intervalstyle=postgres -c extra_float_digits=1 -c lock_timeout=10s",
        )
    except psycopg.Error as problem:
        raise _say(address, problem) from None
    except UnicodeError as problem:
        raise errors.OptionWrong(option="location", value=address.hide(problem)) from None
    con.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
    con.read_only = True
    return con


_REFUSED = ("28P01", "28000")
_LOGIN = re.compile(
    r"password authentication failed|no password supplied|role \".*\" does not exist|no pg_hba.conf entry"
)


def _say(address: Address, problem: psycopg.Error, table: str = "", read: int | None = None) -> Exception:
    """The driver's error as one of ours; `read` when records were coming already."""
    message = address.hide(problem)
    state = problem.sqlstate or ""
    if state in _REFUSED or _LOGIN.search(message):
        return errors.CredentialsRefused(location=address.shown, variable=address.variable)
    if state == "3D000" or re.search(r"database \".*\" does not exist", message):
        return errors.DatabaseMissing(location=address.shown)
    if state == "42501":
        return errors.TableRefused(location=address.shown, table=table)
    if state == "55P03":
        return errors.SourceLocked(location=address.shown)
    if read is not None and (state[:2] in ("", "57", "08") or isinstance(problem, psycopg.OperationalError)):
        return errors.SourceWentAway(location=address.shown, read=read, reason=message)
    if isinstance(problem, psycopg.OperationalError):
        return errors.SourceUnreachable(location=address.shown, reason=message)
    return errors.SourceBroke(location=address.shown, reason=message)


class PostgresReader(Reader):
    def __init__(self, source: Source, address: Address, con: psycopg.Connection) -> None:
        super().__init__()
        self._address = address
        self._con = con
        self._delivered = 0
        self._named = source.table or ""
        try:
            self._begin(source)
        except psycopg.Error as problem:
            con.close()
            raise _say(address, problem, self._named) from None
        except (errors.BadInput, errors.Failed):
            con.close()
            raise

    def _begin(self, source: Source) -> None:
        if self._con.info.parameter_status("server_encoding") != "SQL_ASCII":
            self._con.execute("SET client_encoding TO 'UTF8'")
        schema, table = self._find(source)
        self._table = sql.Identifier(schema, table)
        row = self._con.execute(sql.SQL("SELECT count(*) FROM {}").format(self._table)).fetchone()
        self.declared = row[0] if row else 0
        described = (
            self._con.execute(sql.SQL("SELECT * FROM {} LIMIT 0").format(self._table)).description or []
        )
        self._columns = [column.name for column in described]
        self.columns = headers.columns(self._address.shown, self._columns, source.headers)
        self.facts |= {
            "format": "postgres",
            "location": self._address.shown,
            "table": f"{schema}.{table}",
            "declared": self.declared,
            "server": f"PostgreSQL {self._con.info.parameter_status('server_version')}",
        }

    def _find(self, source: Source) -> tuple[str, str]:
        """Schema and name of the table, whatever case the contract writes them in."""
        rows = self._con.execute(
            "SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
            "WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND n.nspname !~ '^(pg_|information_schema$)' "
            "ORDER BY array_position(current_schemas(false), n.nspname), 1, 2"
        ).fetchall()
        tables = [(_str(schema), _str(name)) for schema, name in rows]
        known = listed(f"{schema}.{name}" for schema, name in tables[:20])
        if not self._named:
            if len(tables) == 1:
                return tables[0]
            raise errors.TableNotNamed(location=self._address.shown, tables=known)
        for same in (str, str.casefold):
            for schema, name in tables:
                full = f"{schema}.{name}"
                in_schema = not self._address.schema or same(schema) == same(self._address.schema)
                if same(full) == same(self._named) or (in_schema and same(name) == same(self._named)):
                    return schema, name
        raise errors.TableMissing(location=self._address.shown, table=self._named, tables=known)

    def batches(self) -> Iterator[Batch]:
        """Every row once; raises `SourceIncomplete` unless as many came as were counted."""
        for block in self._blocks():
            first = self._delivered + 1
            made = self._plain(block, first) or made_of(
                self.columns, list(map(_cut, block.removesuffix(b"\n").split(b"\n"))), first
            )
            self._delivered += made.rows.num_rows + len(made.rejects)
            yield made
        if self._delivered != self.declared:
            raise errors.SourceIncomplete(
                location=self._address.shown, declared=self.declared, read=self._delivered
            )

    def _blocks(self) -> Iterator[bytes]:
        """What COPY sends, some thousand lines at a time."""
        cells = sql.SQL(", ").join(sql.SQL("{}::text").format(sql.Identifier(name)) for name in self._columns)
        query = sql.SQL("COPY (SELECT {} FROM {}) TO STDOUT").format(cells, self._table)
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

    def _plain(self, block: bytes, first: int) -> Batch | None:
        """Lines in which a backslash only ever says NULL, cut up by Arrow; None if they are not
        such, or hold bytes that are not UTF-8."""
        if b"\\\\" in block or block.count(b"\\") != block.count(b"\\N"):
            return None
        names = [str(at) for at in range(len(self.columns))]
        try:
            table = arrow_csv.read_csv(
                pa.BufferReader(block),
                read_options=arrow_csv.ReadOptions(
                    use_threads=False, block_size=len(block) + 1, column_names=names
                ),
                parse_options=arrow_csv.ParseOptions(
                    delimiter="\t", quote_char=False, double_quote=False, ignore_empty_lines=False
                ),
                convert_options=arrow_csv.ConvertOptions(
                    column_types=dict.fromkeys(names, pa.string()),
                    null_values=["\\N"],
                    strings_can_be_null=True,
                ),
            )
        except pa.ArrowInvalid:
            return None
        lines = block.count(b"\n")
        if table.num_rows != lines:
            return None
        arrays = [column.combine_chunks() for column in table.columns]
        return from_arrays(self.columns, arrays, range(first, first + lines))

    def __exit__(self, *exc: object) -> None:
        self._con.close()


def _str(value: str | bytes) -> str:
    return value if isinstance(value, str) else value.decode("utf-8", "replace")


def _cut(line: bytes) -> list[bytes | None]:
    """The cells of one line of COPY's text format (its chapter in PostgreSQL's manual)."""
    cells: list[bytes | None] = list(line.removesuffix(b"\n").split(b"\t"))
    if b"\\" in line:
        return [None if cell == b"\\N" else _ESCAPE.sub(_unescape, cell or b"") for cell in cells]
    return cells


_ESCAPE = re.compile(rb"\\([0-7]{1,3}|x[0-9A-Fa-f]{1,2}|.)", re.DOTALL)
_LETTERS = {b"b": b"\b", b"f": b"\f", b"n": b"\n", b"r": b"\r", b"t": b"\t", b"v": b"\v"}


def _unescape(match: re.Match[bytes]) -> bytes:
    return _LETTERS.get(match[1], match[1])
