"""The plan: every due time is served once, whatever the clock, the worker and the source do."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jingwei.catalog.contracts import Contract, Server
from jingwei.collection import schedules
from jingwei.collection.models import Run
from jingwei.collection.schedules import DELAYS, GRACE, due_after, due_before, look
from jingwei.kernel.text import Text

HERE = ZoneInfo("Asia/Shanghai")
DAILY, HOURLY, WEEKDAYS = "0 2 * * *", "15 * * * *", "30 6 * * 1-5"
PLANS = st.sampled_from([DAILY, HOURLY, WEEKDAYS, "*/10 * * * *", "0 3 1 * *", "0 0 L * *"])
MOMENTS = st.datetimes(datetime(2025, 1, 1), datetime(2027, 12, 31), timezones=st.just(HERE)) | st.datetimes(
    datetime(2025, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC)
)


def contract(
    schedule: str | None = DAILY, cycle: timedelta | None = None, version: str = "1.0.0"
) -> Contract:
    server = Server("source", "csv", "a.csv")
    return Contract(
        id="trial.person", version=version, title=Text("人员", "People"), organization="区数据局",
        source_system="trial", fields=(), server=server, schedule=schedule, cycle=cycle, promised="1 d",
    )  # fmt: skip


def run(started, state=Run.DONE, planned=None, attempt=1, passing=False, version="1.0.0", seconds=30) -> Run:
    ended = None if state == Run.RUNNING else started + timedelta(seconds=seconds)
    error = {"retry_helps": passing} if state in (Run.FAILED, Run.HELD) else None
    return Run(
        id=f"R-{started:%Y%m%d%H%M%S}-{attempt}", resource="trial.person", state=state, started=started,
        ended=ended, planned=planned, attempt=attempt, error=error, contract_version=version,
    )  # fmt: skip


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=HERE)


NIGHT = at("2026-11-21 02:00")


def newest_first(*runs):
    return sorted(runs, key=lambda one: one.started, reverse=True)


@given(PLANS, MOMENTS)
def test_the_last_and_the_next_due_time_stand_on_either_side_of_now_with_none_between(plan, now):
    last, coming = due_before(plan, now), due_after(plan, now)
    assert last <= now < coming
    assert due_after(plan, last) == coming and due_before(plan, coming) == coming


def test_a_resource_that_was_never_read_is_due_at_once():
    one = look(contract(), [], at("2026-11-21 10:00"))
    assert (one.due, one.attempt, one.last_due) == (NIGHT, 1, NIGHT)
    assert one.next_due == NIGHT + timedelta(days=1)


@given(PLANS, MOMENTS, st.integers(0, 50_000))
def test_a_due_time_is_served_once(plan, now, seconds_later):
    first = look(contract(plan), [], now)
    served = run(now, planned=first.due)
    later = now + timedelta(seconds=seconds_later)
    again = look(contract(plan), [served], later)
    assert (again.due is None) == (due_before(plan, later) <= now)


@given(PLANS, MOMENTS, st.integers(0, 3600), st.data())
def test_a_clock_put_back_by_up_to_an_hour_never_runs_twice(plan, now, back, data):
    before = run(
        due_before(plan, now - timedelta(hours=2)), planned=due_before(plan, now - timedelta(hours=2))
    )
    due = look(contract(plan), [before], now).due
    served = [run(now, planned=due), before] if due else [run(now), before]
    passed = data.draw(st.integers(0, back))
    corrected = now - timedelta(seconds=back - passed)
    assert look(contract(plan), served, corrected).due in (None, due_before(plan, corrected))
    if due_before(plan, corrected) == due:
        assert look(contract(plan), served, corrected).due is None


def test_a_due_time_that_comes_again_after_the_clock_was_put_back_is_served_already():
    yesterday = run(NIGHT - timedelta(days=1), planned=NIGHT - timedelta(days=1))
    done = run(NIGHT + timedelta(seconds=3), planned=NIGHT)
    for now in ("2026-11-20 23:00", "2026-11-21 01:59", "2026-11-21 02:00", "2026-11-21 02:01"):
        assert look(contract(), newest_first(done, yesterday), at(now)).due is None


def test_a_run_of_a_year_to_come_does_not_keep_today_from_being_read():
    wrong = at("2027-11-21 02:00")
    astray = run(wrong + timedelta(seconds=1), planned=wrong)
    one = look(contract(), [astray], at("2026-11-21 02:00"))
    assert one.due == NIGHT and one.last_run is None


def test_days_missed_while_the_node_was_off_are_caught_up_with_in_one_run():
    before = run(NIGHT - timedelta(days=9), planned=NIGHT - timedelta(days=9))
    one = look(contract(), [before], at("2026-11-21 08:00"))
    assert one.due == NIGHT
    after = run(at("2026-11-21 08:00"), planned=NIGHT)
    assert look(contract(), [after, before], at("2026-11-21 08:05")).due is None


def test_a_run_begun_by_hand_since_the_due_time_serves_it_too():
    by_hand = run(NIGHT + timedelta(hours=1))
    assert look(contract(), [by_hand], at("2026-11-21 08:00")).due is None


def test_while_a_run_is_going_on_nothing_is_due():
    going = run(NIGHT, Run.RUNNING, planned=NIGHT)
    assert look(contract(HOURLY), [going], at("2026-11-21 02:10")).due is None


def test_a_passing_fault_is_tried_again_after_1_5_15_and_60_minutes_and_then_no_more():
    runs, now = [], NIGHT
    for attempt, delay in enumerate(DELAYS, 1):
        runs.insert(0, run(now, Run.FAILED, planned=NIGHT, attempt=attempt, passing=True))
        ended = runs[0].ended
        early = look(contract(), runs, ended + delay - timedelta(seconds=1))
        assert (early.due, early.retry_at) == (None, ended + delay)
        now = ended + delay
        ripe = look(contract(), runs, now)
        assert (ripe.due, ripe.attempt) == (NIGHT, attempt + 1)
    runs.insert(0, run(now, Run.FAILED, planned=NIGHT, attempt=5, passing=True))
    spent = look(contract(), runs, now + timedelta(hours=5))
    assert (spent.due, spent.retry_at) == (None, None)
    assert look(contract(), runs, NIGHT + timedelta(days=1)).due == NIGHT + timedelta(days=1)


def test_a_lasting_fault_and_a_held_run_are_not_tried_again():
    for state in (Run.FAILED, Run.HELD):
        ended = run(NIGHT, state, planned=NIGHT)
        assert look(contract(), [ended], at("2026-11-21 12:00")).due is None
        assert look(contract(), [ended], at("2026-11-22 02:00")).due == at("2026-11-22 02:00")


def test_a_mended_contract_is_tried_at_once():
    refused = run(NIGHT, Run.FAILED, planned=NIGHT)
    one = look(contract(version="1.1.0"), [refused], at("2026-11-21 09:00"))
    assert (one.due, one.attempt) == (NIGHT, 2)


@settings(max_examples=60)
@given(st.integers(0, 7200), st.integers(1, 4))
def test_a_clock_put_back_does_not_make_a_retry_wait_for_the_hours_it_was_ahead(back, attempt):
    failed = run(NIGHT, Run.FAILED, planned=NIGHT, attempt=attempt, passing=True)
    now = failed.ended - timedelta(seconds=back)
    one = look(contract(), [failed], now)
    if one.retry_at:
        assert one.retry_at <= now + DELAYS[attempt - 1]


def test_attempts_count_by_their_number_even_if_the_clock_went_back_between_them():
    first = run(NIGHT + timedelta(minutes=30), Run.FAILED, planned=NIGHT, attempt=1, passing=True)
    second = run(NIGHT + timedelta(minutes=5), Run.FAILED, planned=NIGHT, attempt=2, passing=True)
    one = look(contract(), newest_first(first, second), second.ended + DELAYS[1])
    assert (one.due, one.attempt) == (NIGHT, 3)


def test_what_was_due_is_late_after_its_grace_until_it_is_done():
    yesterday = run(NIGHT - timedelta(days=1), planned=NIGHT - timedelta(days=1))
    assert not look(contract(), [yesterday], NIGHT + GRACE - timedelta(minutes=1)).late
    late = look(contract(), [yesterday], NIGHT + GRACE)
    assert late.late and "2026-11-21 02:00" in late.why.zh
    failed = run(NIGHT, Run.FAILED, planned=NIGHT)
    assert look(contract(), [failed, yesterday], NIGHT + GRACE).late
    done = run(NIGHT + timedelta(hours=3), planned=NIGHT, attempt=5)
    assert not look(contract(), [done, failed, yesterday], at("2026-11-21 06:00")).late


def test_a_short_cycle_is_late_by_what_was_due_before_its_grace():
    done = run(at("2026-11-21 08:15"), planned=at("2026-11-21 08:15"))
    assert not look(contract(HOURLY), [done], at("2026-11-21 09:50")).late
    assert look(contract(HOURLY), [done], at("2026-11-21 10:20")).late


def test_a_promised_cycle_without_a_schedule_is_late_and_never_due():
    weekly = contract(None, timedelta(days=7))
    done = run(at("2026-11-01 10:00"))
    assert not look(weekly, [done], at("2026-11-08 10:30")).late
    one = look(weekly, [done], at("2026-11-08 11:30"))
    assert one.late and one.due is None and one.next_due is None


def test_a_watched_folder_is_due_when_something_lies_there():
    folder = contract(None)
    now = at("2026-11-21 10:20:30")
    assert look(folder, [], now, lambda newest: False).due is None
    assert look(folder, [], now, lambda newest: True).due == at("2026-11-21 10:20")
    done = run(at("2026-11-21 10:19"))
    assert look(folder, [done], now, lambda newest: newest is done).due == at("2026-11-21 10:20")


def test_a_watched_folder_with_a_schedule_waits_for_its_due_time_and_then_for_a_file():
    folder = contract(DAILY)
    yesterday = run(NIGHT - timedelta(days=1), planned=NIGHT - timedelta(days=1))
    before, after = NIGHT - timedelta(minutes=1), NIGHT + timedelta(hours=3)
    assert look(folder, [yesterday], before, lambda newest: True).due is None
    assert look(folder, [yesterday], after, lambda newest: False).due is None
    assert look(folder, [yesterday], after, lambda newest: True).due == NIGHT
    done = run(after, planned=NIGHT)
    assert look(folder, [done, yesterday], after + timedelta(hours=1), lambda newest: True).due is None


def test_a_file_that_stopped_a_watched_folder_is_not_read_again_and_again():
    folder = contract(None)
    refused = run(at("2026-11-21 10:19"), Run.FAILED)
    now = at("2026-11-21 10:30")
    assert look(folder, [refused], now, lambda newest: newest is not refused).due is None
    assert look(folder, [refused], now, lambda newest: True).due is not None
    passing = run(at("2026-11-21 10:19"), Run.FAILED, passing=True)
    one = look(folder, [passing], now, lambda newest: False)
    assert (one.due is not None, one.attempt) == (True, 2)


def test_a_resource_without_a_source_is_never_due_but_may_be_late():
    handed_in = replace(contract(), server=None)
    one = look(handed_in, [], at("2026-11-21 10:00"))
    assert one.due is None and one.late


def test_due_times_are_in_the_nodes_time_zone():
    one = look(contract(), [], datetime(2026, 11, 20, 18, 30, tzinfo=UTC))
    assert one.last_due == NIGHT and one.last_due.utcoffset() == timedelta(hours=8)


@pytest.mark.parametrize("state", [Run.DONE, Run.HELD])
def test_only_failed_runs_are_retried(state):
    assert schedules.retry_at(run(NIGHT, state, passing=True)) is None


OUTCOMES = st.sampled_from(["done", "done", "passing", "lasting", "held"])
STEPS = st.lists(st.tuples(st.integers(-45, 180), OUTCOMES), min_size=1, max_size=60)


@settings(max_examples=150, deadline=None)
@given(st.sampled_from([DAILY, HOURLY, "*/20 * * * *"]), STEPS)
def test_whatever_the_clock_and_the_source_do_no_due_time_is_read_to_the_end_twice(plan, steps):
    """Minutes pass, now and then backwards (by less than an hour in all), and every tick ends in some way."""
    now, ahead, runs = at("2026-11-21 00:00"), 0, []
    for minutes, outcome in steps:
        back = min(-minutes, 55 - ahead) if minutes < 0 else 0
        ahead = max(0, ahead + back - max(minutes, 0))
        now += timedelta(minutes=max(minutes, 0) - back)
        one = look(contract(plan), newest_first(*runs), now)
        if one.due is None:
            continue
        state = {"done": Run.DONE, "held": Run.HELD}.get(outcome, Run.FAILED)
        runs.append(run(now, state, one.due, one.attempt, passing=outcome == "passing", seconds=5))
    tried = [(one.planned, one.attempt) for one in runs]
    assert len(set(tried)) == len(tried), "an attempt was made twice"
    done = [one.planned for one in runs if one.state == Run.DONE]
    assert len(set(done)) == len(done), "a due time was read to the end twice"
    assert all(one.attempt <= len(DELAYS) + 1 for one in runs)
    later = now + timedelta(days=2)
    assert look(contract(plan), newest_first(*runs), later).due == due_before(plan, later)
