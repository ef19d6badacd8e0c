"""How a table is to be read where its file cannot say so itself: the options a contract's server entry gives.

A contract that was inferred says only what could not be found out again from its headers.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from jingwei.collection.connectors import errors
from jingwei.collection.connectors.base import Source


def without(source: Source, *names: str) -> Source:
    """The source without the columns that reading adds: nobody finds them in its header."""
    kept = tuple(aliases for aliases in source.headers if not set(aliases) & set(names))
    return replace(source, headers=kept)


SECTION = "分组"
"""Header of the column that holds the title between rows under which a row stands."""

SHEET = "工作表"
"""Header of the column that holds the name of the sheet a row stands on."""


@dataclass(frozen=True)
class Options:
    """`header_row`: number of the header's last row, 0 where there is none. `from_row`: where to begin to
    look for it. `fill_down`: columns whose empty cells repeat the cell above. `keep_totals`: rows named
    合计 and the like are records. `sections`: titles between the rows become a column of their own.
    `sheets`: pattern of the sheets that are read as one table, with a column for their names. `wide`: pattern
    of the headers a contract turns into rows."""

    header_row: int | None = None
    from_row: int = 1
    fill_down: tuple[str, ...] = ()
    keep_totals: bool = False
    sections: bool = False
    sheets: str | None = None
    wide: str | None = None

    @classmethod
    def of(cls, source: Source) -> Options:
        given: Mapping[str, Any] = source.options
        unpivot = given.get("unpivot")
        return cls(
            header_row=_number("headerRow", given.get("header_row"), 0),
            from_row=_number("fromRow", given.get("from_row"), 1) or 1,
            fill_down=tuple(given.get("fill_down") or ()),
            keep_totals=given.get("totals") == "keep",
            sections=bool(given.get("sections")),
            sheets=given.get("sheets"),
            wide=getattr(unpivot, "columns", None),
        )


def _number(name: str, value: Any, least: int) -> int | None:
    if value is None:
        return None
    if not isinstance(value, int) or value < least:
        raise errors.OptionWrong(option=name, value=value)
    return value
