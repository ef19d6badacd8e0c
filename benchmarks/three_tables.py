"""Residents of three departments, linked by us and by Splink alone: the same rows, CPU and F1 of both.

sample ─▶ collect police, social and medical insurance ─┬─▶ jingwei link (everything: matching, golden records, serving copy)
                                                        └─▶ rows as Parquet ─▶ Splink: train, predict, cluster
"""

from __future__ import annotations

import json
import os
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from benchmarks.node import SCRATCH, as_json, child, environment, run, spent

PEOPLE = int(os.environ.get("JINGWEI_BENCH_PEOPLE", "1000000"))
RESOURCES = ("police.resident", "social.insured", "medical.insured")
FIELDS = (
    ("name", "person_name"), ("birth_date", "date"), ("id_number", "resident_id"), ("phone", "mobile_phone"), ("address", "address"),
)  # fmt: skip


def register() -> dict[str, Any]:
    words = {"zh": "三表居民", "en": "Residents of three tables"}
    return {
        "register": "residents", "title": words, "entity": words, "prefix": "T",
        "fields": [
            {"name": name, "element": element, "title": {"zh": name, "en": name}}
            | ({"derived_from": "id_number"} if name == "birth_date" else {})
            for name, element in FIELDS
        ],
        "sources": [{"resource": resource, "map": {name: name for name, _ in FIELDS}} for resource in RESOURCES],
        "identifiers": [{"field": "id_number", "contradicted_by": ["name", "birth_date"]}],
        "matching": {
            "blocking": [
                ["name.pinyin", "birth_date"], ["name.sound", "phone"], ["birth_date", "phone"], ["name.sound", "address.numbers"],
                ["birth_date", "address.numbers"], ["name", "birth_date.year"],
            ],
            "comparisons": [
                {"field": "name", "as": "person_name"}, {"field": "birth_date", "as": "date"}, {"field": "phone", "as": "phone"},
                {"field": "address", "as": "address"},
            ],
            "precision": 0.995,
        },
        "search": {"identifier": ["id_number"], "person_name": ["name"], "phone": ["phone"]},
        "card": {"name": "name", "identifier": "id_number", "facts": [{"field": "birth_date", "show": "year"}]},
    }  # fmt: skip


@dataclass(frozen=True)
class Side:
    cpu: float
    memory: float
    f1: float
    precision: float
    recall: float


def collected(home: Path, people: int) -> None:
    """The three tables in the lake of a new home, and the register declared over them."""
    pack = SCRATCH / "packs" / "three"
    (pack / "registers").mkdir(parents=True, exist_ok=True)
    head = {
        "pack": "three", "version": "1.0.0", "title": {"zh": "三表", "en": "Three tables"}, "requires": ["standards", "district"],
    }  # fmt: skip
    (pack / "pack.yaml").write_text(json.dumps(head, ensure_ascii=False), encoding="utf-8")
    (pack / "registers" / "residents.yaml").write_text(
        json.dumps(register(), ensure_ascii=False), encoding="utf-8"
    )
    run(home, "init")
    run(home, "sample", "--residents", str(people), "--json")
    for name in ("district", str(pack)):
        run(home, "pack", "install", name)
    for resource in RESOURCES:
        run(home, "collect", resource, "--json", JINGWEI_SOURCES=str(home / "sample"))


def measure() -> tuple[int, Side, dict[str, Side]]:
    """Rows; ours; Splink's by threshold."""
    home = SCRATCH / f"three-{PEOPLE}"
    shutil.rmtree(home, ignore_errors=True)
    collected(home, PEOPLE)
    truth = home / "sample" / "truth" / "population.csv"
    linked = spent(home, "link", "residents", "--json")
    kept = home / "truth.csv"
    listed = ", ".join(f"'{resource}'" for resource in RESOURCES)
    duckdb.execute(
        f"COPY (FROM read_csv('{truth}', all_varchar=true) WHERE resource IN ({listed})) TO '{kept}' (HEADER)"
    )
    found = as_json(home, "register", "evaluate", "residents", "--truth", str(kept), "--examples", "0")
    ours = Side(linked.cpu, linked.memory, found["f1"], found["precision"], found["recall"])
    rows, clusters = home / "rows.parquet", home / "clusters.parquet"
    variables = {**environment(home), "DJANGO_SETTINGS_MODULE": "jingwei.settings"}
    child([sys.executable, "-m", "benchmarks.lake_rows", str(rows), *RESOURCES], variables)
    alone = child(
        [sys.executable, "benchmarks/peers/splink_residents.py", str(rows), str(clusters)], variables
    )
    peers = {}
    for column in ("at_95", "at_99"):
        precision, recall, f1 = agreement(str(rows), str(clusters), str(kept), column)
        peers[column] = Side(alone.cpu, alone.memory, f1, precision, recall)
    counted = duckdb.execute(f"SELECT count(*) FROM '{rows}'").fetchone()
    return counted[0] if counted else 0, ours, peers


def agreement(rows: str, clusters: str, truth: str, column: str) -> tuple[float, float, float]:
    """Pairwise precision, recall and F1 of a column of clusters."""
    pairs = "coalesce(sum(n * (n - 1) // 2), 0)"
    found = duckdb.execute(
        f"""
        WITH judged AS (
            SELECT t.true_id, c.{column} AS found FROM read_csv('{truth}', all_varchar=true) t
            JOIN '{rows}' r ON r.resource = t.resource AND r.record_key = t.record_key JOIN '{clusters}' c ON c.rid = r.rid
        )
        SELECT (SELECT {pairs} FROM (SELECT count(*) AS n FROM judged GROUP BY true_id)),
               (SELECT {pairs} FROM (SELECT count(*) AS n FROM judged GROUP BY found)),
               (SELECT {pairs} FROM (SELECT count(*) AS n FROM judged GROUP BY true_id, found))
        """
    ).fetchone()
    true, linked, both = (int(n) for n in found or (0, 0, 0))
    return both / max(linked, 1), both / max(true, 1), 2 * both / max(true + linked, 1)
