"""Comparers judge pairs as a clerk would: one row a pair, the level it stands at beside it."""

from __future__ import annotations

import duckdb
import pytest

from jingwei.registers.declaration import Matching
from jingwei.registers.matching import address, titles, variants
from jingwei.registers.matching.comparers import COMPARERS
from jingwei.registers.matching.features import Features


def level(kind: str, left: str, right: str) -> str | None:
    """The name of the first level that holds; `different`; None where nothing can be compared."""
    con = duckdb.connect()
    con.execute("CREATE TABLE linking (rid INTEGER, value VARCHAR)")
    con.execute("INSERT INTO linking VALUES (1, ?), (2, ?)", [left, right])
    features = Features(
        Matching.model_validate({"blocking": [["value"]], "comparisons": [{"field": "value", "as": kind}]})
    )
    features.prepare(con)
    con.execute(f"CREATE TABLE made AS {features.select()}")
    comparer = COMPARERS[kind]
    names = {f"{f}_{s}": f"{s}.c0_{f}" for f in comparer.features for s in ("l", "r")}
    cases = " ".join(f"WHEN {lv.when.format(**names)} THEN '{lv.name}'" for lv in comparer.levels)
    row = con.execute(
        f"SELECT CASE WHEN {comparer.missing.format(**names)} THEN NULL {cases} ELSE 'different' END "
        "FROM made l, made r WHERE l.rid = 1 AND r.rid = 2"
    ).fetchone()
    return row[0] if row else None


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [
        ("王小明", "王小明", "exact"),
        ("劉昇", "刘升", "variant-characters"),
        ("陳國榮", "陈国荣", "variant-characters"),
        ("张伟", "章伟", "homophone"),
        ("陈兰", "陈南", "sounds-alike"),
        ("王小明", "王大明", "one-character"),
        ("王小明", "王明小", "one-character"),
        ("小明王", "王明小", "one-character"),
        ("伟王", "王伟", "one-character"),
        ("王伟", "王伟国", "contains"),
        ("王小明", "李大红", "different"),
        ("王明", "王红", "different"),
    ],
)
def test_person_names_agree_by_script_sound_and_slip(left: str, right: str, expected: str) -> None:
    assert level("person_name", left, right) == expected
    assert level("person_name", right, left) == expected


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [
        ("松间路12号3幢401室", "松间路12号3幢401室", "exact"),
        ("云溪区松涛街道松间路12号3幢401室", "松间路12号3栋401", "same-door"),
        ("松间路12号3幢401室", "松涛街道松间路12号3栋502室", "same-building"),
        ("松间路12号", "松间路88号", "same-road"),
        ("松间路12号", "桂花街7号", "different"),
        ("4444 S. Kedzie Ave", "4444 S KEDZIE", "same-door"),
        ("518 W. 103rd St.", "518 W 103 RD ST", "same-door"),
        ("1910 West 64th Street", "1910 W 64TH ST", "same-door"),
        ("10 S Kedzie Ave, Suite 200", "10 S. Kedzie Avenue, Suite 310", "same-building"),
        ("4444 S Kedzie", "4444 N Kedzie", "same-numbers"),
        ("12 Main St", "88 Main Street", "same-road"),
    ],
)
def test_addresses_agree_by_door_building_and_road(left: str, right: str, expected: str) -> None:
    assert level("address", left, right) == expected
    assert level("address", right, left) == expected


def test_an_address_is_taken_apart_into_its_parts() -> None:
    parts = address.parse("云溪区松涛街道松间路12号3幢2单元401室")
    assert parts == address.Address("云溪区松涛街道", "松间路", "12", "3", "2", "401")
    assert address.parse("桂园新村3栋201房") == address.Address("", "桂园新村", "", "3", "", "201")


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [
        ("1980-05-06", "1980-05-06", "exact"),
        ("1980-05-06", "1980-06-05", "day-month-swapped"),
        ("1980-05-06", "1980-05-16", "one-typo"),
        ("1980-05-12", "1980-05-21", "one-typo"),
        ("1980-05-06", "1980-05-27", "two-parts"),
        ("1980-05-06", "1962-11-30", "different"),
    ],
)
def test_dates_agree_by_swapped_and_mistyped_digits(left: str, right: str, expected: str) -> None:
    assert level("date", left, right) == expected


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [
        ("199-1234-5678", "19912345678", "exact"),
        ("19912345678", "19912345687", "one-typo"),
        ("+86 199 1234 5678", "19912345678", "exact"),
        ("(773) 534-6361", "5346361", "without-area-code"),
        ("19912345678", "19987654321", "different"),
    ],
)
def test_phones_agree_by_their_digits_with_or_without_a_code(left: str, right: str, expected: str) -> None:
    assert level("phone", left, right) == expected


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [
        ("深圳市云溪科技有限公司", "深圳市雲溪科技有限公司", "same-name"),
        ("深圳市云溪科技有限公司", "云溪科技", "same-core"),
        ("El Valor - Kiddy Kare Learning Ctr", "EL VALOR KIDDY KARE LEARNING CENTER", "same-name"),
        ("Whiz Kids Nursery Center, Inc.", "WHIZ KIDS NURSERY CENTER", "same-core"),
        ("Nursery Whiz Kids", "Whiz Kids Nursery", "same-trade-name"),
        ("Acorn Bakery", "Zenith Machine Tools", "different"),
    ],
)
def test_organizations_agree_by_the_parts_of_their_names(left: str, right: str, expected: str) -> None:
    assert level("organization_name", left, right) == expected
    assert level("organization_name", right, left) == expected


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [
        ("Pioneer KURO 60' Plasma - PDP6020FD", "Pioneer PDP-6020FD 60' Plasma", "same-model-and-words"),
        ("Red Garden Chair", "garden chair, red", "same-words"),
        ("Acme Lamp LX9911", "Blue Table", "different"),
    ],
)
def test_titles_agree_by_model_and_words(left: str, right: str, expected: str) -> None:
    assert level("title", left, right) == expected


def test_sizes_are_no_model_numbers() -> None:
    assert titles.models("52' 1080p 500GB 12345 LC-52SE94U 8-Port 2009") == ["lc52se94u", "12345"]


def test_folding_changes_only_what_has_a_standard_form() -> None:
    assert variants.folded("劉昇王伟 Smith") == "刘升王伟 Smith"
