"""A node to be broken: a home of its own, a table of persons, and the command line as others call it."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from jingwei.testing.servers import postgres_server

__all__ = ["postgres_server"]

CONTRACT = """\
apiVersion: v3.1.0
kind: DataContract
id: {resource}
name: 人员
version: 1.0.0
status: active
servers:
  - {{server: source, type: local, path: {table}.csv, format: csv}}
schema:
  - name: {table}
    properties:
      - {{name: number, physicalName: 编号, logicalType: string, primaryKey: {by_number}}}
      - name: name
        physicalName: 姓名
        logicalType: string
        required: true
        {name_is_key}
      - {{name: note, physicalName: 备注, logicalType: string}}
      - name: since
        physicalName: 登记日期
        logicalType: date
        quality:
          - {{name: not-before-1949, type: custom, engine: jingwei, implementation: "{rule}", dimension: conformity, description: "登记日期太早 | registered too early"}}
{more}
customProperties:
  - {{property: organization, value: 区数据局}}
  - {{property: refresh, value: {refresh}}}
  - {{property: maxRemoved, value: {max_removed}}}
  - {{property: drift, value: {{added: {added}}}}}
"""
HEADER = "编号,姓名,备注,登记日期"
RULE = "since >= DATE '1949-10-01'"


LEAVE = "import atexit, os, sys\natexit._run_exitfuncs()\nsys.stdout.flush()\nos._exit(0)\n"
"""Ends a command before it began, for a test that only wants what it ran `before`."""


def line(number: object, note: str = "", name: str = "沈云禾") -> str:
    return f"{number},{name},{note},2020-01-02"


@dataclass
class Ended:
    """How a command ended. `code` is negative for a signal."""

    code: int
    out: str
    err: str
    rss: int

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def error(self) -> str:
        """The code of the error told as JSON, which must be the one thing on stdout."""
        told = self.json
        assert set(told) >= {"error", "what", "do"}, told
        assert all(told[key] for key in ("error", "what", "do")), told
        return str(told["error"])


class Zygote:
    """Starts commands; see `zygote.py`."""

    def __init__(self) -> None:
        folder = tempfile.mkdtemp(prefix="jingwei-zygote-")
        self._folder = Path(folder)
        self._process = subprocess.Popen(
            [sys.executable, str(Path(__file__).with_name("zygote.py"))],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True,
            env={**os.environ, "JINGWEI_HOME": folder},
        )  # fmt: skip
        self._count = 0
        assert self._answer() == {"ready": True}

    def _answer(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        return json.loads(self._process.stdout.readline())

    def _order(self, **order: Any) -> dict[str, Any]:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        return self._answer()

    def start(self, args: list[str], env: dict[str, str], before: str, largest_file: int) -> Running:
        self._count += 1
        out, err = self._folder / f"{self._count}.out", self._folder / f"{self._count}.err"
        pid = self._order(
            do="start", args=args, env=env, out=str(out), err=str(err), before=before,
            cwd=str(self._folder), largest_file=largest_file,
        )["pid"]  # fmt: skip
        return Running(self, pid, out, err)

    def wait(self, running: Running) -> Ended:
        told = self._order(do="wait", pid=running.pid)
        # bytes a terminal would show as they are
        out, err = (path.read_text(errors="surrogateescape") for path in (running.out, running.err))
        assert "Traceback" not in out + err, err
        return Ended(told["code"], out, err, told["rss"])

    def close(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(30)
        shutil.rmtree(self._folder, ignore_errors=True)


@dataclass
class Running:
    zygote: Zygote
    pid: int
    out: Path
    err: Path

    def send(self, number: int) -> None:
        os.kill(self.pid, number)

    def end(self) -> Ended:
        return self.zygote.wait(self)

    def kill(self) -> Ended:
        self.send(signal.SIGKILL)
        return self.end()


@pytest.fixture(scope="session")
def zygote() -> Iterator[Zygote]:
    made = Zygote()
    yield made
    made.close()


@dataclass
class Node:
    """A home and its command line."""

    home: Path
    zygote: Zygote
    env: dict[str, str] = field(default_factory=lambda: {"JINGWEI_LANGUAGE": "en", "JINGWEI_MEMORY": "300MB"})

    def start(self, *args: object, before: str = "", largest_file: int = 0, **env: str) -> Running:
        words = [*map(str, args), "--home", str(self.home)]
        return self.zygote.start(words, {**self.env, **env}, before, largest_file)

    def run(self, *args: object, **options: Any) -> Ended:
        return self.start(*args, **options).end()

    def json(self, *args: object, code: int = 0, **options: Any) -> Any:
        """Runs with `--json`, asks for this exit code, and gives what was printed."""
        ended = self.run(*args, "--json", **options)
        assert ended.code == code, (ended.code, ended.out, ended.err)
        return ended.json

    def refused(self, *args: object, code: int = 1, **options: Any) -> str:
        """Runs twice, for people and for programs; both must say the same. Gives the error's code."""
        words = self.run(*args, **options)
        assert (words.code, words.out) == (code, ""), (words.code, words.out, words.err)
        told = self.run(*args, "--json", **options)
        assert told.code == code and told.err == "", (told.code, told.out, told.err)
        assert words.err.startswith(f"{told.error}  ") or told.error == "usage", (words.err, told.out)
        return told.error

    def declare(self, resource: str = "trial.person", **changes: Any) -> None:
        by_name = changes.pop("by_name", False)
        filled = {
            "rule": RULE, "refresh": "upsert", "max_removed": "0.05", "added": "notice", "more": "",
            "by_number": str(not by_name).lower(), "name_is_key": "primaryKey: true" if by_name else "",
            **changes,
        }  # fmt: skip
        table = resource.rsplit(".", 1)[1]
        folder = self.home / "packs" / "trial"
        (folder / "contracts").mkdir(parents=True, exist_ok=True)
        (folder / "pack.yaml").write_text(
            "pack: trial\nversion: 1.0.0\ntitle: {zh: 试, en: Trial}\nrequires: [standards]\n"
        )
        text = CONTRACT.format(resource=resource, table=table, **filled)
        (folder / "contracts" / f"{table}.yaml").write_text(text, encoding="utf-8")

    def deliver(self, *lines: str, header: str = HEADER, table: str = "person") -> Path:
        path = self.home / "sample" / f"{table}.csv"
        path.write_text("\n".join([header, *lines]) + "\n", encoding="utf-8")
        return path

    def standard(self, resource: str = "trial.person") -> dict[str, str]:
        """Key and note of every standard row, read by a process of its own."""
        return dict(self.query(f'SELECT _key, note FROM lake.standard."{resource}"'))

    def query(self, sql: str) -> list[Any]:
        """Rows of the lake, read by another process than the test's, which must hold no lake open."""
        code = (
            "import json, sys\nfrom jingwei.engines import lake\n"
            f"with lake().read() as con: print(json.dumps(con.execute({sql!r}).fetchall(), default=str))\n"
            + LEAVE
        )
        return self.run("runs", before=code).json

    def contents(self, resource: str = "trial.person") -> dict[str, list[Any]]:
        """Everything the lake holds of a resource."""
        return {
            "standard": sorted(self.query(f'SELECT _key, name, note, _run FROM lake.standard."{resource}"')),
            "raw": sorted(self.query(f'SELECT 编号, 备注, _run FROM lake.raw."{resource}"')),
            "quarantine": sorted(self.query('SELECT run, row, original FROM lake.quarantine."rows"')),
        }


@pytest.fixture(scope="session")
def made_home(zygote: Zygote, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home just initialised, to be copied."""
    home = tmp_path_factory.mktemp("made") / "home"
    node = Node(home, zygote)
    node.json("init")
    (home / "sample").mkdir()
    node.declare()
    return home


@pytest.fixture
def node(made_home: Path, zygote: Zygote, tmp_path: Path) -> Node:
    """A node with the contract `trial.person` and nothing collected."""
    shutil.copytree(made_home, tmp_path / "home")
    return Node(tmp_path / "home", zygote)
