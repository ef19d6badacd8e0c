"""What the worker does every week by itself: upkeep, in the night to Sunday."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from django.utils import timezone
from django_q.models import Schedule

from jingwei.kernel.errors import JingweiError
from jingwei.operations.upkeep import upkeep

NAME = "upkeep"
PERFORM = "jingwei.operations.weekly.perform"
SUNDAY, HOUR = 6, 3
log = logging.getLogger(__name__)


def prepare() -> None:
    """Puts the plan into the store once; a plan that is there keeps its time."""
    Schedule.objects.get_or_create(
        name=NAME,
        defaults={
            "func": PERFORM,
            "schedule_type": Schedule.WEEKLY,
            "next_run": coming(timezone.localtime()),
        },
    )


def coming(now: datetime) -> datetime:
    """The next Sunday at three in the morning."""
    day = now + timedelta(days=(SUNDAY - now.weekday()) % 7)
    moment = day.replace(hour=HOUR, minute=0, second=0, microsecond=0)
    return moment if moment > now else moment + timedelta(days=7)


def perform() -> str:
    """One upkeep; what kept it from running is noted, and is none of the queue's."""
    try:
        return f"{upkeep().merged} merged"
    except JingweiError as exc:
        log.warning("upkeep did not run: %s", exc)
        return exc.code
