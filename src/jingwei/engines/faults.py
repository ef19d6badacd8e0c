"""What an engine or the machine complains of, in words a person can act on."""

from __future__ import annotations

import errno
import resource
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from jingwei.kernel.errors import BadInput, DiskFull, Failed
from jingwei.kernel.text import Text

_FULL = (
    "no space left on device",
    "disk is full",
    "disk full",
    "file too large",
    "disk quota exceeded",
    # DuckDB bounds its spill by what the disk had free
    "max_temp_directory_size",
)
_VAGUE = ("disk i/o error", "could not write", "unable to open database file", "failed to write")
"""Complaints that mean a full disk when it is full, and something else when it is not."""
_NOTHING_LEFT = 256 * 1024
_NUMBERS = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


class OutOfMemory(Failed):
    code = "out-of-memory"
    what = Text("数据引擎的内存不够用。", "The data engine ran out of memory.")
    do = Text(
        "把 JINGWEI_MEMORY 调大，或腾出内存后再试。",
        "Raise JINGWEI_MEMORY, or free memory, and run it again.",
    )


class LakeNewer(BadInput):
    code = "lake-newer"
    what = Text(
        "{path} 里的数据湖出自更新的版本（{version}）。",
        "The lake in {path} is of a newer version ({version}).",
    )
    do = Text("请用当时那个版本或更新的经纬。", "Use that version of Jingwei or a newer one.")


class LakeDamaged(Failed):
    code = "lake-damaged"
    what = Text("数据湖读不了：{why}", "The lake cannot be read: {why}")
    do = Text("请从备份恢复 {path} 下的 lake 文件夹。", "Restore the folder lake under {path} from a backup.")


def causes(exc: BaseException) -> Iterator[BaseException]:
    """The exception and those it was raised from or while handling."""
    seen: set[int] = set()
    one: BaseException | None = exc
    while one is not None and id(one) not in seen:
        seen.add(id(one))
        yield one
        one = one.__cause__ or one.__context__


def is_disk_full(exc: BaseException, place: Path | None = None) -> bool:
    """Whether the machine ran out of space; `place` is asked when the complaint is vague."""
    for one in causes(exc):
        if isinstance(one, OSError) and one.errno in _NUMBERS:
            return True
        if not isinstance(one, duckdb.Error | sqlite3.Error | OSError):
            continue
        said = str(one).lower()
        if any(words in said for words in _FULL):
            return True
        if place is not None and any(words in said for words in _VAGUE) and _nothing_left(place):
            return True
    return False


def is_interrupt(exc: BaseException) -> bool:
    """Whether this is Ctrl-C as DuckDB tells it, which keeps the signal's own exception to itself."""
    return isinstance(exc, RuntimeError) and str(exc) == "Query interrupted"


def _nothing_left(place: Path) -> bool:
    if resource.getrlimit(resource.RLIMIT_FSIZE)[0] != resource.RLIM_INFINITY:
        return True
    try:
        return shutil.disk_usage(place).free < _NOTHING_LEFT
    except OSError:
        return False


@contextmanager
def translated(place: Path) -> Iterator[None]:
    """Turns a full disk, exhausted memory and Ctrl-C into what they are; the rest passes as it is."""
    try:
        yield
    except (duckdb.Error, sqlite3.Error, OSError) as exc:
        if is_disk_full(exc, place):
            raise DiskFull(path=place) from exc
        if isinstance(exc, duckdb.OutOfMemoryException):
            raise OutOfMemory() from exc
        raise
    except RuntimeError as exc:
        if is_interrupt(exc):
            raise KeyboardInterrupt from exc
        raise
