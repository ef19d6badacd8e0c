"""The file a workbook comes in, judged before and beside the library that reads its cells.

Encrypted workbooks, web pages saved as `.xls` and zip bombs are told apart here, because the
library's own message ("cannot detect file format") helps nobody. Formula errors are found here
too: the library gives an empty cell for `#REF!`, and an error must not pass for "no value".
"""

from __future__ import annotations

import io
import re
import struct
import zipfile
from collections.abc import Iterator
from typing import IO
from xml.etree import ElementTree

from jingwei.collection.connectors import errors
from jingwei.collection.connectors.workbook.old_errors import old_error_cells

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


_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"


def error_cells(data: bytes, sheet: str) -> dict[tuple[int, int], str]:
    """Cells of a sheet that hold a formula error: {(row, column) from 0: `#REF!`}; for XLSX, XLSM and
    XLS. The binary XLSB and ODS are not looked into."""
    if data.startswith(OLE):
        try:
            return old_error_cells(data, sheet)
        except (struct.error, ValueError, IndexError):
            # the library has read it, by a layout we do not know: better its cells than none
            return {}
    with zipfile.ZipFile(io.BytesIO(data)) as parts:
        path = _sheet_path(parts, sheet)
        if path is None or not _mentions_error(parts, path):
            return {}
        with parts.open(path) as file:
            return dict(_errors(file))


def _sheet_path(parts: zipfile.ZipFile, sheet: str) -> str | None:
    try:
        book = ElementTree.fromstring(parts.read("xl/workbook.xml"))
        relations = ElementTree.fromstring(parts.read("xl/_rels/workbook.xml.rels"))
    except (KeyError, ElementTree.ParseError):
        return None
    named = next((item for item in book.iter(f"{_MAIN}sheet") if item.get("name") == sheet), None)
    if named is None:
        return None
    for relation in relations:
        if relation.get("Id") == named.get(_RELATION):
            target = relation.get("Target", "")
            return target.lstrip("/") if target.startswith("/") else f"xl/{target}"
    return None


def _mentions_error(parts: zipfile.ZipFile, path: str) -> bool:
    """Looks for `t="e"` without parsing: most sheets have none, and parsing is slow."""
    try:
        with parts.open(path) as file:
            kept = b""
            while chunk := file.read(1 << 20):
                if b't="e"' in kept + chunk:
                    return True
                kept = chunk[-8:]
    except KeyError:
        return False
    return False


def _errors(file: IO[bytes]) -> Iterator[tuple[tuple[int, int], str]]:
    for _, element in ElementTree.iterparse(file):
        if element.tag == f"{_MAIN}c" and element.get("t") == "e":
            value = element.find(f"{_MAIN}v")
            place = _place(element.get("r", ""))
            if place is not None:
                yield place, (value.text if value is not None and value.text else "#N/A")
        elif element.tag == f"{_MAIN}row":
            element.clear()


def _place(reference: str) -> tuple[int, int] | None:
    match = re.fullmatch(r"([A-Z]+)(\d+)", reference)
    if not match:
        return None
    column = 0
    for letter in match[1]:
        column = column * 26 + ord(letter) - 64
    return int(match[2]) - 1, column - 1
