"""What a data engine has to offer, whichever it is.

The lake keeps four schemas (raw, standard, quarantine, register) of tables that change only in
transactions, each of which is a numbered snapshot. Rooms write their logic as SQL over a
connection this interface hands out; the operations below are what every engine must give.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from contextlib import AbstractContextManager
from typing import Any

SCHEMAS = ("raw", "standard", "quarantine", "register")


class Engine(ABC):
    """One lake. Tables are named by schema and name, e.g. `standard` and `police.resident`."""

    @abstractmethod
    def read(self) -> AbstractContextManager[Any]:
        """A connection that sees the lake as of now and cannot change it; runs beside a writer."""

    @abstractmethod
    def connect(self) -> AbstractContextManager[Any]:
        """A private connection that may write inside `transaction`; its own temporary tables spill to disk."""

    @abstractmethod
    def transaction(self, con: Any, purpose: str, wait: float = 600) -> AbstractContextManager[None]:
        """The one writer's turn: all of the block becomes one snapshot, or nothing of it."""

    @abstractmethod
    def exists(self, con: Any, schema: str, table: str) -> bool: ...

    @abstractmethod
    def create(self, con: Any, schema: str, table: str, select: str) -> None:
        """Makes the table, without rows, in the shape of a query, unless it is there."""

    @abstractmethod
    def append(self, con: Any, schema: str, table: str, select: str) -> int:
        """Adds the query's rows by column name; returns how many."""

    @abstractmethod
    def upsert(self, con: Any, schema: str, table: str, select: str, key: str) -> int:
        """Puts the query's rows in the place of those with the same key; returns how many."""

    @abstractmethod
    def replace(self, con: Any, schema: str, table: str, select: str) -> int:
        """Makes the table hold exactly the query's rows; returns how many."""

    @abstractmethod
    def as_of(self, schema: str, table: str, snapshot: int) -> str:
        """SQL that names the table as it was at a snapshot."""

    @abstractmethod
    def changes(self, con: Any, schema: str, table: str, since: int, until: int) -> Any:
        """The rows inserted and deleted after one snapshot up to another."""

    @abstractmethod
    def snapshot(self, con: Any) -> int:
        """Number of the newest snapshot."""
