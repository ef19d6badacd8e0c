"""`jingwei collect | runs | quarantine`."""

from __future__ import annotations

import getpass
import os
from typing import Any

import click

from jingwei.cli.frame import Output, command
from jingwei.collection import quarantine, service
from jingwei.collection.models import Run
from jingwei.kernel import ledger
from jingwei.kernel.errors import EXIT_DONE, BadInput
from jingwei.kernel.text import Text

STATES = {
    Run.RUNNING: Text("进行中", "running"),
    Run.DONE: Text("完成", "done"),
    Run.HELD: Text("扣住", "held"),
    Run.FAILED: Text("失败", "failed"),
}


def as_dict(run: Run) -> dict[str, Any]:
    """A run for `--json`."""
    return {
        "run": run.id,
        "resource": run.resource,
        "state": run.state,
        "location": run.location,
        "started": run.started,
        "ended": run.ended,
        "seconds": run.seconds,
        "declared": run.declared,
        "read": run.read,
        "accepted": run.accepted,
        "quarantined": run.quarantined,
        "repeated": run.repeated,
        "new": run.new,
        "changed": run.changed,
        "unchanged": run.unchanged,
        "removed": run.removed,
        "voided": run.voided,
        "balances": run.balances,
        "reasons": run.reasons,
        "facts": run.facts,
        "snapshot": run.snapshot,
        "error": run.error,
    }


def balance_lines(run: Run) -> list[Text]:
    """The balance as the two equations a person checks."""
    return [
        Text(
            "读到 {read} = 通过 {accepted} + 隔离 {quarantined} + 重复 {repeated}",
            "read {read} = accepted {accepted} + quarantined {quarantined} + repeated {repeated}",
        ).fill(**_figures(run)),
        Text(
            "通过 {accepted} = 新增 {new} + 变更 {changed} + 未变 {unchanged}",
            "accepted {accepted} = new {new} + changed {changed} + unchanged {unchanged}",
        ).fill(**_figures(run)),
    ]


def _figures(run: Run) -> dict[str, str]:
    names = ("read", "accepted", "quarantined", "repeated", "new", "changed", "unchanged")
    return {name: f"{getattr(run, name):,}" for name in names}


def add_to(group: click.Group) -> None:
    @command(group)
    @click.argument("resource")
    @click.option(
        "--from", "location", metavar="PATH-OR-URL", help="Read from here instead of the contract's source."
    )
    def collect(out: Output, resource: str, location: str | None) -> int:
        """Collect RESOURCE once and print its balance."""
        run = service.collect(resource, location, started_by=_who(), progress=_progress(out))
        if run.state == Run.HELD:
            error = service.held(run)
            if out.as_json:
                out.result({**as_dict(run), **error.as_dict()})
                return error.exit_code
            for line in balance_lines(run):
                out.say(line)
            raise error
        tell(out, run)
        out.result(as_dict(run))
        return EXIT_DONE

    @command(group)
    @click.argument("resource", required=False)
    @click.option("--limit", default=20, show_default=True, help="How many.", type=click.IntRange(1, 10_000))
    def runs(out: Output, resource: str | None, limit: int) -> None:
        """List runs, newest first."""
        service.recover()
        found = service.runs(limit, resource)
        if resource and not found:
            service.contract_of(
                resource
            )  # a resource never collected is fine, one that is unknown is a mistake
        out.table(
            Text("批次", "Runs"),
            [Text("批次", "run"), Text("资源", "resource"), Text("状态", "state"), Text("读到", "read"),
             Text("通过", "accepted"), Text("隔离", "quarantined"), Text("重复", "repeated"), Text("新增", "new"),
             Text("变更", "changed"), Text("未变", "unchanged"), Text("秒", "s")],
            [[r.id, r.resource, STATES[r.state], r.read, r.accepted, r.quarantined, r.repeated, r.new, r.changed,
              r.unchanged, f"{r.seconds:.1f}" if r.seconds is not None else ""] for r in found],
        )  # fmt: skip
        out.result({"runs": [as_dict(r) for r in found]})

    @command(group, "quarantine")
    @click.argument("resource")
    @click.option("--run", "run_id", help="Rows of this run instead of those still open.")
    @click.option("--reason", help="Only this reason: a code, or field:code.")
    @click.option("--limit", default=50, show_default=True, help="0 lists all.", type=click.IntRange(0))
    def list_quarantine(
        out: Output, resource: str, run_id: str | None, reason: str | None, limit: int
    ) -> None:
        """List RESOURCE's quarantined rows that nobody has mended yet."""
        service.contract_of(resource)
        if run_id and service.run(run_id).resource != resource:
            raise OtherResource(run=run_id, resource=resource)
        chosen: dict[str, Any] = {
            "resource": resource,
            "run": run_id,
            "reason": reason,
            "open_only": run_id is None,
        }
        total = quarantine.count(**chosen)
        found = quarantine.rows(**chosen, limit=limit or None)
        # Rows are listed as they came, identity numbers included: that look is on record like every other.
        ledger.record(
            None, "run.read", f"quarantine {resource}", fields=["original"], purpose=f"{len(found)} rows"
        )
        out.table(
            Text("隔离 {total} 行，列出 {shown} 行", "{total} quarantined rows, {shown} listed").fill(
                total=f"{total:,}", shown=len(found)),
            [Text("源行", "row"), Text("主键", "key"), Text("原因", "reasons"), Text("原文", "original")],
            [[f"{q.row}", q.key, "；".join(f"{r.field} {r.text}".strip() for r in q.reasons), _short(q.original)]
             for q in found],
        )  # fmt: skip
        out.result({"resource": resource, "total": total, "rows": [_row(q) for q in found]})


def _who() -> str:
    """The account that runs the command; a container may have none for its number."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return f"uid {os.getuid()}"


class OtherResource(BadInput):
    code = "other-resource"
    what = Text("批次 {run} 不是 {resource} 的。", "Run {run} is not one of {resource}.")
    do = Text("用 jingwei runs {resource} 看它有哪些批次。", "jingwei runs {resource} lists its runs.")


def tell(out: Output, run: Run) -> None:
    """The outcome of a run for people."""
    out.say(f"{run.id}  {run.resource}  {STATES[run.state]}  {run.seconds or 0:.1f} s")
    for line in balance_lines(run):
        out.say(line)
    if run.voided:
        out.say(
            Text(
                "其中 {n} 行有个别值作废，原值可查", "{n} of them have values set aside, originals kept"
            ).fill(n=f"{run.voided:,}")
        )
    for code, text, count in service.reasons(run)[:10]:
        out.say(f"  {count:>8,}  {code}  {text}")


def _progress(out: Output) -> Any:
    told: dict[str, int] = {}

    def progress(step: str, rows: int) -> None:
        if not out.as_json and rows - told.get(step, 0) >= 500_000:
            told[step] = rows
            out.progress(f"  {step} {rows:,}")

    return progress


def _short(original: Any) -> str:
    if isinstance(original, dict):
        text = " | ".join(str(value) for value in original.values() if value is not None)
    else:
        text = str(original)
    return text if len(text) <= 120 else text[:120] + "…"


def _row(row: quarantine.QuarantinedRow) -> dict[str, Any]:
    return {
        "run": row.run,
        "row": row.row,
        "key": row.key,
        "reasons": [{"field": r.field, "code": r.code, "text": str(r.text)} for r in row.reasons],
        "original": row.original,
    }
