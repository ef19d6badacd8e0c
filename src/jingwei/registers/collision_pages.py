"""The page of colliding two resources: counts first, and who they are once somebody says what for."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from jingwei.kernel.errors import JingweiError
from jingwei.kernel.text import Text
from jingwei.registers import collision, lists
from jingwei.registers.answers import Candidate
from jingwei.registers.frame import frame
from jingwei.registers.presenting import account_of, declared, organization_of, resource_title

ACTION = "register.collide"
SHOWN = 100


@login_required
@require_http_methods(["GET", "POST"])
def start(request: HttpRequest, register: str) -> HttpResponse:
    """Counts, a list, or the list as a file: `want` says which."""
    account = account_of(request, ACTION, register)
    one = declared(register)
    given = {name: request.POST.get(name, "") for name in ("left", "right", "part", "purpose", "want")}
    words: dict[str, Any] = {
        "given": given,
        "sources": [
            (source.resource, resource_title(source.resource), organization_of(source.resource))
            for source in one.sources
        ],
        "shown": SHOWN,
        "floor": collision.FLOOR,
    }
    fault: JingweiError | None = None
    if request.method == "POST":
        try:
            if given["want"] in ("list", "file"):
                found = collision.listing(
                    account, register, given["left"], given["right"], given["part"], given["purpose"]
                )
                if given["want"] == "file":
                    return as_file(found.cards)
                words["listing"] = found
            words["counts"] = collision.count(account, register, given["left"], given["right"])
        except JingweiError as exc:
            fault = exc
    words["fault"] = fault
    return render(
        request,
        "registers/collide.html",
        frame(account, one, "collide") | words,
        status=400 if fault else 200,
    )


def as_file(cards: list[Candidate]) -> HttpResponse:
    rows = [
        [
            str(Text("编号", "entity")),
            str(Text("名称", "name")),
            str(Text("号码", "number")),
            str(Text("其他", "facts")),
        ]
    ]
    rows += [[one.entity_id, one.name, one.masked_id, " · ".join(one.facts)] for one in cards]
    headers = {"Content-Disposition": 'attachment; filename="collision.csv"'}
    return HttpResponse(lists.as_csv(rows), content_type="text/csv; charset=utf-8", headers=headers)
