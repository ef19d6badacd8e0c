"""Elements and code lists as declarations: what is wrong with one is told with its place."""

from pathlib import Path

import pytest
import yaml

from jingwei.packs.service import check

ELEMENT = {
    "element": "parcel",
    "title": {"zh": "地块编号", "en": "Parcel number"},
    "standard": "TD/T 1001-2012",
    "mends": {"zh": "去空格", "en": "spaces removed"},
    "lists": {"wrong_words": ["作废"]},
    "steps": ["replace({value}, ' ', '')"],
    "checks": [
        {
            "code": "length",
            "valid": "length({value}) = 6",
            "details": {"length": "length({value})"},
            "message": {"zh": "有 {length} 位", "en": "has {length} characters"},
        }
    ],
}
CODES = {
    "list": "parcel_use",
    "title": {"zh": "用途", "en": "Use"},
    "standard": "GB/T 21010-2017",
    "entries": [
        {"code": "01", "title": {"zh": "耕地", "en": "arable land"}, "synonyms": ["农田"]},
        {"code": "02", "title": {"zh": "园地", "en": "orchard"}},
    ],
}


@pytest.fixture
def faults_of(tmp_path: Path):
    """Writes a pack of one element and one code list, and tells what the checks say of it."""

    def told(element=ELEMENT, codes=CODES) -> list[tuple[str, int | None, str]]:
        pack = {"pack": "land", "version": "1.0.0", "title": {"zh": "土地", "en": "Land"}}
        for name, value in {
            "pack.yaml": pack | {"requires": ["standards"]},
            "elements/parcel.yaml": element,
            "codes/use.yaml": codes,
        }.items():
            path = tmp_path / name
            path.parent.mkdir(exist_ok=True)
            path.write_text(yaml.safe_dump(value, allow_unicode=True, sort_keys=False), encoding="utf-8")
        _, faults = check(tmp_path)
        return [(fault.code, fault.line, fault.text.en) for fault in faults]

    return told


def test_a_sound_pack_has_no_faults(faults_of):
    assert faults_of() == []


def test_an_element_may_use_a_code_list_of_its_pack(faults_of):
    assert faults_of(ELEMENT | {"codes": "parcel_use"}) == []


def test_an_unknown_code_list_is_a_fault(faults_of):
    [(code, _, said)] = faults_of(ELEMENT | {"codes": "parcel_used"})
    assert (code, said) == ("unknown-code-list", "the code list parcel_used is not declared")


def test_an_unknown_key_names_the_nearest(faults_of):
    [(code, _, said)] = faults_of(ELEMENT | {"step": []})
    assert code == "unknown-key" and "steps" in said


def test_a_standard_must_be_cited(faults_of):
    bare = {key: value for key, value in ELEMENT.items() if key != "standard"}
    assert [code for code, _, _ in faults_of(bare)] == ["missing-key"]


def test_a_name_nobody_defined_is_a_fault_at_its_line(faults_of, tmp_path):
    [(code, line, said)] = faults_of(ELEMENT | {"steps": ["replace({valeu}, ' ', '')"]})
    assert code == "unknown-name" and "{valeu}" in said and "{value}" in said
    assert "{valeu}" in (tmp_path / "elements/parcel.yaml").read_text(encoding="utf-8").splitlines()[line - 1]


def test_a_message_may_use_only_its_own_details(faults_of):
    [checked] = ELEMENT["checks"]
    message = {"zh": "有 {lenght} 位", "en": "has {length} characters"}
    [(code, _, said)] = faults_of(ELEMENT | {"checks": [checked | {"message": message}]})
    assert code == "unknown-name" and "{length}" in said


@pytest.mark.parametrize(
    "sql",
    ["lenght({value})", "length({value}", "1); DROP TABLE x; SELECT (1", "{value} FROM nowhere", ""],
)
def test_sql_that_does_not_hold_is_a_fault_of_the_check_it_stands_in(sql, faults_of):
    [checked] = ELEMENT["checks"]
    found = faults_of(ELEMENT | {"checks": [checked | {"valid": sql}]})
    assert [code for code, _, _ in found] == ["not-sql"]


def test_a_label_of_two_codes_is_a_fault(faults_of):
    first, second = CODES["entries"]
    found = faults_of(codes=CODES | {"entries": [first, second | {"synonyms": ["农 田"]}]})
    assert [(code, said) for code, _, said in found] == [("label-twice", "农 田 means both 01 and 02")]
