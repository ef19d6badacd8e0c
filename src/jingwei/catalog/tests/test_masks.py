"""Masks: the page and the export must hide the same."""

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from jingwei.catalog.masks import Mask
from jingwei.catalog.values import standardizer
from jingwei.packs.service import installed

WORDS = st.text(alphabet="9ÀX张·𠮷 *'", max_size=24)


@pytest.mark.parametrize(
    ("element", "value", "shown"),
    [
        ("resident_id", "990101198402290011", "9901" + "*" * 10 + "0011"),
        ("mobile_phone", "19900000001", "199****0001"),
        ("person_name", "裴星河", "裴**"),
        ("person_name", "裴", "*"),
        ("landline", "0755-28000001-801", "0755" + "*" * 10 + "801"),
        ("address", "某市某区织云街道经纬路12号", "某市某区织云" + "*" * 8),
        ("organization_name", "织云有限公司", "织云有限公司"),
    ],
)
def test_a_mask_keeps_the_ends_and_stars_the_rest(element, value, shown):
    assert standardizer(element).element.mask_text(value) == shown


@settings(max_examples=60, deadline=None)
@given(WORDS, st.integers(0, 6), st.integers(0, 6))
def test_python_and_sql_mask_alike_and_hide_something_of_every_value(value, first, last):
    mask = Mask(first=first, last=last)
    text = value.replace("'", "''")
    shown = duckdb.execute(f"SELECT {mask.sql('v')} FROM (SELECT '{text}' AS v)").fetchone()[0]
    assert shown == mask.text(value)
    assert len(shown) == len(value)
    assert value == "" or shown.count("*") > 0


def test_null_stays_null():
    assert duckdb.execute(f"SELECT {Mask(first=1).sql('NULL')}").fetchone() == (None,)


def test_a_mask_cannot_be_negative():
    with pytest.raises(ValidationError):
        Mask(first=-1)


def test_every_personal_text_that_names_someone_is_masked():
    elements = installed().section("elements").values()
    bare = {e.element for e in elements if e.classification in ("personal", "sensitive") and e.mask is None}
    assert bare == {"sex", "marital_status", "education"}, "coded facts name nobody by themselves"
