"""Tables as departments make them, from a known truth: any mixture of titles, headers of two levels, years as
columns, index columns, totals, remarks, blank rows, other tables below."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import xlsxwriter
from hypothesis import strategies as st

REGIONS = (
    "坪山街道",
    "坑梓街道",
    "马峦街道",
    "碧岭街道",
    "石井街道",
    "龙田街道",
    "六联社区",
    "六和社区",
    "沙湖社区",
    "秀新社区",
    "金沙社区",
    "老坑社区",
)
MEASURES = ("人口", "户数", "企业数", "就业人数", "财政收入", "学校数")
GROUPS = (
    ("基本情况", ("人口", "户数")),
    ("经济情况", ("企业数", "财政收入")),
    ("其他", ("学校数", "床位数")),
)
STYLES = ("{y}年", "{y}", "{y}年度", "{y}年1月", "{y}/1", "{y}-06", "{y}年第一季度", "{y}Q1")


@dataclass
class Messy:
    """`records` are what a right understanding gives, in the table's own order."""

    titles: list[str] = field(default_factory=list)
    unit_line: bool = False
    index: bool = False
    levels: int = 1
    style: str = ""
    years: tuple[int, ...] = ()
    measures: tuple[str, ...] = ()
    records: list[list[str]] = field(default_factory=list)
    total: str = ""
    subtotals: bool = False
    blank_after: int = 0
    footnotes: list[str] = field(default_factory=list)
    repeated_header: bool = False
    numbered_columns: bool = False
    other_below: bool = False
    indent: tuple[int, int] = (0, 0)
    thousands: bool = False

    @property
    def headers(self) -> list[str]:
        own = [self.style.format(y=y) for y in self.years] if self.style else list(self.measures)
        return ["街道", *own]

    @property
    def groups(self) -> list[str]:
        return [group for group, inside in GROUPS for _ in inside][: len(self.measures)]

    def rows(self) -> list[list[Any]]:
        """The sheet's rows from the first title to the last remark; a group's cells are written once."""
        width = len(self.headers) + self.index
        rows: list[list[Any]] = [[title] for title in self.titles]
        if self.unit_line:
            rows.append([*[""] * (width - 1), "单位：万元"])
        head = (["序号"] if self.index else []) + self.headers
        if self.levels == 2:
            said = [
                group if at == 0 or self.groups[at - 1] != group else ""
                for at, group in enumerate(self.groups)
            ]
            rows.append([*(["序号"] if self.index else []), "街道", *said])
            rows.append([*([""] if self.index else []), "", *self.headers[1:]])
        else:
            rows.append(head)
        self.header_at = len(rows) - 1
        if self.numbered_columns:
            rows.append(["甲", *[f"({at})" for at in range(1, width)]])
        for at, record in enumerate(self.records, 1):
            cells = [self._written(cell) for cell in record]
            rows.append(([at] if self.index else []) + cells)
            if self.blank_after == at:
                rows.append([])
            if self.repeated_header and at == 3 and self.levels == 1:
                rows.append(head)
            if self.subtotals and at == 4:
                rows.append(self._sum("小计", self.records[:4]))
        if self.total:
            rows.append(self._sum(self.total, self.records))
        rows += [[note] for note in self.footnotes]
        if self.other_below:
            rows += [
                [],
                ["另表：设备清单"],
                ["设备", "台数", "单价"],
                ["打印机", 3, 1200.5],
                ["电脑", 12, 5600],
            ]
        return rows

    def _written(self, cell: str) -> Any:
        if self.thousands and cell.isdigit():
            return f"{int(cell):,}"
        return int(cell) if cell.isdigit() else cell

    def _sum(self, label: str, records: list[list[str]]) -> list[Any]:
        sums = [
            sum(int(record[at]) for record in records if record[at].isdigit())
            for at in range(1, len(self.headers))
        ]
        return ([""] if self.index else []) + [label, *sums]

    def truth(self) -> list[list[str]]:
        """The long records where years stand above the columns, else the records."""
        shown = [[str(self._written(cell)) if cell else "" for cell in record] for record in self.records]
        if not self.style:
            return shown
        return [
            [r[0], self._period(y), value] for r in shown for y, value in zip(self.years, r[1:], strict=True)
        ]

    def _period(self, year: int) -> str:
        header = self.style.format(y=year)
        return str(year) if self.style in ("{y}年", "{y}年度") else header

    def write(self, path: Path) -> Path:
        if path.suffix == ".csv":
            lines = [",".join(_quoted(cell) for cell in row) for row in self.rows()]
            path.write_bytes(("\r\n".join(lines) + "\r\n").encode("gb18030"))
            return path
        with xlsxwriter.Workbook(str(path)) as book:
            sheet = book.add_worksheet("数据")
            down, right = self.indent
            rows = self.rows()
            for at, row in enumerate(rows):
                for column, value in enumerate(row):
                    if value != "":
                        sheet.write(down + at, right + column, value)
            if self.levels == 2:
                self._merge(sheet, down + self.header_at - 1, right)
        return path

    def _merge(self, sheet: Any, top: int, right: int) -> None:
        lead = 1 + self.index
        for column, text in enumerate((["序号"] if self.index else []) + ["街道"]):
            sheet.merge_range(top, right + column, top + 1, right + column, text)
        start = 0
        for at in range(1, len(self.groups) + 1):
            if at == len(self.groups) or self.groups[at] != self.groups[start]:
                if at - start > 1:
                    sheet.merge_range(
                        top, right + lead + start, top, right + lead + at - 1, self.groups[start]
                    )
                start = at


def _quoted(cell: Any) -> str:
    text = str(cell)
    return f'"{text}"' if "," in text else text


@st.composite
def messy_tables(draw: st.DrawFn, suffix: str) -> Messy:
    """Any of them; CSV has no merged cells and no place but the top left."""
    wide = draw(st.booleans())
    made = Messy()
    if wide:
        made.style = draw(st.sampled_from(STYLES))
        last = draw(st.integers(2005, 2024))
        made.years = tuple(range(last, last - draw(st.integers(3, 8)), -1))
        width = len(made.years)
    else:
        made.levels = draw(st.sampled_from((1, 2)))
        inside = [name for _, names in GROUPS for name in names]
        made.measures = (
            tuple(inside[: draw(st.integers(3, 6))])
            if made.levels == 2
            else MEASURES[: draw(st.integers(2, 6))]
        )
        width = len(made.measures)
    count = draw(st.integers(5, len(REGIONS)))
    cell = st.one_of(st.integers(3000, 9_999_999).map(str), st.integers(3000, 99_999).map(str), st.just(""))
    made.records = [
        [REGIONS[at], *draw(st.lists(cell, min_size=width - 1, max_size=width - 1)), str(3000 + at)]
        for at in range(count)
    ]
    made.titles = draw(
        st.sampled_from(
            ([], ["坪山区各街道基本情况"], ["坪山区统计资料", "填报单位：区统计局"], ["表3-1 分街道情况表"])
        )
    )
    made.unit_line = bool(made.titles) and draw(st.booleans())
    made.index = draw(st.booleans())
    made.total = draw(st.sampled_from(("", "合计", "合 计", "总计")))
    made.subtotals = draw(st.booleans())
    made.blank_after = draw(st.sampled_from((0, 2, 4)))
    made.footnotes = draw(
        st.sampled_from(([], ["注：数据为初步统计。"], ["数据来源：区统计局", "制表人：王小明"]))
    )
    made.repeated_header = draw(st.booleans())
    made.numbered_columns = not made.index and width >= 3 and draw(st.booleans())
    made.other_below = draw(st.booleans())
    made.thousands = draw(st.booleans())
    if suffix != ".csv":
        made.indent = draw(st.sampled_from(((0, 0), (2, 0), (0, 1), (3, 2))))
    return made
