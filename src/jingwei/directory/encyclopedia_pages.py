"""The encyclopedia (数据百科): what each element and each code means, how it is checked, who uses it."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from jingwei.directory import encyclopedia
from jingwei.directory.frame import account_of, frame
from jingwei.directory.resource_pages import shown


@login_required
@require_GET
def start(request: HttpRequest) -> HttpResponse:
    account = account_of(request)
    asked = request.GET.get("q", "")[:200]
    kind = request.GET.get("kind", "")
    found = encyclopedia.find(asked)
    kept = [one for one in found if kind not in encyclopedia.KINDS or one.kind == kind]
    words = {
        **frame(account, "encyclopedia"),
        "asked": asked,
        "kind": kind if kind in encyclopedia.KINDS else "",
        "kinds": [(name, title, sum(one.kind == name for one in found)) for name, title in encyclopedia.KINDS.items()],
        "found": kept,
    }  # fmt: skip
    return render(request, "directory/encyclopedia.html", words)


@login_required
@require_GET
def element(request: HttpRequest, element: str) -> HttpResponse:
    account = account_of(request, element)
    one = encyclopedia.element(element)
    words = {**frame(account, "encyclopedia"), "one": one, "shown": shown(one.element)}
    return render(request, "directory/element.html", words)


@login_required
@require_GET
def codes(request: HttpRequest, codes: str) -> HttpResponse:
    account = account_of(request, codes)
    asked = request.GET.get("q", "")[:200]
    one = encyclopedia.codes(codes)
    words = {
        **frame(account, "encyclopedia"),
        "one": one,
        "asked": asked,
        "entries": encyclopedia.entries(one.codes, asked),
    }
    return render(request, "directory/codes.html", words)
