"""Databases read through ADBC and ODBC drivers: real drivers, real servers."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

import pytest

from jingwei.collection.connectors import errors, open_source
from jingwei.collection.connectors.base import Changes, Part, Source, for_format
from jingwei.collection.connectors.database.odbc import connection_text
from jingwei.collection.connectors.database.opened import opening
from jingwei.collection.connectors.tests.conftest import mariadb_server, postgres_server
from jingwei.testing.servers import PASSWORD, Server

__all__ = ["mariadb_server", "postgres_server"]

PEOPLE = """
CREATE TABLE people (id bigint, name varchar(40), amount numeric(20,6), seen timestamp, day date, n integer);
INSERT INTO people VALUES
 (990101199001011234, '张伟 O''Neil', 12345678901234.560000, '2026-11-01 08:30:00', '2026-11-01', 9),
 (2, '李娜', 0.000001, '2026-11-02 08:30:00.123456', '2026-11-02', 10),
 (3, NULL, NULL, NULL, NULL, NULL),
 (4, '', -1.5, '2999-01-01 00:00:00', '2999-01-01', 11);
CREATE TABLE changes (seq bigint, op varchar(2), done varchar(2));
INSERT INTO changes VALUES (11, 'U', NULL), (10, 'I', '0'), (9, 'I', '1');
"""
ADBC_POSTGRES = {"uri": "postgresql://{user}:{password}@{host}:{port}/{database}"}


def odbc_driver(name: str) -> None:
    """Skips where this driver of the system is not there."""
    listing = shutil.which("odbcinst")
    known = (
        subprocess.run(["odbcinst", "-q", "-d"], capture_output=True, text=True, check=False).stdout
        if listing
        else ""
    )
    if f"[{name}]" not in known:
        pytest.skip(
            f"the ODBC driver {name} is not installed (Debian: apt install unixodbc odbc-postgresql libsqliteodbc)"
        )


@dataclass
class Place:
    """A database with the tables above behind a driver."""

    options: dict[str, Any]
    run: Callable[[str], Any]
    exact: bool
    """Whether its columns have types; SQLite keeps decimals and times as it likes."""

    def source(self, table: str | None = "people", part: Part | None = None, **more: Any) -> Source:
        options = {**self.options, **more}
        fmt = "odbc" if str(options["driver"]).startswith("odbc:") else "adbc"
        place = options["place"]
        return Source(f"{fmt}://{place.get('host', '')}/{place['database']}", fmt, table, (), options, part)


def behind_postgres(request, driver: str, **options: Any) -> Place:
    server: Server = request.getfixturevalue("postgres_server")
    if not server.run("SELECT 1 FROM pg_database WHERE datname = 'driven'"):
        server.run("CREATE DATABASE driven")
    server.run("DROP TABLE IF EXISTS people, changes, secret", "driven")
    server.run(f"{PEOPLE}; CREATE TABLE secret (x int)", "driven")
    server.run("GRANT SELECT ON people, changes TO reader; GRANT UPDATE ON changes TO reader", "driven")
    place = {"host": "127.0.0.1", "port": server.port, "database": "driven"}
    given = {"driver": driver, "place": place, "user": "reader", "server": "far", **options}
    return Place(given, lambda script: server.run(script, "driven"), exact=True)


def behind_sqlite(tmp_path, driver: str, **options: Any) -> Place:
    path = tmp_path / "people.db"

    def run(script: str) -> list[Any]:
        with sqlite3.connect(path) as con:
            con.executescript(script)
            return con.execute(
                "SELECT seq || ':' || coalesce(done, '-') FROM changes ORDER BY seq"
            ).fetchall()

    # its ODBC driver says that a time has no fraction, and refuses one
    run(PEOPLE.replace(".123456", ""))
    given = {"driver": driver, "place": {"database": str(path)}, "server": "near", **options}
    return Place(given, run, exact=False)


@pytest.fixture(
    params=[
        pytest.param("odbc-postgres", marks=pytest.mark.server),
        pytest.param("adbc-postgres", marks=pytest.mark.server),
        "odbc-sqlite",
        "adbc-sqlite",
    ]
)
def place(request, tmp_path, monkeypatch) -> Place:
    if request.param == "odbc-postgres":
        odbc_driver("PostgreSQL Unicode")
        monkeypatch.setenv("JINGWEI_SECRET_FAR", PASSWORD)
        return behind_postgres(request, "odbc:PostgreSQL Unicode")
    if request.param == "adbc-postgres":
        monkeypatch.setenv("JINGWEI_SECRET_FAR", PASSWORD)
        return behind_postgres(request, "adbc_driver_postgresql", connection=ADBC_POSTGRES)
    if request.param == "odbc-sqlite":
        odbc_driver("SQLite3")
        return behind_sqlite(tmp_path, "odbc:SQLite3")
    if find_spec("adbc_driver_sqlite") is None:
        pytest.skip("the package adbc-driver-sqlite is not installed")
    return behind_sqlite(tmp_path, "adbc_driver_sqlite", connection={"uri": "{database}"})


def rows(place: Place, table: str = "people", part: Part | None = None) -> list[tuple[str | None, ...]]:
    with open_source(place.source(table, part)) as reader:
        found = [
            row
            for batch in reader.batches()
            for row in zip(*(column.to_pylist() for column in batch.rows.columns[1:]), strict=True)
        ]
        assert len(found) == reader.declared
    return found


def test_every_value_comes_as_text_with_nothing_lost(place):
    found = rows(place)
    assert [row[0] for row in found] == ["990101199001011234", "2", "3", "4"]
    assert [row[1] for row in found] == ["张伟 O'Neil", "李娜", None, ""]
    assert [row[4] for row in found] == ["2026-11-01", "2026-11-02", None, "2999-01-01"]
    if place.exact:
        assert [row[2] for row in found] == ["12345678901234.560000", "0.000001", None, "-1.500000"]
        assert [row[3] for row in found] == [
            "2026-11-01 08:30:00", "2026-11-02 08:30:00.123456", None, "2999-01-01 00:00:00",
        ]  # fmt: skip


@pytest.mark.parametrize(
    ("part", "expected"),
    [
        (Part(cursor="seen", since="2026-11-02 08:30:00"), ["2", "3", "4"]),
        (Part(cursor="day", since="2026-11-02"), ["2", "3", "4"]),
        (Part(cursor="n", since="10"), ["2", "3", "4"]),
        (Part(cursor="n", since="9"), ["2", "3", "4", "990101199001011234"]),
        (Part(key=("id",), keys=(("2",), ("x",), ("4",))), ["2", "4"]),
        (Part(key=("name",), keys=(("张伟 O'Neil",), ("nobody",))), ["990101199001011234"]),
        (Part(key=("id", "n"), keys=tuple((str(n), "10") for n in range(1, 1200))), ["2"]),
        (Part(key=("id",), keys=(("x",),)), []),
        (Part(cursor="n", since="99", key=("id",), keys=(("2",),)), []),
    ],
)
def test_parts_of_a_table(place, part, expected):
    with open_source(place.source(part=part)) as reader:
        found = [id for batch in reader.batches() for id in batch.rows.column("id").to_pylist()]
        assert (sorted(found), reader.declared, reader.total) == (expected, len(expected), 4)
        assert reader.clock is not None and reader.clock.tzinfo is not None


def test_only_the_columns_asked_for(place):
    assert rows(place, part=Part(columns=("NAME", "id"), cursor="n", since="11")) == [(None, "3"), ("", "4")]


def test_changes_are_taken_in_order_and_exactly_those_read_are_acknowledged(place):
    with open_source(place.source("changes", Part(changes=Changes("seq", "done", "1")))) as reader:
        assert [op for batch in reader.batches() for op in batch.rows.column("op").to_pylist()] == ["I", "U"]
    place.run("INSERT INTO changes VALUES (8, 'I', NULL), (12, 'D', NULL)")
    reader.acknowledge()
    reader.acknowledge()
    listing = "SELECT seq || ':' || coalesce(done, '-') FROM changes ORDER BY seq"
    found = place.run(listing)
    marks = found.split("\n") if isinstance(found, str) else [row[0] for row in found]
    assert marks == ["8:-", "9:1", "10:1", "11:1", "12:-"]


def test_a_value_that_cannot_be_compared_and_a_column_that_is_not_there(place):
    with pytest.raises(errors.CursorIncomparable):
        rows(place, part=Part(cursor="n", since="yesterday"))
    with pytest.raises(errors.PartColumnMissing):
        rows(place, part=Part(cursor="updated", since="1"))


def test_a_table_that_is_not_there_is_told_with_what_the_server_says(place):
    with pytest.raises(errors.TableUnreadable) as refusal:
        rows(place, "residents")
    assert "residents" in str(refusal.value)
    with pytest.raises(errors.TableNotNamed):
        open_source(place.source(None))


def test_the_check_goes_through_all_steps(place):
    source = place.source("changes", Part(changes=Changes("seq", "done", "1")))
    connector = for_format(source.format)
    assert connector is not None
    found = {finding.step: finding.ok for finding in connector.check(source)}
    assert found == dict.fromkeys(("reachable", "signed-in", "table", "columns", "rights", "clock"), True)


@pytest.mark.server
@pytest.mark.parametrize("driver", ["odbc:PostgreSQL Unicode", "adbc_driver_postgresql"])
def test_a_wrong_password_a_forbidden_table_and_a_server_that_does_not_answer(request, monkeypatch, driver):
    if driver.startswith("odbc:"):
        odbc_driver("PostgreSQL Unicode")
    monkeypatch.setenv("JINGWEI_SECRET_FAR", "not the word")
    more = {} if driver.startswith("odbc:") else {"connection": ADBC_POSTGRES}
    place = behind_postgres(request, driver, **more)
    with pytest.raises(errors.CredentialsRefused) as refusal:
        rows(place)
    assert "JINGWEI_SECRET_FAR" in str(refusal.value) and "not the word" not in str(refusal.value)
    monkeypatch.setenv("JINGWEI_SECRET_FAR", PASSWORD)
    with pytest.raises((errors.TableRefused, errors.TableUnreadable)):
        rows(place, "secret")
    place.options["place"]["port"] = 1
    with pytest.raises(errors.SourceUnreachable) as failure:
        rows(place)
    assert failure.value.retry_helps


@pytest.mark.parametrize("driver", ["odbc:No Such Driver", "adbc_driver_nothing"])
def test_a_driver_that_is_not_there_is_told_with_what_to_install(tmp_path, driver):
    place = behind_sqlite(tmp_path, driver, connection={"uri": "x"})
    if driver.startswith("odbc:") and shutil.which("odbcinst") is None:
        pytest.skip("the ODBC driver manager is not installed (Debian: apt install unixodbc)")
    with pytest.raises(errors.DriverMissing) as refusal:
        rows(place)
    assert "apt-get install" in str(refusal.value)


def test_a_value_longer_than_agreed_is_refused_and_never_cut(tmp_path):
    odbc_driver("SQLite3")
    place = behind_sqlite(tmp_path, "odbc:SQLite3", max_text=20)
    place.run(
        "CREATE TABLE notes (text text); INSERT INTO notes VALUES (replace(hex(zeroblob(50)), '00', '坪山'))"
    )
    with pytest.raises(errors.ValueTooLong):
        rows(place, "notes")


def test_a_password_stands_nowhere_but_in_the_environment(monkeypatch):
    monkeypatch.setenv("JINGWEI_SECRET_CORE", "p;w}d")
    place = {"host": "db.example", "port": 1433, "database": "residents"}
    options = {"driver": "odbc:ODBC Driver 18", "place": place, "user": "reader", "server": "core"}
    said = opening(Source("odbc://db.example/residents", "odbc", "t", (), options))
    assert connection_text(said) == (
        "Driver={ODBC Driver 18};Server=db.example;Port=1433;Database=residents;UID=reader;PWD={p;w}}d};"
    )
    own = {"Server": "{host},{port}", "Database": "{database}", "TrustServerCertificate": True}
    said = opening(Source("odbc://db.example/residents", "odbc", "t", (), {**options, "connection": own}))
    assert connection_text(said) == (
        "Driver={ODBC Driver 18};Server={db.example,1433};Database=residents;TrustServerCertificate=true;"
        "UID=reader;PWD={p;w}}d};"
    )
    assert said.hide("PWD=p;w}d refused") == "PWD=*** refused"


def test_a_place_that_is_not_given_is_refused():
    options = {"driver": "adbc_driver_x", "place": {}, "connection": {"uri": "x://{host}/"}}
    with pytest.raises(errors.OptionWrong):
        opening(Source("adbc:///", "adbc", "t", (), options))
