"""Numbers, dates and addresses as a reader of either language expects them.

Thousands have a comma, days are written 2026-11-20, times are the site's local time, a share that is
not quite nothing never reads 0 %, and one that is not quite everything never reads 100 %.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode

from django.utils import timezone

from jingwei.kernel.text import Text

NOTHING = "–"


def number(value: float | None) -> str:
    return NOTHING if value is None else f"{value:,}"


def share(part: float, whole: float) -> str:
    if not whole:
        return NOTHING
    percent = 100 * part / whole
    if 0 < percent < 0.1:
        return "<0.1%"
    if 99.9 < percent < 100:
        return ">99.9%"
    return f"{percent:.1f}%"


def day(value: date | datetime | str | None) -> str:
    if value is None or value == "":
        return NOTHING
    if isinstance(value, datetime):
        value = timezone.localtime(value).date() if timezone.is_aware(value) else value.date()
    return value if isinstance(value, str) else value.isoformat()


def moment(value: datetime | None) -> str:
    """Day and minute; the year only when it is not this one."""
    if value is None:
        return NOTHING
    local = timezone.localtime(value) if timezone.is_aware(value) else value
    same_year = local.year == timezone.localtime().year
    return local.strftime("%m-%d %H:%M" if same_year else "%Y-%m-%d %H:%M")


def duration(seconds: float | None) -> str:
    if seconds is None:
        return NOTHING
    if seconds < 10:
        return str(Text("{s} 秒", "{s} s").fill(s=f"{seconds:.1f}"))
    if seconds < 60:
        return str(Text("{s} 秒", "{s} s").fill(s=round(seconds)))
    minutes, rest = divmod(round(seconds), 60)
    return str(Text("{m} 分 {s} 秒", "{m} min {s} s").fill(m=minutes, s=f"{rest:02d}"))


def with_query(path: str, query: Mapping[str, Any]) -> str:
    kept = {key: value for key, value in query.items() if value is not None and value != ""}
    return f"{path}?{urlencode(kept)}" if kept else path
