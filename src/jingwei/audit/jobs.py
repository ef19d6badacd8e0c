"""The nightly look over the days that may still have changed; the worker of the node runs it."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone
from django_q.models import Schedule

from jingwei.audit import unusual

NAME = "audit nightly"
HOUR = 2


def prepare() -> None:
    """Makes the worker look every night from now on; safe to repeat at every start."""
    now = timezone.localtime()
    first = now.replace(hour=HOUR, minute=10, second=0, microsecond=0)
    facts = {"func": "jingwei.audit.jobs.nightly", "schedule_type": Schedule.DAILY, "repeats": -1}
    Schedule.objects.get_or_create(
        name=NAME, defaults={**facts, "next_run": first if first > now else first + timedelta(days=1)}
    )


def nightly() -> int:
    today = timezone.localdate()
    return unusual.look(None, today - timedelta(days=unusual.DAYS), today)
