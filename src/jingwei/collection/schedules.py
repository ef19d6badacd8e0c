"""When a resource is due, what becomes of a run that failed, and what is late.

Nothing is kept but the runs themselves: what the plan wants follows from the contracts' cron expressions, the
runs there are, and the clock. A node that was off, a worker that was killed, a clock that was put right leave
nothing behind that could be wrong.

    contracts ─┐
    runs ──────┼─plan(now)─▶ Planned: last due, next due, tried again when, late ─tick─▶ queue ─▶ worker ─▶ runs
    clock ─────┘

A due time is served by the run that carries it (`Run.planned`), or by any run begun since. Of several due times
that passed while the node was off, the last one is caught up with. A fault that may pass (`retry_helps`) is tried
again after DELAYS; a lasting one waits for the next due time or for a mended contract, a held run for a person.
A watched folder is looked at every minute, or, with a schedule, from its due time until something has come.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

from cronsim import CronSim
from django.utils import timezone
from django_q.models import OrmQ, Schedule

from jingwei.catalog.contracts import Contract
from jingwei.collection import queue, service, sources, watching
from jingwei.collection.connectors.folder import look as files_in
from jingwei.collection.models import Run
from jingwei.collection.queue import Waiting
from jingwei.kernel.errors import JingweiError
from jingwei.kernel.text import Text

DELAYS = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=15), timedelta(minutes=60))
"""How long after a passing fault a run is tried again; after the last one it waits for its next due time."""
GRACE = timedelta(hours=1)
"""So long a due run may take before it is late."""
CLOCK = timedelta(hours=1)
"""So far a clock may be put back without a run that lies in the future being taken for a mistake of the clock."""
LOOKED_AT = 40
"""Newest runs of a resource that the plan looks at."""
FAR = timedelta(days=36_500)
TICK = "jingwei.collection.schedules.every_minute"
NAME = "collection plan"
BY = "(plan)"

NEVER = Text("还从来没有读成过", "never read so far")

Dropped = Callable[[Run | None], bool]
"""Of a watched folder: whether something new lies there, given the newest run."""


@dataclass(frozen=True)
class Owed:
    """What is to be done now: the due time to serve, the number of the attempt that serves it, and when it is
    tried again if not now."""

    due: datetime | None = None
    attempt: int = 1
    retry_at: datetime | None = None


@dataclass(frozen=True)
class Planned:
    """One resource in the plan. `due` is the due time that is to be served now; None where nothing is to be
    done. `why` says why it is `late`. Times are in the node's time zone."""

    contract: Contract
    last_due: datetime | None
    next_due: datetime | None
    last_run: Run | None
    last_done: Run | None
    due: datetime | None
    attempt: int
    retry_at: datetime | None
    late: bool
    why: Text | None

    @property
    def resource(self) -> str:
        return self.contract.id

    @property
    def schedule(self) -> str | None:
        return self.contract.schedule

    @property
    def cycle(self) -> timedelta | None:
        return self.contract.cycle

    @property
    def watched(self) -> bool:
        return watching.is_watched(self.contract)

    @property
    def waiting(self) -> Waiting | None:
        return queue.waiting(self.contract.id)


def due_before(schedule: str, now: datetime) -> datetime:
    """The last due time at or before `now`."""
    local = timezone.localtime(now).replace(microsecond=0)
    return next(CronSim(schedule, local + timedelta(seconds=1), reverse=True))


def due_after(schedule: str, now: datetime) -> datetime:
    """The first due time after `now`."""
    return next(CronSim(schedule, timezone.localtime(now)))


def plan(now: datetime | None = None) -> list[Planned]:
    """Every resource with a schedule, a promised cycle or a watched folder: late ones first, then by what comes."""
    now = timezone.localtime(now or timezone.now())
    found = [_planned(contract, now) for contract in service.resources().values() if _is_planned(contract)]
    return sorted(found, key=lambda one: (not one.late, one.next_due or now + FAR, one.resource))


def planned(resource: str, now: datetime | None = None) -> Planned | None:
    """The plan of one resource; None where it has neither schedule nor cycle nor a watched folder."""
    contract = service.contract_of(resource)
    return _planned(contract, timezone.localtime(now or timezone.now())) if _is_planned(contract) else None


def _is_planned(contract: Contract) -> bool:
    return bool(contract.schedule or contract.cycle or watching.is_watched(contract))


def _planned(contract: Contract, now: datetime) -> Planned:
    light = Run.objects.filter(resource=contract.id).exclude(kind=Run.REPAIR)
    light = light.defer("facts", "reasons", "steps")
    runs = list(light[:LOOKED_AT])
    if not any(run.state == Run.DONE for run in runs):
        runs += list(light.filter(state=Run.DONE)[:1])
    if not watching.is_watched(contract):
        return look(contract, runs, now)
    try:
        return look(contract, runs, now, partial(_dropped, contract))
    except JingweiError as exc:
        # The folder is gone: nothing can be due, and somebody has to know why.
        return replace(look(contract, runs, now, lambda newest: False), late=True, why=exc.what)


def look(contract: Contract, runs: Sequence[Run], now: datetime, dropped: Dropped | None = None) -> Planned:
    """What the plan says of a resource, given its runs. `dropped` is given for a watched folder."""
    now = timezone.localtime(now)
    # A run far in the future was begun while the clock was wrong: it says nothing about today.
    runs = [run for run in runs if min(run.started, run.planned or run.started) <= now + CLOCK]
    done = [run for run in runs if run.state == Run.DONE]
    last_due = due_before(contract.schedule, now) if contract.schedule else None
    since = [run for run in runs if last_due is None or _serves(run, last_due)]
    owed = Owed()
    if dropped is not None:
        due = last_due or now.replace(second=0, microsecond=0)
        owed = _owed_by_folder(contract, due, since, now, dropped)
    elif last_due is not None and contract.server is not None:
        owed = _owed(contract, last_due, since, now)
    why = _late(contract, done, now)
    return Planned(
        contract=contract,
        last_due=last_due,
        next_due=due_after(contract.schedule, now) if contract.schedule else None,
        last_run=max(runs, key=lambda run: run.started, default=None),
        last_done=max(done, key=lambda run: run.started, default=None),
        due=owed.due,
        attempt=owed.attempt,
        retry_at=owed.retry_at,
        late=why is not None,
        why=why,
    )


def _serves(run: Run, due: datetime) -> bool:
    """Whether the run was begun for this due time, or since."""
    return run.planned == due or run.started >= due or (run.planned is not None and run.planned > due)


def _owed(contract: Contract, due: datetime, since: Sequence[Run], now: datetime) -> Owed:
    """`since`: the runs that were begun for this due time, or after it."""
    if not since:
        return Owed(due)
    if any(run.state in (Run.DONE, Run.RUNNING) for run in since):
        return Owed()
    return _again(contract, due, _newest(since), now)


def _owed_by_folder(
    contract: Contract, due: datetime, since: Sequence[Run], now: datetime, dropped: Dropped
) -> Owed:
    if contract.schedule and any(run.state == Run.DONE for run in since):
        return Owed()
    newest = _newest(since) if since else None
    if newest is not None and newest.state == Run.RUNNING:
        return Owed()
    if newest is not None and newest.state != Run.DONE:
        again = _again(contract, due, newest, now)
        if again.due or again.retry_at:
            return again
    return Owed(due) if dropped(newest) else Owed()


def _newest(since: Sequence[Run]) -> Run:
    """The last run; of attempts for one due time the highest, whatever the clock said when they began."""
    last = max(since, key=lambda run: run.started)
    return max(
        (run for run in since if run.planned == last.planned), key=lambda run: (run.attempt, run.started)
    )


def _again(contract: Contract, due: datetime, failed: Run, now: datetime) -> Owed:
    """Whether a run that failed or is held is to be repeated: after a passing fault, or with a mended contract."""
    if failed.contract_version != contract.version:
        return Owed(due, failed.attempt + 1)
    again = retry_at(failed)
    if again is None:
        return Owed()
    # A clock put back must not make a retry wait for the hours it was ahead.
    again = min(again, now + DELAYS[failed.attempt - 1])
    return Owed(due if again <= now else None, failed.attempt + 1, again)


def retry_at(run: Run) -> datetime | None:
    """When a run that failed by a passing fault is tried again; None where it is not."""
    passing = run.state == Run.FAILED and bool((run.error or {}).get("retry_helps"))
    if not passing or run.attempt > len(DELAYS):
        return None
    return timezone.localtime((run.ended or run.started) + DELAYS[run.attempt - 1])


def _dropped(contract: Contract, newest: Run | None) -> bool:
    """Whether the watched folder holds what is worth a run. What stopped at a file that is wrong, or waits for a
    person, goes on once somebody has touched the folder."""
    if newest is not None and newest.state != Run.DONE and newest.ended is not None:
        assert contract.server is not None
        folder, pattern = Path(sources.place_of(contract, None)), str(contract.server.options["pattern"])
        files = files_in(folder, pattern, 0).files.values()
        touched = max((max(one.st_mtime, one.st_ctime) for one in files), default=0.0)
        if touched <= newest.ended.timestamp():
            return False
    return bool(watching.waiting(contract).ready)


def _late(contract: Contract, done: Sequence[Run], now: datetime) -> Text | None:
    """Why a resource is late, if it is."""
    if contract.schedule:
        wanted = due_before(contract.schedule, now - GRACE)
        if not done:
            return NEVER
        if not any(_serves(run, wanted) for run in done):
            said = Text("{due} 该读的还没有读成", "what was due {due} has not been read")
            return said.fill(due=f"{wanted:%Y-%m-%d %H:%M}")
    if contract.cycle:
        if not done:
            return NEVER
        last = max(run.ended or run.started for run in done)
        if now > last + contract.cycle + GRACE:
            said = Text(
                "承诺每 {promised} 更新，上次是 {last}", "promised every {promised}, last read {last}"
            )
            return said.fill(promised=contract.promised, last=f"{timezone.localtime(last):%Y-%m-%d %H:%M}")
    return None


def past(days: int = 7, resource: str | None = None) -> list[Run]:
    """Runs the plan began, newest first."""
    since = timezone.now() - timedelta(days=days)
    found = Run.objects.filter(planned__isnull=False, started__gte=since)
    return list(found.filter(resource=resource) if resource else found)


def coming(now: datetime | None = None, hours: int = 24) -> list[tuple[datetime, Contract]]:
    """What is due in the next hours, in order."""
    now = timezone.localtime(now or timezone.now())
    until = now + timedelta(hours=hours)
    found = []
    for contract in service.resources().values():
        if not contract.schedule:
            continue
        due = due_after(contract.schedule, now)
        while due <= until:
            found.append((due, contract))
            due = due_after(contract.schedule, due)
    return sorted(found, key=lambda one: (one[0], one[1].id))


def due(now: datetime | None = None) -> list[Planned]:
    """What is to be served now and neither waits in the queue nor is going on."""
    service.recover()
    return [one for one in plan(now) if one.due is not None and one.waiting is None]


def serve(one: Planned) -> list[Run]:
    """Serves a due time here and now, without the queue; returns the runs that came of it."""
    queue.perform(one.resource, BY, planned=one.due, attempt=one.attempt)
    return list(Run.objects.filter(resource=one.resource, planned=one.due, attempt=one.attempt))


def tick(now: datetime | None = None) -> list[Planned]:
    """Queues what is due; called every minute by the worker, or by `jingwei schedule run`. Returns what it queued."""
    queued = [
        one
        for one in due(now)
        if queue.enqueue(one.resource, started_by=BY, planned=one.due, attempt=one.attempt)
    ]
    _only_tick()
    return queued


def every_minute() -> int:
    """The worker's tick; how many collections it queued."""
    return len(tick())


def _only_tick() -> None:
    """Ticks that queued up behind a long collection would say nothing new."""
    stale = [one.pk for one in OrmQ.objects.filter(lock__lte=timezone.now()) if _is_tick(one)]
    OrmQ.objects.filter(pk__in=stale).delete()


def _is_tick(queued: OrmQ) -> bool:
    task = queued.task
    return isinstance(task, dict) and task.get("func") == TICK


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
