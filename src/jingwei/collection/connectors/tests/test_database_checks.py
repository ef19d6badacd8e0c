"""The check of a database, step by step, against real servers."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime, timedelta

import pytest

from jingwei.collection.connectors import resolve
from jingwei.collection.connectors.base import Changes, Finding, Part, for_format
from jingwei.collection.connectors.database import checking
from jingwei.collection.connectors.tests.conftest import mariadb_server, postgres_server
from jingwei.testing.servers import PASSWORD, Server

__all__ = ["mariadb_server", "postgres_server"]

TABLE = "CREATE TABLE people (id int, seen timestamp); CREATE TABLE changes (seq int, op int, done int)"


@pytest.fixture(autouse=True)
def password(monkeypatch):
    monkeypatch.setenv("PGPASSWORD", PASSWORD)
    monkeypatch.setenv("MYSQL_PWD", PASSWORD)


@pytest.fixture(scope="module")
def postgres(postgres_server: Server) -> Server:
    postgres_server.run("CREATE DATABASE checked")
    postgres_server.run(
        f"{TABLE}; CREATE TABLE secret (x int); GRANT SELECT ON people, changes TO reader;", "checked"
    )
    return postgres_server


@pytest.fixture(scope="module")
def mariadb(mariadb_server: Server) -> Server:
    mariadb_server.run("CREATE DATABASE checked")
    mariadb_server.run(f"{TABLE}; GRANT SELECT ON checked.* TO reader@'%'", "checked")
    return mariadb_server


@pytest.fixture(
    params=[
        pytest.param("postgres", marks=pytest.mark.server),
        pytest.param("mariadb", marks=pytest.mark.server),
    ]
)
def server(request) -> Server:
    return request.getfixturevalue(request.param)


def found(
    location: str, table: str | None = "people", expected=(("id",), ("seen",)), **more
) -> dict[str, Finding]:
    source = resolve(location, table=table, headers=expected, **more)
    connector = for_format(source.format)
    assert connector is not None
    steps = list(connector.check(source))
    assert all(step.seconds >= 0 for step in steps)
    return {step.step: step for step in steps}


def verdicts(findings: dict[str, Finding]) -> dict[str, bool | None]:
    return {name: finding.ok for name, finding in findings.items()}


def test_every_step_of_a_sound_source(server):
    assert verdicts(found(server.url("checked"))) == {
        "reachable": True, "signed-in": True, "table": True, "columns": True, "rights": True, "clock": True,
    }  # fmt: skip


def test_a_server_that_is_not_there_ends_the_check(server):
    location = server.url("checked").replace(f":{server.port}", ":1")
    assert verdicts(found(location)) == {"reachable": False}


def test_a_wrong_password_is_told_apart_from_a_server_that_is_not_there(server, monkeypatch):
    monkeypatch.setenv("JINGWEI_SECRET_CIVIL", "not the word")
    findings = found(server.url("checked"), options={"server": "civil"})
    assert verdicts(findings) == {"reachable": True, "signed-in": False}
    assert "JINGWEI_SECRET_CIVIL" in str(findings["signed-in"].do)
    assert "not the word" not in str(findings)


def test_a_missing_table_is_named_with_those_there_are_and_the_clock_is_looked_at_all_the_same(server):
    findings = found(server.url("checked"), table="居民")
    assert verdicts(findings) == {"reachable": True, "signed-in": True, "table": False, "clock": True}
    assert "people" in str(findings["table"].said)


def test_columns_the_contract_expects_and_columns_its_way_of_reading_needs(server):
    findings = found(
        server.url("checked"), expected=(("ID",), ("姓名", "name")), part=Part(cursor="updated", since=None)
    )
    assert findings["columns"].ok is False
    assert "姓名" in str(findings["columns"].said) and "updated" in str(findings["columns"].said)


def test_a_change_table_needs_the_right_to_acknowledge(server):
    part = Part(changes=Changes("seq", "done", "1"))
    findings = found(server.url("checked"), "changes", (("op",),), part=part)
    assert findings["rights"].ok is False and "done" in str(findings["rights"].said)
    if server.scheme == "postgresql":
        server.run("GRANT UPDATE (done) ON changes TO reader", "checked")
    else:
        server.run("GRANT UPDATE ON checked.changes TO reader@'%'")
    assert found(server.url("checked"), "changes", (("op",),), part=part)["rights"].ok is True


@pytest.mark.server
def test_a_table_that_may_not_be_read(postgres):
    findings = found(postgres.url("checked"), "secret", ())
    assert (findings["table"].ok, findings["rights"].ok) == (True, False)


@pytest.mark.server
def test_a_clock_that_is_wrong_is_told_with_both_times(postgres, monkeypatch):
    wrong = datetime.now(UTC) - timedelta(minutes=7)

    class Late(datetime):
        @classmethod
        def now(cls, tz=None):
            return wrong

    monkeypatch.setattr(checking, "datetime", Late)
    clock = found(postgres.url("checked"))["clock"]
    assert clock.ok is False
    assert wrong.astimezone().isoformat(sep=" ", timespec="seconds") in clock.said.en


def test_an_sqlite_file(tmp_path):
    path = tmp_path / "people.db"
    with sqlite3.connect(path) as con:
        con.executescript(TABLE)
    part = Part(changes=Changes("seq", "done", "1"))
    assert verdicts(found(str(path), "changes", (("op",),), part=part)) == {
        "open": True, "table": True, "columns": True, "rights": True,
    }  # fmt: skip
    assert verdicts(found(str(path), "居民")) == {"open": True, "table": False}
    path.write_bytes(b"SQLite format 3\0" + b"x" * 100)
    assert not all(verdicts(found(str(path))).values())
