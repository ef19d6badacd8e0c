"""200 kills at random moments over full, incremental and repair runs: rows lost, rows twice, next runs wrong.

The campaign is the test `tests/breaking/test_random_kills.py` with more turns; it works out what is right
from the rows alone, and stops at the first run that is not.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from benchmarks.report import Report

KILLS = int(os.environ.get("JINGWEI_KILLS", "200"))
TEST = Path(__file__).parents[1] / "tests" / "breaking" / "test_random_kills.py"


def main() -> Report:
    report = Report("kills")
    ended = subprocess.run(
        [sys.executable, "-m", "pytest", "-n0", "-s", "-p", "no:cacheprovider", str(TEST)],
        env={**os.environ, "JINGWEI_KILLS": str(KILLS)}, cwd=TEST.parents[2], capture_output=True, text=True, check=False,
    )  # fmt: skip
    told = next((line for line in ended.stdout.splitlines() if line.startswith("{")), "{}")
    for how, count in sorted(json.loads(told).items()):
        report.add(f"killed: {how}", f"{count}")
    failed = "" if ended.returncode == 0 else ended.stdout.strip().splitlines()[-1]
    report.add(
        f"{KILLS} kills without a row lost or doubled, every next run right",
        "yes" if ended.returncode == 0 else "no", "yes", ended.returncode == 0, note=failed,
    )  # fmt: skip
    return report
