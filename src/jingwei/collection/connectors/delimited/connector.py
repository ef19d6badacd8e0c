"""CSV, TSV and their kin: encoding, separator and header found out, nothing lost.

    file ─survey─▶ encoding ─head─▶ separator, header ─blocks─▶ plain ▶ Arrow's parser
                                                              ├▶ quoted ▶ Python's csv
                                                              └▶ damaged ▶ `records`, line by line

A block of lines takes the fastest way on which it can be *shown* that nothing is lost: as many
rows come out as lines went in, each as wide as the header. Whatever does not show that is read
again the careful way, so the ways differ in speed only.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import islice

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv as arrow_csv

from jingwei.collection.connectors import errors, headers, signs
from jingwei.collection.connectors.base import Batch, Connector, Reader, Reject, Source, register
from jingwei.collection.connectors.batches import batch, from_arrays, without_collector
from jingwei.collection.connectors.delimited.records import Dialect, Feed, Record, records
from jingwei.collection.connectors.encoding import escape, find_encoding
from jingwei.collection.connectors.files import survey, usable
from jingwei.collection.connectors.layout import BODY, Layout, at_row, find_layout
from jingwei.collection.connectors.lines import LINE_LIMIT, Lines
from jingwei.collection.connectors.options import SECTION, Options, without
from jingwei.collection.connectors.rejects import shorten
from jingwei.collection.connectors.walk import Row, Walk
from jingwei.kernel.text import listed

DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}
PIECE = 200
"""Lines that are tried together once a block has something amiss."""

LABELS = 3
"""Cells at the beginning of a row in which a word such as 合计 is looked for."""

SMALL = 4_000_000
"""Bytes of a file that is taken as one block, so that further tables below the first are seen."""


@register
class Delimited(Connector):
    """Options: `encoding`, `delimiter`, `quote` (an empty text: quotation marks mean nothing)."""

    name = "delimited"
    formats = ("csv", "tsv")
    suffixes = (".csv", ".tsv", ".tab", ".txt")

    def open(self, source: Source) -> Reader:
        path = usable(source.location)
        seen = survey(path)
        encoding = find_encoding(
            source.location,
            seen,
            (alias for aliases in source.headers for alias in aliases),
            source.options.get("encoding"),
        )
        reader = DelimitedReader(source, Lines(path, seen, encoding))
        reader.facts = {
            "format": source.format,
            "bytes": seen.size,
            "sha256": seen.sha256,
            "encoding": encoding.title,
            "encoding_confidence": encoding.confidence,
            **reader.facts,
        }
        return reader


class DelimitedReader(Reader):
    """Reads the lines once; `columns` are known after the head has been looked at."""

    def __init__(self, source: Source, lines: Lines) -> None:
        super().__init__()
        self._location = source.location
        self._lines = lines
        self._head = lines.take(size=1_000_000, most=500)
        quote = source.options.get("quote", '"')
        if not isinstance(quote, str) or len(quote) > 1:
            raise errors.OptionWrong(option="quote", value=quote)
        self._options = Options.of(source)
        self._trailing = 0
        source = without(source, SECTION) if self._options.sections else source
        self._find_header(source, Dialect(_delimiter(source, self._head), quote))
        self._small = lines.size <= SMALL
        self._ended = self._begun = False

    def _find_header(self, source: Source, dialect: Dialect) -> None:
        feed = Feed(self._head, 1)
        found: list[Record] = []
        for record in records(feed, dialect, self._lines.encoding.title, self._lines.oversize):
            if isinstance(record, Reject):
                if record.code == "line-too-long" and not found:
                    raise errors.LineTooLong(location=self._location, limit=LINE_LIMIT)
                # damage in or above the header; if it is below, it is met again when read
                record = Record(record.row, [], [])
            found.append(record)
            if len(found) > headers.SEARCHED + BODY:
                break
        cells = [record.cells for record in found]
        header = self._layout(cells, source)
        if header is None:
            begins = next((record.text for record in found if record.text.strip()), "")
            raise errors.HeaderMissing(
                location=self._location,
                rows=headers.SEARCHED,
                expected=listed(aliases[0] for aliases in source.headers[:12]),
                found=escape(begins)[:120] or "-",
            )
        self.columns = headers.columns(self._location, header.names, source.headers)
        self._width = len(self.columns)
        headless = header.last < header.first
        at = found[header.first] if headless else found[header.last]
        self._next_row = at.row if headless else at.row + len(at.lines)
        self._ahead = self._head[self._next_row - 1 :]
        self._dialect = Dialect(dialect.delimiter, dialect.quote, len(self.columns))
        self._walk = Walk(self.columns, () if headless else at.cells, self._options.keep_totals)
        self._heading = None if headless else at.cells[0]
        titles = [
            {"row": record.row, "text": shorten(record.text)}
            for record in found[: header.first]
            if record.text.strip(f"{dialect.delimiter} \t\r\n")
        ]
        self.facts |= {
            "delimiter": DELIMITERS.get(dialect.delimiter, dialect.delimiter),
            "header_row": 0 if headless else at.row,
        }
        if header.last > header.first:
            self.facts["header_levels"] = header.last - header.first + 1
        if titles:
            self.facts["titles"] = titles
            self._walk.section = str(titles[-1]["text"])
        if self._options.sections:
            self.columns = (*self.columns, SECTION)

    def _layout(self, cells: list[list[str]], source: Source) -> Layout | None:
        options = self._options
        if options.header_row is not None:
            return at_row(cells, (), options.header_row - 1)
        skipped = options.from_row - 1
        found = find_layout(cells[skipped:], (), source.headers, options.wide)
        return found and replace(found, first=found.first + skipped, last=found.last + skipped)

    def batches(self) -> Iterator[Batch]:
        """Every record after the header, once. Raises `SourceChanged` at the end if the file did."""
        while not self._ended and (lines := self._take()):
            with without_collector():
                yield self._whole(lines) or (self._damaged(lines) if self._small else self._piecewise(lines))
        while self._ended and self._lines.take():
            pass
        left = self._sorted(self._walk.rest())
        if left.rows.num_rows or left.rejects:
            yield left
        self._lines.verify()
        self.facts |= self._walk.facts
        if self._trailing:
            self.facts["rows_with_empty_cells_beyond_the_header"] = self._trailing

    def _take(self) -> list[str]:
        """The next lines; of a small file all."""
        lines, self._ahead = self._ahead, []
        while self._small and (more := self._lines.take()):
            lines += more
        return lines or self._lines.take()

    def _whole(self, lines: list[str]) -> Batch | None:
        """A block of which every line is one record; None if that cannot be shown."""
        if self._options.sections:  # a title between rows concerns all rows below it
            return None
        if not self._begun:
            self._begun = True
            if self._counts_columns(lines):
                return None
        text = "".join(lines)
        try:
            data = text.encode()
        except UnicodeEncodeError:  # marks of bytes that did not decode
            return None
        numbers = range(self._next_row, self._next_row + len(lines))
        if "\0" in text or any(row in numbers for row in self._lines.oversize):
            return None
        made = None
        quoted = bool(self._dialect.quote) and self._dialect.quote in text
        # a carriage return alone ends a line for Arrow's parser too, but is not worth proving
        if not quoted and text.count("\r") == text.count("\r\n"):
            made = self._plain(data, numbers)
        made = made or self._quoted(lines, numbers)
        if made is not None:
            self._next_row = numbers.stop
        return made

    def _counts_columns(self, lines: list[str]) -> bool:
        """Whether the row under the header only counts the columns."""
        try:
            cells = next(self._dialect.reader(lines[:1]), [])
        except csv.Error:
            return False
        return signs.is_column_numbers(cells, self._width)

    def _plain(self, data: bytes, numbers: range) -> Batch | None:
        """Without quotation marks a line needs no more than cutting at the separators."""
        try:
            table = self._parse(data)
        except pa.ArrowInvalid:
            return None
        if table.num_rows != len(numbers):
            return None
        made = from_arrays(self.columns, [column.combine_chunks() for column in table.columns], numbers)
        return None if self._is_suspect(made) else made

    def _is_suspect(self, made: Batch) -> bool:
        """Whether a row may be none: its first cell is empty, begins like a remark or repeats the header, or
        one of its first cells says 合计."""
        first = made.rows.column(1)
        if pc.any(pc.match_substring_regex(first, headers.SUSPECT)).as_py() is True:
            return True
        if self._heading and pc.any(pc.equal(first, self._heading)).as_py() is True:
            return True
        labels = made.rows.columns[1 : 1 + LABELS]
        return any(
            pc.any(pc.ends_with(cells, ending)).as_py() is True
            for cells in labels
            for ending in signs.TOTAL_ENDINGS
        )

    def _parse(self, data: bytes) -> pa.Table:
        names = [str(at) for at in range(len(self.columns))]
        return arrow_csv.read_csv(
            pa.BufferReader(data),
            read_options=arrow_csv.ReadOptions(
                use_threads=False, block_size=len(data) + 1, column_names=names
            ),
            parse_options=arrow_csv.ParseOptions(
                delimiter=self._dialect.delimiter,
                quote_char=False,
                double_quote=False,
                newlines_in_values=False,
                ignore_empty_lines=False,
            ),
            convert_options=arrow_csv.ConvertOptions(
                check_utf8=False, column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False
            ),
        )

    def _quoted(self, lines: list[str], numbers: range) -> Batch | None:
        """Lines that are one record of strict CSV each."""
        try:
            rows = list(self._dialect.reader(lines))
        except csv.Error:
            return None
        if len(rows) != len(lines):
            return None
        if set(map(len, rows)) == {len(self.columns)}:
            made = batch(self.columns, rows, numbers)
            if not self._is_suspect(made):
                return made
        return self._sort(
            Record(number, row, [line]) for number, row, line in zip(numbers, rows, lines, strict=True)
        )

    def _piecewise(self, lines: list[str]) -> Batch:
        """A block that is not whole, in pieces: only those with something amiss are read line by line."""
        rest = iter(lines)
        made: list[Batch] = []
        while piece := list(islice(rest, PIECE)):
            made.append(self._whole(piece) or self._damaged(piece, rest))
        rejects = [reject for part in made for reject in part.rejects]
        return Batch(pa.concat_batches([part.rows for part in made]), tuple(rejects))

    def _damaged(self, lines: list[str], rest: Iterator[str] | None = None) -> Batch:
        """Line by line; takes lines beyond its own to finish a record of several lines."""
        feed = Feed(lines, self._next_row, lambda: next(rest or iter(()), "") or self._lines.readline())
        found: list[Record | Reject] = []
        end = self._next_row + len(lines)
        for record in records(feed, self._dialect, self._lines.encoding.title, self._lines.oversize):
            found.append(record)
            if feed.row >= end and not feed.begun:
                break
        self._next_row = feed.row
        return self._sort(found)

    def _sort(self, found: Iterable[Record | Reject]) -> Batch:
        """Tells records of the right width from blank rows, remarks, totals and ragged rows."""
        rejects = []

        def rows() -> Iterator[Row]:
            for record in found:
                if isinstance(record, Reject):
                    rejects.append(record)
                else:
                    yield Row(record.row, record.cells, record)

        made = self._sorted(self._walk.records(rows(), ends=self._small, last=self._small))
        self._ended = self._walk.ended
        return Batch(made.rows, (*rejects, *made.rejects))

    def _sorted(self, found: Iterable[Row]) -> Batch:
        width, sections = self._width, self._options.sections
        rows, numbers, rejects = [], [], []
        for row in found:
            cells = row.cells
            if len(cells) > width and not any(cells[width:]):
                # a separator at the end of each line: the cells beyond the header are empty
                self._trailing += 1
                cells = cells[:width]
            if len(cells) == width:
                rows.append([*cells, self._walk.section] if sections else cells)
                numbers.append(row.number)
            else:
                values = {"expected": width, "found": len(cells)}
                rejects.append(Reject(row.number, "ragged", shorten(row.kept.text), values))
        return batch(self.columns, rows, numbers, rejects)

    def __exit__(self, *exc: object) -> None:
        self._lines.close()


_EXCEL_HINT = re.compile(r"sep=(.)\s*$")


def _delimiter(source: Source, head: list[str]) -> str:
    """The separator: declared, said by Excel's `sep=` line, or the one under which the head looks
    most like the expected table."""
    declared = source.options.get("delimiter")
    if declared is not None:
        declared = {"\\t": "\t", "tab": "\t"}.get(declared, declared)
        if not isinstance(declared, str) or len(declared) != 1 or declared in '\r\n"':
            raise errors.OptionWrong(option="delimiter", value=declared)
        return declared
    if head and (hint := _EXCEL_HINT.match(head[0])):
        return hint[1]
    candidates = ["\t", ",", ";", "|"] if source.format == "tsv" else list(DELIMITERS)
    return max(candidates, key=lambda delimiter: _likeness(source, head, delimiter))


def _likeness(source: Source, head: list[str], delimiter: str) -> tuple[int, float, int]:
    try:
        rows = [row for row in csv.reader(head, delimiter=delimiter) if row]
    except csv.Error:
        rows = [line.split(delimiter) for line in head]
    widths = [len(row) for row in rows]
    width = max(set(widths), key=widths.count, default=1)
    known = max((headers.matched(row, source.headers) for row in rows[: headers.SEARCHED]), default=0)
    share = widths.count(width) / len(widths) if width > 1 else 0.0
    return known, share, width
