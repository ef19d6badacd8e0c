"""Linking what changed gives what linking everything gives, table by table."""

from __future__ import annotations

import os
import random
from collections.abc import Sequence
from typing import Any

import pytest

from jingwei.engines import lake
from jingwei.registers import increment, linking, service, similarity, state, verdicts
from jingwei.registers.models import Forwarding

from .conftest import FIELDS, Town, number, person

TABLES = ("records", "golden", "doubtful", "state", "pairs")
Row = list[Any]
SEEDS = [int(os.environ.get("JINGWEI_SEED", "1"))]


@pytest.fixture(autouse=True)
def _however_small(monkeypatch: pytest.MonkeyPatch) -> None:
    """These registers are small; what is kept for large ones is kept for them too."""
    monkeypatch.setattr(similarity, "SMALL", 0)
    monkeypatch.setattr(similarity, "STALE", 1.0)
    monkeypatch.setattr(increment, "MOST", 1.0)


def change(resource: str, rows: Sequence[Row], gone: Sequence[str] = ()) -> None:
    """Upserts and deletes, as a collection writes them."""
    table = lake().table("standard", resource)
    with lake().write(f"change {resource}") as con:
        keys = [row[0] for row in rows] + list(gone)
        con.executemany(f"DELETE FROM {table} WHERE _key = ?", [[key] for key in keys])
        marks = ", ".join("?" * len(FIELDS))
        for row in rows:
            con.execute(
                f"INSERT INTO {table} BY NAME SELECT *, number AS _key, 0::BIGINT AS _row, 'R' AS _run, as_of AS _as_of"
                f" FROM (VALUES ({marks})) v({', '.join(FIELDS)})",
                [*row, *[None] * (len(FIELDS) - len(row))],
            )


def contents() -> dict[str, list[str]]:
    """Every row of the register's tables as text, in one order."""
    found = {}
    with lake().read() as con:
        for name in TABLES:
            table = lake().table("register", f"people.{name}")
            rows = con.execute(f"SELECT t::VARCHAR FROM {table} t").fetchall()
            found[name] = sorted(row[0] for row in rows)
    return found


def build_name() -> str:
    with lake().read() as con:
        found = linking.latest(con, "people")
    assert found
    return str(found["build"])


def link_both_ways() -> None:
    """Links what changed, then everything, and holds the one to the other."""
    report = service.link("people")
    assert "members" in report.matching["stages"] or not report.matching["stages"], "linked anew"
    part, name = contents(), build_name()
    entities = service.link("people", whole=True)
    whole = contents()
    for table in TABLES:
        assert part[table] == whole[table], table
    assert name == build_name()
    assert (entities.new, entities.changed, entities.removed) == (0, 0, 0)


def crowd(town: Town, people: int = 160) -> dict[str, dict[str, Row]]:
    rows: dict[str, dict[str, Row]] = {"a.person": {}, "b.person": {}, "c.person": {}}
    for index in range(people):
        id_number, name, birth, phone = person(index)
        if index % 16 == 1:
            id_number = None  # known to two tables, by number to none
        rows["a.person"][f"A{index}"] = [f"A{index}", id_number, name, birth, phone, None, "2026-01-01"]
        rows["b.person"][f"B{index}"] = [f"B{index}", id_number, name, birth, phone, None, "2026-02-01"]
        if index % 4 == 0:
            rows["c.person"][f"C{index}"] = [f"C{index}", None, name, birth, phone, None, "2026-03-01"]
    for resource, held in rows.items():
        town.put(resource, list(held.values()))
    return rows


def mutate(chance: random.Random, rows: dict[str, dict[str, Row]], fresh: int) -> None:
    """A few changes of every kind to every source."""
    for resource, held in rows.items():
        changed: dict[str, Row] = {}
        gone = chance.sample(sorted(held), 2)
        for key in gone:
            del held[key]
        for key in chance.sample(sorted(held), 6):
            row = list(held[key])
            other = person(chance.randrange(160))
            match chance.randrange(7):
                case 0:
                    row[4] = other[3]
                case 1:
                    row[2] = other[1]
                case 2:
                    row[1] = None
                case 3:
                    row[1], row[2], row[3] = other[0], other[1], other[2]
                case 4:
                    row[3] = other[2]
                case 5:
                    row[1] = other[0]
                case 6:
                    row[1], row[2], row[3], row[4] = None, other[1], other[2], None
            held[key] = changed[key] = row
        for extra in range(2):
            key = f"{resource[0].upper()}9{fresh}{extra}"
            id_number, name, birth, phone = person(chance.randrange(160))
            given = id_number if chance.random() < 0.4 else None
            held[key] = changed[key] = [key, given, name, birth, phone, None, "2026-04-01"]
        change(resource, list(changed.values()), gone)


@pytest.mark.parametrize("seed", SEEDS)
def test_changes_of_every_kind_give_what_linking_everything_gives(town: Town, seed: int) -> None:
    chance = random.Random(seed)
    rows = crowd(town)
    service.link("people")
    for turn in range(2):
        mutate(chance, rows, turn)
        link_both_ways()


def test_nothing_changed_is_told_without_looking_at_anything(town: Town) -> None:
    crowd(town)
    service.link("people")
    before = contents()
    report = service.link("people")
    assert (report.new, report.changed, report.removed) == (0, 0, 0)
    assert contents() == before


def test_a_verdict_is_heeded_where_it_matters_and_taken_back(town: Town) -> None:
    crowd(town)
    change("c.person", [["C999", None, "欧阳无双", "1999-09-09"]])
    service.link("people")
    made = verdicts.decide("people", ("c.person", "C999"), ("a.person", "A7"), same=True, by="steward")
    link_both_ways()
    entities = town.entities()
    assert entities["c.person/C999"] == entities["a.person/A7"]
    verdicts.decide("people", ("c.person", "C0"), ("a.person", "A0"), same=False, by="steward")
    verdicts.undo("people", made.id, "steward")
    link_both_ways()
    entities = town.entities()
    assert entities["c.person/C999"] != entities["a.person/A7"]
    assert entities["c.person/C0"] != entities["a.person/A0"]


def test_a_record_that_gets_its_number_leaves_a_forwarding_address(town: Town) -> None:
    crowd(town)
    change("c.person", [["C999", None, "欧阳无双", "1999-09-09"]])
    service.link("people")
    old = town.entities()["c.person/C999"]
    change("c.person", [["C999", number("1999-09-09", 5), "欧阳无双", "1999-09-09"]])
    link_both_ways()
    new = town.entities()["c.person/C999"]
    assert old != new
    assert Forwarding.objects.get(register="people", entity_id=old).to == new
    assert service.golden("people", old).entity_id == new
    change("c.person", [["C999", None, "欧阳无双", "1999-09-09"]])
    link_both_ways()
    assert town.entities()["c.person/C999"] == old
    assert not Forwarding.objects.filter(register="people", entity_id=old).exists()


def test_a_table_that_was_made_anew_is_linked_whole(town: Town) -> None:
    rows = crowd(town)
    service.link("people")
    town.put("a.person", list(rows["a.person"].values())[:-1])
    report = service.link("people")
    assert "members" not in report.matching["stages"]
    assert "a.person/A159" not in town.entities()


def test_two_that_only_resemble_each_other_stay_together_when_another_comes_near(town: Town) -> None:
    crowd(town)
    service.link("people")
    _, name, birth, _ = person(17)
    assert town.entities()["a.person/A17"] == town.entities()["b.person/B17"]
    change("c.person", [["C900", None, name, birth, None, None, "2026-06-01"]])
    link_both_ways()
    assert town.entities()["a.person/A17"] == town.entities()["b.person/B17"]


def test_namesakes_without_numbers_crowd_a_block_as_those_with_numbers_do(town: Town) -> None:
    crowd(town)
    _, name, birth, _ = person(4)
    namesakes = [[f"B7{at}", None, name, birth] for at in range(210)]
    asked = "SELECT count(*) FROM {} WHERE l IN (SELECT hash('b.person', 'B7' || n) FROM range(210) r(n))"

    def compared() -> int:
        with lake().read() as con:
            row = con.execute(asked.format(state.pairs_table("people"))).fetchone()
        return int(row[0]) if row else 0

    change("b.person", namesakes[:60])
    service.link("people")
    assert compared() > 60
    change("b.person", namesakes[60:])
    service.link("people")
    assert compared() == 0


def test_a_crowded_block_that_grows_beyond_the_limit_is_left_by_all(town: Town, pack: Any) -> None:
    crowd(town)
    service.link("people")
    _, name, birth, _ = person(4)
    namesakes = [[f"B7{at}", number(birth, 300 + at), name, birth] for at in range(210)]
    change("b.person", namesakes)
    link_both_ways()
    change("b.person", [], [row[0] for row in namesakes[:30]])
    link_both_ways()
