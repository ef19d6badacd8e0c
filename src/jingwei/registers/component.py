"""What a change can touch, gathered whole and decided anew.

scope_rows, known ─ numbers shared ─▶ links ┐
moved ─ block keys, before and now ─▶ asking, around ─ scored ─▶ fresh_pairs ─┐
register."<r>.pairs" ─ whoever a scored pair leads to, and on ─▶ component ───┴▶ resembling, doubts

A decision depends on the rows of an entity, the candidates of an asker and, through them, on a connected
component of scored pairs. The tables have the shape of a whole linking's, and go through the same code.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import duckdb

from jingwei.catalog.sql import identifier as quoted
from jingwei.catalog.sql import quoted as literal
from jingwei.registers import doubts, identifiers, similarity, state
from jingwei.registers.decisions import Matched, answer, decide
from jingwei.registers.heeding import heed
from jingwei.registers.matching import stored
from jingwei.registers.matching.blocking import make_blocks, make_pairs
from jingwei.registers.matching.features import Features
from jingwei.registers.matching.placeholders import meaningful_sql
from jingwei.registers.matching.stored import Trained
from jingwei.registers.scope import Scoped, fetch, one, records_table, rid
from jingwei.registers.sources import Declared


@dataclass
class Step:
    """What one incremental linking works with."""

    con: duckdb.DuckDBPyConnection
    sources: Scoped
    kept: dict[str, Any]
    trained: Trained | None
    matched: Matched

    @property
    def declared(self) -> Declared:
        return self.sources.declared

    @property
    def state(self) -> str:
        return state.state_table(self.declared.name)

    def table(self, name: str, query: str) -> int:
        """A temporary table of a query; how many rows it has."""
        self.con.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS {query}")
        return one(self.con, f"SELECT count(*) FROM {name}")


def members(step: Step, words: list[list[object]]) -> None:
    """`scope_rows` and `links`: the altered rows, the rows persons spoke of, and all rows that share a number
    with any of them; `known` has their rows of the kept state."""
    con = step.con
    told = [tuple(word[at : at + 2]) for word in [*words, *step.kept["words"]] for at in (0, 2)]
    con.execute("CREATE OR REPLACE TEMP TABLE worded (tie UBIGINT)")
    if told:
        con.executemany("INSERT INTO worded SELECT hash(?, ?)", told)
    step.table(
        "known",
        f"FROM {step.state} WHERE tie IN (SELECT tie FROM altered UNION ALL SELECT tie FROM worded)",
    )
    fetch(con, step.sources, "SELECT tie FROM worded EXCEPT SELECT tie FROM altered")
    registered = step.declared.register.identifiers
    found = one(con, "SELECT count(*) FROM known")
    while True:
        sharing = []
        for number, identifier in enumerate(registered):
            value = identifiers.value_of(step.sources, identifier)
            names = step.sources.needed([identifier.field, *identifier.together_with])
            step.table(
                f"numbers{number}",
                f"SELECT given{number} AS value FROM known WHERE given{number} IS NOT NULL UNION"
                f" SELECT {value} FROM ({step.sources.mapped(names)}) m WHERE {value} IS NOT NULL",
            )
            sharing.append(f"given{number} IN (FROM numbers{number})")
        if not sharing:
            break
        con.execute(
            f"INSERT INTO known FROM {step.state} WHERE ({' OR '.join(sharing)})"
            " AND tie NOT IN (SELECT tie FROM known)"
        )
        fetch(con, step.sources, "SELECT tie FROM known WHERE tie NOT IN (SELECT tie FROM altered)")
        now = one(con, "SELECT count(*) FROM known")
        # A second identifier may lead on to further rows; one identifier has said all at once.
        if now == found or len(registered) == 1:
            break
        found = now
    identifiers.resolve(con, step.sources)
    heed(con, step.sources)


def match(step: Step) -> None:
    """`resembling` and `doubts` of the touched component, `fresh_state` and `fresh_pairs` for the next time."""
    con, register = step.con, step.declared.register
    step.matched.threshold = step.trained.threshold if step.trained else step.matched.threshold
    matching = register.matching
    if matching is None or step.trained is None:
        similarity.nothing_scored(con)
        state.make_state(con, step.sources, blocks=False, name="fresh_state")
        step.table("asking", "SELECT tie FROM links WHERE false")
        step.table("component", "SELECT tie FROM links WHERE cluster IS NULL")
        step.table(
            "fresh_pairs",
            "SELECT tie AS l, tie AS r, tie AS node, 0.0::DOUBLE AS weight FROM links WHERE false",
        )
        step.table("moved", "SELECT tie FROM altered")
        con.execute("CREATE OR REPLACE TEMP VIEW holding AS SELECT cluster, src FROM links")
        decide(con, step.sources, step.matched.threshold, step.matched)
        doubts.collect(con, step.matched.threshold)
        return
    features = Features(matching)
    similarity.make_linking(con, step.sources, features)
    con.execute("DROP TABLE given")
    features.prepare(con)
    make_blocks(con, features)
    state.make_state(con, step.sources, blocks=True, name="fresh_state")
    _askers(step)
    _score(step, features)
    _component(step)
    _decide(step)


def _askers(step: Step) -> None:
    """`asking`: records without a number that share a block, before or now, with a record that moved; and
    `around`, everybody in a block with them."""
    rules = state.rule_columns(step.sources)
    compared = ["asks", "who", "likeness", *rules]
    differs = " OR ".join(f"o.{c} IS DISTINCT FROM n.{c}" for c in compared)
    step.table(
        "moved",
        "SELECT tie FROM altered UNION"
        f" SELECT n.tie FROM fresh_state n JOIN known o ON o.tie = n.tie WHERE {differs}",
    )
    step.table("was", "FROM known WHERE tie IN (FROM moved)")
    step.table("is_now", "FROM fresh_state WHERE tie IN (FROM moved)")
    for key in rules:
        step.table(
            f"touched_{key}",
            f"SELECT {key} FROM was WHERE {key} IS NOT NULL UNION SELECT {key} FROM is_now WHERE {key} IS NOT NULL",
        )
    sharing = " OR ".join(f"{key} IN (FROM touched_{key})" for key in rules)
    elsewhere = "tie NOT IN (SELECT tie FROM fresh_state) AND tie NOT IN (SELECT tie FROM altered)"
    step.table(
        "askers",
        f"SELECT * FROM fresh_state WHERE asks AND (tie IN (FROM moved) OR {sharing}) UNION ALL"
        f" SELECT * FROM {step.state} WHERE asks AND ({sharing}) AND {elsewhere}",
    )
    step.table("asking", "SELECT tie FROM askers")
    for key in rules:
        step.table(f"asked_{key}", f"SELECT DISTINCT {key} FROM askers WHERE {key} IS NOT NULL")
    near = " OR ".join(f"{key} IN (FROM asked_{key})" for key in rules)
    step.table("around", f"SELECT * FROM {step.state} WHERE ({near} OR tie IN (FROM asking)) AND {elsewhere}")


def _score(step: Step, features: Features) -> None:
    """`scored` and `fresh_pairs`: the askers against everybody in their blocks."""
    con = step.con
    fields = features.fields()
    texts = ", ".join(f"{meaningful_sql(f'CAST(r.{quoted(f)} AS VARCHAR)')} AS {quoted(f)}" for f in fields)
    con.execute(
        f"""
        INSERT INTO linking BY NAME
        SELECT {rid("s.tie")} AS rid, s.src, s.tie, CASE WHEN NOT s.asks THEN CAST(s.who AS UHUGEINT) END AS cluster,
               s.asks, {_barred(step)} AS barred, {texts}
        FROM (SELECT *, hash(resource, record_key) AS tie FROM {records_table(step.declared.name)}) r
        JOIN around s ON s.tie = r.tie
        """
    )
    step.table("asking_rids", f"SELECT {rid('tie')} FROM asking")
    features.prepare(con)
    make_blocks(con, features)
    step.matched.facts["found_by"] = make_pairs(con, features, among="asking_rids")
    con.execute("DROP TABLE blocks")
    step.matched.facts["pairs"] = one(con, "SELECT count(*) FROM pairs")
    if step.matched.facts["pairs"] and step.trained is not None:
        stored.model_of(con, features, step.declared.name, step.trained).score()
    else:
        con.execute("CREATE OR REPLACE TEMP TABLE scored (l BIGINT, r BIGINT, weight DOUBLE)")
    step.table("whose", "SELECT tie, who FROM fresh_state UNION ALL SELECT tie, who FROM around")
    step.table(
        "fresh_pairs",
        f"""
        SELECT a.tie AS l, b.tie AS r, w.who AS node, s.weight
        FROM scored s JOIN linking a ON a.rid = s.l JOIN linking b ON b.rid = s.r JOIN whose w ON w.tie = b.tie
        WHERE s.weight >= {state.floor_of(step.sources, step.matched.threshold.weight)}
        """,
    )


def _barred(step: Step) -> str:
    """SQL: the entity a record may not return to, because it contradicted the others of its number."""
    cases = " ".join(
        f"WHEN r.note = {literal('contradicted:' + i.field)} THEN"
        f" CAST(hash(md5_number({literal(i.field + ':')} || s.given{number})) AS UHUGEINT)"
        for number, i in enumerate(step.declared.register.identifiers)
    )
    return f"CASE {cases} END" if cases else "CAST(NULL AS UHUGEINT)"


def _component(step: Step) -> None:
    """`component`: the askers that scored pairs connect with those asked again; `edges`: all their pairs.

    A node is an entity (`who`) or an asker (the hash of its tie).
    """
    con = step.con
    stale = "SELECT tie FROM asking UNION ALL SELECT tie FROM moved"
    step.table("stale", stale)
    step.table(
        "standing_pairs",
        f"FROM {state.pairs_table(step.declared.name)} WHERE l NOT IN (FROM stale) AND r NOT IN (FROM stale)",
    )
    step.table(
        "graph",
        "SELECT hash(l) AS one, node FROM fresh_pairs UNION ALL SELECT hash(l), node FROM standing_pairs",
    )
    step.table(
        "reached",
        "SELECT hash(tie) AS node FROM asking UNION SELECT hash(tie) FROM links WHERE cluster IS NULL"
        " UNION SELECT hash(cluster) FROM links WHERE cluster IS NOT NULL",
    )
    before = -1
    count = one(con, "SELECT count(*) FROM reached")
    while count != before:
        before = count
        con.execute(
            "INSERT INTO reached SELECT DISTINCT node FROM ("
            " SELECT node FROM graph WHERE one IN (FROM reached)"
            " UNION ALL SELECT one FROM graph WHERE node IN (FROM reached)"
            ") WHERE node NOT IN (FROM reached)"
        )
        count = one(con, "SELECT count(*) FROM reached")
    step.table(
        "edges",
        "SELECT l, r, node, weight, true AS fresh FROM fresh_pairs UNION ALL"
        " SELECT l, r, node, weight, false FROM standing_pairs WHERE hash(l) IN (FROM reached)",
    )
    step.table(
        "component",
        "SELECT tie FROM asking UNION SELECT tie FROM links WHERE cluster IS NULL UNION"
        " SELECT l FROM edges UNION SELECT r FROM edges WHERE node = hash(r)",
    )


def _decide(step: Step) -> None:
    """Decides about the component as a whole linking would, from the very same tables."""
    con = step.con
    missing = (
        "SELECT tie FROM component UNION SELECT r FROM edges EXCEPT"
        " SELECT tie FROM linking EXCEPT SELECT tie FROM links"
    )
    step.table("further", f"FROM {step.state} WHERE tie IN ({missing})")
    names = "rid, src, tie, cluster, asks, barred"
    outside = f"""
        SELECT {rid("s.tie")} AS rid, s.src, s.tie, CASE WHEN NOT s.asks THEN CAST(s.who AS UHUGEINT) END AS cluster,
               s.asks, {_barred(step)} AS barred, r.note
        FROM (SELECT hash(resource, record_key) AS tie, note FROM {records_table(step.declared.name)}) r
        JOIN (FROM further UNION ALL BY NAME FROM around) s ON s.tie = r.tie
    """
    step.table("outside", outside)
    step.table(
        "linking",
        "SELECT rid, src, tie, cluster, cluster IS NULL AS asks, barred FROM links UNION ALL"
        f" SELECT {names} FROM outside",
    )
    con.execute(
        "INSERT INTO links BY NAME SELECT rid, src, tie, barred,"
        " CASE WHEN note NOT IN ('ambiguous') THEN note END AS note FROM outside"
        " WHERE asks AND tie IN (FROM component)"
    )
    fetch(con, step.sources, "SELECT tie FROM component")
    fresh = f"SELECT {rid('l')} AS l, {rid('r')} AS r, weight FROM edges WHERE NOT fresh"
    con.execute(f"INSERT INTO scored {fresh}")
    answer(con)
    _holding(step)
    decide(con, step.sources, step.matched.threshold, step.matched)
    doubts.collect(con, step.matched.threshold)


def _holding(step: Step) -> None:
    """`holding` (cluster, src): who has rows in the entities that askers may join."""
    listed = [str(i) for i in step.sources.present if step.declared.register.sources[i].distinct]
    step.table("holding", "SELECT cluster, src FROM links WHERE cluster IS NOT NULL")
    if listed:
        step.con.execute(
            f"INSERT INTO holding SELECT CAST(who AS UHUGEINT), src FROM {step.state}"
            f" WHERE NOT asks AND src IN ({', '.join(listed)}) AND CAST(who AS UHUGEINT) IN (SELECT cluster FROM choices)"
        )
