"""Where and when somebody is told outside the page: addresses of one's own and of one's organization.

An address is typed once and never shown again. A trial message is sent by the worker, so that no page waits for
somebody else's server.
"""

from __future__ import annotations

from collections.abc import Callable

from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST
from django_q.tasks import async_task

from jingwei.inbox import addresses
from jingwei.inbox.addresses import Times
from jingwei.inbox.errors import AddressRefused, TextRefused
from jingwei.inbox.jobs import TRY
from jingwei.inbox.models import Address
from jingwei.kernel import ledger, permissions
from jingwei.kernel.errors import JingweiError
from jingwei.kernel.models import Account
from jingwei.kernel.text import Text

DIGESTS = {
    Address.NOW: Text("有事就发", "at once"),
    Address.DAILY: Text("每天一次", "once a day"),
    Address.NONE: Text("先不发", "not for now"),
}
TOLD = {
    "added": Text(
        "加好了。试发一条，看看收不收得到。", "Added. Send a trial message to see whether it arrives."
    ),
    "changed": Text("改好了。", "Changed."),
    "removed": Text("删掉了。", "Removed."),
    "trying": Text(
        "试发的消息排上队了，一分钟内该收到；作业进程没在跑就发不出去。",
        "The trial message is queued and should arrive within a minute; it needs the worker.",
    ),
}
UNPROCESSABLE = 422


def account_of(request: HttpRequest) -> Account:
    assert isinstance(request.user, Account)
    permissions.require(request.user, "notice.read", "addresses")
    return request.user


@login_required
@require_GET
def start(request: HttpRequest) -> HttpResponse:
    return page(request, account_of(request))


def page(
    request: HttpRequest, account: Account, fault: JingweiError | None = None, at: str = ""
) -> HttpResponse:
    """`at` is the address whose form is at fault; empty is the form for a new one. What was typed into that is not
    sent back: it may be a secret."""
    words = {
        "rows": list(addresses.mine(account)),
        "digests": DIGESTS,
        "hours": range(24),
        "may_speak": addresses.speaks_for(account),
        "told": TOLD.get(request.GET.get("told", "")),
        "fault": fault,
        "at": at,
        "longest": addresses.LONGEST,
    }
    return render(request, "inbox/settings.html", words, status=UNPROCESSABLE if fault else 200)


def _done(request: HttpRequest, at: str, told: str, deed: Callable[[Account], object]) -> HttpResponse:
    account = account_of(request)
    try:
        deed(account)
    except (AddressRefused, TextRefused) as fault:
        return page(request, account, fault, at)
    response = redirect("inbox:settings")
    response["Location"] += f"?told={told}"
    return response


@login_required
@require_POST
def add(request: HttpRequest) -> HttpResponse:
    sent = request.POST

    def deed(account: Account) -> object:
        whole = sent.get("whose") == "organization"
        return addresses.add(
            account, sent.get("address", ""), Times.of(sent.dict()), whole_organization=whole
        )

    return _done(request, "", "added", deed)


@login_required
@require_POST
def change(request: HttpRequest, number: int) -> HttpResponse:
    sent = request.POST.dict()
    return _done(
        request, str(number), "changed", lambda account: addresses.change(account, number, Times.of(sent))
    )


@login_required
@require_POST
def remove(request: HttpRequest, number: int) -> HttpResponse:
    return _done(request, str(number), "removed", lambda account: addresses.remove(account, number))


@login_required
@require_POST
def attempt(request: HttpRequest, number: int) -> HttpResponse:
    def deed(account: Account) -> None:
        address = addresses.address_of(account, number)
        with transaction.atomic():
            async_task(TRY, address.pk, account.username, group=f"address {address.pk}")
            ledger.record(account, "notice.address", f"address/{number} try")

    return _done(request, str(number), "trying", deed)
