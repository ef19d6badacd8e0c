"""From a source to a table of text inside the engine, with everything that is no row beside it.

The connector's batches stream into the temporary table `stage` (source headers, `_row` as the source
counts, and `_n`, which no two rows share: several records may start on one line);
stretches that are no record go into `rejects`. Nothing is kept in Python but one batch.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import duckdb
import pyarrow as pa

from jingwei.catalog.contracts import Contract
from jingwei.collection.connectors.base import Reader, Reject
from jingwei.collection.connectors.headers import plain
from jingwei.collection.errors import ColumnsAdded, ColumnsMissing, ColumnsTwice
from jingwei.engines.duckdb.lake import quoted
from jingwei.kernel.text import Text, listed
from jingwei.packs import limits
from jingwei.packs.declarations import nearest

REJECTS = pa.schema(
    [("row", pa.int64()), ("code", pa.utf8()), ("text", pa.utf8()), ("zh", pa.utf8()), ("en", pa.utf8())]
)
PART = 20_000
NUMBER = pa.field("_n", pa.int64())


@dataclass(frozen=True)
class Staged:
    rows: int
    rejects: int
    columns: Mapping[str, str]
    added: tuple[str, ...]
    left_out: tuple[str, ...]
    checksum: str


def match_columns(contract: Contract, present: tuple[str, ...]) -> tuple[dict[str, str], tuple[str, ...]]:
    """Field name → source header, and the headers nobody declared. Missing columns are refused."""
    by_plain: dict[str, list[str]] = {}
    for header in present:
        by_plain.setdefault(plain(header), []).append(header)
    found: dict[str, str] = {}
    missing: list[Text] = []
    for field in contract.fields:
        wanted = dict.fromkeys(plain(header) for header in field.headers)
        candidates = [header for name in wanted for header in by_plain.get(name, [])]
        if len(candidates) > 1:
            raise ColumnsTwice(field=field.name, columns=listed(candidates))
        if candidates:
            found[field.name] = candidates[0]
            continue
        near = nearest(field.header, present)
        pattern = (
            Text("{header}（是不是 {near}？）", "{header} ({near}?)")
            if near
            else Text("{header}", "{header}")
        )
        missing.append(pattern.fill(header=field.header, near=near))
    if missing:
        raise ColumnsMissing(missing=listed(missing), present=listed(present))
    added = tuple(header for header in present if header not in found.values())
    if added and contract.drift.added == "freeze":
        raise ColumnsAdded(added=listed(added))
    return found, added


def stage(
    con: duckdb.DuckDBPyConnection,
    reader: Reader,
    contract: Contract,
    words: Callable[[Reject], tuple[str, str]],
    progress: Callable[[int], None],
) -> Staged:
    """Reads everything. `words` gives a reject's reason in Chinese and English; `progress` hears rows so far."""
    left_out = tuple(header for header in reader.columns if limits.refused(header))
    kept = tuple(header for header in reader.columns if header not in left_out)
    columns, added = match_columns(contract, kept)
    con.execute(
        "CREATE OR REPLACE TEMP TABLE rejects (row BIGINT, code VARCHAR, text VARCHAR, zh VARCHAR, en VARCHAR)"
    )
    pending: list[Reject] = []
    counts = {"rows": 0, "rejects": 0}
    spill: list[pa.RecordBatch] = []

    def flush() -> None:
        if pending:
            spill.append(_rejects(pending, words))
            pending.clear()

    broke: list[BaseException] = []

    def incoming() -> Iterator[pa.RecordBatch]:
        try:
            for batch in reader.batches():
                counts["rows"] += batch.rows.num_rows
                counts["rejects"] += len(batch.rejects)
                pending.extend(batch.rejects)
                if len(pending) >= PART:
                    flush()
                progress(counts["rows"] + counts["rejects"])
                rows = batch.rows.drop_columns(list(left_out)) if left_out else batch.rows
                yield rows.add_column(0, NUMBER, numbers(rows.num_rows))
        except BaseException as exc:
            broke.append(exc)
            raise

    def numbers(length: int) -> pa.Array:
        return pa.array(range(counts["rows"] - length, counts["rows"]), pa.int64())

    texts = [(header, pa.utf8()) for header in kept]
    schema = pa.schema([NUMBER, ("_row", pa.int64()), *texts])
    source = pa.RecordBatchReader.from_batches(schema, incoming())
    con.register("incoming", source)
    try:
        con.execute("CREATE OR REPLACE TEMP TABLE stage AS SELECT * FROM incoming")
    except Exception as exc:
        if broke:
            # The engine passes on the words of what the reader raised, but not the exception itself.
            raise broke[0] from exc
        raise
    finally:
        con.unregister("incoming")
    flush()
    if spill:
        con.register("rejected", pa.Table.from_batches(spill, REJECTS))
        con.execute("INSERT INTO rejects SELECT * FROM rejected")
        con.unregister("rejected")
    return Staged(counts["rows"], counts["rejects"], columns, added, left_out, _checksum(con, kept))


def _rejects(rejects: list[Reject], words: Callable[[Reject], tuple[str, str]]) -> pa.RecordBatch:
    told = [words(reject) for reject in rejects]
    return pa.RecordBatch.from_arrays(
        [
            pa.array([reject.row for reject in rejects], pa.int64()),
            pa.array([reject.code for reject in rejects], pa.utf8()),
            pa.array([reject.text for reject in rejects], pa.utf8()),
            pa.array([zh for zh, _ in told], pa.utf8()),
            pa.array([en for _, en in told], pa.utf8()),
        ],
        schema=REJECTS,
    )


def _checksum(con: duckdb.DuckDBPyConnection, columns: tuple[str, ...]) -> str:
    """Of all staged cells, whatever the order of rows; equal content gives equal text on one DuckDB version."""
    cells = ", ".join(quoted(header) for header in columns)
    row: Any = con.execute(
        f"SELECT lower(hex(bit_xor(h))), sum(h::HUGEINT & 4294967295) FROM (SELECT hash({cells}) AS h FROM stage)"
    ).fetchone()
    return f"duckdb-{row[0]}-{row[1]}"
