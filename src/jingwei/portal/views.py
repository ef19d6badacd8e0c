"""Signing in and out, the reader's language and theme, error pages."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth import authenticate, login, logout
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_http_methods, require_POST

from jingwei.kernel import ledger
from jingwei.kernel.errors import NOTHING_CHANGED
from jingwei.kernel.models import Account
from jingwei.kernel.text import Text
from jingwei.portal import demo, pages
from jingwei.portal.context import THEME_COOKIE, THEMES

YEAR = 365 * 24 * 3600

WRONG_SIGN_IN = Text(
    "用户名或密码不对，请再输一次。", "The user name or the password is wrong. Type them again."
)
LOCKED = Text(
    "连错次数太多，先停一刻钟。急用请找管理员。",
    "Too many wrong tries: wait a quarter of an hour, or ask your administrator.",
)


@login_not_required
@require_http_methods(["GET", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    username = request.POST.get("username", "").strip()
    fault: Text | None = None
    if request.method == "POST":
        account = authenticate(request, username=username, password=request.POST.get("password", ""))
        if isinstance(account, Account):
            login(request, account)
            ledger.record(account, "session.begin", "portal")
            return redirect(safe(request, request.POST.get("next", ""), "/"))
        fault = LOCKED if getattr(request, "axes_locked_out", False) else WRONG_SIGN_IN
    elif request.user.is_authenticated:
        return redirect("portal:home")
    words = {
        "username": username,
        "fault": fault,
        "next": request.POST.get("next", request.GET.get("next", "")),
        "ready_made": demo.sign_ins(),
    }
    return render(request, "portal/sign_in.html", words, status=401 if fault else 200)


@login_not_required
def locked_out(request: HttpRequest, *_: object, **__: object) -> HttpResponse:
    """What django-axes shows while it refuses a name (setting AXES_LOCKOUT_CALLABLE)."""
    return render(
        request,
        "portal/sign_in.html",
        {"username": "", "fault": LOCKED, "next": "", "ready_made": demo.sign_ins()},
        status=429,
    )


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    if isinstance(request.user, Account):
        ledger.record(request.user, "session.end", "portal")
    logout(request)
    return redirect("portal:sign-in")


@login_not_required
@require_POST
def reading(request: HttpRequest) -> HttpResponse:
    """Keeps the reader's language or theme in a cookie and goes back to the page it was asked on."""
    response = redirect(safe(request, request.POST.get("next", ""), "/"))
    facts = {"max_age": YEAR, "samesite": "Lax", "httponly": True, "secure": settings.SESSION_COOKIE_SECURE}
    if request.POST.get("language") in {code for code, _ in settings.LANGUAGES}:
        response.set_cookie(settings.LANGUAGE_COOKIE_NAME, request.POST["language"], **facts)
    if request.POST.get("theme") in THEMES:
        response.set_cookie(THEME_COOKIE, request.POST["theme"], **facts)
    return response


def safe(request: HttpRequest, target: str, otherwise: str) -> str:
    """Only an address of this site may be gone to; anything else would send a reader away unasked."""
    here = url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure())
    return target if here else otherwise


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return pages.plain(
        request,
        400,
        Text("这个请求看不懂。", "This request makes no sense to the server."),
        NOTHING_CHANGED,
        Text("回到上一页再来一次。", "Go back one page and try again."),
    )


def forbidden(request: HttpRequest, exception: Exception | None = None, reason: str = "") -> HttpResponse:
    """Also the answer to a form whose token is missing or stale (setting CSRF_FAILURE_VIEW)."""
    return pages.plain(
        request,
        403,
        Text(
            "这一页开得太久，或不是从本站打开的。",
            "This page was open too long, or was not opened from this site.",
        ),
        Text(
            "为防别人冒用，没有照办；数据没有改动。",
            "To keep others out it was not done; nothing was changed.",
        ),
        Text("回到上一页刷新后再来一次。", "Go back, reload the page and do it again."),
    )


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return pages.plain(
        request,
        404,
        Text("没有这一页。", "There is no such page."),
        Text("地址可能抄错了，或者它已经不在了。", "The address may be mistyped, or what it showed is gone."),
        Text("从左边的房间重新找。", "Look for it again from the rooms on the left."),
    )


def server_error(request: HttpRequest) -> HttpResponse:
    return pages.plain(
        request,
        500,
        Text("程序自己出了错。", "The program itself failed."),
        NOTHING_CHANGED,
        Text(
            "过一会儿再试；还不行请告诉管理员几点、在哪一页。",
            "Try again later; if it stays, tell the administrator when and where.",
        ),
        retry=True,
    )
