"""Records without a valid identifier: scored against everybody, joined where the evidence suffices.

links + mapped rows ─▶ linking ─▶ blocks ─▶ pairs ─▶ Splink ─▶ scored
                          │ a hidden sample asks too ──▶ threshold
                          ▼
                choices and edges ─▶ groups ─▶ links.cluster, reason, score, note
"""

from __future__ import annotations

import duckdb

from jingwei.catalog.sql import identifier as quoted
from jingwei.registers import doubts
from jingwei.registers.decisions import NOBODY, Matched, answer, decide, threshold_of
from jingwei.registers.declaration import Matching
from jingwei.registers.matching import calibration, stored
from jingwei.registers.matching.blocking import make_blocks, make_pairs
from jingwei.registers.matching.features import Features
from jingwei.registers.matching.model import Model
from jingwei.registers.matching.placeholders import meaningful_sql
from jingwei.registers.matching.stored import Trained
from jingwei.registers.sources import Sources

SMALL, STALE = 20_000, 0.01


def match(con: duckdb.DuckDBPyConnection, sources: Sources, train: bool = False) -> Matched:
    """Decides about rows of `links` that have no cluster: `resembling`, and what stays doubtful.

    The kept model judges unless `train` asks for another, there is none, or the data has outgrown it.
    """
    matching = sources.declared.register.matching
    row = con.execute(
        "SELECT count(*) FILTER (cluster IS NULL), count(*), count(DISTINCT cluster) FROM links"
    ).fetchone()
    asking, total, identified = row or (0, 0, 0)
    result = Matched(asked=asking)
    threshold = NOBODY
    con.execute("DROP TABLE IF EXISTS blocks")
    if matching is None or not asking or total < 2:
        nothing_scored(con)
    else:
        register = sources.declared.name
        wanted = stored.basis(matching, sources.declared.resources)
        kept = None if train else stored.load(con, register, wanted)
        if kept is not None and outgrown(kept, total):
            kept = None
        if not _pairs(con, sources, matching, identified if kept is None else 0, result):
            nothing_scored(con)
        elif kept is not None:
            model = stored.model_of(con, Features(matching), register, kept)
            model.score()
            answer(con)
            threshold = kept.threshold
            result.facts |= {**kept.facts, **result.facts, **threshold.as_dict(), "model": kept.name}
        else:
            model = Model(con, Features(matching))
            model.train(labelled=_can_teach(con), entities=identified + asking)
            model.score()
            answer(con)
            threshold = threshold_of(con, result.facts["hidden"], matching.precision)
            told = {"weights": model.weights(), "hidden": result.facts["hidden"], **model.warned()}
            result.trained = stored.fresh(model, threshold, wanted, total, told)
            result.facts |= {**told, **threshold.as_dict(), "model": result.trained.name}
    con.execute("CREATE OR REPLACE TEMP VIEW holding AS SELECT cluster, src FROM links")
    decide(con, sources, threshold, result)
    result.threshold = threshold
    result.total = total
    doubts.collect(con, threshold)
    return result


def outgrown(kept: Trained, total: int) -> bool:
    """Whether a model is trained anew rather than used: a small register always, a large one when its rows
    have become more or fewer by a hundredth since."""
    return total < SMALL or abs(total - kept.records) > STALE * kept.records


def _pairs(
    con: duckdb.DuckDBPyConnection, sources: Sources, matching: Matching, identified: int, result: Matched
) -> int:
    """Makes `linking` and the `pairs` to score, with a hidden sample of the identified among the askers; how
    many pairs."""
    features = Features(matching)
    make_linking(con, sources, features)
    hidden = calibration.hide(con, features) if identified else 0
    con.execute("DROP TABLE given")
    features.prepare(con)
    make_blocks(con, features)
    found = make_pairs(con, features)
    row = con.execute("SELECT count(*) FROM pairs").fetchone()
    pairs = int(row[0]) if row else 0
    result.facts = {"pairs": pairs, "hidden": hidden, "found_by": found}
    return pairs


def nothing_scored(con: duckdb.DuckDBPyConnection) -> None:
    """The tables that deciding reads, where nothing was compared: persons' verdicts still hold."""
    con.execute(
        "CREATE OR REPLACE TEMP TABLE linking AS"
        " SELECT rid, src, tie, cluster, cluster IS NULL AS asks, barred FROM links WHERE cluster IS NULL"
    )
    con.execute("CREATE OR REPLACE TEMP TABLE scored (l BIGINT, r BIGINT, weight DOUBLE)")
    con.execute(
        "CREATE OR REPLACE TEMP TABLE choices (rid BIGINT, cluster UHUGEINT, weight DOUBLE, second DOUBLE)"
    )


def make_linking(con: duckdb.DuckDBPyConnection, sources: Sources, features: Features) -> None:
    """`linking`: rows with the compared fields as text; `given`: identified rows as their source says."""
    fields = features.fields()
    inner = sources.mapped(sources.needed(fields))
    told = {
        f: f"CAST(CASE WHEN l.cluster IS NULL THEN m.{quoted(f)} ELSE {sources.derivation(f)} END AS VARCHAR)"
        for f in fields
    }
    columns = ", ".join(f"{meaningful_sql(sql)} AS {quoted(f)}" for f, sql in told.items())
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE linking AS SELECT l.rid, l.src, l.tie, l.cluster, l.cluster IS NULL AS asks, "
        f"l.barred, {columns} FROM ({inner}) m JOIN links l ON l.rid = m.rid"
    )
    given = ", ".join(f"{meaningful_sql(f'CAST(m.{quoted(f)} AS VARCHAR)')} AS {quoted(f)}" for f in fields)
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
