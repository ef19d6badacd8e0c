"""The files are what their departments would hand over: encodings, marks, merged headers, footnotes."""

from __future__ import annotations

import json
import sqlite3

import pytest
from python_calamine import CalamineWorkbook


def test_medical_is_gb18030_and_no_utf8(sample):
    raw = (sample.folder / "medical/insured.csv").read_bytes()
    assert raw.decode("gb18030").startswith('"个人编号"')
    with pytest.raises(UnicodeDecodeError):
        raw.decode("utf-8")


def test_social_begins_with_a_byte_order_mark_and_health_is_utf16(sample):
    assert (sample.folder / "social/insured.csv").read_bytes()[:3] == b"\xef\xbb\xbf"
    raw = (sample.folder / "health/record.csv").read_bytes()
    assert raw[:2] == b"\xff\xfe" and raw[2:].decode("utf-16-le").startswith("档案编号,")


def test_marriages_are_tab_separated(sample):
    first = (sample.folder / "civil/marriage.tsv").read_bytes().split(b"\n")[0].decode("gb18030")
    assert first.count("\t") == 11 and "," not in first


def test_databases_are_sound(sample):
    for path in ("police/resident.db", "market/enterprise.db"):
        with sqlite3.connect(sample.folder / path) as con:
            assert con.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_json_lines_hold_numbers_as_numbers(sample):
    lines = (sample.folder / "housing/ownership.jsonl").read_text(encoding="utf-8").splitlines()
    assert all(isinstance(json.loads(line)["建筑面积"], float) for line in lines)


def test_the_ledger_has_titles_a_merged_header_of_two_rows_real_dates_and_footnotes(sample):
    sheet = CalamineWorkbook.from_path(sample.folder / "street/elder_allowance.xlsx").get_sheet_by_index(0)
    rows = sheet.to_python()
    assert rows[0][0] == "云溪区高龄津贴发放台账"
    assert rows[2][:3] == ["台账编号", "老人基本情况", ""] and rows[3][:3] == ["", "姓名", "性别"]
    assert rows[-2][0].startswith("注：") and rows[-1][1:] == [""] * 12
    merged = set(sheet.merged_cell_ranges or [])
    assert {
        ((2, 0), (3, 0)),
        ((2, 1), (2, 4)),
        ((2, 5), (2, 8)),
        ((2, 9), (2, 11)),
        ((0, 0), (0, 12)),
    } <= merged
    assert rows[4][11].year > 1990


def test_names_have_namesakes_double_surnames_dots_and_rare_characters(read):
    names = [row["姓名"] for row in read("police/resident.db") if row["姓名"]]
    assert names.count("沈云禾") >= 3
    assert len(set(names)) < 0.95 * len(names)
    assert any(name.startswith(("欧阳", "司马", "上官", "诸葛")) for name in names)
    assert any("·" in name for name in names)
    assert any(character in name for name in names for character in "㛃𬀩䶮")


def test_ages_in_a_household_go_together(read):
    households: dict[str, dict[str, str]] = {}
    for row in read("police/resident.db"):
        if row["出生日期"] and row["出生日期"].isdigit() and row["户号"]:
            households.setdefault(row["户号"], {})[row["与户主关系"]] = row["出生日期"]
    with_child = [h for h in households.values() if "户主" in h and "子女" in h]
    assert len(with_child) > 1_000
    older = sum(int(h["户主"][:4]) + 15 <= int(h["子女"][:4]) for h in with_child)
    assert older / len(with_child) > 0.99


def test_individual_businesses_are_run_by_residents(read):
    residents = {row["公民身份号码"] for row in read("police/resident.db")}
    shops = [
        row
        for row in read("market/enterprise.db")
        if row["主体类型"] == "个体工商户" and row["法定代表人证件号"]
    ]
    assert len(shops) > 300
    assert sum(row["法定代表人证件号"] in residents for row in shops) / len(shops) > 0.97
