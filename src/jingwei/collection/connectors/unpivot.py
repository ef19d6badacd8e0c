"""Wide tables to long ones: a column for each year becomes a row for each year.

A statistics table has `地区, 2012年, 2011年, …`; what it says is `地区, 年份, 数值`. A contract declares which
headers are values (`unpivot`), and every way of reading it then gives the long table:

    北京市, 17879, 16252      ▶   北京市, 2012, 17879
                                   北京市, 2011, 16252

Each long row keeps the number of the row it came from, and an empty cell is a row with an empty value:
so a run's balance counts rows times columns, and a figure that was withdrawn is seen to be. A rejected
wide row stays one reject. The facts tell both counts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy
import pyarrow as pa

from jingwei.catalog.contracts import Unpivot
from jingwei.collection.connectors import errors, headers
from jingwei.collection.connectors.base import ROW, Batch, Reader, Source
from jingwei.collection.connectors.batches import ROWS, schema
from jingwei.kernel.text import listed


def groups(unpivot: Unpivot) -> tuple[str, ...]:
    """Named groups of the pattern: columns that the headers hold beside `into`."""
    return tuple(name for name in re.compile(unpivot.columns).groupindex if name != unpivot.into)


def made(unpivot: Unpivot) -> tuple[str, ...]:
    """The columns that making the table long adds, in their order."""
    return (*groups(unpivot), unpivot.into, unpivot.value)


def wide_source(source: Source, unpivot: Unpivot) -> Source:
    """The source as it is to be opened: nobody finds the added columns in its header."""
    added = {headers.plain(name) for name in made(unpivot)}
    kept = tuple(
        aliases for aliases in source.headers if not any(headers.plain(alias) in added for alias in aliases)
    )
    return replace(source, headers=kept, options={**source.options, "unpivot": unpivot})


@dataclass(frozen=True)
class Turned:
    """A wide column: its place, and what its header says in each of the added columns but the last."""

    at: int
    said: tuple[str, ...]


def turned(columns: Sequence[str], unpivot: Unpivot) -> list[Turned]:
    """The columns whose headers fit the pattern."""
    pattern = re.compile(unpivot.columns)
    found = []
    for at, name in enumerate(columns):
        match = pattern.fullmatch(headers.tidy(name))
        if match:
            named = match.groupdict()
            kept = named.get(unpivot.into) if unpivot.into in named else _first(match)
            said = [named[group] or "" for group in groups(unpivot)]
            found.append(Turned(at, (*said, kept or "")))
    return found


def _first(match: re.Match[str]) -> str:
    """What of the header is kept: the pattern's first group without a name, else all of it."""
    names = set(match.re.groupindex.values())
    number = next((at for at in range(1, match.re.groups + 1) if at not in names), 0)
    return match[number] or ""


def unpivoted(reader: Reader, unpivot: Unpivot, location: str = "") -> Reader:
    """The long table of a wide one that was opened."""
    return LongReader(reader, unpivot, location)


class LongReader(Reader):
    def __init__(self, reader: Reader, unpivot: Unpivot, location: str = "") -> None:
        super().__init__()
        self._reader = reader
        self._turned = turned(reader.columns, unpivot)
        if not self._turned:
            reader.__exit__(None, None, None)
            raise errors.NothingToTurn(
                location=location, pattern=unpivot.columns, present=listed(reader.columns[:12])
            )
        places = {one.at for one in self._turned}
        self._kept = [at for at in range(len(reader.columns)) if at not in places]
        taken = {headers.plain(reader.columns[at]) for at in self._kept}
        twice = [name for name in made(unpivot) if headers.plain(name) in taken]
        if twice:
            raise errors.HeaderRepeated(location=location, header=twice[0], places=unpivot.columns)
        self.columns = (*(reader.columns[at] for at in self._kept), *made(unpivot))
        self.facts = reader.facts
        self.partitions = reader.partitions
        self.total = reader.total
        self.clock = reader.clock

    def batches(self) -> Iterator[Batch]:
        wide = rejected = 0
        each = len(self._turned)
        most = max(1, ROWS // each)
        for batch in self._reader.batches():
            wide += batch.rows.num_rows
            rejected += len(batch.rejects)
            rejects = batch.rejects
            for start in range(0, batch.rows.num_rows, most):
                yield Batch(self._long(batch.rows.slice(start, most)), rejects)
                rejects = ()
            if rejects:
                yield Batch(pa.RecordBatch.from_pylist([], schema(self.columns)), rejects)
        if self._reader.declared is not None:
            self.declared = (self._reader.declared - rejected) * each + rejected
        self.facts["wide_rows"], self.facts["columns_to_rows"] = wide, each

    def _long(self, rows: pa.RecordBatch) -> pa.RecordBatch:
        count, each = rows.num_rows, len(self._turned)
        again = pa.array(numpy.repeat(numpy.arange(count), each))
        arrays = [rows.column(ROW).take(again), *(rows.column(at + 1).take(again) for at in self._kept)]
        for place in range(len(self._turned[0].said)):
            said = [one.said[place] for one in self._turned]
            arrays.append(pa.array(said * count, pa.string()))
        values = pa.concat_arrays([rows.column(one.at + 1) for one in self._turned])
        order = (numpy.arange(count)[:, None] + numpy.arange(each)[None, :] * count).ravel()
        arrays.append(values.take(pa.array(order)))
        return pa.RecordBatch.from_arrays(arrays, schema=schema(self.columns))

    def acknowledge(self) -> None:
        self._reader.acknowledge()

    def __exit__(self, *exc: object) -> None:
        self._reader.__exit__(*exc)
