"""Tables nobody has described: is each understood, without a word from anybody?

Every file of the shared folder's `tables`, and `messages/附件2.xlsx`, is read as `jingwei contract show`
reads it. The statistics downloads are held to the tidied table that somebody else made of them, cell by
cell; of the others what a person sees in them is written down here. Then a contract is inferred, and the
rows are judged by it.
"""

from __future__ import annotations

import csv
import io
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import django

from benchmarks.node import SHARED
from benchmarks.report import Report

DOWNLOADS = {
    "renjiyi_分省年度数据.csv": "GDP_亿元",
    "renjiyi_分省年度数据 (1).csv": "人口数_抽样调查_人",
    "renjiyi_分省年度数据 (2).csv": "65岁以上人口_抽样调查_人",
    "renjiyi_分省年度数据 (3).csv": "城镇单位就业人员_万人",
    "renjiyi_分省年度数据 (4).csv": "私营个体就业人员_NBS_万人",
    "renjiyi_分省年度数据 (5).csv": "固定资产投资到位资金增速_%",
    "renjiyi_分省年度数据 (6).csv": "公有单位专业技术人员_NBS_人",
}
"""Each download, and the column of the tidied table that holds its answer."""

SEEN: dict[str, tuple[str | None, int, int, tuple[int, int, str]]] = {
    "renjiyi_一般公共预算等.xls": ("Sheet1", 1240, 6, (1, 5, "")),
    "renjiyi_分省年度数据_整合.csv": (None, 620, 23, (0, 3, "9247.66")),
    "abs_7218001.xls": ("Data1", 510, 24, (509, 1, "266.5")),
    "us-crime-2.xlsx": ("16tbl02", 198, 23, (2, 1, "Percent change")),
    "frictionless/issue-320.xlsx": ("IPC", 46, 54, (1, 2, "Badakhshan")),
    "frictionless/issue-1024.xlsx": ("IPC", 46, 55, (1, 2, "Badakhshan")),
    "frictionless/issue-493.csv": (None, 9, 126, (0, 0, "4")),
    "frictionless/encoding-issue-274.csv": (None, 507, 17, (0, 2, "A2F")),
    "frictionless/table-with-accents.csv": (None, 638, 8, (0, 0, "3 stars")),
    "frictionless/multiline-headers.xlsx": ("Лист1", 1, 4, (0, 0, "A")),
    "frictionless/skip-rows.xlsx": ("Sheet 1", 1, 2, (0, 1, "9")),
    "frictionless/preserve-formatting.xlsx": ("Sheet1", 1, 11, (0, 1, "1000.5577")),
    "frictionless/number-format-multicode.xlsx": ("Sheet1", 3, 1, (1, 0, "-9.03233986479077")),
    "frictionless/merged-cells.xlsx": ("Лист1", 0, 1, (0, 0, "")),
    "frictionless/merged-cells.xls": ("Лист1", 0, 1, (0, 0, "")),
    "../messages/附件2.xlsx": ("Sheet1", 495, 6, (0, 0, "24")),
}
"""File → sheet, long rows, columns, and one cell (row, column, text) as a person reads it there."""


ENOUGH = 0.97
"""Share of the rows an inferred contract has to take: the national row of a table by area has no area, and
whoever says that the area is the key sets that row aside, with its reason."""


def main() -> Report:
    report = Report("tables")
    folder = SHARED / "tables"
    if not folder.is_dir():
        report.add(
            "real tables", "skipped", "", None, "the folder ../shared/data beside the project is not there"
        )
        return report
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "jingwei.settings")
    django.setup()
    right = 0
    outcomes = [*_downloads(folder), *_seen(folder)]
    for name, said, good, seconds in outcomes:
        right += good
        report.add(name, said, "right", good, f"{seconds:.1f} s")
    report.add("files right", f"{right} of {len(outcomes)}", f"{len(outcomes)}", right == len(outcomes))
    return report


def _timed(check: Callable[[], tuple[str, bool]]) -> tuple[str, bool, float]:
    began = time.monotonic()
    try:
        said, good = check()
    except Exception as exc:  # a file that cannot be read is a wrong answer, not the end of the benchmark
        said, good = f"{type(exc).__name__}: {str(exc)[:90]}", False
    return said, good, time.monotonic() - began


def _downloads(folder: Path) -> Iterator[tuple[str, str, bool, float]]:
    text = (folder / "renjiyi_分省年度数据_整合.csv").read_text(encoding="utf-8-sig")
    tidied = list(csv.DictReader(io.StringIO(text)))
    for name, column in DOWNLOADS.items():
        answer = {(row["地区"], row["年份"]): row[column] for row in tidied}
        yield name, *_timed(lambda name=name, answer=answer: _compared(folder / name, answer))  # type: ignore[misc]


def _compared(path: Path, answer: dict[tuple[str, str], str]) -> tuple[str, bool]:
    _, rows = _read(path)
    same = other = 0
    for region, year, value in rows:
        wanted = answer.get((_short(region), year))
        if wanted is not None:
            equal = (float(value) if value else None) == (float(wanted) if wanted else None)
            same, other = same + equal, other + (not equal)
    accepted, judged = _inferred(path)
    good = other == 0 and same > 500 and accepted >= ENOUGH * judged
    return f"{same:,} cells equal, {other} not; contract takes {accepted:,} of {judged:,} rows", good


def _short(region: str) -> str:
    for ending in ("维吾尔自治区", "壮族自治区", "回族自治区", "自治区", "省", "市"):
        region = region.removesuffix(ending)
    return region


def _seen(folder: Path) -> Iterator[tuple[str, str, bool, float]]:
    for name, (sheet, rows, columns, cell) in SEEN.items():
        path = folder / name
        yield name, *_timed(lambda path=path, seen=(sheet, rows, columns, cell): _looked_at(path, *seen))  # type: ignore[misc]


def _looked_at(
    path: Path, sheet: str | None, rows: int, columns: int, cell: tuple[int, int, str]
) -> tuple[str, bool]:
    table, found = _read(path, sheet)
    row, column, text = cell
    shown = found[row][column] if row < len(found) else ""
    accepted, judged = _inferred(path, sheet)
    good = (len(found), len(table.names), shown) == (rows, columns, text) and accepted >= ENOUGH * judged
    said = f"{len(found):,} rows, {len(table.names)} columns; contract takes {accepted:,} of {judged:,} rows"
    return said, good


def _read(path: Path, sheet: str | None = None) -> tuple[Any, list[list[str]]]:
    # Django has to be set up before the rooms can be imported
    from jingwei.collection.understanding import service, understand  # noqa: PLC0415

    tables = understand(str(path)).tables
    table = next(one for one in tables if sheet is None or one.sheet == sheet)
    return table, [row for _, batch in service.rows(table) for row in batch]


def _inferred(path: Path, sheet: str | None = None) -> tuple[int, int]:
    from jingwei.collection.understanding import service  # noqa: PLC0415

    proposals = service.infer(str(path), None, sheet)
    return sum(one.expected for one in proposals), sum(one.judged for one in proposals)
