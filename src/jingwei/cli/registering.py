"""`jingwei link | lookup | register evaluate | register history | register try`."""

from __future__ import annotations

from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import click
from django.db import transaction

from jingwei.cli import recalling, relating, trying
from jingwei.cli.frame import Output, command
from jingwei.kernel import ledger
from jingwei.kernel.text import Text
from jingwei.packs.service import installed
from jingwei.registers import service
from jingwei.registers.answers import Evaluation, Golden, LinkReport
from jingwei.registers.declaration import Register
from jingwei.registers.showing import element_called, is_number

REASONS = {
    "similar": Text("按相似度", "by similarity"),
    "alone": Text("单独成户", "alone"),
}


def tell(out: Output, report: LinkReport) -> None:
    """The outcome of a linking for people."""
    out.say(
        Text(
            "{register}：{records} 条记录合成 {entities} 个主记录，{seconds} 秒",
            "{register}: {records} records make {entities} entities, {seconds} s",
        ).fill(
            register=report.register,
            records=f"{report.records:,}",
            entities=f"{report.entities:,}",
            seconds=f"{report.seconds:.1f}",
        )
    )
    for reason, count in sorted(report.linked_by.items(), key=lambda item: -item[1]):
        out.say(f"  {count:>10,}  {REASONS.get(reason, reason)}")
    out.say(
        Text(
            "  主记录新增 {new}，变更 {changed}，移除 {removed}，未变 {unchanged}",
            "  entities: new {new}, changed {changed}, removed {removed}, unchanged {unchanged}",
        ).fill(
            new=f"{report.new:,}",
            changed=f"{report.changed:,}",
            removed=f"{report.removed:,}",
            unchanged=f"{report.unchanged:,}",
        )
    )
    for note, count in report.notes.items():
        out.say(f"  {count:>10,}  {note}")


def tell_evaluation(out: Output, found: Evaluation) -> None:
    out.say(
        Text(
            "{register}：准确率 {precision}，召回率 {recall}，F1 {f1}（真对 {true}，连上 {linked}，其中对 {both}）",
            "{register}: precision {precision}, recall {recall}, F1 {f1} (true pairs {true}, linked {linked}, right {both})",
        ).fill(
            register=found.register,
            precision=f"{found.precision:.4f}",
            recall=f"{found.recall:.4f}",
            f1=f"{found.f1:.4f}",
            true=f"{found.pairs_true:,}",
            linked=f"{found.pairs_linked:,}",
            both=f"{found.pairs_both:,}",
        )
    )


def _masked(golden: Golden) -> Golden:
    """The golden record with its numbers starred, as a page shows it."""
    register: Register = installed().section("registers")[golden.register]

    def hidden(name: str, value: Any) -> Any:
        element = element_called(register.field(name).element)
        if isinstance(value, list):
            return [hidden(name, one) for one in value]
        return element.mask_text(value) if isinstance(value, str) and is_number(element) else value

    fields = {name: replace(one, value=hidden(name, one.value)) for name, one in golden.fields.items()}
    return replace(golden, fields=fields)


def _pairs(pairs: list[Any]) -> list[list[Any]]:
    rows = []
    for pair in pairs:
        for side in (pair.left, pair.right):
            values = " | ".join(str(v) for v in side.values.values() if v is not None)
            rows.append([side.resource, side.record_key, values[:140]])
        rows.append(["", "", ""])
    return rows


def add_to(group: click.Group) -> None:
    @command(group)
    @click.argument("register")
    @click.option("--whole", is_flag=True, help="Link everything by the kept model, not only what changed.")
    @click.option("--train", is_flag=True, help="Link everything by a model trained anew.")
    def link(out: Output, register: str, whole: bool, train: bool) -> None:
        """Bring REGISTER and its serving copy up to the collected tables."""
        progress = None if out.as_json else out.progress
        report = service.link(register, progress, whole=whole, train=train)
        tell(out, report)
        out.result(asdict(report))

    @command(group)
    @click.argument("register")
    @click.argument("text")
    @click.option(
        "--limit", default=10, show_default=True, help="How many answers.", type=click.IntRange(1, 200)
    )
    @click.option("--golden", is_flag=True, help="With the golden record of the first answer.")
    @click.option("--reveal", is_flag=True, help="Show its numbers in full; the ledger notes that too.")
    def lookup(out: Output, register: str, text: str, limit: int, golden: bool, reveal: bool) -> None:
        """Find TEXT (name, number, pinyin, initials, phone) in REGISTER."""
        found = service.search([register], text, limit)
        first = service.golden(register, found[0].entity_id) if golden and found else None
        with transaction.atomic():
            ledger.record(
                None,
                "register.read",
                f"lookup {register}",
                subjects=[c.entity_id for c in found],
                fields=["card"],
            )
            if first:
                ledger.record(
                    None,
                    "register.reveal" if reveal else "register.read",
                    f"lookup {register}",
                    subjects=[first.entity_id],
                    fields=list(first.fields),
                )
        if first and not reveal:
            first = _masked(first)
        out.table(
            Text("{n} 个结果", "{n} answers").fill(n=len(found)),
            [
                Text("实体", "entity"),
                Text("名称", "name"),
                Text("号码", "number"),
                Text("其他", "facts"),
                Text("对上的", "matched"),
            ],
            [
                [c.entity_id, c.name, c.masked_id, " · ".join(c.facts), f"{c.matched}{' ~' * c.fuzzy}"]
                for c in found
            ],
        )
        if first:
            out.table(
                Text("主记录", "Golden record"),
                [
                    Text("字段", "field"),
                    Text("值", "value"),
                    Text("来自", "source"),
                    Text("截至", "as of"),
                    Text("为何", "why"),
                ],
                [
                    [name, v.value, f"{v.organization} {v.source}", v.as_of, v.reason]
                    for name, v in first.fields.items()
                ],
            )
        answers = [asdict(c) for c in found]
        out.result({"register": register, "answers": answers, **({"golden": asdict(first)} if first else {})})

    @group.group()
    def register() -> None:
        """Registers: residents, organizations, and those of packs."""

    trying.add_to(register)
    relating.add_to(register)
    recalling.add_to(register)

    @command(register, "evaluate")
    @click.argument("name", metavar="REGISTER")
    @click.option(
        "--truth", required=True, type=click.Path(path_type=Path), help="CSV: resource, record_key, true_id."
    )
    @click.option(
        "--examples",
        default=0,
        show_default=True,
        help="Show so many wrong and missed pairs.",
        type=click.IntRange(0, 1000),
    )
    def evaluate(out: Output, name: str, truth: Path, examples: int) -> None:
        """Pairwise precision, recall and F1 of REGISTER against the truth."""
        found = service.evaluate(name, truth, examples)
        tell_evaluation(out, found)
        columns: list[Text | str] = [Text("资源", "resource"), Text("主键", "key"), Text("内容", "values")]
        if found.false_pairs:
            out.table(Text("连错的", "Linked wrongly"), columns, _pairs(found.false_pairs))
        if found.missed_pairs:
            out.table(Text("漏连的", "Missed"), columns, _pairs(found.missed_pairs))
        out.result(asdict(found))
