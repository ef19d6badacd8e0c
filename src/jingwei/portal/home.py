"""The home page: what waits for somebody, what changed since they were last here, and every room they may enter.

The page knows no room: parts, changes and figures come from `inbox.home`, where rooms put them; rooms and what they
are for come from the rail. So each role has a page of its own without anybody having written one for it.
"""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required, login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET

from jingwei.inbox import home
from jingwei.kernel import permissions
from jingwei.kernel.models import Account
from jingwei.kernel.text import Text
from jingwei.portal import pages
from jingwei.portal.context import rooms_of

NO_POST = (
    Text("您的账号还没有岗位。", "Your account has no post yet."),
    Text("所以这里没有您能进的房间。", "So there is no room here for you to enter."),
    Text("请管理员给您配岗位。", "Ask the administrator to give you one."),
)


@login_not_required
@require_GET
def start(request: HttpRequest) -> HttpResponse:
    account = request.user
    if not isinstance(account, Account):
        return redirect("portal:sign-in")
    rooms = rooms_of(account)
    if not rooms:
        return pages.plain(request, 403, *NO_POST)
    if len(rooms) == 1:
        # A resident: a page that leads to one room is a door too many.
        return redirect(rooms[0].address)
    since = home.visit(account)
    shown = home.parts(account)
    words = {
        "main": [one for one in shown if not one.part.side],
        "side": [one for one in shown if one.part.side],
        "since": since,
        "changes": home.changes(account, since) if since else [],
        "figures": home.figures() if permissions.allowed(account, "figure.read") else [],
        "styles": dict.fromkeys(sheet for one in shown for sheet in one.part.styles),
        "scripts": dict.fromkeys(name for one in shown for name in one.part.scripts),
        "modules": dict.fromkeys(name for one in shown for name in one.part.modules),
    }
    return render(request, "portal/home.html", words)


@login_required
@require_GET
def figure(request: HttpRequest, name: str) -> HttpResponse:
    """How a figure of the home page comes about: definition, what it is made of, sources, when it was true."""
    assert isinstance(request.user, Account)
    permissions.require(request.user, "figure.read", name)
    found = next((one for one in home.figures() if one.name == name), None)
    if found is None:
        raise Http404
    return render(request, "portal/home_figure.html", {"figure": found})
