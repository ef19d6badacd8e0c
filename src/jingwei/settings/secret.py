"""The node's key: sessions are signed with it, and entities numbered.

It is made once and must never change afterwards, or every entity would get another number. A process
may need it before its home exists (`jingwei init`, `jingwei demo`): it then goes on with the key it
made, and `keep` puts that very key into the home.
"""

from __future__ import annotations

import os
import secrets
from pathlib import Path

FILE = "secret.key"


def read_or_make(home: Path) -> str:
    """The home's key, or a new one that nobody has kept yet."""
    return _read(home / FILE) or secrets.token_urlsafe(48)


def keep(home: Path, key: str) -> str:
    """Puts the key into the home unless one is there; returns the home's key. Half-written is impossible."""
    path = home / FILE
    if not _read(path):
        fresh = home / f".{FILE}.{os.getpid()}"
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(key)
        try:
            os.link(fresh, path)  # of two processes that begin at once, the first one's key stays
        except FileExistsError:
            if not _read(path):
                fresh.replace(path)
        finally:
            fresh.unlink(missing_ok=True)
    return _read(path) or key


def _read(path: Path) -> str:
    try:
        return path.read_text().strip()
    except OSError:
        return ""
