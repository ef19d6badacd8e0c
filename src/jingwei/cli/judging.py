"""`jingwei check`: a table as it stands, against its contract."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from jingwei.catalog.contracts import DIMENSIONS
from jingwei.cli.frame import Output, command
from jingwei.collection import service
from jingwei.collection.quality.judging import Judgement, judge
from jingwei.kernel.errors import EXIT_BAD_INPUT, EXIT_DONE
from jingwei.kernel.text import Text, listed
from jingwei.operations import deployment

STEPS = {
    "unique": Text("查主键和唯一的字段", "keys and unique fields"),
    "judge": Text("判所有规则", "all rules"),
    "write": Text("写出不合格的行", "writing failing rows"),
}


def add_to(group: click.Group) -> None:
    @command(group, "check")
    @click.argument("resource", required=False)
    @click.option(
        "--deploy", is_flag=True, help="Look at the node's settings instead, before others reach it."
    )
    @click.option(
        "--from",
        "table",
        type=click.Path(path_type=Path, dir_okay=False),
        metavar="FILE.parquet",
        help="Judge this table instead of the one in the lake.",
    )
    @click.option(
        "--out",
        "out_path",
        type=click.Path(path_type=Path, dir_okay=False),
        metavar="FILE",
        help="Write every failing row with key and reasons here: .parquet or .csv.",
    )
    def check(
        out: Output, resource: str | None, deploy: bool, table: Path | None, out_path: Path | None
    ) -> int:
        """Judge RESOURCE's table as it stands against all rules of its contract. Nothing is changed."""
        if deploy:
            return tell_deployment(out)
        if resource is None:
            raise click.UsageError(str(Text("要给出资源，或 --deploy。", "Give a RESOURCE, or --deploy.")))
        contract = service.contract_of(resource)
        found = judge(contract, table, out_path, _progress(out))
        tell(out, found)
        out.result(as_dict(found))
        return EXIT_DONE


def tell_deployment(out: Output) -> int:
    """Everything at once, with what to do; exit code 1 where something grave would keep the server from starting."""
    found = deployment.findings()
    for one in found:
        out.say(f"{'!!' if one.grave else ' ·'} {one.code}  {one.what}")
        out.say(f"      {one.do}")
    if not found:
        out.say(Text("没有发现问题。", "Nothing was found."))
    grave = any(one.grave for one in found)
    out.result({
        "safe": not grave,
        "findings": [
            {"code": o.code, "grave": o.grave, "what": str(o.what), "do": str(o.do)} for o in found
        ],
    })  # fmt: skip
    return EXIT_BAD_INPUT if grave else EXIT_DONE


def tell(out: Output, found: Judgement) -> None:
    out.say(
        Text(
            "{resource}：{rows} 行，{failed} 行不合格，{seconds} 秒",
            "{resource}: {rows} rows, {failed} fail, {seconds} s",
        ).fill(
            resource=found.resource,
            rows=f"{found.rows:,}",
            failed=f"{found.failed:,}",
            seconds=f"{found.seconds:.1f}",
        )
    )
    for count in found.counts:
        told = DIMENSIONS.get(count.dimension, Text(count.dimension, count.dimension))
        out.say(f"  {count.rows:>10,}  {count.field or '-'}:{count.code}  {told}  {count.text}")
    if found.unjudged:
        out.say(
            Text(
                "没有判的规则（关联的资源还没有采集过）：{names}",
                "not judged, for the resources they read were never collected: {names}",
            ).fill(names=listed(found.unjudged))
        )
    if found.out:
        out.say(Text("不合格的行在 {path}", "failing rows are in {path}").fill(path=found.out))


def as_dict(found: Judgement) -> dict[str, Any]:
    return {
        "resource": found.resource,
        "rows": found.rows,
        "failed": found.failed,
        "reasons": [
            {
                "field": c.field,
                "code": c.code,
                "dimension": c.dimension,
                "text": str(c.text),
                "rows": c.rows,
            }
            for c in found.counts
        ],
        "unjudged": list(found.unjudged),
        "out": str(found.out) if found.out else None,
        "seconds": round(found.seconds, 2),
    }


def _progress(out: Output) -> Any:
    def progress(step: str, rows: int) -> None:
        if not out.as_json and rows >= 500_000:
            out.progress(f"  {STEPS[step]} {rows:,}")

    return progress
