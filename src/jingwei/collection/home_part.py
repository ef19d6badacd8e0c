"""What collection puts on the home page: runs and quality for stewards, one's own standing for officers, jobs for
administrators, the figures of quality for leaders, and what changed.

All of it is read from the operational store; the lake is not opened.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Q
from django.urls import reverse
from django.utils import timezone
from django_q.models import OrmQ

from jingwei.collection import schedules, service
from jingwei.collection.models import Run, WorkOrder
from jingwei.collection.quality import service as quality
from jingwei.collection.views import STATES
from jingwei.collection.workorders import book, scoreboard
from jingwei.inbox import due, home
from jingwei.inbox.home import Change, Figure, Row
from jingwei.kernel.errors import Busy
from jingwei.kernel.locks import exclusive
from jingwei.kernel.models import Account
from jingwei.kernel.text import Text

NEWEST, LATE, WORST = 5, 4, 5
STYLES = ("collection/collection.css",)
WORKER = Text("采集作业", "the collecting of this node")


def register() -> None:
    home.register(
        home.Part(
            "runs",
            Text("采集", "Collecting"),
            "run.release",
            "collection/home_runs.html",
            runs,
            order=30,
            styles=STYLES,
        )
    )
    home.register(
        home.Part(
            "quality",
            Text("质量", "Quality"),
            "run.release",
            "collection/home_quality.html",
            departments,
            order=40,
        )
    )
    home.register(
        home.Part(
            "own",
            Text("本单位的数据", "Your organization's data"),
            "order.answer",
            "collection/home_own.html",
            own,
            order=20,
        )
    )
    home.register(
        home.Part(
            "jobs",
            Text("后台作业", "Jobs"),
            "operations.read",
            "collection/home_jobs.html",
            jobs,
            order=30,
        )
    )
    home.register(
        home.Part(
            "departments",
            Text("各单位的数据", "Organizations' data"),
            "figure.read",
            "collection/home_departments.html",
            standing,
            order=30,
            styles=STYLES,
        )
    )
    home.register_changes("runs", "run.read", runs_since)
    home.register_changes("orders", "order.read", orders_since)
    home.register_figures("collection", figures)


def runs(account: Account) -> Mapping[str, Any]:
    late = [one for one in schedules.plan() if one.late]
    return {
        "runs": Run.objects.exclude(kind=Run.REPAIR).defer("facts", "reasons", "steps")[:NEWEST],
        "states": STATES,
        "titles": {name: contract.title for name, contract in service.resources().items()},
        "late": late[:LATE],
        "late_count": len(late),
    }


def departments(account: Account) -> Mapping[str, Any]:
    found = quality.departments()
    return {"worst": list(reversed(found))[:WORST], "count": len(found)}


def standing(account: Account) -> Mapping[str, Any]:
    """Every organization's line for who reads figures and opens no order."""
    return {"standings": scoreboard.standings()}


def own(account: Account) -> Mapping[str, Any] | None:
    """Of whoever answers for an organization's tables; None for who reads all organizations' orders."""
    if account.organization is None:
        return None
    name = account.organization.name_zh
    standings = scoreboard.standings()
    mine = next((one for one in standings if one.organization == name), None)
    if mine is None:
        return None
    first = WorkOrder.objects.filter(organization=name, state=WorkOrder.OPEN).order_by("due").first()
    return {
        "mine": mine,
        "of": sum(one.rank > 0 for one in standings),
        "next": first,
        "due": due.said(first.due) if first else None,
    }


def jobs(account: Account) -> Mapping[str, Any]:
    waiting = OrmQ.objects.filter(lock__lte=timezone.now()).count()
    day = timezone.now() - timedelta(days=1)
    counted = Run.objects.filter(started__gte=day).aggregate(
        done=Count("pk", filter=Q(state=Run.DONE)),
        failed=Count("pk", filter=Q(state=Run.FAILED)),
        held=Count("pk", filter=Q(state=Run.HELD)),
    )
    return {"waiting": waiting, "at_work": _worker_lives(), **counted}


def _worker_lives() -> bool:
    """A worker of this home holds its lock for as long as it lives."""
    try:
        with exclusive("worker", WORKER):
            return False
    except Busy:
        return True


def runs_since(account: Account, since: datetime) -> Iterable[Change]:
    found = Run.objects.filter(started__gt=since).exclude(kind=Run.REPAIR).defer("facts", "reasons", "steps")
    ended = list(found.filter(state__in=(Run.HELD, Run.FAILED))[:3])
    titles = {name: contract.title for name, contract in service.resources().items()}
    for run in ended:
        text = Text("《{title}》{state}", "“{title}”: {state}")
        words, colour, icon = STATES[run.state]
        told = text.fill(title=titles.get(run.resource, run.resource), state=words)
        yield Change(run.started, told, reverse("collection:run", args=[run.id]), icon, colour)
    done = found.filter(state=Run.DONE)
    number = done.count()
    if number:
        text = Text("读成 {n} 批", "Runs done: {n}").fill(n=number)
        yield Change(done[0].started, text, f"{reverse('collection:runs')}?state=done", "collect", "ok")


def orders_since(account: Account, since: datetime) -> Iterable[Change]:
    scoped = book.scoped(account)
    address = reverse("collection:orders")
    opened = scoped.filter(opened__gt=since).order_by("-opened")
    if number := opened.count():
        text = Text("新开 {n} 张工单", "Work orders opened: {n}").fill(n=number)
        yield Change(opened[0].opened, text, f"{address}?state=open", "ticket", "primary")
    closed = scoped.filter(closed__gt=since).order_by("-closed")
    if number := closed.count():
        text = Text("办结 {n} 张工单", "Work orders closed: {n}").fill(n=number)
        yield Change(closed[0].closed or since, text, f"{address}?state=closed", "check", "ok")


def figures() -> Iterable[Figure]:
    found = quality.departments()
    if found:
        yield _quality(found)
    yield _late()


def _quality(found: tuple[quality.Department, ...]) -> Figure:
    rows = sum(max(1, one.judged) for one in found)
    score = sum(max(1, one.judged) * one.score for one in found) / rows
    cards = [card for one in found for card in one.resources]
    return Figure(
        name="quality",
        title=Text("数据质量", "Quality of the data"),
        value=points(score),
        unit=Text("分，满分 100", "of 100 points"),
        definition=scoreboard.DEFINITIONS[scoreboard.QUALITY],
        as_of=max(card.at for card in cards),
        sources=Text("{n} 个单位的 {tables} 张表", "{tables} tables of {n} organizations").fill(
            n=len(found), tables=len(cards)
        ),
        columns=(
            Text("单位", "Organization"),
            Text("分", "Points"),
            Text("行数和三十天来的变化", "Rows, and the change in thirty days"),
        ),
        rows=[Row(one.organization, points(one.score), _remark(one)) for one in found],
    )


def _remark(one: quality.Department) -> Text:
    rows = Text("{rows} 行，{failed} 行有问题", "{rows} rows, {failed} with faults").fill(
        rows=f"{one.judged:,}", failed=f"{one.failed:,}"
    )
    if one.change is None:
        return rows
    change = Text("{rows}，{change} 分", "{rows}, {change} points")
    return change.fill(rows=rows, change=f"{100 * one.change:+.1f}")


def _late() -> Figure:
    today = timezone.localdate()
    found = WorkOrder.objects.filter(state=WorkOrder.OPEN, due__lt=today).order_by()
    by_organization = found.values("organization").annotate(n=Count("pk")).order_by("-n", "organization")
    rows = [Row(one["organization"] or "—", f"{one['n']:,}") for one in by_organization]
    open_ones = WorkOrder.objects.filter(state=WorkOrder.OPEN).count()
    return Figure(
        name="late-orders",
        title=Text("逾期工单", "Late work orders"),
        value=f"{sum(one['n'] for one in by_organization):,}",
        unit=Text("张", "orders"),
        definition=scoreboard.DEFINITIONS[scoreboard.LATE],
        as_of=timezone.now(),
        sources=Text("工单簿，没办结的 {n} 张", "the book of work orders, {n} of them open").fill(
            n=f"{open_ones:,}"
        ),
        columns=(Text("单位", "Organization"), Text("逾期", "Late"), Text("说明", "Remark")),
        rows=rows,
    )


def points(share: float) -> str:
    """Points of a hundred: never 100 unless it is."""
    return "100" if share >= 1 else f"{min(100 * share, 99.9):.1f}"
