"""A database that is not there, refuses, or goes away midway; and PostgreSQL as the node's own store."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from jingwei.testing.servers import PASSWORD, Server

from .conftest import Node, line

pytestmark = pytest.mark.server
SECRET = {"JINGWEI_SECRET_SOURCE": PASSWORD}


@pytest.fixture(scope="module")
def department(postgres_server: Server) -> Server:
    """A department's database with as many persons as take a few seconds to read."""
    postgres_server.run("CREATE DATABASE department")
    postgres_server.run(
        "CREATE TABLE person AS SELECT g::text AS 编号, '沈云禾' AS 姓名, repeat('x', 100) AS 备注,"
        " '2020-01-02' AS 登记日期 FROM generate_series(1, 600000) g; GRANT SELECT ON person TO reader;",
        "department",
    )
    return postgres_server


def test_a_database_that_goes_away_while_rows_stream(node: Node, department: Server):
    node.deliver(line(1, "old"))
    node.json("collect", "trial.person")
    running = node.start(
        "collect", "trial.person", "--from", department.url("department"), "--json", **SECRET
    )
    end = time.monotonic() + 60
    cut = (
        "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
        " WHERE usename = 'reader' AND query LIKE 'COPY%' AND state = 'active'"
    )
    while department.run(cut) == "0" and time.monotonic() < end:
        time.sleep(0.01)
    ended = running.end()
    assert (ended.code, ended.error) == (3, "source-went-away"), ended.out
    assert node.standard() == {"1": "old"}
    assert node.json("runs")["runs"][0]["state"] == "failed"
    assert node.json("collect", "trial.person")["unchanged"] == 1


def test_a_database_that_cannot_be_read_says_why(node: Node, department: Server):
    nowhere = f"postgresql://reader@127.0.0.1:1/department"  # noqa: F541
    ask = ("collect", "trial.person", "--from")
    assert node.refused(*ask, nowhere, code=3, **SECRET) == "source-unreachable"
    assert node.refused(*ask, department.url("elsewhere"), **SECRET) == "database-missing"
    wrong = {"JINGWEI_SECRET_SOURCE": "wrong"}
    assert node.refused(*ask, department.url("department"), **wrong) == "credentials-refused"
    told = node.run("runs", "--json").out
    assert PASSWORD not in told


def test_postgresql_as_the_operational_store(
    postgres_server: Server, made_home: Path, zygote, tmp_path: Path
):
    postgres_server.run("CREATE DATABASE node OWNER reader")
    url = postgres_server.url("node").replace("reader@", f"reader:{PASSWORD.replace(' ', '%20')}@")
    node = Node(tmp_path / "home", zygote)
    node.env["JINGWEI_DATABASE_URL"] = url
    assert node.json("init")["new"] is True
    (node.home / "sample").mkdir()
    node.declare()
    node.declare("trial.other")
    node.deliver(line(1), line(2, "a\0b"), line(3, name=""))
    node.deliver(line(1), table="other")
    both = [node.start("collect", resource, "--json") for resource in ("trial.person", "trial.other")]
    ended = [one.end() for one in both]
    assert [one.code for one in ended] == [0, 0], [one.out for one in ended]
    assert len({one.json["run"] for one in ended}) == 2
    assert len(node.json("runs")["runs"]) == 2
    assert node.json("quarantine", "trial.person")["total"] == 2
    assert node.refused("lookup", "nowhere", "沈云禾") == "unknown-name"
    node.env["JINGWEI_DATABASE_URL"] = url.replace("/node", "/elsewhere")
    assert node.refused("runs", code=3) == "store-unreachable"
