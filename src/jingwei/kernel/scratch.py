"""Scratch folders that no killed process leaves behind for good.

Every user of scratch space gets a folder of its own under the home's `tmp` and holds the lock file
inside it. The operating system drops that lock with the process, so the next one that asks for
scratch space can tell folders in use from leftovers, whatever became of process numbers meanwhile.
"""

from __future__ import annotations

import fcntl
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from weakref import finalize

LOCK = "lock"
PREFIX = "scratch-"


class Scratch:
    """A folder of this process alone, gone with the object, or with the process at the latest."""

    def __init__(self, base: Path) -> None:
        base.mkdir(parents=True, exist_ok=True)
        with _turn(base):
            _sweep(base)
            self.path = base / f"{PREFIX}{os.getpid()}-{secrets.token_hex(4)}"
            self.path.mkdir()
            self._held = os.open(self.path / LOCK, os.O_CREAT | os.O_RDWR)
            fcntl.flock(self._held, fcntl.LOCK_EX)
        self.remove = finalize(self, _remove, self.path, self._held, os.getpid())


def _remove(path: Path, held: int, owner: int) -> None:
    # a forked child inherits the finalizer, but the folder is not its own
    if os.getpid() == owner:
        shutil.rmtree(path, ignore_errors=True)
        os.close(held)


@contextmanager
def _turn(base: Path) -> Iterator[None]:
    """One process at a time makes or sweeps folders, so that none is swept while it is being made."""
    turn = os.open(base / "turn.lock", os.O_CREAT | os.O_RDWR)
    try:
        fcntl.flock(turn, fcntl.LOCK_EX)
        yield
    finally:
        os.close(turn)


def _sweep(base: Path) -> None:
    """Removes the folders whose owners are gone."""
    for folder in base.glob(f"{PREFIX}*"):
        try:
            lock = os.open(folder / LOCK, os.O_CREAT | os.O_RDWR)
        except FileNotFoundError:
            continue
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            continue
        else:
            shutil.rmtree(folder, ignore_errors=True)
        finally:
            os.close(lock)
