"""Lookups in process: at a million residents, and beside ten thousand."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from benchmarks.node import district, environment
from benchmarks.report import Report

LARGE, SMALL = int(os.environ.get("RESIDENTS", "1000000")), 10_000

PROBE = """
import json, random, time
import django; django.setup()
from django.db import connection
from jingwei.registers import service
from jingwei.registers.models import SearchKey
rng = random.Random(7)
total = SearchKey.objects.filter(register="population").count()
texts = []
with connection.cursor() as cursor:
    first, last = cursor.execute("SELECT min(id), max(id) FROM registers_searchkey").fetchone()
    while len(texts) < 3000:
        row = cursor.execute("SELECT key FROM registers_searchkey WHERE id >= %s AND register = 'population' LIMIT 1", [rng.randint(first, last)]).fetchone()
        if row:
            key = row[0]
            texts.append(key if rng.random() < 0.5 else key[:max(1, rng.randint(len(key) // 2, len(key)))])
for text in texts[:300]: service.search(["population"], text)
times = []
for text in texts:
    begun = time.perf_counter(); service.search(["population"], text); times.append((time.perf_counter() - begun) * 1000)
times.sort()
print(json.dumps({"keys": total, "p50": times[len(times) // 2], "p99": times[int(len(times) * .99)], "worst": times[-1]}))
"""


def probe(home: Path) -> dict[str, float]:
    done = subprocess.run(
        [sys.executable, "-c", PROBE],
        env={**environment(home), "DJANGO_SETTINGS_MODULE": "jingwei.settings"},
        capture_output=True,
        text=True,
        check=True,
    )
    found: dict[str, float] = json.loads(done.stdout)
    return found


def main() -> Report:
    report = Report("lookups")
    small, large = probe(district(SMALL)), probe(district(LARGE))
    report.add(
        f"{SMALL:,} residents",
        f"p50 {small['p50']:.2f} ms, p99 {small['p99']:.2f} ms",
        note=f"{small['keys']:,} search keys",
    )
    report.add(
        f"{LARGE:,} residents",
        f"p50 {large['p50']:.2f} ms, p99 {large['p99']:.2f} ms",
        "p99 5 ms",
        large["p99"] <= 5,
        f"{large['keys']:,} search keys, worst {large['worst']:.1f} ms",
    )
    ratio = large["p50"] / small["p50"]
    report.add("p50, large over small", f"{ratio:.2f}", "1.5", ratio <= 1.5)
    return report
