"""Pages of the catalog that list: resources, the tree, the map of the whole."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET
from django.views.decorators.vary import vary_on_headers

from jingwei.directory import cloud, facts, listing
from jingwei.directory.export import pages as export
from jingwei.directory.frame import account_of, frame
from jingwei.directory.resources import resources
from jingwei.kernel.paging import page_of

PAGE = 20
TREES = ("theme", "organization", "register")


@require_GET
@vary_on_headers("Accept", "Cookie")
def start(request: HttpRequest) -> HttpResponse:
    """The list for a person; the catalog's graph for a program that asks for one."""
    kind = export.wanted(request)
    return export.answer(request, kind) if kind else found(request)


@login_required
def found(request: HttpRequest) -> HttpResponse:
    """Search and facets; all of it stands in the address."""
    account = account_of(request)
    asked = request.GET.get("q", "")[:200]
    chosen = {facet.name: request.GET[facet.name] for facet in listing.FACETS if request.GET.get(facet.name)}
    listed = listing.listing(asked, chosen)
    page = page_of(
        len(listed.found), request.GET.get("page", ""), PAGE, lambda at, size: listed.found[at : at + size]
    )
    words = {
        **frame(account, "resources"),
        "asked": asked,
        "chosen": chosen,
        "facets": listed.facets,
        "page": page,
        "rows": [listing.why(one, asked) for one in page.rows],
        "read": facts.last_done(),
        "counts": facts.counted(),
        "total": len(resources()),
    }
    return render(request, "directory/start.html", words)


@login_required
@require_GET
def tree(request: HttpRequest) -> HttpResponse:
    account = account_of(request)
    by = request.GET.get("by", "")
    by = by if by in TREES else TREES[0]
    words = {
        **frame(account, "tree"),
        "by": by,
        "trees": [facet for name in TREES for facet in listing.FACETS if facet.name == name],
        "branches": listing.tree(by),
    }
    return render(request, "directory/tree.html", words)


@login_required
@require_GET
def whole(request: HttpRequest) -> HttpResponse:
    account = account_of(request)
    return render(request, "directory/map.html", {**frame(account, "map"), "picture": cloud.draw()})
