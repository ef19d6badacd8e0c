"""The page of who keeps the system; looking at it reads no resident's data, refusals are on record."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from jingwei.kernel import permissions
from jingwei.kernel.models import Account
from jingwei.operations import deployment, health, overview


@login_required
@require_GET
def start(request: HttpRequest) -> HttpResponse:
    assert isinstance(request.user, Account)
    permissions.require(request.user, "operations.read", "operations")
    checks = health.checks()
    waiting, failed, coming = overview.jobs()
    given = {
        "now": timezone.now(),
        "checks": checks,
        "ready": health.ready(checks),
        "wrong": [check for check in checks if not check.ok and check.needed],
        "warnings": [check for check in checks if not check.ok and not check.needed],
        "kept": overview.backups(),
        "waiting": waiting,
        "failed": failed,
        "coming": coming,
        "disk": overview.disk(),
        "versions": overview.versions(),
        "findings": deployment.findings(),
    }
    return render(request, "operations/start.html", given)
