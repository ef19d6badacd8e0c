"""Clean clone to a working page, and the second start."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

from benchmarks.node import SCRATCH, wait_for
from benchmarks.report import Report

ROOT = Path(__file__).resolve().parents[1]
PORT = 8918


def start(clone: Path) -> tuple[float, subprocess.Popen[bytes]]:
    begun = time.monotonic()
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("JINGWEI_", "VIRTUAL_ENV"))}
    process = subprocess.Popen(
        ["make", "demo", f"PORT={PORT}"],
        cwd=clone,
        env=clean,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    wait_for(f"http://127.0.0.1:{PORT}/sign-in/", patience=900)
    return time.monotonic() - begun, process


def stop(process: subprocess.Popen[bytes]) -> int:
    """Ctrl-C, as a person gives it: to the whole foreground group."""
    os.killpg(process.pid, signal.SIGINT)
    process.wait(30)
    time.sleep(1)
    found = subprocess.run(
        ["pgrep", "-f", f"--port {PORT}"], capture_output=True, text=True, check=False
    ).stdout.split()
    return len(found)


def main() -> Report:
    report = Report("cold")
    clone = SCRATCH / "clone"
    shutil.rmtree(clone, ignore_errors=True)
    clone.parent.mkdir(parents=True, exist_ok=True)
    subprocess.run(["git", "clone", "-q", str(ROOT), str(clone)], check=True)
    first, process = start(clone)
    left = stop(process)
    report.add("clean clone to a working page, 70,000 residents", f"{first:.0f} s", "240 s", first <= 240)
    report.add("processes left after Ctrl-C", str(left), "0", left == 0)
    second, process = start(clone)
    stop(process)
    report.add("second start", f"{second:.1f} s", "10 s", second <= 10)
    return report
