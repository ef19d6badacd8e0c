"""Text whose columns begin and end at fixed places, as mainframes and old registers export it.

    file ─survey─▶ encoding ─sample─▶ what the widths count ─lines─▶ cells · what is too short or long

The contract gives `widths: [[name, first, last], ...]`, counted from 1. What they count it may say (`count`):
characters, bytes, or columns of a screen (a Chinese character takes two of the latter two, in GB18030). Where
it does not, the sample's lines tell: the count under which they are as wide as declared. Without widths they
are taken from a ruler, or from columns that are blank all the way down; where that is not certain, reading is
refused rather than guessed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from jingwei.collection.connectors import errors, file_errors, headers
from jingwei.collection.connectors.base import Batch, Connector, Reader, Reject, Source, register
from jingwei.collection.connectors.batches import batch, without_collector
from jingwei.collection.connectors.encoding import MARKED, Encoding, escape, find_encoding
from jingwei.collection.connectors.files import Survey, survey, usable
from jingwei.collection.connectors.lines import LINE_LIMIT, Lines
from jingwei.collection.connectors.rejects import shorten
from jingwei.collection.connectors.rulers import guess_widths, is_ruler, spread, width_of
from jingwei.kernel.text import Text, listed

CHARACTERS, BYTES, COLUMNS = "characters", "bytes", "columns"
SAMPLE = 500
PADDING = " \t\u3000"
ENDS = "\r\n\x1a\x0c"
"""What may stand at the end of a line, or of the file, and is no text."""
FULL = 0.9
"""Share of the lines that must be as wide as declared for the shorter ones to be damaged."""


@dataclass(frozen=True)
class Place:
    """A column: `first` and `last` count from 1, both belong to it."""

    name: str
    first: int
    last: int


@register
class FixedWidth(Connector):
    """Options: `widths`, `count`, `encoding`."""

    name = "fixed-width"
    formats = ("fixed",)
    suffixes = (".fix", ".prn", ".asc")

    def open(self, source: Source) -> Reader:
        path = usable(source.location)
        seen = survey(path)
        expected = (alias for aliases in source.headers for alias in aliases)
        encoding = find_encoding(source.location, seen, expected, source.options.get("encoding"))
        lines = Lines(path, seen, encoding)
        try:
            return FixedReader(source, seen, encoding, lines)
        except errors.BadInput:
            lines.close()
            raise


class FixedReader(Reader):
    def __init__(self, source: Source, seen: Survey, encoding: Encoding, lines: Lines) -> None:
        super().__init__()
        self._encoding = encoding
        self._lines = lines
        self._ahead = lines.take(size=1_000_000, most=SAMPLE)
        sample = [text for line in self._ahead if (text := line.strip(ENDS)).strip(PADDING)]
        if not sample:
            raise errors.SourceEmpty(location=source.location)
        declared = source.options.get("widths")
        self._inferred = declared is None
        places = _inferred(source.location, sample) if self._inferred else places_of(declared)
        said = source.options.get("count")
        count = said or (COLUMNS if self._inferred else count_of(sample, places, encoding.codec))
        self._rule = Rule(tuple(places), count, encoding.codec)
        self._judge(source.location, sample)
        self._names = {headers.plain(place.name) for place in places}
        self.columns = headers.columns(source.location, [place.name for place in places], source.headers)
        if source.headers and not headers.enough(
            headers.matched(self.columns, source.headers), source.headers
        ):
            raise errors.HeaderMissing(
                location=source.location,
                rows=len(sample),
                expected=listed(aliases[0] for aliases in source.headers[:12]),
                found=listed(self.columns[:12]),
            )
        self._blank = 0
        self.facts = {
            "format": "fixed",
            "bytes": seen.size,
            "sha256": seen.sha256,
            "encoding": encoding.title,
            "encoding_confidence": encoding.confidence,
            "widths": [[place.name, place.first, place.last] for place in places],
            "widths_count": count,
            "widths_inferred": self._inferred,
        }

    def _judge(self, location: str, sample: Sequence[str]) -> None:
        """Whether shorter lines are damaged, or only lack the blanks at their end."""
        widths = [self._rule.width(line) for line in sample]
        full = sum(width == self._rule.end for width in widths)
        self._padded = full >= FULL * len(widths) and not self._inferred
        if not any(self._rule.least <= width <= self._rule.end for width in widths):
            usual = max(set(widths), key=widths.count)
            raise file_errors.WidthsMismatch(location=location, expected=self._rule.end, found=usual)

    def batches(self) -> Iterator[Batch]:
        """Every line once. Raises `SourceChanged` at the end if the file did."""
        number = 1
        while lines := self._ahead or self._lines.take():
            self._ahead = []
            with without_collector():
                made = self._made(lines, number)
            yield made
            number += len(lines)
        self._lines.verify()
        self.facts["blank"] = self._blank

    def _made(self, lines: Sequence[str], first: int) -> Batch:
        rows: list[list[str]] = []
        numbers: list[int] = []
        rejects: list[Reject] = []
        for number, line in enumerate(lines, first):
            found = self._record(number, line.strip(ENDS))
            if isinstance(found, Reject):
                rejects.append(found)
            elif found is not None:
                rows.append(found)
                numbers.append(number)
        return batch(self.columns, rows, numbers, rejects)

    def _record(self, number: int, line: str) -> list[str] | Reject | None:
        """The cells of a line, why it is no record, or None for one that is blank, a header or a ruler."""
        if not line.strip(PADDING):
            self._blank += 1
            return None
        kept = shorten(escape(line).replace("\0", "\\x00"))
        if number in self._lines.oversize:
            length = self._lines.oversize[number]
            return Reject(
                number, "line-too-long", shorten(kept, length), {"length": length, "limit": LINE_LIMIT}
            )
        if MARKED.search(line):
            return Reject(number, "undecodable", kept, {"encoding": self._encoding.title})
        line = line.rstrip("\0")
        if "\0" in line:
            return Reject(number, "nul", kept)
        width = self._rule.width(line)
        values: dict[str, Any] = {"expected": self._rule.end, "found": width}
        if width > self._rule.end and self._rule.width(line.rstrip(PADDING)) > self._rule.end:
            return Reject(number, "too-wide", kept, values)
        cells = self._rule.cut(line)
        if cells is not None and self._is_header(number, line, cells):
            return None
        if width < (self._rule.end if self._padded else self._rule.least):
            return Reject(number, "too-narrow", kept, values)
        if self._inferred and self._rule.strays(line):
            return Reject(number, "between-columns", kept)
        return cells if cells is not None else Reject(number, "cut-character", kept)

    def _is_header(self, number: int, line: str, cells: Sequence[str]) -> bool:
        """Whether a line among the first repeats the names of the columns, or is the ruler under them."""
        if number > headers.SEARCHED or self.facts.get("header_row", number - 1) < number - 1:
            return False
        named = sum(headers.plain(cell) in self._names for cell in cells if cell)
        if is_ruler(line) or named * 2 > len(cells):
            self.facts["header_row"] = number
            return True
        return False

    def __exit__(self, *exc: object) -> None:
        self._lines.close()


@dataclass(frozen=True)
class Rule:
    """How lines are cut: at `places`, which count characters, bytes or columns of a screen."""

    places: tuple[Place, ...]
    count: str
    codec: str

    @property
    def end(self) -> int:
        return max(place.last for place in self.places)

    @property
    def least(self) -> int:
        """A line must reach at least into its second column."""
        starts = sorted(place.first for place in self.places)
        return starts[min(1, len(starts) - 1)]

    def width(self, line: str) -> int:
        if self.count == CHARACTERS or line.isascii():
            return len(line)
        return width_of(line) if self.count == COLUMNS else len(line.encode(self.codec, "replace"))

    def cut(self, line: str) -> list[str] | None:
        """The cells without their padding; None if a place cuts a character in two."""
        if self.count == CHARACTERS or line.isascii():
            return [line[place.first - 1 : place.last].strip(PADDING) for place in self.places]
        return self._by_columns(line) if self.count == COLUMNS else self._by_bytes(line)

    def _by_bytes(self, line: str) -> list[str] | None:
        data = line.encode(self.codec, "replace")
        try:
            return [data[p.first - 1 : p.last].decode(self.codec).strip(PADDING) for p in self.places]
        except UnicodeDecodeError:
            return None

    def _by_columns(self, line: str) -> list[str] | None:
        wide = spread(line)
        cells = [wide[place.first - 1 : place.last] for place in self.places]
        behind = [wide[place.last : place.last + 1] for place in self.places]
        if any(cell[:1] == "\0" for cell in cells) or "\0" in behind:
            return None
        return [cell.replace("\0", "").strip(PADDING) for cell in cells]

    def strays(self, line: str) -> bool:
        """Whether something stands between the places."""
        wide = spread(line)
        at = 0
        for place in sorted(self.places, key=lambda place: place.first):
            if wide[at : place.first - 1].strip(PADDING + "|+"):
                return True
            at = place.last
        return bool(wide[at:].strip(PADDING + "|+"))


def places_of(declared: Any) -> list[Place]:
    """The contract's widths; raises WidthsWrong if they are none."""
    places: list[Place] = []
    for entry in declared if isinstance(declared, list | tuple) and declared else [None]:
        match entry:
            case [str() as name, int() as first, int() as last] if 1 <= first <= last:
                places.append(Place(name, first, last))
            case _:
                why = Text("{entry} 不是 [列名, 起, 止]", "{entry} is no [name, first, last]").fill(
                    entry=entry
                )
                raise file_errors.WidthsWrong(why=why)
    placed = sorted(places, key=lambda place: place.first)
    for before, after in pairwise(placed):
        if after.first <= before.last:
            why = Text("{a} 与 {b} 重叠", "{a} and {b} overlap").fill(a=before.name, b=after.name)
            raise file_errors.WidthsWrong(why=why)
    return places


def _inferred(location: str, sample: Sequence[str]) -> list[Place]:
    found = guess_widths(sample)
    if found is None:
        raise file_errors.WidthsUnknown(location=location)
    return [Place(*place) for place in found]


def count_of(sample: Sequence[str], places: Sequence[Place], codec: str) -> str:
    """What the widths count: that by which most lines are as wide as declared; where blanks were cut off at the
    ends of lines, that by which words begin at the places and are not cut in two there."""
    telling = [line for line in sample if not line.isascii() and not MARKED.search(line)]
    rules = [Rule(tuple(places), count, codec) for count in (CHARACTERS, BYTES, COLUMNS)]

    def merit(rule: Rule) -> tuple[int, int]:
        full = sum(rule.width(line) == rule.end for line in telling)
        return full, sum(_agreement(rule, line) for line in telling)

    return max(rules, key=merit).count


def _agreement(rule: Rule, line: str) -> int:
    """Places at which a word begins, less those at which one is cut in two."""
    if rule.width(line.rstrip(PADDING)) > rule.end:
        return -len(rule.places)
    data: Sequence[Any] = line
    if rule.count == BYTES:
        data = line.encode(rule.codec, "replace")
    elif rule.count == COLUMNS:
        data = spread(line)
    blank = b" \t" if rule.count == BYTES else PADDING
    starts = [place.first - 1 for place in rule.places if 1 < place.first <= len(data)]
    return sum(0 if data[at] in blank else 1 if data[at - 1] in blank else -1 for at in starts)
