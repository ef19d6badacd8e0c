"""What the inbox puts on everybody's home page: what waits for me, and what was told since I was last here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.urls import reverse

from jingwei.inbox import home, listing, service, todos
from jingwei.inbox.home import Change
from jingwei.kernel.models import Account
from jingwei.kernel.text import Text

SHOWN = 8


def register() -> None:
    home.register(
        home.Part(
            "todos",
            Text("等我办", "Waiting for me"),
            "todo.read",
            "inbox/home_todos.html",
            waiting,
            order=10,
            styles=("inbox/inbox.css",),
        )
    )
    home.register_changes("inbox", "todo.read", changes)


def waiting(account: Account) -> Mapping[str, Any]:
    counts = listing.counts(account)
    rows = listing.found(account, listing.Asked())[:SHOWN] if counts[""] else []
    return {"lines": listing.lines(rows, account), "counts": counts, "more": counts[""] - SHOWN}


def changes(account: Account, since: datetime) -> Iterable[Change]:
    new = todos.open_for(account).filter(created__gt=since).order_by("-created")
    number = new.count()
    if number:
        text = Text("来了 {n} 件新待办", "New to-dos: {n}").fill(n=number)
        yield Change(new[0].created, text, reverse("todos:start") + "?sort=new", "inbox", "primary")
    over = todos.scoped(account).filter(done__gt=since).order_by("-done")
    number = over.count()
    if number:
        text = Text("办完 {n} 件待办", "To-dos done: {n}").fill(n=number)
        done = over[0].done
        assert done is not None
        yield Change(done, text, reverse("todos:start") + "?state=done", "check", "ok")
    told = [one for one in service.notices(account, unread_only=True, limit=None) if one.at > since]
    if told:
        text = Text("来了 {n} 条通知", "New notices: {n}").fill(n=len(told))
        yield Change(told[0].at, text, reverse("inbox:start") + "?which=unread", "bell", "primary")
