"""PostgreSQL's COPY text format (its chapter in PostgreSQL's manual), cut up into rows.

Bytes are cut here rather than by the driver, because they may not be UTF-8. A block of plain lines, nearly
all there are, is cut by Arrow; one with escapes or foreign bytes line by line.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import pyarrow as pa
from pyarrow import csv as arrow_csv

from jingwei.collection.connectors.base import Batch
from jingwei.collection.connectors.batches import from_arrays
from jingwei.collection.connectors.database.rows import made_of


def cut(columns: Sequence[str], block: bytes, first: int) -> Batch:
    """The rows of a block of whole lines, the first of which has the number `first`."""
    return _plain(columns, block, first) or made_of(
        columns, list(map(_cells, block.removesuffix(b"\n").split(b"\n"))), first
    )


def _plain(columns: Sequence[str], block: bytes, first: int) -> Batch | None:
    """Lines in which a backslash only ever says NULL, cut up by Arrow; None if they are not
    such, or hold bytes that are not UTF-8."""
    if b"\\\\" in block or block.count(b"\\") != block.count(b"\\N"):
        return None
    names = [str(at) for at in range(len(columns))]
    try:
        table = arrow_csv.read_csv(
            pa.BufferReader(block),
            read_options=arrow_csv.ReadOptions(
                use_threads=False, block_size=len(block) + 1, column_names=names
            ),
            parse_options=arrow_csv.ParseOptions(
                delimiter="\t", quote_char=False, double_quote=False, ignore_empty_lines=False
            ),
            convert_options=arrow_csv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.string()),
                null_values=["\\N"],
                strings_can_be_null=True,
            ),
        )
    except pa.ArrowInvalid:
        return None
    lines = block.count(b"\n")
    if table.num_rows != lines:
        return None
    arrays = [column.combine_chunks() for column in table.columns]
    return from_arrays(columns, arrays, range(first, first + lines))


def _cells(line: bytes) -> list[bytes | None]:
    """The cells of one line."""
    cells: list[bytes | None] = list(line.removesuffix(b"\n").split(b"\t"))
    if b"\\" in line:
        return [None if cell == b"\\N" else _ESCAPE.sub(_unescape, cell or b"") for cell in cells]
    return cells


_ESCAPE = re.compile(rb"\\([0-7]{1,3}|x[0-9A-Fa-f]{1,2}|.)", re.DOTALL)
_LETTERS = {b"b": b"\b", b"f": b"\f", b"n": b"\n", b"r": b"\r", b"t": b"\t", b"v": b"\v"}


def _unescape(match: re.Match[bytes]) -> bytes:
    return _LETTERS.get(match[1], match[1])
