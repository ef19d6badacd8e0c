"""Names of columns out of a header of several levels.

Each column is a stack of texts, from the group above to its own name below; a merged cell stands in all the
cells it covers.
"""

from __future__ import annotations

from collections.abc import Sequence

from jingwei.collection.connectors import headers

Range = tuple[tuple[int, int], tuple[int, int]]
Rows = Sequence[Sequence[str]]


def told_apart(levels: Rows) -> list[str]:
    """Names from the first level, with as few of the others as tell the columns apart."""
    names = [[headers.tidy(cell)] for cell in levels[0]]
    for level in levels[1:]:
        now = len({tuple(name) for name in names[1:]})
        if now == len(names) - 1:
            break
        more = [[*name, headers.tidy(cell)] for name, cell in zip(names, level, strict=True)]
        if len({tuple(name) for name in more[1:]}) > now:
            names = more
    return ["", *("-".join(filter(None, name)) for name in names[1:])]


def spread_right(levels: Sequence[list[str]]) -> list[list[str]]:
    """Upper levels without merged cells: a group's name holds up to the next one, over named columns."""
    spread = [list(level) for level in levels]
    for at, level in enumerate(spread[:-1]):
        for column in range(1, len(level)):
            below = any(levels[lower][column].strip() for lower in range(at + 1, len(levels)))
            beside = any(levels[lower][column - 1].strip() for lower in range(at + 1, len(levels)))
            if not level[column].strip() and below and beside:
                level[column] = level[column - 1]
    return spread


def stack(cells: Sequence[str]) -> list[str]:
    texts = [headers.tidy(cell) for cell in cells if cell.strip()]
    # a cell merged downwards says the same on every level
    return [text for at, text in enumerate(texts) if at == 0 or text != texts[at - 1]]


def joined(stack: Sequence[str]) -> str:
    name = ""
    for text in stack:
        # a bracket on a level of its own goes on with the name above it
        name += text if not name or text.startswith(("(", "（", "[")) else f"-{text}"
    return name


def squared(levels: Rows) -> list[list[str]]:
    width = max((len(level) for level in levels), default=0)
    return [[*level, *[""] * (width - len(level))] for level in levels]


def fill(rows: Rows, merged: Sequence[Range]) -> list[list[str]]:
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
