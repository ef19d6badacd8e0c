"""Workbooks as departments make them: titles, merged headers, ruined numbers, files in disguise."""

from __future__ import annotations

import io
import random
import struct
import zipfile
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import msoffcrypto.format.ooxml
import pytest
import xlsxwriter
import xlwt

from jingwei.collection.connectors import errors, reason
from jingwei.collection.connectors.tests.conftest import read
from jingwei.collection.connectors.workbook.oddities import odd_cells

HEAD = ("公民身份号码", "姓名", "住址")


@pytest.fixture
def xlsx(tmp_path: Path) -> Callable[..., Path]:
    """Writes a workbook: sheet name to a function that fills the sheet."""

    def write(name: str = "book.xlsx", **sheets: Callable[[Any, Any], None]) -> Path:
        path = tmp_path / name
        with xlsxwriter.Workbook(str(path)) as book:
            for title, fill in sheets.items():
                fill(book.add_worksheet(title), book)
        return path

    return write


def table(*rows: tuple[Any, ...], at: tuple[int, int] = (0, 0)) -> Callable[[Any, Any], None]:
    def fill(sheet: Any, book: Any) -> None:
        for down, row in enumerate(rows):
            for right, value in enumerate(row):
                if value is not None:
                    sheet.write(at[0] + down, at[1] + right, value)

    return fill


ROWS = [("990101199001011234", "张伟", "六联社区"), ("990101198502023456", "李娜", "龙田社区")]


def test_a_plain_sheet(xlsx):
    found = read(xlsx(表=table(HEAD, *ROWS)), HEAD)
    assert (found.columns, found.rows, found.numbers) == (HEAD, ROWS, [2, 3])
    assert (found.facts["sheet"], found.facts["header_row"]) == ("表", 1)


def test_the_old_format_too(tmp_path):
    book = xlwt.Workbook()
    sheet = book.add_sheet("表")
    sheet.write_merge(0, 0, 0, 2, "常住人口登记表")
    for down, row in enumerate([HEAD, *ROWS], start=1):
        for right, value in enumerate(row):
            sheet.write(down, right, value)
    book.save(str(tmp_path / "book.xls"))
    found = read(tmp_path / "book.xls", HEAD)
    assert (found.rows, found.numbers) == (ROWS, [3, 4])
    assert found.facts["titles"] == [{"row": 1, "text": "常住人口登记表"}]


def test_a_table_that_starts_anywhere_on_the_sheet(xlsx):
    found = read(xlsx(表=table(HEAD, *ROWS, at=(7, 3))), HEAD)
    assert (found.rows, found.numbers) == (ROWS, [9, 10])
    assert found.columns[-3:] == HEAD


def test_titles_remarks_and_empty_rows_are_noted_not_read(xlsx):
    rows = [
        ("常住人口登记表",),
        ("填表单位：坪山", None, "2026年"),
        HEAD,
        ROWS[0],
        (),
        ROWS[1],
        ("注：截至十月",),
        ("制表人：王",),
    ]
    found = read(xlsx(表=table(*rows)), HEAD)
    assert found.rows == ROWS
    assert found.numbers == [4, 6]
    assert found.facts["blank"] == 1
    assert [note["row"] for note in found.facts["footnotes"]] == [7, 8]
    assert [title["row"] for title in found.facts["titles"]] == [1, 2]


def spread_header(sheet: Any, book: Any) -> None:
    sheet.merge_range("A1:E1", "家庭情况登记")
    sheet.merge_range("A2:A3", "编号")
    sheet.merge_range("B2:C2", "户主")
    sheet.merge_range("D2:E2", "配偶")
    for column, name in enumerate(["姓名", "身份证号", "姓名", "身份证号"], start=1):
        sheet.write(2, column, name)
    for column, value in enumerate(["7", "张伟", "a", "李娜", "b"]):
        sheet.write(3, column, value)


def test_a_header_spread_over_two_rows_is_joined_where_names_repeat(xlsx):
    found = read(xlsx(表=spread_header), ("编号", "户主姓名", "户主身份证号|户主-身份证号", "配偶姓名"))
    assert found.columns == ("编号", "户主-姓名", "户主-身份证号", "配偶-姓名", "配偶-身份证号")
    assert found.rows == [("7", "张伟", "a", "李娜", "b")]
    assert (found.facts["header_row"], found.facts["header_levels"]) == (3, 2)


def test_a_spread_header_is_matched_by_its_lowest_level_first(xlsx):
    def fill(sheet: Any, book: Any) -> None:
        sheet.merge_range("A1:A2", "编号")
        sheet.merge_range("B1:C1", "家庭情况")
        sheet.write(1, 1, "户主姓名")
        sheet.write(1, 2, "人数")
        for column, value in enumerate(["7", "张伟", 3]):
            sheet.write(2, column, value)

    found = read(xlsx(表=fill), ("编号", "户主姓名", "人数"))
    assert (found.columns, found.rows) == (("编号", "户主姓名", "人数"), [("7", "张伟", "3")])


def test_an_expected_name_that_two_columns_bear_is_refused(xlsx):
    with pytest.raises(errors.HeaderRepeated):
        read(xlsx(表=table(("姓名", "姓名"), ("张伟", "李娜"))), ("姓名",))


def test_values_come_as_a_person_sees_them(xlsx):
    def fill(sheet: Any, book: Any) -> None:
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        moment = book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
        clock = book.add_format({"num_format": "hh:mm:ss"})
        hours = book.add_format({"num_format": "[hh]:mm:ss"})
        for column in range(10):
            sheet.write(0, column, f"列{column}")
        sheet.write(1, 0, 12)
        sheet.write(1, 1, 1.5)
        sheet.write(1, 2, 0.1 + 0.2)
        sheet.write(1, 3, 123456789012345)
        sheet.write(1, 4, True)
        sheet.write_datetime(1, 5, datetime(2026, 11, 1), day)
        sheet.write_datetime(1, 6, datetime(2026, 11, 1, 8, 30), moment)
        sheet.write_datetime(1, 7, time(8, 30), clock)
        sheet.write_datetime(1, 8, timedelta(hours=30), hours)
        sheet.write_string(1, 9, "007")

    found = read(xlsx(表=fill), tuple(f"列{column}" for column in range(10)))
    assert found.rows == [
        ("12", "1.5", "0.3", "123456789012345", "TRUE", date(2026, 11, 1).isoformat(), "2026-11-01 08:30:00",
         "08:30:00", "30:00:00", "007")
    ]  # fmt: skip


@pytest.mark.parametrize("suffix", ["xlsx", "xls"])
def test_a_long_number_excel_ruined_is_never_handed_on(tmp_path, xlsx, suffix):
    if suffix == "xlsx":
        path = xlsx(表=table(HEAD, (990101199001011234, "张伟", "x"), ROWS[1]))
    else:
        path = tmp_path / "book.xls"
        book = xlwt.Workbook()
        sheet = book.add_sheet("表")
        for down, row in enumerate([HEAD, (990101199001011234.0, "张伟", "x"), ROWS[1]]):
            for right, value in enumerate(row):
                sheet.write(down, right, value)
        book.save(str(path))
    found = read(path, HEAD)
    assert (found.rows, found.codes) == ([ROWS[1]], [(2, "number-ruined")])
    assert "公民身份号码" in reason(found.rejects[0]).zh
    assert "990101199001011" not in found.rejects[0].text


def test_a_ruined_number_nobody_asked_for_does_not_cost_the_row(xlsx):
    found = read(xlsx(表=table((*HEAD, "卡号"), (*ROWS[0], 6222020200112233445))), HEAD)
    assert found.rows == [(*ROWS[0], "6.22202020011223E+18")]


@pytest.mark.parametrize("error", ["#REF!", "#DIV/0!", "#N/A", "#VALUE!"])
def test_a_formula_error_does_not_pass_for_an_empty_cell(xlsx, error):
    def fill(sheet: Any, book: Any) -> None:
        table(HEAD, *ROWS)(sheet, book)
        sheet.write_formula(1, 2, "=1/0", None, error)

    found = read(xlsx(表=fill), HEAD)
    assert (found.rows, found.codes) == ([ROWS[1]], [(2, "formula-error")])
    assert error in found.rejects[0].text
    assert "住址" in reason(found.rejects[0]).zh


def test_a_formula_error_nobody_asked_for_does_not_cost_the_row(xlsx):
    def fill(sheet: Any, book: Any) -> None:
        table((*HEAD, "备注"), (*ROWS[0], None), (*ROWS[1], "x"))(sheet, book)
        sheet.write_formula(1, 3, "=1/0", None, "#DIV/0!")

    assert read(xlsx(表=fill), HEAD).rows == [(*ROWS[0], "#DIV/0!"), (*ROWS[1], "x")]


def test_a_formula_error_in_the_old_format_does_not_pass_either(tmp_path):
    book = xlwt.Workbook()
    book.add_sheet("前")
    sheet = book.add_sheet("表")
    for down, row in enumerate([HEAD, *ROWS * 200]):
        for right, value in enumerate(row):
            sheet.write(down, right, value)
    sheet.row(900).set_cell_error(2, "#REF!")
    sheet.row(900).write(0, "990101199001011234")
    sheet.row(901).set_cell_error(0, "#NAME?")
    sheet.row(901).write(1, "李娜")
    book.save(str(tmp_path / "book.xls"))
    found = read(tmp_path / "book.xls", HEAD)
    assert found.codes == [(901, "formula-error"), (902, "formula-error")]
    assert [reject.text.split("\t") for reject in found.rejects] == [
        ["990101199001011234", "", "#REF!"],
        ["#NAME?", "李娜", ""],
    ]
    assert len(found.rows) == 400


def test_cells_merged_downwards_hold_for_every_row(xlsx):
    def fill(sheet: Any, book: Any) -> None:
        table(HEAD, ("1", "张伟", None), ("2", "李娜", None), ("3", "王芳", "别处"))(sheet, book)
        sheet.merge_range(1, 2, 2, 2, "同一户")

    found = read(xlsx(表=fill), HEAD)
    assert [row[2] for row in found.rows] == ["同一户", "同一户", "别处"]
    assert found.facts["merged_cells_filled"] == 1


def test_ghost_rows_and_columns_are_ignored(xlsx):
    def fill(sheet: Any, book: Any) -> None:
        table(HEAD, *ROWS)(sheet, book)
        sheet.write_blank(5000, 60, None, book.add_format({"bold": True}))
        sheet.set_column(0, 200, 20)

    found = read(xlsx(表=fill), HEAD)
    assert (found.columns, found.rows, found.rejects) == (HEAD, ROWS, [])


def test_text_beyond_the_header_is_rejected_not_dropped(xlsx):
    found = read(xlsx(表=table(HEAD, (*ROWS[0], None, "手写备注"), ROWS[1])), HEAD)
    assert (found.codes, found.rows) == ([(2, "ragged")], [ROWS[1]])
    assert "手写备注" in found.rejects[0].text


def test_the_sheet_is_the_named_one_or_the_one_with_the_header(xlsx):
    path = xlsx(说明=table(("请阅读",)), 数据=table(HEAD, *ROWS), 旧=table(("x", "y"), (1, 2)))
    assert read(path, HEAD, table="数据").rows == ROWS
    found = read(path, HEAD)
    assert (found.rows, found.facts["other_sheets"]) == (ROWS, ["说明", "旧"])
    assert read(path, HEAD, table="人口信息").facts["sheet_declared"] == "人口信息"
    with pytest.raises(errors.HeaderMissing):
        read(path, HEAD, table="旧")


def test_two_sheets_with_the_expected_header_are_not_guessed_between(xlsx):
    with pytest.raises(errors.SheetAmbiguous) as refusal:
        read(xlsx(一月=table(HEAD, ROWS[0]), 二月=table(HEAD, ROWS[1])), HEAD)
    assert "一月" in str(refusal.value)


def test_a_sheet_of_that_name_or_header_is_missed_by_name(xlsx):
    with pytest.raises(errors.SheetMissing):
        read(xlsx(表=table(("x", "y"), (1, 2))), HEAD, table="人口信息")


@pytest.mark.parametrize("fill", [table(), table(HEAD)])
def test_nothing_but_a_header_and_nothing_at_all(xlsx, fill):
    path = xlsx(表=fill)
    try:
        assert read(path, HEAD).rows == []
    except errors.SourceEmpty:
        assert fill.__closure__[1].cell_contents == ()


def test_a_password_is_named_as_the_obstacle(xlsx, tmp_path):
    path = xlsx(表=table(HEAD, *ROWS))
    locked = tmp_path / "locked.xlsx"
    with path.open("rb") as plain, locked.open("wb") as output:
        msoffcrypto.format.ooxml.OOXMLFile(plain).encrypt("sesame", output)
    with pytest.raises(errors.WorkbookEncrypted):
        read(locked, HEAD)


def test_damage_is_refused_wherever_it_strikes(xlsx, tmp_path):
    data = xlsx(表=table(HEAD, *[(str(at), f"名{at}", "x") for at in range(300)])).read_bytes()
    whole = read(tmp_path / "book.xlsx", HEAD).rows
    chance = random.Random(1)
    for _ in range(60):
        broken = bytearray(data)
        at = chance.randrange(len(broken))
        if chance.random() < 0.5:
            del broken[at:]
        else:
            broken[at : at + 8] = chance.randbytes(8)
        path = tmp_path / "broken.xlsx"
        path.write_bytes(broken)
        try:
            found = read(path, HEAD)
        except errors.BadInput:
            continue
        assert found.rows == whole  # the damage lay where no cell is


def test_a_web_page_called_xls_is_called_a_web_page(put):
    for start in ("<html><table>", "  <!DOCTYPE html>", '<?xml version="1.0"?><Workbook>', "\ufeff<table>"):
        with pytest.raises(errors.WebPageNotTable):
            read(put(start + "<tr><td>姓名</td></tr></table>", "export.xls"), HEAD)


def test_text_called_xls_is_read_as_the_text_it_is(put):
    text = "\n".join("\t".join(row) for row in [HEAD, *ROWS])
    found = read(put(text, "export.xls", "gb18030"), HEAD, format="xls")
    assert found.rows == ROWS
    assert (found.facts["declared_format"], found.facts["delimiter"]) == ("xls", "tab")


def test_a_workbook_called_csv_is_read_as_the_workbook_it_is(xlsx):
    found = read(xlsx("data.csv", 表=table(HEAD, *ROWS)), HEAD, format="csv")
    assert (found.rows, found.facts["format"], found.facts["declared_format"]) == (ROWS, "xlsx", "csv")


def test_excels_lock_file_is_explained(put):
    with pytest.raises(errors.LockFile):
        read(put(b"\x05admin", "~$book.xlsx"), HEAD)


def test_a_zip_bomb_is_refused(tmp_path, monkeypatch, xlsx):
    monkeypatch.setattr("jingwei.collection.connectors.workbook.container.UNPACKED_LIMIT", 1000)
    with pytest.raises(errors.WorkbookTooLarge):
        read(xlsx(表=table(HEAD, *ROWS)), HEAD)


def test_a_large_sheet_comes_in_batches(xlsx):
    rows = [(str(at), f"名{at}", "x") for at in range(60_000)]
    found = read(xlsx(表=table(HEAD, *rows)), HEAD)
    assert found.rows == rows


@pytest.mark.parametrize(
    ("name", "first", "rows"),
    [
        ("messages/附件1.xlsx", "一级分类", 517),
        ("messages/附件2.xlsx", "留言编号", 495),
        ("messages/taidi_full_附件3.xlsx", "留言编号", 4326),
        ("firms/上市公司基本信息.xlsx", "ts_code", 3002),
    ],
)
def test_real_workbooks(shared: Path, name, first, rows):
    found = read(shared / name)
    assert (found.columns[0], len(found.rows), found.rejects) == (first, rows, [])


def test_real_merged_headers(shared: Path):
    found = read(shared / "tables/us-crime-2.xlsx", ("Area", "Year", "Population2"))
    assert (found.facts["header_row"], found.facts["header_levels"]) == (5, 2)
    assert found.rows[0][0].startswith("United States Total")


def test_a_stream_is_not_kept_open(xlsx):
    path = xlsx(表=table(HEAD, *ROWS))
    data = io.BytesIO(path.read_bytes())
    read(path, HEAD)
    path.unlink()
    path.write_bytes(data.getvalue())
    assert read(path, HEAD).rows == ROWS


def ods(path: Path, rows: list[str]) -> Path:
    """An OpenDocument sheet of these rows of markup."""
    names = ["office:1.0", "table:1.0", "text:1.0"]
    spaces = " ".join(f'xmlns:{n.split(":")[0]}="urn:oasis:names:tc:opendocument:xmlns:{n}"' for n in names)
    extended = 'xmlns:calcext="urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0"'
    lines = "".join(f"<table:table-row>{row}</table:table-row>" for row in rows)
    content = (
        f'<?xml version="1.0" encoding="UTF-8"?><office:document-content {spaces} {extended}><office:body>'
        f'<office:spreadsheet><table:table table:name="表">{lines}</table:table></office:spreadsheet></office:body>'
        "</office:document-content>"
    )
    with zipfile.ZipFile(path, "w") as parts:
        parts.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        parts.writestr("content.xml", content)
        parts.writestr("META-INF/manifest.xml", "<manifest/>")
    return path


def word(text: str) -> str:
    return f'<table:table-cell office:value-type="string"><text:p>{text}</text:p></table:table-cell>'


def test_formula_errors_of_an_open_document_cost_their_rows(tmp_path):
    failed = (
        '<table:table-cell table:formula="of:=1/0" office:value-type="string" office:string-value=""'
        ' calcext:value-type="error"><text:p>#DIV/0!</text:p></table:table-cell>'
    )
    fine = (
        '<table:table-cell table:formula="of:=1+1" office:value-type="float" office:value="2"><text:p>2</text:p>'
        "</table:table-cell>"
    )
    rows = [
        "".join(map(word, HEAD)),
        "".join(map(word, ROWS[0])),
        word("1") + word("李娜") + failed,
        word("2") + word("王芳") + fine,
    ]
    found = read(ods(tmp_path / "book.ods", rows), HEAD)
    assert (found.rows, found.codes) == ([ROWS[0], ("2", "王芳", "2")], [(3, "formula-error")])


def record(kind: int, body: bytes = b"") -> bytes:
    """A record of the binary workbook: kind and length in bytes of seven bits."""
    head = bytes([kind]) if kind < 0x80 else bytes([kind & 0x7F | 0x80, kind >> 7])
    return head + bytes([len(body)]) + body


def test_formula_errors_of_a_binary_workbook_are_found(tmp_path):
    def wide(text: str) -> bytes:
        return struct.pack("<I", len(text)) + text.encode("utf-16-le")

    relations = '<Relationships><Relationship Id="rId7" Target="worksheets/sheet9.bin"/></Relationships>'
    sheet = record(0, struct.pack("<I", 4) + bytes(8))
    sheet += record(3, struct.pack("<II", 2, 0) + b"\x17")  # a plain cell with an error
    sheet += record(0, struct.pack("<I", 7) + bytes(8))
    sheet += record(11, struct.pack("<II", 5, 0) + b"\x07" + bytes(4))  # a formula with one
    path = tmp_path / "book.xlsb"
    with zipfile.ZipFile(path, "w") as parts:
        parts.writestr("xl/_rels/workbook.bin.rels", relations)
        parts.writestr("xl/workbook.bin", record(156, bytes(8) + wide("rId7") + wide("表")))
        parts.writestr("xl/worksheets/sheet9.bin", sheet)
    assert odd_cells(path.read_bytes(), "表") == {(4, 2): "#REF!", (7, 5): "#DIV/0!"}
    assert odd_cells(path.read_bytes(), "别的") == {}


def test_a_formula_that_was_never_computed_is_no_empty_cell(xlsx, tmp_path):
    def fill(sheet: Any, book: Any) -> None:
        table(HEAD, *ROWS)(sheet, book)
        sheet.write_formula(1, 2, "=A1&B1", None, 777)

    path, changed = xlsx(表=fill), tmp_path / "changed.xlsx"
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(changed, "w") as new:
        for name in old.namelist():
            new.writestr(name, old.read(name).replace(b"<v>777</v>", b"<v/>"))
    found = read(changed, HEAD)
    assert (found.rows, found.codes) == ([ROWS[1]], [(2, "formula-uncomputed")])
