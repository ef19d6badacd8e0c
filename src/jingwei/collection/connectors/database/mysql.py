"""MySQL and MariaDB tables, through DuckDB's scanner: every value as the server prints it.

The server turns each value into utf8mb4 text itself. Counting and reading happen in one statement,
hence in one snapshot; `declared` is settled when the first rows arrive.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import duckdb
import pyarrow as pa

from jingwei.collection.connectors import errors, headers
from jingwei.collection.connectors.base import Batch, Connector, Reader, Source, register
from jingwei.collection.connectors.batches import ROWS, from_arrays
from jingwei.collection.connectors.database.address import Address, parse
from jingwei.engines.duckdb import extensions
from jingwei.kernel.text import listed


@register
class MySQL(Connector):
    """`Source.table` names the table or view; option: `server`."""

    name = "mysql"
    formats = ("mysql",)
    schemes = ("mysql", "mariadb")

    def open(self, source: Source) -> Reader:
        address = parse(source.location, source.options, "MYSQL_PWD")
        return MySQLReader(source, address)


class MySQLReader(Reader):
    def __init__(self, source: Source, address: Address) -> None:
        super().__init__()
        self._address = address
        self._named = source.table or ""
        self._delivered = 0
        self._con = duckdb.connect(":memory:")
        try:
            self._attach()
            self._begin(source)
        except duckdb.Error as problem:
            self._con.close()
            raise self._say(problem) from None
        except (errors.BadInput, errors.Failed):
            self._con.close()
            raise

    def _attach(self) -> None:
        address = self._address
        extensions.load(self._con, "mysql_scanner")
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
        self._con.execute("SET mysql_query_timeout_enabled = false")
        self._con.execute("SET enable_progress_bar = false")
        self._con.execute(f"ATTACH {_literal(text)} AS source (TYPE mysql, READ_ONLY)")

    def _begin(self, source: Source) -> None:
        tables = [
            name
            for (name,) in self._ask(
                "SELECT table_name FROM information_schema.tables WHERE table_schema = database() ORDER BY 1"
            )
        ]
        table = self._table(tables)
        self._quoted = "`" + table.replace("`", "``") + "`"
        self.declared = int(self._ask(f"SELECT count(*) FROM {self._quoted}")[0][0])
        described = self._ask(
            "SELECT column_name, data_type FROM information_schema.columns WHERE table_schema = database() "
            f"AND table_name = {_literal(table)} ORDER BY ordinal_position"
        )
        self._cells = ", ".join(_printed(name, kind) for name, kind in described)
        self.columns = headers.columns(self._address.shown, [name for name, _ in described], source.headers)
        self.facts |= {
            "format": "mysql",
            "location": self._address.shown,
            "table": table,
            "declared": self.declared,
            "server": f"MySQL {self._ask('SELECT version()')[0][0]}",
        }

    def _ask(self, query: str) -> list[tuple[str, ...]]:
        return self._con.execute(f"FROM mysql_query('source', {_literal(query)})").fetchall()

    def _table(self, tables: list[str]) -> str:
        known = listed(tables[:20])
        if not self._named:
            if len(tables) == 1:
                return tables[0]
            raise errors.TableNotNamed(location=self._address.shown, tables=known)
        for same in (str, str.casefold):
            for name in tables:
                if same(name) == same(self._named):
                    return name
        raise errors.TableMissing(location=self._address.shown, table=self._named, tables=known)

    def batches(self) -> Iterator[Batch]:
        """Every row once; raises `SourceIncomplete` unless as many came as were counted."""
        # the count stands in the same statement, because each statement of the scanner has a snapshot of its own
        query = f"SELECT (SELECT count(*) FROM {self._quoted}) AS declared, {self._cells} FROM {self._quoted}"
        try:
            result = self._con.execute(f"FROM mysql_query('source', {_literal(query)})")
            for rows in result.to_arrow_reader(ROWS):
                first = self._delivered + 1
                self._delivered += rows.num_rows
                if rows.num_rows:
                    self.declared = self.facts["declared"] = int(rows.column(0)[0].as_py())
                arrays = [column.cast(pa.string()) for column in rows.columns[1:]]
                yield from_arrays(self.columns, arrays, range(first, first + rows.num_rows))
        except (duckdb.Error, pa.ArrowException, OSError) as problem:
            raise self._say(problem, self._delivered) from None
        if self._delivered != self.declared:
            raise errors.SourceIncomplete(
                location=self._address.shown, declared=self.declared, read=self._delivered
            )

    def _say(self, problem: Exception, read: int | None = None) -> Exception:
        """The server's error as one of ours; `read` when records were coming already."""
        address, message = self._address, self._address.hide(problem)
        if re.search(r"Access denied for user .*to database|Unknown database", message):
            return errors.DatabaseMissing(location=address.shown)
        if "Access denied" in message or "authentication" in message.lower():
            return errors.CredentialsRefused(location=address.shown, variable=address.variable)
        if "command denied" in message:
            return errors.TableRefused(location=address.shown, table=self._named)
        if "Lock wait timeout" in message:
            return errors.SourceLocked(location=address.shown)
        if read is not None:
            return errors.SourceWentAway(location=address.shown, read=read, reason=message)
        return errors.SourceUnreachable(location=address.shown, reason=message)

    def __exit__(self, *exc: object) -> None:
        self._con.close()


_BYTES = ("binary", "varbinary", "tinyblob", "blob", "mediumblob", "longblob", "bit", "geometry", "point")


def _printed(name: str, kind: str) -> str:
    """The column as text; bytes, which have none, in MySQL's own notation x'FFD8'."""
    quoted = "`" + name.replace("`", "``") + "`"
    if kind.lower() in _BYTES:
        return f"CONCAT('x''', HEX({quoted}), '''') AS {quoted}"
    return f"CONVERT({quoted}, CHAR) AS {quoted}"


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _value(text: str) -> str:
    """A value of a connection text: quoted, so that blanks in a password do no harm."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
