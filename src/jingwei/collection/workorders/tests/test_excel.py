"""A work order goes out as a workbook and comes back: nothing is ruined, nothing is taken that was not meant."""

from __future__ import annotations

import csv
import io
import zipfile

import pytest
import python_calamine as calamine
import xlsxwriter

from jingwei.collection import quarantine
from jingwei.collection.connectors.errors import WorkbookDamaged
from jingwei.collection.errors import NothingToMend
from jingwei.collection.models import WorkOrder
from jingwei.collection.workorders import book, excel, lines, returned
from jingwei.collection.workorders.errors import (
    ColumnTwice,
    FileUnreadable,
    NotReturned,
    OrderOfOthers,
    OtherOrder,
    RowsGone,
)
from jingwei.packs.service import installed

from .conftest import GOOD, standard

LONG = "440301199001011234"


def out(order, rows_a_sheet=excel.ROWS_A_SHEET):
    file = excel.workbook(order, book.contract_of(order), installed().section("codes"), rows_a_sheet)
    with file:
        return file.read()


def sheets(data):
    opened = calamine.CalamineWorkbook.from_filelike(io.BytesIO(data))
    return {name: opened.get_sheet_by_name(name).to_python() for name in opened.sheet_names}


def table(data):
    return sheets(data)["要改的行"]


def back(rows, **kinds):
    """The rows as a workbook a spreadsheet would save: numbers stay numbers."""
    file = io.BytesIO()
    workbook = xlsxwriter.Workbook(file, {"strings_to_formulas": False, **kinds})
    sheet = workbook.add_worksheet("Sheet1")
    for at, row in enumerate(rows):
        for column, value in enumerate(row):
            if value != "":
                sheet.write(at, column, value)
    workbook.close()
    return file.getvalue()


def put(rows, key, column, value):
    """The table with one cell changed; `key` is the row's 编号."""
    head = rows[0]
    for row in rows[1:]:
        if row[head.index("编号")] == key:
            row[head.index(column)] = value
    return rows


def test_every_row_goes_out_with_its_reasons_beside_the_wrong_cells(order):
    data = out(order)
    head, *rows = table(data)
    assert head == ["经纬编号", "源行", "错在哪里", "编号", "姓名", "性别", "证件号", "登记日期"]
    assert [row[3:] for row in rows] == [
        ["3", "程既白", "男", "", "2020-13-01"],
        ["4", "", "某", "", "2020-01-02"],
    ]
    assert "登记日期" in rows[0][2] and "姓名" in rows[1][2] and "性别" in rows[1][2]
    with zipfile.ZipFile(io.BytesIO(data)) as parts:
        comments = "".join(parts.read(name).decode() for name in parts.namelist() if "comments" in name)
        sheet = next(
            text
            for name in parts.namelist()
            if "<dataValidation " in (text := parts.read(name).decode("utf-8", "replace"))
        )
    assert comments.count("<comment ") == 3
    assert "sheetProtection" in sheet and 'hidden="1"' in sheet
    assert any("存成 .xlsx" in str(cell) for row in sheets(data)["说明"] for cell in row)


def test_a_corrected_workbook_mends_and_closes_the_order(order, officer):
    rows = put(table(out(order)), "3", "登记日期", "2020-12-01")
    rows = put(put(rows, "4", "姓名", "陶知远"), "4", "性别", "男")
    handed = returned.hand_in(officer, order.id, "改好.xlsx", back(rows))
    assert (handed.outcome.mended, handed.outcome.still, handed.returned.refused) == (2, 0, [])
    assert quarantine.count("trial.person", open_only=True) == 0
    order.refresh_from_db()
    assert order.state == WorkOrder.CLOSED


def test_rows_and_columns_may_move_or_go_and_added_columns_are_not_taken(order, officer):
    rows = put(table(out(order)), "3", "登记日期", "2020-12-01")
    wanted = [7, 3, 0, 4]
    moved = [[row[at] for at in wanted] + ["随便"] for row in rows[1:2]]
    handed = returned.hand_in(
        officer, order.id, "x.xlsx", back([["登记日期", "编号", "经纬编号", "姓名", "我的备注"], *moved])
    )
    assert (handed.outcome.mended, handed.outcome.gone) == (1, 0)


def test_numbers_and_formulas_survive_the_way_out_and_back(deliver, officer):
    deliver(*GOOD, f"0012,=1+1,女,{LONG},2020-13-01")
    order = WorkOrder.objects.get()
    rows = table(out(order))
    assert rows[1][3:] == ["0012", "=1+1", "女", LONG, "2020-13-01"]
    with pytest.raises(NothingToMend):
        returned.hand_in(officer, order.id, "x.xlsx", back(rows))


def test_a_number_the_spreadsheet_ruined_is_refused_and_the_other_cells_are_taken(order, officer):
    rows = put(table(out(order)), "3", "证件号", float(LONG))
    rows = put(rows, "3", "登记日期", "2020-12-01")
    handed = returned.hand_in(officer, order.id, "x.xlsx", back(rows))
    [refused] = handed.returned.refused
    assert (refused.row, refused.column) == (
        2,
        "证件号",
    ) and "4.40301199001011E+17" in refused.why.en.upper()[:80]
    assert handed.outcome.mended == 1
    assert ("3", None) in standard("number, id_number")


def test_a_formula_that_failed_is_refused(order):
    file = io.BytesIO()
    workbook = xlsxwriter.Workbook(file)
    sheet = workbook.add_worksheet()
    rows = table(out(order))
    for at, row in enumerate(rows[:2]):
        for column, value in enumerate(row):
            sheet.write(at, column, value)
    sheet.write_formula(1, 7, "=#REF!", None, "#REF!")
    workbook.close()
    read = returned.read(order, book.contract_of(order), "x.xlsx", file.getvalue())
    assert [(one.column, "#REF!" in one.why.zh) for one in read.refused] == [("登记日期", True)]


def test_rows_the_officer_added_or_whose_number_was_altered_are_refused_with_their_place(order):
    rows = table(out(order))
    rows.append(["", "", "", "9", "某某", "女", "", "2020-01-02"])
    rows[1][0] = "3"
    read = returned.read(order, book.contract_of(order), "x.xlsx", back(rows))
    assert [(one.row, one.why) for one in read.refused] == [(2, returned.DAMAGED), (4, returned.ADDED)]
    assert read.rows == 1


def test_one_row_in_two_versions_is_refused(order):
    rows = table(out(order))
    rows.append([*rows[1][:7], "2020-11-11"])
    read = returned.read(order, book.contract_of(order), "x.xlsx", back(rows))
    assert [(one.row, one.why) for one in read.refused] == [(4, returned.TWO_VERSIONS)]


def test_the_same_file_twice_is_told_and_changes_nothing(order, officer):
    data = back(put(table(out(order)), "3", "登记日期", "2020-12-01")[:2])
    returned.hand_in(officer, order.id, "x.xlsx", data)
    with pytest.raises(RowsGone):
        returned.hand_in(officer, order.id, "x.xlsx", data)


def test_a_partly_filled_file_takes_what_is_there_and_leaves_the_rest(order, officer):
    data = back(put(table(out(order)), "3", "登记日期", "2020-12-01"))
    handed = returned.hand_in(officer, order.id, "x.xlsx", data)
    assert (handed.returned.rows, handed.outcome.mended, handed.outcome.same) == (2, 1, 1)
    assert lines.count(order) == 1


def test_another_orders_file_is_refused_by_name(order, officer, deliver):
    deliver(*GOOD, "3,程既白,男,,2020-13-01", "4,,某,,2020-01-02", "5,某某,女,,1900-01-01")
    later = WorkOrder.objects.exclude(pk=order.pk).get()
    with pytest.raises(OtherOrder) as told:
        returned.hand_in(officer, order.id, "x.xlsx", out(later))
    assert later.id in told.value.what.zh


@pytest.mark.parametrize(
    ("name", "data", "error"),
    [
        ("x.xlsx", back([["编号", "姓名"], ["3", "程既白"]]), NotReturned),
        ("x.csv", "编号,姓名\n3,程既白\n".encode(), NotReturned),
        ("x.xlsx", b"PK\x03\x04broken", WorkbookDamaged),
        ("x.csv", b"\xff\xff\xff", FileUnreadable),
        ("x.csv", "经纬编号,姓名,姓 名\n".encode(), ColumnTwice),
    ],
)
def test_a_file_that_is_none_of_ours_is_refused_with_the_reason(order, officer, name, data, error):
    with pytest.raises(error):
        returned.hand_in(officer, order.id, name, data)
    assert lines.count(order) == 2


def test_another_departments_officer_may_not_hand_in(order, stranger):
    with pytest.raises(OrderOfOthers):
        returned.hand_in(stranger, order.id, "x.xlsx", out(order))


def test_a_large_order_goes_out_in_several_sheets_and_all_come_back(order, officer):
    data = out(order, rows_a_sheet=1)
    named = sheets(data)
    assert [len(named["要改的行"]), len(named["要改的行 2"])] == [2, 2]
    assert returned.read(order, book.contract_of(order), "x.xlsx", data).rows == 2


def test_as_csv_formulas_are_disarmed_and_come_back_as_they_were(deliver, officer):
    deliver(*GOOD, "0012,=1+1,女,,2020/13/01")
    order = WorkOrder.objects.get()
    text = "".join(excel.csv_lines(order, book.contract_of(order)))
    rows = list(csv.reader(io.StringIO(text.removeprefix("\ufeff"))))
    assert rows[1][3:5] == ["0012", "'=1+1"]
    with pytest.raises(NothingToMend):
        returned.hand_in(officer, order.id, "x.csv", text.encode("utf-8"))
    spoilt = text.replace("0012", "12").replace("'=1+1", "陶知远").replace("2020/13/01", "2020-12-01")
    handed = returned.hand_in(officer, order.id, "x.csv", spoilt.encode("gb18030"))
    assert [one.column for one in handed.returned.refused] == ["编号"]
    assert handed.outcome.mended == 1
    assert ("0012", "陶知远") in standard()


def test_a_date_the_spreadsheet_writes_its_own_way_is_no_correction(order, officer):
    text = "".join(excel.csv_lines(order, book.contract_of(order)))
    with pytest.raises(NothingToMend):
        returned.hand_in(officer, order.id, "x.csv", text.replace("2020-01-02", "2020/1/2").encode())


def test_signs_a_workbook_cannot_hold_come_back_unchanged(deliver, officer):
    deliver(*GOOD, '3,"程\x01既_x0041_白\r\n乙",男,,2020-13-01')
    order = WorkOrder.objects.get()
    with pytest.raises(NothingToMend):
        returned.hand_in(officer, order.id, "x.xlsx", out(order))


def test_a_stretch_that_was_no_record_goes_out_with_its_text(deliver, officer):
    deliver(*GOOD, "3,程既白,男")
    order = WorkOrder.objects.get()
    rows = table(out(order))
    assert rows[0][-1] == "原文" and rows[1][-1] == "3,程既白,男"
    rows[1][3:7] = ["3", "程既白", "男", ""]
    rows[1][rows[0].index("登记日期")] = "2020-01-02"
    assert returned.hand_in(officer, order.id, "x.xlsx", back(rows)).outcome.mended == 1
