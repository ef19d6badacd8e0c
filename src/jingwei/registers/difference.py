"""Two values beside each other, and which of their characters are not the same.

A mask hides characters; where the difference lies among those, the shown texts look alike, and that is said.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

from jingwei.kernel.text import Text
from jingwei.registers.answers import SourceRecord
from jingwei.registers.declaration import Register, RegisterField
from jingwei.registers.presenting import masked, shown_value, texts, title_of

Pieces = list[tuple[str, bool]]
"""A text in parts; True marks a part that the other side does not have."""

SAME, DIFFERS, ONE = "same", "differs", "one"


@dataclass(frozen=True)
class Line:
    """One field of two records. `state` is same, differs, or one (only one side says anything)."""

    name: str
    title: Text
    left: Pieces
    right: Pieces
    state: str
    masked: bool
    hidden: bool
    """The difference is among the characters that the mask hides."""
    compared: bool
    """Matching weighs this field."""


def lines(register: Register, left: SourceRecord, right: SourceRecord) -> list[Line]:
    """The fields that either record has: those that matching weighs first, in its order."""
    weighed = [c.field for c in register.matching.comparisons] if register.matching else []
    strong = [identifier.field for identifier in register.identifiers]
    first = list(dict.fromkeys([*strong, *weighed]))
    fields = {field.name: field for field in register.fields}
    order = [*(name for name in first if name in fields), *(name for name in fields if name not in first)]
    found = (
        _line(fields[name], left.values.get(name), right.values.get(name), name in first) for name in order
    )
    return [line for line in found if line is not None]


def _line(field: RegisterField, left: Any, right: Any, compared: bool) -> Line | None:
    one, other = texts(left), texts(right)
    if not one and not other:
        return None
    state = ONE if not one or not other else SAME if sorted(one) == sorted(other) else DIFFERS
    shown, others = shown_value(field, left), shown_value(field, right)
    pieces = marked(shown, others) if state == DIFFERS else ([(shown, False)], [(others, False)])
    return Line(
        field.name,
        title_of(field),
        *pieces,
        state,
        masked(field),
        state == DIFFERS and shown == others,
        compared,
    )


def marked(left: str, right: str) -> tuple[Pieces, Pieces]:
    """Both texts cut where they part."""
    matcher = SequenceMatcher(None, left, right, autojunk=False)
    one: Pieces = []
    other: Pieces = []
    for what, a, b, c, d in matcher.get_opcodes():
        one += [(left[a:b], what != "equal")] if b > a else []
        other += [(right[c:d], what != "equal")] if d > c else []
    return one, other


def counted(found: Sequence[Line], state: str) -> int:
    return sum(1 for line in found if line.state == state)
