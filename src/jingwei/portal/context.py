"""What the frame around every page needs: the rooms this account may enter, language and theme."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from jingwei.inbox import service as inbox
from jingwei.kernel import permissions
from jingwei.kernel.models import Account
from jingwei.kernel.text import Text, language
from jingwei.parts import finding
from jingwei.portal import rail

THEME_COOKIE = "jingwei-theme"
THEMES = ("light", "dark", "contrast")


@dataclass(frozen=True)
class Room:
    """A place in the rail: the page it starts on, and what an account must be allowed to do there. Whoever may
    do `unless` gets there by another room."""

    start: str
    title: Text
    icon: str
    action: str
    unless: str = ""
    about: Text | None = None
    """What it is for, in a line, for the home page."""

    @property
    def address(self) -> str:
        return reverse(self.start)


ROOMS = (
    Room(
        "todos:start",
        Text("待办", "To do"),
        "inbox",
        "todo.read",
        about=Text("所有等您办的事，期限近的在前", "Everything that waits for you, nearest deadline first"),
    ),
    Room(
        "window:start",
        Text("窗口", "Window"),
        "window",
        "window.serve",
        about=Text(
            "找人、填表、收件；已有的不再问",
            "Find somebody, fill a form, take it in; what is held is not asked again",
        ),
    ),
    Room(
        "registers:start",
        Text("基础库", "Registers"),
        "register",
        "register.read",
        about=Text(
            "人、企业、地点的主记录，每个值从哪里来",
            "People, companies and places, and where each value comes from",
        ),
    ),
    Room(
        "collection:start",
        Text("采集", "Collect"),
        "collect",
        "run.read",
        about=Text(
            "各部门的表读进来没有，质量怎样", "Whether departments' tables were read, and how good they are"
        ),
    ),
    Room(
        "directory:start",
        Text("目录", "Catalog"),
        "catalog",
        "catalog.read",
        about=Text(
            "有哪些数据、每个字段是什么意思、从哪里来、谁在用",
            "What data there are, what each field means, where it comes from and who uses it",
        ),
    ),
    Room(
        "collection:orders",
        Text("工单", "Orders"),
        "ticket",
        "order.read",
        about=Text(
            "有问题的数据，谁改、几时改完，部门榜",
            "What is wrong in the data, who mends it by when, and how departments stand",
        ),
    ),
    Room(
        "collection:uploads",
        Text("上报", "Hand in"),
        "upload",
        "upload.submit",
        about=Text("把表格交上来，当场查错", "Hand in a table and see its faults at once"),
    ),
    Room(
        "registers:compare-start",
        Text("比对", "Compare"),
        "scale",
        "register.compare",
        "register.read",
        about=Text("拿一份名单和基础库比一比", "Compare a list with a register"),
    ),
    Room(
        "audit:start",
        Text("台账", "Ledger"),
        "ledger",
        "ledger.read",
        about=Text(
            "谁看了什么、异常使用、谁的责任、暂不告知",
            "Who looked at what, unusual use, responsibilities, what is told later",
        ),
    ),
    Room(
        "audit:own",
        Text("谁看过我", "My data"),
        "eye",
        "trace.own",
        about=Text("谁在什么时候、为什么看了我的数据", "Who looked at my data, when and what for"),
    ),
    Room(
        "people:start",
        Text("机构", "Bodies"),
        "building",
        "organization.edit",
        about=Text("机构树、网格、沿革；从表格导入", "The tree of organizations, their grids and history"),
    ),
    Room(
        "people:accounts",
        Text("账号", "Accounts"),
        "key",
        "account.edit",
        about=Text("谁能登录、在哪个岗位", "Who signs in, and at which post"),
    ),
    Room(
        "people:accounts",
        Text("授权", "Grants"),
        "key",
        "role.grant",
        "account.edit",
        about=Text("岗位有哪些角色、谁代谁办", "Which roles a post has, and who stands in for whom"),
    ),
    Room(
        "operations:start",
        Text("运行", "System"),
        "db",
        "operations.read",
        about=Text("健康、作业、磁盘、备份、版本", "Health, jobs, disk, backups, versions"),
    ),
    Room(
        "inbox:start",
        Text("通知", "Notices"),
        "bell",
        "notice.read",
        about=Text("给您和本单位的消息", "What you and your organization were told"),
    ),
)


def rooms_of(account: Account) -> list[Room]:
    return [
        room
        for room in ROOMS
        if permissions.allowed(account, room.action)
        and not (room.unless and permissions.allowed(account, room.unless))
    ]


def room_at(path: str, rooms: Sequence[Room]) -> str:
    """The room a page belongs to: the one whose address is the longest beginning of the page's."""
    fitting = [room for room in rooms if path.startswith(room.address)]
    return max(fitting, key=lambda room: len(room.address)).start if fitting else ""


def frame(request: HttpRequest) -> dict[str, Any]:
    user = getattr(request, "user", None)
    account = user if isinstance(user, Account) else None
    rooms = rooms_of(account) if account else []
    here = room_at(request.path, rooms)
    unread = inbox.unread(account) if account else 0
    theme = request.COOKIES.get(THEME_COOKIE)
    return {
        "account": account,
        "post": post_of(account) if account else "",
        "rooms": rooms,
        "may_find": account is not None and finding.may_find(account),
        "places": rail.places(rooms, here, unread),
        "unread": unread,
        "room": here,
        "lang": "en" if language() == "en" else "zh-CN",
        "languages": settings.LANGUAGES,
        "theme": theme if theme in THEMES else THEMES[0],
        "now": timezone.now(),
        "here": request.get_full_path() if request.method == "GET" else "/",
    }


def post_of(account: Account) -> str:
    """What a person is here: the post on file; one named like a role is said in the reader's language."""
    named = [permissions.ROLES[role][0] for role in account.roles if role in permissions.ROLES]
    if account.post and account.post not in {title.zh for title in named}:
        return account.post
    return " · ".join(str(title) for title in named)
