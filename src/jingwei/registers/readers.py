"""Who reads a register's fields, so that a change can be told to those it concerns.

Rooms above register what they have: the window its items, whatever comes later the same way. Registers know
them by title only.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from jingwei.kernel.text import Text


@dataclass(frozen=True)
class Reader:
    """Something that shows or uses the field of a register."""

    register: str
    field: str
    title: Text


_sources: dict[str, Callable[[], Iterable[Reader]]] = {}


def register_readers(name: str, source: Callable[[], Iterable[Reader]]) -> None:
    """`name` is the room's; a second source of that name is refused."""
    if _sources.get(name, source) is not source:
        raise ValueError(f"the readers of {name!r} are registered already")
    _sources[name] = source


def readers_of(register: str) -> dict[str, list[Text]]:
    """Field → titles of what reads it, each once."""
    found: dict[str, list[Text]] = {}
    for source in _sources.values():
        for reader in source():
            if reader.register == register and reader.title not in found.setdefault(reader.field, []):
                found[reader.field].append(reader.title)
    return found
