"""`kill -9` at any moment: what was there stays, or what came is whole; the run is told truly; the next is right."""

from __future__ import annotations

import shutil
import time
from pathlib import Path
from typing import Any

import pytest

from .conftest import LEAVE, Node, line

ROWS = 400
FIRST = [line(n, "one") for n in range(ROWS)]
CHANGED = [
    *(line(n, "two" if n % 2 else "one") for n in range(ROWS)),
    line("x", "two", name=""),
    *(line(n, "two") for n in range(ROWS, ROWS + 50)),
]
REFRESHED = [line(n, "one") for n in range(0, ROWS, 4)]

AT = """
import os, signal, threading, time
from jingwei.collection import balance, publishing, runs, staging
from jingwei.engines.duckdb.lake import DuckLake

def die(*given, **named):
    os.kill(os.getpid(), signal.SIGKILL)
    time.sleep(60)

def die_after(kind, name):
    real = getattr(kind, name)
    def then(*given, **named):
        done = real(*given, **named)
        die()
    setattr(kind, name, then)

def die_soon(seconds):
    threading.Thread(target=lambda: (time.sleep(seconds), die()), daemon=True).start()

def die_in_commit(seconds):
    real = DuckLake._commit
    def then(self, con):
        die_soon(seconds)
        real(self, con)
    DuckLake._commit = then
"""
POINTS = {
    "not begun": "runs._begin = die",
    "begun": "runs.sources.source_of = die",
    "staged": "die_after(staging, 'stage')",
    "checked": "die_after(balance, 'work_out')",
    "standard written": "publishing.quarantine = die",
    "all written": "DuckLake._commit = die",
    "in the commit, 2 ms": "die_in_commit(0.002)",
    "in the commit, 12 ms": "die_in_commit(0.012)",
    "committed": "die_after(DuckLake, '_commit')",
}
LOADS = {"first load": (None, FIRST), "changed load": (FIRST, CHANGED), "full refresh": (FIRST, REFRESHED)}


@pytest.fixture(scope="module")
def before(made_home: Path, zygote, tmp_path_factory) -> dict[str, Path]:
    """For each load, a home in which only that load is still to come, and what is in it."""
    homes = {}
    for name, (earlier, _) in LOADS.items():
        home = tmp_path_factory.mktemp("before") / "home"
        shutil.copytree(made_home, home)
        node = Node(home, zygote)
        if name == "full refresh":
            node.declare(refresh="full", max_removed="1")
        if earlier:
            node.deliver(*earlier)
            node.json("collect", "trial.person")
        homes[name] = home
    return homes


def whole(lines: list[str], earlier: list[str] | None, refresh: bool) -> dict[str, str]:
    """Key and note of the standard table once the lines are in."""
    rows = [row.split(",") for row in ([] if refresh or not earlier else earlier) + lines]
    return {number: note for number, name, note, _ in rows if name}


def look(node: Node) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """The runs, newest first, and everything the lake holds of the resource: seen by one other process."""
    code = """
import json
from jingwei.cli.collecting import as_dict
from jingwei.collection import service
from jingwei.engines import lake
service.recover()
runs = [as_dict(run) for run in service.runs()]
with lake().read() as con:
    there = lambda schema, name: lake().exists(con, schema, name)
    ask = lambda schema, name, query: con.execute(query).fetchall() if there(schema, name) else []
    told = {
        "runs": runs,
        "standard": ask("standard", "trial.person", 'SELECT _key, note, _run FROM lake.standard."trial.person"'),
        "raw": ask("raw", "trial.person", 'SELECT _run, count(*) FROM lake.raw."trial.person" GROUP BY 1'),
        "quarantine": ask("quarantine", "rows", 'SELECT run, count(*) FROM lake.quarantine."rows" GROUP BY 1'),
    }
print(json.dumps(told, default=str))
"""
    found = node.run("runs", before=code + LEAVE).json
    return found["runs"], {
        "standard": {key: note for key, note, _ in found["standard"]},
        "rows": len(found["standard"]),
        "raw": dict(found["raw"]),
        "quarantine": dict(found["quarantine"]),
    }


def consistent(node: Node, runs: list[dict[str, Any]], found: dict[str, Any]) -> None:
    """Every run the lake knows of is done, with exactly the rows its balance tells."""
    done = {run["run"]: run for run in runs if run["state"] == "done"}
    assert set(found["raw"]) | set(found["quarantine"]) <= set(done)
    assert all(run["balances"] for run in done.values())
    assert all(found["quarantine"].get(run, 0) == told["quarantined"] for run, told in done.items())
    assert all(done[run]["read"] == count for run, count in found["raw"].items())
    assert found["rows"] == len(found["standard"])


def struck(node: Node, load: str, **how: Any) -> str:
    """Kills a collection and checks everything after it; gives how the killed run was settled."""
    earlier, lines = LOADS[load]
    now = whole(lines, earlier, load == "full refresh")
    once = whole(earlier, None, False) if earlier else {}
    node.deliver(*lines)
    running = node.start("collect", "trial.person", before=AT + how.get("at", ""))
    if "after" in how:
        time.sleep(how["after"])
        ended = running.kill()
    else:
        ended = running.end()
        assert ended.code == -9, (ended.code, ended.out, ended.err)
    runs, found = look(node)
    killed = runs[0] if len(runs) > (1 if earlier else 0) else None
    if killed is None or killed["state"] == "failed":
        assert found["standard"] == once
        assert killed is None or killed["error"]["error"] == "run-killed"
    else:
        assert (killed["state"], found["standard"]) == ("done", now)
    consistent(node, runs, found)
    again = node.json("collect", "trial.person")
    if killed and killed["state"] == "done":
        assert (again["new"], again["changed"], again["removed"]) == (0, 0, 0)
    runs, found = look(node)
    assert found["standard"] == now
    consistent(node, runs, found)
    left = [path.name for path in (node.home / "tmp").iterdir() if path.is_dir()]
    assert left == [] and not (node.home / "locks" / "lake.unfinished").exists()
    return killed["state"] if killed else "not begun"


FEWER = ("not begun", "begun", "staged", "checked")
"""Points before or after all writing, where one kind of load is like another."""
CASES = [(point, load) for point in POINTS for load in LOADS if point not in FEWER or load == "changed load"]


@pytest.mark.parametrize(("point", "load"), CASES, ids=[", ".join(case) for case in CASES])
def test_killed_at_a_step(before, zygote, tmp_path: Path, load: str, point: str):
    shutil.copytree(before[load], tmp_path / "home")
    settled = struck(Node(tmp_path / "home", zygote), load, at=POINTS[point])
    if not point.startswith("in the commit"):
        assert settled == {"committed": "done", "not begun": "not begun"}.get(point, "failed")


@pytest.mark.parametrize("load", LOADS)
def test_killed_after_any_while(before, zygote, tmp_path: Path, load: str):
    for turn, seconds in enumerate((0.08, 0.25, 0.45)):
        home = tmp_path / f"home-{turn}"
        shutil.copytree(before[load], home)
        settled = struck(Node(home, zygote), load, after=seconds)
        assert settled in ("not begun", "failed", "done")


def test_files_that_a_killed_writer_left_are_cleared_away(node: Node):
    node.deliver(*FIRST)
    node.json("collect", "trial.person")
    files = set((node.home / "lake" / "data").rglob("*.parquet"))
    node.deliver(*CHANGED)
    assert node.run("collect", "trial.person", before=AT + "DuckLake._commit = die").code == -9
    left = set((node.home / "lake" / "data").rglob("*.parquet")) - files
    node.json("collect", "trial.person")
    assert not left & set((node.home / "lake" / "data").rglob("*.parquet"))
