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
from pypinyin import lazy_pinyin
from jingwei.registers import service
from jingwei.registers.models import Entity, SearchKey

rng = random.Random(7)
texts = []
while len(texts) < 3000:
    start = "P" + "".join(rng.choice("abcdefghijklmnopqrstuvwxyz234567") for _ in range(6))
    entity = Entity.objects.filter(register="population", entity_id__gte=start).order_by("entity_id").first()
    if entity is None:
        continue
    fields = service.golden("population", entity.entity_id).fields
    name = fields["name"].value
    sounds = lazy_pinyin(name)
    ways = [name, "".join(sounds), "".join(s[0] for s in sounds)]
    ways += [fields[f].value for f in ("id_number", "phone") if f in fields]
    text = rng.choice(ways)
    texts.append(text if rng.random() < 0.5 else text[:rng.randint(max(1, len(text) // 2), len(text))])
for text in texts[:300]: service.search(["population"], text)
times = []
for text in texts:
    begun = time.perf_counter(); service.search(["population"], text); times.append((time.perf_counter() - begun) * 1000)
times.sort()
total = SearchKey.objects.filter(register="population").count()
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
