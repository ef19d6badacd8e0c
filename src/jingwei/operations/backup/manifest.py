"""What a backup is: a folder of its own, described by its manifest.

    FOLDER/                              several backups, newest last by name
      2026-11-22T061500Z/
        manifest.json  manifest.sha256   what is in it, with hashes; written last
        operational.sqlite               or operational.pgdump
        lake/catalog.sqlite              or lake/catalog.pgdump
        lake/data/...                    the Parquet files of every snapshot the catalog knows
        files/... packs/... ...          the rest of the home
        secrets/...                      keys, readable by the owner alone; absent where they are kept apart

A folder without a manifest that fits its hash is no backup.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from jingwei.operations.errors import BackupDamaged, BackupNewer, NoBackup

FORMAT = 1
MANIFEST, SEAL = "manifest.json", "manifest.sha256"
SECRETS = "secrets"
UNFINISHED = ".unfinished"
LOCK = ".lock"
BLOCK = 1 << 20


@dataclass(frozen=True)
class Entry:
    """A file of the backup: its content, and enough to see that the node's own file has not changed since."""

    sha256: str
    size: int
    modified: int
    mode: int


@dataclass(frozen=True)
class Store:
    """A database of the node at the point in time. `kind` is sqlite or postgresql; `tables` counts rows,
    `digests` sums up content where the file itself does not."""

    kind: str
    file: str
    tables: dict[str, int]
    digests: dict[str, str] = field(default_factory=dict)
    snapshot: int = 0
    rows: dict[str, int] = field(default_factory=dict)
    """Of the lake: rows of its own tables at its newest snapshot."""
    migrations: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Manifest:
    made: str
    version: str
    operational: Store
    lake: Store
    files: dict[str, Entry]
    secrets: list[str]
    """Names of the keys the home had; they are in `files` unless they are kept apart."""
    held: float
    """Seconds for which writers of the lake had to wait."""
    format: int = FORMAT

    @property
    def size(self) -> int:
        return sum(entry.size for entry in self.files.values())


def write(folder: Path, manifest: Manifest) -> None:
    text = json.dumps(asdict(manifest), ensure_ascii=False, indent=1).encode()
    (folder / MANIFEST).write_bytes(text)
    (folder / SEAL).write_text(hashlib.sha256(text).hexdigest() + "\n")


def read(folder: Path) -> Manifest:
    """The manifest of one backup. Raises NoBackup, BackupDamaged, BackupNewer."""
    try:
        text, seal = (folder / MANIFEST).read_bytes(), (folder / SEAL).read_text().strip()
    except (OSError, UnicodeDecodeError) as exc:
        raise NoBackup(folder=folder) from exc
    if hashlib.sha256(text).hexdigest() != seal:
        raise BackupDamaged(folder=folder, count=1, faults=MANIFEST)
    told: dict[str, Any] = json.loads(text)
    if told.get("format") != FORMAT:
        raise BackupNewer(version=told.get("version", "?"))
    files = {name: Entry(**entry) for name, entry in told.pop("files").items()}
    operational, kept = Store(**told.pop("operational")), Store(**told.pop("lake"))
    return Manifest(operational=operational, lake=kept, files=files, **told)


def all_in(folder: Path) -> list[Path]:
    """The backups in a folder, oldest first."""
    if not folder.is_dir():
        return []
    return sorted(one for one in folder.iterdir() if one.name[:1] != "." and (one / SEAL).is_file())


def named(folder: Path) -> Path:
    """The backup a person means: the folder itself, or the newest in it. Raises NoBackup."""
    if (folder / SEAL).is_file():
        return folder
    found = all_in(folder)
    if not found:
        raise NoBackup(folder=folder)
    return found[-1]


def walk(folder: Path) -> Iterator[str]:
    """Every file below a folder, as paths relative to it; links lead out of it and are passed over."""
    for place, folders, names in os.walk(folder):
        folders.sort()
        for name in sorted(names):
            path = Path(place, name)
            if path.is_file() and not path.is_symlink():
                yield path.relative_to(folder).as_posix()


def digest(path: Path) -> str:
    seen = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            seen.update(block)
    return seen.hexdigest()


def copy(source: Path, target: Path, mode: int | None = None) -> Entry:
    """Copies a file and says what was copied; mode and time go along."""
    seen, size = hashlib.sha256(), 0
    target.parent.mkdir(parents=True, exist_ok=True)
    with source.open("rb") as file:
        facts = os.fstat(file.fileno())
        rights = facts.st_mode & 0o777 if mode is None else mode
        descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, rights)
        with os.fdopen(descriptor, "wb") as copied:
            while block := file.read(BLOCK):
                seen.update(block)
                copied.write(block)
                size += len(block)
    os.utime(target, ns=(facts.st_mtime_ns, facts.st_mtime_ns))
    return Entry(seen.hexdigest(), size, facts.st_mtime_ns, rights)
