"""The ledger: what an entry costs a lookup, how long a million take to be appended, sealed and verified, whether
memory stays bounded, and whether 1,000 edits at random are found.

ENTRIES (a million), RESIDENTS (70,000) and EDITS (1,000) make it smaller or larger. The ledgers are in homes of
the benchmark's own and begin empty."""

from __future__ import annotations

import json
import os
import shutil
import sys
from pathlib import Path

from benchmarks.node import SCRATCH, Spent, child, district, environment, run
from benchmarks.report import Report

ENTRIES = int(os.environ.get("ENTRIES", "1000000"))
RESIDENTS = int(os.environ.get("RESIDENTS", "70000"))
EDITS = int(os.environ.get("EDITS", "1000"))
LARGE = 100_000_000

LOOKUPS = """
import json, random, statistics, time
import django; django.setup()
from django.test import Client
from jingwei.kernel import ledger
from jingwei.kernel.models import Account
from jingwei.registers import service
from jingwei.registers.models import Entity

rng = random.Random(7)
known = list(Entity.objects.filter(register="population").values_list("entity_id", flat=True)[:20_000])
names = [service.golden("population", one).fields["name"].value for one in rng.sample(known, 400)]
clerk = next(one for one in Account.objects.select_related("organization") if "clerk" in one.roles)
page = Client(headers={"host": "localhost", "hx-request": "true"})
page.force_login(clerk)
real = ledger.record

def by_page(turn):
    answer = page.post("/window/search/", {"q": names[turn % len(names)]})
    assert answer.status_code == 200, answer.status_code

def within(turn):
    found = service.search(["population"], names[turn % len(names)])
    subjects = [one.entity_id for one in found]
    ledger.record(clerk, "window.search", "candidates", subjects=subjects, purpose="find")

def spent(work, turns, recorded):
    ledger.record = real if recorded else lambda *given, **more: 0
    begun = time.perf_counter(), time.process_time()
    for turn in range(turns):
        work(turn)
    return time.perf_counter() - begun[0], time.process_time() - begun[1]

told = {}
for name, work in {"a lookup at its page": by_page, "the search alone, in process": within}.items():
    spent(work, 100, True)
    # turn about, so that what else the machine does falls on both alike
    pairs = [(spent(work, 100, False), spent(work, 100, True)) for _ in range(15)]
    wall, cpu = (statistics.median(1 - without[n] / recorded[n] for without, recorded in pairs) for n in (0, 1))
    rates = [100 / statistics.median(pair[side][0] for pair in pairs) for side in (0, 1)]
    told[name] = {"loss": wall, "cpu": cpu, "without": rates[0], "with": rates[1]}
print(json.dumps(told))
"""

APPEND = """
import sys
import django; django.setup()
from django.db import transaction
from jingwei.kernel import ledger

letters = "abcdefghijklmnopqrstuvwxyz234567"
def number(n):
    return "P" + "".join(letters[n * 2654435761 >> shift & 31] for shift in range(0, 80, 5))

wanted = int(sys.argv[1])
for start in range(0, wanted, 1000):
    with transaction.atomic():
        for n in range(start, min(wanted, start + 1000)):
            one = number(n % 50_000)
            ledger.record(None, "register.read", f"population/{one}", subjects=[one], fields=["name", "phone"], purpose="bench")
"""

TAMPER = """
import sys
import django; django.setup()
from jingwei.kernel import ledger
from jingwei.kernel.ledger import sealing, segments
from jingwei.testing.tampering import Tampering

segments.ENTRIES = 32
for n in range(90):
    one = "P" + "abcdefghijklmno" + "abcdefgh"[n % 8]
    ledger.record(None, "register.read", f"population/{one}", subjects=[one], fields=["name"], purpose="bench")
sealing.seal()
for n in range(5):
    ledger.record(None, "run.read", "waits")
tampering = Tampering(int(sys.argv[2]))
missed, flagged = [], 0
for _ in range(int(sys.argv[1])):
    flagged += not tampering.is_whole()
    with tampering.edit() as what:
        if not tampering.is_found():
            missed.append(what)
print(len(missed), flagged, missed[:5])
"""


def emptied(name: str) -> Path:
    home = SCRATCH / f"ledger-{name}"
    shutil.rmtree(home, ignore_errors=True)
    run(home, "init")
    return home


def probe(home: Path, code: str, *arguments: object) -> Spent:
    variables = environment(home, DJANGO_SETTINGS_MODULE="jingwei.settings")
    return child([sys.executable, "-c", code, *map(str, arguments)], variables)


def lookups(report: Report) -> None:
    told = json.loads(probe(district(RESIDENTS), LOOKUPS).output)
    for name, one in told.items():
        asked = "page" in name
        report.add(
            f"{name}, {RESIDENTS:,} residents",
            f"{one['loss']:.1%} of throughput, {one['cpu']:.1%} of CPU",
            "15 %" if asked else "",
            one["loss"] <= 0.15 if asked else None,
            f"{one['without']:,.0f} a second without, {one['with']:,.0f} with an entry each",
        )


def volume(report: Report, entries: int, last: bool) -> Spent:
    home = emptied("volume")
    jingwei = [sys.executable, "-m", "jingwei", "ledger"]
    appended = probe(home, APPEND, entries)
    sealed = child([*jingwei, "seal"], environment(home))
    verified = child([*jingwei, "verify", "--json"], environment(home))
    if not json.loads(verified.output)["whole"]:
        raise SystemExit("an untouched ledger was flagged")
    report.add(
        f"{entries:,} entries verified",
        f"{verified.wall:.1f} s, {verified.memory:.0f} MB",
        "60 s" if last else "",
        verified.wall <= 60 if last else None,
        f"appended in {appended.wall:.0f} s, sealed in {sealed.wall:.0f} s ({sealed.memory:.0f} MB), CPU {verified.cpu:.1f} s",
    )
    shutil.rmtree(home)
    return verified


def main() -> Report:
    report = Report("ledger")
    lookups(report)
    sizes = sorted({max(1000, ENTRIES // 10), max(1000, ENTRIES // 3), ENTRIES})
    memory = {size: volume(report, size, size == ENTRIES).memory for size in sizes}
    small, large = memory[sizes[0]], memory[sizes[-1]]
    growth = (large - small) / (sizes[-1] - sizes[0]) * LARGE / 1024
    report.add(
        "memory of verifying",
        f"{large / small:.2f} times for {sizes[-1] / sizes[0]:.0f} times the entries",
        "bounded",
        large <= small * 1.2,
        f"what is left of growth would be {growth:.1f} GB at {LARGE:,} entries",
    )
    missed, flagged, *examples = probe(emptied("tamper"), TAMPER, EDITS, 20261122).output.split(maxsplit=2)
    report.add(
        f"{EDITS:,} edits at random",
        f"{EDITS - int(missed):,} found, {int(flagged)} of {EDITS:,} untouched flagged",
        "all, none",
        (int(missed), int(flagged)) == (0, 0),
        "".join(examples).strip().strip("[]"),
    )
    return report
