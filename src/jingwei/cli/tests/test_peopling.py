"""`jingwei organization | account`: the tree from a table, the first accounts, and the three administrators kept apart."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from jingwei.cli.commands import jingwei
from jingwei.kernel.errors import JingweiError
from jingwei.kernel.models import Account, Organization

pytestmark = pytest.mark.django_db


@pytest.fixture
def run(home, monkeypatch):
    monkeypatch.setattr("jingwei.cli.frame._require_home", lambda: None)

    def invoke(*arguments):
        done = CliRunner().invoke(jingwei, [*arguments, "--json"], standalone_mode=False)
        if isinstance(done.exception, JingweiError):
            return done.exception.as_dict()
        assert done.exception is None, done.exception
        return json.loads(done.stdout)

    return invoke


def test_a_tree_is_imported_and_listed_and_a_faulty_table_is_told_whole(run, tmp_path):
    table = tmp_path / "tree.csv"
    table.write_text("代码,名称,层级,上级代码\na,云溪区,区,\nb,松涛街道,街道,a\n", "utf-8")
    assert run("organization", "import", str(table)) == {"made": 2, "changed": 0, "same": 0}
    assert [one["parent"] for one in run("organization", "list")["organizations"]] == [None, "a"]
    table.write_text("代码,名称,层级\nc d,,村\n", "utf-8")
    assert [one["row"] for one in run("organization", "import", str(table))["faults"]] == [2, 2, 2]


def test_the_first_accounts_get_their_roles_on_the_server_but_nobody_two_that_exclude_each_other(run):
    Organization.objects.create(code="yunxi", name_zh="云溪区", level="district")
    made = run(
        "account",
        "add",
        "tao",
        "--name",
        "陶知远",
        "--role",
        "administrator",
        "--organization",
        "yunxi",
        "--one-time",
    )
    tao = Account.objects.get(username="tao")
    assert tao.check_password(made["password"]) and tao.must_change and tao.roles == ["administrator"]
    both = ("--role", "security", "--role", "auditor", "--one-time")
    assert run("account", "add", "gu", "--name", "顾清和", *both)["error"] == "roles-exclude"
    assert not Account.objects.filter(username="gu").exists(), "nothing half-made is left"
    assert (
        run("account", "add", "gu", "--name", "顾", "--role", "auditr", "--one-time")["error"]
        == "unknown-role"
    )
    run("account", "disable", "tao")
    assert run("account", "list")["accounts"][0]["active"] is False
