"""Registers are brought up to date by the worker: after the collections it did, and after persons' verdicts.

    worker collected a table ─▶ registers it feeds ─┐
    a verdict given or taken back, two minutes on ──┴▶ one task in the queue ─ worker ─▶ link, relations

A register waits in the queue once, however many of its tables came: the plan's collections stand before it, so one
linking takes them all. Whoever collects by hand links by hand.
"""

from __future__ import annotations

import logging
from datetime import timedelta

from django.db import transaction
from django.utils import timezone
from django_q.models import OrmQ, Schedule
from django_q.tasks import async_task

from jingwei.kernel.errors import Busy, JingweiError
from jingwei.packs.service import installed
from jingwei.registers import service
from jingwei.registers.relations import service as relations

PERFORM = "jingwei.registers.renewing.perform"
AGAIN = timedelta(minutes=1)
REST = timedelta(minutes=2)
log = logging.getLogger(__name__)


def after_collection(resource: str) -> None:
    """Queues every register that the resource feeds."""
    for name, register in installed().section("registers").items():
        if any(source.resource == resource for source in register.sources):
            enqueue(name)


def enqueue(register: str) -> bool:
    """Queues a linking unless one waits already; one that runs may have read too early. Says whether it was queued."""
    with transaction.atomic():
        if any(_is_of(one, register) for one in OrmQ.objects.filter(lock__lte=timezone.now())):
            return False
        async_task(PERFORM, register, group=f"link {register}")
    return True


def _is_of(queued: OrmQ, register: str) -> bool:
    task = queued.task
    return isinstance(task, dict) and task.get("func") == PERFORM and task.get("args") == (register,)


def after_verdict(register: str) -> None:
    """Links once the steward rests: a pair must not vanish from under the hands of who decides on the next one."""
    later(register, REST)


def later(register: str, wait: timedelta) -> None:
    """Links after a while; asked again meanwhile, the while begins anew."""
    facts = {"func": PERFORM, "args": repr((register,)), "schedule_type": Schedule.ONCE, "repeats": -1}
    Schedule.objects.update_or_create(
        name=f"link {register}", defaults={**facts, "next_run": timezone.now() + wait}
    )


def perform(register: str) -> str:
    """What the worker does; returns the build, or why there is none. Where somebody is linking just now it comes
    back in a minute, for they may have read before the rows came."""
    try:
        report = service.link(register)
        if report.new or report.changed or report.removed:
            relations.build()
    except Busy:
        later(register, AGAIN)
        return Busy.code
    except JingweiError as exc:
        log.warning("%s was not linked: %s", register, exc)
        return exc.code
    return report.build
