"""Single oddities of tables, each with what must be understood of it."""

from __future__ import annotations

import sqlite3
import zipfile
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from jingwei.collection.connectors import errors, open_source
from jingwei.collection.understanding import Understood, service, understand

Fill = Callable[[Any, Any], None]


@pytest.fixture
def book(tmp_path: Path) -> Callable[..., str]:
    def write(options: dict[str, Any] | None = None, **sheets: list[list[Any]] | Fill) -> str:
        path = tmp_path / "book.xlsx"
        with xlsxwriter.Workbook(str(path), options or {}) as made:
            for name, content in sheets.items():
                sheet = made.add_worksheet(name)
                if callable(content):
                    content(sheet, made)
                else:
                    put(sheet, content)
        return str(path)

    return write


def put(sheet: Any, rows: list[list[Any]], top: int = 0) -> None:
    for at, row in enumerate(rows):
        for column, value in enumerate(row):
            if value is not None and value != "":
                sheet.write(top + at, column, value)


def text(tmp_path: Path, content: str, encoding: str = "utf-8", name: str = "table.csv") -> str:
    path = tmp_path / name
    path.write_bytes(content.encode(encoding))
    return str(path)


def only(location: str, **options: Any) -> Understood:
    (table,) = understand(location, **options).tables
    return table


def records(table: Understood, long: bool = True) -> list[list[str]]:
    return [row for _, rows in service.rows(table, long) for row in rows]


def notes(table: Understood) -> str:
    return " ".join(note.en for note in table.notes)


# statistics downloads


def test_a_download_with_indicators_as_rows_and_years_as_columns(tmp_path):
    content = (
        "数据库：年度数据\n时间：最近3年\n指标,2023年,2022年,2021年\n国民总收入(亿元),1251297.4,1197250.4,1133518.0\n"
        "人均国内生产总值(元),89358,85310,81370\n第一产业增加值(亿元),89755.2,88207.0,83216.5\n"
        "注：1.1980年以后国民总收入与国内生产总值的差额为国外净要素收入。\n数据来源：国家统计局\n"
    )
    table = only(text(tmp_path, content, "gb18030"))
    assert table.names == ("指标", "年份", "数值")
    assert "the rows are indicators" in notes(table)
    assert records(table)[:2] == [
        ["国民总收入(亿元)", "2023", "1251297.4"],
        ["国民总收入(亿元)", "2022", "1197250.4"],
    ]


@pytest.mark.parametrize(
    ("headers", "into", "first"),
    [
        (("2024年3月", "2024年2月", "2024年1月"), "年月", "2024年3月"),
        (("2024年第三季度", "2024年第二季度", "2024年第一季度"), "季度", "2024年第三季度"),
        (("2019/1", "2019/2", "2019/3"), "年月", "2019/1"),
        (("202401", "202402", "202403"), "年月", "202401"),
        (("2024年1-3月", "2024年1-2月", "2024年1月"), "期间", "2024年1-3月"),
        (("1月", "2月", "3月"), "月份", "1"),
        (("Jan-19", "Feb-19", "Mar-19"), "年月", "Jan-19"),
        (("2019-20", "2020-21", "2021-22"), "年度", "2019-20"),
        (("FY2019", "FY2020", "FY2021"), "年度", "FY2019"),
        (("2020-01-01", "2020-02-01", "2020-03-01"), "年月", "2020-01"),
    ],
)
def test_times_as_columns_however_they_are_written(tmp_path, headers, into, first):
    content = (
        ",".join(("指标", *headers))
        + "\n"
        + "居民消费价格指数,101.2,100.8,99.7\n工业增加值,5.1,4.2,6.3\n出口,88,91,97\n"
    )
    table = only(text(tmp_path, content))
    assert table.wide is not None
    assert (table.wide.unpivot.into, records(table)[0]) == (into, ["居民消费价格指数", first, "101.2"])


def test_years_over_indicators_become_two_columns(book):
    def fill(sheet: Any, made: Any) -> None:
        sheet.merge_range("A1:A2", "地区")
        sheet.merge_range("B1:C1", "2020年")
        sheet.merge_range("D1:E1", "2019年")
        put(sheet, [["", "人口", "户数", "人口", "户数"]], 1)
        put(sheet, [["坪山", 10, 4, 9, 3], ["马峦", 20, 8, 19, 7], ["碧岭", 30, 12, 29, 11]], 2)

    table = only(book(表=fill))
    assert table.names == ("地区", "指标", "年份", "数值")
    assert records(table)[:4] == [
        ["坪山", "人口", "2020", "10"],
        ["坪山", "户数", "2020", "4"],
        ["坪山", "人口", "2019", "9"],
        ["坪山", "户数", "2019", "3"],
    ]


def test_the_whole_country_stays_a_record_with_what_the_figures_say(tmp_path):
    rows = [("北京", 10, 20), ("天津", 30, 40), ("河北", 50, 60), ("山西", 70, 80)]
    total = ("全国", 160, 200)
    lines = ["地区,人口,户数", *(",".join(map(str, row)) for row in (total, *rows))]
    table = only(text(tmp_path, "\n".join(lines) + "\n"))
    assert table.rows == 5
    assert "in 2 of 2 columns of figures it is the sum of the other 4 rows" in notes(table)


def test_the_unit_of_a_title_line_and_of_a_header(tmp_path):
    table = only(
        text(
            tmp_path,
            "财政收支情况,,\n,,单位：万元\n街道,收入,增长率(%)\n坪山,100,3.5\n马峦,200,4.5\n碧岭,300,-1\n",
        )
    )
    assert (table.unit, [column.unit for column in table.columns]) == ("万元", [None, None, "%"])


# workbooks


def test_tables_under_each_other_are_told_apart(book):
    first = [["人口表"], ["街道", "人口"], ["坪山", 10], ["马峦", 20], ["合计", 30]]
    second = [[], ["企业表"], ["行业", "企业数", "产值"], ["制造业", 5, 1.5], ["建筑业", 6, 2.5]]
    tables = understand(book(表=[*first, *second])).tables
    assert [(table.title, table.names, table.rows) for table in tables] == [
        ("人口表", ("街道", "人口"), 2),
        ("企业表", ("行业", "企业数", "产值"), 2),
    ]
    assert records(tables[1])[0] == ["制造业", "5", "1.5"]


def test_a_table_below_is_found_again_by_its_headers_alone(book):
    first = [["街道", "人口"], *[[f"街道{at}", at] for at in range(80)]]
    second = [[], ["企业表"], ["行业", "企业数", "产值"], ["制造业", 5, 1.5], ["建筑业", 6, 2.5]]
    location = book(表=[*first, *second])
    source = understand(location).tables[0].source()
    expected = (("行业",), ("企业数",), ("产值",))
    with open_source(type(source)(location, "xlsx", None, expected)) as reader:
        assert sum(batch.rows.num_rows for batch in reader.batches()) == 2


def test_sheets_of_one_shape_can_be_read_as_one_table(book):
    head = ["街道", "人口", "户数"]
    months = {
        f"{month}月": [head, *[[f"街道{at}", at * month, at] for at in range(1, 6)]] for month in (1, 2, 3)
    }
    found = understand(book(**months, 说明=[["请各街道按月填报"], ["联系人王小明"]]))
    assert found.alike == [("1月", "2月", "3月")]
    assert [passed.name for passed in found.passed] == ["说明"]
    (table,) = service.merged(found)
    rows = records(table)
    assert (table.names[-1], len(rows), rows[0], rows[-1]) == (
        "工作表",
        15,
        ["街道1", "1", "1", "1月"],
        ["街道5", "15", "5", "3月"],
    )


def test_the_same_table_again_under_another_title_is_one_table_in_sections(book):
    head = ["街道", "人口", "户数"]
    rows = [
        ["2019年"],
        head,
        ["坪山", 1, 2],
        ["马峦", 3, 4],
        [],
        ["2020年"],
        head,
        ["坪山", 5, 6],
        ["马峦", 7, 8],
    ]
    table = only(book(表=rows))
    assert table.rows == 4
    assert [section["text"] for section in table.facts["sections"]] == ["2020年"]
    assert [row[-1] for row in records(table)] == ["2019年", "2019年", "2020年", "2020年"]
    assert only(table.location, options={"sections": False}).names == ("街道", "人口", "户数")


def test_labels_that_stand_only_in_the_first_row_of_their_group_hold_for_all(book):
    rows = [
        ["街道", "性别", "人数"],
        ["坪山", "男", 1],
        ["", "女", 2],
        ["马峦", "男", 3],
        ["", "女", 4],
        ["碧岭", "男", 5],
        ["", "女", 6],
    ]
    table = only(book(表=rows))
    assert table.options["fill_down"] == ["街道"]
    assert [row[0] for row in records(table)] == ["坪山", "坪山", "马峦", "马峦", "碧岭", "碧岭"]


def test_a_column_with_gaps_is_not_taken_for_group_labels(book):
    rows = [
        ["姓名", "备注", "年龄"],
        ["张伟", "退休", 61],
        ["李娜", "", 35],
        ["王芳", "在读", 20],
        ["刘洋", "", 44],
    ]
    assert "fill_down" not in only(book(表=rows)).options


def test_a_hidden_sheet_is_noted_and_read_only_if_there_is_no_other(book):
    def hidden(sheet: Any, made: Any) -> None:
        put(sheet, [["旧", "数"], ["a", 1], ["b", 2], ["c", 3]])
        sheet.hide()

    rows = [["街道", "人口"], ["坪山", 1], ["马峦", 2]]
    found = understand(book(表=rows, 旧表=hidden))
    assert [table.sheet for table in found.tables] == ["表"]
    assert [passed.name for passed in found.passed] == ["旧表"]
    found = understand(book(空=[], 旧表=hidden))
    assert [(table.sheet, table.rows) for table in found.tables] == [("旧表", 3)]


def test_formulas_that_failed_or_were_never_computed_cost_their_rows(tmp_path, book):
    def fill(sheet: Any, made: Any) -> None:
        put(sheet, [["街道", "人口", "户数"], ["坪山", 1, 2], ["马峦", 3, 4], ["碧岭", 5, 6], ["石井", 7, 8]])
        sheet.write_formula("B3", "=1/0", None, "#DIV/0!")
        sheet.write_formula("C4", "=A1&A2", None, "@@")
        sheet.write_formula("B5", "=1+1", None, 2)

    path = Path(book(表=fill))
    data = rewritten(path, "xl/worksheets/sheet1.xml", b"<v>@@</v>", b"<v></v>", b' t="str"', b"")
    table = only(str(data))
    assert table.rejected == 2
    assert records(table) == [["坪山", "1", "2"], ["石井", "2", "8"]]


def rewritten(path: Path, part: str, *changes: bytes) -> Path:
    """A copy of a workbook with one part of it changed: pairs of what to put in whose place."""
    target = path.with_name("changed.xlsx")
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(target, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            if name == part:
                for before, after in zip(changes[::2], changes[1::2], strict=True):
                    assert before in content
                    content = content.replace(before, after)
            new.writestr(name, content)
    return target


@pytest.mark.parametrize("from_1904", [False, True])
def test_dates_mean_the_same_in_both_date_systems(book, from_1904):
    def fill(sheet: Any, made: Any) -> None:
        put(sheet, [["编号", "日期"]])
        shape = made.add_format({"num_format": "yyyy-mm-dd"})
        for row, day in enumerate((date(1905, 3, 1), date(2020, 2, 29), date(1949, 10, 1)), 1):
            sheet.write(row, 0, f"A{row}")
            sheet.write_datetime(row, 1, datetime(day.year, day.month, day.day), shape)

    table = only(book({"date_1904": from_1904}, 表=fill))
    assert [row[1] for row in records(table)] == ["1905-03-01", "2020-02-29", "1949-10-01"]


def test_dates_before_1900_are_text_and_the_first_days_of_1900_are_themselves(book):
    def fill(sheet: Any, made: Any) -> None:
        put(sheet, [["编号", "日期"], ["A1", "1898-05-04"]])
        shape = made.add_format({"num_format": "yyyy-mm-dd"})
        sheet.write(2, 0, "A2")
        sheet.write_number(2, 1, 1, shape)
        sheet.write(3, 0, "A3")
        sheet.write_number(3, 1, 61, shape)

    assert [row[1] for row in records(only(book(表=fill)))] == ["1898-05-04", "1900-01-01", "1900-03-01"]


def test_rich_text_and_line_breaks_are_the_text_a_person_sees(book):
    def fill(sheet: Any, made: Any) -> None:
        bold = made.add_format({"bold": True})
        put(sheet, [["户主\n姓名", "住 址", "人口"], ["", "坪山\n六联", 3], ["李娜", "龙田", 2]])
        sheet.write_rich_string(1, 0, "张", bold, "伟")

    table = only(book(表=fill))
    assert table.names == ("户主 姓名", "住 址", "人口")
    assert records(table)[0] == ["张伟", "坪山\n六联", "3"]


def test_phonetic_guides_are_no_part_of_the_text(tmp_path, book):
    rows = [["名称", "数"], ["東京", 1], ["大阪", 2]]
    guide = '<t>東京</t><rPh sb="0" eb="2"><t>トウキョウ</t></rPh>'.encode()
    path = rewritten(Path(book(表=rows)), "xl/sharedStrings.xml", "<t>東京</t>".encode(), guide)
    assert records(only(str(path)))[0] == ["東京", "1"]


def test_ghost_rows_and_a_mark_in_the_last_corner(book):
    def styled(sheet: Any, made: Any) -> None:
        put(sheet, [["街道", "人口"], ["坪山", 1], ["马峦", 2]])
        shape = made.add_format({"bold": True})
        for row in range(3, 20_000):
            sheet.write_blank(row, 0, None, shape)

    table = only(book(表=styled))
    assert (table.rows, table.names) == (2, ("街道", "人口"))

    def far(sheet: Any, made: Any) -> None:
        put(sheet, [["街道", "人口"], ["坪山", 1], ["马峦", 2]])
        sheet.write(1_048_575, 16_383, "x")

    with pytest.raises(errors.SheetVast) as refusal:
        understand(book(表=far))
    assert "XFD1048576" in str(refusal.value)


def test_numbers_excel_has_ruined_are_refused(book):
    rows = [["公民身份号码", "姓名"], [440301199001011234, "张伟"], ["440301198502023456", "李娜"]]
    table = only(book(表=rows))
    assert (table.rows, table.rejected) == (1, 1)


# text


def test_a_file_without_a_header_is_said_to_have_none(tmp_path):
    table = only(text(tmp_path, "1,坪山,10.5\n2,马峦,20.5\n3,碧岭,30.5\n4,石井,40.5\n"))
    assert (table.options, table.rows) == ({"header_row": 0}, 4)
    assert table.names == ("第1列", "第2列", "第3列")


def test_index_and_blank_columns_are_left_out_and_said(tmp_path):
    table = only(text(tmp_path, ",序号,街道,人口\n,1,坪山,10\n,2,马峦,20\n,3,碧岭,30\n"))
    assert [column.header for column in table.columns if column.left_out] == ["第1列", "序号"]


def test_full_width_and_separated_numbers_are_figures(tmp_path):
    content = "街道\t人口\t占比\n坪山\t１２，３４５\t12.5%\n马峦\t2,345\t８％\n碧岭\t-\t3%\n"
    table = only(text(tmp_path, content, "gb18030", "t.txt"))
    assert (table.rows, table.facts["delimiter"], table.facts["header_row"]) == (3, "tab", 1)


def test_totals_can_be_kept_where_they_are_records(tmp_path):
    location = text(
        tmp_path, "地区,性别,人数\n坪山,男,1\n坪山,女,2\n坪山,合计,3\n马峦,男,4\n马峦,女,5\n马峦,合计,9\n"
    )
    assert only(location).rows == 4
    assert only(location, options={"totals": "keep"}).rows == 6


# others


def test_every_table_of_a_database(tmp_path):
    path = tmp_path / "house.db"
    with sqlite3.connect(path) as con:
        con.execute("CREATE TABLE 街道 (编码 TEXT, 名称 TEXT)")
        con.execute("INSERT INTO 街道 VALUES ('01', '坪山'), ('02', '马峦')")
        con.execute("CREATE TABLE 人口 (街道编码 TEXT, 人数 INTEGER)")
        con.execute("INSERT INTO 人口 VALUES ('01', 10)")
    con.close()
    found = understand(str(path))
    assert sorted((table.sheet, table.rows) for table in found.tables) == [("人口", 1), ("街道", 2)]
    assert [table.sheet for table in understand(str(path), "人口").tables] == ["人口"]


def test_json_lines_are_a_table_too(tmp_path):
    table = only(
        text(tmp_path, '{"街道": "坪山", "人口": 10}\n{"街道": "马峦", "人口": 20}\n', name="t.jsonl")
    )
    assert (table.names, table.rows) == (("街道", "人口"), 2)


def test_a_column_of_years_is_no_header_however_few_figures_there_are(tmp_path):
    table = only(text(tmp_path, "地区,年份,说明\n坪山,2005,甲\n马峦,2006,乙\n碧岭,2005,丙\n石井,2006,丁\n"))
    assert (table.facts["header_row"], table.rows, table.wide) == (1, 4, None)


def test_decimal_commas_and_short_dates_are_no_words(tmp_path):
    content = (
        "Classement;Date;Année;Prix\nA;01-01-13;2013;0,61\nB;01-02-13;2013;81,20\nC;01-03-13;2014;49,66\n"
    )
    table = only(text(tmp_path, content, "cp1252"))
    assert (table.facts["header_row"], table.rows) == (1, 3)
