"""`jingwei register try`: a change of a register's rules on a copy, told in figures and ten examples."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click

from jingwei.cli.frame import Output, command
from jingwei.kernel import ledger
from jingwei.kernel.text import Text, listed
from jingwei.packs.errors import PackFaulty
from jingwei.packs.service import installed
from jingwei.registers import trial
from jingwei.registers.declaration import Register
from jingwei.registers.presenting import declared, title_of


def add_to(register: click.Group) -> None:
    @command(register, "try")
    @click.argument("name", metavar="REGISTER")
    @click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
    def attempt(out: Output, name: str, file: Path) -> None:
        """Link REGISTER with the rules of FILE (YAML) on a copy and tell what would change. Writes nothing."""
        declared(name)
        changed, faults = trial.parse_file(name, file)
        if changed is None:
            raise PackFaulty(str(file), faults)
        found = trial.run(name, changed, None if out.as_json else out.progress)
        ledger.record(
            None,
            "register.try",
            f"try {name}",
            subjects=sorted({example.entity_id for example in found.examples}),
            fields=sorted({example.field for example in found.examples}),
        )
        tell(out, found)
        out.result(asdict(found))


def tell(out: Output, found: trial.Outcome) -> None:
    one: Register = installed().section("registers")[found.register]
    titles = {f.name: title_of(f) for f in one.fields}
    words = Text(
        "{register}：主记录 {before} → {after}，并成一个的 {merged}，拆开的 {split}，值会变的 {changed}，{seconds} 秒",
        "{register}: entities {before} → {after}, merged {merged}, split {split}, with another value {changed}, {seconds} s",
    )
    figures = {
        name: f"{getattr(found, name):,}" for name in ("before", "after", "merged", "split", "changed")
    }
    out.say(words.fill(register=found.register, seconds=f"{found.seconds:.1f}", **figures))
    if found.fields:
        out.table(
            Text("会变的字段", "Fields that would change"),
            [Text("字段", "field"), Text("主记录", "entities"), Text("哪些事项用它", "read by")],
            [[titles[c.field], f"{c.entities:,}", listed(c.readers)] for c in found.fields],
        )
    if found.examples:
        out.table(
            Text("例子", "Examples"),
            [Text("实体", "entity"), Text("字段", "field"), Text("现在", "now"), Text("以后", "then")],
            [[e.entity_id, titles[e.field], e.before, e.after] for e in found.examples],
        )
