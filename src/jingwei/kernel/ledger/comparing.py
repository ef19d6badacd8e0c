"""Naming what differs between the entries that were sealed and those that are there now.

The tree says whether anything differs; what it was is found by the numbers that entries carry: a line gone, a
line more, a line that reads otherwise, lines in another order."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from jingwei.kernel.ledger.findings import Finding
from jingwei.kernel.text import Text


def differences(
    sealed: Sequence[bytes], seen: Sequence[bytes], *, side: Text, segment: int, first: int
) -> Iterator[Finding]:
    """Both are canonical lines in their order; `first` is the position of the first sealed one."""
    truth = [number(line) for line in sealed]
    there: dict[Any, list[int]] = {}
    for place, line in enumerate(seen):
        there.setdefault(number(line), []).append(place)
    known, taken = set(truth), set()
    kept: list[tuple[int, int]] = []

    def found(kind: str, index: int, entry: Any, detail: str = "") -> Finding:
        row = entry if isinstance(entry, int) else None
        return Finding(kind, side, segment, first + index, row, detail)

    for index, entry in enumerate(truth):
        places = there.get(entry)
        if places:
            taken.add(places[0])
            kept.append((index, places[0]))
            if seen[places[0]] != sealed[index]:
                yield found("changed", index, entry, columns(sealed[index], seen[places[0]]))
        elif index < len(seen) and index not in taken and number(seen[index]) not in known:
            # no line carries its number, and one that nobody knows stands in its place
            taken.add(index)
            yield found("changed", index, entry, columns(sealed[index], seen[index]))
        else:
            yield found("removed", index, entry)
    for place, line in enumerate(seen):
        if place not in taken:
            yield found("inserted", place, number(line))
    order = sorted(place for _, place in kept)
    for (index, place), expected in zip(kept, order, strict=True):
        if place != expected:
            yield found("reordered", index, truth[index])


def number(line: bytes) -> Any:
    """The row's number, or the line itself where it is no entry."""
    try:
        value = json.loads(line)
        entry = value.get("id") if isinstance(value, dict) else None
    except ValueError:
        return line
    return entry if type(entry) is int else line


def columns(one: bytes, other: bytes) -> str:
    """The names of the columns that differ."""
    try:
        left, right = json.loads(one), json.loads(other)
        names = sorted(name for name in {*left, *right} if left.get(name) != right.get(name))
    except (ValueError, TypeError, AttributeError):
        return "?"
    return ", ".join(names) or "?"
