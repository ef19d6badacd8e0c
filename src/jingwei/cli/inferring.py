"""`jingwei contract infer | show`: what is in a file nobody has described, and the contract it deserves."""

from __future__ import annotations

import csv
import sys
from itertools import islice
from pathlib import Path
from typing import Any

import click

from jingwei.cli.frame import Output, command
from jingwei.collection.understanding import service, tables, writing
from jingwei.collection.understanding.propose import Proposal
from jingwei.kernel.errors import BadInput
from jingwei.kernel.text import Text, listed

SHOWN = 8
"""Rows of a table that `show` prints."""

MOST_COLUMNS = 12


class ContractThere(BadInput):
    code = "contract-there"
    what = Text("{path} 已经存在。", "{path} exists already.")
    do = Text(
        "换一个 --id 或 --out，或先移走那个文件。",
        "Choose another --id or --out, or move that file away first.",
    )


class NoSuchTable(BadInput):
    code = "no-such-table"
    what = Text("{location} 里只有 {n} 张表。", "{location} holds {n} tables.")
    do = Text("--table 用 1 到 {n}。", "Give --table a number from 1 to {n}.")


def add_to(group: click.Group) -> None:
    contract = group.commands.get("contract")
    if not isinstance(contract, click.Group):
        contract = click.Group("contract")
        group.add_command(contract)
    _add_infer(contract)
    _add_show(contract)


def _add_infer(contract: click.Group) -> None:
    @command(contract, "infer", needs_home=False)
    @click.argument("file")
    @click.option("--id", "resource", metavar="SYSTEM.TABLE", help="The resource's name.")
    @click.option("--sheet", help="Only this sheet, or this table of a database.")
    @click.option(
        "--out", "folder", default="-", metavar="DIR", help="Folder to write to, a pack's too; - prints."
    )
    def infer(out: Output, file: str, resource: str | None, sheet: str | None, folder: str) -> None:
        """Propose a contract for each table in FILE (a path or a database URL)."""
        proposals = service.infer(file, resource, sheet)
        paths = [] if folder == "-" else _write(Path(folder), proposals)
        if not out.as_json and folder == "-":
            click.echo("---\n".join(writing.contract_yaml(one) for one in proposals), nl=False)
        for proposal, path in zip(proposals, paths, strict=False):
            out.say(
                Text(
                    "{path}：{fields} 个字段，看了 {judged} 行，会通过 {expected} 行",
                    "{path}: {fields} fields; of {judged} rows looked at {expected} would be accepted",
                ).fill(
                    path=path,
                    fields=len(proposal.fields),
                    judged=f"{proposal.judged:,}",
                    expected=f"{proposal.expected:,}",
                )
            )
        told = [{**one.as_dict(), "yaml": writing.contract_yaml(one)} for one in proposals]
        for one, path in zip(told, paths, strict=False):
            one["path"] = str(path)
        out.result({"location": file, "contracts": told})


def _write(folder: Path, proposals: list[Proposal]) -> list[Path]:
    """One file for each contract; in a pack's folder among its contracts. Nothing is overwritten."""
    inside = folder / "contracts" if (folder / "pack.yaml").is_file() else folder
    paths = [inside / f"{one.id}.yaml" for one in proposals]
    there = next((path for path in paths if path.exists()), None)
    if there is not None:
        raise ContractThere(path=there)
    inside.mkdir(parents=True, exist_ok=True)
    for path, one in zip(paths, proposals, strict=True):
        path.write_text(writing.contract_yaml(one), encoding="utf-8")
    return paths


def _add_show(contract: click.Group) -> None:
    @command(contract, "show", needs_home=False)
    @click.argument("file")
    @click.option("--sheet", help="Only this sheet, or this table of a database.")
    @click.option("--table", "number", type=click.IntRange(1), help="Only the table of this number.")
    @click.option("--csv", "as_csv", is_flag=True, help="Print the whole table as CSV.")
    @click.option("--long", "as_long", is_flag=True, help="Columns of years and the like as rows.")
    def show(
        out: Output, file: str, sheet: str | None, number: int | None, as_csv: bool, as_long: bool
    ) -> None:
        """Show what was understood of FILE: its tables, headers, units, what is no record."""
        found = tables.understand(file, sheet)
        if number is not None and number > len(found.tables):
            raise NoSuchTable(location=file, n=len(found.tables))
        chosen = found.tables if number is None else [found.tables[number - 1]]
        if as_csv:
            _print_csv(chosen[0], as_long)
            return
        shown = []
        for place, table in enumerate(chosen, number or 1):
            first = _first(table, as_long)
            shown.append({"number": place, **_as_dict(table), "first_rows": first})
            if not out.as_json:
                _tell(out, place, table, first, as_long)
        for passed in found.passed:
            out.say(f"{passed.name}: {passed.why}")
        for sheets in found.alike:
            out.say(
                Text("列相同的工作表：{sheets}", "sheets with the same columns: {sheets}").fill(
                    sheets=listed(sheets)
                )
            )
        out.result(
            {
                "location": file,
                "tables": shown,
                "passed": [{"name": one.name, "why": str(one.why)} for one in found.passed],
                "alike": [list(sheets) for sheets in found.alike],
            }
        )


def _print_csv(table: tables.Understood, as_long: bool) -> None:
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(service.header(table, as_long))
    for _, rows in service.rows(table, as_long):
        writer.writerows(rows)


def _first(table: tables.Understood, as_long: bool) -> list[list[str]]:
    return list(islice((row for _, rows in service.rows(table, as_long) for row in rows), SHOWN))


def _as_dict(table: tables.Understood) -> dict[str, Any]:
    facts = table.facts
    wide = table.wide
    return {
        "sheet": table.sheet,
        "format": table.format,
        "title": table.title,
        "unit": table.unit,
        "rows": table.rows,
        "long_rows": table.rows * len(wide.columns) if wide else table.rows,
        "rejected": table.rejected,
        "header_row": facts.get("header_row"),
        "header_levels": facts.get("header_levels", 1),
        "columns": [
            {"header": c.header, "unit": c.unit, "left_out": str(c.left_out) if c.left_out else None}
            for c in table.columns
        ],
        "unpivot": vars(wide.unpivot) if wide else None,
        "options": table.options,
        "encoding": facts.get("encoding"),
        **{name: facts.get(name, []) for name in ("titles", *tables.SET_ASIDE)},
        "hidden_sheets": facts.get("hidden_sheets", []),
        "notes": [str(note) for note in table.notes],
    }


def _tell(out: Output, number: int, table: tables.Understood, first: list[list[str]], as_long: bool) -> None:
    facts = table.facts
    where = f" · {table.sheet}" if table.sheet else ""
    title = Text(
        "表 {number}{where}：{title}（{rows} 行，表头在第 {header} 行）",
        "Table {number}{where}: {title} ({rows} rows, header in row {header})",
    ).fill(
        number=number,
        where=where,
        title=table.title or "—",
        rows=f"{table.rows:,}",
        header=facts.get("header_row", "—"),
    )
    header = list(service.header(table, as_long))
    rows = [[_short(cell) for cell in row[:MOST_COLUMNS]] for row in first]
    more = ["…"] if len(header) > MOST_COLUMNS else []
    out.table(title, [*header[:MOST_COLUMNS], *more], [[*row, *more] for row in rows])
    if table.unit:
        out.say(Text("单位：{unit}", "unit: {unit}").fill(unit=table.unit))
    for note in table.notes:
        out.say(f"· {note}")
    for column in table.columns:
        if column.unit:
            out.say(
                Text("· {header} 的单位是 {unit}", "· the unit of {header} is {unit}").fill(
                    header=column.header, unit=column.unit
                )
            )
        if column.left_out:
            out.say(f"· {column.header}: {column.left_out}")


def _short(cell: str) -> str:
    flat = " ".join((cell or "").split())
    return flat if len(flat) <= 30 else flat[:30] + "…"
