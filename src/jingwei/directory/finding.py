"""What Ctrl-K finds in the catalog: resources, by the words of their contracts."""

from __future__ import annotations

from collections.abc import Sequence

from django.urls import reverse

from jingwei.directory.listing import listing, why
from jingwei.kernel.models import Account
from jingwei.kernel.text import Text
from jingwei.parts.finding import Finder, Hit, fitting, register_finder


def found(account: Account, text: str, limit: int) -> Sequence[Hit]:
    return [
        Hit(
            str(one.contract.title),
            reverse("directory:resource", args=[one.id]),
            f"{one.id} · {one.contract.organization}",
            "catalog",
            fitting(text, one.id, *one.contract.title) == 0,
        )
        for one in listing(text, {}).found[:limit]
        # what only resembles the text is for the catalog's own list, which says so
        if fitting(text, one.id, *one.contract.title) is not None or why(one, text).fields
    ]


def register() -> None:
    register_finder(Finder("resource", Text("信息资源", "Resources"), "catalog.read", found))
