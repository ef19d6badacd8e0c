"""Finding the header of a table that begins with titles, and telling its footnotes from its records.

Works on rows of text cells, so that sheets and text files follow one rule. Header names are
compared in their `plain` form (full-width folded, spaces and separators removed, case folded),
because departments write `户主 姓名`, `户主-姓名` and `户主\\n姓名` for the same column.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence

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
    r"|打印|导出|统计时间|合计|总计|小计|共计|以上|(?i:notes?|sources?|disclaimer|footnotes?|remarks?)\\b[ ]?[:：.]|©)"
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


def unnamed(at: int) -> str:
    """What a column without a name is called, by its place from 0."""
    return f"第{at + 1}列"


def matched(names: Sequence[str], expected: Expected) -> int:
    """How many of the expected columns are among `names`, under any alias."""
    present = {plain(name) if name.strip() else unnamed(at) for at, name in enumerate(names)}
    return sum(1 for aliases in expected if any(plain(alias) in present for alias in aliases))


def score(names: Sequence[str], expected: Expected, wide: str | None = None) -> int:
    """The same, and one for each header that fits the pattern of columns nobody named one by one."""
    found = matched(names, expected)
    return found if wide is None else found + len(wide_ones(names, wide))


def wide_ones(names: Sequence[str], wide: str) -> list[int]:
    """Places of the headers that fit a pattern: whole, as they are kept."""
    pattern = re.compile(wide)
    return [at for at, name in enumerate(names) if name.strip() and pattern.fullmatch(tidy(name))]


def enough(found: int, expected: Expected) -> bool:
    """Whether so many matched columns make a header: a quarter of those expected, at least one."""
    return found >= max(1, (len(expected) + 3) // 4)


def ended(row: Sequence[str]) -> tuple[str, ...]:
    """The row without the empty cells at its end."""
    width = max((at + 1 for at, cell in enumerate(row) if cell.strip()), default=0)
    return tuple(row[:width])


def columns(location: str, names: Sequence[str], expected: Expected) -> tuple[str, ...]:
    """Names a table can have: none empty, none twice (whatever their case), none our own.

    A repeated name that the contract expects is refused, for nobody can tell which column is
    meant; any other gets a number. `第3列` stands for a column without a name.
    """
    wanted = {plain(alias) for aliases in expected for alias in aliases}
    tidied = [tidy(name) for name in names]
    for name, count in Counter(tidied).items():
        # a contract that names the second of them by its number knows which is which
        if count > 1 and name and plain(name) in wanted and plain(f"{name}_2") not in wanted:
            places = ", ".join(str(at + 1) for at, other in enumerate(tidied) if other == name)
            raise errors.HeaderRepeated(location=location, header=name, places=places)
    taken = set(OURS)
    given = []
    for at, name in enumerate(tidied):
        name = name or unnamed(at)
        unique, number = name, 2
        while unique.casefold() in taken:
            unique, number = f"{name}_{number}", number + 1
        taken.add(unique.casefold())
        given.append(unique)
    return tuple(given)


def columns_in_order(wanted: Sequence[str], present: Sequence[str]) -> list[int] | None:
    """Places in `present` of the columns of `wanted`, None unless both have the same."""
    places = {plain(name): at for at, name in enumerate(present)}
    if len(places) != len(wanted) or len(present) != len(wanted):
        return None
    order = [places.get(plain(name), -1) for name in wanted]
    return None if -1 in order else order


def is_footnote(cells: Sequence[str], after_footnote: bool = False) -> bool:
    """Whether a row is a remark under the table: a single text in a table of several columns that
    begins like one, or goes on from one; or a few that all are (制表人：… 审核：…)."""
    filled = [cell for cell in cells if cell and cell.strip()]
    if len(filled) == 1:
        return after_footnote or bool(_FOOTNOTE.match(filled[0]))
    return 1 < len(filled) <= 4 and bool(_FOOTNOTE.match(filled[0])) and all(map(_SAID.search, filled))


_SAID = re.compile(r"[:：]")
