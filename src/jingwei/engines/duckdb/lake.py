"""The embedded lake: DuckDB over DuckLake, Parquet files with a transactional catalog.

Readers share one DuckDB instance a process and see every committed snapshot; a writer has an
instance of its own and holds the lake's lock only while it commits its block.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from jingwei.engines.base import SCHEMAS, Engine
from jingwei.engines.duckdb import extensions
from jingwei.engines.faults import translated
from jingwei.kernel.locks import exclusive
from jingwei.kernel.text import Text


def quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


class DuckLake(Engine):
    """`home` is the node's folder; `catalog` a DuckLake catalog such as `postgres:dbname=...`, or empty."""

    def __init__(self, home: Path, catalog: str = "", memory: str = "1500MB", threads: int = 0) -> None:
        self.home = home
        self.catalog = catalog or f"sqlite:{home / 'lake' / 'catalog.sqlite'}"
        self.memory = memory
        self.threads = threads
        self._reader: duckdb.DuckDBPyConnection | None = None
        self._opening = threading.Lock()

    def instance(self) -> duckdb.DuckDBPyConnection:
        """A DuckDB of its own, within the node's memory, its spill in the node's tmp; no lake attached."""
        spill = self.home / "tmp"
        spill.mkdir(parents=True, exist_ok=True)
        config: dict[str, str | bool | int | float | list[str]] = {
            "allow_unsigned_extensions": "true",
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false",
            "memory_limit": self.memory,
            "temp_directory": str(spill / "duckdb"),
        }
        if self.threads:
            config["threads"] = str(self.threads)
        return duckdb.connect(config=config)

    def _attach(self, con: duckdb.DuckDBPyConnection, *, writable: bool) -> None:
        data = self.home / "lake" / "data"
        if writable:
            data.mkdir(parents=True, exist_ok=True)
        extensions.load(con, "sqlite_scanner", "ducklake")
        if self.catalog.startswith("postgres:"):
            extensions.load(con, "postgres_scanner")
        mode = f"DATA_PATH {literal(str(data))}" if writable else "READ_ONLY"
        con.execute(f"ATTACH {literal('ducklake:' + self.catalog)} AS lake ({mode})")
        if writable:
            for schema in SCHEMAS:
                con.execute(f"CREATE SCHEMA IF NOT EXISTS lake.{schema}")

    def prepare(self) -> None:
        """Makes the catalog and its schemas, once."""
        with exclusive("lake", Text("数据湖", "the lake"), wait=60), translated(self.home):
            con = self.instance()
            try:
                self._attach(con, writable=True)
            finally:
                con.close()

    @contextmanager
    def read(self) -> Iterator[duckdb.DuckDBPyConnection]:
        with self._opening:
            if self._reader is None:
                if self.catalog.startswith("sqlite:") and not Path(self.catalog[7:]).exists():
                    self.prepare()
                reader = self.instance()
                self._attach(reader, writable=False)
                self._reader = reader
        cursor = self._reader.cursor()
        try:
            with translated(self.home):
                yield cursor
        finally:
            cursor.close()

    @contextmanager
    def connect(self) -> Iterator[duckdb.DuckDBPyConnection]:
        with translated(self.home):
            con = self.instance()
            try:
                with exclusive("lake", Text("数据湖", "the lake"), wait=600):
                    self._attach(con, writable=True)
                yield con
            finally:
                con.close()

    @contextmanager
    def transaction(self, con: duckdb.DuckDBPyConnection, purpose: str, wait: float = 600) -> Iterator[None]:
        with exclusive("lake", Text("数据湖", "the lake"), wait=wait):
            con.execute("BEGIN")
            try:
                yield
                con.execute(f"CALL lake.set_commit_message('jingwei', {literal(purpose)})")
                con.execute("COMMIT")
            except BaseException:
                try:
                    con.execute("ROLLBACK")
                except duckdb.Error:
                    # A commit that failed has rolled back by itself; the first error is the one to tell.
                    con.interrupt()
                raise

    @contextmanager
    def write(self, purpose: str) -> Iterator[duckdb.DuckDBPyConnection]:
        """`connect` and `transaction` in one, for short writes."""
        with self.connect() as con, self.transaction(con, purpose):
            yield con

    def table(self, schema: str, table: str) -> str:
        return f"lake.{schema}.{quoted(table)}"

    def exists(self, con: duckdb.DuckDBPyConnection, schema: str, table: str) -> bool:
        row = con.execute(
            "SELECT count(*) FROM duckdb_tables() WHERE database_name = 'lake' AND schema_name = ? AND table_name = ?",
            [schema, table],
        ).fetchone()
        return bool(row and row[0])

    def columns(self, con: duckdb.DuckDBPyConnection, schema: str, table: str) -> list[str]:
        described = con.execute(f"SELECT * FROM {self.table(schema, table)} LIMIT 0").description
        return [column[0] for column in described]

    def create(self, con: duckdb.DuckDBPyConnection, schema: str, table: str, select: str) -> None:
        con.execute(
            f"CREATE TABLE IF NOT EXISTS {self.table(schema, table)} AS SELECT * FROM ({select}) LIMIT 0"
        )

    def append(self, con: duckdb.DuckDBPyConnection, schema: str, table: str, select: str) -> int:
        row = con.execute(f"INSERT INTO {self.table(schema, table)} BY NAME {select}").fetchone()
        return int(row[0]) if row else 0

    def upsert(self, con: duckdb.DuckDBPyConnection, schema: str, table: str, select: str, key: str) -> int:
        name = self.table(schema, table)
        con.execute(f"DELETE FROM {name} WHERE {quoted(key)} IN (SELECT {quoted(key)} FROM ({select}))")
        return self.append(con, schema, table, select)

    def replace(self, con: duckdb.DuckDBPyConnection, schema: str, table: str, select: str) -> int:
        name = self.table(schema, table)
        con.execute(f"DROP TABLE IF EXISTS {name}")
        row = con.execute(f"CREATE TABLE {name} AS {select}").fetchone()
        return int(row[0]) if row else 0

    def as_of(self, schema: str, table: str, snapshot: int) -> str:
        return f"{self.table(schema, table)} AT (VERSION => {int(snapshot)})"

    def changes(
        self, con: duckdb.DuckDBPyConnection, schema: str, table: str, since: int, until: int
    ) -> duckdb.DuckDBPyConnection:
        return con.execute(
            f"FROM ducklake_table_changes('lake', {literal(schema)}, {literal(table)}, {int(since) + 1}, {int(until)})"
        )

    def snapshot(self, con: duckdb.DuckDBPyConnection) -> int:
        row = con.execute("SELECT max(snapshot_id) FROM lake.snapshots()").fetchone()
        return int(row[0]) if row and row[0] is not None else 0
