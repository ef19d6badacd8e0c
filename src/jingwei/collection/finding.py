"""What Ctrl-K finds in collection: resources by name or title, runs and work orders by number or resource."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import Q
from django.urls import reverse

from jingwei.collection import service
from jingwei.collection.models import Run
from jingwei.collection.workorders import book
from jingwei.kernel.models import Account
from jingwei.kernel.text import Text
from jingwei.parts.finding import Finder, Hit, fitting, register_finder


def resources(account: Account, text: str, limit: int) -> Sequence[Hit]:
    found = [
        (rank, contract)
        for contract in service.resources().values()
        if (rank := fitting(text, contract.id, contract.title.zh, contract.title.en)) is not None
    ]
    found.sort(key=lambda one: (one[0], one[1].id))
    return [
        Hit(
            str(contract.title),
            reverse("collection:resource", args=[contract.id]),
            f"{contract.id} · {contract.organization}",
            "table",
            rank == 0,
        )
        for rank, contract in found[:limit]
    ]


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
    register_finder(Finder("resource", Text("信息资源", "Resources"), "run.read", resources))
    register_finder(Finder("order", Text("工单", "Work orders"), "order.read", orders))
    register_finder(Finder("run", Text("批次", "Runs"), "run.read", runs))
