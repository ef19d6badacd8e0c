"""Finding rows that share what no two may have, in ten million rows, within a few hundred megabytes.

    table ──hash──▶ 64-bit numbers, streamed ──sorted──▶ neighbours that are equal ──▶ the few rows behind them

Grouping texts takes three times the time and ten times the memory. Two texts may have one number, so the
few rows found are compared by what they hold in the end.
"""

from __future__ import annotations

from collections.abc import Iterator

import duckdb
import numpy as np
import pyarrow as pa

AT_ONCE = 40_000_000
"""Numbers sorted at a time (8 bytes each); a longer table is looked at in parts, by the number."""
BATCH = 1_000_000


def shared(con: duckdb.DuckDBPyConnection, table: str, row: str, key: str, value: str, into: str) -> int:
    """Fills the temporary table `into` (_row, _key) with the rows of `table` whose `value` another row has too;
    NULL is no value. `row`, `key` and `value` are SQL over the table. Returns how many rows there are."""
    again = _again(con, table, value)
    con.execute(f"CREATE OR REPLACE TEMP TABLE {into} (_row BIGINT, _key VARCHAR)")
    if not len(again):
        return 0
    con.register("seen_again", pa.table({"h": again}))
    try:
        con.execute(
            f"INSERT INTO {into} SELECT _row, _key FROM (SELECT {row} AS _row, {key} AS _key, {value} AS value"
            f" FROM {table} WHERE hash({value}) IN (SELECT h FROM seen_again)) QUALIFY count(*) OVER (PARTITION BY value) > 1"
        )
    finally:
        con.unregister("seen_again")
    found = con.execute(f"SELECT count(*) FROM {into}").fetchone()
    return int(found[0]) if found else 0


def some(con: duckdb.DuckDBPyConnection, table: str, value: str) -> bool:
    """Whether rows of `table` may share their `value`: False is certain, True wants a closer look."""
    return len(_again(con, table, value)) > 0


def _again(con: duckdb.DuckDBPyConnection, table: str, value: str) -> np.ndarray:
    """The hashes that more than one row has."""
    counted = con.execute(f"SELECT count(*) FROM {table}").fetchone()
    rows = int(counted[0]) if counted else 0
    parts = -(-rows // AT_ONCE) or 1
    if parts == 1:
        return _repeated(_filled(con, _hashes(table, value), rows))
    found = []
    for part in range(parts):
        query = f"SELECT h FROM ({_hashes(table, value)}) WHERE h % {parts} = {part}"
        found.append(_repeated(np.concatenate([np.empty(0, np.uint64), *_batches(con, query)])))
    return np.concatenate(found)


def _hashes(table: str, value: str) -> str:
    return f"SELECT hash({value}) AS h FROM {table} WHERE ({value}) IS NOT NULL"


def _filled(con: duckdb.DuckDBPyConnection, query: str, rows: int) -> np.ndarray:
    """All hashes in one stretch of memory made for them: collecting them first would take it twice."""
    hashes = np.empty(rows, np.uint64)
    at = 0
    for batch in _batches(con, query):
        hashes[at : at + len(batch)] = batch
        at += len(batch)
    return hashes[:at]


def _repeated(hashes: np.ndarray) -> np.ndarray:
    """The numbers that occur more than once; sorts in place."""
    hashes.sort()
    return np.unique(hashes[1:][hashes[1:] == hashes[:-1]])


def _batches(con: duckdb.DuckDBPyConnection, query: str) -> Iterator[np.ndarray]:
    for batch in con.execute(query).to_arrow_reader(BATCH):
        yield batch.column(0).to_numpy(zero_copy_only=False)
