"""What Ctrl-K finds in the inbox: open to-dos by what they say or what they are about."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import Q
from django.urls import reverse

from jingwei.inbox import todos
from jingwei.kernel.models import Account
from jingwei.kernel.text import Text
from jingwei.parts.finding import Finder, Hit, register_finder


def open_todos(account: Account, text: str, limit: int) -> Sequence[Hit]:
    said = Q(zh__icontains=text) | Q(en__icontains=text) | Q(about__icontains=text)
    return [
        Hit(
            str(Text(todo.zh, todo.en)),
            reverse("todos:one", args=[todo.pk]),
            todo.due.isoformat() if todo.due else "",
            "inbox",
            todo.about.casefold() == text.casefold(),
        )
        for todo in todos.open_for(account).filter(said).order_by("due", "pk")[:limit]
    ]


def register() -> None:
    register_finder(Finder("todo", Text("待办", "To-dos"), "todo.read", open_todos))
