"""Measuring a register by clicking: a sample of pairs, a key each, and what the answers say of its quality.

The page does not say which stratum a pair is of, or what the model thinks of it: an answer must not follow it.
"""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from jingwei.kernel import ledger, permissions
from jingwei.kernel.models import Account
from jingwei.kernel.text import Text
from jingwei.registers import labels
from jingwei.registers.entity import threshold_of
from jingwei.registers.errors import NoSuchPair
from jingwei.registers.frame import frame
from jingwei.registers.models import Label
from jingwei.registers.presenting import PURPOSE, account_of, declared
from jingwei.registers.review import Pair
from jingwei.registers.review_pages import full_value, shown

ANSWERS: dict[str, bool | None] = {"same": True, "different": False, "undo": None}
STRATA = {
    labels.JOINED: Text("按相似度合上的", "joined by similarity"),
    labels.DOUBTFUL: Text("存疑的", "in doubt"),
    labels.NEAR: Text("相近但没合的", "near, not joined"),
}


@login_required
@require_GET
def show(request: HttpRequest, register: str) -> HttpResponse:
    account = account_of(request, "register.review", register)
    one = declared(register)
    drawn = labels.sample(register)
    pair = asked(drawn, request)
    words = {
        **frame(account, one, "sample"),
        "pair": pair,
        "drawn": drawn,
        "skipped": sum(1 for label, _ in drawn if label.same is None) if pair is None else 0,
        "last": last_of(drawn, account),
        "quality": labels.quality(register),
        "strata": STRATA,
        "each": labels.EACH,
        "threshold": threshold_of(register),
        "target": one.matching.precision if one.matching else None,
    }
    if pair is not None:
        words |= shown(account, register, pair, "sample")
    return render(request, "registers/sample.html", words)


def asked(drawn: list[tuple[Label, Pair]], request: HttpRequest) -> Pair | None:
    """The pair of the address, else the first open one after it."""
    wanted, after = request.GET.get("pair", ""), request.GET.get("after", "")
    for label, pair in drawn:
        if pair.token == wanted or (not wanted and label.same is None and pair.token > after):
            return pair
    return None


def last_of(drawn: list[tuple[Label, Pair]], account: Account) -> tuple[Label, Pair] | None:
    """What this person labelled last, for undoing."""
    mine = [(label, pair) for label, pair in drawn if label.same is not None and label.by == account.username]
    return max(mine, key=lambda one: one[0].at, default=None)  # type: ignore[arg-type,return-value]


@login_required
@require_POST
def draw(request: HttpRequest, register: str) -> HttpResponse:
    account = account_of(request, "register.review", register)
    declared(register)
    each = request.POST.get("each", "")
    count = int(each) if each.isdecimal() and int(each) in labels.EACH else labels.EACH[1]
    with transaction.atomic():
        labels.draw(register, count)
        ledger.record(account, "register.sample", f"{register}/draw/{count}", purpose=PURPOSE)
    return redirect("registers:sample", register)


@login_required
@require_POST
def label(request: HttpRequest, register: str, token: str) -> HttpResponse:
    account = account_of(request, "register.review", register)
    said = request.POST.get("verdict", "")
    if said not in ANSWERS:
        raise NoSuchPair(register=register)
    with transaction.atomic():
        pair = labels.label(register, token, same=ANSWERS[said], by=account.username)
        ledger.record(
            account,
            "register.label",
            f"{register}/{said}",
            subjects=sorted({pair.left_entity, pair.right_entity}),
            purpose=PURPOSE,
        )
    turn = "pair" if said == "undo" else "after"
    return redirect(f"{reverse('registers:sample', args=[register])}?{turn}={token}")


@login_required
@require_POST
def reveal(request: HttpRequest, register: str, token: str, side: str) -> JsonResponse:
    """The full value of one field of one side; who asked is on record before it is shown."""
    account = account_of(request, "register.reveal", register)
    permissions.require(account, "register.review", register)
    pair = next((pair for _, pair in labels.sample(register) if pair.token == token), None)
    return full_value(request, account, register, pair, side)
