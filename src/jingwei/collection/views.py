"""The lists of collection: resources with their last run, runs; and asking for another.

Filters and page numbers live in the address. Reading again is queued for the worker (django-q2), so the
page can be left; the list of runs shows how far it is.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib.auth.decorators import login_required
from django.db.models import OuterRef, Subquery
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from jingwei.catalog.contracts import Contract
from jingwei.collection import queue, schedules, service
from jingwei.collection.models import Run
from jingwei.collection.quality import service as quality
from jingwei.kernel import ledger, permissions
from jingwei.kernel.models import Account
from jingwei.kernel.paging import page_of
from jingwei.kernel.text import Text

RESOURCES_PAGE, RUNS_PAGE = 15, 25
STATES = {
    Run.RUNNING: (Text("进行中", "running"), "primary", "refresh"),
    Run.DONE: (Text("完成", "done"), "ok", "check"),
    Run.HELD: (Text("已扣住，等人处理", "held for a person"), "warn", "pause"),
    Run.FAILED: (Text("没读成", "failed"), "bad", "alert"),
}


def account_of(request: HttpRequest, action: str, object: str) -> Account:
    """The signed-in account, once it is allowed; `login_required` stands before every view that asks."""
    assert isinstance(request.user, Account)
    permissions.require(request.user, action, object)
    return request.user


@dataclass(frozen=True)
class Line:
    """A resource with its newest run, if it was ever read."""

    contract: Contract
    run: Run | None

    @property
    def score(self) -> float | None:
        return quality.score_now(self.contract.id)

    @property
    def late(self) -> Text | None:
        """Why it is late, if it is."""
        found = schedules.planned(self.contract.id)
        return found.why if found else None


@login_required
@require_GET
def start(request: HttpRequest) -> HttpResponse:
    account = account_of(request, "run.read", "resources")
    asked, state = request.GET.get("q", "").strip(), request.GET.get("state", "")
    newest = Run.objects.filter(resource=OuterRef("resource")).order_by("-started", "-id").values("pk")[:1]
    last = {one.resource: one for one in Run.objects.filter(pk=Subquery(newest))}
    everything = [Line(contract, last.get(name)) for name, contract in service.resources().items()]
    lines = [line for line in everything if answers(line, asked) and in_state(line, state)]
    counts = {name: sum(in_state(line, name) for line in everything) for name in ("", "hand", "never")}
    number = request.GET.get("page", "")
    words = {
        "page": page_of(len(lines), number, RESOURCES_PAGE, lambda a, n: lines[a : a + n]),
        "counts": counts,
        "asked": asked,
        "state": state,
        "states": STATES,
        "may_start": permissions.allowed(account, "run.start"),
        "may_rank": permissions.allowed(account, "order.read"),
    }
    return render(request, "collection/resources.html", words)


def answers(line: Line, asked: str) -> bool:
    contract = line.contract
    told = " ".join([contract.id, contract.title.zh, contract.title.en, contract.organization]).lower()
    return asked.lower() in told


def in_state(line: Line, state: str) -> bool:
    if state == "hand":
        return line.run is not None and line.run.state in (Run.HELD, Run.FAILED)
    if state == "never":
        return line.run is None
    return True


@login_required
@require_GET
def runs(request: HttpRequest) -> HttpResponse:
    account = account_of(request, "run.read", "runs")
    resource, state = request.GET.get("resource", ""), request.GET.get("state", "")
    found = Run.objects.all()
    if resource:
        found = found.filter(resource=resource)
    if state in STATES:
        found = found.filter(state=state)
    contracts = service.resources()
    words = {
        "page": page_of(
            found.count(), request.GET.get("page", ""), RUNS_PAGE, lambda a, n: list(found[a : a + n])
        ),
        "resource": resource,
        "contract": contracts.get(resource),
        "contracts": contracts,
        "state": state,
        "states": STATES,
        "waiting": queue.waiting(resource) if resource else None,
        "may_start": permissions.allowed(account, "run.start"),
    }
    return render(request, "collection/runs.html", words)


@login_required
@require_POST
def read_again(request: HttpRequest, resource: str) -> HttpResponse:
    """Queues a collection; asked twice while it waits, it is queued once."""
    account = account_of(request, "run.start", resource)
    contract = service.contract_of(resource)
    if queue.enqueue(contract.id, started_by=account.username):
        ledger.record(account, "run.start", contract.id)
    return redirect(f"{reverse('collection:runs')}?resource={contract.id}")


@login_required
@require_GET
def progress(request: HttpRequest, resource: str) -> HttpResponse:
    """The line that says how far a collection is; once over, the page is loaded anew."""
    account_of(request, "run.read", resource)
    now = queue.waiting(resource)
    if now is None:
        return HttpResponse(status=204, headers={"HX-Refresh": "true"})
    return render(request, "collection/waiting.html", {"waiting": now, "resource": resource})
