"""What Ctrl-K finds in the frame itself: the rooms somebody may enter; and the answer as a page or a piece.

What is typed travels in the body of a POST, so that no name stands in an address or a log.
"""

from __future__ import annotations

from collections.abc import Sequence

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from jingwei.kernel.models import Account
from jingwei.kernel.text import Text
from jingwei.parts import finding
from jingwei.parts.finding import Finder, Hit, fitting
from jingwei.portal.context import rooms_of


def rooms(account: Account, text: str, limit: int) -> Sequence[Hit]:
    found = [
        (rank, room)
        for room in rooms_of(account)
        if (rank := fitting(text, room.title.zh, room.title.en)) is not None
    ]
    found.sort(key=lambda one: one[0])
    return [Hit(str(room.title), room.address, "", room.icon, rank == 0) for rank, room in found[:limit]]


@login_required
@require_http_methods(["GET", "POST"])
def find(request: HttpRequest) -> HttpResponse:
    """Without a script this is a page with a box; a script asks for the list alone."""
    account = request.user
    assert isinstance(account, Account)
    text = request.POST.get("q", "").strip()[: finding.LONGEST]
    words = {"text": text, "groups": finding.find(account, text)}
    partial = request.headers.get("HX-Request") == "true"
    return render(request, "portal/find_list.html" if partial else "portal/find.html", words)


def register() -> None:
    finding.register_finder(Finder("portal", Text("房间", "Rooms"), "notice.read", rooms))
