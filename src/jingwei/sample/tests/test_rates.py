"""The declared error rates, measured twice: as the makers counted them, and in the files against the truth."""

from __future__ import annotations

import math

import pytest

from jingwei.sample import COMPANY_RATES, RATES
from jingwei.sample.rates import kinds


def chance(rate: float, possible: int) -> float:
    """Five standard deviations of a share: about two thousand shares are compared, none should fail."""
    return 5 * math.sqrt(rate * (1 - rate) / possible) + 1 / possible


def test_every_planted_fault_meets_its_declared_rate(sample):
    planted = sample.truth("errors").to_pylist()
    assert len(planted) > 100
    far = [
        row
        for row in planted
        if row["possible"]
        and abs(row["rows"] / row["possible"] - row["declared"]) > chance(row["declared"], row["possible"])
    ]
    assert far == []


@pytest.mark.parametrize("resource", [*RATES, *COMPANY_RATES])
def test_rates_are_shares_and_the_planted_ones_are_the_declared_ones(sample, resource):
    rates = (RATES | COMPANY_RATES)[resource]
    assert all(0 <= getattr(rates, kind) <= 0.6 for kind in kinds(rates))
    for row in sample.truth("errors").to_pylist():
        if row["resource"] == resource:
            assert row["declared"] == getattr(rates, row["error"])


@pytest.mark.parametrize(
    ("path", "resource", "column"),
    [
        ("health/record.csv", "health.record", "身份证号码"),
        ("medical/insured.csv", "medical.insured", "证件号码"),
    ],
)
def test_missing_and_short_numbers_are_as_many_in_the_file_as_declared(read, path, resource, column):
    numbers = [row[column] for row in read(path)]
    missing = sum(number in (None, "无", "-") for number in numbers) / len(numbers)
    assert abs(missing - RATES[resource].number_missing) < chance(
        RATES[resource].number_missing, len(numbers)
    )
    short = sum(len(number) == 15 for number in numbers if number)
    # the rate holds for those born before 2000 who have a number at all: most, not all
    assert 0.5 * RATES[resource].number_15 < short / len(numbers) < RATES[resource].number_15


def true_persons(sample, read) -> dict[str, dict[str, str]]:
    """The person behind each police record: name and number as the police hold them, rarely wrong."""
    truth = {
        row["record_key"]: row["true_id"]
        for row in sample.truth("population").to_pylist()
        if row["resource"] == "police.resident"
    }
    return {truth[row["人员编号"]]: row for row in read("police/resident.db") if row["人员编号"] in truth}


def test_clinics_write_names_and_birth_dates_otherwise_than_the_police_at_the_declared_rate(sample, read):
    persons = true_persons(sample, read)
    rates = RATES["health.record"]
    truth = {
        row["record_key"]: row["true_id"]
        for row in sample.truth("population").to_pylist()
        if row["resource"] == "health.record"
    }
    pairs = [
        (persons[truth[r["档案编号"]]], r)
        for r in read("health/record.csv")
        if truth.get(r["档案编号"]) in persons
    ]
    assert len(pairs) > 8_000
    names = sum(police["姓名"] != clinic["姓名"] for police, clinic in pairs) / len(pairs)
    # nearly every name can get a wrong character; the police add a few of their own
    most = rates.name_homophone + rates.name_lookalike + rates.name_traditional + rates.name_spacing
    assert 0.8 * most < names < most + 0.01
    empty = sum(clinic["出生年月日"] is None for _, clinic in pairs) / len(pairs)
    assert abs(empty - rates.birth_missing) < chance(rates.birth_missing, len(pairs))


def test_swapped_birth_dates_are_still_dates(sample, read):
    swapped = [
        (row["出生日期"], row["公民身份号码"][6:14])
        for row in read("police/resident.db")
        if row["公民身份号码"] and len(row["公民身份号码"]) == 18 and row["出生日期"] and row["出生日期"].isdigit()
        and row["出生日期"] != row["公民身份号码"][6:14] and row["出生日期"][:4] == row["公民身份号码"][6:10]
    ]  # fmt: skip
    exchanged = [
        (shown, true) for shown, true in swapped if shown[4:6] == true[6:8] and shown[6:8] == true[4:6]
    ]
    assert exchanged
    assert all(1 <= int(shown[4:6]) <= 12 for shown, _ in exchanged)
