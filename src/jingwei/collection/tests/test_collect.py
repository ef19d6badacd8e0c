"""Collecting: every row is accounted for, nothing is half-done, the same again changes nothing."""

from __future__ import annotations

import json

import pytest

from jingwei.collection import quarantine, service
from jingwei.collection.errors import ColumnsAdded, ColumnsMissing, ColumnsTwice, NoRows
from jingwei.collection.models import Run
from jingwei.engines import lake
from jingwei.kernel.errors import Busy
from jingwei.kernel.locks import exclusive
from jingwei.kernel.text import Text
from jingwei.packs.errors import PackFaulty

pytestmark = pytest.mark.django_db

CONTRACT = """\
apiVersion: v3.1.0
kind: DataContract
id: trial.person
name: 人员
version: 1.0.0
status: active
servers:
  - {{server: source, type: local, path: person.csv, format: csv}}
schema:
  - name: person
    properties:
      - {{name: number, physicalName: 编号, logicalType: string, primaryKey: true}}
      - name: name
        physicalName: 姓名
        logicalType: string
        required: true
        customProperties: [{{property: element, value: person_name}}]
      - name: phone
        physicalName: 电话
        logicalType: string
        customProperties:
          - {{property: element, value: mobile_phone}}
          - {{property: onFault, value: {on_fault}}}
      - name: since
        physicalName: 登记日期
        logicalType: date
        quality:
          - {{name: not-before-1949, type: custom, engine: jingwei, implementation: "{rule}", dimension: conformity, description: "登记日期太早 | registered too early"}}
customProperties:
  - {{property: organization, value: 区数据局}}
  - {{property: refresh, value: {refresh}}}
  - {{property: drift, value: {{added: {added}}}}}
"""
HEADER = "编号,姓名,电话,登记日期"
GOOD = ["1,沈云禾,19900000001,2020-01-02", "2,许可心,19900000002,2021/3/4"]


@pytest.fixture
def resource(pack, home):
    """Declares trial.person; returns a function that puts lines into its source."""

    def declare(on_fault="quarantine", rule="since >= DATE '1949-10-01'", refresh="upsert", added="notice"):
        text = CONTRACT.format(on_fault=on_fault, rule=rule, refresh=refresh, added=added)
        pack("trial", {"contracts/person.yaml": text})
        return deliver

    def deliver(*lines, header=HEADER):
        (home / "sample" / "person.csv").write_text("\n".join([header, *lines]) + "\n", encoding="utf-8")

    return declare


def collect(**options):
    return service.collect("trial.person", **options)


def balance(run):
    return (run.read, run.accepted, run.quarantined, run.repeated), (run.new, run.changed, run.unchanged)


def standard(columns="number, name, phone, CAST(since AS VARCHAR)"):
    with lake().read() as con:
        return con.execute(f'SELECT {columns} FROM lake.standard."trial.person" ORDER BY _key').fetchall()


def test_rows_arrive_standardized_and_raw_stays_as_it_came(resource):
    resource()(*GOOD)
    run = collect()
    assert (run.state, run.balances) == (Run.DONE, True)
    assert balance(run) == ((2, 2, 0, 0), (2, 0, 0))
    assert standard() == [
        ("1", "沈云禾", "19900000001", "2020-01-02"),
        ("2", "许可心", "19900000002", "2021-03-04"),
    ]
    with lake().read() as con:
        raw = con.execute('SELECT 登记日期, _run FROM lake.raw."trial.person" ORDER BY _row').fetchall()
    assert raw == [("2020-01-02", run.id), ("2021/3/4", run.id)]


def test_the_same_file_twice_changes_nothing(resource):
    resource()(*GOOD)
    first, again = collect(), collect()
    assert balance(again) == ((2, 2, 0, 0), (0, 0, 2))
    with lake().read() as con:
        runs = con.execute('SELECT DISTINCT _run FROM lake.standard."trial.person"').fetchall()
        landed = con.execute('SELECT count(*) FROM lake.raw."trial.person"').fetchone()
    assert runs == [(first.id,)] and landed == (2,)


def test_a_changed_row_is_changed_and_the_others_are_not(resource):
    deliver = resource()
    deliver(*GOOD)
    collect()
    deliver(GOOD[0], GOOD[1].replace("许可心", "许可欣"), "3,程既白,,")
    assert balance(collect()) == ((3, 3, 0, 0), (1, 1, 1))
    assert [row[1] for row in standard()] == ["沈云禾", "许可欣", "程既白"]


def test_a_wrong_row_is_quarantined_with_row_number_reason_and_original(resource):
    resource()(GOOD[0], "2,,199000,1900-01-01")
    run = collect()
    assert balance(run)[0] == (2, 1, 1, 0)
    [row] = service.quarantined(run.id)
    assert (row.row, row.key, row.original["电话"]) == (3, "2", "199000")
    assert {(r.field, r.code) for r in row.reasons} >= {("name", "missing"), ("since", "not-before-1949")}
    assert "phone" in {r.field for r in row.reasons}
    assert sum(n for _, _, n in service.reasons(run)) == len(row.reasons)


def test_a_ragged_line_is_quarantined_and_its_neighbours_are_not(resource):
    resource()(GOOD[0], "2,许可心", "3,程既白,19900000003,2020-01-01")
    run = collect()
    assert balance(run)[0] == (3, 2, 1, 0)
    [row] = service.quarantined(run.id)
    assert (row.row, row.original) == (3, "2,许可心")


def test_a_value_that_may_be_set_aside_does_not_condemn_its_row(resource):
    resource(on_fault="void")("1,沈云禾,199000,2020-01-02")
    run = collect()
    assert (balance(run)[0], run.voided) == ((1, 1, 0, 0), 1)
    [(phone, faults)] = standard("phone, _faults")
    assert phone is None and faults[0]["field"] == "phone" and faults[0]["original"] == "199000"


def test_an_equal_row_is_repeated_and_an_unequal_one_with_the_same_key_is_quarantined(resource):
    resource()(GOOD[0], GOOD[0], GOOD[0].replace("沈云禾", "沈云和"))
    run = collect()
    assert balance(run) == ((3, 1, 1, 1), (1, 0, 0))
    [row] = service.quarantined(run.id)
    assert row.reasons[0].code == "duplicate-key" and "2" in row.reasons[0].text.en
    assert standard("name") == [("沈云禾",)]


def test_a_row_mended_at_the_source_leaves_quarantine_by_itself(resource):
    deliver = resource()
    deliver(GOOD[0], "2,许可心,199000,")
    collect()
    assert quarantine.count("trial.person", open_only=True) == 1
    deliver(*GOOD)
    collect()
    assert quarantine.count("trial.person", open_only=True) == 0


def test_a_row_that_was_good_keeps_its_last_good_values_while_quarantined(resource):
    deliver = resource()
    deliver(*GOOD)
    collect()
    deliver(GOOD[0], "2,许可心,199000,")
    collect()
    assert standard("phone") == [("19900000001",), ("19900000002",)]


def test_rows_missing_from_an_upsert_stay_and_from_a_full_refresh_go(resource):
    deliver = resource()
    deliver(*GOOD)
    collect()
    deliver(GOOD[0])
    collect()
    assert len(standard()) == 2


def test_a_full_refresh_that_removes_too_much_is_held_and_changes_nothing(resource):
    lines = [f"{n},沈云禾,,2020-01-01" for n in range(100, 200)]
    deliver = resource(refresh="full")
    deliver(*lines)
    collect()
    deliver(*lines[:96])
    run = collect()
    assert (run.state, run.removed, len(standard())) == (Run.DONE, 4, 96)
    deliver(*lines[:50])
    held = collect()
    assert (held.state, len(standard())) == (Run.HELD, 96)
    assert service.held(held).exit_code == 2


def test_a_file_in_which_every_row_is_faulty_is_held_and_its_rows_can_be_seen(resource):
    resource()("1,,,", "2,,,")
    run = collect()
    assert run.state == Run.HELD
    assert len(service.quarantined(run.id)) == 2
    assert quarantine.count("trial.person", open_only=True) == 0


@pytest.mark.parametrize(
    ("header", "options", "error"),
    [
        ("编号,姓名,手机,登记日期", {}, ColumnsMissing),
        ("编号,姓名,电话,登记日期,备注", {"added": "freeze"}, ColumnsAdded),
        ("编号,姓名,电话,登记日期,姓 名", {}, ColumnsTwice),
    ],
)
def test_drift_of_columns_is_refused_and_changes_nothing(resource, header, options, error):
    deliver = resource(**options)
    deliver(*GOOD)
    collect()
    deliver(*(line + ",x" for line in GOOD), header=header)
    with pytest.raises(error):
        collect()
    assert service.runs()[0].state == Run.FAILED
    assert len(standard()) == 2


def test_an_added_column_is_kept_in_raw_and_noted(resource):
    deliver = resource()
    deliver(*GOOD)
    collect()
    deliver(*(line + ",x" for line in GOOD), header=HEADER + ",备注")
    run = collect()
    assert run.facts["added_columns"] == ["备注"] and balance(run)[1] == (0, 0, 2)
    with lake().read() as con:
        assert con.execute('SELECT count(备注) FROM lake.raw."trial.person"').fetchone() == (2,)


def test_a_header_without_rows_is_refused(resource):
    resource()()
    with pytest.raises(NoRows):
        collect()


def test_a_rule_that_is_no_sql_is_named_before_anything_is_read(resource):
    resource(rule="snce > 1")(*GOOD)
    with pytest.raises(PackFaulty) as told:
        collect()
    assert [(fault.code, "not-before-1949" in fault.text.en) for fault in told.value.faults] == [
        ("rule-faulty", True)
    ]


def test_a_second_collection_of_the_same_resource_is_turned_away(resource):
    resource()(*GOOD)
    with exclusive("collect-trial.person", Text("", "")), pytest.raises(Busy):
        collect()
    assert service.runs() == []


def test_a_field_added_to_the_contract_makes_rows_changed_and_old_values_stay(resource, pack):
    deliver = resource()
    deliver(*GOOD)
    collect()
    text = CONTRACT.format(on_fault="quarantine", rule="true", refresh="upsert", added="notice")
    grown = text.replace(
        "customProperties:\n  - {property: org",
        "      - {name: note, physicalName: 备注, logicalType: string}\ncustomProperties:\n  - {property: org",
    )
    pack("trial", {"contracts/person.yaml": grown})
    deliver(GOOD[0] + ",好", GOOD[1] + ",", header=HEADER + ",备注")
    assert balance(collect())[1] == (0, 1, 1)
    assert standard("name, note") == [("沈云禾", "好"), ("许可心", None)]


def test_a_run_whose_process_was_killed_before_the_commit_is_failed_and_the_next_is_right(resource):
    resource()(*GOOD)
    run = collect()
    Run.objects.create(
        id="R-20000101-0001",
        resource="trial.person",
        location="x",
        contract_version="1",
        started=run.started,
        started_by="x",
    )
    again = collect()
    assert Run.objects.get(id="R-20000101-0001").error["error"] == "run-killed"
    assert balance(again)[1] == (0, 0, 2)


def test_a_run_whose_process_was_killed_after_the_commit_is_done_with_its_balance(resource):
    resource()(*GOOD)
    run = collect()
    Run.objects.filter(id=run.id).update(state=Run.RUNNING, read=0, accepted=0, new=0, ended=None)
    service.recover()
    assert balance(service.run(run.id)) == ((2, 2, 0, 0), (2, 0, 0))
    assert service.run(run.id).state == Run.DONE


def test_originals_of_quarantined_rows_are_json_with_every_cell(resource):
    resource()('1,"沈""云,禾",199000,')
    run = collect()
    [row] = quarantine.rows(run=run.id)
    assert row.original == {"编号": "1", "姓名": '沈"云,禾', "电话": "199000", "登记日期": ""}
    assert json.dumps(row.original)


def test_records_that_start_on_one_line_are_still_told_apart(resource, home):
    resource()()
    path = home / "one-line.json"
    people = [
        {"编号": str(n), "姓名": "沈云禾", "电话": phone, "登记日期": ""}
        for n, phone in enumerate(["", "1", "2", ""])
    ]
    path.write_text(json.dumps(people, ensure_ascii=False), encoding="utf-8")
    run = collect(location=str(path))
    assert balance(run)[0] == (4, 2, 2, 0)
    assert [row.original["电话"] for row in service.quarantined(run.id)] == ["1", "2"]


def test_a_column_of_what_the_house_does_not_keep_is_left_out_at_the_door(resource):
    resource()(GOOD[0] + ",某族", "2,,199000,,某族", header=HEADER + ",民族")
    run = collect()
    assert run.facts["left_out_columns"] == ["民族"] and balance(run)[0] == (2, 1, 1, 0)
    with lake().read() as con:
        columns = [row[0] for row in con.execute('DESCRIBE lake.raw."trial.person"').fetchall()]
    assert "民族" not in columns
    assert "民族" not in service.quarantined(run.id)[0].original
