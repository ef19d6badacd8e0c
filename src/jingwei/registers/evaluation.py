"""How good the linking is, where somebody knows the truth: pairs of records, counted, not listed.

A pair is two records of one entity. With n records of a true entity there are n(n-1)/2 true pairs, so
three GROUP BYs give precision and recall over any number of pairs; only the examples are listed.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb

from jingwei.catalog.sql import quoted as literal
from jingwei.engines import lake
from jingwei.registers.answers import Evaluation, Pair
from jingwei.registers.errors import BadTruth, NotLinked
from jingwei.registers.linking import records_table
from jingwei.registers.records import source_record
from jingwei.registers.sources import Declared, declared, row_dict

COLUMNS = ("resource", "record_key", "true_id")


def evaluate(register: str, truth_csv: Path, examples: int) -> Evaluation:
    known = declared(register)
    with lake().read() as con:
        if not lake().exists(con, "register", f"{register}.records"):
            raise NotLinked(register=register)
        _load(con, truth_csv)
        records = records_table(register)
        con.execute(
            f"CREATE OR REPLACE TEMP TABLE judged AS SELECT t.true_id, r.entity_id, r.resource, r.record_key "
            f"FROM truth t JOIN {records} r ON r.resource = t.resource AND r.record_key = t.record_key"
        )
        pairs = "coalesce(sum(n * (n - 1) // 2), 0)"
        row = con.execute(
            f"""
            SELECT (SELECT count(*) FROM judged), (SELECT count(*) FROM truth) - (SELECT count(*) FROM judged),
                (SELECT {pairs} FROM (SELECT count(*) AS n FROM judged GROUP BY true_id)),
                (SELECT {pairs} FROM (SELECT count(*) AS n FROM judged GROUP BY entity_id)),
                (SELECT {pairs} FROM (SELECT count(*) AS n FROM judged GROUP BY true_id, entity_id))
            """
        ).fetchone()
        count, unknown, true, linked, both = (int(value) for value in row or (0, 0, 0, 0, 0))
        precision = both / linked if linked else 1.0
        recall = both / true if true else 1.0
        f1 = 2 * precision * recall / (precision + recall) if precision + recall else 0.0
        found = Evaluation(
            register, count, unknown, true, linked, both, precision, recall, f1,
            false_pairs=_examples(con, known, "entity_id", "true_id", examples),
            missed_pairs=_examples(con, known, "true_id", "entity_id", examples),
        )  # fmt: skip
        con.execute("DROP TABLE judged; DROP TABLE truth")
        return found


def _load(con: duckdb.DuckDBPyConnection, path: Path) -> None:
    if not path.is_file():
        raise BadTruth(path=path, reason="no such file")
    try:
        con.execute(
            f"CREATE OR REPLACE TEMP TABLE truth AS SELECT DISTINCT resource, record_key, true_id "
            f"FROM read_csv({literal(str(path))}, header=true, all_varchar=true, delim=',', quote='\"') WHERE true_id IS NOT NULL"
        )
    except duckdb.Error as exc:
        raise BadTruth(path=path, reason=str(exc).splitlines()[0]) from exc


def _examples(
    con: duckdb.DuckDBPyConnection, known: Declared, same: str, differ: str, most: int
) -> list[Pair]:
    """Pairs that share one identity and not the other: one pair of each such group, chosen by hash."""
    rows = con.execute(
        f"""
        WITH split AS (
            SELECT {same} AS together, {differ} AS apart, min(resource || chr(0) || record_key) AS record
            FROM judged GROUP BY 1, 2
        ), pairs AS (
            SELECT together, min(record) AS one, max(record) AS other FROM split GROUP BY together HAVING count(*) > 1
        )
        SELECT one, other FROM pairs ORDER BY hash(together) LIMIT {int(most)}
        """
    ).fetchall()
    found = []
    for one, other in rows:
        left, right = (_record(con, known, *side.split("\0", 1)) for side in (one, other))
        found.append(Pair(left[0], right[0], left[1], right[1]))
    return found


def _record(con: duckdb.DuckDBPyConnection, known: Declared, resource: str, key: str) -> tuple[Any, str]:
    found = con.execute(
        f"FROM {records_table(known.name)} WHERE resource = ? AND record_key = ?", [resource, key]
    )
    row = row_dict(found.description, found.fetchone())
    return source_record(known, row, []), row["entity_id"]
