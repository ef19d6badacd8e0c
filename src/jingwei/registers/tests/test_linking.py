from __future__ import annotations

import random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jingwei.engines import lake
from jingwei.packs.errors import UnknownName
from jingwei.registers import linking, service, serving
from jingwei.registers.errors import NoSuchEntity, NothingCollected, NotLinked
from jingwei.registers.models import Entity, SearchKey, ServingState
from jingwei.registers.tests.conftest import Town, number, person

ONE, TWO = number("1980-05-06", 1), number("1980-05-06", 2)


def test_records_with_the_same_number_are_one_entity_and_different_numbers_never_merge(town: Town):
    # Everything but the number agrees, in both directions.
    same = ("王小明", "1980-05-06", "19900000001")
    town.put("a.person", [("1", ONE, *same), ("2", TWO, *same)])
    town.put("b.person", [("1", ONE, "王晓明", "1980-05-06"), ("2", TWO, *same)])
    report = town.link()
    assert town.together() == {
        frozenset({"a.person/1", "b.person/1"}),
        frozenset({"a.person/2", "b.person/2"}),
    }
    assert report.linked_by == {"id_number": 4}


def test_one_number_used_by_two_people_is_found_and_the_one_it_fits_keeps_it(town: Town):
    # The number says 1980-05-06; the second person carries it with another name and another birth date.
    town.put("a.person", [("1", ONE, "王小明", "1980-05-06")])
    town.put("b.person", [("1", ONE, "李秀兰", "1955-11-30", None, "松涛路1号")])
    report = town.link()
    entities = town.entities()
    assert entities["a.person/1"] != entities["b.person/1"]
    assert report.notes == {"contradicted:id_number": 1}
    assert "id_number" not in service.golden("people", entities["b.person/1"]).fields


@pytest.mark.parametrize(
    "other",
    [
        ("李秀兰", "1980-05-06"),  # another name alone: a change of name
        ("王晓明", "1955-11-30"),  # another birth date alone: a slip of the pen
        ("李秀兰", None),  # nothing said about the birth date
    ],
)
def test_a_number_stays_shared_while_name_or_birth_date_still_agrees(
    town: Town, other: tuple[str, str | None]
):
    town.put("a.person", [("1", ONE, "王小明", "1980-05-06")])
    town.put("b.person", [("1", ONE, *other)])
    town.link()
    assert len(town.together()) == 1


def district(people: int) -> dict[str, list[tuple[object, ...]]]:
    """Two full registrations of the same people, as rows with numbers."""
    first = [(str(i), *person(i)) for i in range(people)]
    return {"a.person": first, "b.person": [(key, *rest) for key, *rest in first]}


def test_a_record_without_number_joins_the_person_it_resembles(town: Town):
    rows = district(400)
    for resource, held in rows.items():
        town.put(resource, held)
    _, name, birth, phone = person(7)
    _, _, other_birth, other_phone = person(9)
    town.put(
        "c.person",
        [
            ("exact", None, name, birth, phone),
            ("stranger", None, "慕容雪", "1931-01-01", "19899999999"),
            (
                "swapped",
                None,
                person(9)[1],
                f"{other_birth[:4]}-{other_birth[8:]}-{other_birth[5:7]}",
                other_phone,
            )
            if int(other_birth[8:]) <= 12
            else ("swapped", None, person(9)[1], other_birth, other_phone),
        ],
    )
    report = town.link()
    entities = town.entities()
    assert entities["c.person/exact"] == entities["a.person/7"]
    assert entities["c.person/swapped"] == entities["a.person/9"]
    assert list(entities.values()).count(entities["c.person/stranger"]) == 1
    assert report.linked_by["similar"] == 2
    assert report.linked_by["alone"] == 1


def test_a_namesake_of_the_same_day_is_not_guessed_between_two(town: Town):
    rows = district(400)
    twin = (number("1980-05-06", 901), "王伟", "1980-05-06")
    other = (number("1980-05-06", 902), "王伟", "1980-05-06")
    town.put("a.person", [*rows["a.person"], ("t1", *twin), ("t2", *other)])
    town.put("b.person", rows["b.person"])
    town.put("c.person", [("?", None, "王伟", "1980-05-06")])
    report = town.link()
    entities = town.entities()
    assert entities["c.person/?"] not in {entities["a.person/t1"], entities["a.person/t2"]}
    assert report.notes == {"ambiguous": 1}


def test_linking_twice_changes_nothing_and_writes_nothing(town: Town):
    for resource, held in district(20).items():
        town.put(resource, held)
    first = town.link()
    with lake().read() as con:
        before = lake().snapshot(con)
    copy = list(Entity.objects.values_list("entity_id", "golden", "updated"))
    second = town.link()
    with lake().read() as con:
        assert lake().snapshot(con) == before
    assert (first.new, first.unchanged) == (20, 0)
    assert (second.new, second.changed, second.removed, second.unchanged) == (0, 0, 0, 20)
    assert list(Entity.objects.values_list("entity_id", "golden", "updated")) == copy


def test_only_what_changed_is_changed_in_the_serving_copy(town: Town):
    rows = district(20)["a.person"]
    town.put("a.person", rows)
    town.link()
    entities = town.entities()
    moved = [
        (key, *rest[:3], "19988887777") if key == "3" else (key, *rest) for key, *rest in rows if key != "4"
    ]
    town.put("a.person", [*moved, ("new", ONE, "王小明", "1980-05-06")])
    report = town.link()
    assert (report.new, report.changed, report.removed, report.unchanged) == (1, 1, 1, 18)
    assert [c.entity_id for c in service.search(["people"], "19988887777")] == [entities["a.person/3"]]
    assert not any(found.exact for found in service.search(["people"], person(3)[3]))
    assert service.search(["people"], person(4)[0]) == []
    with pytest.raises(NoSuchEntity):
        service.golden("people", entities["a.person/4"])
    # The copy made by differences is the copy made from nothing.
    by_difference = set(SearchKey.objects.values_list("kind", "key", "rank", "entity_id"))
    ServingState.objects.update(keys_version="older")
    town.link()
    assert set(SearchKey.objects.values_list("kind", "key", "rank", "entity_id")) == by_difference


def test_a_death_between_lake_and_serving_copy_is_mended_by_the_next_link(town: Town, monkeypatch):
    town.put("a.person", district(5)["a.person"])
    town.link()

    def die(*_: object) -> None:
        raise KeyboardInterrupt

    town.put("a.person", [*district(5)["a.person"], ("new", ONE, "王小明", "1980-05-06")])
    with monkeypatch.context() as patched:
        patched.setattr(serving, "update", die)
        with pytest.raises(KeyboardInterrupt):
            town.link()
    assert len(town.entities()) == 6
    assert service.search(["people"], ONE) == []
    report = town.link()
    assert (report.new, report.unchanged) == (1, 5)
    assert [c.name for c in service.search(["people"], ONE)] == ["王小明"]


def test_a_death_within_the_serving_copy_leaves_it_as_it_was(town: Town, monkeypatch):
    town.put("a.person", district(5)["a.person"])
    town.link()
    before = set(SearchKey.objects.values_list("key", "entity_id"))
    town.put("a.person", [("new", ONE, "王小明", "1980-05-06")])

    def die(*_: object, **__: object) -> None:
        raise OSError("gone")

    with monkeypatch.context() as patched:
        patched.setattr(serving, "_add", die)
        with pytest.raises(OSError, match="gone"):
            town.link()
    assert set(SearchKey.objects.values_list("key", "entity_id")) == before
    assert town.link().removed == 5


@settings(max_examples=3, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 10**6))
def test_the_order_of_the_rows_decides_nothing(town: Town, seed: int):
    rows = district(60)
    people = [person(i) for i in range(60)]
    rows["b.person"] = rows["b.person"][:40]
    rows["c.person"] = [(f"w{i}", None, *people[i][1:]) for i in range(0, 60, 3)]
    rows["c.person"] += [(f"x{i}", None, "慕容雪", "1931-01-01", f"1981234000{i}") for i in range(3)]

    def linked(order: random.Random | None) -> tuple[dict[str, str], list[tuple[str, str]]]:
        for resource, held in rows.items():
            town.put(resource, order.sample(held, len(held)) if order else held)
        town.link()
        return town.entities(), sorted(Entity.objects.values_list("entity_id", "golden"))

    assert linked(None) == linked(random.Random(seed))


def test_entities_keep_their_names_when_a_record_joins(town: Town):
    town.put("a.person", [("1", ONE, "王小明", "1980-05-06")])
    town.link()
    before = town.entities()["a.person/1"]
    town.put("b.person", [("9", ONE, "王小明", "1980-05-06")])
    town.link()
    assert town.entities() == {"a.person/1": before, "b.person/9": before}
    assert before.startswith("P")
    assert len(before) == 17
    assert ONE not in before


def test_a_large_register_is_cut_into_ranges_that_hold_every_entity_once():
    for entities in (0, 1, 200_000, 200_001, 1_000_000, 50_000_000):
        conditions = linking._ranges(entities)
        with lake().instance() as con:
            con.execute(
                "CREATE TABLE t AS SELECT unnest(string_split('P' || 'abcdefghijklmnopqrstuvwxyz234567', '')) AS letter"
            )
            con.execute("CREATE TABLE e AS SELECT 'P' || letter AS entity_id FROM t")
            found = sum(con.execute(f"SELECT count(*) FROM e WHERE {c}").fetchone()[0] for c in conditions)
            assert found == con.execute("SELECT count(*) FROM e").fetchone()[0]


def test_what_is_not_there_is_said_in_plain_words(town: Town):
    with pytest.raises(NothingCollected):
        town.link()
    with pytest.raises(NotLinked):
        service.search(["people"], "王")
    with pytest.raises(NotLinked):
        service.records("people", "P1")
    with pytest.raises(UnknownName):
        service.link("peopel")
    town.put("a.person", [("1", ONE, "王小明", "1980-05-06")])
    town.link()
    with pytest.raises(NoSuchEntity):
        service.records("people", "Pnobody")
