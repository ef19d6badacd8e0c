"""A page of a list: which rows of how many. The number stands in the address, so it may be anything."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

R = TypeVar("R")


@dataclass(frozen=True)
class Page(Generic[R]):
    """`first` and `last` are row numbers from 1; both are 0 when there is nothing."""

    rows: Sequence[R]
    number: int
    count: int
    first: int
    last: int
    total: int


def page_of(total: int, asked: str, size: int, fetch: Callable[[int, int], Sequence[R]]) -> Page[R]:
    """`fetch(offset, limit)` brings the rows; a number out of range becomes the nearest page."""
    count = max(1, -(-total // size))
    number = min(max(int(asked), 1), count) if asked.isascii() and asked.isdecimal() else 1
    offset = (number - 1) * size
    rows = fetch(offset, size) if total else []
    return Page(rows, number, count, offset + 1 if rows else 0, offset + len(rows), total)
