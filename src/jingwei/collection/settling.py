"""How a run ended that did not end by itself: broken off by an exception, or its process killed.

The lake is asked, never guessed: a run is committed together with its receipt, so a run without one
changed nothing, and one with a receipt is what the receipt says, whatever happened afterwards.
"""

from __future__ import annotations

import logging
import secrets
from typing import Any

import duckdb
from django.db import DatabaseError
from django.utils import timezone

from jingwei.collection import publishing
from jingwei.collection.errors import RunInterrupted, RunKilled, RunNotNoted
from jingwei.collection.models import Run
from jingwei.engines import lake
from jingwei.engines.faults import is_disk_full
from jingwei.kernel.errors import Busy, DiskFull, InternalFault, JingweiError
from jingwei.kernel.home import home
from jingwei.kernel.locks import exclusive
from jingwei.kernel.text import Text

PUBLISH = "publish"
"""The step in which a run is committed: before it, nothing can have changed."""
RESOURCE = Text("信息资源", "resource")
log = logging.getLogger(__name__)


def purpose(run: Run) -> str:
    """Names the run's transaction in the lake's history."""
    return f"collect {run.resource} {run.id}"


def end(run: Run, exc: BaseException) -> bool:
    """Notes how a run ended that an exception broke off; says whether the lake has it nevertheless."""
    why = _reason(exc)
    try:
        if any(step["step"] == PUBLISH for step in run.steps) and _committed(run):
            run.save()
            return True
        run.state, run.ended, run.error = Run.FAILED, timezone.now(), _told(why)
        run.save()
    except (DatabaseError, duckdb.Error, OSError, JingweiError) as second:
        # The run still says running; `recover` settles it when the stores can be written again.
        log.warning("run %s could not be noted: %s", run.id, second)
        if run.state in (Run.DONE, Run.HELD):
            raise RunNotNoted(run=run.id, why=str(second).splitlines()[0]) from exc
    if isinstance(exc, Exception) and why is not exc:
        raise why from exc
    return False


def _reason(exc: BaseException) -> JingweiError:
    """The error of the tree that stands for the exception."""
    if isinstance(exc, JingweiError):
        return exc
    if isinstance(exc, KeyboardInterrupt):
        return RunInterrupted()
    if is_disk_full(exc, home()):
        return DiskFull(path=home())
    reference = secrets.token_hex(4)
    log.error("fault %s", reference, exc_info=exc)
    return InternalFault(reference=reference, log=home() / "logs" / "jingwei.log")


def _told(error: JingweiError) -> dict[str, Any]:
    return {
        "error": error.code,
        "what": error.what._asdict(),
        "means": error.means._asdict(),
        "do": error.do._asdict(),
        "retry_helps": error.retry_helps,
    }


def recover(resource: str | None = None) -> list[Run]:
    """Settles runs that say running although nobody works on them: their process was killed.

    The lake's receipt tells whether the run was committed. Called with the resource's lock held,
    or for all resources whose lock is free.
    """
    settled = []
    waiting = Run.objects.filter(state=Run.RUNNING)
    if resource is not None:
        waiting = waiting.filter(resource=resource)
    for run in waiting:
        if resource is not None:
            settled += [run] if _settle(run) else []
            continue
        try:
            with exclusive(f"collect-{run.resource}", RESOURCE):
                settled += [run] if _settle(run) else []
        except Busy:
            continue
    return settled


def _settle(run: Run) -> bool:
    """Notes how a run ended whose process is gone; False if it had ended by itself meanwhile."""
    run.refresh_from_db()
    if run.state != Run.RUNNING:
        return False
    if not _committed(run):
        run.state, run.error, run.ended = Run.FAILED, _told(RunKilled()), timezone.now()
    run.save()
    return True


def _committed(run: Run) -> bool:
    """Whether the lake has the run's receipt; if so, the run is made what the receipt says."""
    engine = lake()
    with engine.read() as con:
        found = publishing.find_receipt(con, engine, run.id)
        if found is None:
            return False
        for name, value in {"state": Run.DONE, **found}.items():
            setattr(run, name, value)
        run.snapshot = engine.committed(con, purpose(run))
    run.ended = run.ended or timezone.now()
    return True
