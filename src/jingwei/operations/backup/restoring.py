"""Makes a home from a backup: beside its place first, in its place when all of it was checked.

    manifest ─ fits the settings, target empty ─▶ files copied, hashed on the way ─▶ .HOME.restoring
    databases put back ─▶ counts and digests as in the manifest ─▶ renamed to HOME ─▶ a lookup in every register

A home that holds anything is refused: what is there is never written over. What fails leaves the target as it was.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
from django.conf import settings
from filelock import FileLock, Timeout
from psycopg.conninfo import conninfo_to_dict

from jingwei.engines.duckdb.lake import DuckLake
from jingwei.engines.faults import is_disk_full
from jingwei.kernel import home as homes
from jingwei.kernel.errors import Busy, DiskFull
from jingwei.kernel.text import Text
from jingwei.operations.backup import manifest, stores, verifying
from jingwei.operations.backup.manifest import Manifest
from jingwei.operations.errors import (
    BackupDamaged,
    BackupNewer,
    HomeNotEmpty,
    NotEnoughRoom,
    SecretsMissing,
    StoreKindDiffers,
)

Say = Callable[[Text], None]
HOME = Text("恢复的目标", "the home to restore to")
OPERATIONAL, LAKE = Text("业务库", "the operational store"), Text("湖目录库", "the lake's catalog")
SHOWN = 5


@dataclass(frozen=True)
class Restored:
    home: Path
    manifest: Manifest
    seconds: float
    older: bool
    """Whether this version has migrations the backup lacks."""


def restore(
    folder: Path,
    target: Path,
    known: set[tuple[str, str]],
    *,
    secrets: Path | None = None,
    say: Say = lambda text: None,
) -> Restored:
    """Restores the backup (the newest, where `folder` holds several). `known` are this version's migrations,
    `secrets` the folder that keys were kept apart in.

    Raises NoBackup, BackupDamaged, BackupNewer, HomeNotEmpty, DatabaseNotEmpty, StoreKindDiffers,
    SecretsMissing, NotEnoughRoom, DiskFull, Busy, ToolFailed."""
    started = time.monotonic()
    source = manifest.named(folder.expanduser().resolve())
    made = manifest.read(source)
    older = _fits(made, known)
    keys = _keys(source, made, secrets)
    if target.is_symlink() or (target.exists() and (not target.is_dir() or any(target.iterdir()))):
        raise HomeNotEmpty(home=target)
    target.parent.mkdir(parents=True, exist_ok=True)
    with _alone(target) as half:
        free = shutil.disk_usage(target.parent).free
        if made.size > free:
            raise NotEnoughRoom(folder=target.parent, free=free >> 20, needed=(made.size >> 20) + 1)
        with _or_nothing(half, target), _databases(made):
            _files(source, half, made, keys, say)
            say(Text("清点", "counting"))
            _databases_back(half, made, say)
            _require_same(half, made, source)
            half.rename(target)
    return Restored(target, made, time.monotonic() - started, older)


def _fits(made: Manifest, known: set[tuple[str, str]]) -> bool:
    named = {f"{app}.{name}" for app, name in known}
    ours = {app for app, _ in known}
    unknown = [one for one in made.operational.migrations if one not in named and one.split(".")[0] in ours]
    if unknown:
        raise BackupNewer(version=made.version)
    for store, name, address in (
        (made.operational, OPERATIONAL, stores.operational_address()),
        (made.lake, LAKE, stores.lake_address()),
    ):
        wanted = stores.PinnedPostgreSQL.kind if address else stores.PinnedSQLite.kind
        if store.kind != wanted:
            raise StoreKindDiffers(store=name, kept=store.kind, wanted=wanted)
    return bool(named - set(made.operational.migrations))


def _keys(source: Path, made: Manifest, secrets: Path | None) -> dict[str, Path]:
    """Where each key of the home is to be had. Raises SecretsMissing."""
    places = [source / manifest.SECRETS, *([secrets] if secrets else [])]
    found = {
        name: next((place / name for place in places if (place / name).is_file()), None)
        for name in made.secrets
    }
    missing = [name for name, path in found.items() if path is None]
    if missing:
        raise SecretsMissing(names=", ".join(missing))
    return {name: path for name, path in found.items() if path is not None}


@contextmanager
def _alone(target: Path) -> Iterator[Path]:
    half = target.with_name(f".{target.name}.restoring")
    lock = FileLock(half.with_suffix(".lock"))
    try:
        lock.acquire(timeout=0)
    except Timeout:
        raise Busy(what=HOME, holder=str(target)) from None
    try:
        shutil.rmtree(half, ignore_errors=True)  # of a restore that was killed
        yield half
    finally:
        Path(lock.lock_file).unlink(missing_ok=True)
        lock.release()


@contextmanager
def _or_nothing(half: Path, target: Path) -> Iterator[None]:
    try:
        half.mkdir(mode=0o700)
        yield
    except BaseException as exc:
        shutil.rmtree(half, ignore_errors=True)
        if is_disk_full(exc, target.parent):
            raise DiskFull(path=target.parent) from exc
        raise


@contextmanager
def _databases(made: Manifest) -> Iterator[None]:
    """Databases that were empty before are empty again when something fails."""
    addresses = _addresses(made)
    for address in addresses:
        stores.require_empty(address)
    try:
        yield
    except BaseException:
        for address in addresses:
            with psycopg.connect(address) as con:
                con.execute("DROP SCHEMA public CASCADE")
                con.execute("CREATE SCHEMA public")
        raise


def _addresses(made: Manifest) -> dict[str, str]:
    """PostgreSQL databases to fill, with the dump of each. One that holds both is dumped, and filled, as a whole."""
    found: dict[str, str] = {}
    for store, address in (
        (made.operational, stores.operational_address()),
        (made.lake, stores.lake_address()),
    ):
        places = [_place(one) for one in found]
        if address and _place(address) not in places:
            found[address] = store.file
    return found


def _place(address: str) -> Mapping[str, object]:
    return {
        key: value for key, value in conninfo_to_dict(address).items() if key in {"host", "port", "dbname"}
    }


def _files(source: Path, half: Path, made: Manifest, keys: dict[str, Path], say: Say) -> None:
    say(Text("拷贝 {n} 个文件", "copying {n} files").fill(n=len(made.files)))
    homes.make(half)
    wrong = []
    for name, entry in made.files.items():
        if name.startswith(f"{manifest.SECRETS}/"):
            continue
        try:
            copied = manifest.copy(source / name, half / name, entry.mode)
        except FileNotFoundError:
            wrong.append(f"{name}: missing")
            continue
        if copied.sha256 != entry.sha256:
            wrong.append(f"{name}: changed")
    for name, path in keys.items():
        copied = manifest.copy(path, half / name, 0o600)
        promised = made.files.get(f"{manifest.SECRETS}/{name}")
        if promised is not None and copied.sha256 != promised.sha256:
            wrong.append(f"{name}: changed")
    if wrong:
        raise _damaged(source, wrong)


def _databases_back(half: Path, made: Manifest, say: Say) -> None:
    for address, dump in _addresses(made).items():
        say(Text("恢复数据库", "restoring a database"))
        stores.put_back(address, half / dump)
    for store in (made.operational, made.lake):
        if store.kind == stores.PinnedPostgreSQL.kind:
            (half / store.file).unlink()


def _require_same(half: Path, made: Manifest, source: Path) -> None:
    """Rows of every table of all stores are those the manifest counted."""
    wrong = []
    for store, address in (
        (made.operational, stores.operational_address()),
        (made.lake, stores.lake_address()),
    ):
        if address:
            with stores.pinned_postgresql(address) as found:
                wrong += verifying.differing(store.file, store.tables, found.counts())
                wrong += verifying.differing(store.file, store.digests, found.digests())
        else:
            with stores.pinned_sqlite(half / store.file) as kept:
                wrong += verifying.differing(store.file, store.tables, kept.counts())
    rows = DuckLake(half, settings.LAKE_CATALOG, settings.MEMORY, settings.THREADS).counts(made.lake.snapshot)
    snapshot_tables = made.lake.rows
    wrong += verifying.differing("lake", snapshot_tables, rows)
    if wrong:
        raise _damaged(source, wrong)


def _damaged(source: Path, wrong: list[str]) -> BackupDamaged:
    return BackupDamaged(folder=source, count=len(wrong), faults="; ".join(wrong[:SHOWN]))
