"""What the window puts on a clerk's home page: the box to find somebody in, and drafts that were left lying."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jingwei.inbox import home
from jingwei.kernel.models import Account
from jingwei.kernel.text import Text
from jingwei.window.models import Case
from jingwei.window.prefill import items

SHOWN = 5


def register() -> None:
    home.register(
        home.Part(
            "window",
            Text("窗口", "Window"),
            "window.serve",
            "window/home.html",
            window,
            order=5,
            modules=("window/find.js",),
            styles=("window/window.css",),
        )
    )


def window(account: Account) -> Mapping[str, Any]:
    drafts = Case.objects.filter(created_by=account, state=Case.DRAFT)
    titles = {one.item: one.title for one in items()}
    return {
        "drafts": [(one, titles.get(one.item, one.item)) for one in drafts[:SHOWN]],
        "count": drafts.count(),
    }
