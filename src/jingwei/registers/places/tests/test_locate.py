from __future__ import annotations

from datetime import date

import pytest

from jingwei.engines import lake
from jingwei.registers.errors import NotLinked
from jingwei.registers.places import service as places
from jingwei.registers.places.tests.village import FILES, MAP, Village
from jingwei.registers.relations import service as relations


def codes(village: Village, address: str | None = None, **point: float) -> tuple[str | None, ...]:
    """Codes of grid, building and house, and how they were found."""
    found = places.locate(address, **point)
    name = {village.entity("place", row["code"]): row["code"] for rows in MAP.values() for row in rows}
    return (*(name.get(e or "") for e in (found.grid, found.building, found.house)), found.by)


@pytest.mark.parametrize(
    "address",
    ["柳岸路8号1幢2单元101室", "临溪镇柳岸路8-1-2-101", "云溪区临溪镇柳湾社区柳岸路 8 号 1 幢 2 单元 101"],
)
def test_an_address_finds_its_house_however_it_is_written(linked, address):
    assert codes(linked, address) == ("G1", "B1", "B1-2-101", "door")


def test_two_houses_that_fit_are_none_and_the_building_answers(linked):
    assert codes(linked, "柳岸路8号1幢101室") == ("G1", "B1", None, "building")


def test_a_road_answers_with_what_all_its_buildings_share(linked):
    found = places.locate("柳岸路99号")
    assert (found.by, found.grid, found.building) == ("road", None, None)
    assert found.community == linked.entity("place", "990101001001")


def test_an_area_alone_and_nothing_at_all(linked):
    assert places.locate("云溪区临溪镇柳湾社区").by == "area"
    assert places.locate("别处路1号") == places.locate("") == places.PlaceFound()


def test_an_address_of_another_area_is_not_taken_for_the_same_road_here(village):
    village.put({**MAP, "map.division": [*MAP["map.division"], {"code": "990102001", "name": "望湖镇"}]})
    village.link("place")
    relations.build()
    assert places.locate("望湖镇柳岸路8号2幢1单元101室").by == "area"


def test_the_point_decides_before_what_the_source_says_and_the_text_where_there_is_none(linked):
    # B2 is said to be in G1, its point is in G2; B3 has no point
    assert codes(linked, "柳岸路8号2幢1单元101")[0] == "G2"
    assert codes(linked, "石桥巷3号1室")[:2] == ("G2", "B3")


def test_a_house_whose_source_names_no_building_finds_it_by_its_door(linked):
    assert codes(linked, "石桥巷3号1室") == ("G2", "B3", "B3-1", "door")


def test_a_point_finds_its_grid_and_none_outside_all(linked):
    assert codes(linked, longitude=1.2, latitude=0.3) == ("G2", None, None, "geometry")
    assert places.locate(longitude=7.0, latitude=0.3).by is None


def test_a_border_that_is_no_shape_holds_nothing_and_stops_nothing(village):
    broken = [{**row, "shape": "POLYGON ((0 0, 1 0"} for row in MAP["map.grid"]]
    village.put({**MAP, "map.grid": broken})
    village.link("place")
    relations.build()
    assert codes(village, "柳岸路8号1幢2单元101室") == ("G1", "B1", "B1-2-101", "door")


def test_a_parents_code_that_was_retired_leads_to_todays_division(village):
    code = [
        {"code": "990121", "name": "云溪县", "valid_to": "2001-02-28", "successor": "990101"},
        {"code": "990101", "name": "云溪区"},
    ]
    towns = [MAP["map.division"][0], {**MAP["map.division"][1], "parent": "990121"}]
    village.put({**MAP, "map.division": towns, "map.code": code})
    village.link("place")
    relations.build()
    with lake().read() as con:
        table = lake().table("register", "place.places")
        (parent,) = con.execute(f"SELECT parent FROM {table} WHERE code = '990101001'").fetchone() or (None,)
    assert parent == village.entity("place", "990101")
    assert places.division("990121").codes == ("990101",)


def test_editions_of_a_code_list_one_under_the_other_serve_as_well(village, pack):
    editions = "succession: {resource: map.code, code: code, name: name, revision: successor}"
    lines = FILES["places/village.yaml"].splitlines()[:-1]
    pack("village", {**FILES, "places/village.yaml": "\n".join([*lines, editions, ""])})
    listed = [
        ("990121", "云溪县", "199012"),
        ("990122", "望湖县", "199012"),
        ("990101", "云溪区", "200912"),
        ("990122", "望湖区", "200912"),
    ]
    village.put(
        {"map.code": [{"code": code, "name": name, "successor": edition} for code, name, edition in listed]}
    )
    found = places.division("990121")
    assert (found.how, found.codes, found.inferred) == ("succeeded", ("990101",), True)
    assert places.division("990122").how == "renamed"
    assert places.division("990122", date(1995, 1, 1)).codes == ("990122",)


def test_places_that_lie_in_one_another_end(village):
    round_about = [{"code": "1", "name": "甲", "parent": "2"}, {"code": "2", "name": "乙", "parent": "1"}]
    village.put({**MAP, "map.division": round_about})
    village.link("place")
    assert relations.build().places["place"].levels["division"] == 2


def test_before_anything_was_built_it_is_said_what_to_do(village):
    with pytest.raises(NotLinked):
        places.locate("柳岸路8号")


def test_building_again_writes_nothing(linked):
    again = relations.build()
    assert not again.places["place"].rewritten and not again.rewritten
