"""An item is refused, with its place, for whatever it names wrongly or asks without need."""

import pytest
from django.utils import translation

from jingwei.packs.service import check
from jingwei.testing.small_district import FILES

ITEM = FILES["items/allowance.yaml"]


def faults(pack, item):
    folder = pack("small", {**FILES, "items/allowance.yaml": item})
    with translation.override("en"):
        return [(fault.line, str(fault.text)) for fault in check(folder)[1]]


def test_the_items_of_the_small_district_are_in_order(pack):
    assert faults(pack, ITEM) == []


@pytest.mark.parametrize(
    ("was", "becomes", "told"),
    [
        ("from: population.phone", "from: population.fone", "did you mean population.phone"),
        ("from: population.phone", "from: legal_entity.name", "neither starts from nor follows to"),
        ("starts: [population]", "starts: [populace]", "did you mean population"),
        ("element: mobile_phone", "element: mobile_fone", "did you mean mobile_phone"),
        ("element: sex,", "element: plain_text,", "is of the element sex, but plain_text is written here"),
        ("old_after: 730", "oldafter: 730", "did you mean old_after"),
        ("name: paid_from", "name: phone", "phone"),
        ("number: YX-01", "numbre: YX-01", "did you mean number"),
    ],
)
def test_what_an_item_names_wrongly_is_told_with_the_nearest_known_name(pack, was, becomes, told):
    assert was in ITEM
    assert told in " ".join(text for _, text in faults(pack, ITEM.replace(was, becomes)))


def test_a_fault_names_the_line_of_the_field(pack):
    line = next(n for n, text in enumerate(ITEM.splitlines(), 1) if "population.phone" in text)
    assert faults(pack, ITEM.replace("population.phone", "population.fone"))[0][0] == line


def test_asking_for_what_a_register_holds_is_refused_unless_the_item_says_why(pack):
    asked = ITEM.replace("element: mobile_phone, from: population.phone", "element: mobile_phone")
    assert "held already (population.phone)" in faults(pack, asked)[0][1]
    why = "element: mobile_phone, reason: {zh: 要本人当面确认, en: confirmed in person}"
    assert faults(pack, ITEM.replace("element: mobile_phone, from: population.phone", why)) == []


def test_a_follow_that_leads_nowhere_is_refused(pack):
    item = FILES["items/catering.yaml"].replace("legal_entity.representative_id", "legal_entity.boss")
    folder = pack("small", {**FILES, "items/catering.yaml": item})
    assert any("legal_entity.boss" in str(fault.text) for fault in check(folder)[1])
