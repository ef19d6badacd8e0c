"""Rows as they come, in a Parquet file: what a run checks, and, once published, what raw keeps.

    batches ─▶ Landing (a thread writes while the next batch is read) ─▶ scratch/<name>.parquet
                      ├─ view `stage` over it: every later step reads the file, none copies it
                      └─ publish: the same file becomes part of raw's table

One copy of the text is written and it never lies in memory, whatever the table's size.
"""

from __future__ import annotations

import queue
import secrets
import threading
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from jingwei.collection.connectors.batches import counting
from jingwei.engines.duckdb.lake import literal, quoted

ROWS, BYTES = 122_880, 48 << 20
"""A row group is written when so much has come together."""
OURS = ("_n", "_run")


class Landing:
    """Takes batches (`_row` and the source's columns) and numbers them (`_n`, from 0)."""

    def __init__(self, con: duckdb.DuckDBPyConnection, schema: pa.Schema, run: str) -> None:
        (spill,) = con.execute("SELECT current_setting('temp_directory')").fetchone() or ("",)
        folder = Path(spill).parent
        folder.mkdir(parents=True, exist_ok=True)
        self.path = folder / f"run-{run or 'trial'}-{secrets.token_hex(4)}.parquet"
        self.rows = 0
        self._run = run
        self._schema = pa.schema([("_n", pa.int64()), *schema, ("_run", pa.string())])
        self._waiting: queue.Queue[list[pa.RecordBatch] | None] = queue.Queue(maxsize=2)
        self._together: list[pa.RecordBatch] = []
        self._broke: BaseException | None = None
        self._thread = threading.Thread(target=self._write, name="landing", daemon=True)
        self._thread.start()

    def take(self, batch: pa.RecordBatch) -> None:
        """Adds a batch; raises what the writing of an earlier one met."""
        size = batch.num_rows
        if self._broke is not None:
            raise self._broke
        numbers = counting(range(self.rows, self.rows + size))
        runs = pa.repeat(pa.scalar(self._run), size)
        columns = [numbers, *batch.columns, runs]
        self._together.append(pa.RecordBatch.from_arrays(columns, schema=self._schema))
        self.rows += size
        if (
            sum(one.num_rows for one in self._together) >= ROWS
            or sum(one.nbytes for one in self._together) >= BYTES
        ):
            self._hand_over()

    def close(self, *, given_up: bool = False) -> None:
        """Ends the file; `given_up`: nobody will read it, and what goes wrong is not told."""
        if not given_up and self._together:
            self._hand_over()
        self._waiting.put(None)
        self._thread.join()
        if self._broke is not None and not given_up:
            raise self._broke

    def _hand_over(self) -> None:
        self._waiting.put(self._together)
        self._together = []

    def _write(self) -> None:
        """The thread: after a fault it goes on taking, so that whoever hands over is not left waiting."""
        writer: Any = None
        try:
            # Columns of many different values leave the dictionary early: that is where the time would go.
            writer = pq.ParquetWriter(self.path, self._schema, dictionary_pagesize_limit=1 << 16)
            while (batches := self._waiting.get()) is not None:
                writer.write_table(pa.Table.from_batches(batches, self._schema), row_group_size=ROWS)
            writer.close()
        except BaseException as exc:
            self._broke = exc
            if writer is not None:
                writer.is_open = False
            while self._waiting.get() is not None:
                pass


def show(con: duckdb.DuckDBPyConnection, landed: Landing, schema: pa.Schema) -> None:
    """Lays the view `stage` over the file: `_n`, `_row` and the source's columns."""
    columns = ", ".join(quoted(name) for name in ("_n", *schema.names))
    con.execute(
        f"CREATE OR REPLACE TEMP VIEW staged AS SELECT {columns} FROM"
        f" read_parquet({literal(str(landed.path))}, hive_partitioning = false)"
    )
    con.execute("CREATE OR REPLACE TEMP VIEW stage AS FROM staged")


def append(con: duckdb.DuckDBPyConnection, table: str) -> None:
    """Adds the rows of a table to `stage`; `late_rows` names them for raw."""
    con.execute(f"CREATE OR REPLACE TEMP VIEW late_rows AS FROM {table}")
    con.execute(f"CREATE OR REPLACE TEMP VIEW stage AS FROM staged UNION ALL BY NAME FROM {table}")
