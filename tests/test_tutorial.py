"""Pages that promise outputs, done by a stranger who reads nothing else: every file typed, every command run.

    fenced block ``file=path``       the file is written
    ``diff file=path``               its `-` lines are replaced by its `+` lines
    ``console``                      each `$ command` is run; the lines under it must come, in this order

Numbers of runs, times, places and entities differ from reader to reader and are compared by their
kind; `…` stands for anything. A line that the output has and the page leaves out is no fault.
"""

from __future__ import annotations

import http.cookiejar
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.parse
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path

import pytest

DOCS = Path(__file__).resolve().parents[1] / "docs"
PAGES = sorted(page for page in DOCS.rglob("*.md") if "\n```console" in page.read_text(encoding="utf-8"))
BLOCK = re.compile(r"^```(?P<kind>\w+)(?P<options>[^\n]*)\n(?P<body>.*?)^```$", re.MULTILINE | re.DOTALL)
VARYING = (
    (re.compile(r"R-\d{8}-\d{4}"), "RUN"),
    (re.compile(r"\b\d+\.\d s\b"), "TIME"),
    (re.compile(r"\b[A-Z][a-z2-7]{16}\b"), "ENTITY"),
    (re.compile(r"\s+"), " "),
)
PATIENCE = 90


@dataclass
class Reader:
    """Somebody in an empty folder, with the command on the path."""

    folder: Path
    settings: list[str] = field(default_factory=list)

    def environment(self) -> dict[str, str]:
        own = {name: value for name, value in os.environ.items() if not name.startswith("JINGWEI_")}
        return {**own, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{own['PATH']}"}

    def write(self, path: str, body: str) -> None:
        target = self.folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(body, encoding="utf-8")

    def mend(self, path: str, body: str) -> None:
        lines = body.splitlines(keepends=True)
        old = "".join(line[1:] for line in lines if line.startswith("-"))
        new = "".join(line[1:] for line in lines if line.startswith("+"))
        text = (self.folder / path).read_text(encoding="utf-8")
        assert text.count(old) == 1, f"{path} has not exactly once: {old}"
        self.write(path, text.replace(old, new))

    def run(self, command: str) -> tuple[int, str]:
        if command.startswith("export "):
            self.settings.append(command)
            return 0, ""
        script = "\n".join([*self.settings, command])
        done = subprocess.run(
            ["bash", "-c", script], cwd=self.folder, env=self.environment(), stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True, timeout=PATIENCE, check=False,
        )  # fmt: skip
        return done.returncode, done.stdout

    def serve(self, command: str) -> subprocess.Popen[str]:
        script = "\n".join([*self.settings, f"exec {command}"])
        return subprocess.Popen(
            ["bash", "-c", script], cwd=self.folder, env=self.environment(), stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True, start_new_session=True,
        )  # fmt: skip


def plain(line: str) -> str:
    for pattern, word in VARYING:
        line = pattern.sub(word, line)
    return line.strip()


def comes(expected: str, line: str) -> bool:
    pieces = [re.escape(piece) for piece in plain(expected).split("…")]
    return re.fullmatch(".*".join(pieces), plain(line)) is not None


def steps(body: str) -> list[tuple[str, list[str]]]:
    """Each command with the lines that must follow."""
    found: list[tuple[str, list[str]]] = []
    for line in body.splitlines():
        if line.startswith("$ "):
            found.append((line[2:], []))
        elif line.strip():
            found[-1][1].append(line)
    return found


def check_output(command: str, wanted: list[str], output: str) -> None:
    rest = iter(output.splitlines())
    for expected in wanted:
        assert any(comes(expected, line) for line in rest), f"$ {command}\nlacks: {expected}\nin:\n{output}"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def visit(reader: Reader, command: str) -> None:
    """What the tutorial says of the window: sign in, find by initials, the form is filled."""
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    server = reader.serve(re.sub(r"--port \d+", f"--port {port}", command))
    try:
        browser = urllib.request.build_opener(
            urllib.request.HTTPCookieProcessor(jar := http.cookiejar.CookieJar())
        )
        wait_for(browser, f"{address}/sign-in/", server)

        def post(path: str, **fields: str) -> str:
            token = next(cookie.value for cookie in jar if cookie.name == "csrftoken")
            body = urllib.parse.urlencode({**fields, "csrfmiddlewaretoken": token or ""}).encode()
            with browser.open(f"{address}{path}", body, timeout=PATIENCE) as answer:
                return str(answer.read().decode())

        post("/sign-in/", username="clerk", password="three plain words")
        found = re.search(r"[A-Z][a-z2-7]{16}", candidates := post("/window/search/", q="wrx"))
        assert found and "温若溪" in candidates
        asked = urllib.parse.urlencode({"item": "home-visit", "register": "resident", "entity": found[0]})
        with browser.open(f"{address}/window/?{asked}", timeout=PATIENCE) as answer:
            form = answer.read().decode()
        assert "云杉路20号1栋701" in form
        assert "枫桥巷9号102" in form
        assert "Illness" in form
    finally:
        os.killpg(server.pid, signal.SIGINT)
        try:
            server.wait(timeout=15)
        except subprocess.TimeoutExpired:
            os.killpg(server.pid, signal.SIGKILL)
            server.wait()


def wait_for(browser: urllib.request.OpenerDirector, page: str, server: subprocess.Popen[str]) -> None:
    end = time.monotonic() + PATIENCE
    while True:
        try:
            browser.open(page, timeout=PATIENCE).close()
            return
        except OSError:
            assert server.poll() is None and time.monotonic() < end, "the server does not answer"
            time.sleep(0.2)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_stranger_who_follows_the_page_sees_what_it_shows(page: Path, tmp_path: Path):
    reader = Reader(tmp_path)
    for block in BLOCK.finditer(page.read_text(encoding="utf-8")):
        kind, options, body = block["kind"], block["options"].strip(), block["body"]
        if path := options.removeprefix("file=") if options.startswith("file=") else "":
            reader.mend(path, body) if kind == "diff" else reader.write(path, body)
        elif kind == "console":
            for command, wanted in steps(body):
                if command.startswith("jingwei serve"):
                    visit(reader, command)
                    continue
                code, output = reader.run(command)
                assert code == (1 if options == "exit=1" else 0), f"$ {command} gave {code}:\n{output}"
                check_output(command, wanted, output)
