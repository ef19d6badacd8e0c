"""The parts of an XLSX package: which of them is the sheet of a name."""

from __future__ import annotations

import zipfile
from xml.etree import ElementTree

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"


def sheet_path(parts: zipfile.ZipFile, sheet: str) -> str | None:
    """Name of the part that holds the sheet, None where the package does not say."""
    try:
        book = ElementTree.fromstring(parts.read("xl/workbook.xml"))
        relations = ElementTree.fromstring(parts.read("xl/_rels/workbook.xml.rels"))
    except (KeyError, ElementTree.ParseError):
        return None
    named = next((item for item in book.iter(f"{MAIN}sheet") if item.get("name") == sheet), None)
    if named is None:
        return None
    for relation in relations:
        if relation.get("Id") == named.get(_RELATION):
            target = relation.get("Target", "")
            return target.lstrip("/") if target.startswith("/") else f"xl/{target}"
    return None
