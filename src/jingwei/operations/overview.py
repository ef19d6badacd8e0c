"""What an administrator sees of the running node: health, jobs, disk, backups, versions."""

from __future__ import annotations

import platform
import shutil
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib.metadata import version
from pathlib import Path

from django.db import connection
from django_q.models import Failure, OrmQ, Schedule

from jingwei.kernel.home import home
from jingwei.kernel.text import Text
from jingwei.operations.backup.service import Kept, kept
from jingwei.operations.errors import BackupDamaged, BackupNewer, NoBackup
from jingwei.settings import options

SHOWN = 7
FRESH = timedelta(days=2)
PARTS = (
    (Text("数据湖", "Lake"), "lake"),
    (Text("文件", "Files"), "files"),
    (Text("日志", "Log"), "logs"),
    (Text("临时", "Scratch"), "tmp"),
)
JOBS = {
    "collection plan": Text("看采集计划", "looking at the plan of collections"),
    "ledger sealing": Text("封存台账", "sealing the ledger"),
    "inbox": Text("催办和通知", "deadlines and notices"),
    "audit nightly": Text("找异常使用", "looking for unusual use"),
    "upkeep": Text("保养数据湖", "upkeep of the lake"),
}


@dataclass(frozen=True)
class Backups:
    """What is known of backups. `fault` says why the folder tells nothing."""

    named: bool
    all: list[Kept]
    fresh: bool
    fault: str = ""


def backups() -> Backups:
    folder = options.BACKUPS.value
    if not folder:
        return Backups(False, [], False)
    try:
        found = kept(Path(folder))
    except (BackupDamaged, BackupNewer, NoBackup, OSError) as exc:
        return Backups(True, [], False, str(getattr(exc, "what", "")) or type(exc).__name__)
    fresh = bool(found) and datetime.now(UTC) - found[0].made < FRESH
    return Backups(True, found[:SHOWN], fresh)


def disk() -> list[tuple[Text, int]]:
    """What takes how many bytes on the home's disk, the free space last."""
    sizes = [(title, _size(home() / name)) for title, name in PARTS]
    database = sum(path.stat().st_size for path in home().glob("operational.sqlite*"))
    if database:
        sizes.insert(1, (Text("业务库", "Operational store"), database))
    return [*sizes, (Text("还剩", "Free"), shutil.disk_usage(home()).free)]


def _size(folder: Path) -> int:
    total = 0
    for path in folder.rglob("*"):
        try:
            total += path.stat().st_size
        except OSError:
            continue  # gone meanwhile
    return total


def jobs() -> tuple[int, int, list[tuple[Text | str, datetime]]]:
    """How many wait, how many failed, and what comes by itself when."""
    coming = [(JOBS.get(one.name, one.name), one.next_run) for one in Schedule.objects.order_by("next_run")]
    return OrmQ.objects.count(), Failure.objects.count(), coming


def versions() -> list[tuple[str, str]]:
    store = "PostgreSQL" if connection.vendor == "postgresql" else "SQLite"
    with connection.cursor() as cursor:
        cursor.execute(
            "SHOW server_version" if connection.vendor == "postgresql" else "SELECT sqlite_version()"
        )
        told = cursor.fetchone()[0]
    return [
        ("Jingwei", version("jingwei")),
        (store, told),
        ("DuckDB", version("duckdb")),
        ("Django", version("django")),
        ("Python", platform.python_version()),
    ]
