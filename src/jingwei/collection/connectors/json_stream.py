"""Walks through JSON of any size in bounded memory: a chunk of characters, a value at a time.

Values are cut out as text, with the line they begin on; what they mean is for others. A damaged value
inside an array costs no other: where its brackets end, the next one begins.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from jingwei.collection.connectors import errors
from jingwei.collection.connectors.lines import BLOCK, LINE_LIMIT, Lines

_VALUE = json.JSONDecoder().raw_decode
_BLANK = re.compile(r"[\s\ufeff]*")
_TOKEN = re.compile(r'"[^"\\\r\n]*(?:\\.[^"\\\r\n]*)*(?P<closed>"|(?P<cut>\\?\Z))?|[\[\]{}]')
_OF_NUMBERS = "+-.eE0123456789"
_REST = re.compile(r"[^,\[\]{}]+")


class Stream:
    """A position in the text of a file. `row` is the line it stands on."""

    def __init__(self, location: str, lines: Lines) -> None:
        self._location = location
        self._lines = lines
        self._text = ""
        self._at = 0
        self._counted = 0
        self._row = 1
        self._ended = False

    @property
    def row(self) -> int:
        self._row += self._text.count("\n", self._counted, self._at)
        self._counted = self._at
        return self._row

    def peek(self) -> str:
        """The next character that is no blank; empty at the end of the file."""
        while True:
            found = _BLANK.match(self._text, self._at)
            self._at = found.end() if found else self._at
            if self._at < len(self._text):
                return self._text[self._at]
            if not self._more():
                return ""

    def take(self, expected: str) -> None:
        """Steps over one character, which must be this one."""
        found = self.peek()
        if found != expected:
            raise self._cut_off() if not found else self.no_table()
        self._at += 1

    def value(self) -> str:
        """The text of the next value, whole or damaged."""
        self.peek()
        end = self._end_of_value()
        text = self._text[self._at : end]
        self._at = end
        return text

    def elements(self) -> Iterator[tuple[int, str]]:
        """The values of an array whose bracket was taken, up to and with its closing one, with their lines."""
        while True:
            found = self.peek()
            if not found:
                raise self._cut_off()
            if found == "]":
                self._at += 1
                return
            if found == ",":
                self._at += 1
                continue
            row = self.row
            yield row, self.value()

    def no_table(self) -> errors.JsonNotTable:
        return errors.JsonNotTable(
            location=self._location, found=self._text[self._at : self._at + 60].strip() or "-"
        )

    def _cut_off(self) -> errors.JsonCutOff:
        return errors.JsonCutOff(location=self._location)

    def _more(self) -> bool:
        """Reads on, and forgets what lies behind."""
        if self._ended:
            return False
        behind = self.row, self._at
        chunk = self._lines.read(BLOCK)
        self._ended = not chunk
        self._text = self._text[behind[1] :] + chunk
        self._at = self._counted = 0
        return bool(chunk)

    def _end_of_value(self) -> int:
        while True:
            end = self._whole() or self._damaged()
            if end:
                return end
            if len(self._text) - self._at > LINE_LIMIT:
                raise self.no_table()
            if not self._more():
                raise self._cut_off()

    def _whole(self) -> int:
        """Where a sound value ends; 0 if it is not sound, or not all there yet."""
        try:
            end = int(_VALUE(self._text, self._at)[1])
        except (ValueError, RecursionError):
            return 0
        rest = self._text[end : end + 8]
        # a number at the end of what was read may have more digits, or an exponent
        unsure = end + len(rest) == len(self._text) and not rest.strip(_OF_NUMBERS) and not self._ended
        return 0 if unsure and self._text[self._at] not in '"[{' else end

    def _damaged(self) -> int:
        """Where a value ends that cannot be read, going by brackets alone; 0 if that is not there yet."""
        first = self._text[self._at]
        if first not in "[{":
            return self._loose()
        depth = 0
        for token in _TOKEN.finditer(self._text, self._at):
            mark = token[0]
            if mark in "[{":
                depth += 1
            elif mark in "]}":
                depth -= 1
                if depth == 0:
                    return token.end()
            elif token["cut"] is not None and not self._ended:
                return 0
        return 0

    def _loose(self) -> int:
        """Text outside brackets, up to the next comma or bracket."""
        string = _TOKEN.match(self._text, self._at)
        if string and string["cut"] is not None and not self._ended:
            return 0
        if string and string["closed"]:
            return string.end()
        found = _REST.match(self._text, self._at)
        if found is None:  # a closing bracket too many
            raise self.no_table()
        if found.end() == len(self._text) and not self._ended:
            return 0
        return found.end()
