"""Looks without a case: forms opened at the window after which nobody's matter followed.

A form shows a resident's data before there is a case, because the case is what it becomes. So a look is matched
with any case of the same person on the same day, whoever kept it. Opening the wrong namesake once or twice
belongs to the work; `LEAST` persons in a day should be explained.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from jingwei.audit.detectors.base import Detector, Event, Looks
from jingwei.audit.detectors.hours import pick
from jingwei.kernel.text import Text

WANT_A_CASE = ("window.prefill",)
CASES = "case."
LEAST = 3


class WithoutCase(Detector):
    name = "without-case"
    title = Text("没有办件", "No case")
    rule = Text(
        f"一天里在窗口打开了 {LEAST} 人以上的表单，而这些人当天都没有办件。",
        f"In one day forms of {LEAST} persons or more were opened at the window, and none of them had a case that day.",
    )

    def find(self, looks: Looks) -> Iterator[Event]:
        cases = served(looks)
        for (_, day), of_day in looks.by_account_and_day().items():
            opened = [one for one in of_day if one.action in WANT_A_CASE and not one.case]
            stray = [one for one in opened if not any((day, mark) in cases for mark in one.marks)]
            people = frozenset().union(*(one.marks for one in stray))
            if len({one.marks for one in stray}) >= LEAST:
                yield Event.of(stray, people=len(people), opened=len(opened))

    def explain(self, figures: dict[str, Any]) -> Text:
        return Text(
            "打开表单 {opened} 次，其中 {looks} 次涉及的 {people} 人当天没有办件；{least} 人起列出。",
            "{opened} forms were opened; {looks} of them, of {people} persons, were followed by no case that day. Listed"
            " from {least} persons on.",
        ).fill(least=LEAST, **pick(figures))


def served(looks: Looks) -> set[tuple[date, str]]:
    """Day and person of every case that was kept, handed in or read."""
    return {
        (one.day, mark)
        for one in looks.looks
        if one.case or one.action.startswith(CASES)
        for mark in one.marks
    }
