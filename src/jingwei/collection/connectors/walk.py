"""The rows under a header, one after the other: which are records, and what are the others.

Between and below the records of a table stand rows that are none: blank ones, the header again on every
printed page, a row that counts the columns, subtotals, remarks, and at last the title and header of the
next table. None of them is dropped in silence: each is noted with its row number and text, in the facts
of the run. What cannot be told from a record is a record.

The same walk serves sheets and text files. It looks ahead only after a gap or a text that stands alone
in its row, so a plain table is passed through row by row.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

from jingwei.collection.connectors import headers, signs
from jingwei.collection.connectors.layout import find_layout
from jingwei.collection.connectors.rejects import shorten

MOST_NOTED = 1_000
"""Rows of one kind that are set aside and listed; from there on they are taken for records."""

LEARNED = 50
"""Records from which the walk learns what the columns hold."""

AHEAD = 40
"""Rows that are looked at to tell whether another table begins."""


@dataclass(slots=True)
class Row:
    """`number` as a person counts; `cells` as text; `kept` whatever the reader needs to go on with;
    `band` where a single cell is merged over most of the table's width."""

    number: int
    cells: Sequence[str]
    kept: Any = None
    band: bool = False

    @property
    def text(self) -> str:
        return shorten(" ".join(cell.strip() for cell in self.cells if cell and cell.strip()))


class Walk:
    """Goes over the rows of one table once; `facts` are complete when `records` is exhausted."""

    def __init__(self, names: Sequence[str], heading: Sequence[str] = (), totals: bool = False) -> None:
        self._width = len(names)
        self._heading = [headers.tidy(cell) for cell in headers.ended(heading)]
        self._heading_words = sum(1 for cell in self._heading if cell)
        self._keep_totals = totals
        self._noted: dict[str, list[dict[str, Any]]] = {}
        self._kinds: list[Counter[str]] = [Counter() for _ in names]
        self._seen = 0
        self._alone: list[Row] = []
        self._gap = False
        self._remarks = False
        self.blank = 0
        self.section = ""
        """The title above the rows that come now: one between them, or a band over a group."""
        self.ended = False
        """Whether another table began."""

    @property
    def facts(self) -> dict[str, Any]:
        """`footnotes`, `totals`, `repeated_headers`, `sections`, `column_numbers`, `tables_below`: row and text."""
        return {"blank": self.blank, **{name: rows for name, rows in self._noted.items() if rows}}

    def records(self, rows: Iterator[Row], ends: bool = True, last: bool = True) -> Iterator[Row]:
        """The records among `rows`. `ends` tells whether another table may follow; `last` whether these are
        the table's last rows: if not, texts that stand alone at their end are kept until more is known."""
        ahead: deque[Row] = deque()
        while True:
            row = ahead.popleft() if ahead else next(rows, None)
            if row is None:
                break
            filled = sum(1 for cell in row.cells if cell and cell.strip())
            if not filled:
                self.blank += 1
                self._gap = True
                continue
            if self._is_other(row, filled):
                continue
            if filled == 1 and self._width > 1 and not _is_figure(row):
                self._alone.append(row)
                if len(self._alone) > AHEAD:
                    yield from self._as_records()
                continue
            if ends and self._seen and (self._gap or self._alone) and self._begins_table(row, ahead, rows):
                self._leave(row, chain(ahead, rows))
                return
            yield from self._as_records()
            self._gap = self._remarks = False
            if not self._keep_totals and signs.is_total(row.cells) and self._note("totals", row):
                continue
            self._learn(row)
            yield row
        if last:
            yield from self.rest()

    def rest(self) -> Iterator[Row]:
        """At the end of the table: texts that stood alone under it are remarks if they read like some."""
        for row in self._alone:
            if (self._remarks or signs.is_remark(row.text) or row.band) and self._note("footnotes", row):
                self._remarks = True
            else:
                self._learn(row)
                yield row
        self._alone = []

    def _is_other(self, row: Row, filled: int) -> bool:
        """Notes the header again, a remark, a total that stands alone, numbers of columns."""
        if self._is_heading(row) and self._note("repeated_headers", row):
            for title in self._alone:
                self._note("sections", title)
            self.section = " ".join(title.text for title in self._alone) or self.section
            self._alone, self._gap, self._remarks = [], False, False
            return True
        alone = self._width > 1 and not self._keep_totals and filled == 1
        if alone and signs.is_total(row.cells) and self._note("totals", row):
            return True
        if self._is_remark(row, filled) and self._note("footnotes", row):
            self._remarks = True
            return True
        counted = self._seen == 0 and signs.is_column_numbers(row.cells, self._width)
        return counted and self._note("column_numbers", row)

    def _is_heading(self, row: Row) -> bool:
        if self._heading_words < 2 or len(row.cells) < len(self._heading):
            return False
        for cell, name in zip(row.cells, self._heading, strict=False):
            if cell != name and headers.tidy(cell or "") != name:
                return False
        return True

    def _is_remark(self, row: Row, filled: int) -> bool:
        if self._width == 1 or filled > 4:
            return False
        # after a blank row a text alone may as well be the title of another table
        goes_on = self._remarks and not self._gap and filled == 1 and not any(row.cells[1:])
        return headers.is_footnote(row.cells, goes_on)

    def _as_records(self) -> Iterator[Row]:
        """Texts alone in their rows, once a record follows: bands over groups are noted, others are records."""
        for row in self._alone:
            if row.band and self._note("sections", row):
                self.section = row.text
            else:
                self._learn(row)
                yield row
        self._alone = []

    def _learn(self, row: Row) -> None:
        self._seen += 1
        if self._seen <= LEARNED:
            for counts, cell in zip(self._kinds, row.cells, strict=False):
                counts[signs.looks(cell)] += 1

    def _note(self, what: str, row: Row) -> bool:
        """Notes a row that is no record; False when there are too many to be what they seem."""
        noted = self._noted.setdefault(what, [])
        if len(noted) >= MOST_NOTED:
            return False
        noted.append({"row": row.number, "text": row.text})
        return True

    def _begins_table(self, row: Row, ahead: deque[Row], rows: Iterator[Row]) -> bool:
        """Whether another table's header stands here: words over columns that held figures so far; or, after a
        gap and a title, words over figures that fit no column so far."""
        cells = [cell or "" for cell in row.cells]
        words = [headers.tidy(cell) for cell in cells if signs.looks(cell) == signs.TEXT]
        years = signs.bare_years(cells)
        figures = any(signs.looks(cell) == signs.NUMBER for at, cell in enumerate(cells) if at not in years)
        if figures or len(words) + len(years) < 2 or len(set(words)) < len(words):
            return False
        while len(ahead) < AHEAD and (more := next(rows, None)) is not None:
            ahead.append(more)
        window = [cells, *([cell or "" for cell in other.cells] for other in ahead)]
        found = find_layout(window[:AHEAD], (), ())
        if found is None or found.first != 0 or found.last < 0 or len(ahead) <= found.last:
            return False
        typed = [at for at, counts in enumerate(self._kinds) if _is_typed(counts)]
        met = [at for at in typed if at < len(cells) and cells[at].strip()]
        if met and sum(1 for at in met if at in years or signs.looks(cells[at]) == signs.TEXT) * 2 > len(met):
            return True
        below = window[found.last + 1 :]
        figures_below = any(
            signs.looks(cell) in (signs.NUMBER, signs.DATE) for other in below[:5] for cell in other
        )
        other_width = len(headers.ended(cells)) != self._width
        return bool(self._alone) and self._gap and figures_below and (not typed or other_width)

    def _leave(self, row: Row, rest: Iterator[Row]) -> None:
        """Notes the other table and leaves it."""
        alone, self._alone, self.ended = self._alone, [], True
        below = [other for other in rest if any(cell and cell.strip() for cell in other.cells)]
        title = " ".join(other.text for other in alone)
        self._noted["tables_below"] = [
            {"row": (alone or [row])[0].number, "text": title or row.text, "rows": len(below) + 1}
        ]


def _is_figure(row: Row) -> bool:
    return any(signs.looks(cell) == signs.NUMBER for cell in row.cells if cell)


def _is_typed(counts: Counter[str]) -> bool:
    told = counts[signs.NUMBER] + counts[signs.DATE] + counts[signs.TEXT]
    return told > 0 and max(counts[signs.NUMBER], counts[signs.DATE]) * 10 >= told * 6
