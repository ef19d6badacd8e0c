"""Two processes settle the same run, and one is killed while it does: one order, one notice, the right count."""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import subprocess
import sys
import time

import pytest

from .conftest import CONTRACT, GOOD, HEADER, PROVIDER

MANIFEST = 'pack: trial\nversion: "1.0.0"\ntitle: {zh: 试, en: Trial}\nrequires: [standards]\n'
SETTLE = """
import django; django.setup()
import sys
from jingwei.collection import service
from jingwei.collection.models import Run
from jingwei.collection.workorders import orders
print("ready", flush=True)
sys.stdin.readline()
run = Run.objects.get()
for _ in range(int(sys.argv[1])):
    orders.settle(run, service.contract_of(run.resource))
"""


class Node:
    """A node of its own, with files and processes as a real one has."""

    def __init__(self, home):
        self.home = home
        self.environment = {
            **os.environ,
            "JINGWEI_HOME": str(home),
            "DJANGO_SETTINGS_MODULE": "jingwei.settings",
        }
        self.environment.pop("JINGWEI_SOURCES", None)
        self.run("init")
        folder = home / "packs" / "trial" / "contracts"
        folder.mkdir(parents=True)
        (folder.parent / "pack.yaml").write_text(MANIFEST, "utf-8")
        (folder / "person.yaml").write_text(CONTRACT.format(organization=PROVIDER), "utf-8")
        table = home / "person.csv"
        table.write_text("\n".join([HEADER, *GOOD, "3,程既白,男,,2020-13-01", "4,,某,,2020-01-02"]), "utf-8")
        self.run("collect", "trial.person", "--from", str(table))

    def run(self, *arguments):
        subprocess.run(
            [sys.executable, "-m", "jingwei", *arguments],
            env=self.environment,
            check=True,
            capture_output=True,
        )

    def settler(self, times=1):
        process = subprocess.Popen(
            [sys.executable, "-c", SETTLE, str(times)],
            env=self.environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert process.stdout is not None and process.stdout.readline() == "ready\n"
        return process

    def ask(self, query):
        con = sqlite3.connect(self.home / "operational.sqlite", timeout=30)
        try:
            found = con.execute(query).fetchall()
            con.commit()
        finally:
            con.close()
        return found

    def forget(self):
        for table in ("collection_workorder", "inbox_notice"):
            self.ask(f"DELETE FROM {table}")

    @property
    def state(self):
        return (
            self.ask("SELECT rows, remaining, state FROM collection_workorder"),
            self.ask("SELECT count(*) FROM inbox_notice WHERE kind = 'order-opened'"),
        )


RIGHT = ([(2, 2, "open")], [(1,)])


@pytest.fixture(scope="module")
def node(tmp_path_factory):
    return Node(tmp_path_factory.mktemp("node") / "home")


def go(process):
    assert process.stdin is not None
    process.stdin.write("\n")
    process.stdin.flush()


def test_two_processes_at_once_open_one_order(node):
    assert node.state == RIGHT
    node.forget()
    processes = [node.settler(), node.settler()]
    for process in processes:
        go(process)
    assert [process.wait(60) for process in processes] == [0, 0]
    assert node.state == RIGHT


def test_a_settling_killed_at_any_moment_is_completed_by_the_next(node):
    chance = random.Random(20261122)
    for _ in range(2):
        node.forget()
        process = node.settler(times=50)
        go(process)
        time.sleep(chance.uniform(0, 0.25))
        process.send_signal(signal.SIGKILL)
        process.wait(10)
        orders, notices = node.state
        assert (len(orders), notices[0][0]) in ((0, 0), (1, 1))
        after = node.settler()
        go(after)
        assert after.wait(60) == 0
        assert node.state == RIGHT
