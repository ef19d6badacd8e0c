"""`jingwei register compare | collide`: a list beside a register, two resources against each other."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click

from jingwei.cli.frame import Output, command
from jingwei.kernel.text import Text
from jingwei.registers import collision, comparison, lists
from jingwei.registers.comparison import WORDS
from jingwei.registers.sources import declared

KINDS = (comparison.FOUND, comparison.NOT_FOUND, comparison.SEVERAL)
ANSWERS = (comparison.YES, comparison.DIFFERS, comparison.NO, comparison.UNREADABLE)


def add_to(group: click.Group) -> None:
    register = group.commands.get("register")
    if not isinstance(register, click.Group):
        register = click.Group("register")
        group.add_command(register)
    _add_compare(register)
    _add_collide(register)


def _add_compare(register: click.Group) -> None:
    @command(register, "compare")
    @click.argument("name", metavar="REGISTER")
    @click.argument("file", type=click.Path(path_type=Path))
    @click.option(
        "--out",
        "target",
        required=True,
        type=click.Path(path_type=Path),
        help="Where the answers go: .csv or .xlsx.",
    )
    @click.option("--purpose", required=True, help="What it is for; goes on the ledger.")
    @click.option(
        "--map",
        "assigned",
        multiple=True,
        metavar="FIELD=COLUMN",
        help="Which column a field is in; FIELD= leaves it out. The rest is guessed.",
    )
    def compare(
        out: Output, name: str, file: Path, target: Path, purpose: str, assigned: tuple[str, ...]
    ) -> None:
        """Compare the list in FILE with REGISTER, row by row, without a value of the register."""
        known = declared(name)
        given = dict(one.partition("=")[::2] for one in assigned)
        columns, rows = lists.read(known, file, file.name, [column for column in given.values() if column])
        missing = [column for column in given.values() if column and column not in columns]
        if missing:
            raise click.BadParameter(f"{missing[0]}: {', '.join(columns)}", param_hint="--map")
        mapping = {f: c for f, c in {**comparison.guess(known, columns), **given}.items() if c}
        done = comparison.compare(None, name, rows, mapping, purpose)
        table = lists.table(known, done)
        target.write_bytes(lists.as_workbook(table) if target.suffix == ".xlsx" else lists.as_csv(table))
        counts = {field: done.field_counts(field) for field in mapping}
        out.table(
            Text("{n} 行：", "{n} rows: ").fill(n=len(rows)),
            [Text("结果", "result"), Text("行", "rows")],
            [[WORDS[kind], done.counts[kind]] for kind in KINDS],
        )
        out.table(
            Text("逐列", "By column"),
            [Text("字段", "field"), Text("名单的列", "column"), *(WORDS[answer] for answer in ANSWERS)],
            [[known.title(f), c, *(counts[f][answer] for answer in ANSWERS)] for f, c in mapping.items()],
        )
        out.result(
            {
                "register": name,
                "rows": len(rows),
                "columns": mapping,
                "found": {kind: done.counts[kind] for kind in KINDS},
                "fields": {field: {a: counts[field][a] for a in ANSWERS} for field in mapping},
                "out": str(target),
            }
        )


def _add_collide(register: click.Group) -> None:
    @command(register, "collide")
    @click.argument("name", metavar="REGISTER")
    @click.argument("left")
    @click.argument("right")
    @click.option(
        "--list",
        "part",
        type=click.Choice([collision.BOTH, collision.LEFT, collision.RIGHT]),
        help="Who they are, and not only how many; needs --purpose.",
    )
    @click.option("--purpose", default="", help="What the list is for; goes on the ledger.")
    def collide(out: Output, name: str, left: str, right: str, part: str | None, purpose: str) -> None:
        """How many entities of REGISTER are in both of the resources LEFT and RIGHT, and in one alone."""
        listing = collision.listing(None, name, left, right, part, purpose) if part else None
        found = collision.count(None, name, left, right)
        out.table(
            Text("按主记录数", "Counted by entity"),
            [Text("在哪里", "where"), Text("多少", "how many")],
            [
                [Text("两边都有", "in both"), found.both],
                [Text("只在 {name}", "in {name} alone").fill(name=left), found.only_left],
                [Text("只在 {name}", "in {name} alone").fill(name=right), found.only_right],
            ],
        )
        if listing:
            out.table(
                Text("{n} 个", "{n} of them").fill(n=listing.total),
                [Text("实体", "entity"), Text("名称", "name"), Text("号码", "number"), Text("其他", "facts")],
                [[one.entity_id, one.name, one.masked_id, " · ".join(one.facts)] for one in listing.cards],
            )
        out.result(asdict(found) | ({"list": [asdict(one) for one in listing.cards]} if listing else {}))
