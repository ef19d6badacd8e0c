"""From a source to a table of text before the engine, with everything that is no row beside it.

The connector's batches stream into a file that the engine sees as `stage` (landing; source headers, `_row` as
the source counts, and `_n`, which no two rows share: several records may start on one line);
stretches that are no record go into `rejects`. Nothing is kept in Python but a few batches, and the first rows
while it is found out whether a missing column only has another name.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from jingwei.catalog.contracts import Contract
from jingwei.collection import columns as headers
from jingwei.collection import landing, renames
from jingwei.collection.columns import Columns
from jingwei.collection.connectors.base import Batch, Reader, Reject
from jingwei.collection.drifted import Drifted
from jingwei.engines import lake
from jingwei.engines.duckdb.lake import literal, quoted
from jingwei.kernel.home import home
from jingwei.kernel.scratch import Scratch
from jingwei.packs import limits

REJECTS = pa.schema(
    [("row", pa.int64()), ("code", pa.utf8()), ("text", pa.utf8()), ("zh", pa.utf8()), ("en", pa.utf8())]
)
PART = 20_000


@dataclass(frozen=True)
class Staged:
    """`columns` leads from a field to its header; a field whose column is gone is not among them."""

    rows: int
    rejects: int
    columns: Mapping[str, str]
    added: tuple[str, ...]
    left_out: tuple[str, ...]
    checksum: str
    drift: tuple[Drifted, ...] = ()
    file: Path | None = None
    """The rows as they came, as raw will keep them."""


def match_columns(contract: Contract, present: tuple[str, ...]) -> tuple[dict[str, str], tuple[str, ...]]:
    """Field name → source header, and the headers nobody declared, by their names alone."""
    matched = headers.settle(contract, present, headers.named(contract, present), {})
    return matched.found, matched.added


def stage(
    con: duckdb.DuckDBPyConnection,
    reader: Reader,
    contract: Contract,
    words: Callable[[Reject], tuple[str, str]],
    progress: Callable[[int], None],
    run: str = "",
) -> Staged:
    """Reads everything. `words` gives a reject's reason in Chinese and English; `progress` hears rows so far;
    `run` is the run that will land the rows, if one does."""
    left_out = tuple(header for header in reader.columns if limits.refused(header))
    kept = tuple(header for header in reader.columns if header not in left_out)
    schema = pa.schema([("_row", pa.int64()), *((header, pa.utf8()) for header in kept)])
    batches = reader.batches()
    matched, batches = _matched(con, contract, kept, schema, batches)
    rejected = _Rejects(con, words)
    landed = landing.Landing(con, schema, run)
    try:
        for batch in batches:
            rejected.take(batch.rejects)
            landed.take(batch.rows.select(schema.names))
            progress(landed.rows + rejected.count)
    except BaseException:
        landed.close(given_up=True)
        raise
    landed.close()
    landing.show(con, landed, schema)
    rejected.land()
    checksum = _checksum(con, kept)
    return Staged(
        landed.rows,
        rejected.count,
        matched.found,
        matched.added,
        left_out,
        checksum,
        matched.drift,
        landed.path,
    )


def _matched(
    con: duckdb.DuckDBPyConnection,
    contract: Contract,
    present: tuple[str, ...],
    schema: pa.Schema,
    batches: Iterator[Batch],
) -> tuple[Columns, Iterator[Batch]]:
    """The columns, and the batches with nothing missing: where a column may have been renamed, its first
    rows are compared with what the lake holds."""
    by_name = headers.named(contract, present)
    if not by_name.missing or not by_name.extra:
        return headers.settle(contract, present, by_name, {}), batches
    first: list[Batch] = []
    read = 0
    while read < renames.SAMPLE and (batch := next(batches, None)) is not None:
        first.append(batch)
        read += batch.rows.num_rows
    table = pa.Table.from_batches([batch.rows.select(schema.names) for batch in first], schema)
    _insert(con, "CREATE OR REPLACE TEMP TABLE sampled AS", table.slice(0, renames.SAMPLE))
    likely = renames.likely(con, lake(), contract, by_name.found, by_name.missing, by_name.extra)
    return headers.settle(contract, present, by_name, likely), chain(first, batches)


class _Rejects:
    """What is no record. A file may be nothing else: beyond one part they go to the engine, which spills."""

    def __init__(self, con: duckdb.DuckDBPyConnection, words: Callable[[Reject], tuple[str, str]]) -> None:
        self.count = 0
        self._con = con
        self._words = words
        self._pending: list[Reject] = []
        con.execute(
            "CREATE OR REPLACE TEMP TABLE rejects (row BIGINT, code VARCHAR, text VARCHAR, zh VARCHAR, en VARCHAR)"
        )

    def take(self, rejects: tuple[Reject, ...]) -> None:
        self.count += len(rejects)
        self._pending.extend(rejects)
        if len(self._pending) >= PART:
            self.land()

    def land(self) -> None:
        """Fills the temporary table `rejects`, in the order they came."""
        if self._pending:
            _insert(self._con, "INSERT INTO rejects", pa.Table.from_batches([self._batch()], REJECTS))

    def _batch(self) -> pa.RecordBatch:
        told = [self._words(reject) for reject in self._pending]
        columns = [
            pa.array([reject.row for reject in self._pending], pa.int64()),
            pa.array([reject.code for reject in self._pending], pa.utf8()),
            pa.array([reject.text for reject in self._pending], pa.utf8()),
            pa.array([zh for zh, _ in told], pa.utf8()),
            pa.array([en for _, en in told], pa.utf8()),
        ]
        self._pending.clear()
        return pa.RecordBatch.from_arrays(columns, schema=REJECTS)


def _insert(con: duckdb.DuckDBPyConnection, statement: str, table: pa.Table) -> None:
    """Runs `statement SELECT * FROM table` by way of a file: given an Arrow table itself, the engine first
    imports pandas, which takes longer than most runs."""
    scratch = Scratch(home() / "tmp")
    try:
        path = scratch.path / "rows.parquet"
        pq.write_table(table, path)
        con.execute(
            f"{statement} SELECT * FROM read_parquet({literal(str(path))}, hive_partitioning = false)"
        )
    finally:
        scratch.remove()


def _checksum(con: duckdb.DuckDBPyConnection, columns: tuple[str, ...]) -> str:
    """Of the headers and all staged cells, whatever the order of rows; equal content gives equal text on one
    DuckDB version."""
    cells = ", ".join(quoted(header) for header in columns)
    row: Any = con.execute(
        f"SELECT lower(hex(bit_xor(h))), sum(h::HUGEINT & 4294967295) FROM (SELECT hash({cells}) AS h FROM stage)"
    ).fetchone()
    named = hashlib.sha256("\0".join(columns).encode("utf-8", "surrogatepass")).hexdigest()[:8]
    return f"duckdb-{row[0]}-{row[1]}-{named}"
