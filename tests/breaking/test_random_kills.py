"""`kill -9` at random moments over full, incremental and repair runs of a source that goes on changing.

A department's table is changed at random, turn after turn; each turn's run is killed after any while. What
the lake holds must be what it held before or what the run was to make of it, never anything between; the
next run must make it right. What is right is worked out here, from the rows, without Jingwei.

`JINGWEI_KILLS=200` sets the turns (the benchmark `kills` does); the seed of a failure is in its message.
"""

from __future__ import annotations

import json
import os
import random
import sqlite3
import time
from dataclasses import dataclass, field
from typing import Any

import pytest

from .conftest import LEAVE, Node

TURNS = int(os.environ.get("JINGWEI_KILLS", "6"))
SEED = int(os.environ.get("JINGWEI_KILLS_SEED", "20261122"))
KINDS = ("full", "newer", "repair")

CONTRACT = """\
apiVersion: v3.1.0
kind: DataContract
id: kill.{table}
name: 人员
version: 1.0.0
status: active
servers:
  - {{server: source, type: local, path: kill.db, format: sqlite}}
schema:
  - name: {table}
    physicalName: {table}
    properties:
      - {{name: number, physicalName: number, logicalType: string, primaryKey: true}}
      - {{name: name, physicalName: name, logicalType: string}}
      - {{name: phone, physicalName: phone, logicalType: string, customProperties: [{{property: element, value: mobile_phone}}]}}
      - {{name: changed, physicalName: changed, logicalType: integer}}
customProperties:
  - {{property: organization, value: 区数据局}}
  - {{property: maxRemoved, value: 1}}
  - {{property: refresh, value: {refresh}}}
{more}
"""
CURSOR = "  - {property: cursor, value: {column: changed}}"
REPAIR = """
import json
from jingwei.collection import service
asked = json.loads({asked!r})
rows = [one for one in service.quarantine.rows(asked["resource"], open_only=True) if one.key in asked["phones"]]
mends = [service.Mend(one.run, one.row, {{"phone": asked["phones"][one.key]}}, one.text) for one in rows]
print(service.repair(asked["resource"], mends, by="test").state)
"""
LOOK = """
import json
from jingwei.cli.collecting import as_dict
from jingwei.collection import service
from jingwei.engines import lake
service.recover()
with lake().read() as con:
    ask = lambda sql: con.execute(sql).fetchall()
    there = lambda schema, name: lake().exists(con, schema, name)
    told = {{
        "standard": ask('SELECT number, name, phone FROM lake.standard."{resource}"') if there("standard", "{resource}") else [],
        "open": ask("SELECT key FROM lake.quarantine.rows WHERE closed_by IS NULL AND resource = '{resource}'") if there("quarantine", "rows") else [],
        "runs": [as_dict(run) for run in service.runs(3, "{resource}")],
    }}
print(json.dumps(told, default=str))
"""


@dataclass
class Table:
    """A department's table, and what the lake has to hold of it."""

    name: str
    node: Node
    rng: random.Random
    rows: dict[str, tuple[str, str]] = field(default_factory=dict)
    standard: dict[str, tuple[str, str]] = field(default_factory=dict)
    mended: dict[tuple[str, str, str, int], str] = field(default_factory=dict)
    stamps: dict[str, int] = field(default_factory=dict)
    clock: int = 0
    next: int = 0

    @property
    def resource(self) -> str:
        return f"kill.{self.name}"

    def declare(self) -> None:
        folder = self.node.home / "packs" / "trial" / "contracts"
        incremental = self.name == "newer"
        refresh, more = ("incremental", CURSOR) if incremental else ("full", "")
        text = CONTRACT.format(table=self.name, refresh=refresh, more=more)
        (folder / f"{self.name}.yaml").write_text(text, encoding="utf-8")
        with self.open() as con:
            con.execute(f"CREATE TABLE {self.name} (number TEXT, name TEXT, phone TEXT, changed INTEGER)")

    def open(self) -> sqlite3.Connection:
        return sqlite3.connect(self.node.home / "sample" / "kill.db")

    def change(self, most: int) -> None:
        """Adds, changes, breaks and deletes some rows at the source."""
        for _ in range(self.rng.randint(1, most)):
            what = self.rng.choice(("add", "add", "change", "break", "delete"))
            self.clock += 1
            if what == "add" or not self.rows:
                self.next += 1
                key = f"{self.next:05d}"
            else:
                key = self.rng.choice(list(self.rows))
            if what == "delete" and len(self.rows) > 3:
                del self.rows[key]
                continue
            phone = "199" if what == "break" else f"199{self.rng.randint(0, 99999999):08d}"
            self.rows[key] = (f"名{self.clock}", phone)
            self.stamps[key] = self.clock
        with self.open() as con:
            con.execute(f"DELETE FROM {self.name}")
            con.executemany(
                f"INSERT INTO {self.name} VALUES (?, ?, ?, ?)",
                [(key, *row, self.stamps[key]) for key, row in self.rows.items()],
            )

    def phone(self, key: str) -> str:
        """The telephone as mended, as long as the source says the same."""
        name, phone = self.rows[key]
        return self.mended.get((key, name, phone, self.stamps[key]), phone)

    @property
    def wrong(self) -> set[str]:
        return {key for key in self.rows if self.phone(key) == "199"}

    def collected(self) -> dict[str, tuple[str, str]]:
        """The standard table once the source is read."""
        good = {key: (row[0], self.phone(key)) for key, row in self.rows.items() if key not in self.wrong}
        kept = {key: row for key, row in self.standard.items() if key in self.wrong}
        return {**kept, **good}


def look(node: Node, table: Table) -> dict[str, Any]:
    told = node.run("runs", before=LOOK.format(resource=table.resource) + LEAVE).json
    assert len({row[0] for row in told["standard"]}) == len(told["standard"]), "a row stands twice"
    return {
        "standard": {row[0]: (row[1], row[2]) for row in told["standard"]},
        "open": {key for (key,) in told["open"]},
        "runs": told["runs"],
    }


def turn(node: Node, table: Table, kind: str, rng: random.Random, lasts: dict[str, float]) -> str:
    """One killed run and the one that follows; gives how the killed one was settled. `lasts` are the seconds
    such a run took last, within which the next is killed."""
    before = (dict(table.standard), set(look(node, table)["open"]))
    if kind == "repair":
        phones = {key: f"199{rng.randint(0, 99999999):08d}" for key in sorted(before[1])[: rng.randint(1, 5)]}
        asked = json.dumps({"resource": table.resource, "phones": phones})
        command, code = ["runs"], REPAIR.format(asked=asked) + LEAVE
        after = (
            {**table.standard, **{key: (table.rows[key][0], phone) for key, phone in phones.items()}},
            before[1] - set(phones),
        )
    else:
        table.change(8)
        command, code = ["collect", table.resource], ""
        after = (table.collected(), table.wrong)
    running = node.start(*command, before=code)
    time.sleep(rng.uniform(0, 1.1 * lasts.get(kind, 1.0)))
    ended = running.kill()
    found = look(node, table)
    now = (found["standard"], found["open"])
    assert now in (before, after), (kind, ended.code, now, before, after)
    done = now == after and before != after
    began = time.monotonic()
    if kind == "repair":
        if not done:
            assert node.run(*command, before=code).code == 0
        for key, phone in phones.items():
            name, old = table.rows[key]
            table.mended[key, name, old, table.stamps[key]] = phone
    else:
        node.json(*command)
    if not (kind == "repair" and done):
        lasts[kind] = time.monotonic() - began
    found = look(node, table)
    assert (found["standard"], found["open"]) == after, (kind, found, after)
    assert all(run["balances"] for run in found["runs"] if run["state"] == "done")
    assert found["runs"][0]["state"] == "done"
    table.standard = after[0]
    return "done" if done else "undone" if ended.code == -9 else "ended before"


@pytest.fixture
def tables(node: Node) -> dict[str, Table]:
    rng = random.Random(SEED)
    made = {name: Table(name, node, rng) for name in ("full", "newer")}
    for table in made.values():
        table.declare()
        for _ in range(12):
            table.change(8)
        node.json("collect", table.resource)
        table.standard = table.collected()
    return made


def test_no_kill_loses_or_doubles_a_row(node: Node, tables: dict[str, Table]):
    rng = random.Random(SEED + 1)
    settled: dict[str, int] = {}
    lasts: dict[str, float] = {}
    for number in range(TURNS):
        kind = KINDS[number % len(KINDS)]
        table = tables[kind if kind != "repair" else rng.choice(("full", "newer"))]
        if kind == "repair" and not table.wrong:
            kind, table = "full", tables["full"]
        how = turn(node, table, kind, rng, lasts)
        settled[f"{kind}, {how}"] = settled.get(f"{kind}, {how}", 0) + 1
    print(json.dumps(settled))
    assert sum(settled.values()) == TURNS
