"""Rows that are at hand as a list: the same conditions, order and paging as those of a queryset.

For what a room has computed and holds in memory: some thousands of rows. `key` names a row in the address.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone

from jingwei.parts.tables.address import Chosen, Condition
from jingwei.parts.tables.columns import TEXT
from jingwei.parts.tables.stored import Slice


@dataclass(frozen=True)
class Listed:
    rows: Sequence[Any]
    key: Callable[[Any], str]

    def slice(self, chosen: Chosen, size: int) -> Slice:
        found = list(self.every(chosen))
        keys = [self.key(row) for row in found]
        start = 0
        if chosen.after in keys:
            start = keys.index(chosen.after) + 1
        elif chosen.before in keys:
            start = max(0, keys.index(chosen.before) - size)
        return Slice(found[start : start + size], start > 0, start + size < len(found))

    def count(self, chosen: Chosen, cap: int) -> int:
        return min(sum(1 for row in self.rows if _fits(row, chosen)), cap + 1)

    def every(self, chosen: Chosen) -> Iterator[Any]:
        found = [row for row in self.rows if _fits(row, chosen)]
        if chosen.order is not None:
            by = chosen.order
            having = [row for row in found if by.value(row) is not None]
            lacking = [row for row in found if by.value(row) is None]
            found = sorted(having, key=by.value, reverse=chosen.falling) + lacking
        yield from found


def _fits(row: Any, chosen: Chosen) -> bool:
    return all(_holds(row, condition) for condition in chosen.conditions)


def _holds(row: Any, condition: Condition) -> bool:
    value = condition.column.value(row)
    if value is None:
        return False
    if condition.column.kind == TEXT:
        text, wanted = str(value), condition.value
        if condition.how == "begins":
            return text.startswith(wanted)
        return text == wanted if condition.how == "is" else wanted.casefold() in text.casefold()
    if isinstance(value, datetime) and timezone.is_naive(value):
        value = timezone.make_aware(value)
    if condition.how == "from":
        return bool(value >= condition.value)
    if condition.how == "to":
        return bool(value <= condition.value)
    return str(value) == str(condition.value)
