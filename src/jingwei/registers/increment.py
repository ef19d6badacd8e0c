"""Linking only what a change can touch; the outcome is that of linking everything with the same model.

altered rows ─ numbers they share ─▶ members (whole entities) ─ resolved anew ─┐
             └ block keys, old and new ─▶ askers ─ scored anew ─▶ pairs ────────┤
register."<r>.pairs" ─ whoever a scored pair leads to, and on ─▶ component ─────┴▶ decide ─▶ said
                                                                                     │ entities that differ
                                                                                     ▼
                                              register tables and the serving copy, those entities only

Everything that decides together is gathered whole (`component`), so that nothing outside it can differ.
"""

from __future__ import annotations

from typing import Any

import duckdb

from jingwei.engines import lake
from jingwei.kernel.text import Text
from jingwei.registers import doubts, forwarding, linking, similarity, state
from jingwei.registers.component import Step, match, members
from jingwei.registers.decisions import Matched
from jingwei.registers.linking import Built, Clock, Progress, Sums
from jingwei.registers.matching import stored
from jingwei.registers.scope import Scoped, altered, one, records_table, rid
from jingwei.registers.sources import Declared, Sources

MOST = 0.05
"""Share of the records that may have changed: beyond, linking everything is as quick."""


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
    members(step, words)
    clock("members")
    progress(Text("重新比对受影响的记录", "matching what is touched"))
    match(step)
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


def _finish(step: Step, before: dict[str, Any], words: list[list[object]], clock: Clock) -> Built:
    """Writes the entities that differ; equal tables carry the name a whole linking would give them."""
    con, declared = step.con, step.declared
    records = records_table(declared.name)
    # narrowed here: a union is made whole before it is filtered, and mostly nothing is in doubt
    step.table("doubted", "SELECT l AS rid FROM doubts UNION SELECT r FROM doubts")
    doubts.write(
        con,
        f"SELECT {rid('hash(resource, record_key)')} AS rid, resource, record_key FROM {records}"
        f" WHERE {rid('hash(resource, record_key)')} IN (FROM doubted) UNION {doubts.named(step.sources)}",
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
