"""Any database with an ADBC driver, by configuration: PostgreSQL-like, SQLite, Snowflake, SQL Server ...

`driver` is a Python package (`adbc_driver_sqlite`), the file of a driver, or a name the driver manager knows;
`connection` are its options, such as {uri: "postgresql://{user}:{password}@{host}:{port}/{database}"}.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from importlib.util import find_spec
from urllib.parse import unquote

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
from jingwei.collection.connectors.database.adbc_session import DriverError, Session, batches
from jingwei.collection.connectors.database.checking import check
from jingwei.collection.connectors.database.driven import (
    Door,
    DoorError,
    DrivenInspector,
    DrivenReader,
    told,
)
from jingwei.collection.connectors.database.opened import Opening, opening


@register
class ADBC(Connector):
    """`Source.table` names the table, with its schema where it needs one."""

    name = "adbc"
    formats = ("adbc",)
    schemes = ("adbc",)
    capabilities = frozenset({CURSOR, COLUMNS, KEYS, CHANGES})

    def open(self, source: Source) -> Reader:
        said = opening(source)
        return DrivenReader(source, lambda: AdbcDoor(said), {"format": "adbc", "driver": said.driver})

    def check(self, source: Source) -> Iterator[Finding]:
        return check(source, lambda: DrivenInspector(source, AdbcDoor(opening(source))))


class AdbcDoor(Door):
    def __init__(self, said: Opening) -> None:
        self._said = said
        self.shown = said.shown
        # SQLite types values, not columns: its driver goes by the first rows
        self.typed = "sqlite" not in said.driver.casefold()
        if not said.given:
            raise errors.OptionWrong(option="connection", value="")
        options = dict(said.settings)
        if said.password and not any(said.password in value for value in _unquoted(options)):
            # what ADBC calls them, for drivers whose options do not name them otherwise
            options.setdefault("password", said.password)
            if said.user:
                options.setdefault("username", said.user)
        try:
            self._session = Session(_file(said.driver), options)
        except DriverError as problem:
            raise told(self.shown, said.hide(problem), "", None, said.variable, said.driver) from None

    def schema(self, query: str) -> pa.Schema:
        try:
            return self._session.read(query).schema
        except DriverError as problem:
            raise DoorError(f"{problem} {problem.state}") from None

    def rows(self, query: str) -> Iterator[pa.RecordBatch]:
        try:
            yield from batches(self._session.read(query), ROWS)
        except DriverError as problem:
            raise DoorError(f"{problem} {problem.state}") from None

    def do(self, statement: str) -> None:
        try:
            self._session.do(statement)
        except DriverError as problem:
            raise DoorError(f"{problem} {problem.state}") from None

    def close(self) -> None:
        self._session.close()

    def say(self, problem: DoorError, table: str, read: int | None = None) -> Exception:
        said = self._said
        return told(self.shown, said.hide(problem), table, read, said.variable, said.driver)


def _unquoted(options: dict[str, str]) -> Iterator[str]:
    for value in options.values():
        yield value
        yield unquote(value)


def _file(driver: str) -> str:
    """The driver's file where it is a Python package that brings one."""
    if driver.isidentifier() and find_spec(driver) is not None:
        path = getattr(importlib.import_module(driver), "_driver_path", None)
        if path is not None:
            return str(path())
    return driver
