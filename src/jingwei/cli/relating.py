"""`jingwei register relate | locate | division`: places, relations between entities, and old codes."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime

import click

from jingwei.cli.frame import Output, command
from jingwei.kernel import ledger
from jingwei.kernel.text import Text
from jingwei.packs.service import installed
from jingwei.registers.places import service as places
from jingwei.registers.relations import service as relations

REASONS = {
    "unknown": Text("查无此人此户", "nobody known by that"),
    "ambiguous": Text("不止一个，没有替它选", "more than one; none was chosen"),
    "nowhere": Text("地址找不到楼栋", "the address leads to no building"),
    "from-unknown": Text("本方查不到", "its own side is not known"),
    "from-ambiguous": Text("本方不止一个", "its own side is more than one"),
}
HOW = {
    "current": Text("现行代码", "in use"),
    "renamed": Text("现行代码，改过名", "in use, under another name than once"),
    "succeeded": Text("已由新代码接替", "followed by another code"),
    "split": Text("可能是其中之一，没有替它选", "one of these; none was chosen"),
    "retired": Text("已停用，没有后继", "given up, nothing followed"),
    "circle": Text("后继绕成一圈，没有结果", "its successors run in a circle"),
    "unknown": Text("没有这个代码", "no such code is known"),
}


def tell(out: Output, report: relations.RelationReport) -> None:
    """What was placed and related, for people."""
    for register, placed in report.places.items():
        total = sum(placed.levels.values())
        out.say(
            Text("{register}：{total} 个地点排好上下级", "{register}: {total} places in their tree").fill(
                register=register, total=f"{total:,}"
            )
        )
        for way, count in placed.by.items():
            out.say(f"  {count:>10,}  {way}")
        if placed.disagree:
            out.say(
                Text(
                    "  {n:>10,}  坐标所在的网格与来源所写不同，按坐标",
                    "  {n:>10,}  lie in another grid than their source says; the point decided",
                ).fill(n=placed.disagree)
            )
    declared = installed().section("relations")
    for one in report.relations:
        title = declared[one.relation].title.text()
        out.say(Text("{relation}（{title}）：{n} 条", "{relation} ({title}): {n}").fill(
            relation=one.relation, title=title, n=f"{one.relations:,}"
        ))  # fmt: skip
        for reason, count in one.open.items():
            out.say(f"  {count:>10,}  {REASONS.get(reason, reason)}")
        for resource in one.skipped:
            out.say(Text("  还没有采集或归并：{r}", "  not collected or linked yet: {r}").fill(r=resource))
    out.say(Text("用时 {s} 秒", "took {s} s").fill(s=f"{report.seconds:.1f}"))


def add_to(register: click.Group) -> None:
    @command(register, "relate")
    def relate(out: Output) -> None:
        """Put places into their tree and relate entities, after registers were linked."""
        report = relations.build(None if out.as_json else out.progress)
        tell(out, report)
        out.result(asdict(report))

    @command(register, "locate")
    @click.argument("address", required=False)
    @click.option("--longitude", type=float, help="With --latitude: the grid of a point.")
    @click.option("--latitude", type=float)
    def locate(out: Output, address: str | None, longitude: float | None, latitude: float | None) -> None:
        """Find the house, building, grid, community and division of ADDRESS or of a point."""
        found = places.locate(address, longitude=longitude, latitude=latitude)
        subjects = [found.house] if found.house else []
        ledger.record(None, "register.read", "locate", subjects=subjects, fields=["address"])
        answer = asdict(found)
        out.table(
            Text("找到的地点", "Places found"),
            [Text("级别", "level"), Text("编号", "entity")],
            [[level, entity or ""] for level, entity in answer.items()],
        )
        out.result(answer)

    @command(register, "division")
    @click.argument("code")
    @click.option(
        "--on", type=click.DateTime(["%Y-%m-%d"]), help="The day on which the code was written down."
    )
    def division(out: Output, code: str, on: datetime | None) -> None:
        """Tell what became of the division CODE."""
        found = places.division(code, on.date() if on else None)
        out.say(
            Text("{code} → {codes} {name}（{how}）", "{code} → {codes} {name} ({how})").fill(
                code=code, codes="、".join(found.codes) or "-", name=found.name or "", how=HOW[found.how]
            )
        )
        out.result(asdict(found))
