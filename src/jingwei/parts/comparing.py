"""Two records side by side, field by field, with what differs marked within the value."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from jingwei.kernel.text import Text

Piece = tuple[str, bool]
"""A run of signs, and whether the other side lacks it."""
LONGEST = 500
"""Longer texts are marked whole: nobody reads a thousand small marks, and comparing them takes long."""


@dataclass(frozen=True)
class Row:
    title: Text
    left: list[Piece]
    right: list[Piece]

    @property
    def same(self) -> bool:
        return not any(marked for _, marked in (*self.left, *self.right))


def rows(fields: Sequence[tuple[Text, str, str]]) -> list[Row]:
    """(title, left, right) → rows in the same order."""
    return [Row(title, *_pieces(left, right)) for title, left, right in fields]


def _pieces(left: str, right: str) -> tuple[list[Piece], list[Piece]]:
    if left == right:
        return [(left, False)], [(right, False)]
    if not left or not right or max(len(left), len(right)) > LONGEST:
        return [(left, bool(left))], [(right, bool(right))]
    ours: list[Piece] = []
    theirs: list[Piece] = []
    for how, a, b, c, d in SequenceMatcher(None, left, right, autojunk=False).get_opcodes():
        if left[a:b]:
            ours.append((left[a:b], how != "equal"))
        if right[c:d]:
            theirs.append((right[c:d], how != "equal"))
    return ours, theirs
