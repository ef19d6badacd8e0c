"""Deciding on pairs: two records side by side, a key each for same, different, next and undo.

A pair that is shown is on the ledger before it is shown, a decision in the transaction that notes it. Every
answer leads to the next open pair; where in the queue somebody stands is kept in the address.
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
from jingwei.registers import difference, renewing, review, todos, verdicts, waterfall
from jingwei.registers.entity import threshold_of
from jingwei.registers.errors import NoSuchPair
from jingwei.registers.frame import frame
from jingwei.registers.presenting import (
    PURPOSE,
    account_of,
    declared,
    record_row,
    texts,
)
from jingwei.registers.review import Pair, Queue
from jingwei.registers.verdicts import Judged

ANSWERS = {"same": True, "different": False}


@login_required
@require_GET
def show(request: HttpRequest, register: str) -> HttpResponse:
    account = account_of(request, "register.review", register)
    one = declared(register)
    queue = review.queue(register)
    pair = asked(queue, request)
    mine = last_of(queue, account)
    words = {
        **frame(account, one, "review", queue),
        "pair": pair,
        "queue": queue,
        "mine": mine,
        "mine_token": next((t for t, judged in queue.judged.items() if judged == mine), ""),
        "decided": len(queue.judged),
        "skipped": len(queue.open) if pair is None else 0,
    }
    if pair is not None:
        words |= shown(account, register, pair, "review")
        words["standing"] = queue.judged.get(pair.token)
        words["threshold"] = threshold_of(register)
    return render(request, "registers/review.html", words)


@login_required
@require_GET
def score(request: HttpRequest, register: str, token: str) -> HttpResponse:
    """How a pair scores, as a part of its page: it comes after the page, which must not wait for the model."""
    account_of(request, "register.review", register)
    pair = review.queue(register).pair(token)
    if pair is None:
        raise NoSuchPair(register=register)
    found = review.sides(register, pair)
    drawing = waterfall.of_pair(declared(register), found.left, found.right, threshold_of(register))
    return render(request, "registers/score.html", {"drawing": drawing, "other": None})


def asked(queue: Queue, request: HttpRequest) -> Pair | None:
    """The pair of the address, the one after it, or the first open one."""
    if token := request.GET.get("pair", ""):
        return queue.pair(token) or queue.after("")
    return queue.after(request.GET.get("after", ""))


def last_of(queue: Queue, account: Account) -> Judged | None:
    """What this person decided last, for undoing."""
    mine = [judged for judged in queue.judged.values() if judged.by == account.username]
    return max(mine, key=lambda judged: judged.id, default=None)


def shown(account: Account, register: str, pair: Pair, page: str) -> dict[str, object]:
    """Both records for a page (`review` or `sample`), once the look is on record."""
    one = declared(register)
    found = review.sides(register, pair)
    lines = difference.lines(one, found.left, found.right)
    ledger.record(
        account,
        f"register.{page}",
        register,
        subjects=sorted({pair.left_entity, pair.right_entity}),
        fields=sorted(line.name for line in lines),
        purpose=PURPOSE,
    )
    return {
        "lines": lines,
        "left": record_row(one, found.left),
        "right": record_row(one, found.right),
        "differing": difference.counted(lines, difference.DIFFERS),
        "alike": difference.counted(lines, difference.SAME),
        "reveal_name": f"registers:{page}-reveal",
        "may_reveal": permissions.allowed(account, "register.reveal"),
    }


@login_required
@require_POST
def decide(request: HttpRequest, register: str, token: str) -> HttpResponse:
    account = account_of(request, "register.review", register)
    said = request.POST.get("verdict", "")
    if said not in ANSWERS:
        raise NoSuchPair(register=register)
    with transaction.atomic():
        pair, judged = review.decide(register, token, same=ANSWERS[said], by=account.username)
        ledger.record(
            account,
            "register.decide",
            f"{register}/{judged.id}/{said}",
            subjects=sorted({pair.left_entity, pair.right_entity}),
            purpose=PURPOSE,
        )
        todos.ask_for_review(register)
        renewing.after_verdict(register)
    return redirect(f"{reverse('registers:review', args=[register])}?after={token}")


@login_required
@require_POST
def undo(request: HttpRequest, register: str) -> HttpResponse:
    """Takes back a decision and shows its pair again."""
    account = account_of(request, "register.review", register)
    number = request.POST.get("number", "")
    queue = review.queue(register)
    with transaction.atomic():
        judged = verdicts.undo(register, int(number) if number.isdecimal() else 0, account.username)
        token = next((t for t, one in queue.judged.items() if one.id == judged.id), "")
        pair = queue.pair(token)
        ledger.record(
            account,
            "register.undo",
            f"{register}/{judged.id}",
            subjects=sorted({pair.left_entity, pair.right_entity}) if pair else [],
            purpose=PURPOSE,
        )
        todos.ask_for_review(register)
        renewing.after_verdict(register)
    return redirect(f"{reverse('registers:review', args=[register])}?pair={token}")


@login_required
@require_POST
def reveal(request: HttpRequest, register: str, token: str, side: str) -> JsonResponse:
    """The full value of one field of one side; who asked is on record before it is shown."""
    account = account_of(request, "register.reveal", register)
    permissions.require(account, "register.review", register)
    return full_value(request, account, register, review.queue(register).pair(token), side)


def full_value(
    request: HttpRequest, account: Account, register: str, pair: Pair | None, side: str
) -> JsonResponse:
    if pair is None or side not in ("left", "right"):
        raise NoSuchPair(register=register)
    entity = pair.left_entity if side == "left" else pair.right_entity
    found = getattr(review.sides(register, pair), side)
    name = request.POST.get("field", "")
    if name not in found.values:
        raise NoSuchPair(register=register)
    ledger.record(
        account, "register.reveal", f"{register}/{entity}", subjects=[entity], fields=[name], purpose=PURPOSE
    )
    return JsonResponse({"value": "、".join(texts(found.values[name]))})
