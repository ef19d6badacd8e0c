"""From scores to decisions: who answers to whom, what is too close to call, what stays alone.

scored ─▶ choices (asker → best identified entity, second best) ─▶ threshold ─▶ settled, ambiguous
       └▶ edges (asker — asker) ─▶ groups ─▶ resembling (rid, root, entity, score)
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import duckdb
import pyarrow as pa

from jingwei.registers.clusters import Edge, Groups, group
from jingwei.registers.matching import calibration
from jingwei.registers.matching.calibration import MARGIN, SURE, Threshold
from jingwei.registers.matching.stored import Trained
from jingwei.registers.sources import Sources

NOBODY = Threshold(float("inf"), "nothing-compared", 0, 1.0, 0.0)
"""Of a linking in which nothing was compared."""
EVEN = 0.0
"""Least weight (even odds) of two records that are each other's only candidate between sources that
list every entity once: there, the want of a rival is evidence that no comparison sees."""


@dataclass
class Matched:
    """What matching did, for the report."""

    asked: int = 0
    joined: int = 0
    ambiguous: int = 0
    facts: dict[str, Any] = field(default_factory=dict)
    trained: Trained | None = None
    """The model, where this linking trained it."""
    threshold: Threshold = NOBODY
    total: int = 0


def answer(con: duckdb.DuckDBPyConnection) -> None:
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


def threshold_of(con: duckdb.DuckDBPyConnection, hidden: int, target: float) -> Threshold:
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


def decide(con: duckdb.DuckDBPyConnection, sources: Sources, threshold: Threshold, result: Matched) -> None:
    groups = Groups(distinct_source=_distinct_rows(con, sources))
    groups.taken = _taken(con, sources)
    for rid, barred in con.execute(
        "SELECT rid, barred FROM linking WHERE barred IS NOT NULL AND rid > 0"
    ).fetchall():
        groups.barred[rid] = frozenset((barred,))
    scores: dict[int, float] = {}
    decided = _heed(con, groups)
    least = threshold.weight
    rows = con.execute(
        "SELECT c.rid, c.cluster, c.weight, c.second FROM choices c JOIN links l ON l.rid = c.rid "
        f"WHERE c.rid > 0 AND c.weight >= {min(least, 1e9)} ORDER BY c.weight DESC, l.tie, c.rid"
    ).fetchall()
    for rid, cluster, weight, second in rows:
        if rid in groups.entity:
            continue
        if second is not None and weight - second < MARGIN:
            groups.undecided.add(rid)
        elif groups.settle(rid, cluster):
            scores[rid] = weight
    result.ambiguous = len(groups.undecided)
    least_between = least if threshold.method == "model" else max(least, SURE)
    _exclusive(con, sources)
    edges = [
        Edge(weight, (low, high), left, right)
        for left, right, weight, low, high in con.execute(
            "SELECT s.l, s.r, s.weight, least(a.tie, b.tie), greatest(a.tie, b.tie) FROM scored s "
            "JOIN linking a ON a.rid = s.l JOIN linking b ON b.rid = s.r "
            "LEFT JOIN exclusive e ON e.l = s.l AND e.r = s.r "
            "WHERE s.l > 0 AND b.asks AND s.weight >= CASE WHEN e.l IS NULL THEN $1 ELSE least($1, $2) END",
            [min(least_between, 1e9), EVEN],
        ).fetchall()
    ]
    ambiguous = set(groups.undecided)
    for left, right in decided.pairs:
        if groups.join(left, right):
            decided.rids.update((left, right))
    for edge in group(groups, edges):
        for rid in (edge.left, edge.right):
            scores[rid] = max(scores.get(rid, edge.weight), edge.weight)
    _write(con, groups, scores, decided.rids, ambiguous)
    result.joined = len(scores)


@dataclass
class _Decided:
    """Askers that a person's word has joined to somebody, and the pairs of askers still to be joined."""

    rids: set[int] = field(default_factory=set)
    pairs: list[tuple[int, int]] = field(default_factory=list)


def _heed(con: duckdb.DuckDBPyConnection, groups: Groups) -> _Decided:
    """Before anything is weighed: who must not meet, then who is one by a person's word."""
    told = con.execute(
        "SELECT v.l, v.r, v.same, a.cluster, b.cluster FROM verdict v JOIN links a ON a.rid = v.l"
        " JOIN links b ON b.rid = v.r ORDER BY least(a.tie, b.tie), greatest(a.tie, b.tie)"
    ).fetchall()
    decided = _Decided()
    for left, right, same, one, other in told:
        if not same and one is None and other is None:
            groups.tell_apart(left, right)
        elif not same and (one is None) != (other is None):
            asker, entity = (left, other) if one is None else (right, one)
            groups.bar(asker, entity)
    for left, right, same, one, other in told:
        if same and one is None and other is None:
            decided.pairs.append((left, right))
        elif same and (one is None) != (other is None):
            asker, entity = (left, other) if one is None else (right, one)
            groups.barred[asker] = groups.barred.get(asker, frozenset()) - {entity}
            if groups.settle(asker, entity):
                decided.rids.add(asker)
    return decided


def _exclusive(con: duckdb.DuckDBPyConnection, sources: Sources) -> None:
    """`exclusive` (l, r): askers of two distinct sources, each the other's best there by the margin."""
    listed = [str(i) for i in sources.present if sources.declared.register.sources[i].distinct]
    con.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE exclusive AS
        WITH between AS (
            SELECT s.l, s.r, s.weight, a.src AS src_l, b.src AS src_r
            FROM scored s JOIN linking a ON a.rid = s.l JOIN linking b ON b.rid = s.r
            WHERE s.l > 0 AND b.asks AND a.src <> b.src AND a.src IN ({", ".join(listed) or "-1"})
                AND b.src IN ({", ".join(listed) or "-1"})
        ), sides AS (
            SELECT l, r, weight, l AS rid, src_r AS other FROM between
            UNION ALL SELECT l, r, weight, r, src_l FROM between
        ), ranked AS (
            SELECT *, row_number() OVER best AS place, lead(weight) OVER best AS second FROM sides
            WINDOW best AS (PARTITION BY rid, other ORDER BY weight DESC)
        )
        SELECT l, r FROM ranked WHERE place = 1 AND (second IS NULL OR weight - second >= {MARGIN})
        GROUP BY l, r HAVING count(*) = 2
        """
    )


def _distinct_rows(con: duckdb.DuckDBPyConnection, sources: Sources) -> dict[int, int]:
    listed = [i for i in sources.present if sources.declared.register.sources[i].distinct]
    if not listed:
        return {}
    numbers = ", ".join(map(str, listed))
    return dict(
        con.execute(f"SELECT rid, src FROM linking WHERE asks AND rid > 0 AND src IN ({numbers})").fetchall()
    )


def _taken(con: duckdb.DuckDBPyConnection, sources: Sources) -> dict[int, set[int]]:
    """Identified entities that already hold a row of a source listing each entity once, as `holding` (cluster,
    src) tells."""
    taken: dict[int, set[int]] = {}
    for index in sources.present:
        if sources.declared.register.sources[index].distinct:
            rows = con.execute(
                "SELECT DISTINCT cluster FROM holding WHERE src = ? AND cluster IN (SELECT cluster FROM choices)",
                [index],
            ).fetchall()
            for (cluster,) in rows:
                taken.setdefault(cluster, set()).add(index)
    return taken


def _write(
    con: duckdb.DuckDBPyConnection,
    groups: Groups,
    scores: dict[int, float],
    by_word: set[int],
    ambiguous: set[int],
) -> None:
    """Puts the decisions into `links`; a group without an identified entity is numbered by `_found` later."""
    members = sorted({*scores, *by_word})
    roots = [groups.find(rid) for rid in members]
    entities = [groups.entity.get(root) for root in roots]
    decided = pa.table(
        {
            "rid": pa.array(members, pa.int64()),
            "root": pa.array(roots, pa.int64()),
            "entity": pa.array([None if e is None else str(e) for e in entities], pa.string()),
            "score": pa.array(
                [round(1 / (1 + 2.0 ** -min(scores[r], 60)), 6) if r in scores else None for r in members],
                pa.float64(),
            ),
            "by_word": pa.array([r in by_word for r in members], pa.bool_()),
        }
    )
    undecided = pa.table({"rid": pa.array(sorted(ambiguous), pa.int64())})
    con.register("decided", decided)
    con.register("undecided", undecided)
    con.execute(
        "UPDATE links SET note = 'ambiguous' FROM undecided u WHERE links.rid = u.rid AND links.note IS NULL"
    )
    con.execute(
        "CREATE OR REPLACE TEMP TABLE resembling AS SELECT rid, root, CAST(entity AS UHUGEINT) AS entity, score, by_word FROM decided"
    )
    con.unregister("decided")
    con.unregister("undecided")
