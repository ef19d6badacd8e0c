"""Around every request: a number for it, what it took, and one line in the log.

The line names the view, never the address: addresses hold the numbers of entities and cases. Who asked stands
there as a pseudonym that only the node's key can make.
"""

from __future__ import annotations

import logging
import re
import secrets
import time
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from jingwei.kernel.logs import bound, named
from jingwei.kernel.models import Account
from jingwei.operations import metrics

log = logging.getLogger("jingwei.requests")
GIVEN = re.compile(r"[A-Za-z0-9-]{8,64}")
NO_VIEW = "(none)"


class Observed:
    """First of all middleware, so that nothing is answered unseen."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        began = time.perf_counter()
        given = request.headers.get("X-Request-Id", "")
        number = given if GIVEN.fullmatch(given) else secrets.token_hex(8)
        with bound(request=number):
            response = self.get_response(request)
            seconds = time.perf_counter() - began
            view = request.resolver_match.view_name if request.resolver_match else NO_VIEW
            metrics.count(view, request.method or "", response.status_code, seconds)
            user = getattr(request, "user", None)
            log.info(
                "answered",
                extra={
                    "view": view,
                    "method": request.method,
                    "status": response.status_code,
                    "milliseconds": round(seconds * 1000, 1),
                    "account": named(user.username) if isinstance(user, Account) else "",
                },
            )
        response.headers["X-Request-Id"] = number
        return response
