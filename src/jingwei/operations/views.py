"""Health and metrics for machines that watch the node."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, JsonResponse
from prometheus_client import CONTENT_TYPE_LATEST

from jingwei.operations import health, metrics
from jingwei.operations.reach import watchers


@watchers
def live(request: HttpRequest) -> HttpResponse:
    """This process answers; nothing else is asked."""
    return HttpResponse("live\n", content_type="text/plain")


@watchers
def ready(request: HttpRequest) -> HttpResponse:
    found = health.checks()
    good = health.ready(found)
    told = {
        "ready": good,
        "warnings": [check.name for check in found if not check.ok and not check.needed],
        "checks": {check.name: {"ok": check.ok, "said": check.said.en} for check in found},
    }
    return JsonResponse(told, status=200 if good else 503)


@watchers
def figures(request: HttpRequest) -> HttpResponse:
    return HttpResponse(metrics.text(), content_type=CONTENT_TYPE_LATEST)
