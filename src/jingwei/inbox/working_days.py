"""Deadlines in working days, as the State Council's holiday notice of each year makes them.

Public holidays fall on weekdays and weekends are worked in return, so a deadline cannot be counted from
the days of the week. The holidays of a year are announced in the November before. They come with a library,
and an administrator imports what it does not know yet (`calendar_import`); an imported day goes before the
library's. For years that neither knows, Monday to Friday count, and `remark` says so beside the deadline.
"""

from __future__ import annotations

import time
from datetime import date, timedelta

import chinese_calendar
from django.db import DatabaseError

from jingwei.inbox.models import CalendarDay
from jingwei.kernel.text import Text

FIRST, LAST = min(chinese_calendar.holidays).year, max(chinese_calendar.holidays).year
"""Years whose holidays the library knows."""
SATURDAY = 5
A_DAY = timedelta(days=1)
REMEMBERED = 60.0
"""Seconds for which imported days are kept in mind, so that another process' import is seen."""
_kept: tuple[float, dict[date, bool]] | None = None


def imported() -> dict[date, bool]:
    """Imported days, and whether each is worked."""
    global _kept  # noqa: PLW0603 — a process-wide memory, not state anybody depends on
    now = time.monotonic()
    if _kept is None or now - _kept[0] > REMEMBERED:
        try:
            days = CalendarDay.objects.values_list("day", "kind")
            _kept = now, {day: kind == CalendarDay.WORKDAY for day, kind in days}
        except DatabaseError:
            # A home that was not brought up to date yet has no such table; the library still counts.
            return {}
    return _kept[1]


def forget() -> None:
    """The next question reads the imported days anew."""
    global _kept  # noqa: PLW0603
    _kept = None


def is_working_day(day: date) -> bool:
    known = imported().get(day)
    if known is not None:
        return known
    if FIRST <= day.year <= LAST:
        return bool(chinese_calendar.is_workday(day))
    return day.weekday() < SATURDAY


def is_known(year: int) -> bool:
    """Whether the year's holidays were announced: by the library, or imported with the two days that every
    year's notice holds, New Year and the National Day."""
    days = imported()
    return FIRST <= year <= LAST or all(days.get(date(year, month, 1)) is False for month in (1, 10))


def known_until() -> date:
    """The last day up to which deadlines are exact."""
    year = LAST
    while is_known(year + 1):
        year += 1
    return date(year, 12, 31)


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


def left(due: date, today: date) -> int:
    """Working days from today to the deadline, negative when it is over; 0 on the day itself."""
    first, last = min(due, today), max(due, today)
    days = sum(is_working_day(first + timedelta(days=n)) for n in range(1, (last - first).days + 1))
    return days if due >= today else -days


def remark(day: date) -> Text | None:
    """What to say beside a deadline whose year's holidays are not announced; None where they are known."""
    if is_known(day.year):
        return None
    return Text(
        f"{day.year} 年的放假安排还没有收录，按周一至周五计",
        f"The public holidays of {day.year} are not known yet; Monday to Friday are counted",
    )
