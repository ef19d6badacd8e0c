"""Members of an archive, unpacked to disk under limits: what is promised by its directory is not believed.

Names that a Chinese Windows wrote are GBK under a flag that says otherwise. A member is written to a scratch
folder as it is unpacked, never into memory, and counted while it comes: an archive that grows beyond all
measure is left off.
"""

from __future__ import annotations

import gzip
import hashlib
import shutil
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO

from jingwei.collection.connectors import file_errors
from jingwei.collection.connectors.files import CHUNK, beginning
from jingwei.kernel.errors import DiskFull

GZ = b"\x1f\x8b"
LARGEST = 50_000_000_000
"""Bytes an archive may unpack to."""
RATIO, BEYOND = 300, 100_000_000
"""So many times its packed size may a member grow, once it is larger than this."""
SPARED = 500_000_000
"""Bytes of the disk that unpacking leaves free."""
NOISE = ("__macosx/", ".ds_store", "thumbs.db", "desktop.ini")
ENCRYPTED = 1


@dataclass(frozen=True)
class Member:
    """`name` as people read it; `open` gives its bytes; `packed` is its size in the archive."""

    name: str
    packed: int
    size: int | None
    encrypted: bool
    open: Callable[[], IO[bytes] | gzip.GzipFile]

    @property
    def suffix(self) -> str:
        return PurePosixPath(self.name).suffix.lower()

    @property
    def stem(self) -> str:
        return self.name.removesuffix(PurePosixPath(self.name).suffix).casefold()


def members(path: Path) -> list[Member]:
    """What is in the archive, without folders and what operating systems leave there."""
    if beginning(path, 2) == GZ:
        name = path.name[:-3] if path.name.lower().endswith(".gz") else path.name
        return [Member(name, path.stat().st_size, None, False, lambda: gzip.open(path, "rb"))]
    try:
        archive = zipfile.ZipFile(path)
        return [_member(archive, info) for info in archive.infolist() if not _is_noise(info)]
    except (zipfile.BadZipFile, OSError, ValueError, EOFError) as problem:
        raise file_errors.ArchiveDamaged(location=path, reason=str(problem)) from None


def _member(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> Member:
    encrypted = bool(info.flag_bits & ENCRYPTED)
    return Member(_name(info), info.compress_size, info.file_size, encrypted, lambda: archive.open(info))


def _is_noise(info: zipfile.ZipInfo) -> bool:
    name = info.filename.lower()
    last = PurePosixPath(name).name
    return info.is_dir() or last.startswith(("._", "~$")) or name.startswith(NOISE[0]) or last in NOISE


def _name(info: zipfile.ZipInfo) -> str:
    """The member's name; without the flag for UTF-8 it is most likely that, or GBK."""
    name = info.filename
    if not info.flag_bits & 0x800:
        try:
            raw = name.encode("cp437")
        except UnicodeEncodeError:
            return name
        for codec in ("utf-8", "gb18030"):
            try:
                name = raw.decode(codec)
                break
            except UnicodeDecodeError:
                continue
    return name.replace("\\", "/")


@dataclass(frozen=True)
class Unpacked:
    path: Path
    sha256: str


class Unpacker:
    """Writes members of one archive into a folder, and keeps count of all of them."""

    def __init__(self, archive: Path, folder: Path) -> None:
        self._archive = archive
        self._folder = folder
        self._written = self._spared = 0

    def unpack(self, member: Member, stem: str) -> Unpacked:
        """The member as a file `stem` with its own suffix."""
        if member.encrypted:
            raise file_errors.ArchiveEncrypted(location=self._archive, member=member.name)
        self._spare(member.size or 0)
        target = self._folder / (stem + member.suffix)
        digest = hashlib.sha256()
        try:
            with member.open() as packed, target.open("wb") as file:
                self._copy(member, packed, file, digest.update)
        except NotImplementedError:
            raise file_errors.ArchiveForeign(location=self._archive, kind="Deflate64 / AES") from None
        except RuntimeError:  # what zipfile raises for a password
            raise file_errors.ArchiveEncrypted(location=self._archive, member=member.name) from None
        except (zipfile.BadZipFile, gzip.BadGzipFile, EOFError, zlib.error) as problem:
            why = f"{member.name}: {problem}"
            raise file_errors.ArchiveDamaged(location=self._archive, reason=why) from None
        return Unpacked(target, digest.hexdigest())

    def _copy(
        self,
        member: Member,
        packed: IO[bytes] | gzip.GzipFile,
        file: IO[bytes],
        note: Callable[[bytes], None],
    ) -> None:
        size = 0
        while chunk := packed.read(CHUNK):
            size += len(chunk)
            self._written += len(chunk)
            swollen = size > BEYOND and size > RATIO * max(member.packed, 1)
            if swollen or self._written > LARGEST:
                limit = f"{(BEYOND if swollen else LARGEST) // 1_000_000:,} MB"
                raise file_errors.ArchiveTooLarge(
                    location=self._archive,
                    member=member.name,
                    limit=limit,
                    ratio=size // max(member.packed, 1),
                )
            if self._written - self._spared > BEYOND:
                self._spare(BEYOND)
            note(chunk)
            file.write(chunk)

    def _spare(self, wanted: int) -> None:
        """Refuses before the disk is full."""
        self._spared = self._written
        if wanted and shutil.disk_usage(self._folder).free < min(wanted, LARGEST) + SPARED:
            raise DiskFull(path=self._folder)
