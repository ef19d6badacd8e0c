"""Linking on data with known truth: FEBRL 3, the four company tables, the sample district."""

from __future__ import annotations

from benchmarks import real
from benchmarks.node import SHARED, as_json, district
from benchmarks.report import Report


def main() -> Report:
    report = Report("linkage")
    if SHARED.is_dir():
        febrl = real.febrl()
        report.add(
            "FEBRL 3, 5,000 persons",
            f"F1 {febrl['f1']:.4f}",
            "0.98",
            febrl["f1"] >= 0.98,
            f"precision {febrl['precision']:.4f}, recall {febrl['recall']:.4f}",
        )
        firms = real.companies()
        report.add(
            "company tables, precision",
            f"{firms['precision']:.4f}",
            "0.99",
            firms["precision"] >= 0.99,
            "equal names alone: 0.938",
        )
        report.add(
            "company tables, recall",
            f"{firms['recall']:.4f}",
            "0.93",
            firms["recall"] >= 0.93,
            "equal names alone: 0.912",
        )
    else:
        report.add("FEBRL 3 and company tables", f"{SHARED} is missing")
    home = district(70_000)
    for register in ("population", "legal_entity"):
        truth = home / "sample" / "truth" / f"{register}.csv"
        found = as_json(home, "register", "evaluate", register, "--truth", str(truth))
        report.add(
            f"sample district, {register}",
            f"precision {found['precision']:.4f}, recall {found['recall']:.4f}, F1 {found['f1']:.4f}",
        )
    return report
