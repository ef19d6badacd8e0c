"""Backups beside a running node: one point in time for all three stores, whole or not there, and really restored."""

from __future__ import annotations

import shutil
import sqlite3
from pathlib import Path

import pytest

from jingwei.testing.servers import PASSWORD, Server

from .conftest import LEAVE, Node, Zygote, line

DIE = """
import os, signal
from jingwei.operations.backup import {module} as module
def die(*given, **named):
    os.kill(os.getpid(), signal.SIGKILL)
{where}
"""


def died(module: str, where: str) -> str:
    return DIE.format(module=module, where=where)


@pytest.fixture(scope="module")
def filled_home(made_home: Path, zygote: Zygote, tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("filled") / "home"
    shutil.copytree(made_home, home)
    node = Node(home, zygote)
    node.deliver(*(line(n, "one") for n in range(40)), line("x", name=""))
    node.json("collect", "trial.person")
    node.deliver(*(line(n, "two") for n in range(20)))
    node.json("collect", "trial.person")
    (home / "files" / "letter.txt").write_text("为证")
    return home


@pytest.fixture
def filled(filled_home: Path, zygote: Zygote, tmp_path: Path) -> Node:
    """A node with two runs behind it."""
    shutil.copytree(filled_home, tmp_path / "home")
    return Node(tmp_path / "home", zygote)


def restored(node: Node, folder: Path, home: Path, **options) -> Node:
    node.json("restore", folder, "--to", home, **options)
    return Node(home, node.zygote, node.env)


def halves(folder: Path) -> list[str]:
    return [one.name for one in folder.iterdir() if one.name.startswith((".unfinished", ".home.restoring"))]


def test_what_is_restored_is_what_was_there(filled: Node, tmp_path: Path):
    taken = filled.json("backup", tmp_path / "kept")
    assert filled.json("backup", "verify", tmp_path / "kept")["files"] == taken["files"]
    before = filled.contents()
    filled.deliver(line(1, "later"))
    filled.json("collect", "trial.person")
    again = restored(filled, tmp_path / "kept", tmp_path / "again")
    assert again.contents() == before != filled.contents()
    assert (again.home / "files" / "letter.txt").read_text() == "为证"
    assert (again.home / "secret.key").read_text() == (filled.home / "secret.key").read_text()
    assert (again.home / "secret.key").stat().st_mode & 0o777 == 0o600
    assert [run["state"] for run in again.json("runs")["runs"]] == ["done", "done"]
    shutil.copytree(filled.home / "sample", again.home / "sample")
    assert again.json("collect", "trial.person")["balances"]


def test_a_second_backup_links_what_has_not_changed_and_only_so_many_are_kept(filled: Node, tmp_path: Path):
    kept = tmp_path / "kept"
    first = filled.json("backup", kept)
    Path(first["backup"]).rename(kept / "2020-01-01T000000Z")
    filled.deliver(line(1, "later"))
    filled.json("collect", "trial.person")
    second = filled.json("backup", kept, "--keep", "1")
    assert 0 < second["linked"] < second["files"] and second["removed"] == ["2020-01-01T000000Z"]
    assert len(filled.json("backup", "list", kept)["backups"]) == 1
    assert restored(filled, kept, tmp_path / "again").contents() == filled.contents()


def test_a_backup_beside_writers_is_of_one_moment(filled: Node, tmp_path: Path):
    filled.deliver(*(line(n, "now") for n in range(3000)))
    writer = filled.start("collect", "trial.person", "--json")
    folder = tmp_path / "kept"
    filled.json("backup", folder)
    assert writer.end().code == 0
    again = restored(filled, folder, tmp_path / "again")
    snapshot = again.query("SELECT max(snapshot_id) FROM lake.snapshots()")[0][0]
    receipts = {run for (run,) in again.query("SELECT run FROM lake.raw.runs")}
    for run in again.json("runs")["runs"]:
        assert run["balances"] or run["state"] == "running"
        if run["state"] == "done":
            assert run["snapshot"] <= snapshot and run["run"] in receipts
    shutil.copytree(filled.home / "sample", again.home / "sample")
    again.json("collect", "trial.person")
    assert again.standard() == filled.standard()


def test_a_killed_backup_leaves_none_and_the_next_tidies_up(filled: Node, tmp_path: Path):
    where = "module.os.sync = die"  # all is written, and nothing has its name yet
    kept = tmp_path / "kept"
    assert filled.run("backup", kept, before=died("taking", where)).code == -9
    assert filled.json("backup", "list", kept)["backups"] == []
    assert filled.refused("backup", "verify", kept) == "no-backup"
    filled.json("backup", kept)
    assert not halves(kept) and len(filled.json("backup", "list", kept)["backups"]) == 1
    assert filled.json("collect", "trial.person")["balances"]


def test_a_full_disk_leaves_no_half_backup(filled: Node, tmp_path: Path):
    kept = tmp_path / "kept"
    assert filled.json("backup", kept, largest_file=200_000, code=3)["error"] == "disk-full"
    assert not halves(kept) and filled.json("backup", "list", kept)["backups"] == []
    filled.json("backup", kept)
    target = tmp_path / "again"
    assert filled.json("restore", kept, "--to", target, largest_file=200_000, code=3)["error"] == "disk-full"
    assert not target.exists() and not halves(tmp_path)


def test_a_killed_restore_leaves_no_home(filled: Node, tmp_path: Path):
    where = "module._require_same = die"
    filled.json("backup", tmp_path / "kept")
    target = tmp_path / "again"
    assert (
        filled.run("restore", tmp_path / "kept", "--to", target, before=died("restoring", where)).code == -9
    )
    assert not target.exists()
    assert restored(filled, tmp_path / "kept", target).contents() == filled.contents()
    assert not (tmp_path / ".again.restoring").exists()


def test_a_backup_that_is_not_what_it_was_is_refused_and_names_the_file(filled: Node, tmp_path: Path):
    taken = Path(filled.json("backup", tmp_path / "kept")["backup"])
    parquet = next(iter(taken.glob("lake/data/**/*.parquet")))

    def refused(change) -> str:
        spoilt = tmp_path / "spoilt"
        shutil.rmtree(spoilt, ignore_errors=True)
        shutil.copytree(taken, spoilt)
        change(spoilt)
        told = filled.json("backup", "verify", spoilt, code=3)
        again = filled.json("restore", spoilt, "--to", tmp_path / "never", code=3)
        assert told["error"] == again["error"] == "backup-damaged" and not (tmp_path / "never").exists()
        return told["what"]

    def flipped(folder: Path) -> None:
        path = folder / parquet.relative_to(taken)
        told = bytearray(path.read_bytes())
        told[len(told) // 2] ^= 1
        path.write_bytes(told)

    def counted_otherwise(folder: Path) -> None:
        con = sqlite3.connect(folder / "operational.sqlite")
        with con:
            con.execute("DELETE FROM collection_run")
        con.close()

    assert parquet.name in refused(flipped)
    assert parquet.name in refused(lambda folder: (folder / parquet.relative_to(taken)).unlink())
    assert "operational.sqlite" in refused(counted_otherwise)
    assert "manifest.json" in refused(lambda folder: (folder / "manifest.json").write_text("{}"))


def test_a_backup_is_refused_where_it_would_harm(filled: Node, tmp_path: Path):
    assert filled.refused("backup", filled.home / "files" / "kept") == "backup-inside-home"
    (tmp_path / "papers").mkdir()
    (tmp_path / "papers" / "letter.txt").write_text("x")
    assert filled.refused("backup", tmp_path / "papers") == "backup-folder-taken"
    filled.json("backup", tmp_path / "kept")
    before = filled.contents()
    assert filled.refused("restore", tmp_path / "kept", "--to", filled.home) == "home-not-empty"
    assert filled.contents() == before
    (filled.home / "lake" / "data").rename(filled.home / "lake" / "elsewhere")
    assert filled.json("backup", tmp_path / "other", code=3)["error"] == "store-not-whole"


def test_keys_kept_apart_are_asked_for(filled: Node, tmp_path: Path):
    taken = Path(filled.json("backup", tmp_path / "kept", "--no-secrets")["backup"])
    assert not [path for path in taken.rglob("*") if path.suffix == ".key"]
    target = tmp_path / "again"
    assert filled.refused("restore", taken, "--to", target) == "secrets-missing"
    apart = tmp_path / "apart"
    apart.mkdir()
    for key in filled.home.glob("*.key*"):
        shutil.copy(key, apart)
    filled.json("restore", taken, "--to", target, "--secrets", apart)
    again = Node(target, filled.zygote, filled.env)
    assert again.contents() == filled.contents()


BACK = (
    "from django.core.management import call_command\ncall_command('migrate', 'parts', 'zero', verbosity=0)\n"
)


def test_an_older_home_is_refused_until_it_was_backed_up_and_upgraded(node: Node, tmp_path: Path):
    node.run("runs", before=BACK + LEAVE)
    assert node.refused("runs") == node.refused("serve", "--port", "8765") == "home-older"
    assert node.refused("upgrade") == "back-up-first"
    told = node.json("upgrade", "--backup", tmp_path / "kept")
    assert told["applied"] and all(one.startswith("parts.") for one in told["applied"])
    assert node.json("runs")["runs"] == [] and node.json("upgrade")["applied"] == []
    again = node.json("restore", tmp_path / "kept", "--to", tmp_path / "again")
    assert again["upgrade"] is True


@pytest.mark.server
def test_a_node_on_postgresql_is_restored_into_empty_databases(
    postgres_server: Server, made_home: Path, zygote, tmp_path: Path
):
    def on(home: Path, name: str) -> Node:
        postgres_server.run(f"CREATE DATABASE {name}_node OWNER reader")
        postgres_server.run(f"CREATE DATABASE {name}_lake OWNER reader")
        made = Node(home, zygote)
        address = postgres_server.url(f"{name}_node")
        made.env["JINGWEI_DATABASE_URL"] = address.replace(
            "reader@", f"reader:{PASSWORD.replace(' ', '%20')}@"
        )
        made.env["JINGWEI_LAKE_CATALOG"] = (
            f"postgres:dbname={name}_lake host=127.0.0.1 port={postgres_server.port} user=reader password='{PASSWORD}'"
        )
        return made

    node = on(tmp_path / "home", "kept")
    node.json("init")
    (node.home / "sample").mkdir()
    node.declare()
    node.deliver(*(line(n, "one") for n in range(40)))
    node.json("collect", "trial.person")
    node.json("backup", tmp_path / "kept")
    before = node.contents()
    node.deliver(line(1, "later"))
    node.json("collect", "trial.person")

    again = on(tmp_path / "again", "again")
    assert node.refused("restore", tmp_path / "kept", "--to", again.home) == "database-not-empty"
    plain = Node(tmp_path / "plain", zygote)
    assert plain.refused("restore", tmp_path / "kept", "--to", plain.home) == "store-kind-differs"
    # a failure after the databases were filled leaves them empty, and the home unmade
    broken = (
        "from jingwei.operations.backup import restoring\nrestoring._require_same = lambda *given: 1 / 0\n"
    )
    assert again.run("restore", tmp_path / "kept", "--to", again.home, before=broken).code == 3
    assert not again.home.exists()
    again.json("restore", tmp_path / "kept", "--to", again.home)
    assert again.contents() == before != node.contents()
