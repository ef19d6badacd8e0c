"""Formula errors in the old binary XLS, which the reading library gives as empty cells.

Only two kinds of record hold them, so this walks the workbook's records past everything else. An
XLS is a small file system (MS-CFB); the stream `Workbook` in it is a run of records (MS-XLS).
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

ERRORS = {
    0x00: "#NULL!",
    0x07: "#DIV/0!",
    0x0F: "#VALUE!",
    0x17: "#REF!",
    0x1D: "#NAME?",
    0x24: "#NUM!",
    0x2A: "#N/A",
}
BOF, EOF, BOUNDSHEET, FORMULA, BOOLERR = 0x0809, 0x000A, 0x0085, 0x0006, 0x0205
LAST = 0xFFFFFFFA
"""Sector numbers from here on are marks, not places."""


def old_error_cells(data: bytes, sheet: str) -> dict[tuple[int, int], str]:
    """Cells of an XLS sheet that hold a formula error: {(row, column) from 0: `#REF!`}. Raises
    `struct.error` or `ValueError` for a file laid out in a way this does not know."""
    stream = _workbook_stream(data)
    start = next((offset for offset, name in _sheets(stream) if name == sheet), None)
    return {} if start is None else dict(_cells(stream, start))


def _workbook_stream(data: bytes) -> bytes:
    shift, small_shift = struct.unpack_from("<HH", data, 30)
    directory, _, cutoff, small_table = struct.unpack_from("<IIII", data, 48)
    size = 1 << shift
    tables = list(struct.unpack_from("<109I", data, 76))
    more = struct.unpack_from("<I", data, 68)[0]
    for _ in range(len(data) // size):
        if more >= LAST:
            break
        entries = struct.unpack_from(f"<{size // 4}I", data, (more + 1) * size)
        tables += entries[:-1]
        more = entries[-1]
    following: list[int] = []
    for table in tables:
        if table < LAST:
            following += struct.unpack_from(f"<{size // 4}I", data, (table + 1) * size)

    def chain(first: int) -> bytes:
        return b"".join(data[(at + 1) * size : (at + 2) * size] for at in _chain(first, following))

    entries_of = chain(directory)
    root = b""
    for at in range(0, len(entries_of), 128):
        entry = entries_of[at : at + 128]
        length = struct.unpack_from("<H", entry, 64)[0]
        name = entry[: max(length - 2, 0)].decode("utf-16-le", "replace")
        first, total = struct.unpack_from("<II", entry, 116)
        if entry[66] == 5:
            root = chain(first)
        elif name in ("Workbook", "Book"):
            if total >= cutoff:
                return chain(first)[:total]
            small = struct.unpack(f"<{len(chain(small_table)) // 4}I", chain(small_table))
            width = 1 << small_shift
            return b"".join(root[at * width : (at + 1) * width] for at in _chain(first, small))[:total]
    raise ValueError("no workbook stream")


def _chain(first: int, following: list[int] | tuple[int, ...]) -> Iterator[int]:
    at = first
    for _ in range(len(following) + 1):
        if at >= LAST:
            return
        yield at
        at = following[at] if at < len(following) else LAST
    raise ValueError("a chain of sectors runs in a circle")


def _records(stream: bytes, start: int) -> Iterator[tuple[int, int]]:
    """Kind and place of each record's contents, to the end of the part that starts there."""
    at, depth = start, 0
    while at + 4 <= len(stream):
        kind, length = struct.unpack_from("<HH", stream, at)
        yield kind, at + 4
        depth += 1 if kind == BOF else -1 if kind == EOF else 0
        if depth == 0:
            return
        at += 4 + length


def _sheets(stream: bytes) -> Iterator[tuple[int, str]]:
    for kind, at in _records(stream, 0):
        if kind == BOUNDSHEET:
            offset, _, _, length, wide = struct.unpack_from("<IBBBB", stream, at)
            text = stream[at + 8 : at + 8 + length * (2 if wide & 1 else 1)]
            yield offset, text.decode("utf-16-le" if wide & 1 else "latin-1", "replace")


def _cells(stream: bytes, start: int) -> Iterator[tuple[tuple[int, int], str]]:
    for kind, at in _records(stream, start):
        if kind == BOOLERR:
            row, column, _, value, is_error = struct.unpack_from("<HHHBB", stream, at)
            if is_error:
                yield (row, column), ERRORS.get(value, "#ERROR")
        elif kind == FORMULA:
            row, column, _, result, value, mark = struct.unpack_from("<HHHBxB3xH", stream, at)
            if result == 2 and mark == 0xFFFF:
                yield (row, column), ERRORS.get(value, "#ERROR")
