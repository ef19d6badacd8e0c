"""Makes the worker look after the inbox every minute (`ticking`, which brings the library of messages along and is
imported by the worker alone)."""

from __future__ import annotations

from django.utils import timezone
from django_q.models import Schedule

TICK = "jingwei.inbox.ticking.every_minute"
TRY = "jingwei.inbox.sending.try_now"
NAME = "inbox"


def prepare() -> None:
    """Makes the worker tick every minute from now on; safe to repeat at every start."""
    Schedule.objects.update_or_create(
        name=NAME,
        defaults={
            "func": TICK,
            "schedule_type": Schedule.MINUTES,
            "minutes": 1,
            "repeats": -1,
            "next_run": timezone.now(),
            "kwargs": str({"q_options": {"save": False}}),
        },
    )
