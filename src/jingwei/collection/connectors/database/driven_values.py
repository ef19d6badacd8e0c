"""Values as a dialect of SQL writes them, found out by asking the server for no rows.

Numbers stand bare, texts in quotation marks; a date or a time is written in one of a few ways, and the
first one the server takes for a column is kept for it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pyarrow as pa

from jingwei.collection.connectors.database.arrow_text import NUMBER

if TYPE_CHECKING:
    from jingwei.collection.connectors.database.driven import Table

TIME = re.compile(
    r"(\d{4}-\d{2}-\d{2})(?:[ T](\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?)(?:[-+]\d{2}(?::?\d{2})?|Z)?)?"
)


class Values:
    """Literals for the columns of one table."""

    def __init__(self, table: Table) -> None:
        self._table = table
        self._ways: dict[str, str] = {}
        self._types: dict[str, pa.DataType] = {}

    def of(self, column: str, text: str) -> tuple[str | None, str]:
        """The literal, or None with what the server says against it."""
        if column not in self._types:
            self._types[column] = self._table.type_of(column)
        kind = self._types[column]
        if _is_number(kind):
            number = text.strip()
            return (number, "") if NUMBER.fullmatch(number) else (None, f"{text} is no number")
        if pa.types.is_boolean(kind):
            return self._written(column, text, ("{text}", "'{text}'"))
        found = TIME.fullmatch(text.strip())
        if pa.types.is_date(kind) and found:
            return self._written(column, found[1], ("{{d '{text}'}}", "DATE '{text}'", "'{text}'"))
        if pa.types.is_timestamp(kind) and found:
            clock = found[2] or "00:00:00"
            full = f"{found[1]} {clock if clock.count(':') == 2 else clock + ':00'}"
            return self._written(column, full, ("{{ts '{text}'}}", "TIMESTAMP '{text}'", "'{text}'"))
        if pa.types.is_date(kind) or pa.types.is_timestamp(kind):
            return None, f"{text} is no time"
        doubled = text.replace("'", "''")
        # some servers read '张' in their own code page, and N'张' as it is
        return self._written(column, doubled, ("'{text}'",) if text.isascii() else ("N'{text}'", "'{text}'"))

    def _written(self, column: str, text: str, ways: tuple[str, ...]) -> tuple[str | None, str]:
        kept = self._ways.get(column)
        if kept in ways:
            return kept.format(text=text), ""
        said = ""
        for way in ways:
            literal = way.format(text=text)
            refused = self._table.fits(f"{self._table.quoted(column)} >= {literal}")
            if refused is None:
                self._ways[column] = way
                return literal, ""
            said = refused
        return None, said


def _is_number(kind: pa.DataType) -> bool:
    return (
        pa.types.is_integer(kind)
        or pa.types.is_floating(kind)
        or pa.types.is_decimal(kind)
        or "type_name=numeric" in str(kind)
    )
