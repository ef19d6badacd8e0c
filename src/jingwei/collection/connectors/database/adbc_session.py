"""A connection through an ADBC driver: statements in, Arrow record batches out.

ADBC's lower interface is used: its DB-API layer loads pandas, which takes longer than a small table.
"""

from __future__ import annotations

import importlib
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import TracebackType
from typing import Any

import pyarrow as pa


class DriverError(Exception):
    """What the driver said; `state` is the SQL standard's code of it, or empty."""

    def __init__(self, message: str, state: str = "") -> None:
        super().__init__(message)
        self.state = state


@contextmanager
def _told() -> Iterator[None]:
    """The driver's errors, and those Arrow passes on from it, as DriverError."""
    try:
        yield
    except (pa.ArrowException, OSError) as problem:
        found = re.search(r"SQLSTATE:? ?\W?([0-9A-Z]{5})", str(problem))
        raise DriverError(str(problem), found[1] if found else "") from None
    except Exception as problem:
        if not isinstance(problem, _manager().Error | ValueError | TypeError):
            raise
        raise DriverError(str(problem), getattr(problem, "sqlstate", None) or "") from None


def _manager() -> Any:
    # loaded on first use: most sources need no driver, and a command should start quickly
    return importlib.import_module("adbc_driver_manager")


class Session:
    """An open connection; `options` are the driver's own. Close it, or leave its `with`."""

    def __init__(self, driver: str, options: Mapping[str, str]) -> None:
        manager = _manager()
        self._statements: list[Any] = []
        self._closed = False
        with _told():
            self._database = manager.AdbcDatabase(driver=driver, **options)
        try:
            with _told():
                self._connection = manager.AdbcConnection(self._database)
        except DriverError:
            self._database.close()
            raise

    def do(self, statement: str) -> int:
        """A statement without rows; how many it changed, or -1 where the driver does not say."""
        with _told():
            running = _manager().AdbcStatement(self._connection)
            try:
                running.set_sql_query(statement)
                return int(running.execute_update() or 0)
            finally:
                running.close()

    def read(self, query: str, **options: str) -> pa.RecordBatchReader:
        """The rows of a query, as they come. Errors while they come are told by `batches`."""
        with _told():
            running = _manager().AdbcStatement(self._connection)
            self._statements.append(running)
            running.set_options(**options)
            running.set_sql_query(query)
            stream, _ = running.execute_query()
            return pa.RecordBatchReader._import_from_c(stream.address)

    def all(self, query: str) -> list[tuple[Any, ...]]:
        """The rows of a small answer."""
        reader = self.read(query)
        with _told():
            table = reader.read_all()
        return list(zip(*(column.to_pylist() for column in table.columns), strict=True))

    def close(self) -> None:
        """May be called more than once."""
        if self._closed:
            return
        self._closed = True
        for statement in self._statements:
            statement.close()
        self._connection.close()
        self._database.close()

    def __enter__(self) -> Session:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def batches(reader: pa.RecordBatchReader, most: int) -> Iterator[pa.RecordBatch]:
    """Batches of at most so many rows; raises DriverError."""
    while True:
        with _told():
            try:
                batch = reader.read_next_batch()
            except StopIteration:
                return
        for start in range(0, batch.num_rows, most):
            yield batch.slice(start, most)
