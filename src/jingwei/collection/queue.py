"""Collections that wait for the worker: one a resource at a time, and none done twice.

Pages and the plan put them here; the worker (django-q2, in the operational store) takes them out. A task whose
worker was killed is handed out again, so that what the plan wanted is looked up before it is done.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django_q.models import OrmQ
from django_q.tasks import async_task

from jingwei.collection import service, watching
from jingwei.collection.models import Run
from jingwei.kernel.errors import Busy, JingweiError
from jingwei.kernel.locks import exclusive
from jingwei.kernel.text import Text

COLLECT = "jingwei.collection.queue.perform"
RELEASE = "jingwei.collection.queue.let_through"
WORKER = Text("采集作业", "the collecting of this node")
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Waiting:
    """A queued or running collection of a resource."""

    ahead: int
    run: Run | None
    since: str


_then: list[Callable[[str], None]] = []


def then(follower: Callable[[str], None]) -> None:
    """Has `follower` told of every resource that the worker collected or let through."""
    if follower not in _then:
        _then.append(follower)


def _tell(resource: str) -> None:
    for follower in _then:
        follower(resource)


def waiting(resource: str) -> Waiting | None:
    """Whether the resource is being read, or stands in the queue, and how many stand before it."""
    running = Run.objects.filter(resource=resource, state=Run.RUNNING).first()
    mine = next((n for n, one in enumerate(OrmQ.objects.order_by("id")) if about(one) == resource), None)
    if running is None and mine is None:
        return None
    return Waiting(ahead=mine or 0, run=running, since=timezone.localtime().strftime("%H:%M"))


def about(queued: OrmQ) -> str | None:
    """The resource a queued task collects, or None for other tasks."""
    task = queued.task
    is_collect = isinstance(task, dict) and task.get("func") in (COLLECT, RELEASE)
    return task["args"][0] if is_collect and task.get("args") else None


def enqueue(resource: str, *, started_by: str, planned: datetime | None = None, attempt: int = 1) -> bool:
    """Queues a collection; asked again while it waits or runs, it is queued once. Says whether it was queued."""
    with transaction.atomic():
        if waiting(resource) is not None:
            return False
        options: dict[str, Any] = {"started_by": started_by, "planned": planned, "attempt": attempt}
        async_task(COLLECT, resource, group=f"collect {resource}", **options)
    return True


def enqueue_release(run: Run, by: str) -> bool:
    """Queues letting a held run through; says whether it was queued."""
    with transaction.atomic():
        if waiting(run.resource) is not None:
            return False
        async_task(RELEASE, run.resource, run.id, by, group=f"release {run.id}")
    return True


def let_through(resource: str, run_id: str, by: str) -> str:
    """What the worker does for a person who let a held run through."""
    try:
        run = service.release(run_id, by)
    except JingweiError as exc:
        log.warning("run %s of %s was not let through: %s", run_id, resource, exc)
        return exc.code
    _tell(resource)
    return run.id


def perform(resource: str, started_by: str, planned: datetime | None = None, attempt: int = 1) -> str:
    """What the worker does: collects, unless that very collection was begun already. Returns the run's id, or why
    there is none; a fault is noted with the run, and is none of the queue's."""
    if watching.is_watched(service.contract_of(resource)):
        return _perform_folder(resource, started_by, planned, attempt)
    if planned is not None:
        service.recover()
        begun = Run.objects.filter(resource=resource, planned=planned, attempt__gte=attempt).first()
        if begun is not None:
            return begun.id
    try:
        run = service.collect(resource, started_by=started_by, planned=planned, attempt=attempt)
    except JingweiError as exc:
        log.warning("%s was not collected: %s", resource, exc)
        return exc.code
    _tell(resource)
    return run.id


def _perform_folder(resource: str, started_by: str, planned: datetime | None, attempt: int) -> str:
    """Every file that is ready; each is read once, however often it is asked for."""
    try:
        found = watching.collect_folder(resource, started_by=started_by, planned=planned, attempt=attempt)
    except JingweiError as exc:
        log.warning("the folder of %s was not read: %s", resource, exc)
        return exc.code
    if found.error is not None:
        log.warning("%s stopped at a file: %s", resource, found.error)
    if found.runs:
        _tell(resource)
    return " ".join(run.id for run in found.runs)


@contextmanager
def as_worker() -> Iterator[None]:
    """Around a worker of this home. What a killed worker had in hand is given out at once instead of after the
    hour that django-q2 waits, if no other worker of this home lives."""
    with ExitStack() as held:
        try:
            # who looks whether a worker lives holds the lock for an instant
            held.enter_context(exclusive("worker", WORKER, wait=1))
        except Busy:
            log.info("another worker of this home is at work")
        else:
            OrmQ.objects.filter(lock__gt=timezone.now()).update(lock=timezone.now())
        yield
