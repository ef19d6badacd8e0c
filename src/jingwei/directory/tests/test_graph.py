"""Lineage from declarations: nothing that is declared is missing, and what depends on a column is told."""

from itertools import pairwise

import pytest

from jingwei.directory import cloud, encyclopedia, picture
from jingwei.directory.graph import graph
from jingwei.directory.listing import listing, tree
from jingwei.directory.resources import resources
from jingwei.kernel import home as homes
from jingwei.packs.service import installed, shipped


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A home with the sample district's pack, read once for all tests."""
    made = tmp_path_factory.mktemp("district")
    homes.make(made)
    (made / "packs").mkdir(exist_ok=True)
    (made / "packs" / "district").symlink_to(shipped() / "district")
    return made


@pytest.fixture
def district(folder, settings):
    settings.HOME = folder


def test_every_declared_way_of_a_value_is_an_edge(district):
    whole, known = graph(), installed()
    for register in known.section("registers").values():
        for source in register.sources:
            for target, name in source.map.items():
                assert f"register:{register.name}/{target}" in whole.onward[f"field:{source.resource}/{name}"]
    for item in known.section("items").values():
        for field in item.fields:
            if field.held:
                place = field.held.replace(".", "/")
                assert f"item:{item.item}/{field.name}" in whole.onward[f"register:{place}"]


def test_what_depends_on_a_column_reaches_the_forms(district):
    after = graph().reach(["column:police.resident/phone"], forward=True)
    assert after[:2] == ["field:police.resident/phone", "register:population/phone"]
    assert {"item:flexible-employment/phone", "page:registers/population"} <= set(after)
    before = graph().reach(["item:flexible-employment/phone"], forward=False)
    assert {"column:medical.insured/phone", "column:police.resident/phone"} <= set(before)


def test_a_rule_that_looks_into_another_table_depends_on_it(district):
    looked = [
        (c, rule) for c in installed().section("contracts").values() for rule in c.all_rules if rule.resources
    ]
    assert looked
    for contract, rule in looked:
        before = graph().reach([f"rule:{contract.id}/{rule.name}"], forward=False)
        assert any(key.startswith(f"field:{rule.resources[0]}/") for key in before), rule.name


def test_boxes_of_a_picture_never_lie_on_each_other(district):
    whole = graph()
    drawn = picture.draw(whole, whole.around([f"register:population/{name}" for name in ("phone", "name")]))
    places = [(box.x, box.y) for box in drawn.boxes]
    assert len(set(places)) == len(places)
    for x in {x for x, _ in places}:
        heights = sorted(y for at, y in places if at == x)
        assert all(b - a >= picture.HEIGHT for a, b in pairwise(heights))
    assert max(x for x, _ in places) + drawn.box <= drawn.width
    assert max(y for _, y in places) + picture.HEIGHT <= drawn.height


def test_a_column_too_long_to_read_is_cut_and_says_so(district):
    whole = graph()
    keys = [key for key in whole.nodes if key.startswith("field:")]
    drawn = picture.draw(whole, keys)
    assert len(drawn.boxes) == picture.MOST
    assert drawn.cut == len(keys) - picture.MOST


def test_the_map_shows_every_department_resource_register_and_item_once(district):
    spots = {(spot.stage, spot.key) for spot in cloud.draw().spots}
    known = installed()
    assert {key for stage, key in spots if stage == "resource"} == set(resources())
    assert {key for stage, key in spots if stage == "item"} == set(known.section("items"))
    fed = {r.name for one in resources().values() for r in one.registers}
    assert {key for stage, key in spots if stage == "register"} == fed


@pytest.mark.parametrize("by", ["theme", "organization", "register"])
def test_the_tree_holds_every_resource(district, by):
    assert {one.id for _, _, found in tree(by) for one in found} == set(resources())


def test_a_facet_counts_what_the_other_choices_leave(district):
    found = listing("", {"sharing": "unconditional"})
    assert {one.contract.sharing for one in found.found} == {"unconditional"}
    counts = {facet.name: {c.value: c.count for c in choices} for facet, choices in found.facets}
    assert sum(counts["organization"].values()) == len(found.found)
    assert sum(counts["sharing"].values()) == len(resources())


def test_a_value_that_no_facet_has_leaves_nothing(district):
    assert listing("", {"theme": "<nowhere>"}).found == ()


def test_a_field_finds_its_resources(district):
    assert {one.id for one in listing("经营范围", {}).found} <= set(resources())
    assert "police.resident" in {one.id for one in listing("与户主关系", {}).found}


def test_an_element_is_explained_with_tried_examples_and_its_users(district):
    one = encyclopedia.element("resident_id")
    assert one.given[0].given == one.given[0].gives
    assert {case.fault for case, _ in one.refused} >= {"check-digit", "too-short"}
    assert ("police.resident", "id_number") in {(r.id, f.name) for r, f in one.uses.fields}
    assert encyclopedia.find("公民身份号码")[0].name == "resident_id"


def test_a_code_is_found_by_its_synonym(district):
    assert "gb4658" in {one.name for one in encyclopedia.find("大专") if one.kind == "codes"}
    codes = encyclopedia.codes("gb4658").codes
    assert "30" in {entry.code for entry in encyclopedia.entries(codes, "大专")}
