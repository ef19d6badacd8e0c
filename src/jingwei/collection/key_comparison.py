"""All keys of a source beside all keys we hold: which rows we lack, which rows it lacks; ten million at once.

    keys of the source ──────────────▶ file ─ hashed ─▶ buckets ┐
    lake, rows just read, quarantine ─────── hashed ─▶ buckets ┴─ those that differ ─▶ keys one by one

Both sides are added up in buckets (how many keys, and their 64-bit hashes combined). Keys in buckets that agree
agree; only the others are brought to their standard form and compared exactly. A key that the source writes
otherwise than the lake (blanks, another width) puts its bucket among those that differ, and is met there.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from jingwei.catalog.sql import identifier
from jingwei.collection.balance import one
from jingwei.collection.connectors.base import Reader
from jingwei.collection.connectors.headers import plain
from jingwei.collection.standardize import Plan
from jingwei.engines.duckdb.lake import literal

BUCKETS = 65_536
"""As many as a USMALLINT tells apart: the engine then adds up in an array, at a third of the price."""


def read(con: duckdb.DuckDBPyConnection, reader: Reader, headers: Sequence[str]) -> int:
    """Lays the view `source_cells` (`_n`, `_row`, the headers) over what a reader of key columns gives; how
    many rows there are. The file goes with the connection's scratch folder."""
    (spill,) = con.execute("SELECT current_setting('temp_directory')").fetchone() or ("",)
    path = Path(spill).parent / f"keys-{secrets.token_hex(4)}.parquet"
    path.parent.mkdir(parents=True, exist_ok=True)
    wanted = {plain(header): header for header in headers}
    columns = {column: wanted[plain(column)] for column in reader.columns if plain(column) in wanted}
    rows = 0
    # keys differ: neither a dictionary nor compression would make them less
    with pq.ParquetWriter(
        path,
        pa.schema([(column, pa.utf8()) for column in columns]),
        use_dictionary=False,
        compression="none",
        write_statistics=False,
    ) as writer:
        for batch in reader.batches():
            rows += batch.rows.num_rows
            writer.write_batch(batch.rows.select(list(columns)))
    cells = ", ".join(f"{identifier(column)} AS {identifier(header)}" for column, header in columns.items())
    con.execute(
        "CREATE OR REPLACE TEMP VIEW source_cells AS SELECT file_row_number AS _n, file_row_number AS _row,"
        f" {cells} FROM read_parquet({literal(str(path))}, hive_partitioning = false, file_row_number = true)"
    )
    return rows


def compare(
    con: duckdb.DuckDBPyConnection, plan: Plan, headers: Sequence[str], current: str, beside: str
) -> None:
    """Fills `late` (`_n` of `source_cells` whose key nobody knows), `absent` (stored keys the source lacks), and
    what `lacks` asks. `beside` is a query of the keys (`_key`) we hold that are not among the stored ones."""
    con.execute(f"CREATE OR REPLACE TEMP TABLE beside AS {beside}")
    raw = " || '|' || ".join(identifier(header) for header in headers)
    known = f"SELECT _key FROM {current} UNION ALL SELECT _key FROM beside"
    con.execute(f"SET perfect_ht_threshold = {BUCKETS.bit_length()}")
    try:
        con.execute(
            "CREATE OR REPLACE TEMP TABLE apart AS SELECT coalesce(s.b, k.b) AS b"
            f" FROM ({_added_up(raw, 'source_cells')}) s"
            f" FULL JOIN ({_added_up('_key', f'({known})')}) k ON k.b = s.b"
            " WHERE s.n IS DISTINCT FROM k.n OR s.x IS DISTINCT FROM k.x"
        )
    finally:
        con.execute("RESET perfect_ht_threshold")
    con.execute(f"CREATE OR REPLACE TEMP MACRO is_apart(k) AS {_bucket('hash(k)')} IN (SELECT b FROM apart)")
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
    if late(con):
        # a key written otherwise at the source belongs into another bucket, which may agree
        con.execute(
            f"DELETE FROM late WHERE _key IN (SELECT o._key FROM {current} o SEMI JOIN late l ON l._key = o._key"
            " UNION ALL SELECT _key FROM beside)"
        )
    con.execute(
        "CREATE OR REPLACE TEMP TABLE absent AS SELECT _key FROM known_apart WHERE stored"
        " AND _key NOT IN (SELECT _key FROM source_apart)"
    )


def _added_up(key: str, table: str) -> str:
    hashed = f"SELECT hash({key}) AS h FROM {table} WHERE ({key}) IS NOT NULL"
    return f"SELECT {_bucket('h')} AS b, count(*) AS n, bit_xor(h) AS x FROM ({hashed}) GROUP BY 1"


def _bucket(hashed: str) -> str:
    return f"CAST({hashed} & {BUCKETS - 1} AS USMALLINT)"


def lacks(key: str) -> str:
    """A condition, once compared: the source has no such key. For keys of the lake and of the quarantine."""
    return f"(is_apart({key}) AND {key} NOT IN (SELECT _key FROM source_apart))"


def late(con: duckdb.DuckDBPyConnection) -> int:
    return one(con, "SELECT count(*) FROM late")
