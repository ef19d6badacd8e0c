"""One linking: sources in, the register's records and golden records out, in one lake transaction.

    sources ─identifiers─▶ links ─verdicts, similarity─▶ resembling ─▶ said ─▶ register."<r>.records" (sorted)
                                                                          │ survivorship, range by range
                                                                          ▼
                                                              register."<r>.golden", register."builds"

The same sources give the same tables, whatever the order of their rows; then nothing is written.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable
from dataclasses import astuple, dataclass, field
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

import duckdb
from django.conf import settings

from jingwei.catalog.sql import identifier as quoted
from jingwei.catalog.sql import quoted as literal
from jingwei.engines import lake
from jingwei.kernel.text import Text
from jingwei.registers import doubts, forwarding, identifiers, similarity, state
from jingwei.registers.decisions import Matched
from jingwei.registers.heeding import heed
from jingwei.registers.matching import stored
from jingwei.registers.sources import Declared, Sources
from jingwei.registers.survivorship import golden_sql

Progress = Callable[[Text], None]
BASE32 = "abcdefghijklmnopqrstuvwxyz234567"
ENTITIES_AT_ONCE = 200_000
ROW_GROUP = 10_000
BUILDS = "builds"
FORMAT = "3"
"""Part of every build's name: raise it when the same sources have to give other tables."""


@dataclass
class Built:
    """What a linking left in the lake. `build` names the content: equal builds are equal tables."""

    build: str
    snapshot: int
    records: int
    entities: int
    linked_by: dict[str, int]
    notes: dict[str, int]
    matched: Matched
    rewritten: bool
    touched: str | None = None
    """Name of a temporary table (entity_id) of the entities that may differ; None where all may."""
    seconds: dict[str, float] = field(default_factory=dict)


def records_table(register: str) -> str:
    return lake().table("register", f"{register}.records")


def golden_table(register: str) -> str:
    return lake().table("register", f"{register}.golden")


@dataclass
class Resolved:
    """A linking that was worked out and not written: the temporary tables `said` (the register's records with
    their entities) and `doubtful` hold it."""

    sources: Sources
    matched: Matched


def resolve(
    con: duckdb.DuckDBPyConnection,
    declared: Declared,
    progress: Progress,
    clock: Clock,
    *,
    train: bool = False,
    keep: bool = False,
) -> Resolved:
    """Works out who is whom; writes nothing to the lake, so that a change of rules can be tried. `keep`: what
    the next linking needs is made too (`state`, `kept_pairs`)."""
    sources = Sources.of(con, declared)
    progress(Text("按有效证件号归并", "joining by valid identifiers"))
    identifiers.resolve(con, sources)
    heed(con, sources)
    clock("identifiers")
    progress(Text("比对没有证件号的记录", "matching records without an identifier"))
    matched = similarity.match(con, sources, train)
    clock("matching")
    progress(Text("编主记录号", "numbering entities"))
    doubts.write(con, doubts.named(sources))
    if keep and matched.total >= similarity.SMALL:
        state.make_state(con, sources, blocks=bool(matched.facts.get("pairs")))
        state.make_pairs(con, sources, matched.threshold)
    entities(con, sources)
    con.execute(f"CREATE OR REPLACE TEMP TABLE said AS {records_sql(sources)}")
    con.execute("DROP TABLE assigned")
    clock("numbering")
    return Resolved(sources, matched)


def build(
    con: duckdb.DuckDBPyConnection, declared: Declared, progress: Progress, train: bool = False
) -> Built:
    """Links on a writable connection of the lake; commits unless the tables would be the same."""
    clock = Clock()
    resolved = resolve(con, declared, progress, clock, train=train, keep=True)
    progress(Text("写主记录", "writing golden records"))
    built = _write(con, resolved.sources, resolved.matched, clock)
    built.seconds = clock.seconds
    return built


class Clock:
    """Seconds of each stage, for the report."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self._last = time.monotonic()

    def __call__(self, stage: str) -> None:
        now = time.monotonic()
        self.seconds[stage] = round(now - self._last, 2)
        self._last = now


def entities(con: duckdb.DuckDBPyConnection, sources: Sources, elsewhere: str | None = None) -> None:
    """`assigned` (rid, entity_id, reason, score, note): every row with its entity's stable identifier.

    An entity is named after its strongest identifier, or after its smallest member (resource, key);
    `elsewhere` is a table (cluster, entity_id) of entities none of whose identified rows are here.
    """
    _name_entities(con, sources.declared)
    resources = sources.resource_list()
    con.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE unidentified AS
        WITH named AS (
            SELECT m.rid, s.root, s.entity, s.score, s.by_word, 'record:' || {resources}[m.src + 1] || ':' || m._key AS label
            FROM ({sources.mapped([], "_key")}) m
            JOIN links l ON l.rid = m.rid LEFT JOIN resembling s ON s.rid = m.rid
            WHERE l.cluster IS NULL
        )
        SELECT rid, entity, score, by_word, CASE WHEN root IS NULL THEN label ELSE min(label) OVER (PARTITION BY root) END AS label,
               root IS NOT NULL AS joined
        FROM named
        """
    )
    fields = [i.field for i in sources.declared.register.identifiers]
    label = (
        "coalesce(" + ", ".join(f"{literal(f + ':')} || {quoted(f)}" for f in fields) + ")"
        if fields
        else "CAST(NULL AS VARCHAR)"
    )
    # Of an entity's identifiers the first declared names it; rows that hold only a later one follow.
    firsts = (
        "CASE reason " + " ".join(f"WHEN {literal(f)} THEN {n}" for n, f in enumerate(fields)) + " END"
        if fields
        else "0"
    )
    con.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE names AS
        SELECT cluster, entity_name(label) AS entity_id FROM (
            SELECT cluster, arg_min({label}, {firsts}) AS label FROM links WHERE cluster IS NOT NULL GROUP BY cluster)
        """
    )
    if elsewhere is not None:
        con.execute(f"INSERT INTO names SELECT cluster, entity_id FROM {elsewhere}")
    con.execute(
        """
        CREATE OR REPLACE TEMP TABLE assigned AS
        SELECT l.rid, n.entity_id, l.reason, CAST(NULL AS DOUBLE) AS score, l.note
        FROM links l JOIN names n ON n.cluster = l.cluster
        UNION ALL
        SELECT l.rid, coalesce(n.entity_id, entity_name(u.label)),
               CASE WHEN u.by_word THEN 'decided' WHEN u.joined THEN 'similar' ELSE 'alone' END, u.score, l.note
        FROM links l JOIN unidentified u ON u.rid = l.rid LEFT JOIN names n ON n.cluster = u.entity
        """
    )
    con.execute("DROP TABLE links; DROP TABLE names; DROP TABLE unidentified; DROP TABLE IF EXISTS linking")


def _name_entities(con: duckdb.DuckDBPyConnection, declared: Declared) -> None:
    """Macro `entity_name(label)`: the prefix and 80 bits in base 32 of a keyed hash, so that nobody finds
    an entity by trying numbers."""
    key = hashlib.sha256(f"entity:{declared.name}:{settings.SECRET_KEY}".encode()).hexdigest()
    letters = " || ".join(
        f"{literal(BASE32)}[CAST((CAST('0x' || digest[{start}:{start + 9}] AS BIGINT) >> {shift}) & 31 AS INTEGER) + 1]"
        for start in (1, 11)
        for shift in range(35, -1, -5)
    )
    con.execute(
        f"CREATE OR REPLACE TEMP MACRO entity_letters(digest) AS {literal(declared.register.prefix)} || {letters}"
    )
    con.execute(
        "CREATE OR REPLACE TEMP MACRO entity_name(label) AS "
        f"entity_letters(sha256({literal(key)} || label || {literal(key)}))"
    )


@dataclass(frozen=True)
class Sums:
    """What a register's records and doubtful pairs add up to; sums can be carried on when rows come and go."""

    count: int
    entities: int
    mixed: int
    summed: int
    doubted: int
    doubts_mixed: int

    def name(self, declared: Declared) -> str:
        """Names the content: equal names are equal tables."""
        text = json.dumps(declared.register.model_dump(mode="json", by_alias=True), sort_keys=True)
        return hashlib.sha256(f"{FORMAT}|{text}|{astuple(self)}".encode()).hexdigest()[:32]


def rows_sum(con: duckdb.DuckDBPyConnection, table: str) -> tuple[int, int, int]:
    """Rows of a table, their hashes mixed and summed, whatever their order."""
    row = con.execute(
        f"SELECT count(*), coalesce(bit_xor(hash(t)), 0), coalesce(sum(hash(t)), 0) FROM {table} t"
    ).fetchone()
    return (int(row[0]), int(row[1]), int(row[2])) if row else (0, 0, 0)


def tally(con: duckdb.DuckDBPyConnection, records: str) -> tuple[dict[str, int], dict[str, int]]:
    """Records by what links them, and by what stood in the way."""
    linked_by = dict(
        con.execute(f"SELECT reason, count(*) FROM {records} GROUP BY reason ORDER BY reason").fetchall()
    )
    notes = dict(
        con.execute(
            f"SELECT note, count(*) FROM {records} WHERE note IS NOT NULL GROUP BY note ORDER BY note"
        ).fetchall()
    )
    return linked_by, notes


def _write(con: duckdb.DuckDBPyConnection, sources: Sources, matched: Matched, clock: Clock) -> Built:
    declared = sources.declared
    engine = lake()
    count, mixed, summed = rows_sum(con, "said")
    row = con.execute("SELECT count(DISTINCT entity_id) FROM said").fetchone()
    doubted, doubts_mixed, _ = rows_sum(con, "doubtful")
    sums = Sums(count, int(row[0]) if row else 0, mixed, summed, doubted, doubts_mixed)
    build_name = sums.name(declared)
    linked_by, notes = tally(con, "said")
    clock("checksum")
    before = latest(con, declared.name)
    facts: dict[str, Any] = {
        "linked_by": linked_by,
        "notes": notes,
        "matching": matched.facts,
        "doubtful": doubted,
        "sources": declared.resources,
    }
    kept = matched.total >= similarity.SMALL
    if kept:
        model = str(matched.facts.get("model", ""))
        facts["next"] = following(sources, model, sums)
    rewritten = before is None or before["build"] != build_name
    if rewritten or (kept and before is not None and before["facts"].get("next") != facts["next"]):
        with engine.transaction(con, f"link {declared.name}"):
            if rewritten:
                if before is not None:
                    forwarding.note(con, declared.name, build_name, records_table(declared.name), "said")
                _replace(con, declared, sums, clock)
            if kept:
                con.execute(f"CREATE OR REPLACE TABLE {state.state_table(declared.name)} AS FROM state")
                con.execute(f"CREATE OR REPLACE TABLE {state.pairs_table(declared.name)} AS FROM kept_pairs")
            if matched.trained is not None:
                stored.keep(con, declared.name, matched.trained)
            note_build(con, engine, declared, sums, facts)
    con.execute("DROP TABLE said; DROP TABLE doubtful")
    con.execute("DROP TABLE IF EXISTS state; DROP TABLE IF EXISTS kept_pairs")
    return Built(build_name, engine.snapshot(con), count, sums.entities, linked_by, notes, matched, rewritten)


def following(sources: Sources, model: str, sums: Sums) -> dict[str, Any]:
    """What the next linking must know to look only at what changed."""
    declared = sources.declared
    return {
        "basis": state.basis(declared, sources.present, model),
        "model": model,
        "read": sources.snapshot,
        "words": state.words(declared.name),
        "sums": list(astuple(sums)),
    }


def records_sql(sources: Sources) -> str:
    """Every source row in the register's fields, with its entity. A number set aside stays with its row's note only."""
    declared = sources.declared
    names = [f.name for f in declared.register.fields]
    set_aside = {i.field for i in declared.register.identifiers if not i.together_with}
    columns = []
    for name in names:
        value = sources.derivation(name)
        barring = set(sources.needed([name])) & set_aside
        for identifier in sorted(barring):
            value = f"CASE WHEN a.note = {literal('contradicted:' + identifier)} THEN {_without(name, identifier)} ELSE {value} END"
        columns.append(f"{value} AS {quoted(name)}")
    return f"""
        SELECT a.entity_id, {sources.resource_list()}[m.src + 1] AS resource, m._key AS record_key, a.reason, a.score,
               a.note, m._as_of AS as_of, {", ".join(columns)}
        FROM ({sources.mapped(names, "_key, _as_of")}) m JOIN assigned a ON a.rid = m.rid
    """


def _without(name: str, identifier: str) -> str:
    return "NULL" if name == identifier else f"m.{quoted(name)}"


def _replace(con: duckdb.DuckDBPyConnection, declared: Declared, sums: Sums, clock: Clock) -> None:
    records = records_table(declared.name)
    # DuckLake cannot read dates back from structs it inlined; small row groups let one entity be found fast.
    con.execute("CALL lake.set_option('data_inlining_row_limit', 0, schema => 'register')")
    con.execute(f"CALL lake.set_option('parquet_row_group_size', {ROW_GROUP}, schema => 'register')")
    con.execute(f"DROP TABLE IF EXISTS {records}")
    con.execute(f"CREATE TABLE {records} AS FROM said ORDER BY entity_id, resource, record_key")
    con.execute(f"CREATE OR REPLACE TABLE {doubts.doubtful_table(declared.name)} AS FROM doubtful")
    clock("write records")
    golden = golden_table(declared.name)
    con.execute(f"DROP TABLE IF EXISTS {golden}")
    con.execute(f"CREATE TABLE {golden} AS SELECT * FROM ({golden_sql(declared, records, 'FALSE')}) LIMIT 0")
    for where in _ranges(sums.entities):
        con.execute(f"INSERT INTO {golden} {golden_sql(declared, records, where)} ORDER BY entity_id")
    clock("write golden")


def note_build(
    con: duckdb.DuckDBPyConnection, engine: Any, declared: Declared, sums: Sums, facts: dict[str, Any]
) -> None:
    """Notes the build, in the transaction that wrote it."""
    table = engine.table("register", BUILDS)
    con.execute(
        f"CREATE TABLE IF NOT EXISTS {table} (register VARCHAR, build VARCHAR, built TIMESTAMPTZ, records BIGINT, "
        "entities BIGINT, facts VARCHAR)"
    )
    con.execute(
        f"INSERT INTO {table} VALUES (?, ?, ?, ?, ?, ?)",
        [
            declared.name, sums.name(declared), datetime.now(UTC), sums.count, sums.entities,
            json.dumps(facts, ensure_ascii=False),
        ],
    )  # fmt: skip


def _ranges(entities: int) -> list[str]:
    """Conditions that cut the entities into parts of bounded size by the first letters of their identifiers."""
    parts = min(32, max(1, -(-entities // ENTITIES_AT_ONCE)))
    # In the order of text, where digits come before letters.
    edges = [None, *sorted(sorted(BASE32)[32 * part // parts] for part in range(1, parts)), None]
    found = []
    for low, high in pairwise(edges):
        conditions = [f"entity_id[2] >= '{low}'"] if low else []
        conditions += [f"entity_id[2] < '{high}'"] if high else []
        found.append(" AND ".join(conditions) or "TRUE")
    return found


def latest(con: duckdb.DuckDBPyConnection, register: str) -> dict[str, Any] | None:
    """The newest build of a register, or None before the first."""
    engine = lake()
    if not engine.exists(con, "register", BUILDS) or not engine.exists(con, "register", f"{register}.golden"):
        return None
    row = con.execute(
        f"SELECT build, built, records, entities, facts FROM {engine.table('register', BUILDS)} "
        "WHERE register = ? ORDER BY built DESC LIMIT 1",
        [register],
    ).fetchone()
    if row is None:
        return None
    return {
        "build": row[0],
        "built": row[1],
        "records": row[2],
        "entities": row[3],
        "facts": json.loads(row[4]),
    }
