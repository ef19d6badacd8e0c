"""What a form shows before anybody types: values with source and age, other values where sources differ."""

import pytest

from jingwei.registers.errors import NoSuchEntity
from jingwei.testing.small_district import HE_1951, HE_1986, LU, OTHER_ADDRESS, SHOP
from jingwei.window.errors import NoSuchItem, WrongStart
from jingwei.window.prefill import difference, item_called, items, prefill


@pytest.fixture
def allowance(small_district):
    return item_called("allowance")


def test_items_come_in_their_declared_order(small_district):
    assert [item.item for item in items()] == ["allowance", "catering"]


def test_a_held_value_says_who_holds_it_since_when_and_stands_masked(allowance, small_district):
    number = prefill(allowance, "population", small_district.entity(LU)).place("id_number")
    assert (number.value, number.shown) == (LU.number, LU.number[:4] + "*" * 10 + LU.number[-4:])
    assert (number.organization, str(number.as_of)) == ("区公安分局", "2026-03-02")
    assert number.masked and not number.old


def test_names_and_addresses_are_shown_whole(allowance, small_district):
    form = prefill(allowance, "population", small_district.entity(HE_1951))
    assert form.place("name").shown == HE_1951.name
    assert form.place("address").shown == HE_1951.address


def test_a_value_older_than_its_field_allows_is_marked_old(allowance, small_district):
    assert prefill(allowance, "population", small_district.entity(HE_1951)).place("phone").old
    assert not prefill(allowance, "population", small_district.entity(LU)).place("phone").old


def test_sources_that_differ_on_a_field_that_matters_stand_side_by_side(allowance, small_district):
    place = prefill(allowance, "population", small_district.entity(HE_1986)).place("address")
    assert [side.shown for side in place.sides] == [HE_1986.address, OTHER_ADDRESS]
    assert [side.organization for side in place.sides] == ["区公安分局", "区医保局"]
    assert place.contested


def test_sources_that_agree_are_not_contested(allowance, small_district):
    assert prefill(allowance, "population", small_district.entity(LU)).contested == []


def test_a_code_is_shown_by_its_word(allowance, small_district):
    sex = prefill(allowance, "population", small_district.entity(LU)).place("sex")
    assert sex.value == "1" and "男" in sex.shown


def test_what_no_register_holds_stays_open(allowance, small_district):
    form = prefill(allowance, "population", small_district.entity(LU))
    assert [place.name for place in form.missing] == ["bank_account"]
    assert [place.name for place in form.asked] == ["bank_account", "paid_from"]


def test_from_a_company_the_form_follows_to_its_representative(small_district):
    form = prefill(item_called("catering"), "legal_entity", small_district.shop)
    assert form.place("operator").value == HE_1986.name
    assert form.place("shop").value == SHOP
    assert form.subjects == (small_district.shop, small_district.entity(HE_1986))


def test_from_a_person_the_companys_own_facts_stay_open(small_district):
    form = prefill(item_called("catering"), "population", small_district.entity(LU))
    assert form.place("operator").value == LU.name
    assert [place.name for place in form.missing] == ["shop", "floor_area"]


def test_an_item_refuses_to_start_from_another_register(allowance, small_district):
    with pytest.raises(WrongStart):
        prefill(allowance, "legal_entity", small_district.shop)


def test_an_unknown_entity_or_item_is_refused(allowance):
    with pytest.raises(NoSuchEntity):
        prefill(allowance, "population", "P0")
    with pytest.raises(NoSuchItem):
        item_called("allowence")


@pytest.mark.parametrize(
    ("text", "other", "cut"),
    [
        ("松间路 8 号 2 幢", "松间路 8 号 3 幢", ("松间路 8 号 ", "2", " 幢")),
        ("301 室", "302 室", ("", "301", " 室")),
        ("听松里", "听松里", ("听松里", "", "")),
        ("听松里 2 号", "听松里", ("听松里", " 2 号", "")),
        ("甲", "乙", ("", "甲", "")),
    ],
)
def test_the_difference_is_cut_at_what_both_share_and_never_within_a_number(text, other, cut):
    assert difference(text, other) == cut
    assert "".join(cut) == text
