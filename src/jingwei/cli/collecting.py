"""`jingwei collect | release | reconcile | runs | quarantine`."""

from __future__ import annotations

import getpass
import os
from typing import Any

import click

from jingwei.cli.frame import Output, command
from jingwei.collection import quarantine, service, watching
from jingwei.collection.models import Run
from jingwei.kernel import ledger
from jingwei.kernel.errors import EXIT_DONE, EXIT_HELD, BadInput
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
        "deletions": run.deletions,
        "superseded": run.superseded,
        "kind": run.kind,
        "verified_through": run.verified_through,
        "contract_version": run.contract_version,
        "snapshot_before": run.snapshot_before,
        "balances": run.balances,
        "reasons": run.reasons,
        "facts": run.facts,
        "snapshot": run.snapshot,
        "error": run.error,
    }


def balance_lines(run: Run) -> list[Text]:
    """The balance as the two equations a person checks."""
    read = Text(
        "读到 {read} = 通过 {accepted} + 隔离 {quarantined} + 重复 {repeated}",
        "read {read} = accepted {accepted} + quarantined {quarantined} + repeated {repeated}",
    )
    if run.deletions:
        read = Text(f"{read.zh} + 删除 {{deletions}}", f"{read.en} + deletions {{deletions}}")
    return [
        read.fill(**_figures(run)),
        Text(
            "通过 {accepted} = 新增 {new} + 变更 {changed} + 未变 {unchanged}",
            "accepted {accepted} = new {new} + changed {changed} + unchanged {unchanged}",
        ).fill(**_figures(run)),
    ]


def _figures(run: Run) -> dict[str, str]:
    names = ("read", "accepted", "quarantined", "repeated", "new", "changed", "unchanged", "deletions")
    return {name: f"{getattr(run, name):,}" for name in names}


def add_to(group: click.Group) -> None:
    @command(group)
    @click.argument("resource")
    @click.option(
        "--from", "location", metavar="PATH-OR-URL", help="Read from here instead of the contract's source."
    )
    @click.option("--whole", is_flag=True, help="Read everything, also of a source read incrementally.")
    def collect(out: Output, resource: str, location: str | None, whole: bool) -> int:
        """Collect RESOURCE once and print its balance."""
        contract = service.contract_of(resource)
        if location is None and watching.is_watched(contract):
            return watched(out, resource)
        run = service.collect(resource, location, started_by=_who(), progress=_progress(out), whole=whole)
        return ended(out, run)

    @command(group)
    @click.argument("run_id", metavar="RUN")
    def release(out: Output, run_id: str) -> int:
        """Let a held RUN through: read its source again; what held it does not hold it now."""
        held = service.run(run_id)
        ledger.record(None, "run.release", run_id)
        run = service.release(held.id, by=_who())
        return ended(out, run)

    @command(group)
    @click.argument("resource")
    @click.option(
        "--from",
        "location",
        metavar="PATH-OR-URL",
        help="Compare with this instead of the contract's source.",
    )
    @click.option(
        "--limit", default=50, show_default=True, help="Keys to name; 0 names all.", type=click.IntRange(0)
    )
    def reconcile(out: Output, resource: str, location: str | None, limit: int) -> int:
        """Compare RESOURCE's source with the lake, now, and name the keys that differ. Changes nothing."""
        found = service.reconcile(resource, location, limit=limit or None, progress=_progress(out))
        ledger.record(None, "run.read", f"reconcile {resource}", purpose=f"{len(found.differences)} keys")
        out.say(
            SIDES.fill(
                source=f"{found.source:,}",
                lake=f"{found.lake:,}",
                wrong=f"{found.wrong:,}",
                repeated=f"{found.repeated:,}",
            )
        )
        if found.verified_through:
            out.say(Text("核对至 {at}", "verified through {at}").fill(at=found.verified_through))
        for part in found.partitions:
            mark = "=" if part["agrees"] else "≠"
            out.say(f"  {part['name'] or '(none)'}  {part['source']:,} {mark} {part['lake']:,}")
        if found.differences:
            named = Text("不一致的主键，列出 {n} 个", "Keys that differ, {n} listed").fill(
                n=len(found.differences)
            )
            heads: list[Text | str] = [Text("主键", "key"), Text("怎么不一致", "how"), Text("字段", "fields")]
            out.table(named, heads, [[d.key, WHAT[d.what], ", ".join(d.fields)] for d in found.differences])
        said = (
            Text("两边一致。", "Both sides agree.")
            if found.agrees
            else Text("两边不一致。", "The sides differ.")
        )
        out.say(said)
        out.result(
            {
                "resource": resource, "agrees": found.agrees, "source": found.source, "lake": found.lake,
                "wrong": found.wrong, "repeated": found.repeated, "counts": found.counts,
                "partitions": found.partitions, "verified_through": found.verified_through,
                "differences": [{"key": d.key, "what": d.what, "fields": list(d.fields)} for d in found.differences],
            }
        )  # fmt: skip
        return EXIT_DONE if found.agrees else EXIT_HELD

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


SIDES = Text(
    "来源 {source} 行（其中有问题 {wrong}、重复 {repeated}），数据湖 {lake} 行",
    "source {source} rows ({wrong} of them wrong, {repeated} repeated), lake {lake} rows",
)
WHAT = {
    "only-in-source": Text("只在来源", "only in the source"),
    "only-in-lake": Text("只在数据湖", "only in the lake"),
    "differs": Text("内容不同", "differs"),
    "wrong-in-source": Text("来源里有问题", "wrong in the source"),
}


def ended(out: Output, run: Run) -> int:
    """Tells how a run ended; raises what a held one stands for."""
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


def watched(out: Output, resource: str) -> int:
    """Every new file of a watched folder, in order; what stopped them is raised after the runs are told."""
    found = watching.collect_folder(resource, started_by=_who(), progress=_progress(out))
    for run in found.runs:
        if run.state == Run.DONE:
            tell(out, run)
    for line in found.said():
        out.say(line)
    stopped = found.error or (service.held(found.held) if found.held else None)
    told = {"resource": resource, "runs": [as_dict(run) for run in found.runs], **found.left()}
    if stopped is None:
        out.result(told)
        return EXIT_DONE
    if out.as_json:
        out.result({**told, **stopped.as_dict()})
        return stopped.exit_code
    raise stopped


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
