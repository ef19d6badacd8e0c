"""Any database with an ODBC driver, by configuration: SQL Server, Oracle, DM, KingbaseES, GBase, DB2 ...

The driver turns dates, times and decimals into text itself: the ODBC standard says how (ISO, all digits). Text goes over as UTF-16, which does not depend on the machine's locale. The driver manager is a library
of the system, loaded when the first such source is opened.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from typing import Any

import pyarrow as pa

from jingwei.collection.connectors import errors
from jingwei.collection.connectors.base import (
    CHANGES,
    COLUMNS,
    CURSOR,
    KEYS,
    Connector,
    Finding,
    Reader,
    Source,
    register,
)
from jingwei.collection.connectors.batches import ROWS
from jingwei.collection.connectors.database.checking import check
from jingwei.collection.connectors.database.driven import (
    Door,
    DoorError,
    DrivenInspector,
    DrivenReader,
    told,
)
from jingwei.collection.connectors.database.opened import Opening, opening

LONGEST = 16_384
"""Characters of a value in a column that names no limit, unless the contract says `maxText`."""
BUFFER = 48_000_000
"""Bytes the driver fills at a time; there are two such buffers."""
PATIENCE = 10
"""Seconds to wait for the server to answer the first time."""

PLACES = {"host": "Server", "port": "Port", "database": "Database"}


@register
class ODBC(Connector):
    """`Source.table` names the table, with its schema where it needs one; option: `max_text`."""

    name = "odbc"
    formats = ("odbc",)
    schemes = ("odbc",)
    capabilities = frozenset({CURSOR, COLUMNS, KEYS, CHANGES})

    def open(self, source: Source) -> Reader:
        said = opening(source)
        facts = {"format": "odbc", "driver": said.driver.split(":", 1)[-1]}
        return DrivenReader(source, lambda: OdbcDoor(said), facts)

    def check(self, source: Source) -> Iterator[Finding]:
        return check(source, lambda: DrivenInspector(source, OdbcDoor(opening(source))))


def connection_text(said: Opening) -> str:
    """`Driver={...};Server=...;UID=...;PWD=...`: the contract's own options, else the usual names of places."""
    driver = said.driver.split(":", 1)[-1]
    named = dict([driver.split("=", 1)]) if driver.upper().startswith("DSN=") else {"Driver": driver}
    where = {PLACES[key]: value for key, value in said.place.items() if key in PLACES}
    options = {**named, **(said.settings if said.given else where)}
    present = {key.casefold() for key in options}
    for key, value in (("UID", said.user), ("PWD", said.password)):
        if value and key.casefold() not in present:
            options[key] = value
    return "".join(f"{key}={_braced(key, value)};" for key, value in options.items())


def _braced(key: str, value: str) -> str:
    if key == "Driver" or any(sign in value for sign in "[]{}(),;?*=!@") or value != value.strip():
        return "{" + value.replace("}", "}}") + "}"
    return value


class OdbcDoor(Door):
    def __init__(self, said: Opening) -> None:
        self._said = said
        self.shown = said.shown
        self._odbc = _library(said)
        try:
            self._con = self._odbc.connect(connection_text(said), login_timeout_sec=PATIENCE)
        except self._odbc.Error as problem:
            driver = said.driver.split(":", 1)[-1]
            raise told(self.shown, said.hide(problem), "", None, said.variable, driver) from None

    def schema(self, query: str) -> pa.Schema:
        with _Told(self._odbc):
            return self._con.read_arrow_batches(
                query, batch_size=1, max_text_size=1, max_binary_size=1, fetch_concurrently=False
            ).schema

    def rows(self, query: str) -> Iterator[pa.RecordBatch]:
        with _Told(self._odbc):
            yield from self._con.read_arrow_batches(
                query,
                batch_size=ROWS,
                max_bytes_per_batch=BUFFER,
                max_text_size=self._said.max_text or LONGEST,
                max_binary_size=self._said.max_text or LONGEST,
                map_schema=_as_text,
                payload_text_encoding=self._odbc.TextEncoding.UTF16,
            )

    def do(self, statement: str) -> None:
        with _Told(self._odbc):
            self._con.execute(statement)

    def close(self) -> None:
        # the library closes it when nothing holds it any more
        self._con = None

    def say(self, problem: DoorError, table: str, read: int | None = None) -> Exception:
        said = self._said
        return told(self.shown, said.hide(problem), table, read, said.variable, said.driver.split(":", 1)[-1])


def _as_text(schema: pa.Schema) -> pa.Schema:
    """Whole and floating numbers stay: drivers are known to say too little of how long they are as text."""
    return pa.schema(
        [pa.field(field.name, field.type if _plain(field.type) else pa.string()) for field in schema]
    )


def _plain(kind: pa.DataType) -> bool:
    return pa.types.is_integer(kind) or pa.types.is_floating(kind)


class _Told:
    """The library's errors as DoorError."""

    def __init__(self, library: Any) -> None:
        self._library = library

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, value: BaseException | None, trace: object) -> None:
        if isinstance(value, self._library.Error | pa.ArrowException):
            raise DoorError(str(value)) from None


def _library(said: Opening) -> Any:
    # loaded on first use: it needs the system's driver manager, which is not everywhere
    try:
        return importlib.import_module("arrow_odbc")
    except (ImportError, OSError) as problem:
        raise errors.DriverMissing(location=said.shown, driver="unixodbc", reason=problem) from None
