"""Sections of a pack: which folders it may have, and who reads them.

A room registers the sections it understands (`elements`, `contracts`, `items`, ...) when Django
starts; the loader knows none of them by name.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from jingwei.packs.declarations import Fault


@dataclass(frozen=True)
class Declared:
    """A declaration and where it stands."""

    value: Any
    path: Path
    pack: str
    line: Callable[[tuple[Any, ...]], int | None]

    def fault(self, at: tuple[Any, ...], text: Any, code: str = "meaning") -> Fault:
        return Fault(self.path, self.line(at), text, code)


Everything = Mapping[str, Mapping[str, Declared]]
"""Section name → identifier → declaration."""

Check = Callable[[Mapping[str, Declared], Everything], Iterator[Fault]]


@dataclass(frozen=True)
class Section:
    """`identifier` names the key that tells declarations of the section apart; `check` finds
    faults of meaning once every pack's shapes are known; `read` replaces the model where a
    declaration follows a foreign standard."""

    name: str
    model: type[BaseModel]
    identifier: str
    check: Check | None = None
    read: Callable[[Any, tuple[Any, ...]], tuple[Any, list[Fault]]] | None = None


_sections: dict[str, Section] = {}


def register_section(section: Section) -> None:
    if _sections.get(section.name, section) != section:
        raise ValueError(f"the section {section.name!r} belongs to another room already")
    _sections[section.name] = section


def sections() -> Mapping[str, Section]:
    return _sections
