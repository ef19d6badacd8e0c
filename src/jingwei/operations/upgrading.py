"""Brings a home to this version: look, back up, change, say what changed.

nobody works on it ─ what is missing ─▶ backup to one point ─▶ migrations ─▶ lake prepared ─▶ what was done
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from django.core.management import call_command

from jingwei.engines import lake
from jingwei.kernel import ledger
from jingwei.kernel.errors import BadInput
from jingwei.kernel.home import home, make
from jingwei.kernel.text import Text
from jingwei.operations.backup import taking
from jingwei.operations.health import worker_alive
from jingwei.operations.migrating import unapplied


class StillRunning(BadInput):
    code = "still-running"
    what = Text("作业进程还在运行。", "The worker is still running.")
    do = Text("先停下 worker 和 serve，再升级。", "Stop worker and serve, then upgrade.")


class BackUpFirst(BadInput):
    code = "back-up-first"
    what = Text(
        "要改 {n} 处结构，没有说备份到哪里。", "{n} changes wait, and no folder for a backup is given."
    )
    do = Text(
        "加 --backup 文件夹（或设 JINGWEI_BACKUPS）；另有备份时用 --no-backup。",
        "Give --backup FOLDER (or set JINGWEI_BACKUPS); with a backup of your own, --no-backup.",
    )


@dataclass(frozen=True)
class Upgraded:
    applied: list[str]
    backup: Path | None


def upgrade(backup: Path | None, say: Callable[[Text], None], *, without: bool = False) -> Upgraded:
    """Raises StillRunning, BackUpFirst, and what a backup raises. Nothing is changed before the backup is whole."""
    waiting = unapplied()
    if not waiting:
        return Upgraded([], None)
    if worker_alive():
        raise StillRunning()
    if backup is None and not without:
        raise BackUpFirst(n=len(waiting))
    # The ledger's own tables may be among what is changed, so that the entry comes afterwards.
    taken = taking.take(backup, say=say, on_record=False).folder if backup is not None else None
    say(Text("升级 {n} 处结构", "applying {n} changes").fill(n=len(waiting)))
    make(home())
    call_command("migrate", verbosity=0, interactive=False)
    lake().prepare()
    if taken is not None:
        ledger.record(None, "operations.back_up", taken.name)
    ledger.record(None, "operations.upgrade", f"{len(waiting)} migrations")
    return Upgraded(waiting, taken)
