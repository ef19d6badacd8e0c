"""Where the columns of aligned text begin and end, if the text shows it beyond doubt.

Either a ruler under the header says it (`------ ----`), or columns of blanks run down the whole page and the
header has one name over each stretch between them. Anything less is no evidence: a date and a time have a
blank between them in every row too.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence

LEAST = 4
"""Lines, with the header, that blank columns must run through."""
KEPT = 0.9
"""Share of the lines under a ruler that must keep to it."""
_RULER = re.compile(r"[\s|+]*[-=]{2,}[\s|+]+[-=]{2,}[-=\s|+]*")
_WORD = re.compile(r"[^\W\d_]")
BLANK = " \t\u3000"


def width_of(text: str) -> int:
    """Columns of a screen the text takes: a Chinese character takes two."""
    return len(text) if text.isascii() else sum(map(_width, text))


def _width(char: str) -> int:
    if unicodedata.combining(char):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def spread(text: str) -> str:
    """The text with one character for each column of the screen: a wide one is followed by a filler."""
    return (
        text if text.isascii() else "".join(char + "\0" * (_width(char) - 1) for char in text if _width(char))
    )


def guess_widths(lines: Sequence[str]) -> list[tuple[str, int, int]] | None:
    """Name, first and last column (of a screen, from 1) of each column; None where it is not certain."""
    texts = [spread(line.rstrip("\r\n")) for line in lines]
    texts = [text for text in texts if text.strip(BLANK)]
    ruler = next((at for at, text in enumerate(texts[:20]) if at and is_ruler(text)), 0)
    return _by_ruler(texts, ruler) if ruler else _by_blanks(texts)


def is_ruler(line: str) -> bool:
    return bool(_RULER.fullmatch(line.strip()))


def _by_ruler(texts: list[str], at: int) -> list[tuple[str, int, int]] | None:
    stretches = [found.span() for found in re.finditer("[-=]+", texts[at])]
    below = [text for text in texts[at + 1 :] if not is_ruler(text)]
    kept = sum(not "".join(_between(text, stretches)).strip(BLANK + "|+") for text in below)
    return _named(texts[at - 1], stretches) if below and kept >= KEPT * len(below) else None


def _by_blanks(texts: list[str]) -> list[tuple[str, int, int]] | None:
    if len(texts) < LEAST:
        return None
    longest = max(map(len, texts))
    filled = [any(at < len(text) and text[at] not in BLANK for text in texts) for at in range(longest)]
    named: list[tuple[int, int]] = []
    for first, last in _stretches(filled):
        if named and not texts[0][first:last].strip(BLANK) and first - named[-1][1] == 1:
            # one blank and no name of its own: the rest of the column before, as the time behind a date
            first = named.pop()[0]
        named.append((first, last))
    return _named(texts[0], named) if len(named) > 1 else None


def _stretches(filled: Sequence[bool]) -> Iterator[tuple[int, int]]:
    begun = -1
    for at, full in enumerate([*filled, False]):
        if full and begun < 0:
            begun = at
        elif not full and begun >= 0:
            yield begun, at
            begun = -1


def _named(header: str, stretches: Sequence[tuple[int, int]]) -> list[tuple[str, int, int]] | None:
    """The stretches with their names; None unless each has one that is a word, and no two the same."""
    names = [header[first:last].replace("\0", "").strip(BLANK) for first, last in stretches]
    sound = all(_WORD.search(name) and not re.search(r"[ \t]{2}", name) for name in names)
    outside = "".join(_between(header, stretches)).strip(BLANK + "|+")
    if not sound or outside or len(set(names)) < len(names):
        return None
    return [(name, first + 1, last) for name, (first, last) in zip(names, stretches, strict=True)]


def _between(text: str, stretches: Sequence[tuple[int, int]]) -> Iterator[str]:
    """What stands outside the stretches."""
    ends = [0, *(last for _, last in stretches)]
    for end, (first, _) in zip(ends, [*stretches, (len(text), 0)], strict=True):
        yield text[end:first]
