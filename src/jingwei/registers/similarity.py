"""Records without a valid identifier: scored against everybody, joined where the evidence suffices.

links + mapped rows ─▶ linking ─▶ blocks ─▶ pairs ─▶ Splink ─▶ scored
                          │ a hidden sample asks too ──▶ threshold
                          ▼
                choices and edges ─▶ groups ─▶ links.cluster, reason, score, note
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import duckdb
import pyarrow as pa

from jingwei.catalog.sql import identifier as quoted
from jingwei.registers.clusters import Edge, Groups, group
from jingwei.registers.matching import calibration
from jingwei.registers.matching.blocking import make_blocks, make_pairs
from jingwei.registers.matching.calibration import MARGIN, SURE, Threshold
from jingwei.registers.matching.features import Features
from jingwei.registers.matching.model import Model
from jingwei.registers.sources import Sources


@dataclass
class Matched:
    """What matching did, for the report."""

    asked: int = 0
    joined: int = 0
    ambiguous: int = 0
    facts: dict[str, Any] = field(default_factory=dict)


def match(con: duckdb.DuckDBPyConnection, sources: Sources) -> Matched:
    """Gives rows of `links` that have no cluster the cluster of the entity they are found to be."""
    matching = sources.declared.register.matching
    row = con.execute(
        "SELECT count(*) FILTER (cluster IS NULL), count(*), count(DISTINCT cluster) FROM links"
    ).fetchone()
    asking, total, identified = row or (0, 0, 0)
    result = Matched(asked=asking)
    if matching is None or not asking or total < 2:
        return result
    features = Features(matching)
    _linking(con, sources, features)
    hidden = calibration.hide(con, features) if identified else 0
    con.execute("DROP TABLE given")
    features.prepare(con)
    make_blocks(con, features)
    found = make_pairs(con, features)
    con.execute("DROP TABLE blocks")
    pairs = con.execute("SELECT count(*) FROM pairs").fetchone()
    result.facts = {"pairs": pairs[0] if pairs else 0, "hidden": hidden, "found_by": found}
    if not result.facts["pairs"]:
        return result
    model = Model(con, features)
    model.train(labelled=_can_teach(con), entities=identified + asking)
    model.score()
    result.facts["weights"] = model.weights()
    _answers(con)
    threshold = _threshold(con, hidden, matching.precision)
    result.facts |= threshold.as_dict()
    _decide(con, sources, threshold, result)
    return result


def _linking(con: duckdb.DuckDBPyConnection, sources: Sources, features: Features) -> None:
    """`linking`: rows with the compared fields as text; `given`: identified rows as their source says."""
    fields = features.fields()
    inner = sources.mapped(sources.needed(fields))
    columns = ", ".join(
        f"CAST(CASE WHEN l.cluster IS NULL THEN m.{quoted(f)} ELSE {sources.derivation(f)} END AS VARCHAR) AS {quoted(f)}"
        for f in fields
    )
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE linking AS SELECT l.rid, l.src, l.tie, l.cluster, l.cluster IS NULL AS asks, "
        f"l.barred, {columns} FROM ({inner}) m JOIN links l ON l.rid = m.rid"
    )
    given = ", ".join(f"CAST(m.{quoted(f)} AS VARCHAR) AS {quoted(f)}" for f in fields)
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE given AS SELECT l.rid, l.src, l.tie, {given} "
        f"FROM ({sources.mapped(fields)}) m JOIN links l ON l.rid = m.rid "
        f"WHERE l.cluster IS NOT NULL AND hash(l.tie, {features.matching.seed}) % (SELECT greatest(1, count(*) // 400000) FROM links) = 0"
    )


def _can_teach(con: duckdb.DuckDBPyConnection) -> bool:
    """Whether enough entities have several identified rows to learn from."""
    row = con.execute(
        "SELECT count(*) FROM (SELECT cluster FROM linking WHERE cluster IS NOT NULL GROUP BY cluster HAVING count(*) > 1 LIMIT 300)"
    ).fetchone()
    return bool(row and row[0] >= 300)


def _answers(con: duckdb.DuckDBPyConnection) -> None:
    """`choices`: for each asker the best identified entity, its weight, and the second best's."""
    con.execute(
        """
        CREATE OR REPLACE TEMP TABLE choices AS
        WITH each AS (
            SELECT s.l AS rid, b.cluster, max(s.weight) AS weight
            FROM scored s JOIN linking b ON b.rid = s.r JOIN linking a ON a.rid = s.l
            WHERE b.cluster IS NOT NULL AND b.cluster IS DISTINCT FROM a.barred
            GROUP BY s.l, b.cluster
        ), ranked AS (
            SELECT *, row_number() OVER best AS place, lead(weight) OVER best AS second FROM each
            WINDOW best AS (PARTITION BY rid ORDER BY weight DESC, cluster)
        )
        SELECT rid, cluster, weight, second FROM ranked WHERE place = 1
        """
    )


def _threshold(con: duckdb.DuckDBPyConnection, hidden: int, target: float) -> Threshold:
    rows = con.execute(
        f"""
        SELECT c.weight, c.cluster = l.cluster FROM choices c JOIN links l ON l.rid = -c.rid
        WHERE c.rid < 0 AND (c.second IS NULL OR c.weight - c.second >= {MARGIN})
        """
    ).fetchall()
    measured = calibration.from_answers(rows, hidden, target)
    if measured is not None:
        return measured
    weights = con.execute("SELECT weight FROM scored WHERE l > 0").fetchall()
    return calibration.from_model([w for (w,) in weights], target)


def _decide(con: duckdb.DuckDBPyConnection, sources: Sources, threshold: Threshold, result: Matched) -> None:
    groups = Groups(distinct_source=_distinct_rows(con, sources))
    groups.taken = _taken(con, sources)
    for rid, barred in con.execute(
        "SELECT rid, barred FROM linking WHERE barred IS NOT NULL AND rid > 0"
    ).fetchall():
        groups.barred[rid] = frozenset((barred,))
    scores: dict[int, float] = {}
    least = threshold.weight
    rows = con.execute(
        "SELECT c.rid, c.cluster, c.weight, c.second FROM choices c JOIN links l ON l.rid = c.rid "
        f"WHERE c.rid > 0 AND c.weight >= {min(least, 1e9)} ORDER BY c.weight DESC, l.tie, c.rid"
    ).fetchall()
    for rid, cluster, weight, second in rows:
        if second is not None and weight - second < MARGIN:
            groups.undecided.add(rid)
        elif groups.settle(rid, cluster):
            scores[rid] = weight
    result.ambiguous = len(groups.undecided)
    least_between = least if threshold.method == "model" else max(least, SURE)
    edges = [
        Edge(weight, (low, high), left, right)
        for left, right, weight, low, high in con.execute(
            "SELECT s.l, s.r, s.weight, least(a.tie, b.tie), greatest(a.tie, b.tie) FROM scored s "
            "JOIN linking a ON a.rid = s.l JOIN linking b ON b.rid = s.r "
            f"WHERE s.l > 0 AND b.asks AND s.weight >= {min(least_between, 1e9)}"
        ).fetchall()
    ]
    ambiguous = set(groups.undecided)
    for edge in group(groups, edges):
        for rid in (edge.left, edge.right):
            scores[rid] = max(scores.get(rid, edge.weight), edge.weight)
    _write(con, groups, scores, ambiguous)
    result.joined = len(scores)


def _distinct_rows(con: duckdb.DuckDBPyConnection, sources: Sources) -> dict[int, int]:
    listed = [i for i in sources.present if sources.declared.register.sources[i].distinct]
    if not listed:
        return {}
    numbers = ", ".join(map(str, listed))
    return dict(
        con.execute(f"SELECT rid, src FROM linking WHERE asks AND rid > 0 AND src IN ({numbers})").fetchall()
    )


def _taken(con: duckdb.DuckDBPyConnection, sources: Sources) -> dict[int, set[int]]:
    """Identified entities that already hold a row of a source listing each entity once."""
    taken: dict[int, set[int]] = {}
    for index in sources.present:
        if sources.declared.register.sources[index].distinct:
            rows = con.execute(
                "SELECT DISTINCT cluster FROM links WHERE src = ? AND cluster IN (SELECT cluster FROM choices)",
                [index],
            ).fetchall()
            for (cluster,) in rows:
                taken.setdefault(cluster, set()).add(index)
    return taken


def _write(
    con: duckdb.DuckDBPyConnection, groups: Groups, scores: dict[int, float], ambiguous: set[int]
) -> None:
    """Puts the decisions into `links`; a group without an identified entity is numbered by `_found` later."""
    members = sorted(scores)
    roots = [groups.find(rid) for rid in members]
    entities = [groups.entity.get(root) for root in roots]
    decided = pa.table(
        {
            "rid": pa.array(members, pa.int64()),
            "root": pa.array(roots, pa.int64()),
            "entity": pa.array([None if e is None else str(e) for e in entities], pa.string()),
            "score": pa.array(
                [round(1 / (1 + 2.0 ** -min(scores[r], 60)), 6) for r in members], pa.float64()
            ),
        }
    )
    undecided = pa.table({"rid": pa.array(sorted(ambiguous), pa.int64())})
    con.register("decided", decided)
    con.register("undecided", undecided)
    con.execute(
        "UPDATE links SET note = 'ambiguous' FROM undecided u WHERE links.rid = u.rid AND links.note IS NULL"
    )
    con.execute(
        "CREATE OR REPLACE TEMP TABLE similar AS SELECT rid, root, CAST(entity AS HUGEINT) AS entity, score FROM decided"
    )
    con.unregister("decided")
    con.unregister("undecided")


def empty(con: duckdb.DuckDBPyConnection) -> None:
    """The table `similar` for a register in which nothing was matched."""
    con.execute(
        "CREATE OR REPLACE TEMP TABLE similar (rid BIGINT, root BIGINT, entity HUGEINT, score DOUBLE)"
    )
