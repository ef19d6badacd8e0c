"""A column: what it is called, of what kind, and what a reader may do with it.

The kind decides how a value is shown, how it stands in a file, and which conditions it takes: text contains,
begins with or is; numbers and days lie from one to another; a choice is one of a few.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils import timezone

from jingwei.kernel.text import Text

TEXT, NUMBER, DAY, MOMENT, CHOICE = "text", "number", "day", "moment", "choice"
KINDS = (TEXT, NUMBER, DAY, MOMENT, CHOICE)
HOWS: dict[str, Text] = {
    "contains": Text("含有", "contains"),
    "begins": Text("开头是", "begins with"),
    "is": Text("就是", "is"),
}
"""Conditions on text; the first is meant where none is named."""
LONGEST = 80
TAKEN = frozenset({"order", "columns", "after", "before", "row", "export"})
"""Names that the address of a table uses itself."""

NOT_A_NUMBER = Text("不是数字，没有照它筛", "not a number; the filter was left out")
NOT_A_DAY = Text("不是日期，照 2026-11-20 的写法", "not a day; write it like 2026-11-20")
NOT_OFFERED = Text("没有这个选项", "there is no such choice")


class NotReadable(ValueError):
    """What was typed is no value of the column's kind; says what it should be."""

    def __init__(self, words: Text) -> None:
        super().__init__(words.en)
        self.words = words


@dataclass(frozen=True)
class Column:
    """`source` is the row's attribute or the queryset's path; `name` where it is empty. `show` turns a row
    into what the page and the file show; `link` gives an address. `wide` columns may be cut off."""

    name: str
    title: Text
    kind: str = TEXT
    source: str = ""
    sort: bool = False
    filter: bool = False
    choices: Callable[[], Sequence[tuple[str, Text | str]]] | Sequence[tuple[str, Text | str]] = ()
    show: Callable[[Any], object] | None = None
    link: Callable[[Any], str] | None = None
    shown: bool = True
    personal: bool = False
    wide: bool = False

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"{self.name}: no kind {self.kind!r}; there are {', '.join(KINDS)}")
        if not self.name.isidentifier() or self.name in TAKEN:
            raise ValueError(f"{self.name!r} cannot be the name of a column")
        if self.personal and self.filter:
            raise ValueError(f"{self.name}: what is personal stands in no address, so it is no filter")
        if self.kind == CHOICE and not self.choices:
            raise ValueError(f"{self.name}: a choice needs its choices")

    @property
    def path(self) -> str:
        return self.source or self.name

    def options(self) -> list[tuple[str, str]]:
        given = self.choices() if callable(self.choices) else self.choices
        return [(value, str(word)) for value, word in given]

    def value(self, row: Any) -> Any:
        """The row's own value, before it is put into words."""
        found = row
        for step in self.path.split("__"):
            found = found.get(step) if isinstance(found, dict) else getattr(found, step, None)
        return found

    def words(self, row: Any) -> Any:
        """What page and file show."""
        if self.show is not None:
            return self.show(row)
        value = self.value(row)
        if self.kind == CHOICE:
            return dict(self.options()).get(str(value), value)
        return value

    def read(self, typed: str, *, end: bool = False) -> Any:
        """A typed condition as a value. `end` is the last moment of a day. Raises NotReadable."""
        text = unicodedata.normalize("NFKC", typed).strip()
        if self.kind == NUMBER:
            return _number(text)
        if self.kind in (DAY, MOMENT):
            return _day(text, moment=self.kind == MOMENT, end=end)
        if self.kind == CHOICE:
            if text not in dict(self.options()):
                raise NotReadable(NOT_OFFERED)
            return text
        return typed.strip()[:LONGEST]


def _number(text: str) -> Decimal:
    try:
        value = Decimal(text.replace(",", ""))
    except InvalidOperation:
        raise NotReadable(NOT_A_NUMBER) from None
    # beyond this a database takes no number, and nobody means one
    if not value.is_finite() or abs(value) > 10**18:
        raise NotReadable(NOT_A_NUMBER)
    return value


def _day(text: str, *, moment: bool, end: bool) -> date | datetime:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise NotReadable(NOT_A_DAY) from None
    if not moment:
        return day
    return timezone.make_aware(datetime.combine(day, time.max if end else time.min))
