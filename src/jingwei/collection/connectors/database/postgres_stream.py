"""The quick way out of PostgreSQL: COPY's binary format, made Arrow columns by ADBC's driver in C.

Every value is text already when it leaves the server (the query says `::text`), so nothing is converted here.
The driver has a connection of its own, which reads the snapshot the first one counted in. Servers that only
speak PostgreSQL's language may not lend their snapshot or know COPY's binary format: `Unfit` says so before a
row was read, and the plain way is taken.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Mapping
from typing import Any

import pyarrow as pa
from psycopg.conninfo import make_conninfo

from jingwei.collection.connectors.batches import ROWS
from jingwei.collection.connectors.database.adbc_session import DriverError, Session, batches

HINT = "adbc.postgresql.batch_size_hint_bytes"
BYTES = 8_000_000
"""Of a batch, about; so much is held at a time."""


class Unfit(Exception):
    """This server cannot be read this way."""


class Stream:
    """Text rows of a query as the snapshot has them."""

    def __init__(self, parameters: Mapping[str, Any], snapshot: str, query: str) -> None:
        given = {name: value for name, value in parameters.items() if value is not None}
        # loaded on first use, like the driver manager
        driver = importlib.import_module("adbc_driver_postgresql")._driver_path()
        try:
            self._session = Session(driver, {"uri": make_conninfo(**given)})
        except DriverError as problem:
            raise Unfit(str(problem)) from None
        try:
            self._session.do("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
            self._session.do("SET client_encoding TO 'UTF8'")
            self._session.do(f"SET TRANSACTION SNAPSHOT '{snapshot}'")
            self._rows = self._session.read(query, **{HINT: str(BYTES)})
        except DriverError as problem:
            self._session.close()
            raise Unfit(str(problem)) from None
        if any(not pa.types.is_string(kind) for kind in self._rows.schema.types):
            self._session.close()
            raise Unfit("a column came that is no text")

    def __iter__(self) -> Iterator[pa.RecordBatch]:
        """Batches, once; the connection is closed at the end. Raises `DriverError`."""
        with self._session:
            yield from batches(self._rows, ROWS)
