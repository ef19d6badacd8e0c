"""The embedded lake: DuckDB over DuckLake, Parquet files with a transactional catalog.

Readers share one DuckDB instance a process and see every committed snapshot; a writer has an
instance of its own and holds the lake's lock only while it commits its block.

A writer that is killed leaves no trace in the catalog, which is transactional, but may leave
Parquet files nobody refers to. It also leaves its mark (`locks/lake.unfinished`), and the next
writer, holding the lock, clears them away.
"""

from __future__ import annotations

import re
import shutil
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from jingwei.engines.base import SCHEMAS, Engine
from jingwei.engines.duckdb import extensions
from jingwei.engines.faults import LakeDamaged, LakeNewer, translated
from jingwei.kernel.locks import exclusive
from jingwei.kernel.scratch import Scratch
from jingwei.kernel.text import Text

LAKE = Text("数据湖", "the lake")
_VERSION = re.compile(r"(?:catalog )?version[^0-9]*([0-9][0-9.]*)", re.IGNORECASE)


def quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


class DuckLake(Engine):
    """`home` is the node's folder; `catalog` a DuckLake catalog such as `postgres:dbname=...`, or empty."""

    def __init__(self, home: Path, catalog: str = "", memory: str = "1000MB", threads: int = 0) -> None:
        self.home = home
        self.catalog = catalog or f"sqlite:{home / 'lake' / 'catalog.sqlite'}"
        self.memory = memory
        self.threads = threads
        self._reader: duckdb.DuckDBPyConnection | None = None
        self._reader_scratch: Scratch | None = None
        self._opening = threading.Lock()

    @contextmanager
    def instance(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """A DuckDB of its own, within the node's memory, its spill in the node's tmp; no lake attached."""
        con, scratch = self._open()
        try:
            yield con
        finally:
            con.close()
            scratch.remove()

    def _open(self) -> tuple[duckdb.DuckDBPyConnection, Scratch]:
        # Two DuckDBs that spill into one folder overwrite each other's files.
        scratch = Scratch(self.home / "tmp")
        config: dict[str, str | bool | int | float | list[str]] = {
            "allow_unsigned_extensions": "true",
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false",
            "memory_limit": self.memory,
            "temp_directory": str(scratch.path / "spill"),
        }
        if self.threads:
            config["threads"] = str(self.threads)
        return duckdb.connect(config=config), scratch

    def _attach(self, con: duckdb.DuckDBPyConnection, *, writable: bool, snapshot: int | None = None) -> None:
        data = self.home / "lake" / "data"
        if writable:
            data.mkdir(parents=True, exist_ok=True)
            self._let_readers_be()
        extensions.load(con, "sqlite_scanner", "ducklake")
        if self.catalog.startswith("postgres:"):
            extensions.load(con, "postgres_scanner")
        # The catalog remembers where its data lay when it was made; the home may have been moved since.
        # Nothing is inlined into the catalog: DuckLake 1.5.5 cannot read back a date within a struct it inlined.
        options = [f"DATA_PATH {literal(str(data))}", "OVERRIDE_DATA_PATH true", "DATA_INLINING_ROW_LIMIT 0"]
        if not writable:
            options.append("READ_ONLY")
        if snapshot is not None:
            options.append(f"SNAPSHOT_VERSION {int(snapshot)}")
        try:
            con.execute(f"ATTACH {literal('ducklake:' + self.catalog)} AS lake ({', '.join(options)})")
        except duckdb.Error as exc:
            self._explain(exc)
            raise
        if writable:
            found = con.execute(
                "SELECT schema_name FROM __ducklake_metadata_lake.ducklake_schema WHERE end_snapshot IS NULL"
            ).fetchall()
            for schema in SCHEMAS:
                if (schema,) not in found:
                    con.execute(f"CREATE SCHEMA IF NOT EXISTS lake.{schema}")

    def _explain(self, exc: duckdb.Error) -> None:
        said = str(exc)
        if "version" in said.lower() and (found := _VERSION.search(said)):
            raise LakeNewer(path=self.home, version=found[1]) from exc
        if "not a database" in said or "malformed" in said:
            raise LakeDamaged(path=self.home, why=said.splitlines()[0]) from exc

    def _let_readers_be(self) -> None:
        """Puts SQLite's write-ahead log under the catalog. Without it a reader of five seconds makes a
        commit fail, and a writer killed while committing leaves a catalog that no reader may open."""
        if self.catalog.startswith("sqlite:"):
            con = sqlite3.connect(self.catalog[7:], timeout=30)
            try:
                con.execute("PRAGMA journal_mode=WAL")
            except sqlite3.DatabaseError as exc:
                if "not a database" in str(exc) or "malformed" in str(exc):
                    raise LakeDamaged(path=self.home, why=str(exc)) from exc
                raise
            finally:
                con.close()

    def prepare(self) -> None:
        """Makes the catalog and its schemas, once."""
        with (
            exclusive("lake", LAKE, wait=60),
            translated(self.home),
            self.instance() as con,
        ):
            self._attach(con, writable=True)

    @contextmanager
    def read(self) -> Iterator[duckdb.DuckDBPyConnection]:
        with translated(self.home):
            cursor = self._shared().cursor()
            try:
                yield cursor
            finally:
                cursor.close()

    def _shared(self) -> duckdb.DuckDBPyConnection:
        """The instance all readers of this process share."""
        with self._opening:
            if self._reader is None:
                if self.catalog.startswith("sqlite:") and not Path(self.catalog[7:]).exists():
                    self.prepare()
                con, scratch = self._open()
                try:
                    self._attach(con, writable=False)
                except BaseException:
                    con.close()
                    scratch.remove()
                    raise
                self._reader, self._reader_scratch = con, scratch
            return self._reader

    @contextmanager
    def connect(self) -> Iterator[duckdb.DuckDBPyConnection]:
        with translated(self.home), self.instance() as con:
            with exclusive("lake", LAKE, wait=600):
                self._attach(con, writable=True)
            yield con

    @contextmanager
    def transaction(self, con: duckdb.DuckDBPyConnection, purpose: str, wait: float = 600) -> Iterator[None]:
        unfinished = self.home / "locks" / "lake.unfinished"
        with exclusive("lake", LAKE, wait=wait):
            if unfinished.exists():
                self._clear(con)
            unfinished.write_text(purpose)
            con.execute("BEGIN")
            try:
                yield
                con.execute(f"CALL lake.set_commit_message('jingwei', {literal(purpose)})")
                self._commit(con)
            except BaseException:
                try:
                    con.execute("ROLLBACK")
                except duckdb.Error:
                    # A commit that failed has rolled back by itself; the first error is the one to tell.
                    con.interrupt()
                raise
            # A block that failed keeps its mark: a full disk may have kept it from tidying up.
            unfinished.unlink(missing_ok=True)

    def _commit(self, con: duckdb.DuckDBPyConnection) -> None:
        con.execute("COMMIT")

    def _clear(self, con: duckdb.DuckDBPyConnection) -> None:
        """Removes files no snapshot knows. Only for the holder of the lock: files are written under it alone."""
        con.execute("CALL ducklake_delete_orphaned_files('lake', cleanup_all => true)")

    def committed(self, con: duckdb.DuckDBPyConnection, purpose: str) -> int | None:
        """The snapshot a `transaction` of this purpose made, or None if it never was committed."""
        row = con.execute(
            "SELECT max(snapshot_id) FROM __ducklake_metadata_lake.ducklake_snapshot_changes WHERE commit_message = ?",
            [purpose],
        ).fetchone()
        return int(row[0]) if row and row[0] is not None else None

    @contextmanager
    def write(self, purpose: str) -> Iterator[duckdb.DuckDBPyConnection]:
        """`connect` and `transaction` in one, for short writes."""
        with self.connect() as con, self.transaction(con, purpose):
            yield con

    def table(self, schema: str, table: str) -> str:
        return f"lake.{schema}.{quoted(table)}"

    def exists(self, con: duckdb.DuckDBPyConnection, schema: str, table: str) -> bool:
        # The list of all tables brings the statistics of each, however many there are.
        try:
            con.execute(f"SELECT 1 FROM {self.table(schema, table)} LIMIT 0")
        except duckdb.CatalogException:
            return False
        return True

    def columns(self, con: duckdb.DuckDBPyConnection, schema: str, table: str) -> list[str]:
        described = con.execute(f"SELECT * FROM {self.table(schema, table)} LIMIT 0").description
        return [column[0] for column in described]

    def create(self, con: duckdb.DuckDBPyConnection, schema: str, table: str, select: str) -> None:
        con.execute(
            f"CREATE TABLE IF NOT EXISTS {self.table(schema, table)} AS SELECT * FROM ({select}) LIMIT 0"
        )

    def make(self, con: duckdb.DuckDBPyConnection, schema: str, table: str, select: str) -> None:
        """`create` outside of a transaction: the empty table is there at once, for `add_file`."""
        with exclusive("lake", LAKE, wait=600):
            self.create(con, schema, table, select)

    def append(self, con: duckdb.DuckDBPyConnection, schema: str, table: str, select: str) -> int:
        row = con.execute(f"INSERT INTO {self.table(schema, table)} BY NAME {select}").fetchone()
        return int(row[0]) if row else 0

    def add_file(self, con: duckdb.DuckDBPyConnection, schema: str, table: str, file: Path) -> None:
        """Makes the rows of a Parquet file rows of the table; columns are matched by name, those of the file
        that the table lacks stay out. The table has to be committed already: its folder takes the file over."""
        found = con.execute(
            "SELECT s.path || t.path FROM __ducklake_metadata_lake.ducklake_table t"
            " JOIN __ducklake_metadata_lake.ducklake_schema s USING (schema_id)"
            " WHERE t.end_snapshot IS NULL AND s.end_snapshot IS NULL AND s.schema_name = ? AND t.table_name = ?",
            [schema, table],
        ).fetchone()
        folder = self.home / "lake" / "data" / found[0] if found else None
        if folder is None:
            raise LookupError(f"{schema}.{table} is not committed")
        folder.mkdir(parents=True, exist_ok=True)
        target = folder / file.name
        try:
            target.hardlink_to(file)
        except OSError:
            shutil.copyfile(file, target)
        con.execute(
            f"CALL ducklake_add_data_files('lake', {literal(table)}, {literal(str(target))},"
            f" schema => {literal(schema)}, allow_missing => true, ignore_extra_columns => true)"
        )

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
        return con.execute(f"FROM {self.changed(schema, table, since, until)}")

    def made_after(self, con: duckdb.DuckDBPyConnection, schema: str, table: str, snapshot: int) -> bool:
        """Whether the table that has this name now was made after a snapshot: an earlier one's rows are not
        among its changes."""
        row = con.execute(
            "SELECT max(t.begin_snapshot) FROM __ducklake_metadata_lake.ducklake_table t"
            " JOIN __ducklake_metadata_lake.ducklake_schema s USING (schema_id)"
            " WHERE t.end_snapshot IS NULL AND s.end_snapshot IS NULL AND s.schema_name = ? AND t.table_name = ?",
            [schema, table],
        ).fetchone()
        return row is None or row[0] is None or int(row[0]) > snapshot

    def changed(self, schema: str, table: str, since: int, until: int) -> str:
        """SQL: rows that came and went after one snapshot up to another, with snapshot_id and change_type."""
        return f"ducklake_table_changes('lake', {literal(schema)}, {literal(table)}, {int(since) + 1}, {int(until)})"

    def counts(self, snapshot: int) -> dict[str, int]:
        """Rows of every table as of a snapshot, by `schema.table`."""
        with translated(self.home), self.instance() as con:
            self._attach(con, writable=False, snapshot=snapshot)
            named = con.execute(
                "SELECT schema_name, table_name FROM duckdb_tables() WHERE database_name = 'lake' ORDER BY ALL"
            ).fetchall()
            counted = {}
            for schema, table in named:
                row = con.execute(f"SELECT count(*) FROM {self.table(schema, table)}").fetchone()
                counted[f"{schema}.{table}"] = int(row[0]) if row else 0
            return counted

    def snapshot(self, con: duckdb.DuckDBPyConnection) -> int:
        row = con.execute(
            "SELECT max(snapshot_id) FROM __ducklake_metadata_lake.ducklake_snapshot"
        ).fetchone()
        return int(row[0]) if row and row[0] is not None else 0
