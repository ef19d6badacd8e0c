"""Ten thousand changed rows in a register of a million residents, beside linking everything; and the same outcome."""

from __future__ import annotations

import json
import os
import shutil
import sys

from benchmarks import three_tables
from benchmarks.node import SCRATCH, child, environment, spent
from benchmarks.report import Report

PEOPLE = int(os.environ.get("JINGWEI_BENCH_PEOPLE", "1000000"))
CHANGED = PEOPLE // 100
SHARE = 1 / 50


def main() -> Report:
    report = Report("register_change")
    home = SCRATCH / f"change-{PEOPLE}"
    shutil.rmtree(home, ignore_errors=True)
    three_tables.collected(home, PEOPLE)
    full = spent(home, "link", "residents", "--json")
    idle = spent(home, "runs")
    whole = spent(home, "link", "residents", "--whole", "--json")
    child(
        [sys.executable, "-m", "benchmarks.lake_changes", str(CHANGED), *three_tables.RESOURCES],
        {**environment(home), "DJANGO_SETTINGS_MODULE": "jingwei.settings"},
    )
    part = spent(home, "link", "residents", "--json")
    again = spent(home, "link", "residents", "--whole", "--json")
    told, held = json.loads(part.output), json.loads(again.output)
    report.add(
        f"{told['records']:,} records, built from nothing",
        f"{full.wall:.1f} s, {full.cpu:.1f} CPU s",
        note=f"{full.memory:,.0f} MB; learning how much agreement says is a part of it",
    )
    report.add(
        "linked whole with the kept model",
        f"{whole.wall:.1f} s, {whole.cpu:.1f} CPU s",
        note=f"{whole.memory:,.0f} MB",
    )
    report.add(
        f"{CHANGED:,} rows changed, linked",
        f"{part.wall:.1f} s, {part.cpu:.1f} CPU s",
        "seconds",
        part.wall < 10,
        f"{told['new']:,} entities new, {told['changed']:,} changed, {told['removed']:,} gone",
    )
    share = (part.cpu - idle.cpu) / (full.cpu - idle.cpu)
    kept = (part.cpu - idle.cpu) / (whole.cpu - idle.cpu)
    report.add(
        "CPU, change to full build",
        f"{share:.3f}",
        f"{SHARE:.2f}",
        share <= SHARE,
        f"without the start of a command; {kept:.3f} of linking whole with the kept model",
    )
    same = told["build"] == held["build"] and held["new"] + held["changed"] + held["removed"] == 0
    report.add("linked whole afterwards", "equal" if same else "different", "equal", same)
    report.add("stages", "", note=", ".join(f"{name} {s}" for name, s in told["matching"]["stages"].items()))
    return report
