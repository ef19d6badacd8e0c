"""Kinds of to-dos: what each is called, its sign, and who hears of one that nobody did in time.

A room registers its kinds when the apps are ready, and puts to-dos of them into the inbox from then on.
"""

from __future__ import annotations

from dataclasses import dataclass

from jingwei.kernel.text import Text


@dataclass(frozen=True)
class Kind:
    """`above` is the role a late to-do is escalated to where its organization has none above it."""

    name: str
    title: Text
    icon: str = "inbox"
    above: str = "steward"


_kinds: dict[str, Kind] = {}


def register(kind: Kind) -> Kind:
    """Raises ValueError for a name that another kind has."""
    if _kinds.setdefault(kind.name, kind) != kind:
        raise ValueError(f"a kind of to-do called {kind.name} is registered already")
    return kind


def kind_called(name: str) -> Kind:
    """The kind, or a plain one under that name where its room is not installed any more."""
    return _kinds.get(name) or Kind(name, Text("待办", "to-do"))


def is_registered(name: str) -> bool:
    return name in _kinds
