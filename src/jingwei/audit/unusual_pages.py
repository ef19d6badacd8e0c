"""The pages of unusual use: what was found with its reasons, one finding, and the page of who is asked to explain."""

from __future__ import annotations

from datetime import date, timedelta

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from jingwei.audit import unusual, words
from jingwei.audit.detectors import DETECTORS
from jingwei.audit.entries import day_of, lines, names_of
from jingwei.audit.errors import BadPeriod, NotYourFinding
from jingwei.audit.models import Finding
from jingwei.kernel import ledger
from jingwei.kernel.errors import JingweiError
from jingwei.kernel.models import LedgerEntry
from jingwei.kernel.paging import page_of
from jingwei.registers.presenting import account_of

ACTION = "ledger.read"
ANSWERING = "todo.read"
PAGE = 25


@login_required
@require_GET
def start(request: HttpRequest) -> HttpResponse:
    """By day, newest first: never by person."""
    account = account_of(request, ACTION, "unusual")
    ledger.record(account, ACTION, "unusual", purpose="audit")
    kind, which = request.GET.get("kind", ""), request.GET.get("which", "")
    found = Finding.objects.all()
    if kind in DETECTORS or kind == unusual.RESIDENT_ASKS:
        found = found.filter(kind=kind)
    found = found.filter(state=Finding.CLOSED) if which == "closed" else found.exclude(state=Finding.CLOSED)
    page = page_of(
        found.count(),
        request.GET.get("page", ""),
        PAGE,
        lambda offset, limit: list(found[offset : offset + limit]),
    )
    names = names_of({one.account for one in page.rows})
    today = timezone.localdate()
    given = {
        "page": page,
        "rows": [
            (
                one,
                unusual.title(one),
                unusual.explanation(one),
                names.get(one.account, one.account),
                words.day(one.day),
            )
            for one in page.rows
        ],
        "detectors": list(DETECTORS.values()),
        "asked": unusual.ASKED,
        "resident_asks": unusual.RESIDENT_ASKS,
        "kind": kind or None,
        "which": "closed" if which == "closed" else None,
        "states": unusual.STATES,
        "since": today - timedelta(days=unusual.DAYS),
        "until": today,
    }
    return render(request, "audit/unusual.html", given)


@login_required
@require_POST
def look(request: HttpRequest) -> HttpResponse:
    """Goes over some days again now."""
    account = account_of(request, ACTION, "unusual")
    since, until = period(request.POST.get("since", ""), request.POST.get("until", ""))
    unusual.look(account, since, until)
    return redirect("audit:unusual")


def period(since: str, until: str) -> tuple[date, date]:
    first, last = day_of(since), day_of(until)
    if first is None or last is None or not first <= last <= first + timedelta(days=unusual.MOST_DAYS):
        raise BadPeriod(starts=since or "?", until=until or "?", most=unusual.MOST_DAYS)
    return first, last


@login_required
@require_http_methods(["GET", "POST"])
def finding(request: HttpRequest, number: int) -> HttpResponse:
    account = account_of(request, ACTION, f"finding {number}")
    fault: JingweiError | None = None
    if request.method == "POST":
        try:
            unusual.close(account, number, request.POST.get("reason", ""), request.POST.get("note", ""))
            return redirect("audit:finding", number)
        except JingweiError as exc:
            fault = exc
    one = unusual.finding_numbered(number)
    ledger.record(account, ACTION, f"finding {number}", purpose="audit")
    given = told(one) | {
        "fault": fault,
        "reasons": unusual.REASONS,
        "given": {"reason": request.POST.get("reason", ""), "note": request.POST.get("note", "")},
        "own": unusual.concerns(account, one),
    }
    return render(request, "audit/finding.html", given, status=400 if fault else 200)


def told(one: Finding) -> dict[str, object]:
    """What both pages say of a finding: its rule, its figures, its entries."""
    detector = DETECTORS.get(one.kind)
    entries = list(LedgerEntry.objects.filter(pk__in=one.entries).order_by("id"))
    names = names_of({one.account, one.closed_by})
    return {
        "one": one,
        "title": unusual.title(one),
        "rule": detector.rule if detector else None,
        "explanation": unusual.explanation(one),
        "who": names.get(one.account, one.account),
        "closer": names.get(one.closed_by, one.closed_by),
        "day": words.day(one.day),
        "lines": lines(entries, words.vocabulary()),
        "states": unusual.STATES,
        "outcome": unusual.REASONS.get(one.reason),
        "least": unusual.LEAST_WORDS,
    }


@login_required
@require_http_methods(["GET", "POST"])
def mine(request: HttpRequest, number: int) -> HttpResponse:
    """For the person concerned: what was found, on what it rests, and the place to explain it."""
    account = account_of(request, ANSWERING, f"finding {number}")
    one = unusual.finding_numbered(number)
    if not unusual.concerns(account, one):
        ledger.record(account, "ledger.answer", f"finding {number}", outcome="refused")
        raise NotYourFinding
    fault: JingweiError | None = None
    if request.method == "POST":
        try:
            unusual.answer(account, number, request.POST.get("answer", ""))
            return redirect("audit:asked-of-me", number)
        except JingweiError as exc:
            fault = exc
    given = told(one) | {"fault": fault, "answer": request.POST.get("answer", one.answer)}
    return render(request, "audit/mine.html", given, status=400 if fault else 200)
