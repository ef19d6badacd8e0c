"""The roles there are: declared in packs, put here when Django starts, read by everything below the packs.

The pack `standards` brings the built-in roles; another pack may add roles of its own, never change these. A role
names its actions, the levels its posts may stand at, the roles nobody may hold beside it, and those of its actions
that need a second person.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from itertools import combinations
from typing import NamedTuple

from jingwei.kernel.text import Text


class Role(NamedTuple):
    title: Text
    actions: frozenset[str]
    levels: frozenset[str] = frozenset()
    """Levels of organizations its posts may stand in; empty means any."""
    excludes: frozenset[str] = frozenset()
    two_person: frozenset[str] = frozenset()


ROLES: dict[str, Role] = {}
"""The built-in roles."""

_more: list[Callable[[], Mapping[str, Role]]] = []


def register_built_in(found: Mapping[str, Role]) -> None:
    ROLES.update(found)


def register_more(source: Callable[[], Mapping[str, Role]]) -> None:
    """Where the roles of a node's own packs come from; asked only for names that are not built in."""
    _more[:] = [source]


def roles() -> dict[str, Role]:
    """Every role of this node by name."""
    found: dict[str, Role] = {}
    for source in _more:
        found.update(source())
    return {**found, **ROLES}


def role_named(name: str) -> Role | None:
    """The role, or None where no pack declares it (any more)."""
    if name in ROLES:
        return ROLES[name]
    return roles().get(name)


def conflicts(names: Iterable[str]) -> list[tuple[str, str]]:
    """Pairs that one person may not hold together. 三员分立: GB/T 22239-2019 and GB/T 39786-2021 ask that the
    administrators of the system, of security and of the audit be different people."""
    held = sorted(set(names))
    return [(a, b) for a, b in combinations(held, 2) if _excludes(a, b) or _excludes(b, a)]


def guarded(name: str) -> bool:
    """Whether a role excludes others: such a role is never granted by one person alone."""
    role = role_named(name)
    return role is not None and bool(role.excludes)


def two_person(action: str) -> bool:
    """Whether any role of the node asks for a second person for this action."""
    return any(action in role.two_person for role in roles().values())


def _excludes(one: str, other: str) -> bool:
    role = role_named(one)
    return role is not None and other in role.excludes
