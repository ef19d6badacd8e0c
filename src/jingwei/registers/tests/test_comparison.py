"""Comparing a list: who is meant, what is answered, what never leaves, what is refused, what is recorded."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path

import pytest
import xlsxwriter
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from jingwei.kernel import ledger
from jingwei.kernel.models import LedgerEntry
from jingwei.registers import comparison, lists
from jingwei.registers.comparison import ListRow
from jingwei.registers.errors import ListTooLong, ListUnreadable, NothingToCompare, PurposeMissing
from jingwei.registers.sources import declared
from jingwei.testing.small_district import HE_1951, HE_1986, LU, OTHERS, small_district

__all__ = ["small_district"]

BACKEND = "django.contrib.auth.backends.ModelBackend"
WHY = "高龄津贴资格年审"
HEADS = ["姓名", "身份证号", "手机号码", "住址"]
STRANGER = "990102197001010035"


def compared(rows: Sequence[Sequence[str]], heads: Sequence[str] = HEADS, **columns: str):
    known = declared("population")
    given = [ListRow(at, dict(zip(heads, row, strict=True))) for at, row in enumerate(rows, 2)]
    return comparison.compare(None, "population", given, columns or comparison.guess(known, list(heads)), WHY)


def test_columns_are_guessed_by_title_source_header_and_meaning(small_district):
    found = comparison.guess(
        declared("population"), ["序号", "姓名", "身份证号", "手机", "出生日期", "现住址"]
    )
    assert found == {
        "id_number": "身份证号",
        "name": "姓名",
        "phone": "手机",
        "birth_date": "出生日期",
        "address": "现住址",
    }


def test_each_row_and_field_is_answered(small_district):
    done = compared(
        [
            [HE_1986.name, HE_1986.number, HE_1986.phone, ""],
            ["沈云和", f" {HE_1986.number[:6]} {HE_1986.number[6:]}", "19912345678", "12"],
            ["某人", STRANGER, "", ""],
            ["坏号", "123", "", ""],
        ],
        id_number="身份证号",
        name="姓名",
        phone="手机号码",
        community="住址",
    )
    assert [one.found for one in done.answers] == ["found", "found", "not-found", "not-found"]
    first, second, _, wrong = (one.fields for one in done.answers)
    assert wrong == {"id_number": "unreadable"}
    assert first == {"id_number": "yes", "name": "yes", "phone": "yes", "community": ""}
    assert second == {"id_number": "yes", "name": "differs", "phone": "differs", "community": "differs"}


def test_what_the_register_does_not_hold_is_answered_with_no(small_district):
    done = compared([[OTHERS[0].name, OTHERS[0].number, "1", ""]], id_number="身份证号", sex="手机号码")
    assert done.answers[0].fields["sex"] == "no"


def test_what_an_element_cannot_read_is_told_as_such(small_district):
    done = compared([[LU.name, LU.number, "打不通", ""]], id_number="身份证号", phone="手机号码")
    assert done.answers[0].fields["phone"] == "unreadable"


def test_a_name_alone_is_nobody_and_another_field_tells_namesakes_apart(small_district):
    heads = {"name": "姓名", "phone": "手机号码"}
    rows = [
        [HE_1986.name, "", HE_1951.phone, ""],
        [HE_1986.name, "", "", ""],
        [LU.name, "", "", ""],
        [LU.name, "", HE_1951.phone, ""],
    ]
    done = compared(rows, **heads)
    assert [one.found for one in done.answers] == ["found", "several", "not-found", "not-found"]


def test_no_value_of_the_register_is_in_the_answer(small_district):
    done = compared([["沈云和", HE_1986.number, "", ""]], id_number="身份证号", name="姓名", phone="手机号码")
    text = str(list(lists.table(declared("population"), done))) + repr(done)
    for held in (HE_1986.name, HE_1986.phone, HE_1986.address):
        assert held not in text


def test_purpose_count_fields_and_entities_are_on_the_ledger(small_district):
    compared([[LU.name, LU.number, "", ""], ["某人", STRANGER, "", ""]], id_number="身份证号", name="姓名")
    entry = LedgerEntry.objects.get()
    assert (entry.action, entry.purpose, entry.object) == ("register.compare", WHY, "population, 2 rows")
    assert entry.fields == ["id_number", "name"]
    assert entry.subjects == [ledger.pseudonym(small_district.entity(LU))]


@pytest.mark.parametrize(
    "columns", [{}, {"phone": "手机号码"}, {"name": "姓名"}, {"shoe_size": "姓名", "id_number": "身份证号"}]
)
def test_a_list_that_tells_nobody_from_anybody_is_refused(small_district, columns):
    with pytest.raises(NothingToCompare):
        comparison.check(declared("population"), columns)


def test_a_list_too_long_or_without_a_purpose_is_refused_and_nothing_recorded(small_district, monkeypatch):
    rows = [ListRow(2, {"身份证号": LU.number})] * 3
    with pytest.raises(PurposeMissing):
        comparison.compare(None, "population", rows, {"id_number": "身份证号"}, " 查 ")
    monkeypatch.setattr(comparison, "MOST_ROWS", 2)
    with pytest.raises(ListTooLong):
        comparison.compare(None, "population", rows, {"id_number": "身份证号"}, WHY)
    assert not LedgerEntry.objects.exists()


def test_formulas_in_a_list_come_back_disarmed(small_district):
    done = compared([["=1+1", LU.number, "", "@SUM(A1)"]], id_number="身份证号")
    rows = list(lists.table(declared("population"), done))
    cells = next(iter(list(csv.reader(io.StringIO(lists.as_csv(rows).decode("utf-8-sig"))))[1:]))
    assert "'=1+1" in cells and "'@SUM(A1)" in cells
    assert b"<f>" not in lists.as_workbook(rows)


def sheet(rows: Sequence[Sequence[str]]) -> bytes:
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    page = book.add_worksheet()
    for at, row in enumerate(rows):
        page.write_row(at, 0, row)
    book.close()
    return out.getvalue()


def text(rows: Sequence[Sequence[str]]) -> bytes:
    return "\n".join(",".join(row) for row in rows).encode("gb18030")


ROWS = [HEADS, [LU.name, LU.number, LU.phone, ""], ["某人", STRANGER, "19900000000", ""]]


@pytest.mark.parametrize(("name", "made"), [("名单.csv", text), ("名单.xlsx", sheet)])
def test_lists_are_read_as_departments_write_them(small_district, tmp_path: Path, name, made):
    path = tmp_path / name
    path.write_bytes(made(ROWS))
    columns, rows = lists.read(declared("population"), path, name)
    assert columns == HEADS
    assert [(row.number, row.cells["身份证号"]) for row in rows] == [(2, LU.number), (3, STRANGER)]


def test_a_header_is_found_below_a_heading_or_is_the_first_row_whatever_it_says(
    small_district, tmp_path: Path
):
    path = tmp_path / "名单.csv"
    path.write_bytes(text([["高龄津贴名单", "", "", ""], *ROWS]))
    assert lists.read(declared("population"), path, "名单.csv")[0] == HEADS
    path.write_bytes(text([["甲", "乙"], [LU.name, LU.number]]))
    assert lists.read(declared("population"), path, "名单.csv")[0] == ["甲", "乙"]


@pytest.mark.parametrize("data", [b"", b"\x89PNG\r\n\x1a\n" + bytes(60), "姓名,身份证号\n".encode()])
def test_what_is_no_list_is_refused_in_the_name_its_person_knows(small_district, tmp_path: Path, data):
    path = tmp_path / "0123456789abcdef.csv"
    path.write_bytes(data)
    with pytest.raises(ListUnreadable) as told:
        lists.read(declared("population"), path, "我的名单.csv")
    assert "我的名单" in str(told.value) and "0123456789abcdef" not in str(told.value)


@pytest.fixture
def officer(account, client):
    found = account("officer")
    client.force_login(found, backend=BACKEND)
    return found


def hand_in(client, data: bytes, name: str = "名单.csv"):
    return client.post(
        reverse("registers:compare", args=["population"]), {"file": SimpleUploadedFile(name, data)}
    )


def test_an_officer_hands_in_a_list_and_takes_the_answers_away(small_district, officer, client):
    where = hand_in(client, text(ROWS)).url
    page = client.get(where).content.decode()
    assert '<option value="身份证号" selected>' in page
    fields = {"field-id_number": "身份证号", "field-name": "姓名", "field-phone": "手机号码"}
    refused = client.post(where, fields)
    assert refused.status_code == 400 and "用途" in refused.content.decode()
    page = client.post(where, {**fields, "purpose": WHY}).content.decode()
    assert "没找到" in page
    entry = LedgerEntry.objects.get(action="register.compare")
    assert (entry.account, entry.purpose) == (officer.username, WHY)
    made = client.get(f"{where}csv/")
    rows = list(csv.reader(io.StringIO(made.content.decode("utf-8-sig"))))
    assert [row[:2] for row in rows] == [["名单行号", "比对结果"], ["2", "找到"], ["3", "没找到"]]
    assert client.get(f"{where}xlsx/").content.startswith(b"PK")


def test_a_list_is_for_its_uploader_alone(small_district, officer, client, account):
    where = hand_in(client, text(ROWS)).url
    assert client.get(f"{where}csv/").status_code == 400
    client.force_login(account("steward"), backend=BACKEND)
    assert client.get(where).status_code == 400
    assert client.get(reverse("registers:compare-list", args=["population", "../../secret.key"[-16:].replace("/", "")])).status_code == 400  # fmt: skip


def test_what_is_no_list_is_not_kept(small_district, officer, client):
    folder = small_district.home / "files" / "comparisons"
    before = set(folder.glob("*"))
    answer = hand_in(client, b"", "空.csv")
    assert answer.status_code == 400 and "空.csv" in answer.content.decode()
    assert set(folder.glob("*")) == before


@pytest.mark.parametrize("role", ["clerk", "administrator"])
def test_whoever_may_not_compare_is_refused_on_record(small_district, account, client, role):
    client.force_login(account(role), backend=BACKEND)
    assert client.get(reverse("registers:compare", args=["population"])).status_code == 403
    assert LedgerEntry.objects.get().outcome == "refused"


def test_somebody_who_may_have_been_meant_is_marked_so(small_district, account, client):
    client.force_login(account("steward"), backend=BACKEND)
    page = client.post(reverse("registers:start"), {"q": "陆大满"}).content.decode()
    assert LU.name in page and "近似" in page
    assert "近似" not in client.post(reverse("registers:start"), {"q": LU.name}).content.decode()


def test_an_officer_finds_the_way_to_compare_in_the_rail(small_district, officer, client):
    where = reverse("registers:compare-start")
    page = client.get(where).content.decode()
    assert page.count(f'href="{where}"') == 1
    assert reverse("registers:compare", args=["population"]) in page
    assert f'href="{where}"' in client.get(reverse("registers:compare", args=["population"])).content.decode()


def test_a_steward_gets_there_by_the_registers(small_district, account, client):
    client.force_login(account("steward"), backend=BACKEND)
    rail = client.get(reverse("registers:start")).content.decode()
    assert f'href="{reverse("registers:compare-start")}"' not in rail
