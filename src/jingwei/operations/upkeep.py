"""Keeps the lake small and swift without touching what anybody may still ask of it.

    files retired by the last upkeep ─ removed          no reader of today can still be at them
    small files of a table ─ merged                     every snapshot still reads the same rows
    snapshots that nothing refers to ─ expired ─▶ their files retired, and removed by the next upkeep
    files no snapshot knows ─ removed                   under the writers' lock, since writers write under it alone

Kept are: the newest snapshot; all of the last KEEP_SNAPSHOTS days; those that builds of registers stand on for
KEEP_HISTORY days, the newest build's always, since history and "as known then" read them; and for each register
the snapshot its last build read with the one after it, because the next linking asks what changed since then.
A row of a lake table is never changed here.
"""

from __future__ import annotations

import json
import time
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
from django.db import transaction
from django.utils import timezone

from jingwei.engines import lake
from jingwei.engines.duckdb.lake import LAKE
from jingwei.kernel import ledger
from jingwei.kernel.home import home
from jingwei.kernel.locks import exclusive
from jingwei.kernel.scratch import Scratch
from jingwei.operations.backup.taking import KEEPING
from jingwei.registers.models import ServingState
from jingwei.settings import options

LEAST_DAYS = 1
READERS = timedelta(hours=1)
"""No reader stays so long with a file that was retired."""
OLD = timedelta(days=1)
"""Files in `tmp` older than this belong to nobody."""
LINKED = "link "
PURPOSE = "upkeep"


@dataclass
class Kept:
    """What an upkeep did, or with `dry` would do."""

    dry: bool
    files_before: int = 0
    files_after: int = 0
    bytes_before: int = 0
    bytes_after: int = 0
    removed: int = 0
    """Files the last upkeep had retired."""
    merged: int = 0
    expired: list[int] = field(default_factory=list)
    snapshots: int = 0
    orphans: int = 0
    scratch: int = 0
    seconds: float = 0.0

    @property
    def facts(self) -> dict[str, Any]:
        return asdict(self)


def upkeep(*, dry: bool = False, now: datetime | None = None) -> Kept:
    """Does one round. `dry` only says what would be expired. Raises Busy while a backup is taken."""
    began, moment = time.monotonic(), now or timezone.now()
    done = Kept(dry)
    with exclusive("keeping", KEEPING, wait=600), lake().connect() as con:
        done.files_before, done.bytes_before = _size()
        if not dry:
            done.removed = _remove_retired(con, moment)
            done.merged = _merge(con)
        going, staying = expirable(con, moment)
        done.expired, done.snapshots = going, len(staying)
        if not dry:
            _expire(con, going)
            done.orphans = _remove_orphans(con)
            done.scratch = _sweep(moment)
        done.files_after, done.bytes_after = _size()
    done.seconds = round(time.monotonic() - began, 2)
    if not dry:
        with transaction.atomic():
            ledger.record(
                None, "operations.upkeep", f"{len(done.expired)} snapshots, {done.merged} files merged"
            )
    return done


def expirable(con: duckdb.DuckDBPyConnection, now: datetime) -> tuple[list[int], list[int]]:
    """Snapshots that may go, and those that stay."""
    lately = now - timedelta(days=max(options.KEEP_SNAPSHOTS.value, LEAST_DAYS))
    history = now - timedelta(days=max(options.KEEP_HISTORY.value, LEAST_DAYS))
    rows = con.execute(
        "SELECT snapshot_id, snapshot_time, coalesce(commit_message, '') FROM lake.snapshots() ORDER BY snapshot_id"
    ).fetchall()
    needed = _needed(con) | {rows[-1][0]}
    newest_build = {message: number for number, _, message in rows if message.startswith(LINKED)}
    needed |= set(newest_build.values())
    going = [
        number
        for number, made, message in rows
        if number not in needed and made < (history if message.startswith(LINKED) else lately)
    ]
    gone = set(going)
    return going, [number for number, _, _ in rows if number not in gone]


def _needed(con: duckdb.DuckDBPyConnection) -> set[int]:
    """Snapshots that the registers refer to by number."""
    needed = set(ServingState.objects.values_list("snapshot", flat=True))
    if lake().exists(con, "register", "builds"):
        rows = con.execute(
            "SELECT arg_max(facts::VARCHAR, built) FROM lake.register.builds GROUP BY register"
        ).fetchall()
        for (facts,) in rows:
            read = (json.loads(facts).get("next") or {}).get("read")
            needed |= {read, read + 1} if read is not None else set()
    return needed


def _merge(con: duckdb.DuckDBPyConnection) -> int:
    with lake().transaction(con, PURPOSE):
        return sum(
            int(row[2]) for row in con.execute("CALL ducklake_merge_adjacent_files('lake')").fetchall()
        )


def _expire(con: duckdb.DuckDBPyConnection, going: list[int]) -> None:
    if going:
        with exclusive("lake", LAKE, wait=600):
            con.execute(f"CALL ducklake_expire_snapshots('lake', versions => {going})")


def _remove_retired(con: duckdb.DuckDBPyConnection, now: datetime) -> int:
    """Removes what earlier upkeeps retired, unless the latest of that is so fresh that somebody may read it still."""
    row = con.execute(
        "SELECT count(*), max(CAST(schedule_start AS TIMESTAMPTZ)) FROM __ducklake_metadata_lake.ducklake_files_scheduled_for_deletion"
    ).fetchone()
    if row is None or not row[0] or row[1] > now - READERS:
        return 0
    with exclusive("lake", LAKE, wait=600):
        return len(con.execute("CALL ducklake_cleanup_old_files('lake', cleanup_all => true)").fetchall())


def _remove_orphans(con: duckdb.DuckDBPyConnection) -> int:
    with exclusive("lake", LAKE, wait=600):
        return len(con.execute("CALL ducklake_delete_orphaned_files('lake', cleanup_all => true)").fetchall())


def _sweep(now: datetime) -> int:
    """Scratch space of killed processes, and old files that lie in `tmp`; folders in use are locked."""
    folder = home() / "tmp"
    before = len(list(folder.iterdir()))
    Scratch(folder).remove()
    for one in folder.iterdir():
        old = datetime.fromtimestamp(one.stat().st_mtime, tz=now.tzinfo) < now - OLD
        if old and one.is_file() and one.suffix != ".lock":
            one.unlink(missing_ok=True)
    return max(0, before - len(list(folder.iterdir())))


def _size() -> tuple[int, int]:
    sizes = [path.stat().st_size for path in Path(home() / "lake" / "data").rglob("*.parquet")]
    return len(sizes), sum(sizes)
