"""Sealed segments: files that outlive the database.

The first line is the signed head, every further line an entry's canonical bytes, in the order of the tree:

    {"count":…,"number":…,"previous":…,"root":…,…}⇥<signature>
    {"account":…,"action":…,…}

A segment is whole or it is not there: written beside its place, flushed to the disk, then linked into it, and
never written over. Segments lie a thousand to a folder.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from jingwei.kernel.errors import DiskFull
from jingwei.kernel.home import home

ENTRIES = 16_384
"""Entries of one segment at most: what sealing, proving and checking hold in memory."""
LONGEST = 96 * 1024 * 1024
"""A file longer than this is no segment of ours and is not read in."""
SIGNED = b"jingwei ledger head v1\n"
START = "0" * 64
"""What stands for the head before the first."""


class Unreadable(Exception):
    """A segment whose head cannot be understood; says why, for the finding."""


@dataclass(frozen=True)
class Head:
    """What is signed of a batch. Its order is `number` and `previous`, never the clock's: `sealed` is what the
    clock said, `back` by how many seconds it had gone back since the head before."""

    number: int
    first: int
    count: int
    root: str
    previous: str
    sealed: str
    latest: str
    back: int
    key: str
    handover: str

    @property
    def text(self) -> str:
        return json.dumps(asdict(self), sort_keys=True, separators=(",", ":"), ensure_ascii=True)

    @property
    def hash(self) -> str:
        return sha256(SIGNED + self.text.encode()).hexdigest()

    @property
    def after(self) -> int:
        """The position behind its last entry."""
        return self.first + self.count

    @classmethod
    def read(cls, text: str) -> Head:
        try:
            given: dict[str, Any] = json.loads(text)
            head = cls(**given)
        except (ValueError, TypeError) as exc:
            raise Unreadable(str(exc)) from None
        kinds = {name: int if name in {"number", "first", "count", "back"} else str for name in given}
        wrong = [name for name, kind in kinds.items() if type(given[name]) is not kind]
        if wrong or head.text != text:
            raise Unreadable(", ".join(wrong) or "form")
        return head


@dataclass(frozen=True)
class Segment:
    head: Head
    signature: str
    lines: list[bytes]
    """Entries as the file has them; more than the head counts where something was added."""
    ended: bool = True
    """Whether the last line is whole."""


def folder() -> Path:
    return home() / "files" / "ledger"


def path_of(number: int) -> Path:
    return folder() / f"{number // 1000:06d}" / f"{number:09d}.segment"


def stamp_of(number: int) -> Path:
    return path_of(number).with_suffix(".tsr")


def read(path: Path) -> Segment:
    """Raises FileNotFoundError, or Unreadable where its first line is no head."""
    if path.stat().st_size > LONGEST:
        raise Unreadable("too long")
    first, _, rest = path.read_bytes().partition(b"\n")
    text, _, signature = first.partition(b"\t")
    try:
        head = Head.read(text.decode("ascii"))
        signed = signature.decode("ascii")
    except UnicodeDecodeError as exc:
        raise Unreadable(str(exc)) from None
    lines = rest.split(b"\n")
    ended = lines[-1] == b""
    return Segment(head, signed, lines[:-1] if ended else lines, ended)


def write(head: Head, signature: str, lines: Sequence[bytes]) -> None:
    """Puts a segment in its place; raises DiskFull or FileExistsError and leaves nothing half done."""
    body = b"".join((f"{head.text}\t{signature}\n".encode(), *(line + b"\n" for line in lines)))
    place(path_of(head.number), body)


def place(path: Path, body: bytes) -> None:
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with fresh.open("wb") as file:
            file.write(body)
            file.flush()
            os.fsync(file.fileno())
        os.link(fresh, path)
        _flush(path.parent)
    except FileExistsError:
        raise
    except OSError as exc:
        raise DiskFull(path=path.parent) from exc
    finally:
        fresh.unlink(missing_ok=True)


def _flush(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def numbers() -> Iterator[tuple[int, Path]]:
    """Every file that is named like a segment, in order."""
    for path in sorted(folder().glob("*/*.segment")):
        if path.stem.isdecimal() and path == path_of(int(path.stem)):
            yield int(path.stem), path
