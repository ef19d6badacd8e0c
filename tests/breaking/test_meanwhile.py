"""Two at once, Ctrl-C, and a store that fails at the worst moment."""

from __future__ import annotations

import signal
import time

import pytest
from filelock import FileLock, Timeout

from .conftest import Node, line
from .test_kill import AT

SLOW = """
import time
from jingwei.collection import staging
real = staging.stage
def slowly(*given):
    done = real(*given)
    time.sleep(2.5)
    return done
staging.stage = slowly
"""


def test_a_second_collect_of_the_same_resource_is_busy_and_the_first_unharmed(node: Node):
    node.deliver(line(1), line(2))
    first = node.start("collect", "trial.person", "--json", before=SLOW)
    while not list((node.home / "locks").glob("collect-*.holder")):
        time.sleep(0.02)
    told = node.json("collect", "trial.person", code=3)
    assert (told["error"], told["retry_helps"]) == ("busy", True)
    assert str(first.pid) in told["what"]
    ended = first.end()
    assert (ended.code, ended.json["accepted"]) == (0, 2)
    assert [run["state"] for run in node.json("runs")["runs"]] == ["done"]


def test_two_resources_at_once_both_arrive_and_have_runs_of_their_own(node: Node):
    tables = [f"table{n}" for n in range(4)]
    for table in tables:
        node.declare(f"trial.{table}")
        node.deliver(*(line(n, table) for n in range(500)), table=table)
    ended = [one.end() for one in [node.start("collect", f"trial.{table}", "--json") for table in tables]]
    assert [one.code for one in ended] == [0] * len(tables), [one.out for one in ended]
    assert len({one.json["run"] for one in ended}) == len(tables)
    assert all(len(node.standard(f"trial.{table}")) == 500 for table in tables[:2])


def test_runs_counts_on_past_four_digits(node: Node):
    node.deliver(line(1))
    id_ = node.json("collect", "trial.person")["run"]
    code = (
        "from jingwei.collection.models import Run\n"
        f"run = Run.objects.get(); run.id = {id_[:-4]!r} + '9999'; run.save(force_insert=True)\n"
        "run.id = run.id[:-4] + '10000'; run.save(force_insert=True)\n"
    )
    assert node.json("collect", "trial.person", before=code)["run"] == id_[:-4] + "10001"


@pytest.mark.parametrize("seconds", [0.0, 0.15, 0.4])
def test_ctrl_c_leaves_nothing_half_done(node: Node, seconds: float):
    node.deliver(line(1, "old"))
    node.json("collect", "trial.person")
    node.deliver(*(line(n, "new") for n in range(250_000)))
    (holder,) = (node.home / "locks").glob("collect-*.holder")
    before = holder.stat().st_mtime_ns
    running = node.start("collect", "trial.person")
    while holder.stat().st_mtime_ns == before:
        time.sleep(0.01)
    time.sleep(seconds)
    running.send(signal.SIGINT)
    ended = running.end()
    assert (ended.code, ended.out) == (130, ""), (ended.code, ended.err)
    assert ended.err.strip().startswith("interrupted  ")
    [*stopped, _] = node.json("runs")["runs"]
    assert [(run["state"], run["error"]["error"]) for run in stopped] in ([], [("failed", "run-interrupted")])
    assert node.standard() == {"1": "old"}


def test_ctrl_c_in_the_commit_is_told_by_what_the_lake_says(node: Node):
    node.deliver(line(1, "old"))
    code = AT + "def die(*a, **k):\n    signal.raise_signal(signal.SIGINT)\ndie_after(DuckLake, '_commit')\n"
    ended = node.run("collect", "trial.person", "--json", before=code)
    assert (ended.code, ended.error) == (130, "interrupted")
    [run] = node.json("runs")["runs"]
    assert (run["state"], run["accepted"], node.standard()) == ("done", 1, {"1": "old"})


FAILS = """
from django.db import OperationalError
from jingwei.collection.models import Run
real = Run.save
def save(self, *given, **named):
    if self.state != "running" and Fails.left:
        Fails.left -= 1
        raise OperationalError("database is locked")
    real(self, *given, **named)
class Fails:
    left = {times}
Run.save = save
"""


def test_a_last_note_that_fails_once_is_made_again(node: Node):
    node.deliver(line(1), line(2))
    run = node.json("collect", "trial.person", before=FAILS.format(times=1))
    assert (run["state"], run["accepted"]) == ("done", 2)
    assert [one["state"] for one in node.json("runs")["runs"]] == ["done"]


def test_a_last_note_that_keeps_failing_is_completed_by_runs(node: Node):
    node.deliver(line(1), line(2), line(3, name=""))
    told = node.json("collect", "trial.person", before=FAILS.format(times=9), code=3)
    assert (told["error"], told["retry_helps"]) == ("run-not-noted", True)
    [run] = node.json("runs")["runs"]
    assert (run["state"], run["accepted"], run["quarantined"], run["balances"]) == ("done", 2, 1, True)
    assert run["reasons"][0]["code"] == "missing" and run["facts"]["checksum"]
    assert node.json("collect", "trial.person")["unchanged"] == 2


def test_a_held_run_that_could_not_be_noted_is_still_held(node: Node):
    node.deliver(line(1, name=""), line(2, name=""))
    node.json("collect", "trial.person", before=FAILS.format(times=9), code=3)
    [run] = node.json("runs")["runs"]
    assert (run["state"], run["error"]["error"]) == ("held", "run-held")


def test_a_worker_counts_as_one_as_long_as_it_lives(node: Node):
    worker = node.start("worker")
    log, mark = node.home / "logs" / "jingwei.log", FileLock(node.home / "locks" / "worker.lock")
    until = time.monotonic() + 60
    while not (log.exists() and "running." in log.read_text(encoding="utf-8")):
        assert time.monotonic() < until, "the worker did not start"
        time.sleep(0.05)
    with pytest.raises(Timeout):
        mark.acquire(timeout=0.5)
    worker.send(signal.SIGTERM)
    assert worker.end().code == 0
    mark.acquire(timeout=0)
    mark.release()
