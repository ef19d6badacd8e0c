"""From what a database driver delivers to batches: bytes that claim to be UTF-8, checked.

Old systems keep GBK bytes in tables that say UTF-8. Arrow checks a whole column at once; only if
one fails are its rows looked at, and those that hold such bytes are rejected, the others kept.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

import pyarrow as pa

from jingwei.collection.connectors.base import Batch, Reject
from jingwei.collection.connectors.batches import ROWS, batch, from_arrays, without_collector
from jingwei.collection.connectors.rejects import shorten

Row = Sequence[bytes | None]


def batches(columns: Sequence[str], rows: Iterable[Row]) -> Iterator[Batch]:
    """Batches of all rows, numbered 1, 2, 3, ... in the order they come."""
    source = iter(rows)
    first = 1
    while True:
        with without_collector():
            taken = list(islice(source, ROWS))
            if not taken:
                return
            made = made_of(columns, taken, first)
        first += len(taken)
        yield made


def made_of(columns: Sequence[str], rows: list[Row], first: int) -> Batch:
    """One batch of these rows, the first of which has the number `first`."""
    numbers = range(first, first + len(rows))
    try:
        arrays = [pa.array(cells, pa.binary()).cast(pa.string()) for cells in zip(*rows, strict=True)]
    except pa.ArrowInvalid:
        return _one_by_one(columns, rows, numbers)
    return from_arrays(columns, arrays, numbers)


def _one_by_one(columns: Sequence[str], rows: list[Row], numbers: range) -> Batch:
    good: list[list[str | None]] = []
    kept: list[int] = []
    rejects: list[Reject] = []
    for number, row in zip(numbers, rows, strict=True):
        try:
            good.append([None if cell is None else cell.decode() for cell in row])
            kept.append(number)
        except UnicodeDecodeError:
            text = "\t".join("" if cell is None else cell.decode("utf-8", "backslashreplace") for cell in row)
            rejects.append(Reject(number, "undecodable", shorten(text), {"encoding": "UTF-8"}))
    return batch(columns, good, kept, rejects)
