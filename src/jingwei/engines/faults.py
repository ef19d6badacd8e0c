"""What an engine or the machine complains of, in words a person can act on."""

from __future__ import annotations

import errno
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from jingwei.kernel.errors import DiskFull, Failed
from jingwei.kernel.text import Text

_FULL = ("no space left on device", "disk is full", "database or disk is full", "disk full")


class OutOfMemory(Failed):
    code = "out-of-memory"
    what = Text("数据引擎的内存不够用。", "The data engine ran out of memory.")
    do = Text(
        "把 JINGWEI_MEMORY 调大，或腾出内存后再试。",
        "Raise JINGWEI_MEMORY, or free memory, and run it again.",
    )


def is_disk_full(exc: BaseException) -> bool:
    if isinstance(exc, OSError) and exc.errno in (errno.ENOSPC, errno.EDQUOT):
        return True
    return isinstance(exc, duckdb.Error | sqlite3.Error | OSError) and any(
        words in str(exc).lower() for words in _FULL
    )


@contextmanager
def translated(place: Path) -> Iterator[None]:
    """Turns a full disk and exhausted memory into errors of the tree; the rest passes as it is."""
    try:
        yield
    except (duckdb.Error, sqlite3.Error, OSError) as exc:
        if is_disk_full(exc):
            raise DiskFull(path=place) from exc
        if isinstance(exc, duckdb.OutOfMemoryException):
            raise OutOfMemory() from exc
        raise
