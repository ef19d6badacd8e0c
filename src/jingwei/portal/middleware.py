"""What every request passes through on its way to a page: the reader's language, and plain errors.

The language is what the reader chose (a cookie), else the site's; a browser's own setting does not
decide, because clerks share machines that others set up. An error of our tree becomes a page that says
what happened, what it means for the data and what to do; anything else becomes an `InternalFault` with
a reference into the log. Nobody sees a traceback.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable

from django.conf import settings
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import translation

from jingwei.kernel.errors import InternalFault, JingweiError
from jingwei.portal import pages

log = logging.getLogger("jingwei.pages")

DJANGOS_OWN = (Http404, PermissionDenied, SuspiciousOperation)
"""These have handlers of their own in `views`."""


class ErrorsInPlainWords:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME)
        known = {code for code, _ in settings.LANGUAGES}
        with translation.override(chosen if chosen in known else settings.LANGUAGE_CODE):
            response = self.get_response(request)
            response.headers["Content-Language"] = translation.get_language() or settings.LANGUAGE_CODE
        # What a page shows of a person must not stay behind in a cache on a shared machine.
        if not response.has_header("Cache-Control"):
            response.headers["Cache-Control"] = "no-store"
        return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if isinstance(exception, JingweiError):
            return pages.error(request, exception)
        if isinstance(exception, DJANGOS_OWN) or settings.DEBUG:
            return None
        reference = secrets.token_hex(4)
        # the view, not the address: that holds the numbers of cases and entities
        view = request.resolver_match.view_name if request.resolver_match else ""
        log.error("fault %s in %s", reference, view, exc_info=exception)
        return pages.error(request, InternalFault(reference=reference, log="logs/jingwei.log"))
