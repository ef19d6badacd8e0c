"""What is at this place? Recognises a source by address, name and contents, and opens it.

A name may lie: exports called `.xls` are often web pages or tab-separated text, and a `.csv` may
be a workbook somebody renamed. Contents decide; what the name or the contract said is kept in the
facts.

    location ─scheme─▶ database
             └─file──▶ contents ▶ workbook · sqlite · json · web page (refused) · text
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from jingwei.collection.connectors import errors, file_errors
from jingwei.collection.connectors.base import Part, Reader, Source, connectors, for_format
from jingwei.collection.connectors.database.address import masked
from jingwei.collection.connectors.database.sqlite import MAGIC, path_of
from jingwei.collection.connectors.dbf import is_dbf
from jingwei.collection.connectors.files import beginning, usable
from jingwei.collection.connectors.geopackage import is_geopackage
from jingwei.collection.connectors.parquet import MAGIC as PARQUET
from jingwei.collection.connectors.parquet import SEALED
from jingwei.collection.connectors.shapefile import MAGIC as SHAPES
from jingwei.collection.connectors.unpivot import unpivoted, wide_source
from jingwei.collection.connectors.workbook.container import OLE, ZIP, is_web_page

DECLARED = "declared_format"
"""Option and fact that name the format somebody gave, where the contents are of another."""

GZ = b"\x1f\x8b\x08"
FOREIGN = {
    b"7z\xbc\xaf\x27\x1c": "7z",
    b"Rar!\x1a\x07": "RAR",
    b"\xfd7zXZ\0": "xz",
    b"BZh": "bzip2",
    b"\x28\xb5\x2f\xfd": "zstd",
}
"""Archives that are known and not read."""
PLAIN = (".txt", ".dat", ".asc", ".prn")
"""Suffixes that only say that it is text."""
TEXTS = ("csv", "tsv", "fixed", "jsonl", "json", "sql")
ALIASES = {
    "txt": "csv",
    "text": "csv",
    "tab": "tsv",
    "ndjson": "jsonl",
    "postgresql": "postgres",
    "mariadb": "mysql",
    "db": "sqlite",
    "sqlite3": "sqlite",
    "excel": "xlsx",
    "gpkg": "geopackage",
    "shp": "shapefile",
    "fixed-width": "fixed",
}


def resolve(
    location: str,
    format: str | None = None,
    table: str | None = None,
    headers: Sequence[Sequence[str]] = (),
    options: Mapping[str, Any] | None = None,
    part: Part | None = None,
    hint: str | None = None,
) -> Source:
    """The source at a path or URL, its format found out; `format` is what somebody says it is, `hint` what it
    most likely is where neither name nor contents say."""
    said = ALIASES.get(format.lower(), format.lower()) if format else None
    if said is not None and for_format(said) is None:
        raise errors.FormatUnknown(location=masked(location), found=format, formats=_formats())
    source = Source(
        location, said or "", table, tuple(tuple(names) for names in headers), dict(options or {}), part
    )
    scheme = location.split(":", 1)[0].lower() if "://" in location else ""
    for connector in connectors():
        if scheme and scheme in connector.schemes:
            return replace(source, format=connector.formats[0])
    if scheme == "file":
        location = location.split("://", 1)[1]
        source = replace(source, location=location)
    elif scheme:
        raise errors.FormatUnknown(location=masked(location), found=f"{scheme}://", formats=_formats())
    found = _by_contents(location, said or _by_name(location, hint))
    if found in ("csv", "tsv") and source.options.get("widths"):
        found = "fixed"
    if said and said != found:
        source = replace(source, options={**source.options, DECLARED: format})
    return replace(source, format=found)


def open_source(source: Source) -> Reader:
    """Opens a source, whatever it really is. The facts name the declared format where it is another."""
    found = resolve(
        source.location, source.format or None, source.table, source.headers, source.options, source.part
    )
    connector = for_format(found.format)
    if connector is None:
        raise errors.FormatUnknown(location=masked(source.location), found=found.format, formats=_formats())
    unpivot = found.options.get("unpivot")
    reader = connector.open(wide_source(found, unpivot) if unpivot else found)
    if DECLARED in found.options:
        reader.facts[DECLARED] = found.options[DECLARED]
    reader.facts.setdefault("location", masked(found.location))
    return unpivoted(reader, unpivot, masked(found.location)) if unpivot else reader


def _by_name(location: str, hint: str | None = None) -> str | None:
    """The format a file's suffix stands for; the hint, where it stands for nothing in particular."""
    suffix = Path(location).suffix.lower()
    plain = ALIASES.get(suffix.lstrip("."), suffix.lstrip("."))
    hint = ALIASES.get(hint or "", hint)
    likely = hint if hint in TEXTS else None
    for connector in connectors():
        if suffix in connector.suffixes:
            named = plain if plain in connector.formats else connector.formats[0]
            return (likely or named) if suffix in PLAIN else named
    return likely


def _by_contents(location: str, said: str | None) -> str:
    path = usable(path_of(location))
    start = beginning(path)
    if start.startswith(MAGIC):
        return "geopackage" if is_geopackage(start) else "sqlite"
    if start.startswith((ZIP, b"PK\x05\x06")):
        return _kind_of_zip(path, location, said)
    if start.startswith(GZ):
        return "gz"
    for magic, kind in FOREIGN.items():
        if start.startswith(magic):
            raise file_errors.ArchiveForeign(location=location, kind=kind)
    if start[257:262] == b"ustar":
        raise file_errors.ArchiveForeign(location=location, kind="tar")
    if start.startswith(OLE):
        return said if said in _binary() else "xls"
    if start.startswith((PARQUET, SEALED)):
        return "parquet"
    if start.startswith(SHAPES):
        return "shapefile"
    if said == "dbf" or (not _is_text(start) and is_dbf(start)):
        return "dbf"
    if said == "sqlite":
        raise errors.NotDatabase(location=location)
    if is_web_page(start):
        raise errors.WebPageNotTable(location=location)
    if said in _binary():
        # text under a spreadsheet's name; one that is neither is refused by the connector
        return "csv" if _is_text(start) else said
    if said is None:
        if not _is_text(start):
            raise errors.FormatUnknown(
                location=location, found=Path(location).suffix or "-", formats=_formats()
            )
        return "jsonl" if is_json(start) else "csv"
    if said in ("csv", "tsv") and is_json(start):
        return "jsonl"
    return said


_JSON = re.compile(rb'[\xef\xbb\xbf\s]*(?:\[\s*)?\{\s*"')


def is_json(start: bytes) -> bool:
    """Whether a file begins like an object, or an array of them: no other text begins so."""
    return bool(_JSON.match(start))


def _binary() -> tuple[str, ...]:
    return ("xlsx", "xls", "xlsm", "xlsb", "ods")


def _kind_of_zip(path: Path, location: str, said: str | None) -> str:
    """A workbook, or an archive of tables; one cut off in transfer counts as what its first part is."""
    try:
        with zipfile.ZipFile(path) as parts:
            names = set(parts.namelist())
    except (zipfile.BadZipFile, OSError, ValueError):
        if said in _binary():
            return said
        first = beginning(path, 60)[30:]
        return "xlsx" if first.startswith((b"[Content", b"_rels", b"xl/", b"mimetype")) else "zip"
    if "xl/workbook.bin" in names:
        return "xlsb"
    if "content.xml" in names and "mimetype" in names:
        return "ods"
    if any(name.startswith("xl/") for name in names):
        return said if said in ("xlsx", "xlsm") else "xlsx"
    if any(name.startswith(("word/", "ppt/")) for name in names):
        raise errors.FormatUnknown(location=location, found="DOCX / PPTX", formats=_formats())
    return "zip"


def _is_text(start: bytes) -> bool:
    """Text of any encoding: no control bytes but blanks, or UTF-16 with its regular NULs."""
    if start.startswith((b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf")):
        return True
    controls = sum(1 for byte in start if byte < 32 and byte not in b"\t\r\n\x0b\x0c\0\x1a\x1b")
    return controls * 50 <= len(start)


def _formats() -> str:
    return ", ".join(dict.fromkeys(fmt for connector in connectors() for fmt in connector.formats))
