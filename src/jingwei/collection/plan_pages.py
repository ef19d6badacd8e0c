"""The plan: what is read when, what came of it, what is late; and the day as a picture."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from jingwei.collection import cron_words, day_plan, schedules
from jingwei.collection.models import Run
from jingwei.collection.quality.service import span
from jingwei.collection.schedules import Planned
from jingwei.collection.views import STATES, account_of
from jingwei.kernel import permissions
from jingwei.kernel.paging import page_of
from jingwei.kernel.text import Text

PAGE, PAST = 15, 20
FILTERS = {
    "": Text("全部", "All"),
    "late": Text("晚了", "Late"),
    "again": Text("等着重试", "To be tried again"),
    "hand": Text("要人处理", "Needs a person"),
}


@login_required
@require_GET
def plan(request: HttpRequest) -> HttpResponse:
    account = account_of(request, "run.read", "plan")
    now = timezone.localtime()
    everything = schedules.plan(now)
    state, asked = request.GET.get("state", ""), request.GET.get("q", "").strip()
    state = state if state in FILTERS else ""
    lines = [one for one in everything if fits(one, state) and answers(one, asked)]
    past = schedules.past(7)
    given: dict[str, Any] = {
        "page": page_of(len(lines), request.GET.get("page", ""), PAGE, lambda a, n: lines[a : a + n]),
        "counts": {name: sum(fits(one, name) for one in everything) for name in FILTERS},
        "filters": FILTERS,
        "state": state,
        "asked": asked,
        "words": {one.schedule: cron_words.words(one.schedule) for one in everything if one.schedule},
        "cycles": {one.resource: span(one.cycle) for one in everything if one.cycle},
        "day": day_plan.draw(
            past,
            [one.last_due for one in everything if one.last_due and one.due == one.last_due],
            [moment for moment, _ in schedules.coming(now)],
            now,
        ),
        "now": now,
        "past": past[:PAST],
        "titles": {one.resource: one.contract.title for one in everything},
        "states": STATES,
        "may_start": permissions.allowed(account, "run.start"),
    }
    return render(request, "collection/plan.html", given)


def fits(one: Planned, state: str) -> bool:
    if state == "late":
        return one.late
    if state == "again":
        return one.retry_at is not None
    if state == "hand":
        stopped = one.last_run is not None and one.last_run.state in (Run.HELD, Run.FAILED)
        return stopped and one.retry_at is None
    return True


def answers(one: Planned, asked: str) -> bool:
    contract = one.contract
    told = " ".join([contract.id, contract.title.zh, contract.title.en, contract.organization]).lower()
    return asked.lower() in told
