"""A table read once into a database of its own, and a sample spread over all of it.

What is told of a table (is this column a key? which values has it?) is asked of all rows that were read;
what is expensive to tell (is this an identity number?) is asked of the sample. Everything is text as it
came, and everything is gone when the understanding is.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import duckdb
import pyarrow as pa

from jingwei.catalog import sql
from jingwei.catalog.sql import identifier
from jingwei.collection.connectors.base import ROW, Reader, Reject

MOST = 2_000_000
"""Rows that are read of a table nobody has described; of a larger one its beginning."""

SAMPLED = 20_000
"""Rows of the sample."""

MOST_REJECTS = 1_000


@dataclass
class Sample:
    """Tables `rows` (all that was read, with `_n` from 0) and `sample`; `columns` as the reader gave them."""

    con: duckdb.DuckDBPyConnection
    columns: tuple[str, ...]
    facts: dict[str, Any]
    rows: int
    rejects: list[Reject]
    rejected: int
    whole: bool
    """Whether all of the source was read."""

    def first(self, most: int = 10) -> list[tuple[Any, ...]]:
        listed = ", ".join(map(identifier, (ROW, *self.columns)))
        return self.con.execute(f"SELECT {listed} FROM rows ORDER BY _n LIMIT {most}").fetchall()

    def spread(self, most: int = 2_000) -> list[tuple[str | None, ...]]:
        """Rows from all over the table, without their numbers."""
        step = max(1, -(-self.rows // most))
        listed = ", ".join(map(identifier, self.columns))
        query = f"SELECT {listed} FROM rows WHERE _n % {step} = 0 ORDER BY _n"
        return self.con.execute(query).fetchall()

    def values(self, column: str, most: int = 5_000) -> list[str]:
        """Different values of a column in the sample, the frequent first; empty ones are none."""
        name = identifier(column)
        query = (
            f"SELECT v FROM (SELECT tidy({name}) AS v FROM sample) WHERE v IS NOT NULL"
            f" GROUP BY v ORDER BY count(*) DESC, v LIMIT {most}"
        )
        return [value for (value,) in self.con.execute(query).fetchall()]

    def one(self, query: str) -> Any:
        row = self.con.execute(query).fetchone()
        return row[0] if row else None


@contextmanager
def gathered(reader: Reader, most: int = MOST) -> Iterator[Sample]:
    """Reads what the reader gives, in bounded memory."""
    con = duckdb.connect(config={"threads": 2, "memory_limit": "1GB", "preserve_insertion_order": True})
    try:
        sql.install(con)
        yield _read(con, reader, most)
    finally:
        con.close()


def _read(con: duckdb.DuckDBPyConnection, reader: Reader, most: int) -> Sample:
    columns = reader.columns
    rejects: list[Reject] = []
    read = rejected = 0
    whole = True

    def incoming() -> Iterator[pa.RecordBatch]:
        nonlocal read, rejected, whole
        for batch in reader.batches():
            rejected += len(batch.rejects)
            rejects.extend(batch.rejects[: MOST_REJECTS - len(rejects)])
            numbers = pa.array(range(read, read + batch.rows.num_rows), pa.int64())
            yield batch.rows.add_column(0, pa.field("_n", pa.int64()), numbers)
            read += batch.rows.num_rows
            if read >= most:
                whole = False
                return

    shape = pa.schema([("_n", pa.int64()), (ROW, pa.int64()), *((name, pa.string()) for name in columns)])
    broke: list[BaseException] = []

    def guarded() -> Iterator[pa.RecordBatch]:
        try:
            yield from incoming()
        except BaseException as exc:
            broke.append(exc)
            raise

    con.register("incoming", pa.RecordBatchReader.from_batches(shape, guarded()))
    try:
        con.execute("CREATE TEMP TABLE rows AS SELECT * FROM incoming")
    except Exception as exc:
        if broke:
            # The engine passes on the words of what the reader raised, but not the exception itself.
            raise broke[0] from exc
        raise
    con.unregister("incoming")
    step = max(1, -(-read // SAMPLED))
    con.execute(f"CREATE TEMP TABLE sample AS SELECT * FROM rows WHERE _n % {step} = 0")
    return Sample(con, columns, reader.facts, read, rejects, rejected, whole)
