"""A million residents (about four million source rows) from files to answering lookups."""

from __future__ import annotations

import os
import shutil

from benchmarks.node import SCRATCH, run, spent
from benchmarks.report import Report

RESIDENTS = int(os.environ.get("RESIDENTS", "1000000"))


def main() -> Report:
    report = Report("million")
    home = SCRATCH / f"district-{RESIDENTS}"
    shutil.rmtree(home, ignore_errors=True)
    made = spent(home, "sample", "--residents", str(RESIDENTS), "--json")
    report.add(
        f"sample of {RESIDENTS:,} residents",
        f"{made.wall:.0f} s, {made.memory:,.0f} MB",
        "a million a minute",
        made.wall <= 60 * RESIDENTS / 1e6,
    )
    done = spent(home, "demo", "--no-serve", "--residents", str(RESIDENTS))
    limit = 300 * RESIDENTS / 1_000_000
    report.add(
        "files to answering lookups",
        f"{done.wall:.0f} s ({done.cpu:.0f} CPU s)",
        f"{limit:.0f} s",
        done.wall <= limit,
    )
    report.add("most memory of the process", f"{done.memory:,.0f} MB", "4,096 MB", done.memory <= 4096)
    for line in done.output.splitlines():
        if line.strip():
            print("   ", line)
    first = run(home, "lookup", "population", "王伟", "--json")
    report.add("first lookup, a process of its own", f"{first.wall:.1f} s")
    size = sum(f.stat().st_size for f in home.rglob("*") if f.is_file()) / 2**20
    report.add("the home on disk", f"{size:,.0f} MB")
    return report
