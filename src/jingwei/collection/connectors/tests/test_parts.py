"""Parts of a database's table: newer rows, some columns, some keys, a change table. One suite for every database."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from jingwei.collection.connectors import errors, open_source, resolve
from jingwei.collection.connectors.base import CHANGES, COLUMNS, CURSOR, KEYS, Changes, Part, for_format
from jingwei.collection.connectors.tests.conftest import mariadb_server, postgres_server
from jingwei.testing.servers import PASSWORD

__all__ = ["mariadb_server", "postgres_server"]

TABLE = "CREATE TABLE people (id {integer}, name {text}, seen {time}, day {day}, said {text}, n {integer})"
PEOPLE = """
INSERT INTO people VALUES
 (1, '张伟', '2026-11-01 08:30:00', '2026-11-01', '20261101', 9),
 (2, '李娜', '2026-11-02 08:30:00', '2026-11-02', '20261102', 10),
 (3, '王芳', NULL, NULL, NULL, NULL),
 (4, '刘洋', '2999-01-01 00:00:00', '2999-01-01', '29990101', 11)
"""
EXCHANGE = "CREATE TABLE changes (seq {integer}, op {text}, id {integer}, name {text}, done {text})"
CHANGED = """
INSERT INTO changes VALUES
 (11, 'U', 1, '张伟二', NULL), (10, 'I', 5, '陈静', '0'), (9, 'I', 4, '刘洋', '1'), (12, 'D', 2, NULL, '')
"""


@dataclass
class Database:
    """A place with the tables above, and a way to write there as its owner."""

    url: str
    run: Callable[[str], Any]
    words: dict[str, str]

    def renew(self, name: str, table: str, rows: str) -> None:
        self.run(f"DROP TABLE IF EXISTS {name}")
        self.run(table.format(**self.words))
        self.run(rows)


def _sqlite(tmp_path) -> Database:
    path = tmp_path / "people.db"

    def run(script: str) -> list[Any]:
        with sqlite3.connect(path) as con:
            found = con.execute(script).fetchall()
        con.close()
        return found

    words = {"integer": "INTEGER", "text": "TEXT", "time": "DATETIME", "day": "DATE"}
    run("CREATE TABLE other (x)")
    return Database(str(path), run, words)


@pytest.fixture(
    params=["sqlite", *(pytest.param(name, marks=pytest.mark.server) for name in ("postgres", "mariadb"))]
)
def database(request, tmp_path, monkeypatch) -> Database:
    monkeypatch.setenv("PGPASSWORD", PASSWORD)
    monkeypatch.setenv("MYSQL_PWD", PASSWORD)
    if request.param == "sqlite":
        found = _sqlite(tmp_path)
    elif request.param == "mariadb":
        server = request.getfixturevalue("mariadb_server")
        server.run("CREATE DATABASE IF NOT EXISTS parts CHARACTER SET utf8mb4")
        server.run("GRANT SELECT ON parts.* TO reader@'%'")
        words = {"integer": "bigint", "text": "varchar(40)", "time": "datetime", "day": "date"}
        found = Database(server.url("parts"), lambda script: server.run(script, "parts"), words)
    else:
        server = request.getfixturevalue("postgres_server")
        if not server.run("SELECT 1 FROM pg_database WHERE datname = 'parts'"):
            server.run("CREATE DATABASE parts")
            server.run("ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO reader", "parts")
        words = {"integer": "bigint", "text": "text", "time": "timestamp", "day": "date"}
        found = Database(server.url("parts"), lambda script: server.run(script, "parts"), words)
    found.renew("people", TABLE, PEOPLE)
    found.renew("changes", EXCHANGE, CHANGED)
    return found


def source(database: Database, part: Part, table: str = "people"):
    return resolve(database.url, table=table, part=part)


def rows(database: Database, part: Part, table: str = "people") -> list[tuple[str | None, ...]]:
    with open_source(source(database, part, table)) as reader:
        cells = [batch.rows.columns[1:] for batch in reader.batches()]
        found = [row for one in cells for row in zip(*(column.to_pylist() for column in one), strict=True)]
        assert len(found) == reader.declared
    return found


def ids(database: Database, part: Part) -> list[str]:
    return sorted(row[0] or "" for row in rows(database, part))


def test_every_database_reads_parts(database):
    assert for_format(resolve(database.url).format).capabilities == {CURSOR, COLUMNS, KEYS, CHANGES}


@pytest.mark.parametrize(
    ("column", "since"),
    [
        ("seen", "2026-11-02 08:30:00"),
        ("day", "2026-11-02"),
        ("said", "20261102"),
        ("n", "10"),
        ("SEEN", "2026-11-02 08:30:00"),
    ],
)
def test_rows_at_and_after_the_cursor_and_those_without_one(database, column, since):
    assert ids(database, Part(cursor=column, since=since)) == ["2", "3", "4"]


def test_a_cursor_of_numbers_is_compared_as_numbers(database):
    # as text, "10" and "11" come before "9"
    assert ids(database, Part(cursor="n", since="9")) == ["1", "2", "3", "4"]
    assert ids(database, Part(cursor="n", since="11")) == ["3", "4"]


def test_a_cursor_without_a_last_value_reads_all(database):
    assert len(rows(database, Part(cursor="seen"))) == 4


def test_counts_of_the_part_and_of_the_whole_and_the_clock_are_of_one_snapshot(database):
    before = datetime.now(UTC) - timedelta(seconds=2)
    with open_source(source(database, Part(cursor="day", since="2999-01-01"))) as reader:
        assert (reader.declared, reader.total) == (2, 4)
        assert reader.clock is not None and before < reader.clock < datetime.now(UTC) + timedelta(seconds=2)
    with open_source(source(database, Part())) as reader:
        assert (reader.declared, reader.total) == (4, None)


def test_only_the_columns_asked_for_in_their_order(database):
    assert rows(database, Part(columns=("NAME", "id"), key=("id",), keys=(("2",),))) == [("李娜", "2")]


def test_only_rows_with_these_keys(database):
    assert ids(database, Part(key=("id",), keys=(("2",), ("4",), ("99",)))) == ["2", "4"]
    assert ids(database, Part(key=("id", "name"), keys=(("2", "李娜"), ("4", "李娜")))) == ["2"]
    assert ids(database, Part(key=("id",), keys=())) == []


def test_twenty_thousand_keys_are_no_burden(database):
    keys = tuple((str(number),) for number in range(3, 20_003))
    assert ids(database, Part(key=("id",), keys=keys)) == ["3", "4"]


def test_a_key_whose_type_changed_at_the_source_is_still_found(database):
    # keys of an earlier run were texts; the column holds numbers now
    assert ids(database, Part(key=("id",), keys=(("A-1",), ("2",), ("007",), ("O'Brien\\",)))) == ["2"]


@pytest.mark.parametrize(
    "part",
    [
        Part(cursor="updated", since="1"),
        Part(cursor="updated"),
        Part(columns=("id", "updated")),
        Part(key=("updated",), keys=(("1",),)),
        Part(changes=Changes("updated", None, "1")),
        Part(changes=Changes("id", "updated", "1")),
    ],
)
def test_a_column_that_is_not_there_is_named_with_those_that_are(database, part):
    with pytest.raises(errors.PartColumnMissing) as refusal:
        rows(database, part)
    assert "updated" in str(refusal.value) and "seen" in str(refusal.value)


def take(database: Database, column: str | None = "done"):
    return open_source(source(database, Part(changes=Changes("seq", column, "1")), "changes"))


def marks(database: Database) -> list[str]:
    said = "seq || ':' || coalesce(done, '-')"
    if database.url.startswith("mysql"):
        said = "concat(seq, ':', coalesce(done, '-'))"
    found = database.run(f"SELECT {said} FROM changes ORDER BY seq")
    return found.split("\n") if isinstance(found, str) else [row[0] for row in found]


def test_changes_not_yet_acknowledged_come_in_their_order(database):
    found = rows(database, Part(changes=Changes("seq", "done", "1")), "changes")
    assert [row[:3] for row in found] == [("10", "I", "5"), ("11", "U", "1"), ("12", "D", "2")]


def grant(database: Database) -> None:
    if database.url.startswith("postgresql"):
        database.run("GRANT UPDATE ON changes TO reader")
    if database.url.startswith("mysql"):
        database.run("GRANT UPDATE ON changes TO reader@'%'")


def test_exactly_what_was_read_is_acknowledged_and_twice_does_no_harm(database):
    grant(database)
    with take(database) as reader:
        list(reader.batches())
    database.run("INSERT INTO changes VALUES (8, 'I', 8, 'late', NULL), (13, 'I', 9, 'new', NULL)")
    assert marks(database) == ["8:-", "9:1", "10:0", "11:-", "12:", "13:-"]
    reader.acknowledge()
    reader.acknowledge()
    assert marks(database) == ["8:-", "9:1", "10:1", "11:1", "12:1", "13:-"]


def test_changes_can_be_acknowledged_while_the_reader_is_open(database):
    grant(database)
    with take(database) as reader:
        list(reader.batches())
        reader.acknowledge()
    assert marks(database) == ["9:1", "10:1", "11:1", "12:1"]


def test_what_was_not_read_to_its_end_is_not_acknowledged(database):
    grant(database)
    with take(database) as reader:
        reader.acknowledge()
    assert marks(database) == ["9:1", "10:0", "11:-", "12:"]


def test_a_second_row_with_a_sequence_value_that_was_read_is_not_taken_for_read(database):
    grant(database)
    with take(database) as reader:
        list(reader.batches())
    database.run("INSERT INTO changes VALUES (11, 'D', 1, NULL, NULL)")
    with pytest.raises(errors.AcknowledgeFailed):
        reader.acknowledge()
    assert "11:1" not in marks(database)


@pytest.mark.parametrize("row", ["(NULL, 'I', 6, 'x', NULL)", "(10, 'D', 5, NULL, NULL)"])
def test_changes_whose_order_cannot_be_told_are_refused(database, row):
    database.run(f"INSERT INTO changes VALUES {row}")
    with pytest.raises(errors.SequenceFaulty), take(database) as reader:
        list(reader.batches())


def test_a_change_table_without_a_mark_goes_on_from_the_last_sequence(database):
    part = Part(cursor="seq", since="11", changes=Changes("seq", None, "1"))
    with open_source(source(database, part, "changes")) as reader:
        assert [row for batch in reader.batches() for row in batch.rows.column("seq").to_pylist()] == [
            "11",
            "12",
        ]
        reader.acknowledge()
    assert marks(database) == ["9:1", "10:0", "11:-", "12:"]
