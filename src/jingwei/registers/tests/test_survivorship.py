from __future__ import annotations

from datetime import date

import pytest

from jingwei.registers import service
from jingwei.registers.tests.conftest import Town, number

ONE = number("1980-05-06", 1)
OLD, MID, NEW = date(2020, 1, 1), date(2023, 1, 1), date(2026, 1, 1)


@pytest.fixture
def resident(town: Town) -> str:
    """One person in three sources: `a` verified and old, `b` newest, `c` in between. Returns the entity."""
    town.put("a.person", [("1", ONE, "王小明", "1980-05-06", "19900000001", "一号院", OLD)])
    town.put("b.person", [("1", ONE, "王晓明", "1980-05-06", None, "二号院", NEW)])
    town.put(
        "c.person",
        [
            ("1", ONE, "王小明", "1980-05-06", "19900000003", "三号院", MID),
            ("2", ONE, "王小明", None, None, "四号院", NEW),
        ],
    )
    town.link()
    return town.entities()["a.person/1"]


def test_each_rule_chooses_the_statement_it_names(resident: str):
    fields = service.golden("people", resident).fields
    # verified first: a's name; newest: of the two phones c's; the declared source first: b's address.
    assert (fields["name"].value, fields["name"].source, fields["name"].as_of) == ("王小明", "a.person", OLD)
    assert (fields["phone"].value, fields["phone"].source, fields["phone"].as_of) == (
        "19900000003",
        "c.person",
        MID,
    )
    assert (fields["address"].value, fields["address"].source) == ("二号院", "b.person")
    assert fields["name"].verified
    assert not fields["phone"].verified
    assert fields["name"].organization == "单位A"


def test_values_that_differ_are_marked_and_those_that_agree_are_not(resident: str):
    fields = service.golden("people", resident).fields
    assert fields["name"].differs
    assert fields["phone"].differs
    assert not fields["birth_date"].differs
    assert fields["birth_date"].value == date(1980, 5, 6)
    assert fields["birth_date"].reason == "agreed"


def test_a_field_that_keeps_all_lists_each_value_once_best_first(resident: str):
    names = service.golden("people", resident).fields["names"]
    assert (names.value, names.reason) == (["王小明", "王晓明"], "all")


def test_the_explanation_names_winner_rule_and_losers(resident: str):
    explained = {e.field: e for e in service.explain("people", resident)}
    golden = service.golden("people", resident).fields
    assert {name: e.winner.value for name, e in explained.items() if name != "names"} == {
        name: value.value for name, value in golden.items() if name != "names"
    }
    assert explained["name"].reason == "verified"
    assert explained["phone"].reason == "newest"
    assert [(s.value, s.source) for s in explained["phone"].losers] == [("19900000001", "a.person")]
    assert explained["address"].reason == "sources"
    assert [s.value for s in explained["address"].losers] == ["四号院", "三号院", "一号院"]
    assert explained["birth_date"].reason == "agreed"


def test_a_missing_fact_is_taken_from_the_number_that_contains_it(town: Town):
    town.put("a.person", [("1", ONE, "王小明", None)])
    town.link()
    birth = service.golden("people", town.entities()["a.person/1"]).fields["birth_date"]
    assert (birth.value, birth.source) == (date(1980, 5, 6), "a.person")


def test_the_records_behind_an_entity_are_told_with_how_they_came_to_it(resident: str):
    records = service.records("people", resident)
    assert [(r.resource, r.record_key, r.reason) for r in records] == [
        ("a.person", "1", "id_number"),
        ("b.person", "1", "id_number"),
        ("c.person", "1", "id_number"),
        ("c.person", "2", "id_number"),
    ]
    assert records[1].values["address"] == "二号院"
    assert records[0].as_of == OLD


def test_an_undated_statement_is_older_than_any_date(town: Town):
    town.put("a.person", [("1", ONE, "王小明", None, "19900000001", None, None)])
    town.put("c.person", [("1", ONE, "王小明", None, "19900000003", None, date(1990, 1, 1))])
    town.link()
    assert service.golden("people", town.entities()["a.person/1"]).fields["phone"].value == "19900000003"
