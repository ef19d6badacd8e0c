"""A PostgreSQL table of a million rows into the lake, standardized and checked, beside dlt merely loading it.

dlt runs in an environment of its own with each of its backends and two destinations, DuckDB and Parquet
files; the best of all stands for it, in wall and in CPU seconds each. Both sides read the same server, take
turns, and count what their process and its children use; the server's own work is not counted for either.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from urllib.parse import quote

from benchmarks import residents
from benchmarks.node import SCRATCH, Spent, as_json, child, run, spent
from benchmarks.report import Report
from jingwei.testing.servers import PASSWORD, postgres

ROWS = int(os.environ.get("JINGWEI_BENCH_ROWS", "1000000"))
ROUNDS = 3
PEER = ("dlt[duckdb,parquet]~=1.31", "sqlalchemy>=2", "psycopg2-binary", "connectorx", "pandas")
BACKENDS = ("connectorx", "pyarrow")
SLOW = ("sqlalchemy",)
"""Backends that are far behind run once."""
DESTINATIONS = ("filesystem", "duckdb")


def environment() -> Path:
    """A Python with dlt, made once and kept for later runs."""
    place = SCRATCH / "peers" / "dlt"
    python = place / "bin" / "python"
    if not (place / "ready").exists():
        shutil.rmtree(place, ignore_errors=True)
        subprocess.run([sys.executable, "-m", "venv", str(place)], check=True)
        subprocess.run(
            [str(python), "-m", "pip", "install", "-q", *PEER], check=True, stderr=subprocess.DEVNULL
        )
        (place / "ready").touch()
    return python


def loaded(python: Path, port: int, backend: str, destination: str) -> Spent:
    """One load by dlt into an empty place."""
    place = SCRATCH / "database" / "dlt"
    shutil.rmtree(place, ignore_errors=True)
    address = f"postgresql+psycopg2://reader:{quote(PASSWORD)}@127.0.0.1:{port}/{residents.DATABASE}"
    script = Path(__file__).parent / "peers" / "dlt_table.py"
    quiet = {
        "RUNTIME__DLTHUB_TELEMETRY": "false",
        "RUNTIME__LOG_LEVEL": "ERROR",
        # its own naming makes one and the same column of all Chinese names
        "SCHEMA__NAMING": "direct",
        "DLT_DATA_DIR": str(place / "data"),
    }
    arguments = [str(python), str(script), address, residents.TABLE, backend, destination, str(place)]
    return child(arguments, {**os.environ, **quiet})


def collected(home: Path) -> Spent:
    """One run of ours into an empty lake; `idle` is what the command costs without a table."""
    shutil.rmtree(home, ignore_errors=True)
    run(home, "init")
    run(home, "pack", "install", str(SCRATCH / "database" / "pack"))
    return spent(home, "collect", "bench.insured", JINGWEI_SECRET_INSURANCE=PASSWORD)


def best(runs: list[Spent]) -> tuple[float, float, float]:
    return min(one.wall for one in runs), min(one.cpu for one in runs), max(one.memory for one in runs)


def main() -> Report:
    report = Report("database")
    python = environment()
    home, pack = SCRATCH / "database" / "home", SCRATCH / "database" / "pack"
    shutil.rmtree(SCRATCH / "database", ignore_errors=True)
    with postgres(memory="256MB") as server:
        residents.make(server, ROWS)
        residents.pack(pack, residents.contract("bench.insured", server, "full"))
        ours: list[Spent] = []
        theirs: dict[str, list[Spent]] = {}
        for turn in range(ROUNDS):
            ours.append(collected(home))
            for backend in (*BACKENDS, *(SLOW if turn == 0 else ())):
                for destination in DESTINATIONS if backend in BACKENDS else DESTINATIONS[:1]:
                    done = loaded(python, server.port, backend, destination)
                    theirs.setdefault(f"{backend}, {destination}", []).append(done)
                    if int(done.output.split()[-1]) != ROWS:
                        raise SystemExit(f"dlt loaded {done.output} of {ROWS} rows")
    found = as_json(home, "runs", "bench.insured")["runs"][0]
    wall, cpu, memory = best(ours)
    for name, runs in theirs.items():
        peer = best(runs)
        report.add(f"dlt, {name}: raw", f"{peer[0]:.1f} s, {peer[1]:.1f} CPU s", note=f"{peer[2]:,.0f} MB")
    peer_wall = min(best(runs)[0] for runs in theirs.values())
    peer_cpu = min(best(runs)[1] for runs in theirs.values())
    report.add(
        f"jingwei: {ROWS:,} rows of 12 columns, raw, standardized, checked by 15 rules",
        f"{wall:.1f} s, {cpu:.1f} CPU s",
        note=f"{memory:,.0f} MB; {found['accepted']:,} accepted, {found['quarantined']:,} quarantined",
    )
    report.add("wall, ours to dlt's best", f"{wall / peer_wall:.2f}", "below 1", wall < peer_wall)
    report.add("CPU, ours to dlt's best", f"{cpu / peer_cpu:.2f}", note="theirs does not look at a value")
    return report
