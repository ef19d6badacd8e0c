"""What every database does alike with a part of a table: finds the columns it names, by any spelling.

A contract may write a column in another case than the database does; the database's own spelling is used in
queries, because some databases tell the two apart.
"""

from __future__ import annotations

from collections.abc import Sequence

from jingwei.collection.connectors import errors
from jingwei.collection.connectors.base import Part
from jingwei.collection.connectors.headers import plain, tidy
from jingwei.kernel.text import Text, listed

CURSOR = Text("游标列", "cursor column")
SEQUENCE = Text("序号列", "sequence column")
ACKNOWLEDGE = Text("回执列", "acknowledge column")
KEY = Text("主键列", "key column")
COLUMN = Text("列", "column")


class Names:
    """The columns of one table, and which of them is meant by a name."""

    def __init__(self, location: str, table: str, columns: Sequence[str]) -> None:
        self.location, self.table, self.columns = location, table, tuple(columns)

    def find(self, wanted: str, role: Text = COLUMN) -> str:
        """The database's spelling of a column; raises `PartColumnMissing`, naming what it was wanted for."""
        for same in (str, tidy, str.casefold, plain):
            for name in self.columns:
                if same(name) == same(wanted):
                    return name
        raise errors.PartColumnMissing(
            location=self.location,
            table=self.table,
            role=role,
            column=wanted,
            columns=listed(self.columns[:40]),
        )

    def read(self, part: Part | None) -> list[str]:
        """The columns to read, in the order they are asked for."""
        if part is None or not part.columns:
            return list(self.columns)
        return list(dict.fromkeys(self.find(name) for name in part.columns))


def restricts(part: Part | None) -> bool:
    """Whether a part leaves rows out, so that the whole table's count is another than the part's."""
    return part is not None and bool(part.since is not None or part.key or part.changes)
