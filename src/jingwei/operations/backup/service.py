"""Backups for the command line and the page: taken, verified, restored, looked at."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from jingwei.operations.backup import manifest, verifying
from jingwei.operations.backup.manifest import Manifest
from jingwei.operations.backup.restoring import Restored, restore
from jingwei.operations.backup.taking import Say, Taken, take
from jingwei.operations.errors import BackupDamaged
from jingwei.registers import service as registers
from jingwei.registers.keys import NAME
from jingwei.registers.models import SearchKey, ServingState

__all__ = ["Kept", "Manifest", "Restored", "Taken", "answers", "kept", "restore", "take", "verify"]


@dataclass(frozen=True)
class Kept:
    """One backup there is."""

    folder: Path
    made: datetime
    size: int
    version: str


def verify(folder: Path, say: Say = lambda text: None) -> Manifest:
    """Reads a whole backup (the newest, where there are several). Raises NoBackup, BackupDamaged, BackupNewer."""
    source = manifest.named(folder.expanduser().resolve())
    made = manifest.read(source)
    wrong = verifying.faults(source, made, say)
    if wrong:
        raise BackupDamaged(folder=source, count=len(wrong), faults="; ".join(wrong[:5]))
    return made


def kept(folder: Path) -> list[Kept]:
    """The backups in a folder, newest first."""
    found = []
    for one in reversed(manifest.all_in(folder)):
        made = manifest.read(one)
        found.append(Kept(one, datetime.fromisoformat(made.made), made.size, made.version))
    return found


def answers() -> dict[str, bool]:
    """For each register with entities: whether a name of it finds somebody. Asked of a home just restored."""
    said = {}
    for state in ServingState.objects.filter(entities__gt=0):
        key = (
            SearchKey.objects.filter(register=state.register, kind=NAME).values_list("key", flat=True).first()
        )
        if key is not None:
            said[state.register] = bool(registers.search([state.register], key, limit=1))
    return said
