"""How a deadline is said: the day, its weekday, and the working days left; late ones in red, today's in amber."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.utils import timezone

from jingwei.inbox import working_days
from jingwei.kernel.text import Text

WEEKDAYS = (
    Text("周一", "Mon"),
    Text("周二", "Tue"),
    Text("周三", "Wed"),
    Text("周四", "Thu"),
    Text("周五", "Fri"),
    Text("周六", "Sat"),
    Text("周日", "Sun"),
)
FAR = 400
"""Days beyond which working days are not counted one by one."""


@dataclass(frozen=True)
class Due:
    """`colour` is bad, warn or nothing; `word` goes with it, so that colour never stands alone."""

    day: Text
    left: Text
    colour: str = ""
    word: Text | None = None
    remark: Text | None = None


def said(due: date | None, today: date | None = None) -> Due | None:
    """None where there is no deadline."""
    if due is None:
        return None
    today = today or timezone.localdate()
    written = f"{due:%m-%d}" if due.year == today.year else f"{due:%Y-%m-%d}"
    day = Text("{day}（{weekday}）", "{weekday} {day}").fill(day=written, weekday=WEEKDAYS[due.weekday()])
    remark = working_days.remark(due)
    if due < today:
        return Due(day, _behind(due, today), "bad", Text("逾期", "late"), remark)
    if due == today:
        return Due(day, Text("今天要办完", "to be done today"), "warn", Text("今天", "today"), remark)
    if (due - today).days > FAR:
        return Due(day, Text("还早", "far ahead"), remark=remark)
    ahead = working_days.left(due, today)
    text = Text("还有 {n} 个工作日", "{n} working days left") if ahead != 1 else ONE_LEFT
    return Due(day, text.fill(n=ahead), remark=remark)


ONE_LEFT = Text("还有 1 个工作日", "1 working day left")


def _behind(due: date, today: date) -> Text:
    if (today - due).days > FAR:
        return Text("过了一年多", "more than a year over")
    behind = -working_days.left(due, today)
    if behind == 0:
        return Text("刚过期限", "just over")
    text = Text("过了 {n} 个工作日", "{n} working days over") if behind != 1 else ONE_OVER
    return text.fill(n=behind)


ONE_OVER = Text("过了 1 个工作日", "1 working day over")
