"""Twenty thousand changes among ten million rows of a PostgreSQL table, beside reading all of it.

The table is made inside the server. Of the changes half are new values, a quarter new rows, a quarter rows that
are gone; these are found by comparing keys, for a cursor does not see them. `JINGWEI_BENCH_ROWS` sets the size.
"""

from __future__ import annotations

import os
import shutil

from benchmarks import residents
from benchmarks.node import SCRATCH, as_json, run, spent
from benchmarks.report import Report
from jingwei.testing.servers import PASSWORD, postgres

ROWS = int(os.environ.get("JINGWEI_BENCH_ROWS", "10000000"))
CHANGED = ROWS // 500
SHARE = 0.1


def main() -> Report:
    report = Report("incremental")
    home = SCRATCH / "incremental" / "home"
    shutil.rmtree(home.parent, ignore_errors=True)
    secret = {"JINGWEI_SECRET_INSURANCE": PASSWORD}
    with postgres(memory="256MB") as server:
        residents.make(server, ROWS)
        residents.pack(home.parent / "pack", residents.contract("bench.insured", server, "incremental"))
        run(home, "init")
        run(home, "pack", "install", str(home.parent / "pack"))
        idle = spent(home, "runs")
        full = spent(home, "collect", "bench.insured", **secret)
        still = spent(home, "collect", "bench.insured", **secret)
        made = residents.change(server, ROWS, CHANGED)
        part = spent(home, "collect", "bench.insured", **secret)
        found = as_json(home, "runs", "bench.insured")["runs"][0]
        expected = server.run(f"SELECT count(*) FROM {residents.TABLE}", residents.DATABASE)
    report.add(
        f"all {ROWS:,} rows", f"{full.wall:.1f} s, {full.cpu:.1f} CPU s", note=f"{full.memory:,.0f} MB"
    )
    report.add(
        "again, nothing changed", f"{still.wall:.1f} s, {still.cpu:.1f} CPU s", note=f"{still.memory:,.0f} MB"
    )
    report.add(
        f"{CHANGED:,} changed, new or gone",
        f"{part.wall:.1f} s, {part.cpu:.1f} CPU s",
        note=f"{part.memory:,.0f} MB; {found['new']:,} new, {found['changed']:,} changed, {found['removed']:,} removed",
    )
    wall, cpu = part.wall / full.wall, (part.cpu - idle.cpu) / (full.cpu - idle.cpu)
    report.add("wall, part to all", f"{wall:.3f}", f"{SHARE}", wall <= SHARE)
    report.add("CPU, part to all", f"{cpu:.3f}", f"{SHARE}", cpu <= SHARE)
    # one in a hundred rows is wrong in each of two ways: those are in quarantine, not removed from the lake
    right = made["gone"] * 0.95 <= found["removed"] <= made["gone"] and found["new"] <= made["new"]
    report.add(
        "removals found",
        f"{found['removed']:,} of {made['gone']:,}",
        "all that were accepted, run done",
        right and found["state"] == "done",
        note=f"{found['state']}; {int(expected):,} rows at the source",
    )
    return report
