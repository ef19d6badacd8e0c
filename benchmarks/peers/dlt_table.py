"""Loads one PostgreSQL table with dlt's sql_database, raw: run by `database` in the peers' own environment.

Arguments: address with password, table, backend, destination (duckdb or filesystem), folder to write to.
Nothing of Jingwei is imported here. Prints what arrived.
"""

from __future__ import annotations

import sys
from pathlib import Path

import dlt
from dlt.sources.sql_database import sql_table

CHUNK = 100_000
"""Rows at a time; dlt's default of 50,000 is not faster."""


def main(address: str, table: str, backend: str, destination: str, folder: str) -> None:
    place = Path(folder)
    place.mkdir(parents=True, exist_ok=True)
    into = (
        dlt.destinations.duckdb(str(place / "lake.duckdb"))
        if destination == "duckdb"
        else dlt.destinations.filesystem(str(place / "lake"))
    )
    rows = sql_table(credentials=address, table=table, backend=backend, chunk_size=CHUNK)
    pipeline = dlt.pipeline(
        "peer", pipelines_dir=str(place / "pipelines"), destination=into, dataset_name="raw"
    )
    pipeline.run(rows, write_disposition="replace", loader_file_format="parquet")
    print(pipeline.last_trace.last_normalize_info.row_counts[table])


main(*sys.argv[1:])
