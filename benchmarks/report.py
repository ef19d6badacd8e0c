"""A benchmark's outcome: rows of what was asked, what was measured, and whether it is reached."""

from __future__ import annotations

import json
import os
import platform
import sys
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path

from rich.console import Console
from rich.table import Table

console = Console(highlight=False, soft_wrap=True, width=None if sys.stdout.isatty() else 200)
RESULTS = Path(__file__).parent / "results"


@dataclass
class Row:
    what: str
    measured: str
    reach: str
    reached: bool | None
    note: str = ""


@dataclass
class Report:
    name: str
    rows: list[Row] = field(default_factory=list)

    def add(
        self, what: str, measured: str, reach: str = "", reached: bool | None = None, note: str = ""
    ) -> None:
        self.rows.append(Row(what, measured, reach, reached, note))

    def show(self) -> None:
        table = Table(title=self.name, title_justify="left", box=None, pad_edge=False)
        for heading in ("what", "measured", "to reach", "", "note"):
            table.add_column(heading, overflow="fold")
        for row in self.rows:
            table.add_row(
                row.what, row.measured, row.reach, {True: "yes", False: "NO", None: ""}[row.reached], row.note
            )
        console.print(table)

    def save(self) -> None:
        RESULTS.mkdir(exist_ok=True)
        facts = {
            "at": datetime.now().isoformat(timespec="seconds"),
            "cores": os.cpu_count(),
            "machine": platform.machine(),
        }
        text = json.dumps(
            {"name": self.name, **facts, "rows": [asdict(row) for row in self.rows]},
            ensure_ascii=False,
            indent=1,
        )
        (RESULTS / f"{self.name}.json").write_text(text, encoding="utf-8")
