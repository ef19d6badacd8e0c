"""What is stated at the window is in the register with the case; only what the item asks for, and only what was said."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.urls import reverse

from jingwei.collection import service as collection
from jingwei.registers import service as registers
from jingwei.registers.models import Statement
from jingwei.testing import small_district as district
from jingwei.testing.small_district import HE_1986, LU
from jingwei.window import cases, depositing
from jingwei.window.prefill import item_called, prefill

SOURCE = "  - resource: window.statement\n    map: {id_number: id_number, name: name, phone: phone, address: address}\n"
STATEMENTS = (
    district.contract(
        "window.statement",
        "窗口陈述",
        "政务服务中心",
        "-",
        "\n".join(
            [
                district.column("record_key", "record_key", "plain_text", district.KEY),
                district.column("id_number", "身份证号", "resident_id"),
                district.column("name", "姓名", "person_name"),
                district.column("phone", "电话", "mobile_phone"),
                district.column("address", "住址", "address"),
                district.column("stated_on", "日期", "date", ", required: true"),
            ]
        ),
        "stated_on",
    )
).replace(
    "type: local, path: -, format: csv",
    "type: custom, customProperties: [{property: driver, value: statements}]",
)


@pytest.fixture
def counter(home, pack, db) -> Path:
    """The small district's residents and one item, with a window that states."""
    population = district.FILES["registers/population.yaml"].replace("identifiers:", SOURCE + "identifiers:")
    wanted = ("contracts/police.yaml", "contracts/medical.yaml", "items/allowance.yaml")
    pack("small", {**{name: district.FILES[name] for name in wanted}, "contracts/window.yaml": STATEMENTS,
                   "registers/population.yaml": population.replace("{name: phone, element: mobile_phone}", "{name: phone, element: mobile_phone, survivorship: [newest]}")})  # fmt: skip
    for name in ("police.csv", "medical.csv"):
        (home / "sample" / name).write_text(district.SOURCES[name] + "\n", "utf-8")
    for resource in ("police.resident", "medical.insured"):
        collection.collect(resource, started_by="test")
    registers.link("population")
    return home


def entity(person) -> str:
    (one,) = registers.search(["population"], person.number)
    return one.entity_id


def handed_in(account, person, choices=None, **texts):
    form = prefill(item_called("allowance"), "population", entity(person))
    shown = {place.name: place.shown for place in form.places} | texts
    return cases.submit(account, cases.fill(form, shown, choices or {}))


def outcomes(case) -> dict[str, str]:
    return {name: kept["deposited"] for name, kept in case.values.items() if "deposited" in kept}


def test_what_was_corrected_is_in_the_register_under_the_cases_number(counter, account):
    case = handed_in(account("clerk"), LU, bank_account="6222", phone="19988887777", address="听松里88号")
    assert outcomes(case) == {"phone": depositing.STANDS, "address": depositing.OUTLIVED}
    held = registers.golden("population", entity(LU)).fields
    assert (held["phone"].value, held["phone"].organization) == ("19988887777", "政务服务中心")
    assert held["address"].value == LU.address
    (kept,) = Statement.objects.all()
    assert (kept.case, kept.by, kept.values) == (
        case.number,
        "clerk",
        {"phone": "19988887777", "address": "听松里88号"},
    )
    again = prefill(item_called("allowance"), "population", entity(LU))
    assert again.place("phone").value == "19988887777"


def test_what_was_held_chosen_or_bound_to_no_register_is_not_deposited(counter, account):
    case = handed_in(account("clerk"), HE_1986, {"address": "1"}, bank_account="6222", paid_from="2026-03-01")
    assert outcomes(case) == {}
    assert not Statement.objects.exists()


def test_a_refused_deposit_is_told_and_the_case_goes_on(counter, account):
    case = handed_in(account("clerk"), LU, bank_account="6222", id_number=HE_1986.number)
    assert (case.state, outcomes(case)) == ("submitted", {"id_number": depositing.REFUSED})
    assert entity(HE_1986) in case.values["id_number"]["why"]["zh"]
    assert not Statement.objects.exists()


def test_a_register_without_statements_of_the_window_stays_as_it_is(small_district, account):
    form = prefill(item_called("allowance"), "population", small_district.entity(LU))
    shown = {place.name: place.shown for place in form.places}
    case = cases.submit(
        account("clerk"), cases.fill(form, shown | {"bank_account": "1", "phone": "19988887777"}, {})
    )
    assert outcomes(case) == {}


def test_the_receipt_says_which_fields_went_into_the_register(counter, account, client):
    clerk = account("clerk")
    case = handed_in(clerk, LU, bank_account="6222", phone="19988887777", address="听松里88号")
    client.force_login(clerk)
    page = client.get(reverse("window:case", args=[case.number])).content.decode()
    assert "已记入人口库" in page
    assert "记入基础库</dt><dd>联系电话<p" in page
    assert "记下未采用</dt><dd>现住址<p" in page
