"""Handing in a table: what is refused at the door, what the look promises, what a correction does, what the run keeps."""

from __future__ import annotations

import io
import zipfile

import pytest
import xlsxwriter

from jingwei.collection import quarantine
from jingwei.collection import service as collection
from jingwei.collection.connectors.errors import SourceEmpty, WebPageNotTable, WorkbookEncrypted
from jingwei.collection.models import Run, Upload
from jingwei.collection.uploads import checking, service, template
from jingwei.collection.uploads.errors import (
    ResourceNotYours,
    UploadClosed,
    UploadNotATable,
    UploadNotReady,
    UploadNotYours,
    UploadOtherTable,
    UploadTooLarge,
)
from jingwei.collection.uploads.reading import path_of, place_of
from jingwei.kernel.home import home as home_folder
from jingwei.kernel.models import LedgerEntry, Organization
from jingwei.packs.service import installed
from jingwei.testing.small_district import HE_1951, HE_1986, LU, identity_number

RESOURCE = "street.allowance"


def contract(resource: str = RESOURCE, custom: str = "", organization: str = "松涛街道办事处") -> str:
    return f"""
apiVersion: v3.1.0
kind: DataContract
id: {resource}
name: 高龄津贴台账
version: 1.0.0
status: active
schema:
  - name: table
    properties:
      - {{name: number, physicalName: 台账编号, logicalType: string, required: true, primaryKey: true, primaryKeyPosition: 1, customProperties: [{{property: element, value: plain_text}}]}}
      - {{name: name, physicalName: 姓名, logicalType: string, required: true, customProperties: [{{property: element, value: person_name}}]}}
      - {{name: sex, physicalName: 性别, logicalType: string, customProperties: [{{property: element, value: sex}}]}}
      - {{name: id_number, physicalName: 身份证号, logicalType: string, customProperties: [{{property: element, value: resident_id}}]}}
      - {{name: birth_date, physicalName: 出生日期, logicalType: date, customProperties: [{{property: element, value: date}}]}}
      - {{name: note, physicalName: 备注, logicalType: string, customProperties: [{{property: onFault, value: void}}]}}
customProperties:
  - {{property: organization, value: {organization}}}
  - {{property: title, value: {{zh: 高龄津贴台账, en: Old-age allowance}}}}
{custom}
"""


HEADER = ["台账编号", "姓名", "性别", "身份证号", "出生日期", "备注"]
GOOD = [
    ["E001", HE_1951.name, "女", HE_1951.number, "1951-03-12", ""],
    ["E002", LU.name, "男", LU.number, "1990-05-06", "新增"],
    ["E003", HE_1986.name, "女", HE_1986.number, "1986-04-08", ""],
]
WRONG = ["E004", "王五", "男", f"{LU.number[:-1]}*", "1990-05-06", ""]


def sheet(*rows, header=HEADER, name="台账", above=()):
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    page = book.add_worksheet(name)
    for at, row in enumerate([*above, header, *rows]):
        for column, value in enumerate(row):
            page.write(at, column, value) if isinstance(value, float) else page.write_string(
                at, column, value
            )
    book.close()
    return out.getvalue()


def csv(*rows, header=HEADER):
    return "\n".join(",".join(row) for row in [header, *rows]).encode()


@pytest.fixture
def district(db, pack):
    pack("small", {"contracts/allowance.yaml": contract()})


@pytest.fixture
def officer(account):
    found = account("officer")
    found.organization = Organization.objects.create(code="street", name_zh="松涛街道办事处", level="street")
    found.save()
    return found


def begun(officer, data, name="台账.xlsx", resource=RESOURCE):
    return service.begin(officer, resource, name, len(data), [data])


def looked(upload):
    return checking.verdict(upload, collection.contract_of(upload.resource))


def rows_of(upload, accepted=False):
    contract = collection.contract_of(upload.resource)
    return checking.wrong_rows(upload, looked(upload), contract, 0, 1000, accepted=accepted)


def taken(officer, upload):
    service.submit(officer, upload)
    service.take(upload.id)
    return service.stage_of(Upload.objects.get(pk=upload.pk))


# --- who may


def test_an_officer_hands_in_what_their_organization_provides_and_nothing_else(pack, db, officer):
    other = contract("tax.payer", organization="区税务局")
    pack("small", {"contracts/allowance.yaml": contract(), "contracts/tax.yaml": other})
    assert list(service.resources_for(officer)) == [RESOURCE]
    with pytest.raises(ResourceNotYours):
        begun(officer, csv(*GOOD), "a.csv", "tax.payer")
    assert not Upload.objects.exists() and LedgerEntry.objects.first().outcome == "refused"


def test_a_steward_hands_in_whatever_there_is(district, account):
    assert list(service.resources_for(account("steward"))) == [RESOURCE]


def test_nobody_sees_what_somebody_else_hands_in(district, officer, account):
    upload = begun(officer, csv(*GOOD), "a.csv")
    with pytest.raises(UploadNotYours):
        service.find(account("steward"), upload.id)


# --- the door


@pytest.mark.parametrize(
    ("name", "data", "fault"),
    [
        ("空.xlsx", b"", SourceEmpty),
        ("照片.jpg", b"\xff\xd8\xff\xe0" + bytes(range(32)) * 40, UploadNotATable),
        ("网页.xls", b"<html><table><tr><td>1</td></tr></table></html>", WebPageNotTable),
        ("库.csv", b"SQLite format 3\0" + b"\0" * 200, UploadNotATable),
        ("密.xlsx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le") * 9, WorkbookEncrypted),
    ],
)  # fmt: skip
def test_what_is_no_table_is_refused_in_words_about_the_file_and_not_kept(
    district, officer, name, data, fault
):
    with pytest.raises(fault) as told:
        begun(officer, data, name)
    assert name in str(told.value) and str(home_folder()) not in str(told.value)
    assert not Upload.objects.exists() and not list((home_folder() / "files" / "uploads").glob("*"))


def test_a_file_that_is_too_large_is_refused_by_what_comes_not_by_what_is_said(district, officer):
    with pytest.raises(UploadTooLarge):
        service.begin(officer, RESOURCE, "大.csv", 200_000_000, [b""])
    piece = b"x" * 1_000_000
    with pytest.raises(UploadTooLarge):
        service.begin(officer, RESOURCE, "大.csv", 1, iter([piece] * (service.LIMIT + 1)))
    assert not Upload.objects.exists()


def test_another_departments_table_is_recognised_by_name(pack, db, officer):
    other = contract("tax.payer", organization="区税务局").replace("高龄津贴台账", "纳税人登记")
    for theirs, ours in [("台账编号", "税号"), ("姓名", "纳税人"), ("身份证号", "登记日期"), ("出生日期", "税种"), ("备注", "余额")]:  # fmt: skip
        other = other.replace(theirs, ours)
    pack("small", {"contracts/allowance.yaml": contract(), "contracts/tax.yaml": other})
    with pytest.raises(UploadOtherTable) as told:
        begun(officer, csv(["1"] * 6, header=["税号", "纳税人", "性别", "登记日期", "税种", "余额"]), "a.csv")
    assert "纳税人登记" in str(told.value)


def test_a_name_with_folders_in_it_stays_in_its_own_folder(district, officer):
    upload = begun(officer, csv(*GOOD), "..\\..\\etc/passwd.csv")
    assert upload.name == "passwd.csv" and path_of(upload).read_bytes() == csv(*GOOD)


# --- the look promises what the run keeps


FILES = {
    "clean": [*GOOD],
    "wrong": [*GOOD, WRONG, ["E005", "", "男", "", "1990-02-30", ""]],
    "repeated": [*GOOD, GOOD[0], ["E002", "别人", "男", "", "", ""]],
    "mixed": [*GOOD[:2], ["E003", "沈云禾", "female", "", "1986/4/8", "=1+1"], WRONG],
}


@pytest.mark.parametrize("rows", FILES.values(), ids=FILES)
@pytest.mark.parametrize("before", [None, "clean", "mixed"])
@pytest.mark.parametrize("refresh", ["upsert", "full"])
@pytest.mark.parametrize("made", [sheet, csv], ids=["xlsx", "csv"])
def test_the_look_and_the_run_say_the_same(pack, db, officer, rows, before, refresh, made):
    custom = f"  - {{property: refresh, value: {refresh}}}\n  - {{property: maxRemoved, value: 0.5}}"
    pack("small", {"contracts/allowance.yaml": contract(custom=custom)})
    if before:
        assert taken(officer, begun(officer, sheet(*FILES[before]))).code == "done"
    upload = begun(officer, made(*rows), f"台账.{'xlsx' if made is sheet else 'csv'}")
    found = looked(upload)
    said = [(row.row, row.key, [text for _, _, text in row.reasons], row.accepted) for row in rows_of(upload) + rows_of(upload, True)]  # fmt: skip
    stage = taken(officer, upload)
    assert (stage.code == "held") == (found.hold is not None)
    assert found.balance == {name: getattr(stage.run, name) for name in found.balance}
    kept = quarantine.rows(run=stage.run.id, accepted=None)
    assert sorted(said) == sorted((r.row, r.key, [x.text for x in r.reasons], r.accepted) for r in kept)


def test_looking_changes_nothing(district, officer):
    looked(begun(officer, sheet(*GOOD)))
    assert not Run.objects.exists() and quarantine.count() == 0


# --- corrections


def test_a_corrected_cell_passes_and_the_run_says_who_corrected_what(district, officer):
    data = sheet(*GOOD, WRONG)
    upload = begun(officer, data)
    (wrong,) = rows_of(upload)
    assert (wrong.row, wrong.cells["id_number"]) == (5, WRONG[3])
    service.correct(officer, upload, 5, {"id_number": LU.number, "name": "王五"})
    assert upload.corrections["cells"] == {"5": {"id_number": LU.number}}
    assert rows_of(upload) == []
    stage = taken(officer, upload)
    assert (stage.run.accepted, stage.run.quarantined) == (4, 0)
    facts = stage.run.facts
    assert (facts["upload_file"], facts["handed_in_by"], facts["corrected_cells"]) == ("台账.xlsx", "officer", ["5 身份证号"])  # fmt: skip
    assert path_of(upload).read_bytes() == data


def test_a_correction_that_is_wrong_too_says_so(district, officer):
    upload = begun(officer, csv(*GOOD, WRONG), "a.csv")
    service.correct(officer, upload, 5, {"id_number": "123"})
    (wrong,) = rows_of(upload)
    assert wrong.cells["id_number"] == "123" and wrong.reasons[0][0] == "id_number"


def test_what_the_file_said_takes_a_correction_back(district, officer):
    upload = begun(officer, csv(*GOOD, WRONG), "a.csv")
    service.correct(officer, upload, 5, {"id_number": "123"})
    service.correct(officer, upload, 5, {"id_number": WRONG[3]})
    assert upload.corrections["cells"] == {}


def test_a_number_that_excel_ruined_is_refused_by_name_until_it_is_typed_again(district, officer):
    ruined = ["E009", "赵六", "男", float(identity_number("1970-02-03", "011")[:17] + "0"), "1970-02-03", ""]
    upload = begun(officer, sheet(*GOOD, ruined))
    (wrong,) = rows_of(upload)
    assert "身份证号" in wrong.reasons[0][2].zh and wrong.cells["name"] == "赵六"
    service.correct(officer, upload, 5, {"name": "赵大"})
    assert len(rows_of(upload)) == 1
    service.correct(officer, upload, 5, {"id_number": identity_number("1970-02-03", "011")})
    assert rows_of(upload) == []
    assert taken(officer, upload).run.accepted == 4


def test_a_missing_column_is_assigned_to_a_column_of_the_file(district, officer):
    renamed = [*HEADER[:3], "证号", *HEADER[4:]]
    upload = begun(officer, sheet(*GOOD, header=renamed))
    found = looked(upload)
    assert "身份证号" in found.fault["what"]["zh"] and "指出是哪一列" in found.fault["do"]["zh"]
    assert [one.field for one in found.missing] == ["id_number"] and found.spare == ["证号"]
    with pytest.raises(UploadNotReady):
        service.submit(officer, upload)
    service.assign(officer, upload, {"id_number": "证号", "nothing": "证号"})
    assert looked(upload).fault is None
    assert taken(officer, upload).run.accepted == 3


def test_titles_above_the_header_do_not_shift_the_rows(district, officer):
    upload = begun(officer, sheet(*GOOD, WRONG, above=[["高龄津贴台账"], ["2026年11月"]]))
    assert [row.row for row in rows_of(upload)] == [7]


YEARS = """
apiVersion: v3.1.0
kind: DataContract
id: street.years
name: 分年人数
version: 1.0.0
status: active
schema:
  - name: table
    properties:
      - {name: place, physicalName: 社区, logicalType: string, required: true, primaryKey: true, primaryKeyPosition: 1}
      - {name: year, physicalName: 年份, logicalType: integer, required: true, primaryKey: true, primaryKeyPosition: 2}
      - {name: people, physicalName: 人数, logicalType: integer}
customProperties:
  - {property: organization, value: 松涛街道办事处}
  - {property: unpivot, value: {columns: "(20[0-9]{2})年", into: year, value: people}}
"""


def test_a_wide_table_is_looked_at_as_the_long_one_it_stands_for(pack, db, officer):
    pack("small", {"contracts/years.yaml": YEARS})
    rows = [["听松社区", "12", "13"], ["翠屏社区", "7", "八"]]
    upload = begun(officer, sheet(*rows, header=["社区", "2024年", "2025年"]), resource="street.years")
    found = looked(upload)
    assert found.missing == [] and found.spare == []
    assert (found.balance["read"], found.balance["accepted"]) == (4, 3)
    (wrong,) = rows_of(upload)
    assert list(wrong.cells) == ["place"]
    run = taken(officer, upload).run
    assert found.balance == {name: getattr(run, name) for name in found.balance}


# --- leaving, coming back, handing in


def test_what_was_begun_is_found_again_and_can_be_dropped(district, officer):
    upload = begun(officer, sheet(*GOOD))
    assert [one.id for one in service.mine(officer)] == [upload.id]
    service.drop(officer, upload)
    assert service.stage_of(upload).code == "dropped" and not path_of(upload).exists()


def test_it_is_handed_in_once_however_often_it_is_asked(district, officer):
    upload = begun(officer, sheet(*GOOD))
    assert taken(officer, upload).code == "done"
    for again in (service.submit, service.drop):
        with pytest.raises(UploadClosed):
            again(officer, Upload.objects.get(pk=upload.pk))
    service.take(upload.id)
    assert Run.objects.filter(location=place_of(upload)).count() == 1


def test_a_full_table_that_would_remove_too_much_is_announced_held_and_can_be_changed(pack, db, officer):
    pack("small", {"contracts/allowance.yaml": contract(custom="  - {property: refresh, value: full}")})
    taken(officer, begun(officer, sheet(*GOOD)))
    upload = begun(officer, sheet(*GOOD[:1]))
    found = looked(upload)
    assert found.balance["removed"] == 2 and "2 行" in found.hold["zh"]
    assert taken(officer, upload).code == "held"
    fresh = service.again(officer, upload)
    assert (
        service.stage_of(fresh).code == "open" and path_of(fresh).read_bytes() == path_of(upload).read_bytes()
    )


def test_a_row_of_which_none_passes_cannot_be_handed_in(district, officer):
    with pytest.raises(UploadNotReady):
        service.submit(officer, begun(officer, sheet(WRONG)))


# --- templates


def filled(rows):
    catalogue = installed()
    contract = collection.contract_of(RESOURCE)
    named = [dict(zip((field.name for field in contract.fields), row, strict=True)) for row in rows]
    return template.workbook(contract, catalogue.section("elements"), catalogue.section("codes"), named)


def test_a_template_that_is_filled_in_is_accepted_without_any_option(district, officer):
    upload = begun(officer, filled(GOOD), "模板.xlsx")
    assert looked(upload).facts["header_row"] == 2
    run = taken(officer, upload).run
    assert (run.accepted, run.quarantined) == (3, 0)


def test_a_template_without_a_row_cannot_be_handed_in(district, officer):
    with pytest.raises(UploadNotReady):
        service.submit(officer, begun(officer, filled([]), "模板.xlsx"))


def test_a_template_offers_the_labels_of_coded_fields_and_explains_each_column(district):
    parts = zipfile.ZipFile(io.BytesIO(filled([])))
    texts = parts.read("xl/sharedStrings.xml").decode()
    first = parts.read("xl/worksheets/sheet1.xml").decode()
    assert all(label in texts for label in ("男", "女", "“身份证号”"))
    assert "填写说明" in parts.read("xl/workbook.xml").decode()
    assert '<dataValidation type="list"' in first and "_codes!$C$1:$C$4" in first
    assert 'state="frozen"' in first and "xl/comments1.xml" in parts.namelist()
