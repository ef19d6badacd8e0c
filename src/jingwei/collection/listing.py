"""The list of what is wrong: which entries a run opens, carries on and closes.

An entry is a row as it came with every reason. It stands for a row that was not accepted, or (`accepted`)
for an accepted one with a value set aside or a warning. `since` is the run that first found the row wrong:
a row that comes again wrong in the same way is listed under the new run, but remains the old problem.

    open entries ─ same key or text ─▶ `since` carried on ─ the older ones closed
                 ├ key accepted now ─▶ closed
                 └ whole source read, not met again ─▶ closed
"""

from __future__ import annotations

import duckdb

from jingwei.collection.balance import one, original
from jingwei.collection.standardize import REASONS, Plan
from jingwei.engines.duckdb.lake import DuckLake, literal

QUARANTINE = "rows"
COLUMNS = {
    "resource": "VARCHAR",
    "run": "VARCHAR",
    "row": "BIGINT",
    "key": "VARCHAR",
    "reasons": REASONS,
    "original": "VARCHAR",
    "closed_by": "VARCHAR",
    "accepted": "BOOLEAN",
    "since": "VARCHAR",
}


def prepare(con: duckdb.DuckDBPyConnection, engine: DuckLake) -> str:
    """Name of the list's table, made or brought to its columns."""
    table = engine.table("quarantine", QUARANTINE)
    con.execute(f"CREATE TABLE IF NOT EXISTS {table} ({', '.join(f'{n} {k}' for n, k in COLUMNS.items())})")
    there = engine.columns(con, "quarantine", QUARANTINE)
    for name in ("accepted", "since"):
        if name not in there:
            con.execute(f"ALTER TABLE {table} ADD COLUMN {name} {COLUMNS[name]}")
            con.execute(f"UPDATE {table} SET {name} = {'false' if name == 'accepted' else 'run'}")
    return table


def quarantine(
    con: duckdb.DuckDBPyConnection,
    engine: DuckLake,
    plan: Plan,
    run: str,
    *,
    published: bool = True,
    complete: bool = False,
    rekeyed: bool = False,
) -> None:
    """Lists `bad`, and `remarks` about new and changed rows. A run that was held (not `published`) lists its
    rows closed, and closes none."""
    table = prepare(con, engine)
    resource = literal(plan.contract.id)
    incoming(con, plan)
    if not published:
        con.execute(
            f"INSERT INTO {table} BY NAME SELECT {resource} AS resource, {literal(run)} AS run, row, key, reasons,"
            f" original, {literal(run)} AS closed_by, accepted, {literal(run)} AS since FROM incoming"
        )
        return
    con.execute(
        "CREATE OR REPLACE TEMP TABLE open_entries AS SELECT run, row, key, reasons, original, accepted, since"
        f" FROM {table} WHERE resource = {resource} AND closed_by IS NULL"
    )
    if one(con, "SELECT count(*) FROM open_entries"):
        _carry(con)
        _close(con, table, resource, run, complete=complete, rekeyed=rekeyed)
    con.execute(
        f"INSERT INTO {table} BY NAME SELECT {resource} AS resource, {literal(run)} AS run, row, key, reasons,"
        f" original, NULL::VARCHAR AS closed_by, accepted, coalesce(since, {literal(run)}) AS since FROM incoming"
    )


def incoming(con: duckdb.DuckDBPyConnection, plan: Plan) -> None:
    """The entries of this run: rows that were not accepted, and remarks about rows that change the table."""
    con.execute(
        "CREATE OR REPLACE TEMP TABLE incoming AS SELECT row, key, reasons, original, false AS accepted,"
        " NULL::VARCHAR AS since FROM bad"
    )
    if one(con, "SELECT count(*) FROM remarks"):
        con.execute(
            f"INSERT INTO incoming SELECT g._row, g._key, r.reasons, {original(con, 'faulty_rows')}, true, NULL"
            " FROM remarks r JOIN good g ON g._n = r._n JOIN faulty_rows s ON s._n = r._n"
            " WHERE g._key NOT IN (SELECT _key FROM fate WHERE what = 'unchanged')"
        )


CODES = "list_transform({0}.reasons, lambda r: r.field || ':' || r.code)"


def _carry(con: duckdb.DuckDBPyConnection) -> None:
    """Gives an entry the `since` of the open one it goes on from: the same row, wrong in the same way."""
    same = f"list_has_any({CODES.format('i')}, {CODES.format('o')})"
    if _settled(con, "since"):
        con.execute("UPDATE incoming SET since = s.since FROM settled s WHERE s.row = incoming.row")
    for meeting in ("i.key = o.key", "i.key IS NULL AND i.original = o.original"):
        con.execute(
            "UPDATE incoming SET since = f.since FROM (SELECT i.rowid AS id, min(o.since) AS since FROM incoming i"
            f" JOIN open_entries o ON {meeting} WHERE {same} AND i.since IS NULL GROUP BY i.rowid) f WHERE incoming.rowid = f.id"
        )


def _close(
    con: duckdb.DuckDBPyConnection, table: str, resource: str, run: str, *, complete: bool, rekeyed: bool
) -> None:
    """Closes what this run settled or lists anew. An entry about a row that was not accepted ends when its key
    is accepted; one about an accepted row, when the row changes or goes. All end with the contract's key."""
    met = ["SELECT rowid FROM open_entries WHERE false"]
    if rekeyed:
        met.append("SELECT rowid FROM open_entries")
    if complete:
        met.append("SELECT rowid FROM open_entries WHERE NOT accepted")
    met += [
        "SELECT rowid FROM open_entries WHERE key IN (SELECT key FROM bad WHERE key IS NOT NULL)",
        "SELECT rowid FROM open_entries WHERE original IN (SELECT original FROM bad)",
        "SELECT rowid FROM open_entries WHERE NOT accepted AND key IN (SELECT g._key FROM good g"
        " WHERE g._key IN (SELECT key FROM open_entries))",
        "SELECT rowid FROM open_entries WHERE accepted AND key IN (SELECT _key FROM fate WHERE what <> 'unchanged')",
        "SELECT rowid FROM open_entries WHERE key IN (SELECT _key FROM gone)",
    ]
    if _settled(con, "row"):
        met.append("SELECT o.rowid FROM open_entries o JOIN settled USING (run, row, original)")
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE closing AS SELECT run, row, original FROM open_entries"
        f" WHERE rowid IN ({' UNION ALL '.join(met)})"
    )
    con.execute(
        f"UPDATE {table} SET closed_by = {literal(run)} WHERE resource = {resource} AND closed_by IS NULL"
        " AND (run, row, original) IN (SELECT (run, row, original) FROM closing)"
    )


def _settled(con: duckdb.DuckDBPyConnection, column: str) -> bool:
    """Whether this run named entries it settles itself (`settled`): a repair, a comparison of all keys."""
    asked = f"table_name = 'settled' AND column_name = {literal(column)} AND database_name = 'temp'"
    return one(con, f"SELECT count(*) FROM duckdb_columns() WHERE {asked}") > 0
