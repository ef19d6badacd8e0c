"""A resource behind a driver, from its contract to the lake: whole, what is new, and an exchange table."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess

import pytest

from jingwei.collection import service
from jingwei.collection.models import Run
from jingwei.packs.service import install

CONTRACT = """
apiVersion: v3.1.0
kind: DataContract
id: land.owner
name: 权利人
version: 1.0.0
status: active
servers:
  - server: land
    type: {type}
    host: db.example
    port: 1433
    {places}
    customProperties:
      - {{property: driver, value: "odbc:SQLite3"}}
      - {{property: user, value: reader}}
      - {{property: connection, value: {{Database: "{{{path}}}"}}}}
customProperties: {properties}
schema:
  - name: owner
    physicalName: owner
    properties:
      - {{name: number, physicalName: 编号, logicalType: string, primaryKey: true}}
      - {{name: name, physicalName: 姓名, logicalType: string}}
"""


@pytest.fixture
def owners(home, pack, db):
    """Declares the contract over an SQLite file that is reached through its ODBC driver."""
    known = shutil.which("odbcinst") and subprocess.run(
        ["odbcinst", "-q", "-d"], capture_output=True, text=True, check=False
    )
    if not known or "[SQLite3]" not in known.stdout:
        pytest.skip("the ODBC driver SQLite3 is not installed (Debian: apt install unixodbc libsqliteodbc)")
    path = home / "owners.db"

    def run(sql: str) -> list[tuple[str, ...]]:
        with sqlite3.connect(path) as con:
            return con.execute(sql).fetchall()

    def declare(properties: str, type: str = "sqlserver") -> None:
        # each kind of server names its places as the standard has them
        named = "serviceName" if type == "oracle" else "database"
        places = f"{named}: {path}" + ("" if type == "oracle" else "\n    schema: dbo")
        text = CONTRACT.format(type=type, places=places, path=named, properties=properties)
        install(pack("land", {"contracts/owner.yaml": text}))

    run(
        "CREATE TABLE owner (编号 varchar(9), 姓名 varchar(20), 更新 integer, 操作 varchar(1), 回执 varchar(1))"
    )
    run("INSERT INTO owner VALUES ('001', '张伟', 1, 'I', '1'), ('002', '李娜', 2, 'I', NULL)")
    return declare, run


def figures(run: Run) -> tuple[str, int, int, int, int]:
    return (run.kind, run.read, run.new, run.changed, run.removed)


def test_what_is_new_through_a_driver(owners):
    declare, run = owners
    declare(
        "[{property: refresh, value: incremental}, {property: cursor, value: {column: 更新}}, {property: maxRemoved, value: 1}]"
    )
    assert figures(service.collect("land.owner")) == (Run.FULL, 2, 2, 0, 0)
    run("INSERT INTO owner VALUES ('003', '王芳', 3, 'I', NULL)")
    run("DELETE FROM owner WHERE 编号 = '001'")
    assert figures(service.collect("land.owner")) == (Run.INCREMENTAL, 2, 1, 0, 1)


@pytest.mark.parametrize("type", ["sqlserver", "oracle", "custom"])
def test_an_exchange_table_through_a_driver(owners, type):
    declare, run = owners
    declare(
        "[{property: refresh, value: changes},"
        " {property: changes, value: {sequence: 更新, operation: 操作, acknowledge: 回执}}]",
        type,
    )
    assert figures(service.collect("land.owner")) == (Run.CHANGES, 1, 1, 0, 0)
    assert run("SELECT 编号, 回执 FROM owner ORDER BY 编号") == [("001", "1"), ("002", "1")]
    run("INSERT INTO owner VALUES ('002', NULL, 3, 'D', NULL)")
    # one row of one: no more than a person may let go
    held = service.collect("land.owner")
    assert (held.state, held.removed) == (Run.HELD, 1)
    assert figures(service.release(held.id, by="steward"))[4] == 1
    assert service.collect("land.owner").read == 0
