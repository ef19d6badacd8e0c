"""Text columns built a million at a time.

The sample writes four rows a resident, each with a dozen texts; Python strings made one by one
would take minutes. Here texts are Arrow arrays: picked from a vocabulary, joined, or laid out
digit by digit in a byte matrix that becomes the array's own buffer.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

DAY_ZERO = np.datetime64("1900-01-01")
"""Days are int32 counted from here; the sample lives between 1900 and 2039."""
_ALL_DAYS = np.arange(np.datetime64("1900-01-01"), np.datetime64("2040-01-01"))


def day(iso: str) -> int:
    return int((np.datetime64(iso) - DAY_ZERO).astype(int))


def pick(words: Sequence[str] | pa.Array, index: np.ndarray) -> pa.Array:
    """The words at these places; a negative index gives null."""
    index = np.asarray(index)
    places = pa.array(index, mask=index < 0) if (index < 0).any() else pa.array(index)
    vocabulary = words if isinstance(words, pa.Array) else pa.array(words, pa.string())
    return pc.take(vocabulary, places)


def join(*parts: pa.Array | str) -> pa.Array:
    """Row by row concatenation; null in any part gives null."""
    scalars = [pa.scalar(p, pa.string()) if isinstance(p, str) else p for p in parts]
    return pc.binary_join_element_wise(*scalars, "")


def fixed(matrix: np.ndarray) -> pa.Array:
    """A matrix of ASCII bytes, one row a text."""
    rows, width = matrix.shape
    offsets = np.arange(0, (rows + 1) * width, width, dtype=np.int32)
    data = np.ascontiguousarray(matrix, dtype=np.uint8)
    return pa.StringArray.from_buffers(rows, pa.py_buffer(offsets), pa.py_buffer(data))


def digits(values: np.ndarray, width: int) -> np.ndarray:
    """Integers as a matrix of ASCII digits with leading zeros."""
    rest = np.asarray(values, dtype=np.int64).copy()
    matrix = np.empty((len(rest), width), dtype=np.uint8)
    for column in range(width - 1, -1, -1):
        matrix[:, column] = rest % 10 + 48
        rest //= 10
    return matrix


def numbered(prefix: str, values: np.ndarray, width: int) -> pa.Array:
    """Record numbers: a prefix and a zero-padded count."""
    head = np.tile(np.frombuffer(prefix.encode(), dtype=np.uint8), (len(values), 1))
    return fixed(np.hstack([head, digits(values, width)]))


def integers(values: np.ndarray) -> pa.Array:
    """Integers as plain text."""
    return pc.cast(pa.array(values), pa.string())


def patch(column: pa.Array, mask: np.ndarray, values: pa.Array) -> pa.Array:
    """`column` with the masked rows replaced by `values` (one for each masked row)."""
    if not mask.any():
        return column
    return pc.replace_with_mask(column, pa.array(mask), values.cast(column.type))


def blank(column: pa.Array, mask: np.ndarray) -> pa.Array:
    """`column` with the masked rows null."""
    return pc.if_else(pa.array(mask), pa.scalar(None, column.type), column) if mask.any() else column


def rewrite(
    column: pa.Array, mask: np.ndarray, change: Callable[[str, float], str], draws: np.ndarray
) -> pa.Array:
    """Masked rows changed one by one with `change(text, draw)`; meant for a few rows in a hundred."""
    if not mask.any():
        return column
    texts = column.filter(pa.array(mask)).to_pylist()
    changed = [None if text is None else change(text, draw) for text, draw in zip(texts, draws, strict=True)]
    return patch(column, mask, pa.array(changed, pa.string()))


DATE_STYLES: dict[str, Callable[[int, int, int], str]] = {
    "iso": lambda y, m, d: f"{y:04d}-{m:02d}-{d:02d}",
    "compact": lambda y, m, d: f"{y:04d}{m:02d}{d:02d}",
    "slash": lambda y, m, d: f"{y}/{m}/{d}",
    "dot": lambda y, m, d: f"{y:04d}.{m:02d}.{d:02d}",
    "chinese": lambda y, m, d: f"{y}年{m}月{d}日",
    "midnight": lambda y, m, d: f"{y:04d}-{m:02d}-{d:02d} 00:00:00",
}
_calendar: dict[str, pa.Array] = {}


def parts(days: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Year, month and day of the month."""
    dates = DAY_ZERO + np.asarray(days, dtype=np.int64)
    months = dates.astype("datetime64[M]")
    years = dates.astype("datetime64[Y]")
    return (
        years.astype(int) + 1970,
        (months - years).astype(int) + 1,
        (dates - months).astype(int) + 1,
    )


def dates(days: np.ndarray, style: str) -> pa.Array:
    """Days written in one of DATE_STYLES; negative days give null."""
    if style not in _calendar:
        year, month, day_of_month = parts(np.arange(len(_ALL_DAYS)))
        write = DATE_STYLES[style]
        _calendar[style] = pa.array(
            [write(*ymd) for ymd in zip(year.tolist(), month.tolist(), day_of_month.tolist(), strict=True)]
        )
    return pick(_calendar[style], days)
