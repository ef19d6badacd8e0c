"""The worker seals every few minutes; who runs no worker seals with `jingwei ledger seal` from cron.

What waits for sealing is guarded by its mark alone, so that the wait is kept short; a quiet node makes no
segments at all."""

from __future__ import annotations

import logging

from django.utils import timezone
from django_q.models import Schedule

from jingwei.kernel.errors import JingweiError
from jingwei.kernel.ledger import sealing

log = logging.getLogger(__name__)

NAME = "ledger sealing"
SEAL = "jingwei.kernel.ledger.schedule.seal"
MINUTES = 10


def prepare() -> None:
    """Makes the worker seal from now on; safe to repeat at every start."""
    Schedule.objects.update_or_create(
        name=NAME,
        defaults={
            "func": SEAL,
            "schedule_type": Schedule.MINUTES,
            "minutes": MINUTES,
            "repeats": -1,
            "next_run": timezone.now(),
            "kwargs": str({"q_options": {"save": False}}),
        },
    )


def seal() -> None:
    """What cannot be sealed now (a full disk, a lost key) waits: it is logged, and nothing else stops for it."""
    try:
        sealing.seal()
    except JingweiError as exc:
        log.error("ledger not sealed: %s %s", exc.code, exc)
