"""Running the command line against homes of a benchmark's own."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

SCRATCH = Path(os.environ.get("JINGWEI_BENCH", "/tmp")) / "jingwei-bench"
SHARED = Path(__file__).resolve().parents[2] / "shared" / "data"


@dataclass(frozen=True)
class Spent:
    """Wall and CPU seconds, and the most memory (MB) any process of the command held."""

    wall: float
    cpu: float
    memory: float
    output: str


def environment(home: Path, **more: str) -> dict[str, str]:
    # as installed: modules are compiled once, not by every command
    inherited = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return {**inherited, "JINGWEI_HOME": str(home), "JINGWEI_LANGUAGE": "en", **more}


def run(home: Path, *arguments: str, module: str = "jingwei", **more: str) -> Spent:
    """One command; fails loudly when it does."""
    begun = time.monotonic()
    process = subprocess.Popen(
        [sys.executable, "-m", module, *arguments],
        env={**environment(home, **more), "DJANGO_SETTINGS_MODULE": "jingwei.settings"}, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    out, err = process.communicate()
    wall = time.monotonic() - begun
    if process.returncode not in (0, 2):
        raise SystemExit(f"{' '.join(arguments)} ended with {process.returncode}\n{out}\n{err}")
    return Spent(wall, 0.0, 0.0, out)


def spent(home: Path, *arguments: str, module: str = "jingwei", **more: str) -> Spent:
    """The same in a child of its own, so that its memory and CPU are counted alone."""
    reader, writer = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(reader)
        done = run(home, *arguments, module=module, **more)
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        told = {
            "wall": done.wall,
            "cpu": used.ru_utime + used.ru_stime,
            "memory": used.ru_maxrss / 1024,
            "output": done.output,
        }
        os.write(writer, json.dumps(told).encode())
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader, "rb") as pipe:
        text = pipe.read()
    os.waitpid(pid, 0)
    if not text:
        raise SystemExit(1)
    return Spent(**json.loads(text))


def child(command: list[str], variables: dict[str, str]) -> Spent:
    """Any program, counted the same way; fails loudly when it does."""
    begun = time.monotonic()
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        process = subprocess.Popen(command, env=variables, stdout=out, stderr=err)
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        wall = time.monotonic() - begun
        out.seek(0)
        if process.returncode:
            err.seek(0)
            raise SystemExit(f"{command[:3]} ended with {process.returncode}\n{err.read().decode()[-3000:]}")
        return Spent(wall, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, out.read().decode())


def as_json(home: Path, *arguments: str, **more: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(run(home, *arguments, "--json", **more).output)
    return found


def district(residents: int) -> Path:
    """A demo home of this size, made once and kept for the other benchmarks of a session."""
    home = SCRATCH / f"district-{residents}"
    run(home, "demo", "--no-serve", "--residents", str(residents))
    return home


@contextmanager
def served(home: Path, port: int) -> Iterator[str]:
    """The server of a home, up and answering."""
    server = subprocess.Popen(
        [sys.executable, "-m", "jingwei", "serve", "--port", str(port)],
        env=environment(home), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
    )  # fmt: skip
    address = f"http://127.0.0.1:{port}"
    try:
        wait_for(address + "/sign-in/")
        yield address
    finally:
        os.killpg(server.pid, 2)
        server.wait(20)


def wait_for(url: str, patience: float = 60) -> float:
    """Seconds until the page answers with 200."""
    begun = time.monotonic()
    while time.monotonic() - begun < patience:
        try:
            with urlopen(url, timeout=2) as answer:
                if answer.status == 200:
                    return time.monotonic() - begun
        except (URLError, OSError):
            time.sleep(0.1)
    raise SystemExit(f"{url} did not answer within {patience} s")
