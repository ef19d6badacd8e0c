"""Deadlines: holidays are not counted, weekends worked in return are."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jingwei.inbox import working_days
from jingwei.inbox.working_days import after, is_working_day, remark

pytestmark = pytest.mark.django_db

DAYS = st.dates(date(2023, 1, 1), date(2035, 12, 31))


def test_the_week_of_the_national_day_is_off_and_a_weekend_is_worked_in_return():
    # 国办发明电〔2024〕12 号: 2025-10-01 to 10-08 off; Sunday 09-28 and Saturday 10-11 worked.
    assert not any(is_working_day(date(2025, 10, day)) for day in range(1, 9))
    assert is_working_day(date(2025, 9, 28)) and is_working_day(date(2025, 10, 11))
    # Tuesday 30 September, three working days: 9, 10 and (Saturday) 11 October.
    assert after(date(2025, 9, 30), 3) == date(2025, 10, 11)


def test_from_a_day_off_the_next_working_day_is_the_first():
    assert after(date(2025, 10, 1), 0) == date(2025, 10, 9)
    assert after(date(2025, 10, 1), 1) == date(2025, 10, 9)
    assert after(date(2025, 10, 1), 2) == date(2025, 10, 10)


def test_years_nobody_announced_count_monday_to_friday_and_say_so():
    year = working_days.LAST + 1
    monday = next(date(year, 3, day) for day in range(1, 8) if date(year, 3, day).weekday() == 0)
    assert after(monday, 5) == monday + timedelta(days=7)
    said = remark(monday)
    assert said is not None and str(year) in said.zh and str(year) in said.en
    assert remark(date(working_days.LAST, 3, 1)) is None


def test_a_deadline_in_the_past_is_a_mistake():
    with pytest.raises(ValueError):
        after(date(2026, 1, 5), -1)


@given(DAYS, st.integers(0, 60))
def test_a_deadline_is_a_working_day_with_so_many_of_them_behind_it(day, number):
    due = after(day, number)
    assert is_working_day(due) and due >= day
    between = sum(is_working_day(day + timedelta(days=n)) for n in range(1, (due - day).days + 1))
    assert between == number or (number == 0 and between == (not is_working_day(day)))
