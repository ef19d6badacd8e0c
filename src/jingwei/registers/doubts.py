"""The pairs a person should look at: likely enough to be one, not sure enough to be joined.

scored pairs ─ in different entities, no standing verdict ─▶ doubts (l, r, weight, why)
                                                              └ written ▶ register."<r>.doubtful"

`why`: `below` the threshold; `ambiguous`, where two entities are claimed alike; `kept-apart`, where the
weight would do but a rule forbids it (a source that lists each entity once, a number set aside).
"""

from __future__ import annotations

import duckdb

from jingwei.engines import lake
from jingwei.registers.matching.calibration import Threshold
from jingwei.registers.sources import Sources

REACH = 8.0
"""Bits below the threshold that are still worth a look: beyond, one pair in two hundred would be a match."""
EACH = 3
"""Candidates shown for one record."""


def doubtful_table(register: str) -> str:
    return lake().table("register", f"{register}.doubtful")


def collect(con: duckdb.DuckDBPyConnection, threshold: Threshold) -> None:
    """Makes the temporary table `doubts` from `scored`, `linking` and `resembling`."""
    sure = min(threshold.weight, 1e9)
    least = max(0.0, sure - REACH) if sure < 1e9 else 0.0
    con.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE doubts AS
        WITH sides AS (
            SELECT s.l, s.r, s.weight, a.tie AS tie_l, b.tie AS tie_r,
                   coalesce(CAST(coalesce(x.entity, a.cluster) AS VARCHAR), 'g' || coalesce(x.root, s.l)) AS one,
                   coalesce(CAST(coalesce(y.entity, b.cluster) AS VARCHAR), 'g' || coalesce(y.root, s.r)) AS other,
                   x.rid IS NULL OR (b.asks AND y.rid IS NULL) AS open, a.barred AS barred_l, b.cluster AS cluster_r
            FROM scored s JOIN linking a ON a.rid = s.l JOIN linking b ON b.rid = s.r
            LEFT JOIN resembling x ON x.rid = s.l LEFT JOIN resembling y ON y.rid = s.r
            WHERE s.l > 0 AND s.r > 0 AND s.weight >= {least}
        ), apart AS (
            SELECT * FROM sides WHERE one <> other AND open
            AND NOT EXISTS (FROM verdict v WHERE (v.l = sides.l AND v.r = sides.r) OR (v.l = sides.r AND v.r = sides.l))
        ), each AS (
            SELECT * FROM apart QUALIFY row_number() OVER (PARTITION BY l, other ORDER BY weight DESC, tie_r) = 1
        )
        SELECT l, r, weight, CASE WHEN n.note = 'ambiguous' THEN 'ambiguous' WHEN weight >= {sure} THEN 'kept-apart'
               ELSE 'below' END AS why
        FROM each JOIN (SELECT rid, note FROM links) n ON n.rid = each.l
        QUALIFY row_number() OVER (PARTITION BY l ORDER BY weight DESC, tie_r) <= {EACH}
        """
    )


def named(sources: Sources) -> str:
    """SQL of all rows with the names of their records."""
    resources = sources.resource_list()
    return (
        f"SELECT m.rid, {resources}[m.src + 1] AS resource, m._key AS record_key"
        f" FROM ({sources.mapped([], '_key')}) m"
    )


def write(con: duckdb.DuckDBPyConnection, rows: str) -> None:
    """Makes the temporary table `doubtful`, as the lake keeps it: records instead of row numbers; `rows` is a
    query of (rid, resource, record_key)."""
    con.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE doubtful AS
        WITH named AS (
            FROM ({rows}) WHERE rid IN (SELECT l FROM doubts UNION ALL SELECT r FROM doubts)
        )
        SELECT a.resource, a.record_key, b.resource AS other_resource, b.record_key AS other_key, d.weight,
               round(1 / (1 + pow(2.0, -least(d.weight, 60))), 6) AS probability, d.why
        FROM doubts d JOIN named a ON a.rid = d.l JOIN named b ON b.rid = d.r
        """
    )
    con.execute("DROP TABLE doubts")
