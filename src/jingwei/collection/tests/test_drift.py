"""Drift: what a source changed is told with its evidence, what the contract does not let pass waits, and once
contract or source is mended the next run goes on with nothing lost and nothing twice."""

from __future__ import annotations

import pytest

from jingwei.collection import service
from jingwei.collection.errors import ColumnsMissing
from jingwei.collection.models import Run
from jingwei.engines import lake

pytestmark = pytest.mark.django_db

CONTRACT = """\
apiVersion: v3.1.0
kind: DataContract
id: trial.person
name: 人员
version: {version}
status: active
servers:
  - {{server: source, type: local, path: person.csv, format: csv}}
schema:
  - name: person
    properties:
      - name: number
        physicalName: 编号
        logicalType: string
        primaryKey: true
        customProperties: [{{property: aliases, value: [{key_alias}]}}]
      - {{name: name, physicalName: 姓名, logicalType: string, required: true}}
      - name: phone
        physicalName: 手机
        logicalType: string
        customProperties:
          - {{property: element, value: mobile_phone}}
          - {{property: aliases, value: [{alias}]}}
      - name: sex
        physicalName: 性别
        logicalType: string
        customProperties: [{{property: element, value: sex}}]
      - {{name: since, physicalName: 登记日期, logicalType: date}}
{more}
customProperties:
  - {{property: organization, value: 区医保局}}
  - {{property: refresh, value: {refresh}}}
  - {{property: drift, value: {{{drift}}}}}
"""
HEADER = "编号,姓名,手机,性别,登记日期"
NAMES = ["沈云禾", "许可心", "程既白", "陶知远", "陆小满", "白甲", "白乙", "白丙", "白丁", "白戊"]


def person(n: int, **changed: str) -> str:
    cells = {
        "number": f"{n:06}",
        "name": NAMES[n % 10],
        "phone": f"1990000{n:04}",
        "sex": "男" if n % 3 else "女",
        "since": f"2020-01-{n % 28 + 1:02}",
    } | changed
    return ",".join(cells.values())


PEOPLE = [person(n) for n in range(1, 41)]


@pytest.fixture
def resource(pack, home):
    """Declares trial.person; returns a function that delivers lines."""

    def declare(drift="added: notice", alias="", key_alias="", more="", version="1.0.0", refresh="upsert"):
        text = CONTRACT.format(
            drift=drift, alias=alias, key_alias=key_alias, more=more, version=version, refresh=refresh
        )
        pack("trial", {"contracts/person.yaml": text})
        return deliver

    def deliver(lines, header=HEADER):
        (home / "sample" / "person.csv").write_text("\n".join([header, *lines]) + "\n", encoding="utf-8")

    return declare


def collect():
    return service.collect("trial.person")


def kinds(run):
    return [(one["kind"], one["field"], one["header"]) for one in run.facts.get("drift", [])]


def rows(columns="number, phone"):
    with lake().read() as con:
        return con.execute(f'SELECT {columns} FROM lake.standard."trial.person" ORDER BY number').fetchall()


def without(lines, *places):
    return [",".join(c for at, c in enumerate(line.split(",")) if at not in places) for line in lines]


def test_a_source_that_stays_as_it_is_does_not_drift(resource):
    resource()(PEOPLE)
    assert kinds(collect()) == [] and kinds(collect()) == []


def test_an_added_column_is_told_and_becomes_a_field_once_declared(resource):
    resource()(PEOPLE)
    collect()
    deliver = resource()
    deliver([f"{line},甲街" for line in PEOPLE], header=f"{HEADER},地址")
    run = collect()
    assert kinds(run) == [("added", "", "地址")] and (run.unchanged, run.new) == (40, 0)
    resource(more="      - {name: address, physicalName: 地址, logicalType: string}", version="1.1.0")
    run = collect()
    assert (run.state, run.changed, run.new, kinds(run)) == (Run.DONE, 40, 0, [])
    assert rows("address") == [("甲街",)] * 40


def test_a_removed_column_is_refused_and_once_it_is_back_nothing_is_lost(resource):
    deliver = resource()
    deliver(PEOPLE)
    collect()
    deliver(without(PEOPLE, 4), header="编号,姓名,手机,性别")
    with pytest.raises(ColumnsMissing) as refused:
        collect()
    assert "登记日期" in refused.value.what.zh and len(rows()) == 40
    deliver([*PEOPLE, person(41)])
    run = collect()
    assert (run.unchanged, run.new, run.changed) == (40, 1, 0)


def test_a_removed_column_that_may_go_is_empty_from_then_on(resource):
    deliver = resource(drift="removed: evolve")
    deliver(PEOPLE)
    collect()
    deliver(without(PEOPLE, 4), header="编号,姓名,手机,性别")
    run = collect()
    assert run.state == Run.DONE and kinds(run) == [("removed", "since", "登记日期")]
    assert {since for (since,) in rows("since")} == {None} and len(rows()) == 40


@pytest.mark.parametrize(
    ("place", "header"), [(1, "编号,手机,性别,登记日期"), (0, "姓名,手机,性别,登记日期")]
)
def test_a_required_column_or_a_key_may_never_go(resource, place, header):
    deliver = resource(drift="removed: evolve")
    deliver(PEOPLE)
    collect()
    deliver(without(PEOPLE, place), header=header)
    with pytest.raises(ColumnsMissing):
        collect()


def test_a_renamed_column_is_refused_with_its_new_name_and_goes_on_with_an_alias(resource):
    deliver = resource()
    deliver(PEOPLE)
    first = collect()
    deliver([*PEOPLE, person(41)], header=HEADER.replace("手机", "联系方式"))
    with pytest.raises(ColumnsMissing) as refused:
        collect()
    assert "联系方式" in refused.value.what.zh and "100%" in refused.value.what.zh
    resource(alias="联系方式", version="1.1.0")
    run = collect()
    assert (run.unchanged, run.new, run.changed, run.quarantined) == (40, 1, 0, 0)
    assert len(rows()) == 41 and first.accepted == 40


def test_a_renamed_column_is_read_under_its_new_name_where_the_contract_says_so(resource):
    deliver = resource(drift="renamed: evolve")
    deliver(PEOPLE)
    collect()
    deliver(PEOPLE, header=HEADER.replace("手机", "联系方式"))
    run = collect()
    assert (run.unchanged, run.changed) == (40, 0)
    assert kinds(run) == [("renamed", "phone", "联系方式")]
    evidence = run.facts["drift"][0]["evidence"]
    assert (evidence["was"], evidence["same"], evidence["pairs"]) == ("手机", 1.0, 40)


def test_a_renamed_key_is_found_by_its_values(resource):
    deliver = resource(drift="renamed: evolve")
    deliver(PEOPLE)
    collect()
    deliver(PEOPLE, header=HEADER.replace("编号", "人员编号"))
    run = collect()
    assert kinds(run) == [("renamed", "number", "人员编号")]
    assert (run.unchanged, run.new) == (40, 0)


def test_a_column_of_other_values_is_not_taken_for_the_missing_one(resource):
    deliver = resource(drift="renamed: evolve, removed: evolve")
    deliver(PEOPLE)
    collect()
    lines = [
        f"{','.join(line.split(',')[:2])},{line.split(',')[3]},{line.split(',')[4]},第{n}组"
        for n, line in enumerate(PEOPLE)
    ]
    deliver(lines, header="编号,姓名,性别,登记日期,手机分组")
    run = collect()
    assert kinds(run) == [("removed", "phone", "手机"), ("added", "", "手机分组")]


def test_two_columns_that_could_both_be_it_are_for_a_person_to_tell_apart(resource):
    deliver = resource(drift="renamed: evolve")
    deliver(PEOPLE)
    collect()
    lines = [f"{line},{line.split(',')[2]}" for line in PEOPLE]
    deliver(lines, header=f"{HEADER.replace('手机', '手机号')},手机号码")
    with pytest.raises(ColumnsMissing):
        collect()
    assert len(rows()) == 40


def test_a_missing_column_of_a_table_never_read_is_refused(resource):
    deliver = resource(drift="renamed: evolve")
    deliver(PEOPLE, header=HEADER.replace("手机", "联系方式"))
    with pytest.raises(ColumnsMissing):
        collect()


def retyped(lines, share=1.0):
    return [
        line.replace(line.split(",")[2], "0571-8888" + line.split(",")[0][-4:])
        if n < share * len(lines)
        else line
        for n, line in enumerate(lines)
    ]


def test_values_of_another_kind_are_quarantined_and_told_with_what_they_look_like(resource):
    deliver = resource()
    deliver(PEOPLE)
    collect()
    deliver(retyped(PEOPLE, share=0.5))
    run = collect()
    assert (run.state, run.quarantined) == (Run.DONE, 20)
    assert kinds(run) == [("retyped", "phone", "手机")]
    evidence = run.facts["drift"][0]["evidence"]
    assert evidence["share"] == 0.5 and evidence["patterns"] == [{"pattern": "9999-99999999", "rows": 20}]
    assert not any(line.split(",")[2] in str(run.facts["drift"]) for line in PEOPLE)


def test_a_few_wrong_values_are_no_drift(resource):
    deliver = resource()
    deliver(PEOPLE)
    collect()
    deliver(retyped(PEOPLE, share=0.1))
    assert kinds(collect()) == []


def test_values_of_another_kind_hold_the_run_where_frozen_and_the_mended_source_goes_on(resource):
    deliver = resource(drift="retyped: freeze")
    deliver(PEOPLE)
    collect()
    deliver([*retyped(PEOPLE, share=0.5), person(41)])
    run = collect()
    assert run.state == Run.HELD and "手机" in run.error["what"]["zh"] and len(rows()) == 40
    again = collect()
    assert again.state == Run.HELD
    deliver([*PEOPLE, person(41)])
    run = collect()
    assert (run.state, run.unchanged, run.new) == (Run.DONE, 40, 1)
    assert service.quarantined(run.id) == [] and len(rows()) == 41


def test_new_codes_are_listed_with_their_counts(resource):
    deliver = resource()
    deliver(PEOPLE)
    collect()
    lines = [person(n, sex="非二元" if n < 5 else "保密局") if n < 8 else person(n) for n in range(1, 41)]
    deliver(lines)
    run = collect()
    assert (run.state, run.quarantined) == (Run.DONE, 7) and kinds(run) == [("codes", "sex", "性别")]
    assert run.facts["drift"][0]["evidence"]["codes"] == [
        {"code": "非二元", "rows": 4},
        {"code": "保密局", "rows": 3},
    ]


def test_many_new_codes_hold_the_run_where_frozen(resource):
    deliver = resource(drift="codes: freeze")
    deliver(PEOPLE)
    collect()
    deliver([person(n, sex="甲类" if n % 2 else "男") for n in range(1, 41)])
    run = collect()
    assert run.state == Run.HELD and "甲类" in run.error["what"]["zh"]


@pytest.mark.parametrize("refresh", ["upsert", "full"])
def test_keys_that_lost_their_zeros_hold_the_run_instead_of_doubling_the_table(resource, refresh):
    deliver = resource(refresh=refresh)
    deliver(PEOPLE)
    collect()
    deliver([line.lstrip("0") for line in PEOPLE])
    run = collect()
    assert run.state == Run.HELD and kinds(run) == [("key", "number", "编号")]
    assert "000001 → 1" in run.error["what"]["zh"] and len(rows()) == 40
    deliver([*PEOPLE, person(41)])
    run = collect()
    assert (run.state, run.new, run.unchanged) == (Run.DONE, 1, 40)


def test_keys_of_another_type_hold_the_run(resource):
    deliver = resource()
    deliver(PEOPLE)
    collect()
    deliver([person(n, number=f"P{n:04}X") for n in range(1, 41)])
    run = collect()
    assert run.state == Run.HELD and run.facts["drift"][0]["evidence"]["now"] == "letters"


def test_new_rows_of_the_same_kind_of_key_are_just_new(resource):
    deliver = resource()
    deliver(PEOPLE)
    collect()
    deliver([person(n) for n in range(100, 140)])
    run = collect()
    assert (run.state, run.new, kinds(run)) == (Run.DONE, 40, []) and len(rows()) == 80


def test_a_table_numbered_anew_holds_a_full_refresh_by_its_cause(resource):
    deliver = resource(refresh="full")
    deliver(PEOPLE)
    collect()
    deliver([person(n) for n in range(100, 140)])
    run = collect()
    assert run.state == Run.HELD and kinds(run) == [("key", "number", "编号")]


def test_a_file_of_nothing_but_broken_lines_takes_bounded_memory_and_loses_none(resource, monkeypatch):
    monkeypatch.setattr("jingwei.collection.staging.PART", 100)
    resource()([*PEOPLE, *(f"{n},zu,wenig" for n in range(1, 951))])
    run = collect()
    assert (run.read, run.accepted, run.quarantined) == (990, 40, 950)
    listed = service.quarantined(run.id, limit=None)
    assert sorted(row.row for row in listed) == list(range(42, 992))
