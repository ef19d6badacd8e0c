"""All keys of a source beside all keys we hold: which rows we lack, which rows it lacks; ten million at once.

    keys of the source ──────────────▶ file ─ hashed ─▶ buckets ┐
    lake, rows just read, quarantine ─────── hashed ─▶ buckets ┴─ those that differ ─▶ keys one by one

Both sides are added up in buckets (how many keys, and their 64-bit hashes combined). Keys in buckets that agree
agree; only the others are brought to their standard form and compared exactly. A key that the source writes
otherwise than the lake (blanks, another width) puts its bucket among those that differ, and is met there.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import log2

import duckdb
import pyarrow as pa

from jingwei.catalog.sql import identifier
from jingwei.collection.balance import one
from jingwei.collection.connectors.base import Reader
from jingwei.collection.connectors.headers import plain
from jingwei.collection.landing import Landing
from jingwei.collection.standardize import Plan
from jingwei.engines.duckdb.lake import literal

IN_BUCKET = 32
"""Keys of a bucket, about: fewer cost more buckets, more cost more keys to look at."""
BITS = (8, 20)
"""Fewest and most buckets, as powers of two."""


def read(con: duckdb.DuckDBPyConnection, reader: Reader, headers: Sequence[str], run: str) -> int:
    """Lays the view `source_cells` (`_n`, `_row`, the headers) over what a reader of key columns gives; how
    many rows there are. The file goes with the connection's scratch folder."""
    schema = pa.schema([("_row", pa.int64()), *((column, pa.utf8()) for column in reader.columns)])
    landed = Landing(con, schema, f"{run}-keys")
    try:
        for batch in reader.batches():
            landed.take(batch.rows)
    except BaseException:
        landed.close(given_up=True)
        raise
    landed.close()
    wanted = {plain(header): header for header in headers}
    cells = ", ".join(
        f"{identifier(column)} AS {identifier(wanted[plain(column)])}"
        for column in reader.columns
        if plain(column) in wanted
    )
    con.execute(
        f"CREATE OR REPLACE TEMP VIEW source_cells AS SELECT _n, _row, {cells} FROM"
        f" read_parquet({literal(str(landed.path))}, hive_partitioning = false)"
    )
    return landed.rows


def compare(
    con: duckdb.DuckDBPyConnection, plan: Plan, headers: Sequence[str], current: str, rows: int
) -> None:
    """Fills `late` (`_n` of `source_cells` whose key nobody knows), `absent` (stored keys the source lacks), and
    what `lacks` asks. `good` holds the rows just read, `astray` the keys in quarantine."""
    con.execute(
        "CREATE OR REPLACE TEMP TABLE beside AS SELECT _key FROM good"
        " UNION SELECT key FROM astray WHERE key IS NOT NULL"
    )
    con.execute(
        f"DELETE FROM beside WHERE _key IN (SELECT o._key FROM {current} o SEMI JOIN beside b ON b._key = o._key)"
    )
    mask = (1 << min(BITS[1], max(BITS[0], round(log2(max(rows, 1) / IN_BUCKET + 1))))) - 1
    raw = " || '|' || ".join(identifier(header) for header in headers)
    known = f"SELECT _key FROM {current} UNION ALL SELECT _key FROM beside"
    con.execute(
        "CREATE OR REPLACE TEMP TABLE apart AS SELECT coalesce(s.b, k.b) AS b"
        f" FROM ({_added_up(raw, 'source_cells', mask)}) s"
        f" FULL JOIN ({_added_up('_key', f'({known})', mask)}) k ON k.b = s.b"
        " WHERE s.n IS DISTINCT FROM k.n OR s.x IS DISTINCT FROM k.x"
    )
    con.execute(f"CREATE OR REPLACE TEMP MACRO is_apart(k) AS (hash(k) & {mask}) IN (SELECT b FROM apart)")
    told = plan.keys_only(f"(SELECT * FROM source_cells WHERE is_apart({raw}))")
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE source_apart AS SELECT _n, _key FROM ({told}) WHERE _key IS NOT NULL"
    )
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE known_apart AS SELECT _key, true AS stored FROM {current} WHERE is_apart(_key)"
        " UNION ALL SELECT _key, false FROM beside WHERE is_apart(_key)"
    )
    con.execute(
        "CREATE OR REPLACE TEMP TABLE late AS FROM source_apart WHERE _key NOT IN (SELECT _key FROM known_apart)"
    )
    # a key written otherwise at the source belongs into another bucket, which may agree
    con.execute(
        f"DELETE FROM late WHERE _key IN (SELECT o._key FROM {current} o SEMI JOIN late l ON l._key = o._key"
        " UNION ALL SELECT _key FROM beside)"
    )
    con.execute(
        "CREATE OR REPLACE TEMP TABLE absent AS SELECT _key FROM known_apart WHERE stored"
        " AND _key NOT IN (SELECT _key FROM source_apart) AND _key NOT IN (SELECT _key FROM good)"
    )


def _added_up(key: str, table: str, mask: int) -> str:
    hashed = f"SELECT hash({key}) AS h FROM {table} WHERE ({key}) IS NOT NULL"
    return f"SELECT h & {mask} AS b, count(*) AS n, bit_xor(h) AS x FROM ({hashed}) GROUP BY 1"


def lacks(key: str) -> str:
    """A condition, once compared: the source has no such key. For keys of the lake and of the quarantine."""
    return f"(is_apart({key}) AND {key} NOT IN (SELECT _key FROM source_apart))"


def late(con: duckdb.DuckDBPyConnection) -> int:
    return one(con, "SELECT count(*) FROM late")
