"""What of a personal value is shown before someone asks for all of it.

One declaration, two readings that must agree: in Python for a page, in SQL for an export. A mask
keeps characters at either end and stars the rest; a value too short to hide anything behind those
ends is starred whole.
"""

from __future__ import annotations

from pydantic import Field

from jingwei.packs.declarations import Declaration


class Mask(Declaration):
    """How many characters stay readable at either end."""

    first: int = Field(0, ge=0)
    last: int = Field(0, ge=0)

    def text(self, value: str) -> str:
        hidden = len(value) - self.first - self.last
        if hidden <= 0:
            return "*" * len(value)
        return value[: self.first] + "*" * hidden + value[len(value) - self.last :]

    def sql(self, column: str) -> str:
        """The same as an expression over a VARCHAR expression."""
        text = f"CAST({column} AS VARCHAR)"
        kept = self.first + self.last
        return (
            f"CASE WHEN length({text}) <= {kept} THEN repeat('*', length({text})) "
            f"ELSE substr({text}, 1, {self.first}) || repeat('*', length({text}) - {kept}) || "
            f"substr({text}, length({text}) - {self.last} + 1) END"
        )

    def __str__(self) -> str:
        return f"{self.first} + {self.last}"
