"""What the worker does for the inbox every minute: late to-dos are told above, messages sent.

Doing it twice changes nothing: what is late and was told, and what an address knows, stands in the store.
"""

from __future__ import annotations

from django.utils import timezone
from django_q.models import OrmQ

from jingwei.inbox import escalating, sending
from jingwei.inbox.jobs import TICK


def every_minute() -> dict[str, int]:
    """How many to-dos were escalated, how many messages sent."""
    done = {"escalated": escalating.escalate(), "sent": sending.send_due()}
    _only_one()
    return done


def _only_one() -> None:
    """Ticks that queued up behind a long job would say nothing new."""
    stale = [
        one.pk
        for one in OrmQ.objects.filter(lock__lte=timezone.now())
        if isinstance(one.task, dict) and one.task.get("func") == TICK
    ]
    OrmQ.objects.filter(pk__in=stale).delete()
