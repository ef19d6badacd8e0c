"""What is worked out from declarations is worked out once, until a pack changes.

`installed()` gives the same object as long as no file of a pack changed; what was made from it is kept beside
it. Two threads that ask at once may both work it out; both come to the same.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TypeVar

from jingwei.packs.service import Catalogue, installed

T = TypeVar("T")


def while_unchanged(work: Callable[[Catalogue], T]) -> Callable[[], T]:
    """The result of `work` on the installed declarations."""
    found: list[tuple[Catalogue, T]] = []

    @wraps(work)
    def kept() -> T:
        now = installed()
        if found and found[0][0] is now:
            return found[0][1]
        result = work(now)
        found[:] = [(now, result)]
        return result

    return kept
