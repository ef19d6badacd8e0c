"""Cells that are empty for the reading library but not for a person: failed and uncomputed formulas.

A formula that failed shows `#REF!`; one that a program wrote without computing it shows whatever Excel
makes of it later. The library gives both as empty cells, and an error must not pass for "no value". So
the sheet's own markup is searched for them; a sheet without formulas costs one look at its bytes.
"""

from __future__ import annotations

import io
import re
import struct
import zipfile
from collections.abc import Iterator
from typing import IO
from xml.etree import ElementTree

from jingwei.collection.connectors.workbook.container import OLE
from jingwei.collection.connectors.workbook.old_errors import ERRORS, old_error_cells
from jingwei.collection.connectors.workbook.parts import MAIN, sheet_path

UNCOMPUTED = "#UNCOMPUTED"
"""Stands in a cell whose formula has no value."""

Cells = dict[tuple[int, int], str]


def odd_cells(data: bytes, sheet: str) -> Cells:
    """Cells of a sheet that hold a formula without a value: {(row, column) from 0: `#REF!`}."""
    if data.startswith(OLE):
        try:
            return old_error_cells(data, sheet)
        except (struct.error, ValueError, IndexError):
            # the library has read it, by a layout we do not know: better its cells than none
            return {}
    with zipfile.ZipFile(io.BytesIO(data)) as parts:
        names = set(parts.namelist())
        if "content.xml" in names:
            return _open_document(parts, sheet)
        if "xl/workbook.bin" in names:
            return _binary(parts, sheet)
        path = sheet_path(parts, sheet)
        if path is None or not _mentions(parts, path, (b't="e"', b"<f>", b"<f ", b"<f/>", b":f>", b":f ")):
            return {}
        with parts.open(path) as file:
            return dict(_in_sheet(file))


def _mentions(parts: zipfile.ZipFile, path: str, wanted: tuple[bytes, ...]) -> bool:
    """Looks for marks without parsing: most sheets have none, and parsing is slow."""
    try:
        with parts.open(path) as file:
            kept = b""
            while chunk := file.read(1 << 20):
                if any(mark in kept + chunk for mark in wanted):
                    return True
                kept = chunk[-16:]
    except KeyError:
        return False
    return False


def _in_sheet(file: IO[bytes]) -> Iterator[tuple[tuple[int, int], str]]:
    """XLSX. A formula that gives an empty text has a value too (`t="str"`)."""
    row = column = -1
    for event, element in ElementTree.iterparse(file, ("start", "end")):
        if event == "start":
            if element.tag == f"{MAIN}row":
                row, column = int(element.get("r") or row + 2) - 1, -1
            elif element.tag == f"{MAIN}c":
                row, column = place(element.get("r", "")) or (row, column + 1)
        elif element.tag == f"{MAIN}c":
            value = element.find(f"{MAIN}v")
            text = value.text if value is not None and value.text else ""
            if element.get("t") == "e":
                yield (row, column), text or "#N/A"
            elif not text and element.get("t") != "str" and element.find(f"{MAIN}f") is not None:
                yield (row, column), UNCOMPUTED
        elif element.tag == f"{MAIN}row":
            element.clear()


def place(reference: str) -> tuple[int, int] | None:
    """`B3` as row and column from 0."""
    match = re.fullmatch(r"([A-Z]+)(\d+)", reference)
    if not match:
        return None
    column = 0
    for letter in match[1]:
        column = column * 26 + ord(letter) - 64
    return int(match[2]) - 1, column - 1


_OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_EXTENDED = "{urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0}"
_TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
_FAILED = re.compile(r"#(?:REF!|N/A|DIV/0!|VALUE!|NAME\?|NUM!|NULL!)|Err:\d+")


def _open_document(parts: zipfile.ZipFile, sheet: str) -> Cells:
    """ODS: LibreOffice marks a failed formula; others leave its error as the cell's text."""
    found: Cells = {}
    if not _mentions(parts, "content.xml", (b"table:formula",)):
        return found
    here = False
    row = column = 0
    with parts.open("content.xml") as file:
        for event, element in ElementTree.iterparse(file, ("start", "end")):
            if event == "start":
                if element.tag == f"{_TABLE}table":
                    here, row = element.get(f"{_TABLE}name") == sheet, 0
                elif element.tag == f"{_TABLE}table-row":
                    column = 0
                continue
            if element.tag in (f"{_TABLE}table-cell", f"{_TABLE}covered-table-cell"):
                times = int(element.get(f"{_TABLE}number-columns-repeated") or 1)
                if here and element.get(f"{_TABLE}formula") is not None:
                    shown = "".join("".join(part.itertext()) for part in element.findall(f"{_TEXT}p")).strip()
                    error = element.get(f"{_EXTENDED}value-type") == "error" or _FAILED.fullmatch(shown)
                    given = element.get(f"{_OFFICE}value-type")
                    if error or given is None:
                        value = shown or "#N/A" if error else UNCOMPUTED
                        found |= {(row, column + more): value for more in range(times)}
                column += times
            elif element.tag == f"{_TABLE}table-row":
                row += int(element.get(f"{_TABLE}number-rows-repeated") or 1)
                element.clear()
    return found


ROW_HEADER, CELL_ERROR, FORMULA_ERROR = 0, 3, 11
"""Kinds of record in a sheet of XLSB ([MS-XLSB] 2.3)."""


def _binary(parts: zipfile.ZipFile, sheet: str) -> Cells:
    path = _binary_path(parts, sheet)
    found: Cells = {}
    if path is None:
        return found
    row = 0
    for kind, body in _binary_records(parts.read(path)):
        if kind == ROW_HEADER:
            row = struct.unpack_from("<I", body)[0]
        elif kind in (CELL_ERROR, FORMULA_ERROR):
            column = struct.unpack_from("<I", body)[0]
            found[row, column] = ERRORS.get(body[8], "#ERROR")
    return found


def _binary_path(parts: zipfile.ZipFile, sheet: str) -> str | None:
    """The sheet's part, by the relation its entry in the workbook (record 156) names."""
    relations = ElementTree.fromstring(parts.read("xl/_rels/workbook.bin.rels"))
    targets = {relation.get("Id"): relation.get("Target", "") for relation in relations}
    for kind, body in _binary_records(parts.read("xl/workbook.bin")):
        if kind == 156:
            relation, after = _wide(body, 8)
            name, _ = _wide(body, after)
            if name == sheet and (target := targets.get(relation)):
                return target.lstrip("/") if target.startswith("/") else f"xl/{target}"
    return None


def _wide(body: bytes, at: int) -> tuple[str, int]:
    length = struct.unpack_from("<I", body, at)[0]
    end = at + 4 + length * 2
    return body[at + 4 : end].decode("utf-16-le", "replace"), end


def _binary_records(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Kind and contents of each record: both kind and length are numbers of seven bits a byte."""
    at = 0
    while at < len(data):
        kind, at = data[at], at + 1
        if kind & 0x80:
            kind, at = (kind & 0x7F) | (data[at] & 0x7F) << 7, at + 1
        length = shift = 0
        while True:
            byte = data[at]
            length |= (byte & 0x7F) << shift
            at, shift = at + 1, shift + 7
            if not byte & 0x80:
                break
        yield kind, data[at : at + length]
        at += length
