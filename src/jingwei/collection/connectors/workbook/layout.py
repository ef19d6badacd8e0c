"""Where on a sheet the table is: its header, which may stand under titles and span several rows.

Headers merged over rows (`家庭情况` above `户主姓名` and `人数`) are matched by their lowest level
first and by the joined text otherwise. Columns get the joined name only where the lowest level
alone would name two of them alike.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from jingwei.collection.connectors import headers

DEEPEST = 3
"""Rows a header may be spread over."""

Range = tuple[tuple[int, int], tuple[int, int]]


@dataclass(frozen=True)
class Layout:
    """`first` and `last` are the header's rows (from 0), `names` its columns from sheet column 0."""

    first: int
    last: int
    names: tuple[str, ...]
    found: int
    """Expected columns that were matched."""


def find_layout(
    rows: Sequence[Sequence[str]], merged: Sequence[Range], expected: headers.Expected
) -> Layout | None:
    """The header among the first rows of a sheet, or None. `rows` begin at sheet row 0."""
    searched = rows[: headers.SEARCHED]
    best: Layout | None = None
    filled = _fill(searched, merged)
    if not expected:
        header = headers.find_header(searched, ())
        return None if header is None else Layout(header.at, header.at, headers.ended(header.names), 0)
    for depth in range(1, DEEPEST + 1):
        for first in range(len(searched) - depth + 1):
            if depth > 1 and not _is_spread(first, depth, merged):
                continue
            names = _names([filled[row] for row in range(first, first + depth)], expected)
            found = headers.matched(names, expected)
            layout = Layout(first, first + depth - 1, headers.ended(names), found)
            if headers.enough(found, expected) and (best is None or _is_better(layout, best, merged)):
                best = layout
    return best


def _is_better(layout: Layout, best: Layout, merged: Sequence[Range]) -> bool:
    """More columns matched; or as many, by the same header with more of its rows: a cell merged
    over them shows that they belong to it."""
    if layout.found != best.found or layout.first != best.first:
        return layout.found > best.found
    return any(top == layout.first and bottom == layout.last for (top, _), (bottom, _) in merged)


def _is_spread(first: int, depth: int, merged: Sequence[Range]) -> bool:
    """Whether a merged cell ties these rows together: one that spans rows of the header (序号), or
    one that spans columns in a row above its last (家庭情况)."""
    last = first + depth - 1
    return any(
        (top == first and bottom <= last and bottom > top) or (first <= top < last and left < right)
        for (top, left), (bottom, right) in merged
    )


def _fill(rows: Sequence[Sequence[str]], merged: Sequence[Range]) -> list[list[str]]:
    """The rows with each merged cell's text in all the cells it covers."""
    filled = [list(row) for row in rows]
    for (top, left), (bottom, right) in merged:
        if top >= len(filled) or left >= len(filled[top]):
            continue
        text = filled[top][left]
        for row in range(top, min(bottom + 1, len(filled))):
            for column in range(left, min(right + 1, len(filled[row]))):
                filled[row][column] = text
    return filled


def _names(levels: Sequence[Sequence[str]], expected: headers.Expected) -> list[str]:
    wanted = {headers.plain(alias) for aliases in expected for alias in aliases}
    stacks = []
    for cells in zip(*levels, strict=True):
        texts = [headers.tidy(cell) for cell in cells if cell.strip()]
        # a cell merged downwards says the same on every level
        stacks.append([text for at, text in enumerate(texts) if at == 0 or text != texts[at - 1]])
    lowest = Counter(stack[-1] for stack in stacks if stack)
    names = []
    for stack in stacks:
        name = stack[-1] if stack else ""
        if len(stack) > 1:
            joined = "-".join(stack)
            if lowest[name] > 1 or (headers.plain(name) not in wanted and headers.plain(joined) in wanted):
                name = joined
        names.append(name)
    return names
