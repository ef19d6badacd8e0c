"""One search over everything that somebody may see (Ctrl-K).

Each room registers what it can find: a `Finder` with the action it needs and a function from the typed text to
hits. `find` asks those whose action the account has, puts looks at persons on record before a hit is shown, and
lays the hits out: first what answers exactly, then room by room in the order they registered. A finder that
cannot answer (a register that was never linked) leaves the others to answer.
"""

from __future__ import annotations

import logging
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from jingwei.kernel import ledger, permissions
from jingwei.kernel.errors import JingweiError
from jingwei.kernel.models import Account
from jingwei.kernel.text import Text

log = logging.getLogger("jingwei.finding")

LONGEST = 60
OF_EACH = 6
PURPOSE = "find"


@dataclass(frozen=True)
class Hit:
    """What was found: its name, where it is, what it is. `subject` is the entity whose record this is, so that
    the look is recorded; `exact` says that the text names this and nothing else."""

    title: str
    address: str
    note: str = ""
    mark: str = "right"
    exact: bool = False
    subject: str = ""


@dataclass(frozen=True)
class Finder:
    """`find(account, text, limit)` gives at most `limit` hits, the best first."""

    name: str
    title: Text
    action: str
    find: Callable[[Account, str, int], Sequence[Hit]]


@dataclass(frozen=True)
class Group:
    title: Text
    hits: list[Hit]


_finders: dict[str, Finder] = {}
EXACTLY = Text("就是它", "Exactly")


def register_finder(finder: Finder) -> None:
    """Two finders of one name are refused."""
    if _finders.get(finder.name, finder) != finder:
        raise ValueError(f"something else is found as {finder.name!r} already")
    _finders[finder.name] = finder


def may_find(account: Account) -> bool:
    """Whether any finder would answer this account; a resident's page has no such box."""
    return any(permissions.allowed(account, finder.action) for finder in _finders.values())


def find(account: Account, text: str) -> list[Group]:
    """`text` as typed: blanks around it and full-width signs do not matter."""
    wanted = unicodedata.normalize("NFKC", text).strip()[:LONGEST]
    if not wanted:
        return []
    groups: list[Group] = []
    exact: list[Hit] = []
    for finder in _finders.values():
        if not permissions.allowed(account, finder.action):
            continue
        try:
            hits = list(finder.find(account, wanted, OF_EACH))[:OF_EACH]
        except JingweiError as fault:
            log.info("%s finds nothing: %s", finder.name, fault.code)
            continue
        subjects = [hit.subject for hit in hits if hit.subject]
        if subjects:
            ledger.record(account, f"{finder.name}.search", "candidates", subjects=subjects, purpose=PURPOSE)
        exact += [hit for hit in hits if hit.exact]
        rest = [hit for hit in hits if not hit.exact]
        if rest:
            groups.append(Group(finder.title, rest))
    return [Group(EXACTLY, exact), *groups] if exact else groups


def fitting(text: str, *names: str) -> int | None:
    """How well a text answers to names: 0 it is one, 1 one begins with it, 2 one has it within, None not."""
    wanted = text.casefold()
    known = [name.casefold() for name in names if name]
    if wanted in known:
        return 0
    if any(name.startswith(wanted) for name in known):
        return 1
    return 2 if any(wanted in name for name in known) else None
