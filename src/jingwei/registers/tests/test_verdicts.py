"""What persons decide about pairs of records holds in every linking, until it is taken back."""

from __future__ import annotations

import pytest

from jingwei.engines import lake
from jingwei.registers import verdicts
from jingwei.registers.errors import NoSuchVerdict

from .conftest import Town, number, person

BY = "steward"


def crowd(town: Town, *more: tuple[str, ...]) -> None:
    """People enough to learn from, in two sources with their numbers, and further rows of source c."""
    rows = [person(index) for index in range(400)]
    town.put("a.person", [(f"A{i}", *row, None, "2026-01-01") for i, row in enumerate(rows)])
    town.put("b.person", [(f"B{i}", *row, None, "2026-02-01") for i, row in enumerate(rows)])
    town.put("c.person", list(more) or [("C0", None, "欧阳无双", "1999-09-09")])


def together(town: Town, one: str, other: str) -> bool:
    entities = town.entities()
    return entities[one] == entities[other]


def test_a_record_without_number_joins_whom_a_person_says_it_is(town: Town) -> None:
    crowd(town)
    town.link()
    assert not together(town, "c.person/C0", "a.person/A7")
    made = verdicts.decide("people", ("c.person", "C0"), ("a.person", "A7"), same=True, by=BY)
    assert town.link().linked_by["decided"] == 1
    assert together(town, "c.person/C0", "a.person/A7")
    verdicts.undo("people", made.id, BY)
    town.link()
    assert not together(town, "c.person/C0", "a.person/A7")


def test_two_records_without_number_are_joined_and_keep_one_entity(town: Town) -> None:
    crowd(town, ("C0", None, "欧阳无双", "1999-09-09"), ("C1", None, "司马相知", "1970-01-01"))
    verdicts.decide("people", ("c.person", "C1"), ("c.person", "C0"), same=True, by=BY)
    town.link()
    assert together(town, "c.person/C0", "c.person/C1")


def test_records_told_apart_stay_apart_however_alike(town: Town) -> None:
    _, name, birth, phone = person(3)
    crowd(town, ("C0", None, name, birth, phone), ("C1", None, name, birth, phone))
    town.link()
    assert together(town, "c.person/C0", "a.person/A3") and together(town, "c.person/C1", "a.person/A3")
    verdicts.decide("people", ("a.person", "A3"), ("c.person", "C0"), same=False, by=BY)
    town.link()
    assert not together(town, "c.person/C0", "a.person/A3")
    assert together(town, "c.person/C1", "a.person/A3")


def test_nobody_slips_into_an_entity_through_a_third_record(town: Town) -> None:
    _, name, birth, phone = person(3)
    crowd(town, ("C0", None, name, birth, phone), ("C1", None, name, birth, phone))
    verdicts.decide("people", ("c.person", "C0"), ("c.person", "C1"), same=False, by=BY)
    town.link()
    assert not together(town, "c.person/C0", "c.person/C1")


def test_two_valid_numbers_are_never_merged_and_both_rows_say_so(town: Town) -> None:
    crowd(town)
    verdicts.decide("people", ("a.person", "A7"), ("b.person", "B8"), same=True, by=BY)
    assert town.link().notes["verdict-refused"] == 2
    assert not together(town, "a.person/A7", "b.person/B8")


def test_two_people_of_one_number_are_told_apart_and_the_less_believed_row_loses_it(town: Town) -> None:
    crowd(town)
    verdicts.decide("people", ("b.person", "B9"), ("a.person", "A9"), same=False, by=BY)
    assert town.link().notes["contradicted:id_number"] == 1
    assert not together(town, "a.person/A9", "b.person/B9")
    with lake().read() as con:
        table = lake().table("register", "people.records")
        kept = con.execute(
            f"SELECT resource, id_number FROM {table} WHERE record_key IN ('A9', 'B9') ORDER BY 1"
        ).fetchall()
    assert kept == [("a.person", person(9)[0]), ("b.person", None)]


def test_the_newest_verdict_on_a_pair_counts_whichever_record_is_named_first(town: Town) -> None:
    first = verdicts.decide("people", ("a.person", "1"), ("b.person", "2"), same=True, by=BY)
    verdicts.decide("people", ("b.person", "2"), ("a.person", "1"), same=False, by=BY)
    (standing,) = verdicts.standing("people")
    assert not standing.same
    with pytest.raises(NoSuchVerdict):
        verdicts.undo("people", first.id, BY)


def test_a_record_that_two_entities_claim_waits_for_a_person_and_leaves_the_queue_by_the_word(
    town: Town,
) -> None:
    _, name, birth, _ = person(5)
    twin = number(birth, 888)
    crowd(town, ("C0", None, name, birth), ("C1", twin, name, birth))
    town.link()
    table = lake().table("register", "people.doubtful")
    query = f"SELECT record_key, other_key, why FROM {table} WHERE record_key = 'C0' ORDER BY other_key"

    def waiting() -> list[tuple[str, str, str]]:
        with lake().read() as con:
            return con.execute(query).fetchall()

    first, second = waiting()
    assert first[0] == "C0" and first[1] in ("A5", "B5") and first[2] == "ambiguous"
    assert second == ("C0", "C1", "ambiguous")
    verdicts.decide("people", ("c.person", "C0"), ("c.person", "C1"), same=True, by=BY)
    town.link()
    assert together(town, "c.person/C0", "c.person/C1")
    assert waiting() == []
