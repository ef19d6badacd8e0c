"""Blocking: which pairs of records are worth comparing at all.

    linking ──▶ blocks (rid, cluster, key per rule as a 64-bit hash) ──▶ pairs (join_key_l, join_key_r)

Only a record that asks (it lacks a valid identifier, or plays one that does, for calibration) is
paired. A key shared by more records than the declaration's `largest_block` says nothing about who
is who and is skipped: without that, 10,000 people called 张伟 would make 50 million pairs.
"""

from __future__ import annotations

import duckdb

from jingwei.registers.matching.features import Features, quoted


def stands_for(record: str) -> str:
    """SQL: the hash of a record's entity, or of the record while it asks (hash(NULL) is a number like any other)."""
    return f"CASE WHEN {record}.cluster IS NULL THEN hash({record}.tie) ELSE hash({record}.cluster) END"


def make_blocks(con: duckdb.DuckDBPyConnection, features: Features) -> None:
    """Table `blocks`: rid, cluster, who, likeness (hash of everything compared), tie, k0, k1, ..."""
    matching = features.matching
    keys, wanted = [], []
    for number, rule in enumerate(matching.blocking):
        parts = []
        for name in rule:
            part = features.part(name)
            if isinstance(part, str):
                parts.append(f"b.{quoted(part)}")
            else:
                wanted.append(part)
                parts.append(f"b.{features.column(*part)}")
        missing = " OR ".join(f"{part} IS NULL" for part in parts)
        keys.append(f"CASE WHEN {missing} THEN NULL ELSE hash({', '.join(parts)}) END AS k{number}")
    likeness = ", ".join(quoted(name) for name in features.fields())
    bare = ", ".join(f"r.{quoted(name)}" for name in features.fields())
    con.execute(
        "CREATE OR REPLACE TEMP TABLE blocks AS SELECT rid, cluster, tie, asks, "
        f"{stands_for('b')} AS who, hash({likeness}) AS likeness, {', '.join(keys)} "
        f"FROM ({features.select(wanted, extra=f'r.rid, r.cluster, r.tie, r.asks, {bare}')}) b"
    )


def make_pairs(
    con: duckdb.DuckDBPyConnection, features: Features, among: str | None = None
) -> dict[str, int]:
    """Table `pairs` for Splink, left asks, right answers; returns how many pairs each rule found. `among`
    names a table of rids: pairs in which none of these asks are left out.

    Of an entity's records that look alike one is compared: the rest would repeat the score.
    """
    found: dict[str, int] = {}
    con.execute("CREATE OR REPLACE TEMP TABLE candidates (l BIGINT, r BIGINT)")
    most = features.matching.largest_block
    only = f"AND (a.rid IN (FROM {among}) OR (b.asks AND b.rid IN (FROM {among})))" if among else ""
    for number, rule in enumerate(features.matching.blocking):
        key = f"k{number}"
        con.execute(
            f"""
            CREATE OR REPLACE TEMP TABLE asked AS
            SELECT {key} AS key, rid, tie, asks, who FROM blocks
            WHERE {key} IN (SELECT {key} FROM blocks WHERE asks)
            """
        )
        con.execute(
            f"""
            INSERT INTO candidates
            SELECT a.rid, b.rid FROM asked a JOIN asked b ON b.key = a.key
            WHERE a.asks AND a.rid <> b.rid AND a.rid <> -b.rid
                AND (NOT b.asks OR (a.rid > 0 AND b.rid > 0 AND (a.tie < b.tie OR (a.tie = b.tie AND a.rid < b.rid))))
                AND a.key IN (SELECT key FROM asked GROUP BY key
                              HAVING count(*) > 1 AND count(DISTINCT who) FILTER (rid > 0) <= {most})
                {only}
            """
        )
        row = con.execute("SELECT count(*) FROM candidates").fetchone()
        found["+".join(rule)] = (row[0] if row else 0) - sum(found.values())
    con.execute(
        """
        CREATE OR REPLACE TEMP TABLE pairs AS
        SELECT c.l AS join_key_l, arg_min(c.r, b.tie) AS join_key_r, '0' AS match_key
        FROM (SELECT DISTINCT l, r FROM candidates) c JOIN blocks b ON b.rid = c.r
        GROUP BY c.l, b.cluster, CASE WHEN b.cluster IS NULL THEN b.rid END, b.likeness
        """
    )
    con.execute("DROP TABLE candidates; DROP TABLE asked")
    return found


def rules_over_columns(features: Features) -> list[tuple[str, set[int]]]:
    """The blocking rules as SQL over compared columns of l and r, with the numbers of the comparisons each
    fixes; rules over bare fields are left out."""
    rules = []
    for rule in features.matching.blocking:
        parts = [features.part(name) for name in rule]
        fixed = [part for part in parts if not isinstance(part, str)]
        if len(fixed) == len(parts):
            columns = [features.column(*part) for part in fixed]
            rules.append((" AND ".join(f"l.{c} = r.{c}" for c in columns), {index for index, _ in fixed}))
    return rules
