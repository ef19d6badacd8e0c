"""Importing a year's public holidays: a table of dates, each with its kind.

    2027-01-01,holiday,元旦        a weekday that is off
    2027-02-20,workday,春节调休     a weekend day that is worked

All lines are judged before any is kept; one that is wrong refuses the file, with the number of every such line.
"""

from __future__ import annotations

import csv
import io
from datetime import date
from pathlib import Path

from django.db import transaction

from jingwei.inbox import plain, working_days
from jingwei.inbox.errors import CalendarRefused, TextRefused
from jingwei.inbox.models import CalendarDay
from jingwei.kernel import ledger
from jingwei.kernel.text import Text, listed

KINDS = {
    "workday": CalendarDay.WORKDAY,
    "holiday": CalendarDay.HOLIDAY,
    "工作日": CalendarDay.WORKDAY,
    "上班": CalendarDay.WORKDAY,
    "放假": CalendarDay.HOLIDAY,
    "节假日": CalendarDay.HOLIDAY,
}
HEADS = {"date", "日期", "day"}
LARGEST = 1_000_000
TOLD = 10
YEARS = (2000, 2100)
NAME = Text("名称", "The name")


def load(path: Path) -> list[CalendarDay]:
    """Imports a CSV file and returns its days. Days of earlier imports that it does not name stay."""
    found = read(_text(path))
    with transaction.atomic():
        for one in found:
            CalendarDay.objects.update_or_create(day=one.day, defaults={"kind": one.kind, "name": one.name})
        years = sorted({one.day.year for one in found})
        ledger.record(None, "calendar.import", " ".join(map(str, years))[:200])
    working_days.forget()
    return found


def read(text: str) -> list[CalendarDay]:
    days: dict[date, CalendarDay] = {}
    faults: list[Text] = []
    for number, cells in enumerate(csv.reader(io.StringIO(text)), 1):
        cells = [cell.strip() for cell in cells]
        if not any(cells) or (number == 1 and cells[0].lower() in HEADS):
            continue
        try:
            one = _day(cells)
            if one.day in days and days[one.day].kind != one.kind:
                raise ValueError("date")
            days[one.day] = one
        except (ValueError, TextRefused):
            faults.append(
                Text(f"第 {number} 行 {','.join(cells)[:60]}", f"line {number} {','.join(cells)[:60]}")
            )
    if not days and not faults:
        raise CalendarRefused(faults=Text("里面没有日期。", "it holds no dates."))
    if faults:
        more = len(faults) - TOLD
        rest = [Text(f"另有 {more} 行", f"{more} more lines")] if more > 0 else []
        raise CalendarRefused(faults=listed([*faults[:TOLD], *rest]))
    return sorted(days.values(), key=lambda one: one.day)


def _day(cells: list[str]) -> CalendarDay:
    day = date.fromisoformat(cells[0].replace("/", "-"))
    kind = KINDS.get(cells[1].lower() if len(cells) > 1 else "")
    if kind is None or not YEARS[0] <= day.year <= YEARS[1]:
        raise ValueError("kind")
    return CalendarDay(day=day, kind=kind, name=plain.one_line(cells[2] if len(cells) > 2 else "", NAME, 60))


def _text(path: Path) -> str:
    try:
        with path.open("rb") as file:
            data = file.read(LARGEST + 1)
    except OSError as exc:
        raise CalendarRefused(faults=exc.strerror or "?") from exc
    if len(data) > LARGEST:
        raise CalendarRefused(faults=Text("文件太大，不像日历。", "the file is too large for a calendar."))
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise CalendarRefused(faults=Text("不是文本文件。", "it is no text file."))
