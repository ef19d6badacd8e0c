"""What stands above every steward's page of a register: its name, and the way to its other pages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from jingwei.kernel import permissions
from jingwei.kernel.models import Account
from jingwei.kernel.text import Text
from jingwei.registers import review
from jingwei.registers.declaration import Register


@dataclass(frozen=True)
class Tab:
    name: str
    title: Text
    address: str
    count: int | None = None


TABS = (
    ("overview", Text("概览", "Overview"), "register.read"),
    ("review", Text("待判", "To decide"), "register.review"),
    ("sample", Text("抽样评估", "Evaluation"), "register.review"),
    ("trial", Text("试算", "Trial"), "register.try"),
    ("compare", Text("比对名单", "Compare a list"), "register.compare"),
    ("collide", Text("碰撞", "Collide"), "register.collide"),
)


def frame(
    account: Account, register: Register, here: str, queue: review.Queue | None = None
) -> dict[str, Any]:
    """What `registers/frame.html` needs: the register and the tabs that the account may open."""
    known = queue if queue is not None else review.queue(register.name)
    tabs = [
        Tab(
            name,
            title,
            reverse(f"registers:{name}", args=[register.name]),
            known.waiting if name == "review" else None,
        )
        for name, title, action in TABS
        if permissions.allowed(account, action)
    ]
    return {"register": register, "tabs": tabs, "here_tab": here, "waiting": known.waiting}
