"""`jingwei schedule`: what is due, what is late, what the plan did; and one tick for who plans with cron."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import click
from django.utils import timezone

from jingwei.cli.collecting import STATES
from jingwei.cli.frame import Output, command
from jingwei.collection import queue, schedules
from jingwei.collection.models import Run
from jingwei.collection.schedules import Planned
from jingwei.kernel.errors import EXIT_DONE, EXIT_FAILED, EXIT_HELD
from jingwei.kernel.text import Text, listed


def add_to(group: click.Group) -> None:
    @command(group)
    @click.argument("action", type=click.Choice(["show", "run", "queue"]), default="show")
    @click.option("--days", default=7, show_default=True, help="How far back.", type=click.IntRange(1, 3650))
    def schedule(out: Output, action: str, days: int) -> int:
        """Show the plan: what is due when, what is late, what the plan did. `run` collects what is due now, for
        nodes whose plan is kept by cron; `queue` leaves that to the worker, as the worker itself does every minute.
        """
        if action == "run":
            return _run_due(out)
        if action == "queue":
            queued = [one.resource for one in schedules.tick()]
            out.say(Text("已排队：{queued}", "queued: {queued}").fill(queued=listed(queued)))
            out.result({"queued": queued})
        else:
            _show(out, days)
        return EXIT_DONE


def _show(out: Output, days: int) -> None:
    planned, past = schedules.plan(), schedules.past(days)
    late = sum(one.late for one in planned)
    title = Text("{n} 个资源有计划，{late} 个逾期", "{n} resources in the plan, {late} late")
    out.table(
        title.fill(n=len(planned), late=late),
        [Text("资源", "resource"), Text("计划", "schedule"), Text("上次应读", "last due"),
         Text("上次读成", "last done"), Text("下次", "next"), Text("状态", "state")],
        [[one.resource, _plan_of(one), _when(one.last_due),
          _when(one.last_done.started if one.last_done else None), _when(one.next_due), _state(one)]
         for one in planned],
    )  # fmt: skip
    out.table(
        Text("计划发起的批次", "Runs the plan began"),
        [Text("应读", "due"), Text("批次", "run"), Text("资源", "resource"), Text("第几次", "attempt"),
         Text("状态", "state"), Text("开始", "started"), Text("秒", "s")],
        [[_when(run.planned), run.id, run.resource, run.attempt, STATES[run.state], _when(run.started),
          f"{run.seconds:.1f}" if run.seconds is not None else ""] for run in past],
    )  # fmt: skip
    out.result(
        {"late": late, "plan": [_as_dict(one) for one in planned], "past": [_run(run) for run in past]}
    )


def _run_due(out: Output) -> int:
    """Exit code 3 where a run failed, 2 where one is held: a cron job's mail then says so."""
    done: list[Run] = []
    for one in schedules.due():
        out.progress(f"  {one.resource}")
        done += schedules.serve(one)
    for run in done:
        out.say(f"{run.id}  {run.resource}  {STATES[run.state]}")
    if not done:
        out.say(Text("现在没有该读的。", "Nothing is due now."))
    out.result({"runs": [_run(run) for run in done]})
    states = {run.state for run in done}
    return EXIT_FAILED if Run.FAILED in states else EXIT_HELD if Run.HELD in states else EXIT_DONE


def _plan_of(one: Planned) -> Text | str:
    if one.schedule:
        return one.schedule
    if one.watched:
        return Text("文件夹", "watched folder")
    return Text("每 {promised}", "every {promised}").fill(promised=one.contract.promised)


def _when(moment: datetime | None) -> str:
    return f"{timezone.localtime(moment):%Y-%m-%d %H:%M}" if moment else ""


def _state(one: Planned) -> Text:
    """What there is to say of a line of the plan: late first, then what is going on."""
    said: list[Text] = []
    waiting = queue.waiting(one.resource)
    if waiting is not None:
        said.append(Text("正在读", "being read") if waiting.run else Text("在排队", "queued"))
    elif one.due is not None:
        said.append(Text("该读了", "due"))
    elif one.retry_at is not None:
        text = Text("{at} 第 {attempt} 次再试", "tried again at {at}, attempt {attempt}")
        said.append(text.fill(at=_when(one.retry_at), attempt=one.attempt))
    if one.why is not None:
        said.append(Text("逾期：{why}", "late: {why}").fill(why=one.why))
    return Text("；".join(t.zh for t in said), "; ".join(t.en for t in said))


def _as_dict(one: Planned) -> dict[str, Any]:
    return {
        "resource": one.resource,
        "schedule": one.schedule,
        "cycle_seconds": one.cycle.total_seconds() if one.cycle else None,
        "watched": one.watched,
        "last_due": one.last_due,
        "next_due": one.next_due,
        "last_run": one.last_run.id if one.last_run else None,
        "last_done": one.last_done.id if one.last_done else None,
        "due": one.due,
        "attempt": one.attempt,
        "retry_at": one.retry_at,
        "late": one.late,
        "why": str(one.why) if one.why else None,
    }


def _run(run: Run) -> dict[str, Any]:
    return {
        "run": run.id,
        "resource": run.resource,
        "planned": run.planned,
        "attempt": run.attempt,
        "state": run.state,
        "started": run.started,
        "ended": run.ended,
        "error": (run.error or {}).get("error"),
    }
