"""What concerns the reader: choosing one's password, and what waits for a second person's agreement."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from jingwei.kernel import permissions, proposals
from jingwei.kernel.models import Account, Proposal
from jingwei.kernel.text import Text
from jingwei.people import accounts
from jingwei.people.errors import FactsWrong, PasswordWeak
from jingwei.people.granting import GRANT
from jingwei.people.organization_pages import account_of


@login_required
@require_http_methods(["GET", "POST"])
def password(request: HttpRequest) -> HttpResponse:
    account = account_of(request)
    fault: FactsWrong | PasswordWeak | None = None
    if request.method == "POST":
        said = request.POST
        try:
            accounts.choose_password(account, said.get("old", ""), said.get("new", ""), said.get("again", ""))
            update_session_auth_hash(request, account)
            return redirect("portal:home")
        except (FactsWrong, PasswordWeak) as exc:
            fault = exc
    faults = fault.faults if isinstance(fault, FactsWrong) else {"new": fault.what} if fault else {}
    given = {"faults": faults, "least": accounts.LEAST, "must": account.must_change}
    return render(request, "people/password.html", given, status=400 if fault else 200)


@login_required
@require_GET
def waiting(request: HttpRequest) -> HttpResponse:
    account = account_of(request)
    permissions.require(account, GRANT, "proposals")
    past = Proposal.objects.exclude(state=Proposal.OPEN)[:30]
    given = {"waiting": proposals.waiting_for(account), "past": past, "states": STATES}
    return render(request, "people/proposals.html", given)


STATES = {
    Proposal.DONE: (Text("已同意", "agreed"), "ok"),
    Proposal.REFUSED: (Text("没有同意", "turned down"), "bad"),
    Proposal.WITHDRAWN: (Text("已撤回", "withdrawn"), ""),
}


@login_required
@require_POST
def decide(request: HttpRequest, number: int) -> HttpResponse:
    account = account_of(request)
    permissions.require(account, GRANT, "proposals")
    if request.POST.get("decision") == "agree":
        proposals.agree(account, number, request.POST.get("digest", ""))
    else:
        proposals.turn_down(account, number)
    return redirect("people:proposals")


class MustChange:
    """Who signed in with a one-time password gets to choose another, and nowhere else before."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        user = getattr(request, "user", None)
        if isinstance(user, Account) and user.must_change:
            free = {reverse("people:password"), reverse("portal:sign-out"), reverse("portal:reading")}
            if request.path not in free:
                return redirect("people:password")
        return self.get_response(request)
