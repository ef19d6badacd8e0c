"""Records out of physical lines, one at a time, when something in them is not plain.

Python's strict CSV reader does the splitting; what this adds is that damage stays local. A
quotation mark that is never closed would swallow line after line up to the next mark or the end
of the file: here the line it stands on is rejected alone, and reading starts again on the next.
"""

from __future__ import annotations

import csv
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from jingwei.collection.connectors.base import Reject
from jingwei.collection.connectors.encoding import MARKED, escape
from jingwei.collection.connectors.lines import LINE_LIMIT
from jingwei.collection.connectors.rejects import shorten

SUSPECT_LINES = 100
"""Lines a quoted cell may span before it is asked whether those lines are records themselves."""

MOST_LINES = 10_000
MOST_CHARACTERS = 1_000_000

# The limit is the process's, not a reader's; Python's default of 131,072 refuses a photograph.
csv.field_size_limit(LINE_LIMIT)


@dataclass(frozen=True)
class Dialect:
    """How the cells of a file are separated; `width` is the number of its columns, once known."""

    delimiter: str
    quote: str = '"'
    width: int | None = None

    def reader(self, lines: Iterable[str]) -> Iterator[list[str]]:
        return csv.reader(
            lines,
            delimiter=self.delimiter,
            quotechar=self.quote or None,
            quoting=csv.QUOTE_MINIMAL if self.quote else csv.QUOTE_NONE,
            strict=True,
        )

    def is_record(self, line: str) -> bool:
        """Whether a line alone is a right record."""
        try:
            return [len(cells) for cells in self.reader([line])] == [self.width]
        except csv.Error:
            return False


@dataclass(frozen=True)
class Record:
    """Cells with the number of the line they start on; `text` is what stands in the file."""

    row: int
    cells: list[str]
    lines: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        return "".join(self.lines).rstrip("\r\n")


class _RunawayQuote(Exception):
    """The quoted cell being read goes on for too long to be one."""


class Feed:
    """Lines for a CSV reader, with a memory of those the present record has taken."""

    def __init__(self, lines: Iterable[str], row: int, more: Callable[[], str] = lambda: "") -> None:
        self._ahead = deque(lines)
        self._more = more
        self._characters = 0
        self.row = row
        """Number of the line that comes next."""
        self.taken: list[str] = []
        self.dialect = Dialect(",")

    def __iter__(self) -> Feed:
        return self

    def __next__(self) -> str:
        line = self._ahead.popleft() if self._ahead else self._more()
        if not line:
            raise StopIteration
        self.taken.append(line)
        self._characters += len(line)
        if len(self.taken) > 1 and self._is_runaway():
            raise _RunawayQuote
        return line

    def _is_runaway(self) -> bool:
        if len(self.taken) > MOST_LINES or self._characters > MOST_CHARACTERS:
            return True
        if len(self.taken) != SUSPECT_LINES:
            return False
        width = self.dialect.width or 1
        wide = sum(1 for line in self.taken[1:] if line.count(self.dialect.delimiter) >= width - 1)
        return wide * 2 > len(self.taken)

    def settle(self, used: int | None = None) -> tuple[int, list[str]]:
        """Ends a record after `used` of its lines (all, if not said); the others come again."""
        row, lines = self.row, self.taken
        if used is not None:
            self._ahead.extendleft(reversed(lines[used:]))
            lines = lines[:used]
        self.row += len(lines)
        self.taken, self._characters = [], 0
        return row, lines

    @property
    def begun(self) -> bool:
        """Whether lines that were set aside wait to be read."""
        return bool(self._ahead)


def records(
    feed: Feed, dialect: Dialect, encoding: str, oversize: Mapping[int, int]
) -> Iterator[Record | Reject]:
    """The records of `feed` in order, up to its last line; what is no record comes as a Reject.

    Widths are not judged here, except to tell a cell of several lines from a mark left open.
    """
    feed.dialect = dialect
    reader = dialect.reader(feed)
    while True:
        code = None
        used = None
        cells: list[str] = []
        try:
            cells = next(reader)
        except StopIteration:
            return
        except _RunawayQuote:
            code, used = "unclosed-quote", 1
        except csv.Error:
            code, used = (
                ("unclosed-quote" if len(feed.taken) > 1 or _is_open(feed, dialect) else "stray-quote"),
                1,
            )
        if (
            code is None
            and len(feed.taken) > 1
            and dialect.width not in (None, len(cells))
            # two readings: one broken record of several lines, or one open mark before right ones
            and any(dialect.is_record(line) for line in feed.taken[1:])
        ):
            code, used = "unclosed-quote", 1
        row, lines = feed.settle(used)
        yield _judge(Record(row, cells, lines), code, encoding, oversize)


def _is_open(feed: Feed, dialect: Dialect) -> bool:
    """Whether the line fails for want of a closing mark, and not for text behind one."""
    try:
        list(dialect.reader([*feed.taken, dialect.quote]))
    except csv.Error:
        return False
    return True


def _judge(record: Record, code: str | None, encoding: str, oversize: Mapping[int, int]) -> Record | Reject:
    text = record.text
    length = oversize.get(record.row)
    if length is not None:
        values = {"length": length, "limit": LINE_LIMIT}
        return Reject(record.row, "line-too-long", shorten(escape(text), length), values)
    if "\0" in text:
        return Reject(record.row, "nul", shorten(escape(text).replace("\0", "\\x00")))
    if MARKED.search(text):
        return Reject(record.row, "undecodable", shorten(escape(text)), {"encoding": encoding})
    if code:
        return Reject(record.row, code, shorten(text))
    return record
