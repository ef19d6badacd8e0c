"""The resident's page: who looked at my data. One task, for a phone first; every word as one person tells another."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from jingwei.audit import proof, resident, suppression, words
from jingwei.audit.search_pages import proof_file
from jingwei.kernel import ledger
from jingwei.kernel.paging import page_of
from jingwei.registers.presenting import account_of

PAGE = 20
SHOWN_FIELDS = 4


@login_required
@require_GET
def start(request: HttpRequest) -> HttpResponse:
    account = account_of(request, resident.ACTION, "own")
    holder = resident.holder_of(account)
    kind = request.GET.get("kind", "")
    kind = kind if kind in words.KINDS else ""
    whole = request.GET.get("all") == "1"
    trace = resident.trace(account, words.vocabulary(), whole=whole, kind=kind)
    ledger.record(account, resident.ACTION, "own", subjects=[holder.entity_id])
    page = page_of(
        len(trace.looks),
        request.GET.get("page", ""),
        PAGE,
        lambda offset, limit: trace.looks[offset : offset + limit],
    )
    asked = request.GET.get("proof", "")
    look = next((one for one in page.rows if str(one.entry.pk) == asked), None)
    given = {
        "name": account.name,
        "trace": trace,
        "total": sum(number for _, _, number in trace.kinds),
        "page": page,
        "kind": kind or None,
        "whole": "1" if whole else None,
        "proving": look.entry.pk if look else None,
        "proved": proof.prove(look.entry) if look else None,
        "kinds": words.KINDS,
        "laws": suppression.LAWS,
        "days": resident.DAYS,
        "most": suppression.MOST_DAYS,
        "complete_until": words.day(trace.complete_until),
        "shown_fields": SHOWN_FIELDS,
    }
    return render(request, "audit/own.html", given)


@login_required
@require_GET
def take_proof(request: HttpRequest, number: int) -> HttpResponse:
    account = account_of(request, resident.ACTION, f"proof {number}")
    entry = resident.entry_of(account, number)
    ledger.record(account, "trace.proof", f"entry {number}", subjects=[resident.holder_of(account).entity_id])
    return proof_file(entry)


@login_required
@require_POST
def ask(request: HttpRequest, number: int) -> HttpResponse:
    account = account_of(request, resident.ACTION, f"ask {number}")
    resident.ask(account, number)
    return redirect(f"{reverse('audit:own')}#look-{number}")
