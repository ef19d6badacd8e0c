"""A statement is in the register at once, and collecting and linking it at night changes nothing any more."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import pytest
from django.db import transaction
from django.db.models import Model
from django.utils import timezone

from jingwei.collection import service as collection
from jingwei.collection.connectors.errors import NotForStatements
from jingwei.collection.workorders import disputes
from jingwei.kernel import ledger
from jingwei.kernel.models import LedgerEntry
from jingwei.packs.service import installed
from jingwei.registers import service
from jingwei.registers.errors import (
    LinkFirst,
    NoSourceOfRegister,
    NoSuchEntity,
    NotAFieldToState,
    NothingStated,
    NotLinked,
    NumberContradicted,
    TwoEntities,
)
from jingwei.registers.models import Entity, Forwarding, SearchKey, ServingState, Statement, Verdict
from jingwei.registers.naming import entity_name
from jingwei.registers.sources import declared
from jingwei.registers.tests.conftest import REGISTER, Town, contract, number, person

STATED = """\
apiVersion: v3.1.0
kind: DataContract
id: window.person
name: 窗口陈述
version: 1.0.0
status: active
servers: [{server: here, type: custom, customProperties: [{property: driver, value: statements}]}]
schema:
  - name: statement
    properties:
      - {name: record_key, logicalType: string, required: true, primaryKey: true, customProperties: [{property: element, value: plain_text}]}
      - {name: statement_number, logicalType: integer, customProperties: [{property: element, value: integer}]}
      - {name: id_number, physicalName: 身份证号, logicalType: string, customProperties: [{property: element, value: resident_id}]}
      - {name: name, logicalType: string, customProperties: [{property: element, value: person_name}]}
      - {name: birth_date, logicalType: date, customProperties: [{property: element, value: date}]}
      - {name: phone, logicalType: string, customProperties: [{property: element, value: mobile_phone}, {property: onFault, value: void}]}
      - name: address
        logicalType: string
        customProperties: [{property: element, value: address}]
        quality: [{name: no-box, type: custom, engine: jingwei, implementation: "address NOT LIKE '%信箱%'", description: 信箱不是住址 | a box is no address}]
      - {name: stated_by, logicalType: string, customProperties: [{property: element, value: plain_text}]}
      - {name: case_number, logicalType: string, customProperties: [{property: element, value: plain_text}]}
      - {name: stated_on, logicalType: date, required: true, customProperties: [{property: element, value: date}]}
customProperties:
  - {property: organization, value: 政务服务中心}
  - {property: asOf, value: stated_on}
  - {property: refresh, value: incremental}
  - {property: cursor, value: {column: statement_number, lookback: "100"}}
  - {property: deletions, value: none}
"""
SOURCE = "  - {resource: window.person, map: *all}\n"
TODAY = date(2026, 11, 20)
LI = person(1)
WANG = person(2)


@dataclass
class Window:
    town: Town

    def say(self, entity=None, *, day=TODAY, key=None, **values):
        return service.deposit(
            "people",
            "window.person",
            values,
            entity_id=entity,
            by="clerk",
            as_of=day,
            case="YX-1",
            record_key=key,
        )

    def night(self):
        collection.collect("window.person")
        return self.town.link()

    def shown(self):
        """The whole serving copy, as search and pages read it."""
        entities = sorted(Entity.objects.values_list("entity_id", "golden", "line"))
        keys = sorted(SearchKey.objects.values_list("kind", "key", "rank", "entity_id"))
        return entities, keys

    def holds_through_the_night(self):
        """What the copy shows now is what collection and linking make of it."""
        before = self.shown()
        self.night()
        assert self.shown() == before


@dataclass
class Linked:
    """The town as it was linked first, kept once for all tests of this process."""

    folder: Path
    rows: list[tuple[type[Model], list[Model]]]


_linked: list[Linked] = []


def first_linked(town: Town) -> None:
    town.put(
        "a.person", [("1", *LI, "松间路8号2幢301室", date(2024, 6, 1)), ("2", *WANG, "", date(2024, 6, 1))]
    )
    town.put(
        "b.person",
        [("7", None, "何小禾", date(1960, 1, 2), "19900007777", "浣纱街3号101室", date(2025, 1, 1))],
    )
    town.link()


@pytest.fixture
def window(home, pack, db, tmp_path_factory) -> Window:
    """LI and WANG with numbers from one office, somebody without from another."""
    files = {f"contracts/{r}.yaml": contract(r) for r in ("a.person", "b.person", "c.person")}
    declaration = REGISTER.replace("identifiers:\n", SOURCE + "identifiers:\n")
    pack("town", {**files, "contracts/window.yaml": STATED, "registers/people.yaml": declaration})
    if not _linked:
        first_linked(Town(home))
        kept = tmp_path_factory.mktemp("linked") / "lake"
        shutil.copytree(home / "lake", kept)
        _linked.append(Linked(kept, [(m, list(m.objects.all())) for m in (ServingState, Entity, SearchKey)]))
    else:
        shutil.copytree(_linked[0].folder, home / "lake", dirs_exist_ok=True)
        for model, rows in _linked[0].rows:
            model.objects.bulk_create(rows)
    return Window(Town(home))


def called(who) -> str:
    return entity_name(declared("people"), f"id_number:{who[0]}")


def value(entity: str, field: str):
    return service.golden("people", entity).fields[field].value


def test_the_name_in_python_is_the_name_in_sql(window):
    assert window.town.entities() == {
        "a.person/1": called(LI),
        "a.person/2": called(WANG),
        "b.person/7": entity_name(declared("people"), "record:b.person:7"),
    }


def test_a_changed_phone_stands_at_once_and_after_the_night(window):
    done = window.say(called(LI), phone="１９９ 9999 0001")
    assert done.entity_id == called(LI)
    assert done.changed == {"phone": (LI[3], "19999990001")}
    held = service.golden("people", called(LI)).fields["phone"]
    assert (held.value, held.source, held.as_of) == ("19999990001", "window.person", TODAY)
    assert [c.entity_id for c in service.search(["people"], "19999990001")] == [called(LI)]


def test_a_number_finds_its_entity_without_anybody_naming_it(window):
    done = window.say(id_number=LI[0], name=LI[1], phone="19999990001")
    assert (done.entity_id, done.created) == (called(LI), False)
    assert Verdict.objects.count() == 0


def test_somebody_new_with_a_number_is_there_at_once(window):
    new = person(5)
    done = window.say(id_number=new[0], name=new[1], phone=new[3])
    assert (done.entity_id, done.created) == (called(new), True)
    assert value(called(new), "birth_date").isoformat() == new[2]
    assert [c.entity_id for c in service.search(["people"], new[0])] == [called(new)]


def test_somebody_new_without_a_number_is_named_after_the_record(window):
    done = window.say(name="白鹭洲", phone="19900009999", key="K-1")
    assert done.entity_id == entity_name(declared("people"), "record:window.person:K-1")


def test_the_night_changes_nothing_of_a_day_of_statements(window):
    window.say(called(LI), phone="19999990001", address="翠屏里21号", day=TODAY - timedelta(days=30))
    window.say(called(LI), phone="19999990002", name="李别名")
    window.say(called(LI), phone="19999990003")
    window.say(called(LI), phone="19999990004", day=TODAY - timedelta(days=10))
    window.say(id_number=WANG[0], name=WANG[1], phone="19999990005")
    window.say(id_number=person(5)[0], name=person(5)[1], phone=person(5)[3])
    window.say(name="白鹭洲", phone="19900009999", key="K-1")
    window.say(window.town.entities()["b.person/7"], phone="19999990006")
    window.say(window.town.entities()["b.person/7"], id_number=number("1960-01-02", 77), address="听松里3号")
    window.holds_through_the_night()
    window.say(called(LI), phone="19999990007")
    window.holds_through_the_night()


def test_a_value_that_loses_is_kept_and_told(window):
    done = window.say(called(LI), name="李别名")
    assert (done.changed, done.outlived) == ({"names": ([LI[1]], [LI[1], "李别名"])}, {"name": LI[1]})


def test_two_words_on_one_day_are_one_record_and_the_later_counts(window):
    first = window.say(called(LI), phone="19999990001", address="翠屏里21号")
    second = window.say(called(LI), phone="19999990002")
    assert first.record_key == second.record_key
    assert (value(called(LI), "phone"), value(called(LI), "address")) == ("19999990002", "翠屏里21号")


def test_words_of_two_days_stand_side_by_side_each_with_its_day(window):
    window.say(called(LI), phone="19999990001", day=TODAY - timedelta(days=30))
    window.say(called(LI), phone="19999990002")
    late = window.say(called(LI), phone="19999990003", day=TODAY - timedelta(days=10))
    assert late.changed == {}
    assert late.outlived == {"phone": "19999990002"}


def test_a_record_stated_again_takes_the_place_of_what_it_said(window):
    window.say(called(LI), phone="19999990001", key="G-1")
    window.night()
    done = window.say(None, phone="19999990002", key="G-1")
    assert done.entity_id == called(LI)
    assert value(called(LI), "phone") == "19999990002"
    window.holds_through_the_night()


def test_an_entity_without_a_number_that_gets_one_is_called_by_it(window):
    nameless = window.town.entities()["b.person/7"]
    real = number("1960-01-02", 77)
    done = window.say(nameless, id_number=real, name="何小禾")
    assert done.entity_id == called((real,))
    assert Forwarding.objects.get(entity_id=nameless).to == done.entity_id
    assert value(done.entity_id, "phone") == "19900007777"
    assert not Entity.objects.filter(entity_id=nameless).exists()
    again = window.say(nameless, phone="19999990009")
    assert again.entity_id == done.entity_id


def test_an_entity_without_a_number_takes_statements_by_its_name_alone(window):
    done = window.say(window.town.entities()["b.person/7"], phone="19999990004")
    assert Verdict.objects.get().verdict == Verdict.SAME
    assert value(done.entity_id, "phone") == "19999990004"


def test_a_deposited_value_is_explained_at_once(window):
    done = window.say(called(LI), phone="19999990001")
    (told,) = [one for one in service.explain("people", called(LI)) if one.field == "phone"]
    assert (told.winner.value, told.winner.record_key, told.reason) == (
        "19999990001",
        done.record_key,
        "newest",
    )
    assert [one.value for one in told.losers] == [LI[3]]
    assert [one.reason for one in service.records("people", called(LI))] == ["id_number", "stated"]


def test_a_disputed_value_stays_and_stays_marked_when_something_else_is_deposited(window, account):
    about = f"people/{called(LI)}"
    named = installed().section("contracts")["a.person"]
    disputes.start(account("clerk"), named, "1", "name", "写错了", subject=about)
    window.say(called(LI), phone="19999990001")
    held = service.golden("people", called(LI)).fields
    assert (held["name"].value, held["name"].disputed, held["phone"].disputed) == (LI[1], True, False)


def test_a_deposited_value_can_be_disputed_and_another_word_takes_the_mark_away(window, account):
    done = window.say(called(LI), phone="19999990001")
    window.night()
    named = installed().section("contracts")["window.person"]
    about = f"people/{called(LI)}"
    disputes.start(account("clerk"), named, done.record_key, "phone", "不是本人的", subject=about)
    held = service.golden("people", called(LI)).fields["phone"]
    assert (held.value, held.disputed) == ("19999990001", True)
    window.say(called(LI), phone="19999990002", day=TODAY + timedelta(days=1))
    held = service.golden("people", called(LI)).fields["phone"]
    assert (held.value, held.disputed) == ("19999990002", False)


def test_a_link_before_the_collection_leaves_what_was_deposited(window):
    window.say(called(LI), phone="19999990001")
    new = person(5)
    window.say(id_number=new[0], name=new[1])
    shown = window.shown()
    window.town.put("c.person", [("9", *person(9), "", TODAY)])
    window.town.link()
    assert value(called(LI), "phone") == "19999990001"
    assert len(window.shown()[0]) == len(shown[0]) + 1
    window.holds_through_the_night()


def test_a_deposit_rolled_back_with_its_caller_leaves_nothing(window):
    before = window.shown()
    with pytest.raises(RuntimeError), transaction.atomic():
        window.say(called(LI), phone="19999990001")
        window.say(id_number=person(5)[0], name=person(5)[1])
        raise RuntimeError
    assert window.shown() == before
    assert (Statement.objects.count(), Verdict.objects.count()) == (0, 0)
    assert not LedgerEntry.objects.filter(action="register.deposit").exists()


def test_a_deposit_is_on_the_ledger_without_its_values(window):
    done = window.say(called(LI), phone="19999990001")
    entry = LedgerEntry.objects.get(action="register.deposit")
    assert (entry.subjects, entry.fields, entry.purpose) == (
        [ledger.pseudonym(done.entity_id)],
        ["phone"],
        "YX-1",
    )


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"id_number": number("1990-01-01", 1)[:-1] + "?", "phone": "19999990001"}, {"id_number"}),
        ({"phone": "123", "address": "翠屏里21号"}, {"phone"}),
        ({"address": "3号信箱"}, {"address"}),
        ({"birth_date": "下个月", "phone": "1"}, {"birth_date", "phone"}),
        ({"name": "白" * 2001}, {"name"}),
    ],
)
def test_a_wrong_value_refuses_the_whole_statement(window, values, told):
    before = window.shown()
    done = window.say(called(LI), **values)
    assert (set(done.refused), done.entity_id, done.changed) == (told, "", {})
    assert (window.shown(), Statement.objects.count()) == (before, 0)


def test_a_day_that_has_not_come_is_refused(window):
    assert set(
        window.say(called(LI), day=timezone.localdate() + timedelta(days=1), phone="19999990001").refused
    ) == {"stated_on"}


def test_an_unknown_field_is_refused_with_those_there_are(window):
    for name in ("telephone", "stated_on", "record_key", "case_number"):
        with pytest.raises(NotAFieldToState) as told:
            window.say(called(LI), **{name: "1"})
        assert "phone" in told.value.do.en


def test_nothing_to_state_is_refused(window):
    with pytest.raises(NothingStated):
        window.say(called(LI), phone="  ")


@pytest.mark.parametrize(
    ("resource", "error"), [("d.person", NoSourceOfRegister), ("a.person", NotForStatements)]
)
def test_a_resource_that_takes_no_statements_is_refused(window, resource, error):
    with pytest.raises(error):
        service.deposit("people", resource, {"phone": "1"}, entity_id=None, by="clerk", as_of=TODAY)


def test_an_entity_that_is_not_there_is_refused(window):
    with pytest.raises(NoSuchEntity):
        window.say("Pnobody", phone="19999990001")
    assert Statement.objects.count() == 0


def test_two_entities_claimed_at_once_are_both_told(window):
    for stated in (WANG[0], person(5)[0]):
        with pytest.raises(TwoEntities) as told:
            window.say(called(LI), id_number=stated, phone="19999990001")
        assert called(LI) in told.value.what.zh
        assert called((stated,)) in told.value.what.zh
    assert Statement.objects.count() == 0


def test_a_record_cannot_go_over_to_somebody_else(window):
    window.say(called(LI), phone="19999990001", key="G-1")
    with pytest.raises(TwoEntities):
        window.say(called(WANG), phone="19999990001", key="G-1")


def test_a_number_of_somebody_with_another_name_and_birth_date_is_refused(window):
    with pytest.raises(NumberContradicted) as told:
        window.say(id_number=LI[0], name="慕容复", birth_date="1931-02-03")
    assert called(LI) in told.value.what.zh
    assert Statement.objects.count() == 0


def test_a_register_that_was_never_linked_takes_nothing(home, pack, db):
    files = {f"contracts/{r}.yaml": contract(r) for r in ("a.person", "b.person", "c.person")}
    declaration = REGISTER.replace("identifiers:\n", SOURCE + "identifiers:\n")
    pack("town", {**files, "contracts/window.yaml": STATED, "registers/people.yaml": declaration})
    with pytest.raises(NotLinked):
        service.deposit("people", "window.person", {"phone": "1"}, entity_id=None, by="c", as_of=TODAY)


def test_a_declaration_newer_than_the_copy_has_to_be_linked_first(town, pack):
    town.put("a.person", [("1", *LI, "", TODAY)])
    town.link()
    declaration = REGISTER.replace("identifiers:\n", SOURCE + "identifiers:\n")
    pack("town", {"contracts/window.yaml": STATED, "registers/people.yaml": declaration})
    with pytest.raises(LinkFirst):
        service.deposit("people", "window.person", {"phone": "1"}, entity_id=None, by="c", as_of=TODAY)


def test_nobody_having_stated_anything_is_no_fault_of_the_source(window):
    run = collection.collect("window.person")
    assert (run.state, run.read) == ("done", 0)
    assert collection.collect("window.person").state == "done"
