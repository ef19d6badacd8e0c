"""What the rows and columns of a table are, told from their looks: titles, figures, counters, groups, regions."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Sequence
from itertools import pairwise

from jingwei.collection.connectors import headers
from jingwei.collection.connectors.signs import DATE, NUMBER, TEXT, is_caption, looks, period
from jingwei.collection.understanding import units
from jingwei.collection.understanding.periods import Wide
from jingwei.kernel.text import Text, listed

Rows = Sequence[Sequence[str | None]]

VALUE = "数值"
"""What the cells of a wide table are called where nothing else names them."""


_NOT_TITLE = re.compile(r"^(?:数据库|时间|日期|单位|填报|填表|制表|编制|来源|数据来源|打印|导出|报告期|期间)")
_NUMBERED = re.compile(r"^(?:附?表\s*[0-9一二三四五六七八九十]|Table\b)", re.IGNORECASE)
_INDICATOR = re.compile(r"^指标\s*[:：]\s*(.+)$")


def measure(titles: Sequence[str]) -> str:
    """What the figures of a wide table are: the indicator that a title line names, else just values."""
    named = [found[1].strip() for line in titles if (found := _INDICATOR.match(line.strip()))]
    return headers.tidy(named[0]) if named and len(named[0]) <= 60 else VALUE


def title(titles: Sequence[str]) -> str:
    """What the table is called: its indicator, else the longest line above it that is no remark on it."""
    indicator = measure(titles)
    if indicator != VALUE:
        return indicator
    named = [line.strip() for line in titles if not _NOT_TITLE.match(line.strip())]
    named = [line for line in named if not is_caption(line) or _NUMBERED.match(line)]
    worded = [line for line in named if not period(line)] or named
    brief = [line for line in worded if len(line) <= 60] or worded
    return max(brief, key=len, default="")[:80]


def figures(rows: Rows, width: int) -> set[int]:
    """Columns of figures, or of nothing at all."""
    found = set()
    for at in range(width):
        kinds = Counter(looks(row[at] or "") for row in rows)
        told = kinds[NUMBER] + kinds[TEXT] + kinds[DATE]
        if kinds[NUMBER] * 10 >= told * 7:
            found.add(at)
    return found


_INDEX = re.compile(
    r"(?:序号|序|行号|№|No\.?|#|Unnamed: 0|index|rownames?|row_?names?|row_?id|row_?num(?:ber)?|第\d+列)",
    re.IGNORECASE,
)


def useless(header: str, at: int, rows: Rows, wide: Wide | None) -> Text | None:
    """Why a column says nothing of the records: it only counts them, has neither name nor values, or adds
    up the columns that become rows."""
    cells = [(row[at] or "").strip() for row in rows]
    nameless = bool(re.fullmatch(r"第\d+列", header))
    if nameless and not any(cells):
        return Text("没有列名也没有值", "has neither a name nor a value")
    if _INDEX.fullmatch(header) and len(cells) > 2 and _counts(cells):
        return Text("只是给行编号，换一次导出就变", "only numbers the rows; another export numbers them anew")
    if wide and header in ("合计", "总计", "全年", "Total", "TOTAL"):
        return Text("是各{into}之和", "adds up the columns that become rows").fill(into=wide.kind.into)
    return None


def _counts(cells: Sequence[str]) -> bool:
    numbers = [int(cell) for cell in cells if cell.isdigit()]
    rising = all(a < b for a, b in pairwise(numbers))
    return (
        len(numbers) == len(cells)
        and numbers[0] in (0, 1)
        and rising
        and (numbers[-1] - numbers[0] + 1 == len(numbers) or len(numbers) >= 1_000)
    )


def group_labels(columns: Sequence[str], rows: Rows) -> list[str]:
    """Columns on the left whose labels stand only in the first row of their group."""
    if len(rows) < 4 or len(columns) < 3:
        return []
    filled: list[str] = []
    for at, header in enumerate(columns[:3]):
        cells = [(row[at] or "").strip() for row in rows]
        beside = [(row[at + 1] or "").strip() for row in rows] if at + 1 < len(columns) else []
        given = [cell for cell in cells if cell]
        if not all(cells) and _names_groups(cells, given, beside):
            filled.append(header)
        elif not all(cells):
            break
    return filled


def _names_groups(cells: Sequence[str], given: Sequence[str], beside: Sequence[str]) -> bool:
    """Whether labels begin groups: the first row has one, none comes twice, the next column is always
    filled and tells the rows of each group apart."""
    if not cells[0] or len(given) < 2 or len(given) * 2 > len(cells) or len(set(given)) < len(given):
        return False
    if not all(beside) or any(looks(cell) != TEXT for cell in given):
        return False
    group, pairs = "", set()
    for cell, other in zip(cells, beside, strict=True):
        group = cell or group
        pairs.add((group, other))
    return len(pairs) == len(cells) and len(set(beside)) < len(beside)


_REGION = re.compile(
    r".*(?:省|市|自治区|特别行政区|区|县|旗|州|盟|街道|镇|乡|村|社区)|全国|北京|天津|河北|山西|内蒙古|辽宁|吉林|黑龙江|上海|江苏|浙江|安徽|福建|江西|山东|河南|湖北|湖南|广东|广西|海南|重庆|四川|贵州|云南|西藏|陕西|甘肃|青海|宁夏|新疆|香港|澳门|台湾"
)


def orientation(rows: Rows, columns: Sequence[str], wide: Collection[int]) -> Text:
    """What the rows of a wide table are: regions, indicators, or something else."""
    labels = [at for at in range(len(columns)) if at not in wide]
    for at in labels:
        cells = [(row[at] or "").strip() for row in rows]
        words = [cell for cell in cells if cell and looks(cell) == TEXT]
        if len(words) * 2 < len(cells) or len(set(words)) < 2:
            continue
        regions = sum(1 for cell in words if _REGION.fullmatch(cell))
        with_unit = sum(1 for cell in words if units.of_header(cell)[1])
        said = {"column": columns[at], "n": len(words)}
        if regions * 10 >= len(words) * 7:
            return Text(
                "各行是地区（{column}，{k}/{n}）", "the rows are regions ({column}, {k} of {n})"
            ).fill(**said, k=regions)
        if with_unit * 10 >= len(words) * 3 or columns[at] in ("指标", "项目", "指标名称"):
            return Text(
                "各行是指标（{column}，{k}/{n} 带单位），单位随行不同，数值要连同指标一起看",
                "the rows are indicators ({column}, {k} of {n} with a unit): a figure means nothing without its indicator",
            ).fill(**said, k=with_unit)
    names = listed(columns[at] for at in labels)
    return Text("各行由 {columns} 区分", "the rows are told apart by {columns}").fill(columns=names)
