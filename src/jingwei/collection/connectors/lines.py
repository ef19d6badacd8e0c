"""The physical lines of a text file, decoded, in bounded memory.

Bytes that do not decode stay in the line as marks (see `encoding`); a line over `LINE_LIMIT`
characters is cut to its beginning and remembered in `oversize`, for no record may take more
memory than that. Line ends (LF, CRLF, CR) are kept as they stand.
"""

from __future__ import annotations

import io
from pathlib import Path

from jingwei.collection.connectors import errors
from jingwei.collection.connectors.encoding import MARK, Encoding
from jingwei.collection.connectors.files import CHUNK, HashedFile, Survey, reading

LINE_LIMIT = 4_000_000
"""Characters a line may have; enough for a photograph in base64."""

BLOCK = 4_000_000
"""Characters taken at a time: about 50,000 rows of ten cells."""


class Lines:
    """Reads `path` in `encoding` once, from its beginning to its end."""

    def __init__(self, path: Path, seen: Survey, encoding: Encoding) -> None:
        self.path = path
        self.encoding = encoding
        self._seen = seen
        with reading(str(path)):
            self._raw = HashedFile(path)
            buffered = io.BufferedReader(self._raw, CHUNK)
            buffered.read(encoding.bom)
            self._text = io.TextIOWrapper(buffered, encoding.codec, MARK, newline="")
        # in UTF-16 a byte 0x0A need not be a line feed, so that the survey's longest line says nothing
        self.guarded = seen.longest > LINE_LIMIT or encoding.codec.startswith(("utf-16", "utf-32"))
        self.oversize: dict[int, int] = {}
        """Length of each line that was cut, by its number."""
        self.row = 0
        """Number of the last line that was taken."""

    @property
    def size(self) -> int:
        """Bytes of the file."""
        return self._seen.size

    def readline(self) -> str:
        """The next line, or an empty text at the end."""
        with reading(str(self.path)):
            line = self._text.readline(LINE_LIMIT)
            self.row += 1 if line else 0
            if len(line) == LINE_LIMIT and not line.endswith(("\n", "\r")):
                length = len(line)
                while rest := self._text.readline(LINE_LIMIT):
                    length += len(rest)
                    if rest.endswith(("\n", "\r")):
                        break
                if length > LINE_LIMIT:
                    self.oversize[self.row] = length
                    line = line[:1000] + "\n"
        return line

    def read(self, size: int = BLOCK) -> str:
        """The next characters, whatever the lines; empty at the end."""
        with reading(str(self.path)):
            return self._text.read(size)

    def take(self, size: int = BLOCK, most: int | None = None) -> list[str]:
        """The next lines, about `size` characters of them (and at most `most`); empty at the end."""
        if not self.guarded and most is None:
            with reading(str(self.path)):
                lines = self._text.readlines(size)
            self.row += len(lines)
            return lines
        lines, length = [], 0
        while length < size and (most is None or len(lines) < most) and (line := self.readline()):
            lines.append(line)
            length += len(line)
        return lines

    def close(self) -> None:
        self._text.close()

    def verify(self) -> None:
        """At the end: raises unless the bytes read are those that were surveyed."""
        if self._raw.sha256 != self._seen.sha256:
            raise errors.SourceChanged(location=str(self.path))
