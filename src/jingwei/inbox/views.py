"""The page of notices: what somebody's organization or role was told, unread first, and the way to what it is about."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET, require_POST

from jingwei.inbox import service
from jingwei.inbox.models import Notice
from jingwei.kernel import permissions
from jingwei.kernel.models import Account
from jingwei.kernel.paging import page_of
from jingwei.kernel.text import Text

KINDS = {
    "drift": (Text("表变了样", "drift"), "warn", "alert"),
    "held": (Text("扣住", "held"), "warn", "pause"),
    "failed": (Text("没读成", "failed"), "bad", "alert"),
    "late": (Text("晚了", "late"), "bad", "clock"),
    "order": (Text("工单", "work order"), "primary", "ticket"),
    "row": (Text("工单", "work order"), "primary", "ticket"),
    "dispute": (Text("异议", "dispute"), "warn", "question"),
}
"""What a kind is called, its colour and its sign, by the kind's first word; any other is shown as a notice."""
OTHER = (Text("通知", "notice"), "", "info")


def account_of(request: HttpRequest) -> Account:
    assert isinstance(request.user, Account)
    permissions.require(request.user, "notice.read", "notices")
    return request.user


@login_required
@require_GET
def start(request: HttpRequest) -> HttpResponse:
    account = account_of(request)
    unread_only = request.GET.get("which") == "unread"
    unread = service.unread(account)
    page = page_of(
        service.count(account, unread_only=unread_only),
        request.GET.get("page", ""),
        service.PAGE,
        lambda offset, limit: service.notices(
            account, unread_only=unread_only, unread_first=True, offset=offset, limit=limit
        ),
    )
    given = {
        "page": page,
        "lines": [(one, service.text(one), kind_of(one)) for one in page.rows],
        "which": "unread" if unread_only else None,
        "unread_count": unread,
        "total": service.count(account),
    }
    return render(request, "inbox/notices.html", given)


def kind_of(notice: Notice) -> tuple[Text, str, str]:
    return KINDS.get(notice.kind.partition("-")[0], OTHER)


@login_required
@require_POST
def read(request: HttpRequest) -> HttpResponse:
    """Marks one notice read and goes where it leads, or all of them and stays."""
    account = account_of(request)
    number = request.POST.get("notice")
    known = number is not None and number.isascii() and number.isdecimal()
    service.mark_read(account, None if number is None else [int(number)] if known else [])
    link = request.POST.get("next", "")
    safe = link.startswith("/") and url_has_allowed_host_and_scheme(link, allowed_hosts={request.get_host()})
    return redirect(link if safe else reverse("inbox:start"))
