"""The serving copy follows by difference, by what a link touched, and by what one statement renewed."""

from __future__ import annotations

import duckdb
import pytest
from django.db import transaction

from jingwei.engines import lake
from jingwei.registers import serving
from jingwei.registers.decisions import Matched
from jingwei.registers.linking import Built, golden_table, latest
from jingwei.registers.models import Entity, SearchKey, ServingState
from jingwei.registers.sources import declared
from jingwei.registers.tests.conftest import Town, person

ROWS = [(str(i), *person(i)) for i in range(30)]


def copy() -> tuple[set, set]:
    return (
        set(Entity.objects.values_list("entity_id", "line", "golden", "digest")),
        set(SearchKey.objects.values_list("kind", "key", "rank", "entity_id")),
    )


def changed_rows() -> list[tuple]:
    """Number 3 is renamed, 4 has gone, 30 has come."""
    number, name, *rest = person(3)
    return [
        *(row for row in ROWS if row[0] not in ("3", "4")),
        ("3", number, name + "玉", *rest),
        ("30", *person(30)),
    ]


def ids(town: Town, *keys: str) -> list[str]:
    entities = town.entities()
    return [entities[f"a.person/{key}"] for key in keys if f"a.person/{key}" in entities]


@pytest.fixture
def two_builds(town: Town):
    """The copy shows the first of two builds; gives the entities that differ and the copy it should become."""
    town.put("a.person", ROWS)
    town.link()
    before = ids(town, "3", "4")
    first = copy()
    state = ServingState.objects.get()
    with transaction.atomic():
        point = transaction.savepoint()
        town.put("a.person", changed_rows())
        town.link()
        second = copy()
        transaction.savepoint_rollback(point)
    assert copy() == first
    assert ServingState.objects.get().build == state.build
    return sorted({*before, *ids(town, "3", "30")}), second


def test_renewing_the_entities_that_differ_equals_a_full_update(town: Town, two_builds):
    entities, wanted = two_builds
    with lake().read() as con:
        table = con.execute(f"FROM {golden_table('people')}").to_arrow_table()
    here = duckdb.connect()
    here.register("given", table)
    difference = serving.renew(here, declared("people"), "given", entities)
    assert (difference.new, difference.changed, difference.removed) == (1, 1, 1)
    assert copy() == wanted
    assert ServingState.objects.get().entities == 30
    # What is so already is left alone.
    assert serving.renew(here, declared("people"), "given", entities).unchanged == 2


def test_renewing_goes_back_with_the_transaction_of_the_caller(town: Town, two_builds):
    entities, _ = two_builds
    before = copy()
    with lake().read() as con, pytest.raises(RuntimeError), transaction.atomic():
        serving.renew(con, declared("people"), golden_table("people"), entities)
        assert copy() != before
        raise RuntimeError("the caller changes its mind")
    assert copy() == before


def built(town: Town) -> Built:
    """What a link hands over that touched the entities in the table `touched`."""
    with lake().read() as con:
        newest = latest(con, "people")
    assert newest
    found = Built(newest["build"], 1, newest["records"], newest["entities"], {}, {}, Matched(), True)
    found.touched = "touched"  # type: ignore[attr-defined,unused-ignore]
    return found


def followed(town: Town, touched: list[str]) -> serving.Difference:
    with lake().read() as con:
        con.execute("CREATE TEMP TABLE touched (entity_id VARCHAR)")
        con.executemany("INSERT INTO touched VALUES (?)", [[one] for one in touched])
        return serving.update(con, declared("people"), built(town))


def test_only_what_a_link_touched_is_looked_at_and_the_copy_is_the_same(town: Town, two_builds):
    entities, wanted = two_builds
    difference = followed(town, entities)
    assert difference == serving.Difference(new=1, changed=1, removed=1, unchanged=28)
    assert copy() == wanted
    assert ServingState.objects.get().entities == 30


def test_a_copy_that_missed_a_build_is_compared_as_a_whole(town: Town, two_builds):
    _, wanted = two_builds
    ServingState.objects.update(build="of another day")
    # Told of nothing touched, it would have been left as it is.
    followed(town, ["Pnobody"])
    assert copy() == wanted


def test_the_way_to_misspell_a_name_goes_with_the_last_who_bears_it(town: Town):
    number, name, birth, phone = person(3)
    namesake = person(5)
    town.put("a.person", [("1", number, name, birth, phone), ("2", namesake[0], name, *namesake[2:])])
    town.link()
    variants = SearchKey.objects.filter(kind="v")
    assert variants.count() == 3
    town.put("a.person", [("1", number, name, birth, phone), ("2", *namesake)])
    town.link()
    assert variants.filter(key__endswith=name).count() == 3
    town.put("a.person", [("2", *namesake)])
    town.link()
    assert variants.filter(key__endswith=name).count() == 0


def test_a_large_copy_is_made_part_by_part_and_is_the_same(town: Town, monkeypatch: pytest.MonkeyPatch):
    town.put("a.person", ROWS)
    town.link()
    whole = copy()
    monkeypatch.setattr(serving, "ENTITIES_AT_ONCE", 7)
    ServingState.objects.update(keys_version="older")
    town.link()
    assert copy() == whole
