"""Tables that change under the reader's hands, and servers that do not give all they could."""

from __future__ import annotations

import sqlite3
import subprocess

import pytest

from jingwei.collection.connectors import errors, open_source, resolve
from jingwei.collection.connectors.base import Part
from jingwei.collection.connectors.database import mysql_part, postgres, sqlite
from jingwei.collection.connectors.tests.conftest import mariadb_server, postgres_server, read
from jingwei.testing.servers import PASSWORD, Server

__all__ = ["mariadb_server", "postgres_server"]

LARGE = 120_000


@pytest.fixture(autouse=True)
def password(monkeypatch):
    monkeypatch.setenv("PGPASSWORD", PASSWORD)
    monkeypatch.setenv("MYSQL_PWD", PASSWORD)


@pytest.fixture
def civil(postgres_server: Server) -> Server:
    postgres_server.run("DROP DATABASE IF EXISTS broken")
    postgres_server.run("CREATE DATABASE broken")
    postgres_server.run(
        f"CREATE TABLE people AS SELECT n AS id, '坪山' || n AS name FROM generate_series(1, {LARGE}) n;"
        "GRANT SELECT ON people TO reader",
        "broken",
    )
    return postgres_server


@pytest.mark.server
@pytest.mark.parametrize(
    "change", ["DROP TABLE people", "TRUNCATE people", "ALTER TABLE people ALTER id TYPE text"]
)
def test_a_table_of_postgres_stays_as_it_is_while_it_is_read(civil, change):
    with open_source(resolve(civil.url("broken"), table="people")) as reader:
        batches = reader.batches()
        rows = next(batches).rows.num_rows
        # whoever wants to change it waits for us
        with pytest.raises(AssertionError, match="lock timeout"):
            civil.run(f"SET lock_timeout = '200ms'; {change}", "broken")
        rows += sum(batch.rows.num_rows for batch in batches)
    assert rows == LARGE
    civil.run(change, "broken")


@pytest.mark.server
def test_a_table_dropped_just_before_it_is_read_is_an_error_that_may_pass(civil, monkeypatch):
    found = postgres.find

    def dropped(*arguments):
        there = found(*arguments)
        civil.run("DROP TABLE people", "broken")
        return there

    monkeypatch.setattr(postgres, "find", dropped)
    with pytest.raises(errors.TableChanged) as failure:
        read(civil.url("broken"), table="people")
    assert failure.value.retry_helps


@pytest.mark.server
def test_a_table_somebody_is_altering_is_waited_for_and_then_told(civil, monkeypatch):
    monkeypatch.setattr(postgres, "LOCK_PATIENCE", "300ms")
    # a transaction that stays open beside ours
    altering = subprocess.Popen(
        [*civil.client, "broken"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert altering.stdin and altering.stdout
    altering.stdin.write("BEGIN; ALTER TABLE people ADD later date; SELECT 'altering';\n")
    altering.stdin.flush()
    assert altering.stdout.readline().strip() == "altering"
    try:
        with pytest.raises(errors.SourceLocked) as failure:
            read(civil.url("broken"), table="people")
        assert failure.value.retry_helps
    finally:
        altering.communicate("ROLLBACK;\n")


@pytest.mark.server
@pytest.mark.parametrize(
    ("allowed", "refused"),
    [
        ("ALTER ROLE reader CONNECTION LIMIT -1", "ALTER ROLE reader CONNECTION LIMIT 1"),
        (
            "GRANT EXECUTE ON FUNCTION pg_export_snapshot TO PUBLIC",
            "REVOKE EXECUTE ON FUNCTION pg_export_snapshot FROM PUBLIC",
        ),
    ],
)
def test_a_server_that_grants_no_second_connection_or_snapshot_is_read_all_the_same(civil, allowed, refused):
    civil.run(refused, "broken")
    try:
        found = read(civil.url("broken"), table="people")
    finally:
        civil.run(allowed, "broken")
    assert (len(found.rows), found.rows[0]) == (LARGE, ("1", "坪山1"))


@pytest.mark.server
def test_a_table_of_mariadb_dropped_between_two_statements_is_told(mariadb_server, monkeypatch):
    mariadb_server.run("CREATE DATABASE IF NOT EXISTS broken; GRANT SELECT ON broken.* TO reader@'%'")
    mariadb_server.run("CREATE OR REPLACE TABLE people AS SELECT seq AS id FROM seq_1_to_100", "broken")
    # so many keys that they take two statements
    monkeypatch.setattr(mysql_part, "STATEMENT", 50)
    part = Part(key=("id",), keys=tuple((str(number),) for number in range(1, 60)))
    with open_source(resolve(mariadb_server.url("broken"), table="people", part=part)) as reader:
        batches = reader.batches()
        next(batches)
        mariadb_server.run("DROP TABLE people", "broken")
        with pytest.raises(errors.TableChanged) as failure:
            list(batches)
    assert failure.value.retry_helps


def test_an_sqlite_table_dropped_while_it_is_read_comes_whole(tmp_path):
    path = tmp_path / "people.db"
    with sqlite3.connect(path) as con:
        con.execute("PRAGMA journal_mode = WAL")
        con.execute("CREATE TABLE people (id INTEGER)")
        con.executemany("INSERT INTO people VALUES (?)", [(number,) for number in range(LARGE)])
    with open_source(resolve(str(path), table="people")) as reader:
        batches = reader.batches()
        rows = next(batches).rows.num_rows
        with sqlite3.connect(path) as con:
            con.execute("DROP TABLE people")
        rows += sum(batch.rows.num_rows for batch in batches)
    assert rows == LARGE


def test_an_sqlite_table_altered_after_it_was_found_is_told(tmp_path, monkeypatch):
    path = tmp_path / "people.db"
    with sqlite3.connect(path) as con:
        con.execute("CREATE TABLE people (id INTEGER)")
    found = sqlite.find

    def dropped(con, *arguments):
        there = found(con, *arguments)
        con.execute("ROLLBACK")
        with sqlite3.connect(path) as other:
            other.execute("DROP TABLE people")
        return there

    monkeypatch.setattr(sqlite, "find", dropped)
    with pytest.raises(errors.TableChanged):
        read(str(path), table="people")
