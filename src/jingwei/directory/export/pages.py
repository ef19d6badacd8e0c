"""The export's addresses: catalog.ttl, catalog.jsonld, and /catalog/ for who asks for a graph instead of a page.

What was written is kept until a pack changes or a run ends, for each kind of reader by itself.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime
from threading import Lock

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET
from django.views.decorators.vary import vary_on_headers

from jingwei.catalog import sharing
from jingwei.directory import facts
from jingwei.directory.export import dcat
from jingwei.directory.export.audience import audience, visible
from jingwei.kernel.text import Text
from jingwei.packs.service import Catalogue, installed

TURTLE, JSON_LD = "text/turtle", "application/ld+json"
FORMATS = (TURTLE, JSON_LD)
CONTEXT = {
    "dcat": str(dcat.DCAT),
    "dct": str(dcat.DCTERMS),
    "foaf": str(dcat.FOAF),
    "skos": str(dcat.SKOS),
    "vcard": str(dcat.VCARD),
    "xsd": str(dcat.XSD),
}
KEPT = 8


@dataclass(frozen=True)
class Written:
    """A graph as text, and what it was made from."""

    known: Catalogue
    read: dict[str, datetime]
    text: bytes


_kept: OrderedDict[tuple[str, str, str], Written] = OrderedDict()
_lock = Lock()


@require_GET
@vary_on_headers("Cookie")
def turtle(request: HttpRequest) -> HttpResponse:
    return answer(request, TURTLE)


@require_GET
@vary_on_headers("Cookie")
def json_ld(request: HttpRequest) -> HttpResponse:
    return answer(request, JSON_LD)


def wanted(request: HttpRequest) -> str | None:
    """The graph's media type where a reader prefers one to a page, else None."""
    best = request.get_preferred_type(["text/html", TURTLE, JSON_LD])
    return best if best in FORMATS else None


def answer(request: HttpRequest, kind: str) -> HttpResponse:
    """The catalog in one of its formats, as much of it as this reader may know."""
    site = request.build_absolute_uri("/").rstrip("/")
    return HttpResponse(written(kind, audience(request), site), content_type=f"{kind}; charset=utf-8")


def written(kind: str, to: str, site: str) -> bytes:
    known, read = installed(), facts.last_done()
    with _lock:
        kept = _kept.get((kind, to, site))
        if kept and kept.known is known and kept.read == read:
            return kept.text
    made = dcat.graph(visible(to), site, read, theme_titles())
    if kind == JSON_LD:
        text = made.serialize(format="json-ld", encoding="utf-8", context=CONTEXT, auto_compact=True)
    else:
        text = made.serialize(format="turtle", encoding="utf-8")
    with _lock:
        _kept[kind, to, site] = Written(known, read, text)
        while len(_kept) > KEPT:
            _kept.popitem(last=False)
    return text


def theme_titles() -> dict[str, Text]:
    listed = installed().section("codes").get(sharing.THEMES)
    return {entry.code: entry.title.text() for entry in listed.entries} if listed else {}
