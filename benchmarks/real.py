"""`make real`: the main job on real tables that nobody here wrote, and what came out of it.

The tables lie beside the project in ../shared/data and are read where they are. The stock code is
truth: it is the record key of the company tables and no field of the register, so linking never
sees it; evaluation compares the clusters with it afterwards.
"""

from __future__ import annotations

import csv
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from rich.table import Table

from benchmarks.node import SCRATCH, SHARED, as_json, environment, run
from benchmarks.report import console

FIRMS = ("firms.company_registry", "firms.company_list", "firms.company_accounts", "firms.company_profiles")
OTHERS = ("codes.supplier", "civic.event")


def prepared(name: str, pack: str) -> Path:
    """A fresh home with a pack."""
    home = SCRATCH / name
    shutil.rmtree(home, ignore_errors=True)
    run(home, "init")
    run(home, "pack", "install", pack)
    return home


def truth(home: Path, resources: tuple[str, ...], number_of: Any) -> Path:
    """A truth file for the resources; `number_of` tells an entity from a record key."""
    path = home / "truth.csv"
    variables = {**environment(home), "DJANGO_SETTINGS_MODULE": "jingwei.settings"}
    with open(path, "w", newline="", encoding="utf-8") as file:
        out = csv.writer(file)
        out.writerow(["resource", "record_key", "true_id"])
        for resource in resources:
            command = [sys.executable, "-m", "benchmarks.lake_keys", resource]
            done = subprocess.run(command, env=variables, capture_output=True, text=True, check=True)
            out.writerows([resource, key, number_of(key)] for key in done.stdout.splitlines())
    return path


def collected(home: Path, resources: tuple[str, ...]) -> list[dict[str, Any]]:
    sources = {"JINGWEI_SOURCES": str(SHARED)}
    return [as_json(home, "collect", resource, **sources) for resource in resources]


def companies() -> dict[str, Any]:
    """Links the four company tables; returns the evaluation against the stock code."""
    home = prepared("companies", "real")
    collected(home, FIRMS)
    run(home, "link", "companies")
    answer = truth(home, FIRMS, lambda key: "".join(c for c in key if c.isdigit()))
    return as_json(home, "register", "evaluate", "companies", "--truth", str(answer))


def febrl() -> dict[str, Any]:
    """Links FEBRL 3; the truth is the number in each record's name."""
    home = prepared("febrl", "febrl")
    collected(home, ("febrl.person",))
    run(home, "link", "febrl")
    answer = truth(home, ("febrl.person",), lambda key: key.split("-")[1])
    return as_json(home, "register", "evaluate", "febrl", "--truth", str(answer))


def show_runs(runs: list[dict[str, Any]]) -> None:
    table = Table(title="Collected", title_justify="left", box=None, pad_edge=False)
    names = ("read", "accepted", "quarantined", "repeated", "new", "changed", "unchanged")
    for heading in ("resource", *names, "balances", "s"):
        table.add_column(heading, justify="left" if heading in ("resource", "balances") else "right")
    for one in runs:
        figures = [f"{one[name]:,}" for name in names]
        table.add_row(one["resource"], *figures, "yes" if one["balances"] else "NO", f"{one['seconds']:.1f}")
    console.print(table)
    reasons = Table(title="Quarantine by reason", title_justify="left", box=None, pad_edge=False)
    for heading in ("resource", "rows", "field", "code", "for example"):
        reasons.add_column(heading, justify="right" if heading == "rows" else "left", overflow="fold")
    for one in runs:
        for reason in one["reasons"]:
            reasons.add_row(
                one["resource"], str(reason["rows"]), reason["field"], reason["code"], reason["en"]
            )
    console.print(reasons)


def main() -> int:
    if not SHARED.is_dir():
        print(f"The real tables are not here ({SHARED} is missing). Nothing to do.")
        return 0
    home = prepared("real", "real")
    runs = collected(home, FIRMS + OTHERS)
    show_runs(runs)
    again = collected(home, FIRMS + OTHERS)
    changed = sum(one["new"] + one["changed"] + one["removed"] for one in again)
    console.print(f"The same files a second time: {changed} rows new or changed\n")
    for register in ("companies", "handling_unit"):
        report = as_json(home, "link", register)
        console.print(
            f"{register}: {report['records']:,} records make {report['entities']:,} entities; linked by {report['linked_by']}"
        )
    answer = truth(home, FIRMS, lambda key: "".join(c for c in key if c.isdigit()))
    found = as_json(home, "register", "evaluate", "companies", "--truth", str(answer), "--examples", "5")
    console.print(
        f"\ncompanies against the stock code: precision {found['precision']:.4f}, recall {found['recall']:.4f}, F1 {found['f1']:.4f}"
        f" ({found['pairs_true']:,} true pairs, {found['pairs_linked']:,} linked, {found['pairs_both']:,} both)"
    )
    for title, pairs in (("linked wrongly", found["false_pairs"]), ("missed", found["missed_pairs"])):
        for pair in pairs:
            sides = [
                " ".join(str(v) for v in list(pair[side]["values"].values())[:4] if v)
                for side in ("left", "right")
            ]
            console.print(f"  {title}: {sides[0][:70]}  |  {sides[1][:70]}")
    unit = as_json(home, "lookup", "handling_unit", "龙田街道综合执法队", "--golden")
    if unit["answers"]:
        names = unit["golden"]["fields"]["names"]["value"]
        console.print(f"\none number, one unit, several names: {names}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
