"""A figure that explains itself: what it counts, by which SQL, from which sources, on which snapshot.

A page shows it as a tile that opens the explanation beside the work (`?figure=name`), so that the address of
an open explanation can be handed on.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from jingwei.kernel.text import Text
from jingwei.parts.charts import spark


@dataclass(frozen=True)
class Origin:
    """A resource that went into the figure: until when it reaches, how many rows, how good (0 to 1)."""

    title: Text
    address: str
    until: datetime
    rows: int
    quality: float | None = None
    late: Text | None = None


@dataclass(frozen=True)
class Snapshot:
    """What it was computed on; `again` is what came out when it was computed again, and in how many seconds."""

    name: str
    at: datetime
    checksum: str
    again: tuple[float, float] | None = None


@dataclass(frozen=True)
class Figure:
    """`late` is said in a tag, `note` below; `parts` add up to the value; `owner` is office and person."""

    name: str
    title: Text
    value: float
    unit: Text
    definition: Text
    sql: str
    origins: Sequence[Origin]
    snapshot: Snapshot
    version: Text | None = None
    owner: Text | None = None
    note: Text | None = None
    late: Text | None = None
    trend: Sequence[float] = ()
    parts: Sequence[tuple[Text, float]] = ()
    decimals: int = 0

    @property
    def shown(self) -> str:
        return f"{self.value:,.{self.decimals}f}"

    @property
    def path(self) -> str:
        return spark(self.trend)

    @property
    def sum(self) -> str:
        return " + ".join(f"{title} {value:g}" for title, value in self.parts)

    @property
    def same_again(self) -> bool | None:
        """Whether computing it again gave the same; None where it was not."""
        return None if self.snapshot.again is None else self.snapshot.again[0] == self.value
