"""The door of CKAN's read API: `/api/3/action/<action>`, by GET with a query or POST with JSON.

Reading only, and nothing that a signed-out reader may not know unless a session says who asks; a POST changes
nothing, which is why it needs no token against forgery.
"""

from __future__ import annotations

import json
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods
from django.views.decorators.vary import vary_on_headers

from jingwei.directory import facts
from jingwei.directory.export import ckan
from jingwei.directory.export.audience import audience, visible

LONGEST = 100_000
"""Bytes of a request."""


@csrf_exempt
@require_http_methods(["GET", "POST"])
@vary_on_headers("Cookie")
def action(request: HttpRequest, action: str) -> HttpResponse:
    site = request.build_absolute_uri("/").rstrip("/")
    told: dict[str, Any] = {"help": f"{site}/api/3/action/help_show?name={action[:100]}"}
    if action not in ckan.ACTIONS:
        return HttpResponse(f"Bad request - Action name not known: {action[:100]}", status=400, content_type="text/plain; charset=utf-8")  # fmt: skip
    try:
        answers = ckan.Answers(visible(audience(request)), facts.last_done(), site)
        result = getattr(answers, action)(given(request))
    except ckan.CkanError as error:
        told |= {"success": False, "error": error.as_dict()}
        return JsonResponse(told, status=error.status, json_dumps_params={"ensure_ascii": False})
    told |= {"success": True, "result": result}
    return JsonResponse(told, json_dumps_params={"ensure_ascii": False})


def given(request: HttpRequest) -> dict[str, Any]:
    """What the caller sent. A name given twice in an address is its last value, as in CKAN."""
    found: dict[str, Any] = dict(request.GET.items())
    if request.method == "POST":
        length = request.META.get("CONTENT_LENGTH") or "0"
        if not length.isdecimal() or int(length) > LONGEST:
            raise ckan.CkanError("Validation Error", 409, "The request is too long")
        try:
            sent = json.loads(request.body or b"{}")
        except (ValueError, RecursionError):
            raise ckan.CkanError("Validation Error", 409, "Error decoding JSON data") from None
        if not isinstance(sent, dict):
            raise ckan.CkanError("Validation Error", 409, "Request data JSON decoded is not a dictionary")
        found |= sent
    return found
