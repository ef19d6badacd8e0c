from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from jingwei.sample.addresses import Addresses
from jingwei.sample.companies import make_companies
from jingwei.sample.people import TODAY
from jingwei.sample.systems import SYSTEMS, Sample
from jingwei.sample.systems.base import PersonRecords
from jingwei.sample.tests.reading import read_sheet
from jingwei.sample.world import make_world

FULL_WIDTH = str.maketrans("０１２３４５６７８９Ｘｘ", "0123456789XX")
KEYS = {
    "police.resident": "人员编号", "medical.insured": "个人编号", "education.student": "学籍号",
    "health.record": "档案编号", "civil.marriage": "记录编号", "housing.ownership": "不动产权证号",
    "street.elder_allowance": "台账编号", "licence.health_certificate": "健康证编号", "tax.taxpayer": "登记序号",
    "licence.food_permit": "许可证编号", "market.enterprise": "统一社会信用代码", "market.branch": "分支机构代码",
}  # fmt: skip


@pytest.mark.parametrize("register", ["population", "legal_entity"])
def test_a_record_has_one_truth(sample, register):
    rows = sample.truth(register)
    assert rows.column_names == ["resource", "record_key", "true_id"]
    keys = Counter(zip(rows["resource"].to_pylist(), rows["record_key"].to_pylist(), strict=True))
    assert keys.most_common(1)[0][1] == 1


@pytest.mark.parametrize("system", [s for s in SYSTEMS if s.resource in KEYS], ids=lambda s: s.resource)
def test_the_truth_covers_every_usable_row_and_nothing_else(sample, system):
    truth = sample.truth(system.register).to_pylist()
    known = {row["record_key"] for row in truth if row["resource"] == system.resource}
    keys = {row[KEYS[system.resource]] for row in read_sheet(sample.folder / system.path)}
    assert known <= keys
    # what is missing from the truth is what was broken on purpose, well under two rows of a hundred
    assert len(keys - known) < 0.02 * len(keys) + 3


def test_where_the_number_is_the_key_the_truth_has_the_number_as_the_lake_will_hold_it(sample, read):
    truth = {
        row["record_key"]
        for row in sample.truth("population").to_pylist()
        if row["resource"] == "social.insured"
    }
    assert all(len(key) == 18 for key in truth)
    plain = {
        row["社会保障号码"].translate(FULL_WIDTH) for row in read("social/insured.csv") if row["社会保障号码"]
    }
    assert len(truth & plain) / len(truth) > 0.98


def test_most_residents_are_known_to_several_departments(sample):
    rows = sample.truth("population")
    persons = Counter(rows["true_id"].to_pylist())
    assert len(persons) > 0.99 * sample.report.residents
    assert sum(count >= 3 for count in persons.values()) > 0.6 * len(persons)


def test_some_are_twice_in_one_system_under_two_record_numbers(sample):
    rows = sample.truth("population").to_pylist()
    twice = Counter(row["true_id"] for row in rows if row["resource"] == "health.record")
    assert 20 < sum(count == 2 for count in twice.values()) < 200


def test_repeated_rows_are_there_word_for_word(read):
    rows = Counter(tuple(row.items()) for row in read("medical/insured.csv"))
    assert sum(count == 2 for count in rows.values()) > 5


def test_a_record_shows_the_address_before_only_when_it_is_older_than_the_move():
    """Survivorship by date can only be right if the dates are."""
    world = make_world(5_000, seed=9)
    sample = Sample(world, make_companies(world, seed=9), 9, Addresses(world))
    records = PersonRecords(sample, "medical.insured", np.arange(5_000), since="2018-01-01")
    moved_on = world.people.moved_on[records.who]
    assert records.old_address.sum() > 100
    assert (records.as_of[records.old_address] < moved_on[records.old_address]).all()
    assert (records.as_of[~records.old_address] >= moved_on[~records.old_address]).all()
    assert records.as_of.max() <= TODAY


@pytest.mark.parametrize(
    ("resource", "path", "column"),
    [
        ("medical.insured", "medical/insured.csv", "姓名"),
        ("education.student", "education/student.jsonl", "学生姓名"),
        ("health.record", "health/record.csv", "姓名"),
        ("civil.marriage", "civil/marriage.tsv", "当事人姓名"),
        ("housing.ownership", "housing/ownership.jsonl", "权利人"),
        ("street.elder_allowance", "street/elder_allowance.xlsx", "姓名"),
        ("licence.health_certificate", "licence/health_certificate.csv", "持证人"),
    ],
)
def test_the_truth_joins_records_of_the_same_name(sample, read, resource, path, column):
    truth = sample.truth("population").to_pylist()
    person_of = {row["record_key"]: row["true_id"] for row in truth if row["resource"] == "police.resident"}
    names = {
        person_of[row["人员编号"]]: row["姓名"]
        for row in read("police/resident.db")
        if row["人员编号"] in person_of
    }
    here = {row["record_key"]: row["true_id"] for row in truth if row["resource"] == resource}
    rows = [row for row in read(path) if row[KEYS[resource]] in here]
    same = sum(names.get(here[row[KEYS[resource]]]) == row[column] for row in rows)
    # the rest is names typed wrongly: at most one in eight, in the ledger kept by hand
    assert same / len(rows) > 0.87
