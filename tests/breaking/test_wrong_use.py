"""Wrong use of every command: the promised exit code, plain words, and the same as JSON."""

from __future__ import annotations

import json
import os
import shutil
import socket
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from .conftest import Ended, Node, line
from .test_disk import small_disk

__all__ = ["small_disk"]

UNKNOWN = [
    (("account", "add", "x", "--name", "x", "--role", "king", "--one-time"), "unknown-role"),
    (("collect", "trial.persn"), "unknown-name"),
    (("runs", "trial.persn"), "unknown-name"),
    (("quarantine", "trial.persn"), "unknown-name"),
    (("quarantine", "trial.person", "--run", "R-1"), "unknown-run"),
    (("link", "popluation"), "unknown-name"),
    (("lookup", "popluation", "x"), "unknown-name"),
    (("register", "evaluate", "popluation", "--truth", "t.csv"), "unknown-name"),
    (("pack", "check", "nowhere"), "no-such-pack"),
    (("pack", "install", "nowhere"), "no-such-pack"),
    (("contract", "check", "nowhere.yaml"), None),
    (("contract", "check", "/"), None),
]
USAGE = [
    ("nonsense",),
    ("collect",),
    ("collect", "a", "b"),
    ("runs", "--limit", "0"),
    ("runs", "--limit", "many"),
    ("quarantine", "trial.person", "--limit", "-1"),
    ("lookup", "population"),
    ("register", "evaluate", "population"),
    ("register",),
    ("serve", "--port", "99999"),
    ("sample", "--residents", "1"),
    ("collect", "trial.person", "--no-such-option"),
]


@pytest.mark.parametrize(("args", "error"), UNKNOWN, ids=[" ".join(args) for args, _ in UNKNOWN])
def test_an_unknown_name_is_told(node: Node, args, error):
    told = node.refused(*args)
    assert error in (None, told)


@pytest.mark.parametrize("args", USAGE, ids=[" ".join(args) for args in USAGE])
def test_wrong_use_is_told(node: Node, args):
    assert node.refused(*args) == "usage"


def test_an_unknown_resource_comes_with_the_nearest_name(node: Node):
    assert "trial.person" in node.json("collect", "trial.persn", code=1)["what"]


NEED_HOME = [
    ("collect", "x.y"),
    ("runs",),
    ("quarantine", "x.y"),
    ("link", "x"),
    ("lookup", "x", "y"),
    ("serve",),
]


@pytest.mark.parametrize("args", NEED_HOME, ids=[args[0] for args in NEED_HOME])
def test_without_a_home_one_is_asked_for(node: Node, tmp_path: Path, args):
    node.home = tmp_path / "nowhere"
    told = node.json(*args, code=1)
    assert told["error"] == "home-missing" and "jingwei init" in told["do"]
    assert not node.home.exists()


@pytest.mark.parametrize("args", [("init",), ("runs",), ("demo", "--no-serve")], ids=" ".join)
def test_a_home_that_is_a_file_is_refused(node: Node, tmp_path: Path, args):
    node.home = tmp_path / "file"
    node.home.write_text("x")
    assert node.refused(*args) == "home-is-file"


def test_a_home_without_a_name_is_refused(node: Node):
    ended = node.zygote.start(["runs", "--home", "", "--json"], node.env, "", 0).end()
    assert (ended.code, ended.error) == (1, "usage")


def test_a_home_that_cannot_be_written_is_told(node: Node, small_disk):
    disk = small_disk(20)
    node.deliver(line(1))
    shutil.copytree(node.home, disk / "home")
    subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
    node.home = disk / "home"
    for args in (("collect", "trial.person"), ("init",)):
        assert node.json(*args, code=3)["error"] == "home-unwritable"
    node.home = disk / "new"
    assert node.refused("init", code=3) == "home-unwritable"


def store(node: Node, script: str, path: str = "operational.sqlite") -> None:
    con = sqlite3.connect(node.home / path)
    con.executescript(script)
    con.close()


def test_a_home_of_another_version_is_told(node: Node):
    node.deliver(line(1))
    added = (
        "INSERT INTO django_migrations (app, name, applied) VALUES ('collection', '0999_later', '2026-01-01')"
    )
    store(node, added)
    assert node.refused("collect", "trial.person") == "home-newer"
    assert node.refused("init") == "home-newer"
    store(
        node,
        "DELETE FROM django_migrations WHERE name = '0999_later' OR app = 'window'; DROP TABLE window_case;",
    )
    assert node.refused("collect", "trial.person") == "home-older"


def test_a_lake_of_a_newer_version_is_told(node: Node):
    node.deliver(line(1))
    store(node, "UPDATE ducklake_metadata SET value = '99.0' WHERE key = 'version'", "lake/catalog.sqlite")
    assert node.refused("collect", "trial.person") == "lake-newer"


@pytest.mark.parametrize(
    ("path", "error"), [("operational.sqlite", "store-damaged"), ("lake/catalog.sqlite", "lake-damaged")]
)
def test_a_damaged_store_is_told(node: Node, path: str, error: str):
    node.deliver(line(1))
    for beside in (node.home / path).parent.glob(Path(path).name + "-*"):
        beside.unlink()
    (node.home / path).write_bytes(b"not a database " * 1000)
    assert node.refused("collect", "trial.person", code=3) == error


def test_a_port_that_is_taken_is_told(node: Node):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert node.refused("serve", "--port", str(port)) == "port-taken"
        assert node.refused("demo", "--port", str(port)) == "port-taken"


def test_a_pack_with_faults_is_told_whole(node: Node):
    path = node.home / "packs" / "trial" / "contracts" / "person.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("refresh,", "refesh,"), encoding="utf-8")
    for args in (
        ("collect", "trial.person"),
        ("pack", "check", path.parents[1]),
        ("contract", "check", path),
    ):
        assert node.refused(*args) == "pack-faulty"
    path.write_bytes(b"\xff\xfe\0not yaml: [")
    for args in (("collect", "trial.person"), ("contract", "check", path)):
        assert node.refused(*args) == "pack-faulty"


def test_a_reader_that_leaves_early_is_no_failure(node: Node):
    node.deliver(line(1))
    node.json("collect", "trial.person")
    code = "import os, sys\nread, write = os.pipe()\nos.close(read)\nos.dup2(write, 1)\n"
    ended = node.run("runs", before=code)
    assert (ended.code, ended.err) == (0, "")


def test_output_that_cannot_be_written_is_told(node: Node):
    node.deliver(line(1))
    full = "import os\nos.dup2(os.open('/dev/full', os.O_WRONLY), 1)\n"
    ended = node.run("collect", "trial.person", before=full)
    assert ended.code == 3 and ended.err.startswith("output-lost  ")
    assert node.standard() == {"1": None}


@pytest.mark.parametrize("wrong", [{"JINGWEI_THREADS": "many"}, {"JINGWEI_LOG_LEVEL": "loud"}], ids=str)
def test_a_wrong_setting_is_told(wrong: dict[str, str], tmp_path: Path):
    done = subprocess.run(
        [sys.executable, "-m", "jingwei", "runs", "--json", "--home", str(tmp_path)],
        env={**os.environ, **wrong}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    ended = Ended(done.returncode, done.stdout, done.stderr, 0)
    assert (ended.code, ended.error, ended.err) == (1, "setting-wrong", "")
    assert json.loads(done.stdout)["what"]


def test_the_command_as_installed_does_it_all(node: Node):
    """Once through real processes of their own: collect, kill, settle, collect."""
    node.deliver(*(line(n, "one") for n in range(1000)))
    command = [sys.executable, "-m", "jingwei", "collect", "trial.person", "--home", str(node.home), "--json"]
    running = subprocess.Popen(command, stdout=subprocess.DEVNULL, env={**os.environ, **node.env})
    while running.poll() is None and not list((node.home / "locks").glob("collect-*.holder")):
        pass
    running.kill()
    running.wait()
    done = subprocess.run(
        command, env={**os.environ, **node.env}, capture_output=True, text=True, check=False
    )
    assert (done.returncode, json.loads(done.stdout)["accepted"]) == (0, 1000), done.stderr
    states = [run["state"] for run in node.json("runs")["runs"]]
    assert states[0] == "done" and states[1:] in ([], ["failed"])
