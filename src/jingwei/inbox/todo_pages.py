"""The pages of to-dos: all of a person's in one list, and one of them with who had it when."""

from __future__ import annotations

from dataclasses import asdict

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from jingwei.inbox import listing, todos, working_days
from jingwei.inbox.models import Step
from jingwei.kernel import permissions
from jingwei.kernel.models import Account
from jingwei.kernel.paging import page_of
from jingwei.kernel.permissions import ROLES
from jingwei.kernel.text import Text

PAGE = 25
STEPS = {
    Step.ASKED: Text("交给 {to}", "asked of {to}"),
    Step.TAKEN: Text("{by} 接了", "{by} took it"),
    Step.HANDED: Text("{by} 转给 {to}", "{by} handed it to {to}"),
    Step.ESCALATED: Text("逾期，报给 {to}", "late: {to} was told"),
    Step.DONE: Text("办完", "done"),
}
DONE_BY = Text("{by} 办完", "done by {by}")


def account_of(request: HttpRequest) -> Account:
    assert isinstance(request.user, Account)
    permissions.require(request.user, "todo.read", "to-dos")
    return request.user


@login_required
@require_GET
def start(request: HttpRequest) -> HttpResponse:
    account = account_of(request)
    asked = listing.Asked.of(request.GET)
    rows = listing.found(account, asked)
    page = page_of(rows.count(), request.GET.get("page", ""), PAGE, lambda a, n: list(rows[a : a + n]))
    kinds, organizations = listing.choices(account)
    words = {
        "page": page,
        "lines": listing.lines(page.rows, account),
        "asked": asked,
        "query": {name: value or None for name, value in asdict(asked).items()},
        "counts": listing.counts(account),
        "kinds": kinds,
        "organizations": organizations,
        "states": listing.STATES,
        "dues": listing.DUES,
        "sorts": listing.SORTS,
        "known_until": working_days.known_until(),
    }
    return render(request, "inbox/todos.html", words)


@login_required
@require_GET
def one(request: HttpRequest, number: int) -> HttpResponse:
    account = account_of(request)
    todo = todos.todo_of(account, number)
    steps = list(todo.steps.all())
    names = listing.names_of(name for step in steps for name in (step.by, step.to) if name)
    (line,) = listing.lines([todo], account)
    may_hand_over = not todo.done and permissions.allowed(account, "todo.hand_over")
    words = {
        "line": line,
        "todo": todo,
        "steps": [(step, said(step, names)) for step in reversed(steps)],
        "colleagues": todos.colleagues(todo, account) if may_hand_over else [],
        "may_hand_over": may_hand_over,
        "longest": todos.LONGEST_NOTE,
        "back": back_to(request),
    }
    return render(request, "inbox/todo.html", words)


def said(step: Step, names: dict[str, str]) -> Text:
    pattern = DONE_BY if step.what == Step.DONE and step.by in names else STEPS[step.what]
    to: Text | str = ROLES[step.to][0] if step.to in ROLES else names.get(step.to, step.to)
    return pattern.fill(by=names.get(step.by, step.by), to=to)


def back_to(request: HttpRequest) -> str:
    """The list as it was left: its state travels in the address of the page behind it."""
    return reverse("todos:start") + (f"?{query}" if (query := request.GET.get("back", "")) else "")


@login_required
@require_POST
def take(request: HttpRequest, number: int) -> HttpResponse:
    """Has it from now on, and goes where the work is."""
    todo = todos.take(account_of(request), number)
    stay = request.POST.get("stay") or not todo.link
    return redirect(reverse("todos:one", args=[number]) if stay else todo.link)


@login_required
@require_POST
def hand_over(request: HttpRequest, number: int) -> HttpResponse:
    account = account_of(request)
    todos.hand_over(account, number, request.POST.get("to", ""), request.POST.get("note", ""))
    return redirect("todos:one", number)
