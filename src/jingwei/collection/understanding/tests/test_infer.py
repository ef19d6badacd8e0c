"""A contract proposed for a file is one the node accepts, and its rows balance."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
import xlsxwriter

from jingwei.catalog.contracts import Contract
from jingwei.collection import service as collecting
from jingwei.collection.understanding import service, writing
from jingwei.packs.service import installed

pytestmark = pytest.mark.django_db

REAL = (
    "tables/renjiyi_分省年度数据.csv",
    "tables/renjiyi_分省年度数据 (6).csv",
    "tables/renjiyi_一般公共预算等.xls",
    "tables/renjiyi_分省年度数据_整合.csv",
    "tables/us-crime-2.xlsx",
    "tables/abs_7218001.xls",
    "tables/frictionless/issue-1024.xlsx",
    "tables/frictionless/encoding-issue-274.csv",
    "messages/附件1.xlsx",
    "messages/附件2.xlsx",
    "firms/company_list_2020-10.csv",
    "firms/listed_company_accounts_gbk.csv",
    "firms/上市公司基本信息.xlsx",
    "codes/gb2260_200712.tsv",
    "places/streets.csv",
    "events/pingshan_civic_events_2018_to_october_gbk.csv",
)


@pytest.mark.parametrize("name", REAL)
def test_what_is_inferred_from_a_real_file_is_collected_as_it_is(shared: Path, pack, name: str):
    proposals = service.infer(str(shared / name), "trial.table")
    files = {f"contracts/{one.id}.yaml": writing.contract_yaml(one) for one in proposals}
    pack("trial", files)
    for proposal in proposals:
        contract: Contract = installed().section("contracts")[proposal.id]
        run = collecting.collect(proposal.id, str(shared / name))
        assert run.balances
        assert run.read == proposal.table.rows * (
            len(proposal.table.wide.columns) if proposal.table.wide else 1
        )
        assert run.accepted + run.repeated >= 0.97 * run.read, run.reasons
        assert len(contract.fields) == len(proposal.fields)


SURNAMES = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗"
GIVEN = ("伟", "芳", "秀英", "娜", "敏", "静", "丽", "强", "磊", "军", "洋", "勇", "艳", "杰")


def number(place: int) -> str:
    """A valid identity number of the invented area 990101; odd places are men."""
    born = f"{1950 + place % 60}{1 + place % 12:02d}{1 + place % 28:02d}"
    start = f"990101{born}{place % 500:02d}"[:16].ljust(16, "0") + str(place % 10)
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    return start + "10X98765432"[sum(int(d) * w for d, w in zip(start, weights, strict=True)) % 11]


def person(place: int) -> dict[str, str]:
    code = number(place)
    return {
        "编号": f"P{place:06d}",
        "甲": code,
        "乙": SURNAMES[place % 20] + GIVEN[place % 14],
        "丙": "男" if int(code[16]) % 2 else "女",
        "丁": f"{code[6:10]}-{code[10:12]}-{code[12:14]}",
        "戊": f"138{place:08d}",
        "己": f"坪山区六联社区{place % 90 + 1}号{place % 6 + 1}栋{place % 900}室",
        "民族": "汉",
        "状态": ("在册", "迁出", "注销")[place % 3],
        "开始日期": f"2020/{1 + place % 12}/1",
        "结束日期": f"2021-{1 + place % 12:02d}-0{1 + place % 9}",
        "金额": f"{place * 10 % 5000}.50",
        "社区编码": f"C{place % 40:03d}",
    }


@pytest.fixture
def people(tmp_path: Path) -> Path:
    """Three hundred people under headers that say nothing."""
    rows = [person(place) for place in range(1, 301)]
    path = tmp_path / "people.csv"
    lines = [",".join(rows[0]), *(",".join(row.values()) for row in rows)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def test_elements_are_found_by_what_the_columns_hold(home, people):
    (proposal,) = service.infer(str(people), "trial.person")
    found = {one.header: one.element for one in proposal.fields}
    assert found == {
        "编号": "plain_text",
        "甲": "resident_id",
        "乙": "person_name",
        "丙": "sex",
        "丁": "date",
        "戊": "mobile_phone",
        "己": "address",
        "状态": "plain_text",
        "开始日期": "date",
        "结束日期": "date",
        "金额": "money",
        "社区编码": "plain_text",
    }
    assert [one.header for one in proposal.fields if one.key] == ["编号"]


def test_what_the_house_does_not_keep_is_left_out_and_said(home, people):
    (proposal,) = service.infer(str(people), "trial.person")
    assert [header for header, _ in proposal.left_out] == ["民族"]
    assert "没有收 民族" in writing.contract_yaml(proposal)
    assert 'physicalName: "民族"' not in writing.contract_yaml(proposal)


def test_personal_values_stand_masked_beside_the_lines(home, people):
    (proposal,) = service.infer(str(people), "trial.person")
    text = writing.contract_yaml(proposal)
    for place in range(1, 301):
        row = person(place)
        assert row["甲"] not in text and row["戊"] not in text and row["己"] not in text
    assert all(
        not one.examples[0].startswith("坪山区六联社区") for one in proposal.fields if one.header == "己"
    )


def test_rules_are_those_that_the_rows_keep(home, people):
    (proposal,) = service.infer(str(people), "trial.person")
    names = {one.rule.name: one.severity for one in proposal.rules}
    assert names["start-date-before-end-date"] == "error"
    by_header = {one.header: [rule.rule.name for rule in one.rules] for one in proposal.fields}
    assert any(name.endswith("-listed") for name in by_header["状态"])
    assert any(name.endswith("-shape") for name in by_header["社区编码"])
    # which column is the birth date is told by its values, for the header does not say
    assert (
        sorted(name for name in names if name.endswith("matches-id"))
        == ["ding-matches-id", "bing-matches-id"][::-1]
    )


def test_birth_date_and_sex_are_held_to_the_identity_number(home, tmp_path):
    rows = [person(place) for place in range(1, 201)]
    rows[7]["丁"] = "1900-01-01"
    renamed = [("编号", "编号"), ("甲", "身份证号"), ("丙", "性别"), ("丁", "出生日期")]
    lines = [
        ",".join(name for _, name in renamed),
        *(",".join(row[key] for key, _ in renamed) for row in rows),
    ]
    path = tmp_path / "people.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    (proposal,) = service.infer(str(path), "trial.person")
    found = {one.rule.name: one.severity for one in proposal.rules}
    assert found == {"birth-date-matches-id": "warning", "sex-matches-id": "error"}


def test_a_reference_is_found_by_the_values_of_an_installed_resource(home, pack, tmp_path, people):
    communities = tmp_path / "communities.csv"
    lines = ["社区编码,社区名称", *(f"C{at:03d},{SURNAMES[at % 20]}家社区" for at in range(40))]
    communities.write_text("\n".join(lines) + "\n", encoding="utf-8")
    (place,) = service.infer(str(communities), "place.community")
    pack("places", {"contracts/place.community.yaml": writing.contract_yaml(place)})
    collecting.collect("place.community", str(communities))
    (proposal,) = service.infer(str(people), "trial.person")
    (field,) = [one for one in proposal.fields if one.header == "社区编码"]
    assert field.reference is not None
    assert (field.reference.to, field.reference.all_there) == ("place.community.community_code", True)
    pack("trial", {"contracts/trial.person.yaml": writing.contract_yaml(proposal)})
    run = collecting.collect("trial.person", str(people))
    assert (run.read, run.accepted) == (300, 300)
    assert (
        installed().section("contracts")["trial.person"].field("community_code").references
        == field.reference.to
    )


def test_wrong_values_are_set_aside_where_the_row_can_live_without_them(home, pack, tmp_path):
    rows = [person(place) for place in range(1, 101)]
    rows[3]["甲"], rows[9]["戊"] = "990101199001011235", "12345"
    lines = [",".join(rows[0]), *(",".join(row.values()) for row in rows)]
    path = tmp_path / "people.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    (proposal,) = service.infer(str(path), "trial.person")
    void = {one.header for one in proposal.fields if one.on_fault == "void"}
    assert void == {"甲", "戊"}
    pack("trial", {"contracts/trial.person.yaml": writing.contract_yaml(proposal)})
    run = collecting.collect("trial.person", str(path))
    assert (run.read, run.accepted, run.voided) == (100, 100, 2)


def test_keys_of_several_columns(home, tmp_path):
    lines = [
        "街道,年份,季度,户数",
        *(f"街道{s},{y},{q},{s * y % 997}.{q}" for s in range(8) for y in (2020, 2021) for q in range(1, 5)),
    ]
    path = tmp_path / "t.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    (proposal,) = service.infer(str(path))
    assert [one.header for one in proposal.fields if one.key] == ["街道", "年份", "季度"]


def test_a_name_that_names_no_resource_is_refused(home, people):
    with pytest.raises(service.NotAResource):
        service.infer(str(people), "People")


def test_numbers_a_spreadsheet_ruined_do_not_become_something_else(home, tmp_path):
    lines = [
        "身份证号,姓名",
        *(f"4.40301E+17,{SURNAMES[at % 20]}伟" for at in range(15)),
        *(f"{number(at)},李娜" for at in range(15)),
    ]
    path = tmp_path / "t.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    (proposal,) = service.infer(str(path))
    (field,) = [one for one in proposal.fields if one.header == "身份证号"]
    assert (field.element, field.faulty) == ("resident_id", 15)


def test_dates_in_many_styles_are_told_and_ambiguous_ones_said(home, tmp_path):
    dates = ["2020-1-2", "2020/01/02", "2020年1月2日", "20200102", "1/2/2020", "25/12/2020"] * 5
    lines = ["编号,登记日期", *(f"N{at:04d},{day}" for at, day in enumerate(dates))]
    path = tmp_path / "t.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    (proposal,) = service.infer(str(path))
    (field,) = [one for one in proposal.fields if one.header == "登记日期"]
    said = " ".join(note.en for note in field.notes)
    assert field.element == "date"
    assert "written in several ways" in said and "do not tell the day from the month" in said


def collected(pack, location: Path, proposals) -> dict[str, tuple[int, int]]:
    """Read and accepted rows of each proposed contract, after the file was collected under it."""
    pack("trial", {f"contracts/{one.id}.yaml": writing.contract_yaml(one) for one in proposals})
    found = {}
    for one in proposals:
        run = collecting.collect(one.id, str(location))
        assert run.balances, run.error
        found[one.id] = (run.read, run.accepted)
    return found


def workbook(path: Path, sheets: dict[str, list[list]]) -> Path:
    with xlsxwriter.Workbook(str(path)) as book:
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for at, row in enumerate(rows):
                for column, value in enumerate(row):
                    if value != "":
                        sheet.write(at, column, value)
    return path


def test_two_tables_on_a_sheet_make_two_contracts_that_each_find_their_own(home, pack, tmp_path):
    first = [["人口表"], ["街道", "人口"], *[[f"街道{at}", at + 10] for at in range(70)], ["合计", 3115]]
    second = [[], ["企业表"], ["行业", "企业数", "产值"], *[[f"行业{at}", at, at * 1.5] for at in range(30)]]
    path = workbook(tmp_path / "two.xlsx", {"表": [*first, *second]})
    proposals = service.infer(str(path), "trial.people")
    assert [one.id for one in proposals] == ["trial.people", "trial.enterprise_biao"]
    assert collected(pack, path, proposals) == {"trial.people": (70, 70), "trial.enterprise_biao": (30, 30)}


def test_sheets_of_one_shape_make_one_contract(home, pack, tmp_path):
    head = ["街道", "人口", "户数"]
    months = {
        f"{month}月": [["月报"], head, *[[f"街道{at}", at * month, at] for at in range(1, 9)]]
        for month in (1, 2, 3)
    }
    path = workbook(tmp_path / "months.xlsx", months)
    (proposal,) = service.infer(str(path), "trial.months")
    assert [one.header for one in proposal.fields if one.key] == ["街道", "工作表"]
    assert collected(pack, path, [proposal]) == {"trial.months": (24, 24)}


def test_groups_two_levels_and_totals_are_collected_as_they_were_understood(home, pack, tmp_path):
    rows = [
        ["各街道情况"],
        ["街道", "社区", "2020年", "", "2019年", ""],
        ["", "", "人口", "户数", "人口", "户数"],
        ["坪山", "六联", 10, 4, 9, 3],
        ["", "六和", 20, 8, 19, 7],
        ["", "小计", 30, 12, 28, 10],
        ["马峦", "沙湖", 30, 12, 29, 11],
        ["", "坪环", 40, 16, 39, 15],
        ["合计", "", 100, 40, 96, 36],
        ["注：年末数"],
    ]
    path = workbook(tmp_path / "groups.xlsx", {"表": rows})
    (proposal,) = service.infer(str(path), "trial.groups")
    assert [one.header for one in proposal.fields] == ["街道", "社区", "指标", "年份", "数值"]
    assert collected(pack, path, [proposal]) == {"trial.groups": (16, 16)}


def test_a_file_without_a_header_is_collected_by_the_places_of_its_columns(home, pack, tmp_path):
    path = tmp_path / "plain.csv"
    path.write_text("".join(f"A{at:03d},坪山,{at * 1.5}\n" for at in range(40)), encoding="utf-8")
    (proposal,) = service.infer(str(path), "trial.plain")
    assert [one.header for one in proposal.fields] == ["第1列", "第2列", "第3列"]
    assert collected(pack, path, [proposal]) == {"trial.plain": (40, 40)}


def test_every_table_of_a_database_gets_its_contract(home, pack, tmp_path):
    path = tmp_path / "house.db"
    with sqlite3.connect(path) as con:
        con.execute("CREATE TABLE 街道 (编码 TEXT, 名称 TEXT)")
        con.executemany("INSERT INTO 街道 VALUES (?, ?)", [(f"S{at:02d}", f"街道{at}") for at in range(25)])
        con.execute("CREATE TABLE 人口 (人员编号 TEXT, 街道编码 TEXT, 出生日期 TEXT)")
        people = [(f"P{at:04d}", f"S{at % 25:02d}", f"19{at % 90 + 10}-01-02") for at in range(60)]
        con.executemany("INSERT INTO 人口 VALUES (?, ?, ?)", people)
    con.close()
    proposals = service.infer(str(path), "trial.table")
    assert sorted(collected(pack, path, proposals).values()) == [(25, 25), (60, 60)]


def test_titles_between_tables_of_one_shape_are_part_of_the_key(home, pack, tmp_path):
    head = ["街道", "人口", "户数"]
    rows = [["2019年"], head, *[[f"街道{at}", at + 5, at] for at in range(9)], []]
    rows += [["2020年"], head, *[[f"街道{at}", at + 50, at] for at in range(9)]]
    path = workbook(tmp_path / "years.xlsx", {"表": rows})
    (proposal,) = service.infer(str(path), "trial.years")
    assert [one.header for one in proposal.fields if one.key] == ["街道", "分组"]
    assert collected(pack, path, [proposal]) == {"trial.years": (18, 18)}
