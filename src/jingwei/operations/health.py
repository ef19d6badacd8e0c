"""Whether the node can do its work now, looked at anew each time it is asked.

What it cannot answer without makes it not ready: operational store, migrations, lake, files, disk. What only
makes its work late is a warning: no worker, a ledger that nobody seals.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from django.db import connection
from django.utils import timezone

from jingwei.engines import lake
from jingwei.kernel import ledger
from jingwei.kernel.errors import Busy
from jingwei.kernel.home import home
from jingwei.kernel.locks import exclusive
from jingwei.kernel.text import Text
from jingwei.operations.migrating import unapplied
from jingwei.settings import options

SEALED_WITHIN = timedelta(hours=25)
WORKER = Text("采集作业", "the collecting of this node")


@dataclass(frozen=True)
class Check:
    """One thing looked at. `needed` ones decide whether the node is ready."""

    name: str
    title: Text
    ok: bool
    said: Text
    needed: bool = True


def checks() -> list[Check]:
    return [look() for look in (_operational, _migrations, _lake, _files, _disk, _worker, _ledger)]


def ready(found: list[Check]) -> bool:
    return all(check.ok for check in found if check.needed)


def _tried(name: str, title: Text, look: Callable[[], Text], needed: bool = True) -> Check:
    """What goes wrong is told by its kind alone: addresses and paths are nobody's outside."""
    try:
        return Check(name, title, True, look(), needed)
    except Exception as exc:  # whatever it is, the node is not ready and has to say so
        return Check(name, title, False, Text(type(exc).__name__, type(exc).__name__), needed)


def _operational() -> Check:
    def look() -> Text:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        return Text("能读写", "answers")

    return _tried("operational", Text("业务库", "Operational store"), look)


def _migrations() -> Check:
    title = Text("数据库结构", "Migrations")
    try:
        missing = len(unapplied())
    except Exception as exc:  # the store itself is told of by its own check
        return Check("migrations", title, False, Text(type(exc).__name__, type(exc).__name__))
    said = (
        Text("还有 {n} 项没有升级", "{n} not applied").fill(n=missing)
        if missing
        else Text("最新", "up to date")
    )
    return Check("migrations", title, not missing, said)


def _lake() -> Check:
    def look() -> Text:
        with lake().read() as con:
            return Text("第 {n} 版", "snapshot {n}").fill(n=lake().snapshot(con))

    return _tried("lake", Text("数据湖", "Lake"), look)


def _files() -> Check:
    def look() -> Text:
        for folder in ("files", "tmp", "lake/data"):
            if not os.access(home() / folder, os.W_OK | os.X_OK):
                raise PermissionError
        return Text("能写", "writable")

    return _tried("files", Text("文件", "Files"), look)


def _disk() -> Check:
    free = shutil.disk_usage(home()).free // 1_000_000
    said = Text("剩 {n:,} MB", "{n:,} MB free").fill(n=free)
    return Check("disk", Text("磁盘", "Disk"), free >= options.LEAST_DISK.value, said)


def worker_alive() -> bool:
    """A worker holds its lock as long as it lives."""
    try:
        with exclusive("worker", WORKER):
            return False
    except Busy:
        return True


def _worker() -> Check:
    alive = worker_alive()
    said = (
        Text("在运行", "runs")
        if alive
        else Text("没有运行：到点不会采集", "not running: nothing is collected")
    )
    return Check("worker", Text("作业进程", "Worker"), alive, said, needed=False)


def _ledger() -> Check:
    def look() -> Text:
        state = ledger.status()
        if state.waiting_since and timezone.now() - state.waiting_since > SEALED_WITHIN:
            raise TimeoutError
        return Text("{n} 条待封存", "{n} entries wait for their seal").fill(n=state.unsealed)

    return _tried("ledger", Text("台账封存", "Ledger"), look, needed=False)
