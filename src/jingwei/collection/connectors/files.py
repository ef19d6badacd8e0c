"""Files as they lie in a department's folder: is this one readable, what is in it, did it hold still.

A text file is gone over once before it is read (`survey`): its checksum, its longest line, the
stretches that tell its encoding. It is then read through `HashedFile`, which computes the
checksum again from the very bytes the reader was given; if the two differ, the file was written
to meanwhile and the run must not stand.
"""

from __future__ import annotations

import codecs
import hashlib
import io
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jingwei.collection.connectors import errors

CHUNK = 1 << 20
EVIDENCE_LIMIT = 128 * 1024


def usable(location: str) -> Path:
    """The path, if it is a regular, readable, non-empty file; else the error that says what it is."""
    path = Path(location)
    try:
        mode = path.stat()
    except (FileNotFoundError, NotADirectoryError):
        raise errors.SourceMissing(location=location) from None
    except (OSError, ValueError) as problem:
        raise errors.SourceUnreadable(location=location, reason=_reason(problem)) from None
    if stat.S_ISDIR(mode.st_mode):
        inside = sorted(entry.name for entry in path.iterdir() if entry.is_file())[:8]
        raise errors.SourceIsFolder(location=location, inside=" / ".join(inside) or "-")
    if not stat.S_ISREG(mode.st_mode):
        raise errors.SourceNotFile(location=location)
    if path.name.startswith(("~$", ".~lock.")):
        raise errors.LockFile(location=location)
    if not os.access(path, os.R_OK):
        raise errors.SourceUnreadable(location=location, reason="permission denied")
    if mode.st_size == 0:
        raise errors.SourceEmpty(location=location)
    return path


@contextmanager
def reading(location: str) -> Iterator[None]:
    """Turns what the operating system says while reading into an error a person understands."""
    try:
        yield
    except PermissionError as problem:
        raise errors.SourceUnreadable(location=location, reason=_reason(problem)) from None
    except OSError as problem:
        raise errors.SourceBroke(location=location, reason=_reason(problem)) from None


def _reason(problem: Exception) -> str:
    return (problem.strerror if isinstance(problem, OSError) else None) or type(problem).__name__


def beginning(path: Path, length: int = 4096) -> bytes:
    """The first bytes of the file, to recognise it by."""
    with reading(str(path)), path.open("rb") as file:
        return file.read(length)


def checksum(path: Path) -> str:
    """SHA-256 of the file's bytes."""
    digest = hashlib.sha256()
    with reading(str(path)), path.open("rb") as file:
        while chunk := file.read(CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


@dataclass(frozen=True)
class Survey:
    """What one pass over the bytes of a text file tells."""

    sha256: str
    size: int
    """Bytes of the file."""
    lines: int
    longest: int
    """Bytes of the longest stretch without a line feed."""
    nuls: int
    odd_nuls: int
    """NUL bytes at odd offsets: in UTF-16 they gather on one side."""
    ascii: bool
    valid_utf8: bool
    start: bytes
    evidence: bytes
    """Lines with bytes above 127, from the whole length of the file."""
    telling_lines: int
    """How many such lines there are (counted up to the evidence limit)."""


def survey(path: Path) -> Survey:
    """Goes over the file once, in bounded memory."""
    digest = hashlib.sha256()
    decoder = codecs.getincrementaldecoder("utf-8")("strict")
    size = lines = longest = nuls = odd_nuls = telling = open_line = 0
    valid, pure = True, True
    start = b""
    evidence: list[bytes] = []
    gathered = 0
    with reading(str(path)), path.open("rb") as file:
        while chunk := file.read(CHUNK):
            start = start or chunk[: 64 * 1024]
            digest.update(chunk)
            pieces = chunk.split(b"\n")
            lines += len(pieces) - 1
            longest = max(longest, open_line + len(pieces[0]), *map(len, pieces))
            open_line = open_line + len(pieces[0]) if len(pieces) == 1 else len(pieces[-1])
            if b"\0" in chunk:
                nuls += chunk.count(b"\0")
                odd_nuls += chunk[(1 - size) % 2 :: 2].count(b"\0")
            broke_here = False
            if valid:
                try:
                    decoder.decode(chunk)
                except UnicodeDecodeError:
                    valid, broke_here = False, True
            if not chunk.isascii():
                pure = False
                # plenty from the start, a little from everywhere else: a file may turn at its end
                share = 32 * 1024 if not evidence or broke_here else 2 * 1024
                taken, count = _telling(pieces, min(share, EVIDENCE_LIMIT - gathered), broke_here)
                evidence.append(taken)
                gathered += len(taken)
                telling += count
            size += len(chunk)
        if valid:
            try:
                decoder.decode(b"", final=True)
            except UnicodeDecodeError:
                valid = False
    return Survey(
        digest.hexdigest(), size, lines + (1 if open_line else 0), longest, nuls, odd_nuls, pure, valid,
        start, b"\n".join(evidence), telling,
    )  # fmt: skip


def _telling(pieces: list[bytes], share: int, broken_only: bool) -> tuple[bytes, int]:
    taken: list[bytes] = []
    left = share
    count = 0
    if broken_only:
        # the lines that are not UTF-8 come first: they are what the decision hangs on
        pieces = sorted(pieces, key=_is_utf8)
    for piece in pieces:
        if piece.isascii():
            continue
        count += 1
        if left > 0:
            taken.append(piece[:left])
            left -= len(piece)
    return b"\n".join(taken), count


def _is_utf8(piece: bytes) -> bool:
    try:
        piece.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


class HashedFile(io.RawIOBase):
    """A file that remembers the checksum of what was read through it."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self._file = path.open("rb", buffering=0)
        self._digest = hashlib.sha256()

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        count = self._file.readinto(buffer) or 0
        self._digest.update(memoryview(buffer)[:count])
        return count

    @property
    def sha256(self) -> str:
        return self._digest.hexdigest()

    def close(self) -> None:
        self._file.close()
        super().close()
