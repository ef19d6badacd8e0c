"""Error pages in the tone of the house: what happened, what it means, what to do, and a way on."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from jingwei.kernel.errors import NOTHING_CHANGED, BadInput, Busy, Held, JingweiError, NotAllowed
from jingwei.kernel.models import Account
from jingwei.kernel.text import Text

STATUS: list[tuple[type[JingweiError], int]] = [(NotAllowed, 403), (Busy, 503), (BadInput, 400), (Held, 409)]
"""The first kind that fits gives the status; whatever fits none is our own failure, 500."""

TRY_AGAIN = Text("回到首页再来一次。", "Go back to the first page and try once more.")


def status_of(error: JingweiError) -> int:
    return next((status for kind, status in STATUS if isinstance(error, kind)), 500)


def error(request: HttpRequest, fault: JingweiError) -> HttpResponse:
    return plain(request, status_of(fault), fault.what, fault.means, fault.do, retry=fault.retry_helps)


def plain(
    request: HttpRequest,
    status: int,
    what: Text,
    means: Text = NOTHING_CHANGED,
    do: Text = TRY_AGAIN,
    *,
    retry: bool = False,
) -> HttpResponse:
    words = {"status": status, "what": what, "means": means, "do": do, "retry": retry}
    # A partial asked for by a script gets the sentences alone: it has a page around it already.
    if request.headers.get("HX-Request") == "true":
        template = "portal/error_partial.html"
    elif isinstance(getattr(request, "user", None), Account):
        template = "portal/error.html"
    else:
        template = "portal/error_alone.html"
    return render(request, template, words, status=status)
