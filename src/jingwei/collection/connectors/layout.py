"""Where in a grid of cells the table is: its header, which may stand under titles and span several rows.

Two ways lead to it. What a contract expects is looked for by name. What nobody has described is found by
contrast: the first row that names nearly all the columns in use and holds words where the rows below hold
figures. Both are tried when there is a contract, so that a table is read at `collect` as it was understood
when the contract was inferred.

Headers merged over rows (`家庭情况` above `户主姓名` and `人数`) get the joined name `家庭情况-人数` when nothing is
expected. A contract's columns are matched by their lowest level first and by the joined text otherwise.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from jingwei.collection.connectors import headers, naming
from jingwei.collection.connectors.naming import Range, Rows
from jingwei.collection.connectors.signs import (
    BLANK,
    DATE,
    NUMBER,
    TEXT,
    bare_years,
    is_caption,
    is_total,
    looks,
    period,
)

DEEPEST = 3
"""Rows a header found by its names may be spread over."""

DEEPEST_FOUND = 12
"""Rows a header found by contrast may be spread over: statistics offices describe each series in ten."""

BODY = 30
"""Rows under a header that are looked at to tell what its columns hold."""


@dataclass(frozen=True)
class Layout:
    """`first` and `last` are the header's rows (from 0; `last < first` where there is none), `names` its
    columns from column 0, `found` how many expected ones were matched. `described` are rows of the header
    that say something of each column (`Unit`, `单位`), by their label."""

    first: int
    last: int
    names: tuple[str, ...]
    found: int = 0
    described: tuple[tuple[str, tuple[str, ...]], ...] = ()


def find_layout(
    rows: Rows, merged: Sequence[Range], expected: headers.Expected, wide: str | None = None
) -> Layout | None:
    """The header among the first rows of a grid, or None. `rows` begin at row 0; `wide` is the pattern of
    further headers that a contract expects without naming them one by one."""
    searched = rows[: headers.SEARCHED]
    found = _by_contrast(rows[: headers.SEARCHED + BODY], merged)
    if not expected and wide is None:
        return found
    named = _by_name(searched, merged, expected, wide)
    if found is not None:
        found = replace(found, found=headers.score(found.names, expected, wide))
        if (
            named is None
            or found.found > named.found
            or (found.found == named.found and _holds(found, named))
        ):
            named = found
    return named if named is not None and headers.enough(named.found, expected) else None


def at_row(rows: Rows, merged: Sequence[Range], last: int) -> Layout:
    """The header whose last row somebody has named (from 0); -1 for a table without one."""
    if last < 0:
        first = next((at for at, row in enumerate(rows) if any(cell.strip() for cell in row)), 0)
        width = max((len(headers.ended(row)) for row in rows[:BODY]), default=0)
        return Layout(first, first - 1, ("",) * width)
    first = last
    for _ in range(DEEPEST_FOUND):
        if first and _tied(first - 1, last, merged):
            first -= 1
    return _made(rows, merged, first, last)


def _holds(outer: Layout, inner: Layout) -> bool:
    return outer.first <= inner.first and inner.last <= outer.last


# by name


def _by_name(
    searched: Rows, merged: Sequence[Range], expected: headers.Expected, wide: str | None
) -> Layout | None:
    best: Layout | None = None
    filled = naming.fill(searched, merged)
    for depth in range(1, DEEPEST + 1):
        for first in range(len(searched) - depth + 1):
            if depth > 1 and not _is_spread(first, depth, merged):
                continue
            names = _matched_names([filled[row] for row in range(first, first + depth)], expected)
            found = headers.score(names, expected, wide)
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


def _matched_names(levels: Rows, expected: headers.Expected) -> list[str]:
    wanted = {headers.plain(alias) for aliases in expected for alias in aliases}
    stacks = [naming.stack(cells) for cells in zip(*naming.squared(levels), strict=True)]
    lowest = Counter(stack[-1] for stack in stacks if stack)
    names = []
    for stack in stacks:
        name = stack[-1] if stack else ""
        if len(stack) > 1:
            joined = naming.joined(stack)
            if lowest[name] > 1 or (headers.plain(name) not in wanted and headers.plain(joined) in wanted):
                name = joined
        names.append(name)
    return names


# by contrast


def _by_contrast(rows: Rows, merged: Sequence[Range]) -> Layout | None:
    """The first row that heads the rows below it; without any, the table has no header."""
    filled = naming.fill(rows, merged)
    for first in range(min(len(rows), headers.SEARCHED)):
        below = list(_body(rows, first + 1))
        used = _used(below) or _columns_of(rows[first])
        if not _heads(filled[first], used, _typed(below, used)):
            continue
        last = _last(rows, filled, merged, first, used)
        top = _upwards(rows, merged, first, last, used)
        return _made(rows, merged, top, last)
    if any(cell.strip() for row in rows for cell in row):
        return _widest(rows, merged)
    return None


def _body(rows: Rows, start: int) -> Iterator[Sequence[str]]:
    """Rows below a header that show what it heads: no remarks, no totals, not beyond a gap."""
    taken = 0
    gap = 0
    for row in rows[start:]:
        filled = sum(1 for cell in row if cell.strip())
        gap = 0 if filled else gap + 1
        if taken >= BODY or (gap > 2 and taken > 3):
            return
        if filled > 1 and not is_total(row):
            taken += 1
            yield row


def _used(below: Sequence[Sequence[str]]) -> list[int]:
    """Columns that hold something in a fair share of the rows."""
    counts = Counter(at for row in below for at, cell in enumerate(row) if cell.strip())
    return sorted(at for at, count in counts.items() if count * 100 >= len(below) * 34)


def _columns_of(row: Sequence[str]) -> list[int]:
    return [at for at, cell in enumerate(row) if cell.strip()]


def _typed(below: Sequence[Sequence[str]], used: Sequence[int]) -> dict[int, str]:
    """Columns of figures or of dates."""
    kinds: dict[int, Counter[str]] = {at: Counter() for at in used}
    for row in below:
        for at in used:
            if at < len(row):
                kinds[at][looks(row[at])] += 1
    typed = {}
    for at, counts in kinds.items():
        told = counts[NUMBER] + counts[DATE] + counts[TEXT]
        for kind in (NUMBER, DATE):
            if told and counts[kind] * 10 >= told * 6:
                typed[at] = kind
    return typed


def _heads(row: Sequence[str], used: Sequence[int], typed: dict[int, str]) -> bool:
    """Whether this row names the columns in use, and is not one of the rows itself."""
    years = bare_years(row)
    labels = {}
    for at in used:
        cell = row[at].strip() if at < len(row) else ""
        over_figures = looks(cell) == DATE and typed.get(at) == NUMBER and period(cell)
        if at in years or looks(cell) == TEXT or over_figures:
            labels[at] = cell
        elif looks(cell) in (NUMBER, DATE) and at in typed:
            return False
    named = [text for text in labels.values() if not is_caption(text)]
    if len(named) < len(labels) and len(named) * 2 < len(used):
        return False
    if len(used) == 1:
        return len(named) == 1
    if len(set(named)) < max(2, len(used) // 5):
        return False
    if typed:
        return len(named) * 10 >= len(used) * 6 and sum(at in labels for at in typed) * 2 >= len(typed)
    return len(named) * 10 >= len(used) * 8


def _last(rows: Rows, filled: Rows, merged: Sequence[Range], first: int, used: Sequence[int]) -> int:
    """The header's last row: as far as merged cells tie rows to it and words stand over figures."""
    last = first
    while last - first < DEEPEST_FOUND and last + 1 < len(rows):
        reach = [bottom for (top, left), (bottom, right) in merged if first <= top <= last and bottom > last]
        spans = any(
            top == last and bottom == last and left < right for (top, left), (bottom, right) in merged
        )
        if reach and min(reach) < len(rows) - 1:
            last = min(max(reach), first + DEEPEST_FOUND)
        elif spans and any(cell.strip() for cell in rows[last + 1]):
            last += 1
        else:
            break
    while last + 1 < len(rows) and last - first < DEEPEST_FOUND:
        below = list(_body(rows, last + 1))
        if len(below) < 2 or not _goes_on(rows[last + 1], rows[last], below, used):
            break
        last += 1
    return last


def _goes_on(
    row: Sequence[str], above: Sequence[str], below: Sequence[Sequence[str]], used: Sequence[int]
) -> bool:
    """Whether a row still describes columns: words where figures follow, or a word where dates follow."""
    if is_total(row) or not any(cell.strip() for cell in row):
        return False
    typed = _typed(below, used)
    years = bare_years(row)
    cells = {at: row[at].strip() if at < len(row) else "" for at in typed}
    lead = min(used, default=0)
    if typed.get(lead) == DATE and looks(cells[lead]) == TEXT:
        return True
    spans = {at for at, cell in cells.items() if at in years or (typed[at] == NUMBER and period(cell))}
    if len({cells[at] for at in spans}) < 2:
        spans = set()  # a single year is a value like any other
    figures = [at for at, cell in cells.items() if looks(cell) in (NUMBER, DATE) and at not in spans]
    words = [at for at, cell in cells.items() if looks(cell) == TEXT or at in spans]
    return not figures and len(words) * 2 >= len(typed) > 0


def _upwards(rows: Rows, merged: Sequence[Range], first: int, last: int, used: Sequence[int]) -> int:
    """Rows above that group the header's columns, though they name fewer of them."""
    while first > 0 and last - first < DEEPEST_FOUND:
        above = rows[first - 1]
        named = [at for at in _columns_of(above) if at < len(rows[last])]
        if len({above[at].strip() for at in named}) < 2 or any(is_caption(above[at]) for at in named):
            break
        if any(looks(above[at]) != TEXT and not period(above[at]) for at in named) and not bare_years(above):
            break
        lower = [rows[first][at].strip() if at < len(rows[first]) else "" for at in used]
        repeated = len(set(filter(None, lower))) < len(list(filter(None, lower)))
        tied = _tied(first - 1, last, merged)
        left = above[min(used)] if min(used) < len(above) else ""
        grouped = not left.strip() and all(at < len(rows[first]) and rows[first][at].strip() for at in named)
        if not (tied or repeated or grouped or "" in lower):
            break
        first -= 1
    return first


def _tied(row: int, last: int, merged: Sequence[Range]) -> bool:
    return any(
        (top == row and row < bottom <= last) or (top == bottom == row and left < right)
        for (top, left), (bottom, right) in merged
    )


def _widest(rows: Rows, merged: Sequence[Range]) -> Layout:
    """No row stands out: the first as wide as the table names its columns if it holds words only;
    else the table has no header."""
    lengths = [len(headers.ended(row)) for row in rows]
    widths = Counter(length for length in lengths if length)
    # on equal counts the wider layout is the table and the narrower its titles
    width = max(widths, key=lambda wide: (widths[wide], wide))
    first = next(at for at, length in enumerate(lengths) if length >= width)
    words = all(looks(cell) in (TEXT, BLANK) for cell in rows[first])
    below = list(_body(rows, first + 1))
    typed = _typed(below, _used(below))
    over_figures = sum(1 for at in typed if at < len(rows[first]) and looks(rows[first][at]) == TEXT)
    if _are_names(rows[first]) and (words or over_figures > 1):
        return _made(rows, merged, first, first)
    return at_row(rows, merged, -1)


def _are_names(row: Sequence[str]) -> bool:
    named = [cell for cell in row if cell.strip()]
    return len(set(named)) == len(named)


# names


def _made(rows: Rows, merged: Sequence[Range], first: int, last: int) -> Layout:
    levels = naming.squared(naming.fill(rows, merged)[first : last + 1])
    if not any(first <= top <= last and left < right for (top, left), (_, right) in merged):
        levels = naming.spread_right(levels)
    described = _described(rows, levels, first, last)
    if described:
        names = naming.told_apart(levels)
    else:
        whole = {
            at for at, level in enumerate(levels[:-1]) if len(set(filter(None, map(str.strip, level)))) < 2
        }
        stacks = [
            naming.stack([cell for at, cell in enumerate(cells) if at not in whole or at == len(levels) - 1])
            for cells in zip(*levels, strict=True)
        ]
        names = [naming.joined(stack) for stack in stacks]
    return Layout(first, last, headers.ended(names), 0, described)


def _described(rows: Rows, levels: Rows, first: int, last: int) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Rows of a deep header that begin with a word over a column of dates: `Unit`, `Series ID`, ..."""
    if last - first < 2:
        return ()
    lead = [row[0].strip() if row else "" for row in levels]
    below = list(_body(rows, last + 1))
    if lead[0] or not all(lead[1:]) or _typed(below, [0]).get(0) != DATE:
        return ()
    return tuple((label, tuple(level)) for label, level in zip(lead[1:], levels[1:], strict=True))
