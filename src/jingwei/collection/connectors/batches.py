"""Turns rows of text cells into Arrow batches: the one shape every reader delivers."""

from __future__ import annotations

import gc
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import numpy
import pyarrow as pa

from jingwei.collection.connectors.base import ROW, Batch, Reject

ROWS = 50_000
"""Rows of a full batch."""


def schema(columns: Sequence[str]) -> pa.Schema:
    """The shape of all batches of a reader with these columns."""
    return pa.schema([(ROW, pa.int64()), *((name, pa.string()) for name in columns)])


def batch(
    columns: Sequence[str],
    rows: Sequence[Sequence[str | None]],
    numbers: Sequence[int] | range,
    rejects: Sequence[Reject] = (),
) -> Batch:
    """Rows of cells, all as wide as `columns`, with their numbers at the source."""
    cells = list(zip(*rows, strict=True)) if rows else [() for _ in columns]
    return from_arrays(columns, [pa.array(column, pa.string()) for column in cells], numbers, rejects)


def from_arrays(
    columns: Sequence[str],
    arrays: Sequence[pa.Array],
    numbers: Sequence[int] | range,
    rejects: Sequence[Reject] = (),
) -> Batch:
    """The same from columns that are Arrow already."""
    counted = counting(numbers) if isinstance(numbers, range) else pa.array(numbers, pa.int64())
    return Batch(pa.RecordBatch.from_arrays([counted, *arrays], schema=schema(columns)), tuple(rejects))


def counting(numbers: range) -> pa.Array:
    """A range as int64, quickly: Arrow would take it number by number, and import pandas to take numpy's."""
    values = numpy.arange(numbers.start, numbers.stop, numbers.step, dtype=numpy.int64)
    return pa.Array.from_buffers(pa.int64(), len(values), [None, pa.py_buffer(values)])


@contextmanager
def without_collector() -> Iterator[None]:
    """Holds the cyclic garbage collector back while millions of cells, which form no cycles, are
    made: it would walk them again and again (a third of the time)."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()
