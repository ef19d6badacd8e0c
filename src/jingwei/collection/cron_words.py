"""A cron expression in the words of those who read the plan; what has no plain words is said as it is written."""

from __future__ import annotations

import re

from jingwei.kernel.text import Text

DAYS = {
    "1": Text("每周一", "Mondays"),
    "2": Text("每周二", "Tuesdays"),
    "3": Text("每周三", "Wednesdays"),
    "4": Text("每周四", "Thursdays"),
    "5": Text("每周五", "Fridays"),
    "6": Text("每周六", "Saturdays"),
    "0": Text("每周日", "Sundays"),
    "7": Text("每周日", "Sundays"),
    "1-5": Text("周一到周五", "Monday to Friday"),
    "*": Text("每天", "daily"),
}


def words(expression: str) -> Text:
    parts = expression.split()
    raw = Text(expression, expression)
    if len(parts) != 5:
        return raw
    minute, hour, day, month, weekday = parts
    if month != "*":
        return raw
    if day == "*" and weekday == "*" and hour == "*":
        return _often(minute, raw)
    every = re.fullmatch(r"\*/(\d+)", hour)
    if day == "*" and weekday == "*" and every and minute.isdigit():
        said = Text("每 {n} 小时，{m} 分", "every {n} hours, at minute {m}")
        return said.fill(n=every[1], m=f"{int(minute):02d}")
    if not (minute.isdigit() and re.fullmatch(r"\d+(,\d+)*", hour)):
        return raw
    times = "、".join(f"{int(one):02d}:{int(minute):02d}" for one in hour.split(","))
    when = Text(times, times.replace("、", ", "))
    if day == "*" and weekday in DAYS:
        return Text("{day} {when}", "{day} {when}").fill(day=DAYS[weekday], when=when)
    if weekday == "*" and day.isdigit():
        return Text("每月 {day} 日 {when}", "on day {day} of the month, {when}").fill(day=int(day), when=when)
    return raw


def _often(minute: str, raw: Text) -> Text:
    every = re.fullmatch(r"\*/(\d+)", minute)
    if minute == "*":
        return Text("每分钟", "every minute")
    if every:
        return Text("每 {n} 分钟", "every {n} minutes").fill(n=every[1])
    if minute.isdigit():
        return Text("每小时 {m} 分", "hourly at minute {m}").fill(m=f"{int(minute):02d}")
    return raw
