"""What has shifted between two profiles of a resource, in plain words.

Distributions are compared by the population stability index, PSI = Σ (p - q) ln(p / q) over bars, codes or
patterns, less what chance alone gives for so many rows ((bars - 1)(1/n + 1/m)): from 0.1 a shift is told,
from 0.25 it is strong, as is the custom where scores are watched.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from jingwei.kernel.text import Text

NOTABLE, STRONG = 0.1, 0.25
ROWS_NOTABLE, ROWS_STRONG = 0.1, 0.3
"""Change of the number of rows, as a share of it."""
MISSING_NOTABLE, MISSING_STRONG = 0.01, 0.05
"""Difference of the share of missing values; below the strong one it must have doubled or halved too."""
SURE = 20
"""A code is new, or gone, when it has this many rows on the one side and is not listed on the other."""
LEAST = 200
"""Values a distribution needs on both sides to be compared."""
NAMED = 5

Told = dict[str, Any]


def between(
    before: Mapping[str, Any], now: Mapping[str, Any], rows: tuple[int, int], titles: Mapping[str, Text]
) -> list[Told]:
    """Shifts of all fields (kept form), and of the number of rows; strong ones first."""
    found = [*_rows(*rows)]
    for name, title in titles.items():
        if name in before and name in now:
            found += _field(name, title, before[name], now[name])
    return sorted(found, key=lambda shift: (not shift["strong"], shift["field"]))


def psi(before: Sequence[float], now: Sequence[float], n: float, m: float) -> float:
    """Population stability index of two distributions (shares) seen in n and m values, less that of chance."""
    floor = 0.5 / max(n, m)
    total = 0.0
    for p, q in zip(before, now, strict=True):
        p, q = max(p, floor), max(q, floor)
        total += (p - q) * math.log(p / q)
    return max(0.0, total - (len(before) - 1) * (1 / n + 1 / m))


def _shift(field: str, kind: str, strong: bool, text: Text, figure: float) -> Told:
    return {"field": field, "kind": kind, "strong": strong, "text": text._asdict(), "figure": round(figure, 4)}  # fmt: skip


def _rows(before: int, now: int) -> Iterator[Told]:
    change = (now - before) / before if before else 0.0
    if abs(change) >= ROWS_NOTABLE:
        text = Text("行数从 {before} 变为 {now}（{change:+.0%}）", "rows went from {before} to {now} ({change:+.0%})")  # fmt: skip
        told = text.fill(before=f"{before:,}", now=f"{now:,}", change=change)
        yield _shift("", "rows", abs(change) >= ROWS_STRONG, told, change)


def _field(name: str, title: Text, before: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[Told]:
    yield from _missing(name, title, before, now)
    n, m = before["rows"] - before["missing"], now["rows"] - now["missing"]
    if before["categories"] is not None and now["categories"] is not None:
        yield from _codes(name, title, before["categories"], now["categories"], n, m)
        if min(n, m) >= LEAST:
            yield from _distribution(name, title, *_aligned(before["categories"], now["categories"], n, m))
    elif now["bars_as_before"] and min(n, m) >= LEAST:
        old = [bar["share"] for bar in before["bars"]]
        seen = before["sampled"] or n, now["sampled"] or m
        yield from _distribution(name, title, old, now["bars_as_before"], *seen)
    elif before["patterns"] and now["patterns"] and min(n, m) >= LEAST:
        yield from _patterns(name, title, before, now)


def _missing(name: str, title: Text, before: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[Told]:
    p, q = (one["missing"] / one["rows"] if one["rows"] else 0.0 for one in (before, now))
    difference = q - p
    strong = abs(difference) >= MISSING_STRONG
    if strong or (abs(difference) >= MISSING_NOTABLE and max(p, q) >= 2 * min(p, q)):
        text = Text("“{title}”没有值的从 {p:.1%} 变为 {q:.1%}", "“{title}” is empty in {q:.1%} of rows, before in {p:.1%}")  # fmt: skip
        yield _shift(name, "missing", strong, text.fill(title=title, p=p, q=q), difference)


def _codes(
    name: str, title: Text, before: Mapping[str, int], now: Mapping[str, int], n: int, m: int
) -> Iterator[Told]:
    new = {code: rows for code, rows in now.items() if rows >= SURE and code not in before}
    gone = {code: rows for code, rows in before.items() if rows >= SURE and code not in now}
    for kind, codes, of, text in (
        ("appeared", new, m, Text("“{title}”出现了以前没有的值：{codes}", "“{title}” has values it did not have: {codes}")),
        ("vanished", gone, n, Text("“{title}”以前有的值没有了：{codes}", "“{title}” no longer has: {codes}")),
    ):  # fmt: skip
        if codes and of:
            share = sum(codes.values()) / of
            named = sorted(codes, key=lambda code: -codes[code])
            shown = "、".join(named[:NAMED]) + ("…" if len(named) > NAMED else "")
            yield _shift(name, kind, share >= 0.01, text.fill(title=title, codes=shown), share)


def _aligned(
    before: Mapping[str, int], now: Mapping[str, int], n: int, m: int
) -> tuple[list[float], list[float], int, int]:
    """Two lists of shares over the same values, what is listed on neither side last."""
    values = sorted({*before, *now})
    old = [before.get(value, 0) / n for value in values]
    new = [now.get(value, 0) / m for value in values]
    return [*old, max(0.0, 1 - sum(old))], [*new, max(0.0, 1 - sum(new))], n, m


def _distribution(
    name: str, title: Text, before: Sequence[float], now: Sequence[float], n: float, m: float
) -> Iterator[Told]:
    figure = psi(before, now, n, m)
    if figure >= NOTABLE:
        text = Text("“{title}”的分布变了（PSI {figure:.2f}）", "the distribution of “{title}” has shifted (PSI {figure:.2f})")  # fmt: skip
        yield _shift(name, "distribution", figure >= STRONG, text.fill(title=title, figure=figure), figure)


def _patterns(name: str, title: Text, before: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[Told]:
    shares = [{one["value"]: one["share"] for one in side["patterns"]} for side in (before, now)]
    values = sorted({*shares[0], *shares[1]})
    lists = [[share.get(value, 0.0) for value in values] for share in shares]
    full = [[*one, max(0.0, 1 - sum(one))] for one in lists]
    seen = [one["shapes_of"] for one in (before, now)]
    figure = psi(full[0], full[1], seen[0], seen[1])
    if figure >= NOTABLE:
        text = Text("“{title}”的写法变了（PSI {figure:.2f}）", "“{title}” is written in other ways than before (PSI {figure:.2f})")  # fmt: skip
        yield _shift(name, "pattern", figure >= STRONG, text.fill(title=title, figure=figure), figure)
