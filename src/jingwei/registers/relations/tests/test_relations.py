from __future__ import annotations

import pytest

from jingwei.registers.places.tests.village import PEOPLE, Village
from jingwei.registers.relations import service as relations
from jingwei.registers.relations.service import Related


def built(village: Village) -> dict[str, Related]:
    village.link("place", "people")
    return {one.relation: one for one in relations.build().relations}


def related(village: Village, key: str) -> set[tuple[str, str | None, str, bool, str | None]]:
    """(relation, role, name, outward, note) of the person of a police row."""
    found = relations.of("people", village.entity("people", key))
    return {(r.relation, r.role, r.name, r.outward, r.note) for r in found if r.relation != "residence"}


def test_a_household_is_its_members_and_their_head_seen_from_both_sides(linked):
    assert related(linked, "3") == {("household", "子女", "陆丙", True, None)}
    assert {r for r in related(linked, "1") if r[0] == "household"} == {
        ("household", "配偶", "安娜", False, None),
        ("household", "子女", "陆卡", False, None),
    }


def test_a_spouse_is_found_by_number_and_one_nobody_knows_is_named_and_counted(linked):
    found = linked.report["spouse"]
    assert (found.relations, found.open) == (1, {"unknown": 1})
    assert ("spouse", "结婚", "陆丙", True, None) in related(linked, "2")
    assert ("spouse", "结婚", "外地人", True, "unknown") in related(linked, "4")


def test_no_identity_number_stands_among_the_relations(linked):
    everything = repr([relations.of("people", linked.entity("people", key)) for key in ("1", "2", "3", "4")])
    assert not any(row["id_number"] in everything for row in PEOPLE["police.person"])


def test_two_of_a_name_in_one_household_are_told_and_none_is_chosen(village):
    twin = {**PEOPLE["police.person"][3], "number": "5", "name": "陆丙", "household": "H1"}
    other = {**PEOPLE["police.person"][1], "id_number": None}
    village.put({"police.person": [*PEOPLE["police.person"][:3], twin, {**other, "number": "6"}]})
    found = built(village)["household"]
    assert found.open["ambiguous"] >= 2
    assert not [r for r in related(village, "3") if r[0] == "household" and r[4] is None]


def test_a_home_is_the_house_of_the_address_else_its_building_and_says_since_when(linked):
    found = linked.report["residence"]
    assert (found.relations, found.open) == (3, {"nowhere": 1})
    homes = {
        key: next(
            r for r in relations.of("people", linked.entity("people", key)) if r.relation == "residence"
        )
        for key in "1234"
    }
    assert homes["1"].entity_id == homes["2"].entity_id == linked.entity("place", "B1-101")
    assert (homes["3"].entity_id, homes["3"].note) == (linked.entity("place", "B1"), "building")
    assert str(homes["3"].since) == "2024-05-01"
    assert (homes["4"].entity_id, homes["4"].name, homes["4"].note) == (None, "别处路1号", "nowhere")


def test_who_lives_in_a_house_is_seen_from_the_house(linked):
    found = relations.of("place", linked.entity("place", "B1-101"))
    assert {(r.name, r.outward, r.title.en) for r in found} == {
        ("陆丙", False, "Resident"),
        ("安娜", False, "Resident"),
    }


def test_both_ends_may_be_told_by_number_and_the_rows_own_need_not_be_an_entity(village):
    village.put(
        {
            "market.firm": [
                {"code": "F1", "name": "云溪禾记有限公司"},
                {"code": "F2", "name": "云溪松源有限公司"},
            ],
            "market.share": [
                {
                    "number": "S1",
                    "code": "F1",
                    "owner": "F2",
                    "owner_name": "云溪松源有限公司",
                    "until": "2025-01-31",
                },
                {"number": "S2", "code": "F9", "owner": "F2", "owner_name": "云溪松源有限公司"},
                {"number": "S3", "code": "F1", "owner": "F1", "owner_name": "云溪禾记有限公司"},
                {"number": "S4", "code": "F1"},
            ],
        }
    )
    village.link("firm")
    found = built(village)["share"]
    assert (found.relations, found.open) == (1, {"from-unknown": 1})
    (holds,) = relations.of("firm", village.entity("firm", "F2"))
    assert (holds.name, holds.title.en, str(holds.until), holds.outward) == (
        "云溪禾记有限公司",
        "Holds",
        "2025-01-31",
        False,
    )


def test_a_table_nobody_collected_is_said_and_the_rest_is_built(linked):
    found = linked.report
    assert found["share"].skipped == ("market.share",)
    assert found["household"].relations == 2


def test_relations_follow_their_rows_and_go_with_them(village):
    built(village)
    village.put({"civil.marriage": PEOPLE["civil.marriage"][1:]})
    assert built(village)["spouse"].relations == 0
    assert not [r for r in related(village, "2") if r[0] == "spouse"]


def test_households_and_kinship_are_marked_so_that_a_page_records_the_look(linked):
    marked = {r.relation: r.among_persons for r in relations.of("people", linked.entity("people", "2"))}
    assert marked == {"household": True, "spouse": True, "residence": False}


@pytest.mark.parametrize("register", ["people", "place"])
def test_before_anything_was_built_there_are_none(village, register):
    assert relations.of(register, "Pnobody") == []
