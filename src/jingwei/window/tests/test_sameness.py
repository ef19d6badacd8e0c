"""Spelling is no disagreement; a number or a road is."""

import pytest

from jingwei.window.sameness import same


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("云溪区翠里巷8号3幢2-604", "云溪区青坪街道南枝社区翠里巷8号3幢2单元604室"),
        ("翠里巷8号3幢2单元604室", "云溪区翠里巷8号3幢2-604"),
        ("翠里巷8号", "翠里巷8号"),
    ],
)
def test_one_place_written_in_two_ways_is_the_same(one, other):
    assert same("address", one, other) and same("address", other, one)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("翠里巷8号3幢", "翠里巷8号2幢"),
        ("翠里巷8号", "翠里巷8号3幢"),
        ("翠里巷8号", "松间路8号"),
        ("翠里巷", "松间路"),
        ("8号", "松间路8号"),
    ],
)
def test_another_number_or_road_is_another_place(one, other):
    assert not same("address", one, other)


def test_brackets_in_a_name_are_spelling_and_another_word_is_another_name():
    assert same("organization_name", "（云溪）远润餐饮有限公司", "云溪远润餐饮有限公司")
    assert not same("organization_name", "云溪2号店", "云溪区云溪2号店")


def test_other_values_are_the_same_only_when_equal():
    assert same("plain_text", "甲", "甲")
    assert not same("plain_text", "（甲）", "甲")
