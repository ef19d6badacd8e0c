"""The page of suppressions: what is withheld from whom until when, proposing one, deciding on another's."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from jingwei.audit import suppression
from jingwei.audit.cards import card_of
from jingwei.audit.entries import day_of, names_of
from jingwei.audit.errors import UnknownWord
from jingwei.audit.models import Suppression
from jingwei.kernel import ledger
from jingwei.kernel.errors import JingweiError
from jingwei.kernel.paging import page_of
from jingwei.kernel.text import Text
from jingwei.packs.service import installed
from jingwei.registers.errors import NoSuchEntity
from jingwei.registers.presenting import account_of

ACTION = suppression.ACTION
PAGE = 25
ASKED = ("law", "subject", "case", "organization", "reason", "starts", "until")
STATES = {
    Suppression.PROPOSED: (Text("待另一人批准", "waits for a second person"), "warn"),
    Suppression.APPROVED: (Text("暂不告知中", "withheld"), "primary"),
    Suppression.REFUSED: (Text("未批准", "refused"), ""),
    Suppression.LIFTED: (Text("已提前解除", "lifted early"), ""),
}
OVER = (Text("已到期，已告知", "over; told since"), "ok")


@login_required
@require_http_methods(["GET", "POST"])
def start(request: HttpRequest) -> HttpResponse:
    account = account_of(request, ACTION, "suppressions")
    asked = {name: request.POST.get(name, request.GET.get(name, "")).strip() for name in ASKED}
    fault: JingweiError | None = None
    if request.method == "POST":
        try:
            register, _, entity = asked["subject"].partition("/")
            if register not in installed().section("registers"):
                raise NoSuchEntity(register=register or "?", entity_id=entity or "?")
            suppression.propose(
                account,
                law=asked["law"],
                register=register,
                entity_id=entity,
                reason=asked["reason"],
                starts=day_of(asked["starts"]),
                until=day_of(asked["until"]),
                case=asked["case"],
                organization=asked["organization"],
            )
            return redirect("audit:suppressions")
        except JingweiError as exc:
            fault = exc
    person = card_of(asked["subject"])
    ledger.record(
        account, "ledger.read", "suppressions", subjects=[person.entity_id] if person else [], purpose="audit"
    )
    found = Suppression.objects.all()
    page = page_of(
        found.count(),
        request.GET.get("page", ""),
        PAGE,
        lambda offset, limit: list(found[offset : offset + limit]),
    )
    names = names_of({one.proposed_by for one in page.rows} | {one.decided_by for one in page.rows})
    given = {
        "page": page,
        "rows": [
            (one, suppression.LAWS.get(one.law, Text(one.law, one.law)), state_of(one)) for one in page.rows
        ],
        "names": names,
        "laws": suppression.LAWS,
        "most": suppression.MOST_DAYS,
        "asked": asked | {"starts": asked["starts"] or timezone.localdate().isoformat()},
        "fault": fault,
        "person": person,
        "me": account.username,
        "over": suppression.over,
    }
    return render(request, "audit/suppressions.html", given, status=400 if fault else 200)


def state_of(one: Suppression) -> tuple[Text, str]:
    ended = one.state == Suppression.APPROVED and suppression.over(one)
    return OVER if ended else STATES[one.state]


@login_required
@require_POST
def decide(request: HttpRequest, number: int) -> HttpResponse:
    account = account_of(request, ACTION, f"suppression {number}")
    what = request.POST.get("what", "")
    if what == "lift":
        suppression.lift(account, number)
    elif what in ("approve", "refuse"):
        suppression.decide(account, number, what == "approve")
    else:
        raise UnknownWord(value=what, field=Text("做法", "what to do"))
    return redirect("audit:suppressions")
