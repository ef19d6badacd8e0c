"""The contracts of the sample district and the files agree, and the contracts follow the standard."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import open_data_contract_standard
import pytest
import yaml

from jingwei.sample.systems import SYSTEMS
from jingwei.sample.tests.reading import read_sheet

CONTRACTS = Path(__file__).resolve().parents[4] / "packs/district/contracts"
WINDOW = "window.statement"
"""What the window deposits comes from no file."""
FILES = sorted(path for path in CONTRACTS.glob("*.yaml") if path.stem != WINDOW)
SENT_IN = [path for path in FILES if "value: statements" not in path.read_text(encoding="utf-8")]
"""Those whose tables departments send; the others take what the window states."""
FORBIDDEN = ("民族", "宗教", "信仰", "政治面貌", "重点人员", "银行", "评分", "积分")


def contract(resource: str) -> dict:
    return yaml.safe_load((CONTRACTS / f"{resource}.yaml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def standard() -> jsonschema.protocols.Validator:
    text = (Path(open_data_contract_standard.__file__).parent / "schema.json").read_text(encoding="utf-8")
    schema = json.loads(text)
    return jsonschema.validators.validator_for(schema)(schema)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_contract_passes_the_standards_own_schema(path, standard):
    document = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert [error.message for error in standard.iter_errors(document)] == []
    assert document["id"] == path.stem


def test_there_is_a_contract_for_every_system_and_no_other():
    assert {path.stem for path in SENT_IN} == {system.resource for system in SYSTEMS}


def test_fourteen_organizations_take_part():
    documents = [yaml.safe_load(path.read_text(encoding="utf-8")) for path in SENT_IN]
    owners = {p["value"] for d in documents for p in d["customProperties"] if p["property"] == "organization"}
    assert len(owners) == 14


@pytest.mark.parametrize("system", SYSTEMS, ids=lambda system: system.resource)
def test_the_file_has_the_headers_of_its_contract(sample, system):
    document = contract(system.resource)
    headers = [field["physicalName"] for field in document["schema"][0]["properties"]]
    assert document["servers"][0]["path"] == system.path
    assert list(read_sheet(sample.folder / system.path)[0]) == headers


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_nothing_is_declared_that_the_house_does_not_keep(path):
    text = path.read_text(encoding="utf-8")
    assert not [word for word in FORBIDDEN if word in text]


def test_the_large_tables_have_about_fifteen_rules_over_several_fields():
    for resource in ("police.resident", "medical.insured"):
        fields = contract(resource)["schema"][0]["properties"]
        assert 13 <= sum(len(field.get("quality", [])) for field in fields) <= 17
        assert sum(1 for field in fields if field.get("quality")) >= 8


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_rule_says_in_both_languages_what_is_wrong(path):
    fields = yaml.safe_load(path.read_text(encoding="utf-8"))["schema"][0]["properties"]
    said = [rule["description"] for field in fields for rule in field.get("quality", [])]
    assert said and all(len(text.split(" | ")) == 2 for text in said)
