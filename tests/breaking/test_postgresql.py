"""The main job with both stores on PostgreSQL: the operational store and the lake's catalog."""

from __future__ import annotations

from pathlib import Path

import pytest

from jingwei.testing.servers import PASSWORD, Server

from .conftest import Node

pytestmark = pytest.mark.server
PEOPLE = ("police.resident", "medical.insured", "health.record")


def test_tables_become_a_register_that_answers_from_postgresql(
    postgres_server: Server, made_home: Path, zygote, tmp_path: Path
):
    postgres_server.run("CREATE DATABASE whole_node OWNER reader; ")
    postgres_server.run("CREATE DATABASE whole_lake OWNER reader; ")
    node = Node(tmp_path / "home", zygote)
    address = postgres_server.url("whole_node").replace("reader@", f"reader:{PASSWORD.replace(' ', '%20')}@")
    node.env["JINGWEI_DATABASE_URL"] = address
    node.env["JINGWEI_LAKE_CATALOG"] = (
        f"postgres:dbname=whole_lake host=127.0.0.1 port={postgres_server.port} user=reader password='{PASSWORD}'"
    )
    node.json("init")
    node.json("sample", "--residents", "300")
    node.json("pack", "install", "district")
    for resource in PEOPLE:
        run = node.json("collect", resource)
        assert run["balances"] and run["new"] == run["accepted"] > 0
    report = node.json("link", "population")
    assert report["new"] == report["entities"] >= 300
    again = node.json("link", "population")
    assert (again["new"], again["changed"], again["removed"]) == (0, 0, 0)
    found = node.json("lookup", "population", "沈云禾", "--golden")
    assert {answer["name"] for answer in found["answers"]} == {"沈云禾"}
    assert found["golden"]["fields"]["name"]["source"] in PEOPLE
    assert not (node.home / "operational.sqlite").exists()
    assert not (node.home / "lake" / "catalog.sqlite").exists()
