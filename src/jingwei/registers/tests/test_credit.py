from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from jingwei.packs.service import check

CONTRACT = """\
apiVersion: v3.1.0
kind: DataContract
id: credit.penalty
name: 处罚
version: 1.0.0
status: active
schema:
  - name: t
    properties:
      - {name: number, logicalType: string, required: true, primaryKey: true, customProperties: [{property: element, value: plain_text}]}
      - {name: credit_code, logicalType: string, required: true, customProperties: [{property: element, value: credit_code}]}
      - {name: party, logicalType: string, customProperties: [{property: element, value: plain_text}]}
customProperties: [{property: organization, value: 发改局}]
"""
REGISTER = """\
register: credit_record
title: {zh: 信用信息, en: Credit records}
entity: {zh: 信用信息, en: Credit record}
prefix: X
fields:
  - {name: number, element: plain_text, title: {zh: 文号, en: Number}}
  - {name: credit_code, element: credit_code}
  - {name: party, element: plain_text, title: {zh: 单位, en: Organization}}
sources:
  - {resource: credit.penalty, map: {number: number, credit_code: credit_code, party: party}}
identifiers: [number]
card: {name: party}
"""


@pytest.fixture
def faults(home: Path, pack: Callable[..., Path]) -> Callable[..., list[str]]:
    def found(
        old: str = "", new: str = "", contract: str = CONTRACT, also: tuple[str, str] = ("", "")
    ) -> list[str]:
        assert old in REGISTER
        text = REGISTER.replace(old, new, 1).replace(*also)
        folder = pack("credit", {"contracts/credit.penalty.yaml": contract, "registers/credit.yaml": text})
        return [f"{fault.code} {fault.text.en}" for fault in check(folder)[1]]

    return found


def test_permits_and_penalties_of_organizations_are_kept(faults):
    assert faults() == []


@pytest.mark.parametrize("title", ["信用评分", "企业积分", "综合得分", "信用等级"])
def test_a_score_is_refused_whatever_it_is_called(faults, title):
    assert any("no score and no rating" in fault for fault in faults("zh: 单位", f"zh: {title}"))


@pytest.mark.parametrize("name", ["score", "credit_rating", "grade"])
def test_a_score_is_refused_by_the_name_of_its_field_too(faults, name):
    found = faults("name: party,", f"name: {name},", also=("party: party", f"{name}: party"))
    assert any("no score and no rating" in fault for fault in found)


@pytest.mark.parametrize("element", ["resident_id", "person_name", "mobile_phone"])
def test_a_field_of_a_natural_person_is_refused(faults, element):
    found = faults("name: party, element: plain_text", f"name: party, element: {element}")
    assert any("says something of a natural person" in fault for fault in found)


def test_every_row_has_to_say_which_organization_it_is_about(faults):
    assert any(
        "does not give credit_code" in fault for fault in faults("credit_code: credit_code, party", "party")
    )
    none = faults("name: credit_code, element: credit_code", "name: credit_code, element: plain_text")
    assert any("no field has the element credit_code" in fault for fault in none)


def test_a_table_that_may_leave_the_code_out_is_refused(faults):
    loose = CONTRACT.replace(
        "name: credit_code, logicalType: string, required: true", "name: credit_code, logicalType: string"
    )
    assert any("has to be required" in fault for fault in faults(contract=loose))


def test_another_name_for_the_register_is_no_way_round(faults):
    found = faults("register: credit_record", "register: party_file", also=("zh: 单位", "zh: 评分"))
    assert any("no score and no rating" in fault for fault in found)


def test_a_register_with_credit_codes_is_not_one_of_credit(faults):
    plain = faults(
        "register: credit_record", "register: company",
        also=("title: {zh: 信用信息, en: Credit records}\nentity: {zh: 信用信息, en: Credit record}", "title: {zh: 统一社会信用代码库, en: Codes}\nentity: {zh: 企业, en: Company}"),
    )  # fmt: skip
    assert plain == []
