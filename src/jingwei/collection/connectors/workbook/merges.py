"""Cells merged downwards: their value stands in the first row only, a person reads it in all."""

from __future__ import annotations

from typing import Any


class Merges:
    """Fills the rows of a sheet, which must come in their order."""

    def __init__(self, ranges: list[Any]) -> None:
        self._ranges = sorted(
            (cells for cells in ranges if cells[1][0] > cells[0][0]), key=lambda cells: cells[0]
        )
        self._open: list[tuple[int, int, Any]] = []
        self.filled = 0

    def fill(self, number: int, raw: list[Any], left: int) -> list[int]:
        """Puts the values into an empty row's cells (which begin at sheet column `left`); gives their places."""
        if not self._open and (not self._ranges or self._ranges[0][0][0] > number):
            return []
        self._open = [(last, column, value) for last, column, value in self._open if last >= number]
        put = []
        for _, column, value in self._open:
            if column < len(raw) and raw[column] == "":
                raw[column] = value
                put.append(column)
        self.filled += len(put)
        while self._ranges and self._ranges[0][0][0] <= number:
            (_, column), (last, _) = self._ranges.pop(0)
            column -= left
            if 0 <= column < len(raw) and last >= number:
                self._open.append((last, column, raw[column]))
        return put
