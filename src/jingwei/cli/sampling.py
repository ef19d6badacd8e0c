"""`jingwei sample`: the invented district's source systems."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
from django.conf import settings

from jingwei.cli.frame import Output, command
from jingwei.kernel.text import Text
from jingwei.sample import LEAST, MOST, SampleReport, make


def tell(out: Output, report: SampleReport) -> None:
    out.say(
        Text(
            "{residents} 位居民、{companies} 家主体，{rows} 行源数据，{seconds} 秒",
            "{residents} residents, {companies} companies, {rows} source rows, {seconds} s",
        ).fill(
            residents=f"{report.residents:,}",
            companies=f"{report.companies:,}",
            rows=f"{sum(report.rows.values()):,}",
            seconds=f"{report.seconds:.1f}",
        )
    )


def as_dict(report: SampleReport) -> dict[str, Any]:
    return {
        "residents": report.residents,
        "companies": report.companies,
        "rows": report.rows,
        "files": [str(f) for f in report.files],
        "seconds": report.seconds,
    }


def add_to(group: click.Group) -> None:
    @command(group, needs_home=False)
    @click.option(
        "--residents",
        default=70_000,
        show_default=True,
        help="How many people.",
        type=click.IntRange(LEAST, MOST),
    )
    @click.option(
        "--seed", default=20261120, show_default=True, help="The same seed gives the same district."
    )
    @click.option(
        "--to",
        "folder",
        type=click.Path(path_type=Path),
        help="Folder for the systems (default: the home's sample).",
    )
    @click.option(
        "--postgres", metavar="URL", help="Also write one department's schema into this PostgreSQL server."
    )
    def sample(out: Output, residents: int, seed: int, folder: Path | None, postgres: str | None) -> None:
        """Invent a district: the systems of its departments, with known errors and the truth beside them."""
        report = make(folder or Path(settings.SOURCES), residents, seed, postgres)
        tell(out, report)
        for resource, rows in report.rows.items():
            out.say(f"  {rows:>10,}  {resource}")
        out.result(as_dict(report))
