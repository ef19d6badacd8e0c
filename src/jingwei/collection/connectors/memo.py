"""Long texts of DBF tables, which lie in a file of blocks beside the table (`.dbt`, `.fpt`)."""

from __future__ import annotations

from pathlib import Path

from jingwei.collection.connectors.files import reading

LONGEST = 4_000_000


class Memo:
    """Block numbers stand in the table; what a block holds depends on who wrote the file."""

    def __init__(self, path: Path) -> None:
        self._path = path
        with reading(str(path)), path.open("rb") as file:
            head = file.read(512)
        self._foxpro = path.suffix.lower() == ".fpt"
        size = int.from_bytes(head[6:8], "big") if self._foxpro else int.from_bytes(head[20:22], "little")
        self._block = size or 512

    def text(self, raw: bytes) -> bytes | None:
        """The text a field points to."""
        digits = raw.strip(b" \0")
        number = int.from_bytes(raw, "little") if len(raw) == 4 else int(digits) if digits.isdigit() else 0
        if not number:
            return None
        with reading(str(self._path)), self._path.open("rb") as file:
            file.seek(number * self._block)
            head = file.read(8)
            if self._foxpro:
                return file.read(min(int.from_bytes(head[4:8], "big"), LONGEST))
            if head.startswith(b"\xff\xff\x08\x00"):
                return file.read(min(max(0, int.from_bytes(head[4:8], "little") - 8), LONGEST))
            file.seek(number * self._block)
            return file.read(LONGEST).split(b"\x1a")[0]


def memo_beside(table: Path) -> Memo | None:
    for suffix in (".fpt", ".FPT", ".dbt", ".DBT"):
        path = table.with_suffix(suffix)
        if path.is_file():
            return Memo(path)
    return None
