"""The page of responsibilities: who provides, who manages, who uses."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from jingwei.audit import responsibilities
from jingwei.kernel import ledger
from jingwei.registers.presenting import account_of

ACTION = "ledger.read"


@login_required
@require_GET
def table(request: HttpRequest) -> HttpResponse:
    account = account_of(request, ACTION, "responsibilities")
    ledger.record(account, ACTION, "responsibilities", purpose="audit")
    text = request.GET.get("q", "").strip()[:60]
    lines = [
        one
        for one in responsibilities.lines()
        if text.lower() in f"{one.resource} {one.title.zh} {one.title.en} {one.provides}".lower()
    ]
    given = {"lines": lines, "q": text, "days": responsibilities.DAYS}
    return render(request, "audit/responsibilities.html", given)
