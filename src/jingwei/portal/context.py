"""What the frame around every page needs: the rooms this account may enter, language and theme."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest

from jingwei.kernel import permissions
from jingwei.kernel.models import Account
from jingwei.kernel.text import Text, language

THEME_COOKIE = "jingwei-theme"
THEMES = ("light", "dark")


@dataclass(frozen=True)
class Room:
    """A place in the rail; `action` is what an account must be allowed to do there."""

    namespace: str
    title: Text
    icon: str
    action: str

    @property
    def start(self) -> str:
        return f"{self.namespace}:start"


ROOMS = (
    Room("window", Text("窗口", "Window"), "window", "window.serve"),
    Room("registers", Text("基础库", "Registers"), "register", "register.read"),
    Room("collection", Text("采集", "Collect"), "collect", "run.read"),
)


def rooms_of(account: Account) -> list[Room]:
    return [room for room in ROOMS if permissions.allowed(account, room.action)]


def frame(request: HttpRequest) -> dict[str, Any]:
    user = getattr(request, "user", None)
    account = user if isinstance(user, Account) else None
    match = request.resolver_match
    theme = request.COOKIES.get(THEME_COOKIE)
    return {
        "account": account,
        "post": post_of(account) if account else "",
        "rooms": rooms_of(account) if account else [],
        "room": match.namespace if match else "",
        "lang": "en" if language() == "en" else "zh-CN",
        "languages": settings.LANGUAGES,
        "theme": theme if theme in THEMES else THEMES[0],
        "here": request.get_full_path() if request.method == "GET" else "/",
    }


def post_of(account: Account) -> str:
    """What a person is here: the post on file; one named like a role is said in the reader's language."""
    named = [permissions.ROLES[role][0] for role in account.roles if role in permissions.ROLES]
    if account.post and account.post not in {title.zh for title in named}:
        return account.post
    return " · ".join(str(title) for title in named)
