"""A database held still: pinned for an instant, copied afterwards while others go on writing.

    pin ── milliseconds, under the lake's lock ──▶ a read transaction that stays as it is
    copy ─ as long as it takes, no lock ─────────▶ one file
    counts ──────────────────────────────────────▶ rows of every table, as pinned

SQLite in WAL keeps a reader's view while writers go on, and its backup interface copies within the
reader's transaction. PostgreSQL lends the snapshot of a transaction to pg_dump. Restoring goes the other way.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
from django.conf import settings
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from jingwei.operations.errors import DatabaseNotEmpty, ToolFailed

PAGES = 4096
"""Copied at a time, so that Ctrl-C is heard."""
PASSING = ("django_session", "axes_accessattempt")
"""Tables whose rows a restored node may lose by itself at once."""


class Pinned(ABC):
    """A database as it was at one instant."""

    kind: str
    suffix: str

    @abstractmethod
    def rows(self, statement: str) -> list[tuple[Any, ...]]:
        """Answers of the pinned database."""

    @abstractmethod
    def copy(self, target: Path) -> None: ...

    @abstractmethod
    def tables(self) -> list[str]: ...

    @abstractmethod
    def size(self) -> int:
        """Bytes it takes, about."""

    def counts(self) -> dict[str, int]:
        return {name: int(self.rows(f'SELECT count(*) FROM "{name}"')[0][0]) for name in self.tables()}

    def digests(self) -> dict[str, str]:
        """Of each table, where the copy's own hash cannot be compared with the restored database."""
        return {}


class PinnedSQLite(Pinned):
    kind, suffix = "sqlite", "sqlite"

    def __init__(self, path: Path) -> None:
        self._con = sqlite3.connect(
            f"{path.absolute().as_uri()}?mode=ro", uri=True, isolation_level=None, timeout=30
        )
        self._con.execute("BEGIN")
        self._con.execute("SELECT count(*) FROM sqlite_master").fetchone()

    def rows(self, statement: str) -> list[tuple[Any, ...]]:
        return self._con.execute(statement).fetchall()

    def tables(self) -> list[str]:
        found = self.rows("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'")
        return sorted(name for (name,) in found)

    def size(self) -> int:
        pages, each = self.rows("PRAGMA page_count")[0][0], self.rows("PRAGMA page_size")[0][0]
        return int(pages) * int(each)

    def copy(self, target: Path) -> None:
        target.parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        copied = sqlite3.connect(target)
        try:
            self._con.backup(copied, pages=PAGES, sleep=0)
            # One file that anybody may open; the node puts the log back under it when it starts.
            copied.execute("PRAGMA journal_mode=DELETE")
        finally:
            copied.close()

    def close(self) -> None:
        self._con.close()


class PinnedPostgreSQL(Pinned):
    kind, suffix = "postgresql", "pgdump"

    def __init__(self, address: str) -> None:
        self.address = address
        self._con = psycopg.connect(address)
        self._con.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        row = self._con.execute("SELECT pg_export_snapshot()").fetchone()
        self._snapshot = row[0] if row else ""

    def rows(self, statement: str) -> list[tuple[Any, ...]]:
        return self._con.execute(statement.encode()).fetchall()

    def tables(self) -> list[str]:
        return tables_of(self._con)

    def size(self) -> int:
        return int(self.rows("SELECT pg_database_size(current_database())")[0][0])

    def copy(self, target: Path) -> None:
        target.parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        _tool(self.address, "pg_dump", "--format=custom", "--no-owner", "--no-privileges",
              f"--snapshot={self._snapshot}", f"--file={target}")  # fmt: skip

    def digests(self) -> dict[str, str]:
        return {name: digest_of(self._con, name) for name in self.tables() if name not in PASSING}

    def close(self) -> None:
        self._con.close()


@contextmanager
def pinned_sqlite(path: Path) -> Iterator[PinnedSQLite]:
    store = PinnedSQLite(path)
    try:
        yield store
    finally:
        store.close()


@contextmanager
def pinned_postgresql(address: str) -> Iterator[PinnedPostgreSQL]:
    store = PinnedPostgreSQL(address)
    try:
        yield store
    finally:
        store.close()


def operational_address() -> str:
    """The operational store as PostgreSQL's libraries name it; empty for SQLite."""
    database = settings.DATABASES["default"]
    if "postgresql" not in database["ENGINE"]:
        return ""
    return make_conninfo(
        dbname=database["NAME"], user=database["USER"] or None, password=database["PASSWORD"] or None,
        host=database["HOST"] or None, port=database["PORT"] or None,
    )  # fmt: skip


def lake_address() -> str:
    return settings.LAKE_CATALOG.removeprefix("postgres:") if settings.LAKE_CATALOG else ""


def tables_of(con: psycopg.Connection[Any]) -> list[str]:
    found = con.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename")
    return [name for (name,) in found.fetchall()]


def digest_of(con: psycopg.Connection[Any], table: str) -> str:
    """The sum of every row's hash: the same whatever order rows lie in."""
    query = sql.SQL(
        "SELECT coalesce(sum(('x' || left(md5(t::text), 15))::bit(60)::bigint), 0)::text FROM {} t"
    ).format(sql.Identifier(table))
    row = con.execute(query).fetchone()
    return str(row[0]) if row else ""


def put_back(address: str, dump: Path) -> None:
    """Restores a dump into an empty database, wholly or not at all."""
    _tool(
        address,
        "pg_restore",
        "--no-owner",
        "--no-privileges",
        "--exit-on-error",
        "--single-transaction",
        str(dump),
    )


def require_empty(address: str) -> None:
    with psycopg.connect(address) as con:
        if tables_of(con):
            raise DatabaseNotEmpty(database=conninfo_to_dict(address).get("dbname", ""))


def _tool(address: str, name: str, *arguments: str) -> None:
    """Runs one of PostgreSQL's programs; the password goes by the environment, which others cannot list."""
    program = shutil.which(name)
    if program is None:
        raise ToolFailed(tool=name, why="not installed")
    parameters = conninfo_to_dict(address)
    password = parameters.pop("password", None)
    environment = {**os.environ, **({"PGPASSWORD": str(password)} if password else {})}
    done = subprocess.run(
        [program, *arguments, f"--dbname={make_conninfo('', **parameters)}", "--no-password"],
        env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode != 0:
        raise ToolFailed(tool=name, why=(done.stderr.strip().splitlines() or ["?"])[-1])
