"""Keeping and forgetting a view of a table. A view is its owner's alone; nobody else's can be named."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from jingwei.kernel import ledger
from jingwei.kernel.models import Account
from jingwei.parts.errors import NoTitle, TooManyViews
from jingwei.parts.models import SavedView

MOST_VIEWS = 200


@login_required
@require_POST
@transaction.atomic
def save_view(request: HttpRequest) -> HttpResponse:
    """A view of the same title is replaced."""
    account = _account(request)
    table, title = request.POST.get("table", "")[:80], request.POST.get("title", "").strip()[:40]
    if not table or not title:
        raise NoTitle()
    mine = SavedView.objects.filter(account=account)
    if mine.count() >= MOST_VIEWS and not mine.filter(table=table, title=title).exists():
        raise TooManyViews(most=MOST_VIEWS)
    SavedView.objects.update_or_create(
        account=account, table=table, title=title, defaults={"query": request.POST.get("query", "")[:1000]}
    )
    ledger.record(account, "table.view", table)
    return redirect(_back(request))


@login_required
@require_POST
@transaction.atomic
def drop_view(request: HttpRequest, number: int) -> HttpResponse:
    account = _account(request)
    SavedView.objects.filter(account=account, pk=number).delete()
    ledger.record(account, "table.forget", str(number))
    return redirect(_back(request))


def _account(request: HttpRequest) -> Account:
    assert isinstance(request.user, Account)
    return request.user


def _back(request: HttpRequest) -> str:
    wanted = request.POST.get("next", "")
    safe = wanted.startswith("/") and url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}
    )
    return wanted if safe else "/"
