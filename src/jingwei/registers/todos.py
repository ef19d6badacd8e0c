"""What the registers ask stewards to do: decide on pairs in doubt, one to-do for all of a register.

Counted after a linking, and after each verdict that is given or taken back.
"""

from __future__ import annotations

from django.urls import reverse

from jingwei.inbox import kinds
from jingwei.inbox import service as inbox
from jingwei.kernel.text import Text
from jingwei.registers import review
from jingwei.registers.sources import declared

REVIEW = kinds.Kind("review", Text("疑似同一", "records in doubt"), "merge", above="administrator")
TO_REVIEW = Text(
    "{title}有 {n} 对记录疑似同一，要人判定", "{title}: decide on {n} pairs of records that may be one"
)


def register() -> None:
    kinds.register(REVIEW)


def ask_for_review(name: str) -> None:
    """One to-do for all pairs of a register that a person should decide on; gone with the last of them."""
    key = f"review:{name}"
    waiting = review.queue(name).waiting
    if waiting <= 0:
        inbox.done(key)
        return
    inbox.ask(
        kind=REVIEW.name,
        key=key,
        title=TO_REVIEW.fill(title=declared(name).register.title.text(), n=f"{waiting:,}"),
        about=name,
        link=reverse("registers:review", args=[name]),
        role="steward",
    )
