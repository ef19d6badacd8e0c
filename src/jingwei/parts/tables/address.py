"""What a reader chose, as it stands in the address, and back.

    ?name=张&name.how=begins&amount.from=100&state=open&order=-amount&columns=name,amount&after=318&row=51

Everything in it was typed by somebody: a name that is not a column, a column that takes no condition, an order
that is not offered are left out; a condition that cannot be read is told beside its field. `after` and
`before` name a row by its key alone, so that no value of a row gets into an address.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from django.http import QueryDict

from jingwei.kernel.text import Text
from jingwei.parts.tables.columns import CHOICE, HOWS, LONGEST, TEXT, Column, NotReadable

LONGEST_KEY = 80


@dataclass(frozen=True)
class Condition:
    """`how` is contains, begins, is, from or to."""

    column: Column
    how: str
    value: Any
    typed: str


@dataclass(frozen=True)
class Chosen:
    """Conditions, order, columns and place. `typed` keeps what stands in each field, readable or not."""

    conditions: tuple[Condition, ...] = ()
    order: Column | None = None
    falling: bool = False
    columns: tuple[Column, ...] = ()
    chose_columns: bool = False
    after: str = ""
    before: str = ""
    row: int = 1
    typed: Mapping[str, str] = field(default_factory=dict)
    faults: Mapping[str, Text] = field(default_factory=dict)
    default_order: str = ""

    def pairs(self) -> list[tuple[str, str]]:
        """The address without the place: what a saved view keeps."""
        found = list(self.typed.items())
        signed = self.signed_order
        if signed and signed != self.default_order:
            found.append(("order", signed))
        if self.chose_columns:
            found.append(("columns", ",".join(one.name for one in self.columns)))
        return found

    @property
    def signed_order(self) -> str:
        return f"{'-' if self.falling else ''}{self.order.name}" if self.order else ""

    def query(self, **place: str | int) -> str:
        given = QueryDict(mutable=True)
        for name, value in [*self.pairs(), *((k, str(v)) for k, v in place.items() if v)]:
            given.appendlist(name, value)
        return given.urlencode()

    def without(self, column: Column) -> Chosen:
        kept = {name: text for name, text in self.typed.items() if name.partition(".")[0] != column.name}
        return replace(self, typed=kept)

    def ordered(self, column: Column) -> Chosen:
        """By this column; the other way round where it is ordered by it already."""
        same = self.order is column
        return replace(self, order=column, falling=same and not self.falling)


def read(query: QueryDict, columns: Sequence[Column], order: str) -> Chosen:
    typed: dict[str, str] = {}
    faults: dict[str, Text] = {}
    conditions: list[Condition] = []
    for column in columns:
        if column.filter:
            for name, how, text in _asked(query, column):
                typed[name] = text
                if name.endswith(".how"):
                    continue
                try:
                    value = column.read(text, end=how == "to")
                except NotReadable as fault:
                    faults[name] = fault.words
                    continue
                conditions.append(Condition(column, how, value, text))
    by, falling = _order(query.get("order", ""), columns) or _order(order, columns) or (None, False)
    # one address has them in a row; a form's boxes come one by one
    wanted = {name for part in query.getlist("columns") for name in part.split(",")}
    chosen = tuple(column for column in columns if column.name in wanted)
    row = query.get("row", "")
    return Chosen(
        tuple(conditions),
        by,
        falling,
        chosen or tuple(column for column in columns if column.shown),
        bool(chosen),
        _key(query, "after"),
        "" if query.get("after") else _key(query, "before"),
        int(row) if row.isascii() and row.isdecimal() and len(row) < 12 else 1,
        typed,
        faults,
        order,
    )


def _key(query: QueryDict, name: str) -> str:
    return query.get(name, "")[:LONGEST_KEY].replace("\x00", "")


def _asked(query: QueryDict, column: Column) -> list[tuple[str, str, str]]:
    """(name in the address, how, what was typed) of one column's conditions."""
    if column.kind in (TEXT, CHOICE):
        text = query.get(column.name, "").strip()[:LONGEST].replace("\x00", "")
        if not text:
            return []
        if column.kind == CHOICE:
            return [(column.name, "is", text)]
        how = query.get(f"{column.name}.how", "")
        first = next(iter(HOWS))
        found = [(column.name, how if how in HOWS else first, text)]
        if how in HOWS and how != first:
            found.append((f"{column.name}.how", how, how))
        return found
    ends = [(f"{column.name}.{end}", end) for end in ("from", "to")]
    return [(name, end, text) for name, end in ends if (text := query.get(name, "").strip()[:LONGEST])]


def _order(signed: str, columns: Sequence[Column]) -> tuple[Column, bool] | None:
    name = signed.removeprefix("-")
    found = next((column for column in columns if column.sort and column.name == name), None)
    return (found, signed.startswith("-")) if found else None
