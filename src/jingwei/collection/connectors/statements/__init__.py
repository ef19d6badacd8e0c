"""Statements deposited with this platform, read like any department's table.

The window and the grid state things about residents and companies. What they state is kept by the rooms
above collection, so a room that keeps statements says here how they are read (`kept_by`), and a contract
whose server is `type: custom` with `driver: statements` is collected from there every night.

    Statement rows ─kept_by─▶ Stated, the newest of every record ─▶ Batch, a column for every field ─▶ raw

A contract for statements has one key, the record's, and says with `asOf` which field holds the day; fields
called `stated_by`, `case_number` and `statement_number` are filled with who stated it, for which case, and the
statement's own number, which rises: it is the cursor of a contract that is read incrementally.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import islice

from jingwei.catalog.contracts import Contract
from jingwei.collection.connectors.base import CURSOR, Batch, Connector, Reader, Source, register
from jingwei.collection.connectors.batches import ROWS, batch
from jingwei.collection.connectors.errors import NotForStatements, SourceMissing
from jingwei.packs.service import installed

SCHEME = "statements"
STATED_BY, CASE_NUMBER, NUMBER = "stated_by", "case_number", "statement_number"


@dataclass(frozen=True)
class Stated:
    """The newest word on one record; `values` has the contract's fields as text."""

    number: int
    record_key: str
    as_of: date
    by: str
    case: str
    values: Mapping[str, str]


Keeper = Callable[[str, int], Iterator[Stated]]
"""Resource and number → its statements from this number on, the newest of every record, by their numbers."""
_keepers: list[Keeper] = []


def kept_by(keeper: Keeper) -> None:
    """Says where statements are kept. A second keeper takes the place of the first."""
    _keepers[:] = [keeper]


@dataclass(frozen=True)
class Shape:
    """Which fields of a contract hold the record's key and the day, and which ones may be stated."""

    key: str
    as_of: str
    stated: tuple[str, ...]


def shape_of(contract: Contract) -> Shape:
    """Raises NotForStatements where the contract is not one that statements can be deposited under."""
    server = contract.server
    if server is None or server.format != SCHEME or len(contract.keys) != 1 or contract.as_of is None:
        raise NotForStatements(resource=contract.id)
    filled = (contract.keys[0].name, contract.as_of, STATED_BY, CASE_NUMBER, NUMBER)
    stated = tuple(field.name for field in contract.fields if field.name not in filled)
    return Shape(filled[0], filled[1], stated)


def cells(contract: Contract, shape: Shape, one: Stated) -> list[str | None]:
    """The statement as a row under the contract's headers."""
    own = {
        shape.key: one.record_key,
        shape.as_of: one.as_of.isoformat(),
        STATED_BY: one.by,
        CASE_NUMBER: one.case or None,
        NUMBER: str(one.number),
    }
    return [own.get(field.name, one.values.get(field.name)) for field in contract.fields]


@register
class Statements(Connector):
    """Addresses such as `statements://window.statement`."""

    name = SCHEME
    formats = (SCHEME,)
    schemes = (SCHEME,)
    capabilities = frozenset({CURSOR})

    def open(self, source: Source) -> Reader:
        resource = source.location.partition("://")[2]
        contract: Contract | None = installed().section("contracts").get(resource)
        if contract is None or not _keepers:
            raise SourceMissing(location=source.location)
        since = source.part.since if source.part else None
        return StatementReader(contract, _keepers[0], int(since or 0))


class StatementReader(Reader):
    """That nobody has stated anything yet is no fault."""

    may_be_empty = True

    def __init__(self, contract: Contract, keeper: Keeper, since: int) -> None:
        super().__init__()
        self._contract, self._shape = contract, shape_of(contract)
        self._keeper, self._since = keeper, since
        self.columns = tuple(field.header for field in contract.fields)

    def __enter__(self) -> StatementReader:
        return self

    def batches(self) -> Iterator[Batch]:
        read = 0
        statements = self._keeper(self._contract.id, self._since)
        while some := list(islice(statements, ROWS)):
            rows = [cells(self._contract, self._shape, one) for one in some]
            read += len(rows)
            yield batch(self.columns, rows, [one.number for one in some])
        self.facts["statements"] = read
