"""Unusual use: each rule finds what it says and nothing near it, and says why."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from statistics import median

import pytest
from django.utils import timezone
from django_q.models import Schedule

from jingwei.audit import jobs, resident, unusual
from jingwei.audit.detectors import DETECTORS
from jingwei.audit.detectors.amount import LEAST, NORMAL, TIMES, usual
from jingwei.audit.models import Finding
from jingwei.inbox import todos
from jingwei.inbox.working_days import is_working_day
from jingwei.kernel.errors import NotAllowed
from jingwei.kernel.models import Account, LedgerEntry
from jingwei.testing.small_district import HE_1951, HE_1986, LU, OTHERS

pytestmark = pytest.mark.django_db
WEDNESDAY, SATURDAY = date(2026, 11, 18), date(2026, 11, 21)


def at(day, clock="10:15"):
    return timezone.make_aware(datetime.combine(day, time.fromisoformat(clock)))


def found(kind, since=WEDNESDAY, until=WEDNESDAY):
    unusual.look(None, since, until)
    return list(Finding.objects.filter(kind=kind))


@pytest.mark.parametrize(
    ("day", "clock", "odd"),
    [
        (WEDNESDAY, "06:59", True),
        (WEDNESDAY, "07:00", False),
        (WEDNESDAY, "19:59", False),
        (WEDNESDAY, "20:00", True),
        (SATURDAY, "10:00", True),
        (date(2026, 10, 1), "10:00", True),
        (date(2026, 10, 10), "10:00", False),
    ],
    ids=["early", "opening", "late", "closing", "weekend", "holiday", "worked Saturday"],
)
def test_out_of_hours_goes_by_the_clock_and_the_holidays(scene, day, clock, odd):
    entry = scene.look(scene.clerk, at=at(day, clock))
    events = found("out-of-hours", day, day)
    assert [one.entries for one in events] == ([[entry.pk]] if odd else [])
    if odd:
        assert clock in unusual.explanation(events[0]).zh and clock in unusual.explanation(events[0]).en


def test_what_is_usual_is_a_median_that_single_days_do_not_move():
    days = [40, 42, 38, 41, 39, 43, 37, 40, 44, 900]
    one = usual(days)
    spread = NORMAL * median(abs(n - median(days)) for n in days)
    assert one is not None and (one.middle, one.spread) == (median(days), spread)
    assert one.limit == max(LEAST, one.middle + TIMES * max(spread, 3))
    assert usual(days[:9]) is None


def history(scene, account, per_day, days=20):
    """So many looks on each working day before the Wednesday."""
    day = WEDNESDAY
    while days:
        day -= timedelta(days=1)
        if is_working_day(day):
            days -= 1
            made = scene.look(account, at=at(day))
            LedgerEntry.objects.filter(pk=made.pk).update(subject_count=per_day)


def test_far_more_than_usual_stands_out_from_own_days_and_from_the_role(scene):
    other = Account.objects.create_user("other", None, name="别人", roles=["clerk"])
    history(scene, scene.clerk, 40)
    history(scene, other, 45)
    big = scene.look(scene.clerk, at=at(WEDNESDAY))
    LedgerEntry.objects.filter(pk=big.pk).update(subject_count=400)
    calm = scene.look(other, at=at(WEDNESDAY))
    LedgerEntry.objects.filter(pk=calm.pk).update(subject_count=55)
    (event,) = found("far-more")
    assert event.account == "clerk"
    assert event.figures["seen"] == 400 and event.figures["own_middle"] == 40
    said = unusual.explanation(event)
    assert "400" in said.zh and "40" in said.en


def test_a_day_that_is_usual_for_the_role_is_not_listed(scene):
    other = Account.objects.create_user("other", None, name="别人", roles=["clerk"])
    history(scene, scene.clerk, 2)
    history(scene, other, 200, days=60)
    busy = scene.look(scene.clerk, at=at(WEDNESDAY))
    LedgerEntry.objects.filter(pk=busy.pk).update(subject_count=150)
    assert found("far-more") == []


def test_a_new_account_alone_in_its_role_is_not_judged(scene):
    busy = scene.look(scene.clerk, at=at(WEDNESDAY))
    LedgerEntry.objects.filter(pk=busy.pk).update(subject_count=4_000)
    assert found("far-more") == []


def test_ones_own_record_is_found_for_certain_where_the_account_is_tied(scene):
    resident.bind("卜算子", scene.clerk, "population", scene.district.entity(LU))
    scene.look(scene.clerk, at=at(WEDNESDAY))
    own = scene.look(scene.clerk, scene.district.entity(LU), at=at(WEDNESDAY))
    scene.look(scene.clerk, scene.district.entity(LU), at=at(WEDNESDAY), action="case.submit", object="YX-1")
    (event,) = found("own-record")
    assert own.pk in event.entries and "肯定" in unusual.explanation(event).zh


def test_a_namesake_is_found_by_name_alone_and_the_finding_says_how_sure_it_is(scene):
    Account.objects.filter(pk=scene.clerk.pk).update(name=HE_1986.name)
    look = scene.look(scene.clerk, scene.district.entity(HE_1951), at=at(WEDNESDAY))
    (event,) = found("namesakes")
    assert event.entries == [look.pk]
    assert "2 人同名，可能是本人" in unusual.explanation(event).zh


def test_a_namesake_who_was_served_is_no_finding_and_a_search_is_none_either(scene):
    Account.objects.filter(pk=scene.clerk.pk).update(name=HE_1986.name)
    scene.look(
        scene.clerk, scene.entity, scene.district.entity(HE_1951), at=at(WEDNESDAY), action="window.search"
    )
    scene.look(scene.clerk, at=at(WEDNESDAY))
    scene.look(scene.clerk, at=at(WEDNESDAY, "10:40"), action="case.submit", object="YX-1")
    assert found("namesakes") == []


def test_three_forms_without_a_case_are_found_two_are_not(scene):
    for one in OTHERS[:2]:
        scene.look(scene.clerk, scene.district.entity(one), at=at(WEDNESDAY))
    assert found("without-case") == []
    scene.look(scene.clerk, scene.district.entity(OTHERS[2]), at=at(WEDNESDAY))
    served = scene.district.entity(OTHERS[3])
    scene.look(scene.clerk, served, at=at(WEDNESDAY))
    scene.look(scene.second, served, at=at(WEDNESDAY, "11:00"), action="case.draft", object="YX-2")
    (event,) = found("without-case")
    assert (event.figures["people"], event.figures["opened"]) == (3, 4)


def test_looking_again_renews_what_is_open_and_leaves_what_is_closed(scene):
    scene.look(scene.clerk, at=at(WEDNESDAY, "22:00"))
    (event,) = found("out-of-hours")
    scene.look(scene.clerk, at=at(WEDNESDAY, "22:30"))
    (event,) = found("out-of-hours")
    assert event.figures["looks"] == 2
    assert [one.link for one in todos.open_for(scene.clerk)] == [f"/asked-of-me/{event.pk}/"]
    unusual.answer(scene.clerk, event.pk, "加班录入")
    assert list(todos.open_for(scene.clerk)) == []
    assert [one.link for one in todos.open_for(scene.auditor)] == [f"/ledger/unusual/{event.pk}/"]
    unusual.close(scene.auditor, event.pk, "arranged", "与排班表一致")
    assert list(todos.open_for(scene.auditor)) == []
    scene.look(scene.clerk, at=at(WEDNESDAY, "23:00"))
    (event,) = found("out-of-hours")
    assert (event.state, event.figures["looks"]) == (Finding.CLOSED, 2)


def test_what_the_node_does_by_itself_is_no_look(scene):
    entry = scene.look(None, at=at(SATURDAY, "03:00"))
    assert entry.account == "(node)"
    unusual.look(None, SATURDAY, SATURDAY)
    assert not Finding.objects.exists()


def test_the_worker_looks_every_night_and_preparing_again_changes_nothing(scene):
    jobs.prepare()
    jobs.prepare()
    assert Schedule.objects.filter(name=jobs.NAME).count() == 1
    day = timezone.localdate() - timedelta(days=1)
    scene.look(scene.clerk, at=at(day, "23:10"))
    assert jobs.nightly() == 1


def test_only_an_auditor_looks_again(scene):
    with pytest.raises(NotAllowed):
        unusual.look(scene.clerk, WEDNESDAY, WEDNESDAY)


def test_every_rule_says_its_threshold_in_both_languages():
    for one in DETECTORS.values():
        assert one.rule.zh and one.rule.en and one.title.zh != one.title.en
