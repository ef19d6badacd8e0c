"""What a department mended here stands as long as its source keeps sending the same wrong text.

A mend is kept in the lake beside the quarantine: the fields as they came, and as they are right. A row
that comes again as it was is read as mended; one that comes otherwise speaks for itself.

    checked ─ wrong rows, mended keys ─ known? ─▶ patched (same columns as stage) ─ checked again ─▶ checked
"""

from __future__ import annotations

import duckdb

from jingwei.catalog.sql import identifier
from jingwei.collection.standardize import Plan
from jingwei.engines.duckdb.lake import DuckLake, literal

MENDED = "mended"


def given(plan: Plan, alias: str) -> str:
    """SQL for a row's fields as they came, as JSON: what a mend is recognised by."""
    pairs = ", ".join(
        f"{literal(name)}, {alias}.{identifier(header)}" for name, header in sorted(plan.headers.items())
    )
    return f"json_object({pairs})::VARCHAR"


def apply(con: duckdb.DuckDBPyConnection, engine: DuckLake, plan: Plan) -> Plan:
    """Reads wrong rows that were mended before as they were mended; gives the plan over those rows."""
    resource = literal(plan.contract.id)
    if not engine.exists(con, "quarantine", MENDED):
        return plan
    table = engine.table("quarantine", MENDED)
    known = con.execute(f"SELECT count(*) FROM {table} WHERE resource = {resource}").fetchone()
    if not known or not known[0]:
        return plan
    source = plan.source
    con.execute(
        "CREATE OR REPLACE TEMP TABLE known AS SELECT w._n, m.mended FROM"
        f" (SELECT s._n, {given(plan, 's')} AS given FROM {source} s WHERE s._n IN"
        f" (SELECT _n FROM checked WHERE {plan.bad} OR {plan.void} OR {plan.key} IN"
        f" (SELECT key FROM {table} WHERE resource = {resource} AND key IS NOT NULL))) w"
        f" JOIN {table} m ON m.resource = {resource} AND m.given = w.given"
    )
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE patched AS SELECT s.* REPLACE ({patch(plan, 'k.mended', 's')})"
        f" FROM {source} s JOIN known k ON k._n = s._n"
    )
    _as_rows(con, plan, table, resource)
    found = con.execute("SELECT count(*) FROM patched").fetchone()
    if not found or not found[0]:
        return plan
    con.execute("DELETE FROM checked WHERE _n IN (SELECT _n FROM patched)")
    con.execute(f"INSERT INTO checked {plan.checked('patched')}")
    con.execute(
        f"CREATE OR REPLACE TEMP VIEW as_mended AS FROM {source} WHERE _n NOT IN (SELECT _n FROM patched)"
        " UNION ALL FROM patched"
    )
    return plan.over("as_mended")


def _as_rows(con: duckdb.DuckDBPyConnection, plan: Plan, table: str, resource: str) -> None:
    """Stretches of text that were no record, and that were written out as rows by hand, count as those rows."""
    cells = ", ".join(
        f"m.mended ->> {literal('$.' + name)} AS {identifier(header)}"
        for name, header in plan.headers.items()
    )
    again = f"FROM rejects r JOIN {table} m ON m.resource = {resource} AND m.given = r.text"
    con.execute(
        f"INSERT INTO patched BY NAME SELECT -1 - row_number() OVER () AS _n, r.row AS _row, {cells} {again}"
    )
    con.execute(f"DELETE FROM rejects WHERE text IN (SELECT r.text {again})")


def patch(plan: Plan, mended: str, alias: str) -> str:
    """`REPLACE` list that puts the fields of the JSON `mended` in the place of a row's cells."""
    return ", ".join(
        f"CASE WHEN json_exists({mended}, {literal('$.' + name)}) THEN {mended} ->> {literal('$.' + name)}"
        f" ELSE {alias}.{identifier(header)} END AS {identifier(header)}"
        for name, header in plan.headers.items()
    )


def remember(con: duckdb.DuckDBPyConnection, engine: DuckLake, plan: Plan, run: str, by: str) -> None:
    """Keeps the mends of a repair, also of rows that are wrong still: their next mend goes on from there.
    `before` has the rows as they came, numbered as `stage` has them mended."""
    table = engine.table("quarantine", MENDED)
    con.execute(
        f"CREATE TABLE IF NOT EXISTS {table} (resource VARCHAR, key VARCHAR, given VARCHAR, mended VARCHAR,"
        " run VARCHAR, mended_by VARCHAR, mended_at TIMESTAMP)"
    )
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE learned AS SELECT k._key AS key, coalesce(b._text, {given(plan, 'b')}) AS given,"
        f" {given(plan, 's')} AS mended FROM before b JOIN stage s ON s._n = b._n"
        f" JOIN ({plan.keys_only('before')}) k ON k._n = b._n"
    )
    resource = literal(plan.contract.id)
    # A row mended twice: the source still sends the first text, which must now lead to the last mend.
    con.execute(
        "INSERT INTO learned SELECT m.key, m.given, l.mended FROM learned l"
        f" JOIN {table} m ON m.resource = {resource} AND m.mended = l.given WHERE m.given <> l.mended"
    )
    con.execute(f"DELETE FROM {table} WHERE resource = {resource} AND given IN (SELECT given FROM learned)")
    con.execute(
        f"INSERT INTO {table} SELECT DISTINCT {resource}, key, given, mended, {literal(run)}, {literal(by)},"
        " localtimestamp FROM learned WHERE given <> mended"
    )
