"""One at a time: locks between processes that a killed process cannot leave behind.

The operating system drops a file lock with the process that held it, so `kill -9` needs no
clean-up. The file also names the holder, for the message of whoever has to wait.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from filelock import FileLock, Timeout

from jingwei.kernel.errors import Busy
from jingwei.kernel.home import home
from jingwei.kernel.text import Text


@contextmanager
def exclusive(name: str, what: Text, wait: float = 0) -> Iterator[None]:
    """Holds the lock `name` of this home; raises Busy after `wait` seconds without it."""
    folder = home() / "locks"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.lock"
    holder = folder / f"{name}.holder"
    lock = FileLock(path)
    try:
        lock.acquire(timeout=wait)
    except Timeout:
        who = holder.read_text() if holder.exists() else "?"
        raise Busy(what=what, holder=who) from None
    try:
        holder.write_text(f"pid {os.getpid()}, {datetime.now():%H:%M:%S}")
        yield
    finally:
        lock.release()
