"""Linking only what a change can touch; the outcome is that of linking everything with the same model.

altered rows ─ numbers they share ─▶ members (whole entities) ─ resolved anew ─┐
             └ block keys, old and new ─▶ askers ─ scored anew ─▶ pairs ────────┤
register."<r>.pairs" ─ whoever a scored pair leads to, and on ─▶ component ─────┴▶ decide ─▶ said
                                                                                     │ entities that differ
                                                                                     ▼
                                              register tables and the serving copy, those entities only

A decision depends on the rows of an entity, the candidates of an asker and, through them, on a connected
component of scored pairs. All three are gathered whole, so that nothing outside them can differ.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import duckdb

from jingwei.catalog.sql import identifier as quoted
from jingwei.catalog.sql import quoted as literal
from jingwei.engines import lake
from jingwei.kernel.text import Text
from jingwei.registers import doubts, forwarding, identifiers, linking, similarity, state
from jingwei.registers.decisions import Matched, answer, decide
from jingwei.registers.heeding import heed
from jingwei.registers.linking import Built, Clock, Progress, Sums
from jingwei.registers.matching import stored
from jingwei.registers.matching.blocking import make_blocks, make_pairs
from jingwei.registers.matching.features import Features
from jingwei.registers.matching.placeholders import meaningful_sql
from jingwei.registers.matching.stored import Trained
from jingwei.registers.scope import Scoped, altered, fetch, one, records_table, rid
from jingwei.registers.sources import Declared, Sources

MOST = 0.05
"""Share of the records that may have changed: beyond, linking everything is as quick."""


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


def attempt(con: duckdb.DuckDBPyConnection, declared: Declared, progress: Progress) -> Built | None:
    """The register brought up to date; None where it must be linked anew (no kept state, other rules, another
    engine, too much changed, or a model the data has outgrown)."""
    before = linking.latest(con, declared.name)
    kept = before["facts"].get("next") if before else None
    if before is None or not kept or not lake().exists(con, "register", f"{declared.name}.state"):
        return None
    sources = Sources.of(con, declared)
    if kept["basis"] != state.basis(declared, sources.present, kept["model"]):
        return None
    trained = None
    if declared.register.matching is not None and kept["model"]:
        wanted = stored.basis(declared.register.matching, declared.resources)
        trained = stored.load(con, declared.name, wanted)
        if trained is None or trained.name != kept["model"]:
            return None
    clock = Clock()
    progress(Text("找出有变化的行", "finding what changed"))
    if not altered(con, sources, kept["read"]):
        return None
    words = state.words(declared.name)
    changed = one(con, "SELECT count(*) FROM altered")
    if changed > MOST * before["records"]:
        return None
    if trained is not None and similarity.outgrown(trained, _total(con, declared, before)):
        return None
    if not changed and words == kept["words"]:
        return _unchanged(con, declared, before)
    step = Step(con, Scoped(declared, sources.snapshot, sources.present), kept, trained, Matched())
    if declared.register.matching is not None and trained is None and _asking(step):
        return None
    _members(step, words)
    clock("members")
    progress(Text("重新比对受影响的记录", "matching what is touched"))
    _match(step)
    clock("matching")
    built = _finish(step, before, words, clock)
    built.seconds = clock.seconds
    return built


def _total(con: duckdb.DuckDBPyConnection, declared: Declared, before: dict[str, Any]) -> int:
    """How many records there will be."""
    known = f"SELECT tie FROM {state.state_table(declared.name)}"
    more = one(con, f"SELECT count(*) FROM altered WHERE present AND tie NOT IN ({known})")
    less = one(con, f"SELECT count(*) FROM altered WHERE NOT present AND tie IN ({known})")
    return int(before["records"]) + more - less


def _unchanged(con: duckdb.DuckDBPyConnection, declared: Declared, before: dict[str, Any]) -> Built:
    con.execute("CREATE OR REPLACE TEMP TABLE touched (entity_id VARCHAR)")
    facts = before["facts"]
    matched = Matched(facts=facts["matching"])
    return Built(
        before["build"], lake().snapshot(con), before["records"], before["entities"], facts["linked_by"],
        facts["notes"], matched, rewritten=False, touched="touched",
    )  # fmt: skip


def _asking(step: Step) -> int:
    """Records without a number, of a register in which nothing was ever compared."""
    return one(step.con, f"SELECT count(*) FROM {step.state} WHERE asks") + one(
        step.con, "SELECT count(*) FROM altered WHERE present"
    )


def _members(step: Step, words: list[list[object]]) -> None:
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


def _match(step: Step) -> None:
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


def _finish(step: Step, before: dict[str, Any], words: list[list[object]], clock: Clock) -> Built:
    """Writes the entities that differ; equal tables carry the name a whole linking would give them."""
    con, declared = step.con, step.declared
    records = records_table(declared.name)
    doubts.write(
        con,
        f"SELECT {rid('hash(resource, record_key)')} AS rid, resource, record_key FROM {records}"
        f" UNION {doubts.named(step.sources)}",
    )
    step.table(
        "elsewhere",
        f"""
        SELECT DISTINCT l.cluster, r.entity_id
        FROM resembling e JOIN linking l ON l.cluster = e.entity AND l.tie NOT IN (SELECT tie FROM links)
        JOIN (SELECT hash(resource, record_key) AS tie, entity_id FROM {records}) r ON r.tie = l.tie
        WHERE e.entity NOT IN (SELECT cluster FROM links WHERE cluster IS NOT NULL)
        """,
    )
    step.table("worked_on", "SELECT tie FROM links UNION SELECT tie FROM altered")
    linking.entities(con, step.sources, "elsewhere")
    con.execute(f"CREATE OR REPLACE TEMP TABLE said AS {linking.records_sql(step.sources)}")
    con.execute("DROP TABLE assigned")
    step.table("had", f"FROM {records} WHERE hash(resource, record_key) IN (FROM worked_on)")
    step.table(
        "touched",
        "SELECT DISTINCT entity_id FROM ((FROM said EXCEPT ALL FROM had) UNION ALL (FROM had EXCEPT ALL FROM said))",
    )
    step.table("stayed", f"FROM {records} WHERE entity_id IN (FROM touched)")
    step.table(
        "becomes",
        "FROM said WHERE entity_id IN (FROM touched) UNION ALL"
        " FROM stayed WHERE hash(resource, record_key) NOT IN (FROM worked_on)",
    )
    clock("numbering")
    sums = _sums(step, before)
    built = _write(step, before, words, sums)
    clock("write")
    return built


def _sums(step: Step, before: dict[str, Any]) -> Sums:
    """The sums of the whole register, from those before and the rows that went and came."""
    con = step.con
    old = Sums(*step.kept["sums"])
    went, came = linking.rows_sum(con, "stayed"), linking.rows_sum(con, "becomes")
    entities = one(con, "SELECT count(DISTINCT entity_id) FROM becomes") - one(
        con, "SELECT count(DISTINCT entity_id) FROM stayed"
    )
    doubtful = doubts.doubtful_table(step.declared.name)
    step.table(
        "undoubted",
        f"FROM {doubtful} WHERE hash(resource, record_key) IN (FROM worked_on)",
    )
    less, more = linking.rows_sum(con, "undoubted"), linking.rows_sum(con, "doubtful")
    return Sums(
        old.count - went[0] + came[0],
        old.entities + entities,
        old.mixed ^ went[1] ^ came[1],
        old.summed - went[2] + came[2],
        old.doubted - less[0] + more[0],
        old.doubts_mixed ^ less[1] ^ more[1],
    )


def _write(step: Step, before: dict[str, Any], words: list[list[object]], sums: Sums) -> Built:
    con, declared, engine = step.con, step.declared, lake()
    records, golden = records_table(declared.name), linking.golden_table(declared.name)
    linked_by, notes = _tallies(step, before)
    facts = {
        **before["facts"],
        "linked_by": linked_by,
        "notes": notes,
        "doubtful": sums.doubted,
        "next": linking.following(step.sources, step.kept["model"], sums),
    }
    pairs, doubtful = state.pairs_table(declared.name), doubts.doubtful_table(declared.name)
    with engine.transaction(con, f"link {declared.name}"):
        forwarding.note(con, declared.name, sums.name(declared), "stayed", "becomes")
        con.execute(f"DELETE FROM {records} WHERE entity_id IN (FROM touched)")
        con.execute(f"INSERT INTO {records} FROM becomes ORDER BY entity_id, resource, record_key")
        con.execute(f"DELETE FROM {golden} WHERE entity_id IN (FROM touched)")
        con.execute(
            f"INSERT INTO {golden} {linking.golden_sql(declared, 'becomes', 'TRUE')} ORDER BY entity_id"
        )
        con.execute(f"DELETE FROM {doubtful} WHERE hash(resource, record_key) IN (FROM worked_on)")
        con.execute(f"INSERT INTO {doubtful} FROM doubtful")
        con.execute(f"DELETE FROM {step.state} WHERE tie IN (FROM moved)")
        con.execute(f"INSERT INTO {step.state} BY NAME FROM fresh_state WHERE tie IN (FROM moved)")
        if step.trained is not None:
            con.execute(f"DELETE FROM {pairs} WHERE l IN (FROM stale) OR r IN (FROM stale)")
            con.execute(f"INSERT INTO {pairs} FROM fresh_pairs")
        linking.note_build(con, engine, declared, sums, facts)
    matched = Matched(facts={**before["facts"]["matching"], **step.matched.facts})
    return Built(
        sums.name(declared), engine.snapshot(con), sums.count, sums.entities, linked_by, notes, matched,
        rewritten=True, touched="touched",
    )  # fmt: skip


def _tallies(step: Step, before: dict[str, Any]) -> tuple[dict[str, int], dict[str, int]]:
    """Records by reason and by note, carried on."""
    told = []
    went, came = linking.tally(step.con, "stayed"), linking.tally(step.con, "becomes")
    for at, name in enumerate(("linked_by", "notes")):
        counts = dict(before["facts"][name])
        for key, number in went[at].items():
            counts[key] = counts.get(key, 0) - number
        for key, number in came[at].items():
            counts[key] = counts.get(key, 0) + number
        told.append({key: counts[key] for key in sorted(counts) if counts[key]})
    return told[0], told[1]
