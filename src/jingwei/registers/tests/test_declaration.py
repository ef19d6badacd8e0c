from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from jingwei.packs.service import check
from jingwei.registers.tests.conftest import REGISTER, contract

CONTRACTS = {f"contracts/{r}.yaml": contract(r) for r in ("a.person", "b.person", "c.person")}


@pytest.fixture
def faults(pack: Callable[..., Path]) -> Callable[..., list[str]]:
    """Codes and texts of what is wrong with the register after one replacement."""

    def found(old: str = "", new: str = "") -> list[str]:
        assert old in REGISTER
        folder = pack("town", {**CONTRACTS, "registers/people.yaml": REGISTER.replace(old, new, 1)})
        return [f"{fault.code} {fault.line} {fault.text.en}" for fault in check(folder)[1]]

    return found


def line(text: str) -> int:
    return REGISTER[: REGISTER.index(text)].count("\n") + 1


def test_the_register_of_these_tests_is_faultless(faults):
    assert faults() == []


@pytest.mark.parametrize(
    ("old", "new", "expected", "at"),
    [
        ("search: {identifier: [id_number]", "search: {identifier: [id_numbr]", "unknown field id_numbr; did you mean id_number?", "search:"),
        ("card: {name: name", "card: {name: nmae", "unknown field nmae; did you mean name?", "card:"),
        ("resource: c.person", "resource: c.persn", "unknown resource c.persn; did you mean c.person?", "  - {resource: c"),
        ("{sources: [b.person]}", "{sources: [x.person]}", "unknown resource x.person", "  - {name: address"),
        ("element: mobile_phone", "element: mobile_fone", "unknown element mobile_fone; did you mean mobile_phone?", "  - {name: phone"),
        ("phone: phone, address", "phone: phon, address", "unknown field a.person.phon", "  - {resource: a"),
        ("contradicted_by: [name,", "contradicted_by: [nam,", "unknown field nam;", "  - {field: id_number"),
        ("[name.pinyin, birth", "[name.pinyn, birth", "unknown feature name.pinyn; did you mean name.pinyin?", "  blocking"),
        ("{field: phone, as: phone}", "{field: fone, as: phone}", "unknown field fone", "    - {field: phone"),
        ("{field: phone, as: phone}", "{field: phone, as: name_across}", "name_across needs also", "    - {field: phone"),
    ],
)  # fmt: skip
def test_a_name_that_does_not_exist_is_told_with_its_line_and_the_nearest(faults, old, new, expected, at):
    found = faults(old, new)
    assert any(f" {line(at)} {expected}" in fault for fault in found), found


def test_an_unknown_key_a_wrong_kind_and_a_wrong_number_are_faults_of_shape(faults):
    assert any(
        "unknown key matching.precisin; did you mean precision?" in f for f in faults("precision", "precisin")
    )
    assert any("matching.comparisons.2" in f for f in faults("as: phone}", "as: fone}"))
    assert any("matching.precision" in f for f in faults("precision: 0.95", "precision: 95"))
    assert any("prefix" in f for f in faults("fields:\n", "prefix: person\nfields:\n"))


def test_fields_that_derive_from_each_other_in_a_circle_are_a_fault(faults):
    found = faults(
        "{name: id_number, element: resident_id}",
        "{name: id_number, element: resident_id, derived_from: birth_date}",
    )
    assert any(fault.startswith("cycle") and "id_number → birth_date → id_number" in fault for fault in found)


def test_what_stands_twice_is_a_fault(faults):
    assert any(
        "declared twice" in f
        for f in faults("fields:\n", "fields:\n  - {name: phone, element: mobile_phone}\n")
    )
    assert any("stands here twice" in f for f in faults("resource: c.person", "resource: b.person"))


def test_all_faults_are_told_at_once(faults):
    found = faults("card: {name: name, identifier: id_number", "card: {name: nmae, identifier: id_numbr")
    assert len(found) == 2
