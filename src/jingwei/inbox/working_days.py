"""Deadlines in working days, as the State Council's holiday notice of each year makes them.

Public holidays fall on weekdays and weekends are worked in return, so a deadline cannot be counted from
the days of the week. The holidays of a year are announced in the November before; for years the calendar
does not know yet, Monday to Friday count, and `remark` says so beside the deadline.
"""

from __future__ import annotations

from datetime import date, timedelta

import chinese_calendar

from jingwei.kernel.text import Text

FIRST, LAST = min(chinese_calendar.holidays).year, max(chinese_calendar.holidays).year
"""Years whose holidays are known."""
SATURDAY = 5
A_DAY = timedelta(days=1)


def is_working_day(day: date) -> bool:
    if FIRST <= day.year <= LAST:
        return bool(chinese_calendar.is_workday(day))
    return day.weekday() < SATURDAY


def after(day: date, working_days: int) -> date:
    """The working day that many working days after `day`; 0 is `day` itself, or the next working day."""
    if working_days < 0:
        raise ValueError("a deadline lies in the future")
    while not is_working_day(day):
        day += A_DAY
        if working_days:
            # From a day off, the first working day already counts.
            working_days -= is_working_day(day)
    while working_days:
        day += A_DAY
        working_days -= is_working_day(day)
    return day


def remark(day: date) -> Text | None:
    """What to say beside a deadline whose year's holidays are not announced; None where they are known."""
    if FIRST <= day.year <= LAST:
        return None
    return Text(
        f"{day.year} 年的放假安排还没有收录，按周一至周五计",
        f"The public holidays of {day.year} are not known yet; Monday to Friday are counted",
    )
