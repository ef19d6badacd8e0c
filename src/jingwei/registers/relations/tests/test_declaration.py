from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from jingwei.packs.service import check
from jingwei.registers.places.tests.village import FILES, HOUSEHOLD, TERRITORY

Faults = Callable[[str, str, str], list[str]]


@pytest.fixture
def faults(home: Path, pack: Callable[..., Path]) -> Faults:
    """Codes and texts of what is wrong with the village after one replacement in one file."""

    def found(file: str, old: str, new: str) -> list[str]:
        assert old in FILES[file]
        folder = pack("village", {**FILES, file: FILES[file].replace(old, new, 1)})
        return [f"{fault.code} {fault.text.en}" for fault in check(folder)[1]]

    return found


def test_the_village_is_faultless(pack, home):
    assert check(pack("village", FILES))[1] == []


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("from: people", "from: peple", "unknown register peple; did you mean people?"),
        (
            "resource: police.person",
            "resource: police.persn",
            "unknown resource police.persn; did you mean police.person?",
        ),
        ("name: head", "name: haed", "unknown field police.person.haed; did you mean police.person.head?"),
        (
            "{household: household}",
            "{household: houshold}",
            "unknown field houshold; did you mean household?",
        ),
        ("role: role", "role: rule", "unknown field police.person.rule; did you mean police.person.role?"),
        ("kind: household", "kind: friendship", "kind"),
        ("name: head", "name: head, place: address", "one of record, identifier, name, place"),
        ("role: role", "role: role, says: {zh: 一, en: one}", "not both"),
        ("title: {zh: 户主", "titel: {zh: 户主", "unknown key titel; did you mean title?"),
        ("sources:\n", "sourcs:\n", "sources is missing"),
    ],
)
def test_a_mistake_in_a_relation_is_told_with_the_nearest_that_exists(faults: Faults, old, new, expected):
    found = faults("relations/household.yaml", old, new)
    assert any(expected in fault for fault in found), found


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("serves: entitlements\n", "", "write serves: entitlements"),
        ("kind: household", "kind: share", "between persons only household and kinship"),
        ("relation: household", "relation: friendship", "is not kept here"),
        ("{zh: 户主, en: Head}", "{zh: 社交关系, en: Knows}", "is not kept here"),
    ],
)
def test_relations_among_persons_exist_for_entitlements_only(faults: Faults, old, new, expected):
    found = faults("relations/household.yaml", old, new)
    assert any(fault.startswith("not-kept-here") and expected in fault for fault in found), found


def test_ends_that_cannot_mean_anybody_are_faults(faults: Faults):
    no_source = faults("relations/household.yaml", "resource: police.person", "resource: market.firm")
    assert any("market.firm is no source of people" in fault for fault in no_source)
    no_place = faults("relations/residence.yaml", "to: place", "to: firm")
    assert any("firm holds no places" in fault for fault in no_place)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("register: place", "register: plase", "unknown register plase"),
        ("shape: shape", "shape: shap", "unknown field shap; did you mean shape?"),
        (", latitude: latitude", "", "stand together or not at all"),
        ("house: [map.house]", "house: [map.hous]", "unknown resource map.hous; did you mean map.house?"),
        ("house: [map.house]", "house: [map.building]", "map.building is of the level building already"),
        ("house: [map.house]", "hut: [map.house]", "levels.hut"),
        ("successor: successor", "revision: name, successor: successor", "either successor or revision"),
        ("resource: map.code", "resource: map.codes", "unknown resource map.codes; did you mean map.code?"),
        ("valid_to: valid_to", "valid_to: valid_till", "unknown field map.code.valid_till"),
    ],
)
def test_a_mistake_in_a_territory_is_told(faults: Faults, old, new, expected):
    assert old in TERRITORY
    found = faults("places/village.yaml", old, new)
    assert any(expected in fault for fault in found), found


def test_all_faults_are_told_at_once(pack, home):
    broken = HOUSEHOLD.replace("from: people", "from: peple").replace("role: role", "role: rule")
    territory = TERRITORY.replace("shape: shape", "shape: shap")
    found = check(
        pack("village", {**FILES, "relations/household.yaml": broken, "places/village.yaml": territory})
    )[1]
    assert {"peple", "police.person.rule", "shap"} <= {
        word.rstrip(";") for fault in found for word in fault.text.en.split()
    }
