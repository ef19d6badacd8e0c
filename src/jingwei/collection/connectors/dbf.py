"""DBF tables, as old systems keep them and as shapefiles keep what belongs to their shapes.

    header ─▶ fields ─records of one length─▶ cells, as the digits and letters that stand there

Numbers stand in the file as text and stay it: libraries make 64-bit floats of the long ones, which ruins an
18-digit identity number. The encoding is found by the letters, with the `.cpg` beside the file and the mark in
its header as witnesses only, for both are often wrong. Records marked as deleted are no records; they are
counted in the facts.
"""

from __future__ import annotations

import io
import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import islice
from pathlib import Path

from jingwei.collection.connectors import errors, file_errors, headers
from jingwei.collection.connectors.base import Batch, Connector, Reader, Reject, Source, register
from jingwei.collection.connectors.batches import batch, without_collector
from jingwei.collection.connectors.encoding import MARK, MARKED, Encoding, escape, find_encoding, named
from jingwei.collection.connectors.files import (
    CHUNK,
    EVIDENCE_LIMIT,
    HashedFile,
    Survey,
    beginning,
    reading,
    survey,
    usable,
)
from jingwei.collection.connectors.memo import Memo, memo_beside
from jingwei.collection.connectors.rejects import shorten
from jingwei.kernel.text import listed

VERSIONS = frozenset(b"\x02\x03\x04\x05\x30\x31\x32\x43\x63\x83\x8b\x8e\xcb\xe5\xf5\xfb")
TYPES = frozenset(b"CNFDLMGBPITY@O+V0QW")
MARKS = {0x4D: "gb18030", 0x7A: "gb18030", 0x4F: "cp950", 0x78: "cp950", 0x7B: "cp932", 0x7C: "cp874"}
"""Language drivers in the header that speak of an encoding of our world."""
ROWS = 10_000
MEMO = "MGPW"
"""Kinds of fields whose text lies in a file of its own."""
DELETED = 0x2A
_HALF = re.compile("[\udc00-\udcff]{1,3}$")
"""Bytes at the end of a text that are no character."""
_JULIAN = 1_721_425
"""Julian day before the first of January of the year 1."""


@dataclass(frozen=True)
class Field:
    name: bytes
    kind: str
    length: int


@dataclass(frozen=True)
class Shape:
    """What the header says: where records begin, how long and how many they are."""

    fields: tuple[Field, ...]
    begin: int
    length: int
    records: int
    mark: int


def is_dbf(start: bytes) -> bool:
    """Whether a file begins like a DBF table: its header's numbers must agree with each other."""
    if len(start) < 66 or start[0] not in VERSIONS or not (start[2] <= 12 and start[3] <= 31):
        return False
    begin, length = struct.unpack_from("<HH", start, 8)
    return begin >= 65 and length >= 2 and start[43] in TYPES and 0 < start[32] < 0xFF


@register
class Dbf(Connector):
    """Option: `encoding`."""

    name = "dbf"
    formats = ("dbf",)
    suffixes = (".dbf",)

    def open(self, source: Source) -> Reader:
        return DbfReader(source, usable(source.location))


class DbfReader(Reader):
    def __init__(self, source: Source, path: Path) -> None:
        super().__init__()
        self.location = str(path)
        self._seen = survey(path)
        start = beginning(path, 70_000)
        if not is_dbf(start):
            raise file_errors.DbfDamaged(location=path, reason="no DBF header")
        self.shape = _shape(path, start, self._seen.size)
        self._memo = _memo(path, self.shape)
        self.encoding, witnesses = _encoding(source, path, self.shape, self._seen)
        names = [field.name.decode(self.encoding.codec, "replace") for field in self.shape.fields]
        self.columns = headers.columns(source.location, names, source.headers)
        if source.headers and not headers.enough(headers.matched(names, source.headers), source.headers):
            raise errors.HeaderMissing(
                location=source.location,
                rows=1,
                expected=listed(aliases[0] for aliases in source.headers[:12]),
                found=listed(names[:12]),
            )
        self.facts = {
            "format": "dbf",
            "bytes": self._seen.size,
            "sha256": self._seen.sha256,
            "encoding": self.encoding.title,
            "encoding_confidence": self.encoding.confidence,
            **witnesses,
        }

    def batches(self) -> Iterator[Batch]:
        """Every record that is not deleted, by its number. Raises `SourceChanged` if the file did."""
        records = self.records()
        while block := list(islice(records, ROWS)):
            with without_collector():
                kept = [(number, found) for number, found in block if found is not None]
                rejects = [found for _, found in kept if isinstance(found, Reject)]
                rows = [(number, found) for number, found in kept if not isinstance(found, Reject)]
                made = batch(self.columns, [row for _, row in rows], [number for number, _ in rows], rejects)
            yield made

    def records(self) -> Iterator[tuple[int, list[str | None] | Reject | None]]:
        """Number and cells of each record; None for one that is deleted."""
        deleted = self._cut = 0
        hashed = HashedFile(Path(self.location))
        with reading(self.location), io.BufferedReader(hashed, CHUNK) as file:
            file.read(self.shape.begin)
            for number in range(1, self.shape.records + 1):
                data = file.read(self.shape.length)
                if data[:1] == bytes([DELETED]):
                    deleted += 1
                    yield number, None
                else:
                    yield number, self._cells(number, data)
            while file.read(CHUNK):
                continue
            if hashed.sha256 != self._seen.sha256:
                raise errors.SourceChanged(location=self.location)
        self.declared = self.shape.records - deleted
        self.facts["declared"] = self.declared
        if deleted:
            self.facts["deleted_records"] = deleted
        if self._cut:
            self.facts["characters_cut_at_the_width"] = self._cut

    def _cells(self, number: int, data: bytes) -> list[str | None] | Reject:
        cells: list[str | None] = []
        at = 1
        for field in self.shape.fields:
            raw = data[at : at + field.length]
            at += field.length
            cells.append(self._cell(field, raw))
        if any(cell is not None and MARKED.search(cell) for cell in cells):
            text = escape(" | ".join(cell or "" for cell in cells))
            return Reject(number, "undecodable", shorten(text), {"encoding": self.encoding.title})
        if any(cell is not None and "\0" in cell for cell in cells):
            return Reject(number, "nul", shorten(escape(data.decode("latin-1").replace("\0", "\\x00"))))
        return cells

    def _cell(self, field: Field, raw: bytes) -> str | None:
        if len(raw) == SIZES.get(field.kind):
            return BINARY[field.kind](raw)
        if field.kind in MEMO and self._memo is not None:
            long = self._memo.text(raw)
            return None if long is None else long.decode(self.encoding.codec, MARK)
        if field.kind not in "CV":
            return raw.decode("latin-1").strip(" \0") or None
        raw = raw.rstrip(b" \0")
        text = raw.decode(self.encoding.codec, MARK)
        kept = _HALF.sub("", text)
        if len(raw) == field.length and kept not in ("", text) and not MARKED.search(kept):
            # the width of the field cut its last character in two: what is left of it says nothing
            self._cut += 1
            return kept
        return text or None


def _shape(path: Path, start: bytes, size: int) -> Shape:
    (records,) = struct.unpack_from("<I", start, 4)
    begin, length = struct.unpack_from("<HH", start, 8)
    fields: list[Field] = []
    at = 32
    while at + 32 <= min(begin, len(start)) and start[at] != 0x0D:
        name, kind, size_low, size_high = struct.unpack_from("<11sc4xBB", start, at)
        kind_of = kind.decode("latin-1")
        # a text may be longer than a byte can say; then the digits behind the point are its higher byte
        wide = size_low + 256 * size_high if kind_of == "C" else size_low
        fields.append(Field(name.split(b"\0")[0].strip(), kind_of, wide))
        at += 32
    if not fields or sum(field.length for field in fields) + 1 > length:
        raise file_errors.DbfDamaged(location=path, reason="fields and records do not agree")
    if begin + records * length > size:
        there = max(0, size - begin) // length
        raise file_errors.DbfDamaged(location=path, reason=f"{records:,} records declared, {there:,} there")
    return Shape(tuple(fields), begin, length, records, start[29])


def _memo(path: Path, shape: Shape) -> Memo | None:
    """The file beside the table that holds its long texts; refused if it is wanted and not there."""
    if not any(field.kind in MEMO for field in shape.fields):
        return None
    memo = memo_beside(path)
    if memo is None:
        raise file_errors.MemoMissing(location=path, missing=f"{path.stem}.fpt, {path.stem}.dbt")
    return memo


def _encoding(source: Source, path: Path, shape: Shape, seen: Survey) -> tuple[Encoding, dict[str, str]]:
    """The encoding, and what the witnesses said of it."""
    said = _code_page(path)
    texts = _evidence(path, shape)
    evidence = b"\n".join(texts)
    valid = all(_fits(text, "utf-8") for text in texts)
    letters = Survey(
        seen.sha256, len(evidence), shape.records, 0, 0, 0, evidence.isascii(), valid, evidence, evidence, len(texts)
    )  # fmt: skip
    wanted = [alias for aliases in source.headers for alias in aliases]
    witness = named(said) if said else MARKS.get(shape.mark)
    told = {"cpg": said} if said else {}
    try:
        found = find_encoding(source.location, letters, wanted, source.options.get("encoding"))
    except errors.EncodingUnknown:
        if witness is None:
            raise
        return Encoding(witness, 0.5), told
    if found.declared or letters.ascii or (found.codec == "utf-8" and valid):
        return found, told
    # what does not check itself is settled by a witness, and what is not even that, by what it can be
    for codec in (witness, None if found.codec != "utf-8" else "gb18030"):
        if codec and codec != found.codec and all(_fits(text, codec) for text in texts):
            return Encoding(codec, 0.9 if codec == witness else 0.5), told
    return found, told


def _fits(text: bytes, codec: str) -> bool:
    """Whether a text can be of this encoding, but for a last character that the field's width cut off."""
    try:
        text.decode(codec)
    except UnicodeDecodeError as problem:
        return problem.start >= len(text) - 3 > 0
    except LookupError:
        return False
    return True


def _evidence(path: Path, shape: Shape) -> list[bytes]:
    """Texts with letters beyond ASCII, each once: the fields' names, then cells from all of the table."""
    found = dict.fromkeys(field.name for field in shape.fields if not field.name.isascii())
    gathered = 0
    step = max(1, shape.records // 5_000)
    with reading(str(path)), path.open("rb") as file:
        for number in range(0, shape.records, step):
            file.seek(shape.begin + number * shape.length)
            data, at = file.read(shape.length), 1
            for field in shape.fields:
                cell = data[at : at + field.length].rstrip(b" \0")
                at += field.length
                if field.kind == "C" and not cell.isascii() and gathered < EVIDENCE_LIMIT:
                    found[cell] = None
                    gathered += len(cell)
    return list(found)


def _code_page(path: Path) -> str:
    """What the `.cpg` beside the table says."""
    for beside in (path.with_suffix(".cpg"), path.with_suffix(".CPG")):
        if beside.is_file():
            return beginning(beside, 64).decode("latin-1").strip("\0 \r\n\t")
    return ""


def _whole(raw: bytes) -> str:
    return str(int.from_bytes(raw, "little", signed=True))


def _double(raw: bytes) -> str:
    return repr(struct.unpack("<d", raw)[0]).removesuffix(".0")


def _money(raw: bytes) -> str:
    value = int.from_bytes(raw, "little", signed=True)
    return f"{'-' * (value < 0)}{abs(value) // 10_000}.{abs(value) % 10_000:04}"


def _moment(raw: bytes) -> str | None:
    day, milliseconds = struct.unpack("<ii", raw)
    if not day:
        return None
    begun = date.fromordinal(day - _JULIAN)
    return f"{begun} {timedelta(milliseconds=milliseconds)}"


BINARY = {"I": _whole, "+": _whole, "Y": _money, "T": _moment, "@": _moment, "O": _double, "B": _double}
SIZES = {"I": 4, "+": 4, "Y": 8, "T": 8, "@": 8, "O": 8, "B": 8}
"""Kinds of fields that hold no text, if they have this length."""
