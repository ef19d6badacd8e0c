"""Makes the sample district: the true world once, then each department's file from it.

    seed ──▶ people, companies (the truth) ──▶ systems (blurred) ──▶ files + truth/*.csv

Everything is written into a sibling folder first and takes its place by renaming, so that a
sample is whole or not there. `sample.json` remembers what it was made with: asking again for the
same district does nothing.
"""

from __future__ import annotations

import errno
import json
import os
import re
import shutil
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa

from jingwei.kernel.errors import DiskFull
from jingwei.kernel.text import Text
from jingwei.sample.addresses import Addresses
from jingwei.sample.companies import make_companies
from jingwei.sample.database import write_schema
from jingwei.sample.errors import FolderNotWritable, NotASampleFolder, ResidentsOutOfRange
from jingwei.sample.mistakes import Planted
from jingwei.sample.strings import numbered, pick
from jingwei.sample.systems import SYSTEMS, Sample, Sheet, System
from jingwei.sample.world import make_world
from jingwei.sample.writers import delimited

VERSION = 2
"""Counts changes of what a seed gives; an older sample is made anew."""
MARK = "sample.json"
LEAST, MOST = 200, 12_000_000
Progress = Callable[[str, float], None]


@dataclass(frozen=True)
class SampleReport:
    """What was made. `rows` counts source rows by resource, repeated ones included; `seconds` is 0
    and `fresh` false when the sample was there already."""

    folder: str
    seed: int
    residents: int
    companies: int
    files: tuple[str, ...]
    rows: dict[str, int]
    seconds: float
    fresh: bool = field(default=True)

    @property
    def total_rows(self) -> int:
        return sum(self.rows.values())

    def lines(self) -> list[Text]:
        """What was made, one line for the whole and one for each table."""
        paths = {system.resource: system.path for system in SYSTEMS}
        whole = Text(
            "示例城区在 {folder}：{residents:,} 位居民，{companies:,} 个市场主体，{tables} 张表 {total:,} 行",
            "Sample district in {folder}: {residents:,} residents, {companies:,} companies, "
            "{total:,} rows in {tables} tables",
        ).fill(
            folder=self.folder,
            residents=self.residents,
            companies=self.companies,
            tables=len(self.rows),
            total=self.total_rows,
        )
        return [whole] + [
            Text("{resource}  {rows:,} 行  {path}", "{resource}  {rows:,} rows  {path}").fill(
                resource=resource, rows=rows, path=paths[resource]
            )
            for resource, rows in self.rows.items()
        ]


def make(
    folder: Path,
    residents: int = 70_000,
    seed: int = 20261120,
    postgres: str | None = None,
    progress: Progress | None = None,
) -> SampleReport:
    """Makes the sample in `folder` unless it is there with the same parameters.

    `postgres` is the URL of a server that also gets the social security table, in a schema of its
    own. `progress(resource, share done)` is called as files appear. Raises NotASampleFolder when the
    folder holds other things, ResidentsOutOfRange, PostgresRefused.
    """
    folder = Path(folder)
    if not LEAST <= residents <= MOST:
        raise ResidentsOutOfRange(least=LEAST, most=MOST, residents=residents)
    wanted = {"version": VERSION, "residents": residents, "seed": seed}
    before = _read_mark(folder)
    if before and before["parameters"] == wanted and postgres is None:
        return SampleReport(
            **{**before["report"], "files": tuple(before["report"]["files"]), "fresh": False, "seconds": 0.0}
        )
    tell = progress or (lambda what, share: None)
    started = time.monotonic()
    _sweep(folder)
    work = folder.with_name(f".{folder.name}.{os.getpid()}.partial")
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        files, rows, companies = _write_everything(work, residents, seed, tell)
        if postgres:
            write_schema(postgres, work / "social/insured.csv")
            tell("postgres", 0.99)
        report = SampleReport(
            str(folder), seed, residents, companies, files, rows, round(time.monotonic() - started, 2)
        )
        mark = {"parameters": wanted, "report": asdict(report)}
        (work / MARK).write_text(json.dumps(mark, ensure_ascii=False, indent=1), encoding="utf-8")
        _take_place(work, folder)
    except (OSError, duckdb.IOException) as fault:
        if getattr(fault, "errno", None) == errno.ENOSPC or "No space left" in str(fault):
            raise DiskFull(path=folder) from fault
        raise FolderNotWritable(path=folder, reason=str(fault).splitlines()[0]) from fault
    finally:
        shutil.rmtree(work, ignore_errors=True)
    tell("done", 1.0)
    return report


def _read_mark(folder: Path) -> dict[str, Any] | None:
    """The mark of the sample that is there; None when the folder is missing, empty or of an older version."""
    if not folder.exists():
        return None
    if not folder.is_dir() or (any(folder.iterdir()) and not (folder / MARK).is_file()):
        raise NotASampleFolder(path=folder)
    if not (folder / MARK).is_file():
        return None
    try:
        mark = json.loads((folder / MARK).read_text(encoding="utf-8"))
        return mark if mark["parameters"]["version"] == VERSION else None
    except (ValueError, KeyError, TypeError):
        return None


def _sweep(folder: Path) -> None:
    """Removes what makers that were killed left beside the folder; a living one's work stays."""
    for left in folder.parent.glob(f".{folder.name}.*"):
        match = re.fullmatch(rf"\.{re.escape(folder.name)}\.(\d+)\.(partial|old)", left.name)
        if match and not _alive(int(match[1])):
            shutil.rmtree(left, ignore_errors=True)


def _alive(process: int) -> bool:
    if process == os.getpid():
        return False
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _take_place(work: Path, folder: Path) -> None:
    old = folder.with_name(f".{folder.name}.{os.getpid()}.old")
    shutil.rmtree(old, ignore_errors=True)
    if folder.exists():
        folder.rename(old)
    work.rename(folder)
    shutil.rmtree(old, ignore_errors=True)


def _write_everything(
    work: Path, residents: int, seed: int, tell: Progress
) -> tuple[tuple[str, ...], dict[str, int], int]:
    tell("people", 0.0)
    world = make_world(residents, seed)
    companies = make_companies(world, seed)
    sample = Sample(world, companies, seed, Addresses(world))
    rows: dict[str, int] = {}
    truths = Truths(work / "truth")
    for count, system in enumerate(SYSTEMS):
        tell(system.resource, 0.05 + 0.9 * count / len(SYSTEMS))
        sheet = system.make(sample)
        path = work / system.path
        path.parent.mkdir(parents=True, exist_ok=True)
        system.write(sheet, path)
        truths.add(system, sheet)
        rows[system.resource] = len(sheet.keys) + len(sheet.repeated)
        del sheet
    truths.close()
    _write_planted(sample.planted, work / "truth/errors.csv")
    files = tuple(sorted(str(p.relative_to(work)) for p in work.rglob("*") if p.is_file()))
    return files, rows, len(companies)


class Truths:
    """truth/population.csv and truth/legal_entity.csv: resource, record_key, true_id of every usable row."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True)
        self.folder = folder
        self.parts: dict[str, list[pa.Table]] = {"population": [], "legal_entity": []}

    def add(self, system: System, sheet: Sheet) -> None:
        if system.register is None:
            return
        usable = pa.array(sheet.usable)
        truth = numbered("R" if system.register == "population" else "C", sheet.truth[sheet.usable] + 1, 8)
        resource = pick((system.resource,), np.zeros(len(truth), dtype=np.int8))
        table = pa.table({"resource": resource, "record_key": sheet.keys.filter(usable), "true_id": truth})
        self.parts[system.register].append(table)

    def close(self) -> None:
        for register, tables in self.parts.items():
            delimited(pa.concat_tables(tables), self.folder / f"{register}.csv", "utf-8")


def _write_planted(planted: list[Planted], path: Path) -> None:
    columns = {
        name: [getattr(row, name) for row in planted]
        for name in ("resource", "error", "declared", "possible", "rows")
    }
    delimited(pa.table(columns), path, "utf-8")
