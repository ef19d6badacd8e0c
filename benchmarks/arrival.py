"""The same rows in fifty orders, cut into batches at random: one and the same register, table by table."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

from benchmarks.report import Report

ORDERS = int(os.environ.get("JINGWEI_ORDERS", "50"))
TEST = "src/jingwei/registers/tests/test_arrival.py"


def main() -> Report:
    report = Report("arrival")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-n", "2", "--show-capture=no", TEST],
        cwd=Path(__file__).parent.parent, env={**os.environ, "JINGWEI_ORDERS": str(ORDERS)}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    counted = {name: int(n) for n, name in re.findall(r"(\d+) (passed|failed|error)", done.stdout)}
    same = counted.get("passed", 0)
    report.add(
        f"{ORDERS} shuffled orders, records, golden, doubtful, state and pairs",
        f"{same} identical",
        f"{ORDERS}",
        same == ORDERS and done.returncode == 0,
        note="" if done.returncode == 0 else done.stdout.strip().splitlines()[-1],
    )
    return report
