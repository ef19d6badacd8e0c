"""Linking on data with known truth, beside Splink as its own tutorials configure it, and the CPU it takes.

Pairwise F1 of whole clusters on both sides. Splink's figure is at the threshold of its tutorial; what the
best threshold would give, which nobody without the truth can choose, stands in the note.
`JINGWEI_BENCH_PEOPLE` sets how many residents the CPU is measured on (a million).
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from benchmarks import real, sets, three_tables
from benchmarks.node import SHARED, as_json, child, district, environment
from benchmarks.report import Report

PEER = Path(__file__).parent / "peers" / "splink_sets.py"
MATCHING = SHARED / "matching"


def tutorial(name: str, file: Path) -> dict[str, Any]:
    """Splink's figures on a file, from a process of its own."""
    done = child([sys.executable, str(PEER), name, str(file)], environment(Path.cwd()))
    found: dict[str, Any] = json.loads(done.output)
    return found


def told(found: dict[str, Any]) -> str:
    return f"F1 {found['f1']:.4f} (precision {found['precision']:.4f}, recall {found['recall']:.4f})"


def beside(
    report: Report, what: str, ours: dict[str, Any], least: float | None, peer: dict[str, Any]
) -> None:
    """A set that Splink has a tutorial for: its F1 is to be reached, and the target where there is one."""
    usual, best = peer["tutorial"], peer["best"]
    reached = ours["f1"] >= usual["f1"] and ours["f1"] >= (least or 0)
    asked = f"Splink's tutorial: {usual['f1']:.4f}" + (f" and {least}" if least else "")
    note = f"Splink {told(usual)} at {usual['at']}; at its best threshold ({best['at']}) F1 {best['f1']:.4f}"
    report.add(what, told(ours), asked, reached, note)


def persons(report: Report) -> None:
    for path in ("matching/splink_dataset3.csv", "matching/dataset1.csv", "matching/dataset2.csv"):
        file = SHARED / path
        if not file.is_file():
            report.add(f"FEBRL, {file.name}", f"{file.name} is missing")
            continue
        third = "dataset3" in path
        found = real.febrl() if third else sets.febrl(path).measure()
        peer = tutorial("febrl3", file)
        beside(report, f"FEBRL, {file.name}", found, 0.99 if third else None, peer)
    fake = sets.fake_1000()
    if fake.present():
        beside(
            report, "fake_1000, persons", fake.measure(), None, tutorial("fake_1000", MATCHING / "splink_fake_1000.csv")
        )  # fmt: skip


def organizations(report: Report) -> None:
    sites = sets.chicago()
    if sites.present():
        found = sites.measure()
        report.add("Chicago early childhood sites", told(found), "0.90", found["f1"] >= 0.9)
    firms = real.companies()
    report.add(
        "four company tables", told(firms), "0.975", firms["f1"] >= 0.975, "equal names alone: precision 0.938, recall 0.912"
    )  # fmt: skip


def products(report: Report) -> None:
    shops = sets.abt_buy()
    if shops.present():
        note = "the files number a product alike in both shops: that is the truth; no tutorial of Splink"
        report.add("Abt-Buy, products", told(shops.measure()), "", None, note)


def residents(report: Report) -> None:
    rows, ours, peers = three_tables.measure()
    best = max(peers.values(), key=lambda side: side.f1)
    share = ours.cpu / best.cpu
    report.add(
        f"{three_tables.PEOPLE:,} residents in three tables ({rows:,} rows), full build: CPU ours to Splink alone",
        f"{share:.2f} ({ours.cpu:.0f} s to {best.cpu:.0f} s)",
        "0.8 at equal or better F1",
        share <= 0.8 and ours.f1 >= best.f1,
        f"F1 ours {ours.f1:.5f}, Splink {', '.join(f'{side.f1:.5f} {at}' for at, side in peers.items())}; "
        f"memory {ours.memory:,.0f} and {best.memory:,.0f} MB; ours writes golden records and the serving copy too",
    )


def sample(report: Report) -> None:
    home = district(70_000)
    for register in ("population", "legal_entity"):
        truth = home / "sample" / "truth" / f"{register}.csv"
        found = as_json(home, "register", "evaluate", register, "--truth", str(truth))
        report.add(f"sample district, {register}", told(found))


def main() -> Report:
    report = Report("linkage")
    if SHARED.is_dir():
        for part in (persons, organizations, products):
            part(report)
    else:
        report.add("sets with known truth", f"{SHARED} is missing")
    sample(report)
    residents(report)
    return report
