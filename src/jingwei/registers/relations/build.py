"""Builds the relations between entities from what the departments' rows say of both ends.

    standard rows ──ends resolved──▶ stated ──▶ register."relations"
       record: register."<r>.records"      number, name: the same, by value      place: located addresses

Everything is made anew after the registers were linked and written only where it differs. An end that
nobody, or more than one, answers to stays open: the row is kept with the reason, and counted.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import duckdb

from jingwei.catalog.sql import identifier as quoted
from jingwei.catalog.sql import quoted as literal
from jingwei.engines import lake
from jingwei.registers.linking import records_table
from jingwei.registers.places import locate as finding
from jingwei.registers.places import service as places
from jingwei.registers.places.tree import places_table
from jingwei.registers.relations.declaration import End, Relation, RelationSource
from jingwei.registers.sources import Declared, declared

TABLE, BACK = "relations", "relations_back"
COLUMNS = (
    "relation VARCHAR, role VARCHAR, from_register VARCHAR, from_entity VARCHAR, to_register VARCHAR, to_entity VARCHAR, "
    "to_text VARCHAR, resource VARCHAR, record_key VARCHAR, since DATE, until DATE, note VARCHAR"
)
UNKNOWN, AMBIGUOUS, NOWHERE = "unknown", "ambiguous", "nowhere"


@dataclass
class Related:
    """One relation as it was built: `relations` with both ends, `open` by reason what has not, `skipped`
    resources that nobody has collected or linked yet. Rows whose field is empty, or that point at their own
    entity, state nothing."""

    relation: str
    relations: int = 0
    open: dict[str, int] = field(default_factory=dict)
    skipped: tuple[str, ...] = ()


Tables = set[tuple[str, str]]


def tables(con: duckdb.DuckDBPyConnection) -> Tables:
    """(schema, table) of what lies in the lake; asking once for each source would take longer than the rest."""
    return set(
        con.execute(
            "SELECT schema_name, table_name FROM duckdb_tables() WHERE database_name = 'lake'"
        ).fetchall()
    )


def state(con: duckdb.DuckDBPyConnection, relation: Relation, there: Tables) -> Related:
    """Adds one relation to the temporary table `stated`; `there` are the tables of the lake."""
    ends = (declared(relation.from_), declared(relation.to))
    linked = all(("register", f"{end.name}.records") in there for end in ends)
    skipped = []
    for source in relation.sources:
        if not linked or ("standard", source.resource) not in there:
            skipped.append(source.resource)
            continue
        _state_source(con, relation, source, ends, there)
    row = con.execute(
        "SELECT count(*) FILTER (from_entity IS NOT NULL AND to_entity IS NOT NULL) FROM stated WHERE relation = ?",
        [relation.relation],
    ).fetchone()
    reasons = con.execute(
        "SELECT note, count(*) FROM stated WHERE relation = ? AND (from_entity IS NULL OR to_entity IS NULL) GROUP BY note ORDER BY note",
        [relation.relation],
    ).fetchall()
    return Related(relation.relation, int(row[0]) if row else 0, dict(reasons), tuple(skipped))


def _state_source(
    con: duckdb.DuckDBPyConnection,
    relation: Relation,
    source: RelationSource,
    ends: tuple[Declared, Declared],
    there: Tables,
) -> None:
    """`told`, the rows of the source with both ends as text, both resolved, then `stated`."""
    sides = {"from": (source.from_, ends[0]), "to": (source.to, ends[1])}
    columns = ["_key AS record_key"]
    for side, (end, _) in sides.items():
        columns.append(f"{_text(end)} AS {side}_text")
        columns += [
            f"CAST({quoted(theirs)} AS VARCHAR) AS {side}_scope{n}" for n, theirs in enumerate(end.within)
        ]
        columns.append(f"{_called(end)} AS {side}_called")
    role = (
        f"CAST({quoted(source.role)} AS VARCHAR)"
        if source.role
        else literal(source.says.zh)
        if source.says
        else "NULL"
    )
    columns.append(f"{role} AS role")
    for key in ("since", "until"):
        name = getattr(source, key)
        columns.append(
            f"TRY_CAST({quoted(name)} AS DATE) AS {key}" if name else f"CAST(NULL AS DATE) AS {key}"
        )
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE told AS SELECT {', '.join(columns)} FROM {lake().table('standard', source.resource)}"
    )
    for side, (end, register) in sides.items():
        _resolve(con, side, end, register, source.resource, there)
    # The head of a household points at itself; that is no relation.
    itself = "AND f.entity_id IS DISTINCT FROM t.entity_id" if relation.from_ == relation.to else ""
    con.execute(
        f"""
        INSERT INTO stated
        SELECT {literal(relation.relation)}, r.role, {literal(relation.from_)}, f.entity_id, {literal(relation.to)},
               t.entity_id, r.to_called, {literal(source.resource)}, r.record_key, r.since, r.until,
               CASE WHEN f.entity_id IS NULL THEN 'from-' || f.note ELSE t.note END
        FROM told r JOIN from_end f ON f.record_key = r.record_key JOIN to_end t ON t.record_key = r.record_key
        WHERE r.to_text IS NOT NULL AND r.from_text IS NOT NULL {itself}
        """
    )
    con.execute("DROP TABLE told; DROP TABLE from_end; DROP TABLE to_end")


def _text(end: End) -> str:
    name = end.identifier or end.name or end.place
    return f"nullif(trim(CAST({quoted(name)} AS VARCHAR)), '')" if name else "_key"


def _called(end: End) -> str:
    """How an end nobody knows is called: never a number, which is nobody's name."""
    name = end.called or end.name or end.place
    return f"CAST({quoted(name)} AS VARCHAR)" if name else "CAST(NULL AS VARCHAR)"


def _resolve(
    con: duckdb.DuckDBPyConnection, side: str, end: End, register: Declared, resource: str, there: Tables
) -> None:
    """Table `<side>_end` (record_key, entity_id, note) for every row that says anything of this end."""
    records = records_table(register.name)
    if end.place:
        _resolve_place(con, side, register, there)
        return
    if end.record:
        con.execute(
            f"""
            CREATE OR REPLACE TEMP TABLE {side}_end AS
            SELECT r.record_key, s.entity_id, CASE WHEN s.entity_id IS NULL THEN {literal(UNKNOWN)} END AS note
            FROM told r LEFT JOIN {records} s ON s.resource = {literal(resource)} AND s.record_key = r.record_key
            """
        )
        return
    first = (
        register.register.identifiers[0].field
        if register.register.identifiers
        else register.register.card.name
    )
    value = end.matches or (first if end.identifier else register.register.card.name)
    wanted = {"value": value, **{f"scope{n}": name for n, name in enumerate(end.within.values())}}
    columns = ", ".join(f"CAST({quoted(name)} AS VARCHAR) AS {key}" for key, name in wanted.items())
    agree = " AND ".join(f"w.{key} = r.{side}_{'text' if key == 'value' else key}" for key in wanted)
    con.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE who AS
        SELECT {", ".join(wanted)}, min(entity_id) AS entity_id, count(DISTINCT entity_id) AS entities
        FROM (SELECT entity_id, {columns} FROM {records} WHERE {quoted(value)} IS NOT NULL) GROUP BY {", ".join(wanted)}
        """
    )
    con.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE {side}_end AS
        SELECT r.record_key, CASE WHEN w.entities = 1 THEN w.entity_id END AS entity_id,
               CASE WHEN w.entities > 1 THEN {literal(AMBIGUOUS)} WHEN w.entities IS NULL THEN {literal(UNKNOWN)} END AS note
        FROM told r LEFT JOIN who w ON {agree}
        """
    )
    con.execute("DROP TABLE who")


def _resolve_place(con: duckdb.DuckDBPyConnection, side: str, register: Declared, there: Tables) -> None:
    """The house of the address, else its building; a road or an area is no place to live or to be registered."""
    territory = places.territory_of(register.name)
    if territory is None or ("register", f"{register.name}.places") not in there:
        con.execute(
            f"CREATE OR REPLACE TEMP TABLE {side}_end AS SELECT record_key, CAST(NULL AS VARCHAR) AS entity_id, {literal(NOWHERE)} AS note FROM told"
        )
        return
    con.execute(f"CREATE OR REPLACE TEMP TABLE tree AS FROM {places_table(register.name)}")
    mine = f"(SELECT text, place, note FROM placed WHERE register = {literal(register.name)})"
    texts = con.execute(
        f"SELECT DISTINCT {side}_text FROM told WHERE {side}_text IS NOT NULL EXCEPT SELECT text FROM {mine}"
    ).fetchall()
    finding.many(con, [text for (text,) in texts])
    con.execute(
        f"INSERT INTO placed SELECT {literal(register.name)}, text, coalesce(house, building), CASE WHEN house IS NOT NULL THEN NULL "
        f"WHEN building IS NOT NULL THEN 'building' ELSE {literal(NOWHERE)} END FROM located"
    )
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE {side}_end AS SELECT r.record_key, p.place AS entity_id, p.note "
        f"FROM told r LEFT JOIN {mine} p ON p.text = r.{side}_text"
    )
    con.execute("DROP TABLE located; DROP TABLE tree")


def begin(con: duckdb.DuckDBPyConnection) -> None:
    """Temporary tables: what will be stated, and the addresses that were looked up already, by register."""
    con.execute(f"CREATE OR REPLACE TEMP TABLE stated ({COLUMNS})")
    con.execute(
        "CREATE OR REPLACE TEMP TABLE placed (register VARCHAR, text VARCHAR, place VARCHAR, note VARCHAR)"
    )


def write(con: duckdb.DuckDBPyConnection) -> bool:
    """`register.relations`, sorted by the entity it starts from, and the same rows sorted by the other end, so
    that both are found fast; nothing where the tables would be the same."""
    engine = lake()
    total = "SELECT count(*), bit_xor(hash(s)), sum(hash(s)) FROM {} s"
    fresh = con.execute(total.format("stated")).fetchone()
    there = (
        engine.exists(con, "register", TABLE)
        and con.execute(total.format(engine.table("register", TABLE))).fetchone()
    )
    if fresh != there:
        with engine.transaction(con, "relations"):
            for name, order, where in (
                (TABLE, "from_entity, relation, resource, record_key", "TRUE"),
                (
                    BACK,
                    "to_entity, relation, resource, record_key",
                    "to_entity IS NOT NULL AND from_entity IS NOT NULL",
                ),
            ):
                table = engine.table("register", name)
                con.execute(f"DROP TABLE IF EXISTS {table}")
                con.execute(f"CREATE TABLE {table} AS FROM stated WHERE {where} ORDER BY {order}")
    con.execute("DROP TABLE stated; DROP TABLE placed")
    return fresh != there
