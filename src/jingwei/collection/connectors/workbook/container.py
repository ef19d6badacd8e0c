"""The file a workbook comes in, judged before and beside the library that reads its cells.

Encrypted workbooks, web pages saved as `.xls` and zip bombs are told apart here, because the
library's own message ("cannot detect file format") helps nobody. So are sheets that would take all the
memory there is.
"""

from __future__ import annotations

import io
import re
import struct
import zipfile

from jingwei.collection.connectors import errors
from jingwei.collection.connectors.workbook.parts import sheet_path

ZIP = b"PK\x03\x04"
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
UNPACKED_LIMIT = 2_000_000_000
"""Bytes a workbook may unpack to: a full sheet of a million rows stays below."""

_WEB = re.compile(
    rb"^\s*(?:<!doctype\s+html|<html|<table|<head|<body|<meta|<\?xml|<div|<style)", re.IGNORECASE
)


def is_web_page(start: bytes) -> bool:
    """Whether these first bytes are HTML or XML, as many systems export under the name `.xls`."""
    for encoding in ("utf-8-sig", "utf-16"):
        try:
            if _WEB.match(start[: len(start) // 2 * 2].decode(encoding).encode()):
                return True
        except UnicodeError:
            continue
    return bool(_WEB.match(start))


def is_workbook(start: bytes) -> bool:
    return start.startswith((ZIP, OLE))


def judge(location: str, data: bytes) -> None:
    """Raises for what only looks like a workbook, or may not be opened."""
    if data.startswith(OLE):
        if "EncryptedPackage".encode("utf-16-le") in data:
            raise errors.WorkbookEncrypted(location=location)
        return
    if is_web_page(data[:4096]):
        raise errors.WebPageNotTable(location=location)
    if not data.startswith(ZIP):
        raise errors.WorkbookDamaged(location=location, reason="neither ZIP nor OLE")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as parts:
            size = sum(part.file_size for part in parts.infolist())
    except (zipfile.BadZipFile, struct.error, ValueError) as problem:
        raise errors.WorkbookDamaged(location=location, reason=str(problem)) from None
    if size > UNPACKED_LIMIT:
        limit = UNPACKED_LIMIT // 1_000_000
        raise errors.WorkbookTooLarge(location=location, size=size // 1_000_000, limit=limit)


VAST = 60_000_000
"""Cells a sheet may span: a million rows of sixty columns. The library takes memory for every one of them,
empty or not, and a single mark in a sheet's last corner makes 17,000 million."""

_CELL = re.compile(rb'<(?:\w+:)?c r="([A-Z]+)(\d+)"(?:[^>]*[^/>])?>')


def refuse_vast(location: str, data: bytes, sheet: str) -> None:
    """Raises for an XLSX sheet whose cells with values lie too far apart to be read."""
    if not data.startswith(ZIP):
        return
    with zipfile.ZipFile(io.BytesIO(data)) as parts:
        path = sheet_path(parts, sheet)
        if path is None or path not in parts.namelist() or not _may_be_vast(parts, path):
            return
        rows = columns = 0
        last = ""
        with parts.open(path) as file:
            kept = b""
            while chunk := file.read(1 << 22):
                for found in _CELL.finditer(kept + chunk):
                    row, column = int(found[2]), _column(found[1])
                    if row > rows or column > columns:
                        last = (found[1] + found[2]).decode()
                    rows, columns = max(rows, row), max(columns, column)
                kept = chunk[-200:]
    if rows * columns > VAST:
        raise errors.SheetVast(location=location, sheet=sheet, cell=last)


def _may_be_vast(parts: zipfile.ZipFile, path: str) -> bool:
    """Whether the sheet claims to be vast, or claims nothing."""
    with parts.open(path) as file:
        found = re.search(rb'<(?:\w+:)?dimension ref="(?:[A-Z]+\d+:)?([A-Z]+)(\d+)"', file.read(4096))
    claimed = _column(found[1]) * int(found[2]) if found else 1
    return claimed == 1 or claimed > VAST


def _column(letters: bytes) -> int:
    column = 0
    for letter in letters:
        column = column * 26 + letter - 64
    return column
