"""Real files of statistics offices and others, against answers somebody else wrote down."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest

from jingwei.collection.understanding import service, understand
from jingwei.collection.understanding.tables import Understood

ANSWERS = {
    "": "GDP_亿元",
    " (1)": "人口数_抽样调查_人",
    " (2)": "65岁以上人口_抽样调查_人",
    " (3)": "城镇单位就业人员_万人",
    " (4)": "私营个体就业人员_NBS_万人",
    " (5)": "固定资产投资到位资金增速_%",
    " (6)": "公有单位专业技术人员_NBS_人",
}
"""Number of the download → the column of the tidied table that holds its values."""


def records(table: Understood) -> list[list[str]]:
    return [row for _, rows in service.rows(table) for row in rows]


def short(region: str) -> str:
    """北京市 as the tidied table calls it."""
    for ending in ("维吾尔自治区", "壮族自治区", "回族自治区", "自治区", "省", "市"):
        region = region.removesuffix(ending)
    return region


@pytest.mark.parametrize("number", ANSWERS)
def test_every_cell_of_a_downloaded_table_is_that_of_the_tidied_one(shared: Path, number: str):
    answer: dict[tuple[str, str], str] = {}
    text = (shared / "tables/renjiyi_分省年度数据_整合.csv").read_text(encoding="utf-8-sig")
    for row in csv.DictReader(io.StringIO(text)):
        answer[row["地区"], row["年份"]] = row[ANSWERS[number]]
    (table,) = understand(str(shared / f"tables/renjiyi_分省年度数据{number}.csv")).tables
    assert (table.names[:2], table.wide.unpivot.into) == (("地区", "年份"), "年份")
    compared = 0
    for region, year, value in records(table):
        wanted = answer.get((short(region), year))
        if wanted is None:
            continue  # a year the tidied table does not have
        assert (float(value) if value else None) == (float(wanted) if wanted else None), (region, year)
        compared += bool(value)
    assert compared > 150


def test_a_workbook_whose_header_names_nothing_but_years(shared: Path):
    (table,) = understand(str(shared / "tables/renjiyi_一般公共预算等.xls")).tables
    rows = records(table)
    assert len(rows) == 62 * 20
    assert [c.header for c in table.columns if c.left_out] == ["第1列"]
    found = {(row[1], row[3], row[4]): row[5] for row in rows}
    assert found["一般公共预算支出（亿元）i", "天津", "2008"] == "867.72"
    assert found["财政支出（亿元）i", "新疆", "2006"] == "678.47"


def test_series_described_in_ten_rows_above_their_dates(shared: Path):
    tables = understand(str(shared / "tables/abs_7218001.xls")).tables
    data = next(table for table in tables if table.sheet == "Data1")
    rows = records(data)
    assert (len(rows), rows[0][0], rows[-1][0]) == (510, "1976-07-01", "2018-12-01")
    assert len(set(data.names)) == 24
    assert data.names[1].endswith("Original") and data.facts["header_row"] == 10
    assert next(table for table in tables if table.sheet == "Index").rows == 23


def test_a_merged_header_with_footnotes_below(shared: Path):
    (table,) = understand(str(shared / "tables/us-crime-2.xlsx")).tables
    assert (table.rows, len(table.facts["footnotes"]), len(table.columns)) == (198, 11, 23)
    assert table.names[3:5] == ("Violent crime3", "Violent crime3-Rate per 100,000")
    rows = records(table)
    assert [row[1] for row in rows[:3]] == ["2015", "2016", "Percent change"]
    assert len({row[0] for row in rows}) == 66


@pytest.mark.parametrize("name", ["issue-320.xlsx", "issue-1024.xlsx"])
def test_a_header_of_three_levels_under_titles(shared: Path, name: str):
    (table,) = understand(str(shared / "tables/frictionless" / name)).tables
    assert (table.rows, table.facts["header_row"], table.facts["header_levels"]) == (46, 12, 3)
    assert "Current-Phase 1-#" in table.names
    assert len(table.facts["footnotes"]) == 2


def test_a_sheet_that_claims_65203_rows_and_holds_495(shared: Path):
    (table,) = understand(str(shared / "messages/附件2.xlsx")).tables
    assert (table.rows, table.rejected) == (495, 0)
    assert table.names == ("留言编号", "留言用户", "留言主题", "留言时间", "留言详情", "一级分类")


@pytest.mark.parametrize(
    ("name", "columns", "rows"),
    [
        ("frictionless/multiline-headers.xlsx", 4, 1),
        ("frictionless/skip-rows.xlsx", 2, 1),
        ("frictionless/number-format-multicode.xlsx", 1, 3),
        ("frictionless/preserve-formatting.xlsx", 11, 1),
        ("frictionless/encoding-issue-274.csv", 17, 507),
        ("frictionless/issue-493.csv", 126, 9),
    ],
)
def test_smaller_oddities(shared: Path, name: str, columns: int, rows: int):
    (table,) = understand(str(shared / "tables" / name)).tables
    assert (len(table.names), table.rows, table.rejected) == (columns, rows, 0)
