"""Rows of a queryset, a page at a time, at the same cost on the first page and on the last.

A page begins where the last one ended: its first row is found by walking the index of the ordering column
from the row that the address names, never by counting rows away. Rows without a value come last, whichever
way the order runs, as a stretch of their own; so every walk is one range of one index on SQLite and on
PostgreSQL alike. How many rows there are is counted up to a cap. Columns that filter or order a long table
need an index in its model.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import FieldDoesNotExist, FieldError, ValidationError
from django.db import connections
from django.db.models import Q, QuerySet

from jingwei.parts.tables.address import Chosen, Condition
from jingwei.parts.tables.columns import CHOICE, DAY, MOMENT, NUMBER

CHUNK = 2000
BEYOND = "\U0010ffff"
COMPARE = {"from": "gte", "to": "lte"}


@dataclass(frozen=True)
class Slice:
    """The rows of one page, and whether there are rows on either side."""

    rows: list[Any]
    earlier: bool
    later: bool


@dataclass(frozen=True)
class Stretch:
    """A part of the rows in one order: those with a value by value, those without by key."""

    rows: QuerySet[Any]
    path: str
    falling: bool

    def walk(self, start: Any | None, value: Any, *, back: bool, limit: int) -> list[Any]:
        """The rows beyond the one whose key is `start`, or from the end of the stretch."""
        falling = self.falling is not back
        sign, beyond, level = ("-", "lt", "lte") if falling else ("", "gt", "gte")
        found = self.rows
        if start is not None:
            key = Q(**{f"pk__{beyond}": start})
            if self.path:
                key = Q(**{f"{self.path}__{level}": value}) & (Q(**{f"{self.path}__{beyond}": value}) | key)
            found = found.filter(key)
        names = [f"{sign}{self.path}"] if self.path else []
        return list(found.order_by(*names, f"{sign}pk")[:limit])


@dataclass(frozen=True)
class Stored:
    rows: QuerySet[Any]

    def slice(self, chosen: Chosen, size: int) -> Slice:
        found = self._filtered(chosen)
        stretches = self._stretches(found, chosen)
        if chosen.before and (place := self._place(stretches, chosen.before)):
            rows = self._beyond(stretches, place, size + 1, back=True)
            if len(rows) > size:
                return Slice(rows[:size][::-1], True, True)
            # fewer than a page before it: that is the first page
        elif chosen.after and (place := self._place(stretches, chosen.after)):
            rows = self._beyond(stretches, place, size + 1, back=False)
            return Slice(rows[:size], True, len(rows) > size)
        rows = self._beyond(stretches, None, size + 1, back=False)
        return Slice(rows[:size], False, len(rows) > size)

    def count(self, chosen: Chosen, cap: int) -> int:
        """Up to `cap` + 1, which says that there are more."""
        return int(self._filtered(chosen).order_by()[: cap + 1].count())

    def every(self, chosen: Chosen) -> Iterator[Any]:
        for stretch in self._stretches(self._filtered(chosen), chosen):
            sign = "-" if stretch.falling else ""
            names = [f"{sign}{stretch.path}"] if stretch.path else []
            yield from stretch.rows.order_by(*names, f"{sign}pk").iterator(chunk_size=CHUNK)

    def _filtered(self, chosen: Chosen) -> QuerySet[Any]:
        found = self.rows
        for condition in chosen.conditions:
            found = found.filter(self._clause(condition))
        return found

    def _clause(self, condition: Condition) -> Q:
        path, value = condition.column.path, condition.value
        if condition.how in COMPARE:
            return Q(**{f"{path}__{COMPARE[condition.how]}": value})
        if condition.how == "begins":
            if connections[self.rows.db].vendor == "sqlite":
                # its LIKE takes no index; a range says the same and does
                return Q(**{f"{path}__gte": value, f"{path}__lt": value + BEYOND})
            return Q(**{f"{path}__startswith": value})
        exact = condition.how == "is" or condition.column.kind in (CHOICE, NUMBER, DAY, MOMENT)
        return Q(**{path if exact else f"{path}__icontains": value})

    def _stretches(self, found: QuerySet[Any], chosen: Chosen) -> list[Stretch]:
        if chosen.order is None:
            return [Stretch(found, "", False)]
        path = chosen.order.path
        if not self._may_lack(path):
            return [Stretch(found, path, chosen.falling)]
        lacking = {f"{path}__isnull": True}
        return [
            Stretch(found.exclude(**lacking), path, chosen.falling),
            Stretch(found.filter(**lacking), "", False),
        ]

    def _may_lack(self, path: str) -> bool:
        try:
            return bool(self.rows.model._meta.get_field(path).null)
        except FieldDoesNotExist:
            return True

    def _place(self, stretches: list[Stretch], key: str) -> tuple[int, Any, Any] | None:
        """Which stretch the row of this key is in, its key and its value; nothing where it is gone."""
        path = stretches[0].path
        wanted = ["pk", *([path] if path else [])]
        try:
            row = self.rows.filter(pk=key).values_list(*wanted).first()
        except (ValueError, ValidationError, FieldError, OverflowError):
            return None
        if row is None:
            return None
        value = row[1] if path else None
        return (1 if path and value is None and len(stretches) > 1 else 0), row[0], value

    @staticmethod
    def _beyond(
        stretches: list[Stretch], place: tuple[int, Any, Any] | None, limit: int, *, back: bool
    ) -> list[Any]:
        at, key, value = place or (0, None, None)
        found: list[Any] = []
        order = range(at, -1, -1) if back else range(at, len(stretches))
        for number in order:
            start = key if number == at else None
            found += stretches[number].walk(start, value, back=back, limit=limit - len(found))
            if len(found) >= limit:
                break
        return found
