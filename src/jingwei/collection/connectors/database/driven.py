"""A table of any database that a driver opens, ADBC or ODBC: one plain SQL statement, whatever the dialect.

    SELECT columns, (count of wanted rows), (count of all), CURRENT_TIMESTAMP FROM table WHERE ...

The counts stand in the statement that reads, hence in one snapshot on servers that read consistently. What
differs between dialects (how a name is quoted, how a time is written) is found out by asking for no rows at all.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from typing import TypeVar

import pyarrow as pa

from jingwei.collection.connectors import errors, headers
from jingwei.collection.connectors.base import Batch, Part, Reader, Source
from jingwei.collection.connectors.batches import from_arrays
from jingwei.collection.connectors.database import arrow_text, parts, sequences
from jingwei.collection.connectors.database.checking import Inspector
from jingwei.collection.connectors.database.driven_values import Values

T = TypeVar("T")

QUOTES = (("`", "`"), ('"', '"'), ("[", "]"))
"""Tried in this order: some servers take "name" for a text, those refuse none of the others."""

KEYS, PAIRS = 500, 100
"""Keys of one statement, and keys of several columns: some servers take no more than a thousand values, or of
conditions nested in one another."""

NOTHING = ("", " FROM DUAL")
"""How a SELECT without a table ends."""

FACTS = (
    "(SELECT count(*) FROM {table}{where}) AS jw_declared, (SELECT count(*) FROM {table}) AS jw_total,"
    " CURRENT_TIMESTAMP AS jw_clock"
)


class DoorError(Exception):
    """What the driver said."""


class Door(ABC):
    """An open connection. Its methods raise DoorError."""

    shown: str
    """The address as it may be shown."""
    typed = True
    """Whether the types of columns are known without looking at values."""

    @abstractmethod
    def schema(self, query: str) -> pa.Schema:
        """What a query without rows would bring."""

    @abstractmethod
    def rows(self, query: str) -> Iterator[pa.RecordBatch]: ...

    @abstractmethod
    def do(self, statement: str) -> None: ...

    @abstractmethod
    def close(self) -> None: ...

    @abstractmethod
    def say(self, problem: DoorError, table: str, read: int | None = None) -> Exception:
        """The problem as an error of the tree."""


class Table:
    """One table behind a door: its name, its columns and how both are written in this dialect."""

    def __init__(self, door: Door, named: str) -> None:
        self.door, self.named = door, named
        if not named:
            raise errors.TableNotNamed(location=door.shown, tables="—")
        written = re.fullmatch(r"[A-Za-z_][\w$#]*(\.[A-Za-z_][\w$#]*)*", named, re.ASCII)
        # a plain name is left to the server, which may keep it in capitals
        candidates = [named] if written else []
        for opening, closing in QUOTES:
            candidates.append(".".join(f"{opening}{part}{closing}" for part in named.split(".")))
        self.name, schema = self._first(candidates)
        self.quotes = self._quotes(schema.names)
        self.columns = tuple(schema.names)
        self.types = {field.name: field.type for field in schema}

    def _first(self, candidates: list[str]) -> tuple[str, pa.Schema]:
        said: DoorError | None = None
        for name in candidates:
            try:
                return name, self.door.schema(f"SELECT * FROM {name} WHERE 1 = 0")
            except DoorError as problem:
                # what the server says of the plain name says most
                said = said or problem
        raise self.door.say(said or DoorError(""), self.named)

    def _quotes(self, names: Sequence[str]) -> tuple[str, str]:
        said = DoorError("")
        for quotes in QUOTES:
            cells = ", ".join(_between(name, quotes) for name in names)
            try:
                self.door.schema(f"SELECT {cells} FROM {self.name} WHERE 1 = 0")
                return quotes
            except DoorError as problem:
                said = problem
        raise self.door.say(said, self.named)

    def quoted(self, column: str) -> str:
        return _between(column, self.quotes)

    def fits(self, condition: str) -> str | None:
        """What the server says against a condition; None if it takes it."""
        try:
            self.door.schema(f"SELECT * FROM {self.name} WHERE 1 = 0 AND {condition}")
        except DoorError as problem:
            return str(problem)
        return None

    def type_of(self, column: str) -> pa.DataType:
        """For comparing: where the driver guesses types by the rows it sees, that of the greatest value."""
        if not self.door.typed:
            for rows in self.door.rows(f"SELECT MAX({self.quoted(column)}) AS jw_one FROM {self.name}"):
                return rows.schema.types[0]
        return self.types[column]

    def cell(self, column: str) -> str:
        """The column as it is read: what only the database can print is cast to text by it."""
        name = self.quoted(column)
        if not arrow_text.opaque(self.types[column]):
            return name
        cast = f"CAST({name} AS VARCHAR)"
        return f"{cast} AS {name}" if self.fits(f"{cast} IS NULL") is None else name


def _between(name: str, quotes: tuple[str, str]) -> str:
    return quotes[0] + name.replace(quotes[1], quotes[1] * 2) + quotes[1]


class DrivenReader(Reader):
    """Reads through a door; the door is opened again to acknowledge changes."""

    def __init__(self, source: Source, opening: Callable[[], Door], facts: dict[str, str]) -> None:
        super().__init__()
        self._opening = opening
        self._door = opening()
        self._named = source.table or ""
        self._part = source.part or Part()
        self._delivered = 0
        self._sequences: list[str | None] = []
        try:
            self._begin(source)
        except DoorError as problem:
            self._door.close()
            raise self._door.say(problem, self._named) from None
        except (errors.BadInput, errors.Failed):
            self._door.close()
            raise
        self.facts |= {**facts, "location": self._door.shown, "table": self._table.name}

    def _begin(self, source: Source) -> None:
        self._table = table = Table(self._door, self._named)
        names = parts.Names(self._door.shown, self._named, table.columns)
        self._read = names.read(self._part)
        self._values = Values(table)
        changes = self._part.changes
        self._cursor = names.find(self._part.cursor, parts.CURSOR) if self._part.cursor else None
        self._key = [names.find(name, parts.KEY) for name in self._part.key]
        self._sequence = names.find(changes.sequence, parts.SEQUENCE) if changes else None
        mark = changes.acknowledge if changes else None
        self._mark = names.find(mark, parts.ACKNOWLEDGE) if mark else None
        self.columns = headers.columns(self._door.shown, self._read, source.headers)
        self.declared = 0
        self._incoming = self._answers()
        self._first = next(self._incoming, None)

    def _conditions(self) -> list[str]:
        given: list[str] = []
        if self._cursor is not None and self._part.since is not None:
            name = self._table.quoted(self._cursor)
            value, said = self._values.of(self._cursor, self._part.since)
            if value is None:
                kind = self._table.types[self._cursor]
                raise errors.CursorIncomparable(
                    location=self._door.shown, column=self._cursor, type=kind, since=self._part.since, reason=said
                )  # fmt: skip
            given.append(f"({name} IS NULL OR {name} >= {value})")
        if self._mark is not None:
            given.append(self._unmarked())
        return given

    def _marked(self) -> str:
        assert self._mark is not None and self._part.changes is not None
        value, _ = self._values.of(self._mark, self._part.changes.acknowledged)
        if value is None:
            raise errors.OptionWrong(option="changes.acknowledged", value=self._part.changes.acknowledged)
        return value

    def _unmarked(self) -> str:
        name = self._table.quoted(str(self._mark))
        return f"({name} IS NULL OR {name} <> {self._marked()})"

    def _statements(self) -> Iterator[tuple[str, str]]:
        """Statements that read, each with what asks for its facts alone."""
        conditions = self._conditions()
        cells = [self._table.cell(name) for name in self._read]
        order = ""
        if self._sequence is not None:
            cells.append(f"{self._table.quoted(self._sequence)} AS jw_sequence")
            order = f" ORDER BY {self._table.quoted(self._sequence)}"
        for keyed in self._keyed() if self._key else [None]:
            wanted = [*conditions, *([keyed] if keyed else [])]
            where = f" WHERE {' AND '.join(wanted)}" if wanted else ""
            facts = FACTS.format(table=self._table.name, where=where)
            yield (
                f"SELECT {', '.join(cells)}, {facts} FROM {self._table.name}{where}{order}",
                f"SELECT {facts}",
            )

    def _keyed(self) -> Iterator[str]:
        """Conditions that together name all keys, each short enough for one statement."""
        names = [self._table.quoted(name) for name in self._key]
        asked = self._part.keys
        size = KEYS if len(names) == 1 else PAIRS
        for start in range(0, len(asked) or 1, size):
            given = [
                [self._values.of(name, text)[0] for name, text in zip(self._key, key, strict=True)]
                for key in asked[start : start + size]
            ]
            # a value that the column cannot hold is in no row
            rows = [[str(value) for value in values] for values in given if None not in values]
            if not rows:
                yield "1 = 0"
            elif len(names) == 1:
                yield f"{names[0]} IN ({', '.join(value for (value,) in rows)})"
            else:
                alike = (
                    " AND ".join(f"{name} = {value}" for name, value in zip(names, row, strict=True))
                    for row in rows
                )
                yield f"({' OR '.join(f'({one})' for one in alike)})"

    def _answers(self) -> Iterator[pa.RecordBatch]:
        """All rows, the facts beside them noted once a statement."""
        for statement, facts in self._statements():
            told = False
            for rows in self._door.rows(statement):
                if rows.num_rows and not told:
                    self._note(*(arrow_text.text(column)[0].as_py() for column in rows.columns[-3:]))
                    told = True
                if rows.num_rows:
                    yield rows
            if not told:
                self._ask(facts)

    def _ask(self, facts: str) -> None:
        """Of a statement that brought no rows, and so no counts."""
        for from_nothing in NOTHING:
            try:
                for rows in self._door.rows(f"{facts}{from_nothing}"):
                    self._note(*(arrow_text.text(column)[0].as_py() for column in rows.columns))
                return
            except DoorError:
                continue

    def _note(self, count: str, total: str, clock: str) -> None:
        self.declared = (self.declared or 0) + int(float(count))
        self.total = int(float(total)) if parts.restricts(self._part) else None
        self.clock = moment(clock)
        self.facts["declared"] = self.declared

    def batches(self) -> Iterator[Batch]:
        """Every row once; raises `SourceIncomplete` unless as many came as were counted."""
        try:
            for rows in self._all():
                first = self._delivered + 1
                self._delivered += rows.num_rows
                if self._sequence is not None:
                    self._sequences += arrow_text.text(rows.column(len(self.columns))).to_pylist()
                arrays = [arrow_text.text(column) for column in rows.columns[: len(self.columns)]]
                yield from_arrays(self.columns, arrays, range(first, first + rows.num_rows))
        except DoorError as problem:
            raise self._door.say(problem, self._named, self._delivered) from None
        if self._delivered != self.declared:
            raise errors.SourceIncomplete(
                location=self._door.shown, declared=self.declared, read=self._delivered
            )
        if self._sequence is not None:
            sequences.checked(self._sequences, self._door.shown, self._named, self._sequence)

    def _all(self) -> Iterator[pa.RecordBatch]:
        if self._first is not None:
            yield self._first
        yield from self._incoming

    def acknowledge(self) -> None:
        """Sets the mark on exactly the rows that were read, through a connection of its own."""
        if not self._sequences or self._mark is None or self._delivered != self.declared:
            return
        place = {"location": self._door.shown, "table": self._named}
        self._door.close()
        self._table.door = door = self._opening()
        try:
            for start in range(0, len(self._sequences), KEYS):
                self._acknowledge(
                    door, [str(value) for value in self._sequences[start : start + KEYS]], place
                )
        except DoorError as problem:
            if isinstance(door.say(problem, self._named), errors.TableRefused):
                raise errors.AcknowledgeRefused(**place, column=self._mark) from None
            raise errors.AcknowledgeFailed(**place, reason=str(problem)[:300]) from None
        finally:
            door.close()

    def _acknowledge(self, door: Door, values: list[str], place: dict[str, str]) -> None:
        sequence = self._table.quoted(str(self._sequence))
        given = ", ".join(str(self._values.of(str(self._sequence), value)[0]) for value in values)
        which = f"{self._unmarked()} AND {sequence} IN ({given})"
        for rows in door.rows(f"SELECT count(*) FROM {self._table.name} WHERE {which}"):
            if int(float(arrow_text.text(rows.column(0))[0].as_py())) > len(values):
                # a row with a sequence value of ours came since: it was not read
                raise errors.AcknowledgeFailed(**place, reason=sequences.AGAIN)
        mark = self._table.quoted(str(self._mark))
        door.do(f"UPDATE {self._table.name} SET {mark} = {self._marked()} WHERE {which}")

    def __exit__(self, *exc: object) -> None:
        self._door.close()


def moment(said: str) -> datetime | None:
    """A server's CURRENT_TIMESTAMP. One without a zone is in the server's or in UTC, whichever is nearer to now."""
    try:
        found = datetime.fromisoformat(said.strip())
    except (ValueError, AttributeError):
        return None
    if found.tzinfo is not None:
        return found
    now = datetime.now(UTC)
    local, universal = found.astimezone(), found.replace(tzinfo=UTC)
    return min(local, universal, key=lambda one: abs(one - now))


class DrivenInspector(Inspector):
    def __init__(self, source: Source, door: Door) -> None:
        self._named, self._door = source.table or "", door
        self.product = door.shown

    def find(self) -> str:
        self._table = self._try(lambda: Table(self._door, self._named))
        return self._table.name

    def columns(self) -> list[str]:
        return list(self._table.columns)

    def try_reading(self) -> None:
        self._try(lambda: self._door.schema(f"SELECT * FROM {self._table.name} WHERE 1 = 0"))

    def may_mark(self, column: str) -> bool:
        # what no row answers to changes nothing, but is refused where updating is
        name = self._table.quoted(
            parts.Names(self._door.shown, self._named, self._table.columns).find(column, parts.ACKNOWLEDGE)
        )
        try:
            self._door.do(f"UPDATE {self._table.name} SET {name} = {name} WHERE 1 = 0")
        except DoorError:
            return False
        return True

    def now(self) -> datetime | None:
        for from_nothing in NOTHING:
            try:
                for rows in self._door.rows(f"SELECT CURRENT_TIMESTAMP{from_nothing}"):
                    return moment(arrow_text.text(rows.column(0))[0].as_py())
            except DoorError:
                continue
        return None

    def _try(self, act: Callable[[], T]) -> T:
        try:
            return act()
        except DoorError as problem:
            raise self._door.say(problem, self._named) from None

    def __exit__(self, *exc: object) -> None:
        self._door.close()


REFUSED = re.compile(
    r"(?i)password authentication failed|no password supplied|login failed|access denied for user|ORA-01017|ORA-01005"
    r"|invalid (?:user ?name|password|authorization)|\b28000\b|\b28P01\b|not authori[sz]ed"
)
FORBIDDEN = re.compile(
    r"(?i)permission (?:was )?denied|command denied|insufficient privilege|ORA-01031|\b42501\b|readonly|read-only"
)
GONE = re.compile(
    r"(?i)no such (?:table|column)|does not exist|doesn't exist|invalid (?:object|column) name|ORA-00942|ORA-00904|\b42S0?2\b|\b42S22\b|\b42P01\b|\b42703\b"
)
LOST = re.compile(
    r"(?i)\b08\w{3}\b|connection|communication link|server closed|terminat|broken pipe|network|timed? ?out|ORA-03113"
)
UNLOADED = re.compile(
    r"(?i)could not load|can't open lib|cannot open shared|\bIM002\b|\bIM003\b|data source name not found|dlopen"
)


def told(shown: str, said: str, table: str, read: int | None, variable: str, driver: str) -> Exception:
    """What a driver said, as an error of the tree: servers differ, their codes and words are much alike."""
    if UNLOADED.search(said):
        return errors.DriverMissing(location=shown, driver=driver, reason=said)
    if REFUSED.search(said):
        return errors.CredentialsRefused(location=shown, variable=variable)
    if FORBIDDEN.search(said):
        return errors.TableRefused(location=shown, table=table)
    if "too large to be written" in said:
        return errors.ValueTooLong(location=shown, table=table)
    if GONE.search(said) and table:
        if read is None:
            return errors.TableUnreadable(location=shown, table=table, reason=said)
        return errors.TableChanged(location=shown, table=table, reason=said)
    if read is None and not table:
        return errors.SourceUnreachable(location=shown, reason=said)
    if LOST.search(said):
        if read is None:
            return errors.SourceUnreachable(location=shown, reason=said)
        return errors.SourceWentAway(location=shown, read=read, reason=said)
    if read is None:
        return errors.TableUnreadable(location=shown, table=table, reason=said)
    return errors.SourceBroke(location=shown, reason=said)
