"""Takes a backup beside a running node.

    lock the lake ─ pin operational store and catalog ─ unlock       milliseconds: nobody may commit between the two
    copy both databases, from their pinned views
    copy what the pinned catalog names, and the rest of the home     immutable files: what an earlier backup has is linked
    count ─ manifest ─ rename                                        the name is given when all of it is there

The lake commits before the operational store hears of it, so that the store never names a snapshot the catalog
lacks; a run or a link between its two commits is, in the restored node, what a killed one is, and is settled alike.
Upkeep, the one thing that removes data files, waits until the backup has ended.
"""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from django.conf import settings
from django.db.migrations.recorder import MigrationRecorder
from filelock import FileLock, Timeout

from jingwei.engines import lake
from jingwei.engines.duckdb.lake import LAKE
from jingwei.engines.faults import is_disk_full
from jingwei.kernel import ledger
from jingwei.kernel.errors import Busy, DiskFull
from jingwei.kernel.home import home
from jingwei.kernel.locks import exclusive
from jingwei.kernel.text import Text
from jingwei.operations.backup import manifest, parts, stores
from jingwei.operations.backup.manifest import Entry, Manifest, Store
from jingwei.operations.backup.stores import Pinned
from jingwei.operations.errors import (
    BackupFolderTaken,
    BackupInsideHome,
    NotEnoughRoom,
    StoreNotWhole,
)

KEEPING = Text("数据的保管", "the keeping of the data")
BACKUP = Text("备份文件夹", "the folder of backups")
Say = Callable[[Text], None]


@dataclass(frozen=True)
class Taken:
    folder: Path
    manifest: Manifest
    linked: int
    """Files that an earlier backup had already."""
    seconds: float
    removed: list[str]
    """Older backups that went, where only so many are kept."""


def take(
    folder: Path,
    *,
    keep: int = 0,
    secrets: bool = True,
    whole: bool = False,
    say: Say = lambda text: None,
    on_record: bool = True,
) -> Taken:
    """Writes a new backup into `folder`. `keep` removes all but so many of the newest afterwards, `secrets`
    False leaves keys out, `whole` copies also what an earlier backup there holds.

    Raises BackupInsideHome, BackupFolderTaken, NotEnoughRoom, DiskFull, StoreNotWhole, Busy, ToolFailed."""
    folder = folder.expanduser().resolve()
    if folder.is_relative_to(home().resolve()):
        raise BackupInsideHome(home=home())
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    started = time.monotonic()
    with _alone(folder), exclusive("keeping", KEEPING, wait=600):
        _sweep(folder)
        earlier = {} if whole else _earlier(folder)
        moment = datetime.now(UTC)
        target = folder / f"{moment:%Y-%m-%dT%H%M%SZ}"
        half = folder / f"{manifest.UNFINISHED}-{target.name}"
        try:
            half.mkdir(mode=0o700)
            work = _Work(half, earlier, secrets, say)
            made = work.do(moment)
            manifest.write(half, made)
            os.sync()
            half.rename(target)
        except BaseException as exc:
            shutil.rmtree(half, ignore_errors=True)
            if is_disk_full(exc, folder):
                raise DiskFull(path=folder) from exc
            raise
        removed = _keep(folder, keep)
    if on_record:
        ledger.record(None, "operations.back_up", target.name)
    return Taken(target, made, work.linked, time.monotonic() - started, removed)


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """One backup at a time into a folder, whichever home it is of; what is not ours there is refused."""
    strange = next((one.name for one in folder.iterdir() if not _ours(one)), None)
    if strange is not None:
        raise BackupFolderTaken(folder=folder, found=strange)
    lock = FileLock(folder / manifest.LOCK)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        raise Busy(what=BACKUP, holder=str(folder)) from None
    try:
        yield
    finally:
        lock.release()


def _ours(path: Path) -> bool:
    return path.name.startswith((manifest.UNFINISHED, manifest.LOCK)) or (path / manifest.SEAL).is_file()


def _sweep(folder: Path) -> None:
    """Removes what killed backups began: nobody else holds the folder's lock."""
    for half in folder.glob(f"{manifest.UNFINISHED}-*"):
        shutil.rmtree(half, ignore_errors=True)


def _earlier(folder: Path) -> dict[str, tuple[Path, Entry]]:
    """What the newest backup holds, by name."""
    found = manifest.all_in(folder)
    if not found:
        return {}
    return {name: (found[-1] / name, entry) for name, entry in manifest.read(found[-1]).files.items()}


def _keep(folder: Path, keep: int) -> list[str]:
    gone = manifest.all_in(folder)[:-keep] if keep else []
    for one in gone:
        # Renamed first: a backup that is half removed must not look like one.
        half = folder / f"{manifest.UNFINISHED}-{one.name}"
        one.rename(half)
        shutil.rmtree(half, ignore_errors=True)
    return [one.name for one in gone]


class _Work:
    """One backup in the making."""

    def __init__(self, half: Path, earlier: dict[str, tuple[Path, Entry]], secrets: bool, say: Say) -> None:
        self.half, self.earlier, self.secrets, self.say = half, earlier, secrets, say
        self.files: dict[str, Entry] = {}
        self.linked = 0

    def do(self, moment: datetime) -> Manifest:
        with ExitStack() as stack:
            self.say(Text("停住两个库的一刻", "holding both databases still"))
            operational, catalog, rest, held = self._pin(stack)
            snapshot = int(catalog.rows("SELECT max(snapshot_id) FROM ducklake_snapshot")[0][0])
            data = parts.lake_files(catalog, home() / parts.DATA)
            self._require_room(operational.size() + catalog.size(), [*data, *rest])
            self.say(Text("拷贝业务库", "copying the operational store"))
            operational_file = self._database(operational, "operational")
            catalog_file = self._database(catalog, "lake/catalog")
            self.say(Text("拷贝数据湖 {n} 个文件", "copying {n} files of the lake").fill(n=len(data)))
            self._lake(data)
            self.say(Text("拷贝其余 {n} 个文件", "copying {n} other files").fill(n=len(rest)))
            keys = self._rest(rest)
            self.say(Text("清点", "counting"))
            return Manifest(
                made=moment.isoformat(timespec="seconds"),
                version=version("jingwei"),
                operational=Store(
                    operational.kind, operational_file, operational.counts(), operational.digests(),
                    migrations=sorted(f"{app}.{name}" for app, name in _migrations(operational)),
                ),
                lake=Store(
                    catalog.kind, catalog_file, catalog.counts(), catalog.digests(),
                    snapshot=snapshot, rows=lake().counts(snapshot),
                ),
                files=self.files,
                secrets=keys,
                held=round(held, 4),
            )  # fmt: skip

    def _pin(self, stack: ExitStack) -> tuple[Pinned, Pinned, list[str], float]:
        operational, catalog = stores.operational_address(), stores.lake_address()
        with exclusive("lake", LAKE, wait=600):
            began = time.monotonic()
            pinned: list[Pinned] = [
                stack.enter_context(stores.pinned_postgresql(operational))
                if operational
                else stack.enter_context(stores.pinned_sqlite(Path(settings.DATABASES["default"]["NAME"]))),
                stack.enter_context(stores.pinned_postgresql(catalog))
                if catalog
                else stack.enter_context(stores.pinned_sqlite(home() / "lake" / "catalog.sqlite")),
            ]
            rest = list(parts.others(home()))
            held = time.monotonic() - began
        return pinned[0], pinned[1], rest, held

    def _require_room(self, databases: int, names: list[str]) -> None:
        needed = databases + sum(
            (home() / name).stat().st_size
            for name in names
            if not self._unchanged(name) and (home() / name).exists()
        )
        free = shutil.disk_usage(self.half).free
        if needed > free:
            raise NotEnoughRoom(folder=self.half.parent, free=free >> 20, needed=(needed >> 20) + 1)

    def _database(self, store: Pinned, name: str) -> str:
        file = f"{name}.{store.suffix}"
        store.copy(self.half / file)
        facts = (self.half / file).stat()
        self.files[file] = Entry(manifest.digest(self.half / file), facts.st_size, facts.st_mtime_ns, 0o600)
        return file

    def _lake(self, names: list[str]) -> None:
        missing = []
        for name in names:
            try:
                self._file(name, name)
            except FileNotFoundError:
                missing.append(name)
        if missing:
            raise StoreNotWhole(missing=", ".join(missing[:3]))

    def _rest(self, names: list[str]) -> list[str]:
        keys = []
        for name in names:
            try:
                if not parts.is_secret(name):
                    self._file(name, name)
                    continue
                keys.append(name)
                if self.secrets:
                    inside = f"{manifest.SECRETS}/{name}"
                    (self.half / manifest.SECRETS).mkdir(mode=0o700, exist_ok=True)
                    self.files[inside] = manifest.copy(home() / name, self.half / inside, 0o600)
            except FileNotFoundError:
                continue  # taken away after the point in time, by whom the operational store tells
        return keys

    def _unchanged(self, name: str) -> tuple[Path, Entry] | None:
        """The earlier backup's copy of a file that has not changed since: same place, size and time."""
        found = self.earlier.get(name)
        if found is None:
            return None
        try:
            facts = (home() / name).stat()
        except FileNotFoundError:
            return None
        same = (found[1].size, found[1].modified) == (facts.st_size, facts.st_mtime_ns)
        return found if same and found[0].exists() else None

    def _file(self, name: str, inside: str) -> None:
        found = self._unchanged(name)
        if found is not None:
            (self.half / inside).parent.mkdir(parents=True, exist_ok=True)
            try:
                (self.half / inside).hardlink_to(found[0])
            except OSError:
                pass  # a disk without links: copied instead
            else:
                self.files[inside] = found[1]
                self.linked += 1
                return
        self.files[inside] = manifest.copy(home() / name, self.half / inside)


def _migrations(store: Pinned) -> list[tuple[str, str]]:
    table = MigrationRecorder.Migration._meta.db_table
    return [(app, name) for app, name in store.rows(f"SELECT app, name FROM {table}")]
