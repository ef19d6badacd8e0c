"""Looks out of hours: before the offices open, after they close, on days off by the calendar of holidays."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import time
from typing import Any

from django.utils import timezone

from jingwei.audit.detectors.base import Detector, Event, Look, Looks
from jingwei.inbox.working_days import is_working_day
from jingwei.kernel.text import Text

OPENS, CLOSES = time(7), time(20)


class OutOfHours(Detector):
    name = "out-of-hours"
    title = Text("工作时间以外", "Out of hours")
    rule = Text(
        f"工作日 {OPENS:%H:%M} 以前、{CLOSES:%H:%M} 以后，或休息日（按放假安排）看了别人的数据。",
        f"Somebody's data was seen before {OPENS:%H:%M} or after {CLOSES:%H:%M} on a working day, or on a day off"
        " by the calendar of public holidays.",
    )

    def find(self, looks: Looks) -> Iterator[Event]:
        for (_, day), of_day in looks.by_account_and_day().items():
            working = is_working_day(day)
            odd = [one for one in of_day if not working or not within(one)]
            if odd:
                first, last = (f"{timezone.localtime(one.at):%H:%M}" for one in (odd[0], odd[-1]))
                yield Event.of(odd, first=first, last=last, working=working)

    def explain(self, figures: dict[str, Any]) -> Text:
        kind = Text("工作日", "a working day") if figures["working"] else Text("休息日", "a day off")
        return Text(
            "{kind} {first} 至 {last} 看了 {looks} 次，涉及 {persons} 人次；上班时间是工作日 {opens}–{closes}。",
            "On {kind}, from {first} to {last}: {looks} looks at {persons} records. Hours are {opens} to {closes} on"
            " working days.",
        ).fill(kind=kind, opens=f"{OPENS:%H:%M}", closes=f"{CLOSES:%H:%M}", **pick(figures))


def within(look: Look) -> bool:
    return OPENS <= timezone.localtime(look.at).time() < CLOSES


def pick(figures: dict[str, Any]) -> dict[str, str]:
    """Numbers with thousands commas, words as they are."""
    return {
        name: f"{value:,}" if isinstance(value, int | float) else str(value)
        for name, value in figures.items()
        if name not in ("working", "kind")
    }
