"""Trying a change of rules on a page: the YAML, what is wrong with it, and what it would do.

GET  the installed YAML in a text area, the last trials
POST checked like a pack; faults come back with their lines, a faultless text is queued for the worker
"""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from jingwei.kernel import ledger
from jingwei.kernel.models import Account
from jingwei.kernel.text import Text
from jingwei.registers import trial, trial_jobs
from jingwei.registers.declaration import Register
from jingwei.registers.errors import TrialTooLong
from jingwei.registers.frame import frame
from jingwei.registers.presenting import PURPOSE, account_of, declared, title_of

MOST_BYTES = 200_000
STATES = {
    trial_jobs.WAITING: (Text("排队中", "in the queue"), "", "clock"),
    trial_jobs.RUNNING: (Text("正在算", "running"), "primary", "refresh"),
    trial_jobs.DONE: (Text("算好了", "done"), "ok", "check"),
    trial_jobs.FAILED: (Text("没算成", "failed"), "bad", "alert"),
}


@login_required
@require_http_methods(["GET", "POST"])
def start(request: HttpRequest, register: str) -> HttpResponse:
    account = account_of(request, "register.try", register)
    one = declared(register)
    words = {**frame(account, one, "trial"), "states": STATES, "faults": [], "unchanged": False}
    if request.method == "GET":
        again = request.GET.get("from", "")
        text = trial_jobs.found(register, again).text if again else trial.declaration(register)
        return render(
            request, "registers/trial.html", {**words, "text": text, "trials": trial_jobs.latest(register)}
        )
    text = given(request)
    _, faults = trial.parse(register, text)
    unchanged = text.strip() == trial.declaration(register).strip()
    if faults or unchanged:
        words |= {
            "text": text,
            "faults": faults,
            "unchanged": unchanged,
            "trials": trial_jobs.latest(register),
        }
        return render(request, "registers/trial.html", words, status=400)
    with transaction.atomic():
        asked = trial_jobs.ask(register, text, account.username)
        ledger.record(account, "register.try", f"{register}/{asked.id}", purpose=PURPOSE)
    return redirect("registers:trial-outcome", register, asked.id)


def given(request: HttpRequest) -> str:
    """The uploaded file, else the text area. What is no UTF-8 keeps its place holders and is told as a fault."""
    file = request.FILES.get("file")
    size = file.size if file else len(request.POST.get("text", "").encode())
    if (size or 0) > MOST_BYTES:
        raise TrialTooLong(size=f"{size:,}", most=f"{MOST_BYTES:,}")
    text = file.read().decode("utf-8", "replace") if file else request.POST.get("text", "")
    return text.replace("\r\n", "\n").removeprefix("\ufeff")


@login_required
@require_GET
def outcome(request: HttpRequest, register: str, name: str) -> HttpResponse:
    account = account_of(request, "register.try", register)
    one = declared(register)
    asked = trial_jobs.found(register, name)
    words = {**frame(account, one, "trial"), "trial": asked, "states": STATES, **told(account, one, asked)}
    part = request.headers.get("HX-Request") == "true"
    return render(request, "registers/trial_part.html" if part else "registers/trial_outcome.html", words)


def told(account: Account, register: Register, asked: trial_jobs.Trial) -> dict[str, object]:
    """The outcome with its titles; the examples show values of persons, which is recorded first."""
    words: dict[str, object] = {
        "found": None,
        "stage": Text(*asked.stage) if asked.stage else None,
        "error": {name: Text(*text) for name, text in (asked.error or {}).items()},
    }
    if asked.outcome is None:
        return words
    found = trial_jobs.outcome_of(asked.outcome)
    if found.examples:
        ledger.record(
            account,
            "register.try",
            f"{register.name}/{asked.id}",
            subjects=sorted({example.entity_id for example in found.examples}),
            fields=sorted({example.field for example in found.examples}),
            purpose=PURPOSE,
        )
    titles = {f.name: title_of(f) for f in register.fields}
    services: dict[Text, int] = {}
    for change in found.fields:
        for reader in change.readers:
            services[reader] = max(services.get(reader, 0), change.entities)
    return {**words, "found": found, "titles": titles, "services": services}
