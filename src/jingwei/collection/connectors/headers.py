"""Finding the header of a table that begins with titles, and telling its footnotes from its records.

Works on rows of text cells, so that sheets and text files follow one rule. Header names are
compared in their `plain` form (full-width folded, spaces and separators removed, case folded),
because departments write `户主 姓名`, `户主-姓名` and `户主\\n姓名` for the same column.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from jingwei.collection.connectors import errors
from jingwei.collection.connectors.base import ROW

SEARCHED = 50
"""Rows at the top of a table in which its header is looked for."""

OURS = (ROW, "_n", "_run", "_key", "_as_of", "_faults")
"""Columns the platform adds to a source's own; none of those may bear such a name."""

Expected = Sequence[Sequence[str]]

_SEPARATORS = re.compile(r"[\s\-_/·、|:：.．*＊]+")
_REMARK = (
    r"^[ \t　（(*※]*(?:注|备注|说明|附注|数据来源|资料来源|来源|制表|制单|填表|填报|审核|复核|单位负责人|经办"
    r"|打印|导出|统计时间|合计|总计|小计|共计|以上)"
)
_FOOTNOTE = re.compile(_REMARK)

SUSPECT = r"^[\s　]*$|" + _REMARK
"""Matches the first cell of every row that may be blank or a footnote (for Arrow's RE2)."""


def plain(name: str) -> str:
    """A header's name as it is compared."""
    return _SEPARATORS.sub("", unicodedata.normalize("NFKC", name)).casefold()


def tidy(name: str) -> str:
    """A header's name as it is kept: without line breaks and outer spaces."""
    return " ".join(name.replace("\ufeff", "").split())


def matched(names: Iterable[str], expected: Expected) -> int:
    """How many of the expected columns are among `names`, under any alias."""
    present = {plain(name) for name in names}
    return sum(1 for aliases in expected if any(plain(alias) in present for alias in aliases))


def enough(found: int, expected: Expected) -> bool:
    """Whether so many matched columns make a header: a quarter of those expected, at least one."""
    return found >= max(1, (len(expected) + 3) // 4)


@dataclass(frozen=True)
class Header:
    """`at` is the index, among the rows searched, of the header's last row; `names` its columns."""

    at: int
    names: tuple[str, ...]
    found: int


def ended(row: Sequence[str]) -> tuple[str, ...]:
    """The row without the empty cells at its end."""
    width = max((at + 1 for at, cell in enumerate(row) if cell.strip()), default=0)
    return tuple(row[:width])


def find_header(rows: Sequence[Sequence[str]], expected: Expected) -> Header | None:
    """The row that names the columns: the best match; when nothing is expected, the first row as
    wide as the table that has about as many words (not numbers) as any."""
    searched = rows[:SEARCHED]
    if expected:
        scores = [matched(row, expected) for row in searched]
        best = max(scores, default=0)
        if not enough(best, expected):
            return None
        at = scores.index(best)
        return Header(at, tuple(searched[at]), best)
    words = [
        sum(1 for cell in row if cell.strip() and not _NUMBER.fullmatch(cell.strip())) for row in searched
    ]
    lengths = [len(ended(row)) for row in searched]
    widths = Counter(length for length in lengths if length)
    # on equal counts the wider layout is the table and the narrower its titles
    width = max(widths, key=lambda wide: (widths[wide], wide), default=0)
    most = max((words[at] for at in range(len(searched)) if lengths[at] == width), default=0)
    for at, row in enumerate(searched):
        if most and lengths[at] >= width and words[at] * 5 >= most * 4:
            return Header(at, tuple(row), 0)
    return None


_NUMBER = re.compile(r"[-+]?[\d.,]+%?")


def columns(location: str, names: Sequence[str], expected: Expected) -> tuple[str, ...]:
    """Names a table can have: none empty, none twice (whatever their case), none our own.

    A repeated name that the contract expects is refused, for nobody can tell which column is
    meant; any other gets a number. `第3列` stands for a column without a name.
    """
    wanted = {plain(alias) for aliases in expected for alias in aliases}
    tidied = [tidy(name) for name in names]
    for name, count in Counter(tidied).items():
        if count > 1 and name and plain(name) in wanted:
            places = ", ".join(str(at + 1) for at, other in enumerate(tidied) if other == name)
            raise errors.HeaderRepeated(location=location, header=name, places=places)
    taken = set(OURS)
    given = []
    for at, name in enumerate(tidied):
        name = name or f"第{at + 1}列"
        unique, number = name, 2
        while unique.casefold() in taken:
            unique, number = f"{name}_{number}", number + 1
        taken.add(unique.casefold())
        given.append(unique)
    return tuple(given)


def is_footnote(cells: Sequence[str], after_footnote: bool = False) -> bool:
    """Whether a row is a remark under the table: a single text in a table of several columns that
    begins like one, or goes on from one."""
    filled = [cell for cell in cells if cell and cell.strip()]
    return len(filled) == 1 and (after_footnote or bool(_FOOTNOTE.match(filled[0])))
