"""What Ctrl-K finds at the window: a clerk's own cases by their numbers. Names are for the register's search."""

from __future__ import annotations

from collections.abc import Sequence

from django.urls import reverse

from jingwei.kernel.models import Account
from jingwei.kernel.text import Text
from jingwei.parts.finding import Finder, Hit, register_finder
from jingwei.window.models import Case
from jingwei.window.prefill import items


def cases(account: Account, text: str, limit: int) -> Sequence[Hit]:
    titles = {one.item: str(one.title) for one in items()}
    found = Case.objects.filter(created_by=account, number__istartswith=text).order_by("-updated")
    return [
        Hit(
            case.number,
            reverse("window:case", args=[case.number]),
            titles.get(case.item, case.item),
            "file",
            case.number.casefold() == text.casefold(),
        )
        for case in found[:limit]
    ]


def register() -> None:
    register_finder(Finder("case", Text("办件", "Cases"), "window.serve", cases))
