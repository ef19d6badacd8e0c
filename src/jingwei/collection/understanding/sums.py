"""Rows that may add up others: 全国 above the provinces, 全区 above the streets.

A row named 合计 or 小计 is set aside while reading. A row named 全国 may be one of the table's records, or
only their sum; the name does not tell, but the figures do. It stays a record, and what the figures say is
said.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from jingwei.collection.connectors.signs import BLANK, MISSING, NUMBER, TEXT, looks
from jingwei.kernel.text import Text

_WHOLE = re.compile(
    r"全国|全省|全市|全区|全县|全街道|全镇|总体|全部|全社会|各地合计|China|National|All|(?:.{1,12} )?Total.*",
    re.IGNORECASE,
)
CLOSE = 0.005
"""Part by which a sum may differ: figures are rounded."""

MOST = 5_000


@dataclass(frozen=True)
class Whole:
    """`row` is the place among the rows looked at; `columns` of figures were compared, `fits` of them add up."""

    row: int
    label: str
    columns: int
    fits: int
    said: Text

    @property
    def is_sum(self) -> bool:
        return self.columns > 0 and self.fits * 10 >= self.columns * 8


def figure(text: str | None) -> float | None:
    """The number a cell shows, None where it shows none."""
    if not text or looks(text) != NUMBER:
        return None
    plain = unicodedata.normalize("NFKC", text).replace(",", "").replace(" ", "").replace("−", "-")
    sign = -1 if plain.startswith("(") else 1
    plain = plain.strip("()").lstrip("¥$€£")
    try:
        return sign * (float(plain[:-1]) / 100 if plain.endswith("%") else float(plain))
    except ValueError:
        return None


def wholes(rows: Sequence[Sequence[str | None]], limit: int = 5) -> list[Whole]:
    """Rows of a whole table whose label names a whole, with what the figures say."""
    if len(rows) > MOST or len(rows) < 4:
        return []
    width = len(rows[0])
    label = next((at for at in range(width) if _words(rows, at)), None)
    if label is None:
        return []
    found = [at for at, row in enumerate(rows) if _WHOLE.fullmatch((row[label] or "").strip())]
    if len(found) > limit:
        return []
    columns = [at for at in range(width) if at != label and _figures(rows, at)]
    named = [_judged(rows, at, label, columns, set(found)) for at in found]
    # whatever it is called, a first or last row that is the sum of the others is worth a word
    ends = [_judged(rows, at, label, columns, {at}) for at in (0, len(rows) - 1) if at not in found]
    return [*named, *(one for one in ends if one.is_sum and one.columns > 1)]


def _judged(
    rows: Sequence[Sequence[str | None]], at: int, label: int, columns: Sequence[int], wholes_at: set[int]
) -> Whole:
    others = [row for place, row in enumerate(rows) if place not in wholes_at]
    compared = fits = 0
    for column in columns:
        whole = figure(rows[at][column])
        parts = [value for row in others if (value := figure(row[column])) is not None]
        if whole is None or not parts or len(parts) * 10 < len(others) * 8:
            continue
        compared += 1
        fits += abs(sum(parts) - whole) <= max(abs(whole) * CLOSE, 1e-9)
    said = Text(
        "“{label}”仍作为一行：{columns} 列数字里有 {fits} 列等于其余 {n} 行之和",
        "“{label}” stays a record: in {fits} of {columns} columns of figures it is the sum of the other {n} rows",
    ).fill(label=rows[at][label], columns=compared, fits=fits, n=len(others))
    return Whole(at, str(rows[at][label]), compared, fits, said)


def _words(rows: Sequence[Sequence[str | None]], at: int) -> bool:
    kinds = [looks(row[at] or "") for row in rows]
    return kinds.count(TEXT) * 10 >= len(rows) * 8


def _figures(rows: Sequence[Sequence[str | None]], at: int) -> bool:
    kinds = [looks(row[at] or "") for row in rows]
    told = len(rows) - kinds.count(BLANK) - kinds.count(MISSING)
    return told > 0 and kinds.count(NUMBER) * 10 >= told * 8
