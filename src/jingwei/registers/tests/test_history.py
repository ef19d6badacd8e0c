"""What the register said on another day, as then known and as valid then."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from django.utils import timezone

from jingwei.registers import history as histories
from jingwei.registers import service, verdicts
from jingwei.registers.errors import NoSuchEntity, NotKnownThen
from jingwei.registers.tests.test_deposit import LI, TODAY, WANG, Window, called, window

__all__ = ["window"]


def now() -> datetime:
    return timezone.now()


def then(entity: str, known, field: str = "phone", valid: date | None = None):
    return service.as_of("people", entity, known=known, valid=valid).fields[field].value


def put_li(window: Window, phone: str, day: date) -> None:
    window.town.put(
        "a.person", [("1", *LI[:3], phone, "松间路8号2幢301室", day), ("2", *WANG, "", date(2024, 6, 1))]
    )
    window.town.link()


def told(entity: str, kind: str | None = None):
    found = service.history("people", entity)
    return [m for m in found if kind is None or m.kind == kind]


def test_a_golden_record_is_what_the_build_in_force_that_day_said(window):
    first = now()
    put_li(window, "19999990001", date(2025, 6, 1))
    second = now()
    put_li(window, "19999990002", date(2025, 7, 1))
    assert [then(called(LI), at) for at in (first, second, now(), timezone.localdate())] == [
        LI[3], "19999990001", "19999990002", "19999990002",
    ]  # fmt: skip


def test_before_the_first_build_nothing_was_known(window):
    with pytest.raises(NotKnownThen) as error:
        service.as_of("people", called(LI), known=timezone.localdate() - timedelta(days=1), valid=None)
    assert timezone.localdate().isoformat() in error.value.do.zh
    with pytest.raises(NotKnownThen):
        service.as_of("people", "Pnobody", known=now(), valid=None)


def test_as_valid_then_later_words_are_left_out(window):
    window.town.put("b.person", [("7", LI[0], LI[1], LI[2], "19999990005", "", date(2025, 3, 1))])
    window.town.link()
    assert then(called(LI), now()) == "19999990005"
    assert then(called(LI), now(), valid=date(2025, 2, 28)) == LI[3]
    assert service.as_of("people", called(LI), known=now(), valid=date(2020, 1, 1)).fields == {}


def test_a_deposit_is_known_from_its_moment_on(window):
    before = now()
    window.say(called(LI), phone="19999990001")
    between = now()
    window.say(called(LI), phone="19999990002", day=TODAY + timedelta(days=1))
    window.night()
    assert [then(called(LI), at) for at in (before, between, now())] == [LI[3], "19999990001", "19999990002"]
    assert then(called(LI), now(), valid=TODAY) == "19999990001"


def test_a_history_tells_each_change_with_before_after_and_source(window):
    put_li(window, "19999990001", date(2025, 6, 1))
    changed, first = told(called(LI))
    assert (first.kind, changed.kind, changed.field) == ("first", "changed", "phone")
    assert (changed.before, changed.after, changed.source, changed.as_of) == (
        LI[3], "19999990001", "a.person", date(2025, 6, 1),
    )  # fmt: skip
    assert changed.known > first.known
    assert changed.words.en == "value changed"


def test_a_deposit_stands_in_the_history_at_once_and_keeps_its_moment_after_the_night(window):
    window.say(called(LI), phone="19999990001")
    (said,) = told(called(LI), "stated")
    assert (said.by, said.case, said.before, said.after) == ("clerk", "YX-1", LI[3], "19999990001")
    window.night()
    (again,) = told(called(LI), "stated")
    assert (again.known, again.after) == (said.known, said.after)
    assert [m.record_key for m in told(called(LI), "came")] == [said.record_key]


def test_a_merge_and_a_split_are_told_with_the_other_entity(window):
    window.town.put(
        "c.person", [("9", None, "严明军", date(1971, 5, 6), "19900008888", "", date(2025, 2, 1))]
    )
    window.town.link()
    one, other = (window.town.entities()[record] for record in ("b.person/7", "c.person/9"))
    apart = now()
    verdict = verdicts.decide("people", ("b.person", "7"), ("c.person", "9"), same=True, by="steward")
    window.town.link()
    (joined,) = told(one, "joined")
    assert (joined.source, joined.record_key, joined.other) == ("c.person", "9", other)
    assert then(one, now()) == "19900008888"
    assert (then(one, apart), then(other, apart)) == ("19900007777", "19900008888")
    verdicts.undo("people", verdict.id, "steward")
    window.town.link()
    (left,) = told(one, "left")
    assert (left.record_key, left.other) == ("9", other)


def test_a_page_of_builds_goes_on_where_the_last_one_ended(window):
    for order in range(4):
        put_li(window, f"1999999000{order}", date(2025, 6, 1) + timedelta(days=order))
    newest = service.history("people", called(LI), limit=2)
    assert [m.after for m in newest] == ["19999990003", "19999990002"]
    older = service.history(
        "people", called(LI), limit=2, before=newest[-1].known - timedelta(microseconds=1)
    )
    assert [m.after for m in older] == ["19999990001", "19999990000"]


def test_nobody_has_no_history(window):
    with pytest.raises(NoSuchEntity):
        service.history("people", "Pnobody")


def test_every_kind_of_moment_has_words_in_both_languages():
    assert all(words.zh and words.en for words in histories.KINDS.values())
