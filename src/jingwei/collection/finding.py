"""What Ctrl-K finds in collection: runs and work orders by number or resource."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import Q
from django.urls import reverse

from jingwei.collection import service
from jingwei.collection.models import Run
from jingwei.collection.workorders import book
from jingwei.kernel.models import Account
from jingwei.kernel.text import Text
from jingwei.parts.finding import Finder, Hit, register_finder


def runs(account: Account, text: str, limit: int) -> Sequence[Hit]:
    known = service.resources()
    found = Run.objects.filter(Q(id__istartswith=text) | Q(resource__icontains=text)).order_by("-started")
    return [
        Hit(
            run.id,
            reverse("collection:run", args=[run.id]),
            str(known[run.resource].title) if run.resource in known else run.resource,
            "collect",
            run.id.casefold() == text.casefold(),
        )
        for run in found[:limit]
    ]


def orders(account: Account, text: str, limit: int) -> Sequence[Hit]:
    found = book.scoped(account).filter(Q(id__istartswith=text) | Q(resource__icontains=text)).order_by("due")
    return [
        Hit(
            order.id,
            reverse("collection:order", args=[order.id]),
            f"{order.organization} · {order.due.isoformat()}",
            "ticket",
            order.id.casefold() == text.casefold(),
        )
        for order in found[:limit]
    ]


def register() -> None:
    register_finder(Finder("order", Text("工单", "Work orders"), "order.read", orders))
    register_finder(Finder("run", Text("批次", "Runs"), "run.read", runs))
