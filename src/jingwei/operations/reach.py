"""Who may read health and metrics: this machine, or whoever shows the token.

With a token set only the token counts. Without one a request must come from this machine, be addressed to it, and
have passed no proxy: what a proxy passes on comes from its own machine and would look local.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable
from functools import wraps

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from jingwei.settings import options

HERE = frozenset({"127.0.0.1", "::1", "localhost"})
PASSED_ON = ("X-Forwarded-For", "X-Forwarded-Host", "X-Real-Ip", "Forwarded", "Via")


def may(request: HttpRequest) -> bool:
    token = options.METRICS_TOKEN.value
    if token:
        shown = request.headers.get("Authorization", "")
        return hmac.compare_digest(shown.encode(), f"Bearer {token}".encode())
    host = request.get_host().rsplit(":", 1)[0].strip("[]")
    return (
        request.META.get("REMOTE_ADDR") in HERE
        and host in HERE
        and not any(name in request.headers for name in PASSED_ON)
    )


def watchers(view: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    @login_not_required
    @require_GET
    @wraps(view)
    def guarded(request: HttpRequest) -> HttpResponse:
        if not may(request):
            return HttpResponse("forbidden\n", status=403, content_type="text/plain")
        return view(request)

    return guarded
