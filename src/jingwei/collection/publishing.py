"""From checked rows to the lake: what is accepted, quarantined, repeated; new, changed, unchanged.

Everything is worked out in temporary tables first; `publish` then writes it inside the caller's
lake transaction, so that a run is in the lake whole or not at all.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import duckdb

from jingwei.catalog.contracts import Contract
from jingwei.collection.errors import KeyChanged
from jingwei.collection.standardize import FAULTS, REASONS, Plan
from jingwei.engines.duckdb.lake import DuckLake, literal, quoted
from jingwei.kernel.text import Text, listed

QUARANTINE = "rows"
RUNS = "runs"
COMPARISONS = 20_000_000
"""So many keys may be looked for in broken stretches; beyond, none is taken for gone."""
DUPLICATE = Text(
    "主键 {key} 与第 {row} 行相同，内容却不一样", "the key {key} stands in row {row} too, with other values"
)


@dataclass(frozen=True)
class Balance:
    read: int
    accepted: int
    quarantined: int
    repeated: int
    new: int
    changed: int
    unchanged: int
    removed: int
    voided: int


def _one(con: duckdb.DuckDBPyConnection, query: str) -> int:
    row = con.execute(query).fetchone()
    return int(row[0]) if row and row[0] is not None else 0


def work_out(
    con: duckdb.DuckDBPyConnection,
    plan: Plan,
    engine: DuckLake,
    today: str,
    read: int,
    *,
    rekey: bool = False,
) -> Balance:
    """Fills the temporary tables `checked`, `bad`, `fate` and `gone`, lays the view `good` over them, and counts.
    `rekey`: stored rows are compared under the key the contract has now."""
    contract = plan.contract
    names = plan.names
    con.execute(f"CREATE OR REPLACE TEMP TABLE checked AS {plan.checked('stage')}")
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE wrong AS SELECT _n, _row, {plan.key} AS _key FROM checked WHERE {plan.bad}"
    )
    con.execute(
        "CREATE OR REPLACE TEMP TABLE bad AS SELECT row, NULL::VARCHAR AS key,"
        f" [{{'field': '', 'code': code, 'zh': zh, 'en': en}}]::{REASONS} AS reasons, text AS original FROM rejects"
    )
    if _one(con, "SELECT count(*) FROM wrong"):
        con.execute(
            f"INSERT INTO bad SELECT w._row, w._key, r.reasons, {_original(con)} FROM wrong w"
            f" JOIN ({plan.reasons('wrong')}) r ON r._n = w._n JOIN stage s ON s._n = w._n"
        )
    day = f"DATE {literal(today)}"
    as_of = f"coalesce(CAST({quoted(contract.as_of)} AS DATE), {day})" if contract.as_of else day
    good = f"SELECT {', '.join(names)}, {plan.key} AS _key, c._n AS _n, c._row AS _row, {as_of} AS _as_of"
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE voided AS SELECT _n FROM checked WHERE {plan.void} AND NOT {plan.bad}"
    )
    if _one(con, "SELECT count(*) FROM voided"):
        con.execute(f"CREATE OR REPLACE TEMP TABLE aside AS {plan.set_aside('voided')}")
        good += f", a._faults FROM checked c LEFT JOIN aside a ON a._n = c._n WHERE NOT {plan.bad}"
    else:
        good += f", NULL::{FAULTS} AS _faults FROM checked c WHERE NOT {plan.bad}"
    con.execute(f"CREATE OR REPLACE TEMP VIEW passed AS {good}")
    repeated = _repeated(con, names)
    comparison = _compare(con, engine, plan, rekey)
    accepted = _one(con, "SELECT count(*) FROM good")
    return Balance(
        read=read,
        accepted=accepted,
        quarantined=_one(con, "SELECT count(*) FROM bad"),
        repeated=repeated,
        voided=_one(con, "SELECT count(*) FROM good WHERE _faults IS NOT NULL"),
        **comparison,
    )


def _original(con: duckdb.DuckDBPyConnection) -> str:
    """SQL for a staged row as JSON, header to text, as it came."""
    headers = [
        d[0] for d in con.execute("SELECT * FROM stage LIMIT 0").description if d[0] not in ("_row", "_n")
    ]
    pairs = ", ".join(f"{literal(header)}, s.{quoted(header)}" for header in headers)
    return f"json_object({pairs})::VARCHAR"


def _repeated(con: duckdb.DuckDBPyConnection, names: list[str]) -> int:
    """Leaves second and later rows of a key out of `good`: equal ones are counted, others go to `bad`."""
    if _one(con, "SELECT count(*) - count(DISTINCT _key) FROM passed") == 0:
        con.execute("CREATE OR REPLACE TEMP VIEW good AS FROM passed")
        return 0
    same = " AND ".join(f"g.{name} IS NOT DISTINCT FROM f.{name}" for name in names)
    con.execute(
        "CREATE OR REPLACE TEMP TABLE again AS"
        " WITH first AS (SELECT _key, min(_n) AS first_n FROM passed GROUP BY _key HAVING count(*) > 1)"
        f" SELECT g._n, g._row, g._key, f._row AS first_row, {same} AS same"
        " FROM first JOIN passed g USING (_key) JOIN passed f ON f._n = first_n WHERE g._n <> first_n"
    )
    told = {
        tongue: "replace(replace("
        + literal(getattr(DUPLICATE, tongue))
        + ", '{key}', a._key), '{row}', a.first_row::VARCHAR)"
        for tongue in ("zh", "en")
    }
    con.execute(
        "INSERT INTO bad SELECT a._row, a._key,"
        f" [{{'field': '', 'code': 'duplicate-key', 'zh': {told['zh']}, 'en': {told['en']}}}]::{REASONS},"
        f" {_original(con)} FROM again a JOIN stage s ON s._n = a._n WHERE NOT a.same"
    )
    con.execute("CREATE OR REPLACE TEMP VIEW good AS FROM passed WHERE _n NOT IN (SELECT _n FROM again)")
    return _one(con, "SELECT count(*) FROM again WHERE same")


def _compare(con: duckdb.DuckDBPyConnection, engine: DuckLake, plan: Plan, rekey: bool) -> dict[str, int]:
    """Fills `fate` (key, what) for rows that are not new and not unchanged, and counts."""
    contract = plan.contract
    accepted = _one(con, "SELECT count(*) FROM good")
    exists = engine.exists(con, "standard", contract.id)
    current = engine.table("standard", contract.id)
    if not exists or _one(con, f"SELECT count(*) FROM {current}") == 0:
        con.execute("CREATE OR REPLACE TEMP TABLE fate AS SELECT _key, 'new' AS what FROM good")
        return {"new": accepted, "changed": 0, "unchanged": 0, "removed": 0}
    if rekey:
        current = f"(SELECT * REPLACE ({plan.key} AS _key) FROM {current})"
    dated = ["_as_of"] if contract.as_of else []
    compared = [*plan.names, "_faults", *dated]
    there = _columns(con, engine.table("standard", contract.id))
    wanted = shape(plan)
    old = {
        name: f"o.{name}" if there.get(_bare(name)) == _kind(wanted[_bare(name)]) else "NULL"
        for name in compared
    }
    different = " OR ".join(f"g.{name} IS DISTINCT FROM {old[name]}" for name in compared)
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE fate AS SELECT g._key,"
        f" CASE WHEN o._key IS NULL THEN 'new' WHEN {different} THEN 'changed' ELSE 'unchanged' END AS what"
        f" FROM good g LEFT JOIN {current} o ON o._key = g._key"
    )
    removed = _gone(con, plan, current) if contract.refresh == "full" else 0
    counts = dict(con.execute("SELECT what, count(*) FROM fate GROUP BY what").fetchall())
    return {
        "new": counts.get("new", 0),
        "changed": counts.get("changed", 0),
        "unchanged": counts.get("unchanged", 0),
        "removed": removed,
    }


def _gone(con: duckdb.DuckDBPyConnection, plan: Plan, current: str) -> int:
    """Fills `gone` with the keys that the source no longer has. A key whose row came, but faulty, is
    not gone; one that may stand in a stretch too broken to have a key is not taken for gone either."""
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE gone AS SELECT o._key, upper(CAST(o.{quoted(plan.contract.keys[0].name)} AS VARCHAR)) AS said"
        f" FROM {current} o WHERE o._key NOT IN (SELECT _key FROM good)"
        " AND o._key NOT IN (SELECT key FROM bad WHERE key IS NOT NULL)"
    )
    unread = _one(con, "SELECT count(*) FROM bad WHERE key IS NULL")
    if unread * _one(con, "SELECT count(*) FROM gone") > COMPARISONS:
        con.execute("DELETE FROM gone")
    elif unread:
        con.execute(
            "DELETE FROM gone WHERE said IN (SELECT g.said FROM gone g JOIN bad b"
            " ON b.key IS NULL AND contains(upper(b.original), g.said))"
        )
    return _one(con, "SELECT count(*) FROM gone")


def moved_keys(con: duckdb.DuckDBPyConnection, engine: DuckLake, plan: Plan) -> int:
    """How many stored rows have another key now, because the contract's key is another one.

    Raises KeyChanged if the new key does not tell the stored rows apart.
    """
    if not engine.exists(con, "standard", plan.contract.id):
        return 0
    current = engine.table("standard", plan.contract.id)
    there = _columns(con, current)
    if all(field.name in there for field in plan.contract.keys):
        moved = _one(con, f"SELECT count(*) FROM {current} WHERE _key IS DISTINCT FROM {plan.key}")
        if not moved or not _one(con, f"SELECT count(*) - count(DISTINCT {plan.key}) FROM {current}"):
            return moved
    rows = _one(con, f"SELECT count(*) FROM {current}")
    if rows:
        names = listed(field.name for field in plan.contract.keys)
        raise KeyChanged(resource=plan.contract.id, key=names, rows=f"{rows:,}")
    return 0


def shape(plan: Plan) -> dict[str, str]:
    """Columns of the resource's standard table."""
    return {
        **plan.types,
        "_key": "VARCHAR",
        "_row": "BIGINT",
        "_run": "VARCHAR",
        "_as_of": "DATE",
        "_faults": FAULTS,
    }


def _columns(con: duckdb.DuckDBPyConnection, table: str) -> dict[str, str]:
    """Name and type of a table's columns."""
    return {row[0]: _kind(row[1]) for row in con.execute(f"DESCRIBE {table}").fetchall()}


def _kind(sql_type: str) -> str:
    return sql_type.replace(" ", "")


def _bare(name: str) -> str:
    return name.strip('"')


def evolve(con: duckdb.DuckDBPyConnection, engine: DuckLake, plan: Plan) -> None:
    """Brings the standard table to the contract's columns; a field whose type changed starts empty."""
    table = engine.table("standard", plan.contract.id)
    there = _columns(con, table)
    wanted = {name: _kind(kind) for name, kind in shape(plan).items()}
    stale = [name for name, kind in there.items() if wanted.get(name) != kind]
    for name in stale:
        con.execute(f"ALTER TABLE {table} DROP COLUMN {quoted(name)}")
    for name, kind in wanted.items():
        if name not in there or name in stale:
            con.execute(f"ALTER TABLE {table} ADD COLUMN {quoted(name)} {kind}")


def publish(
    con: duckdb.DuckDBPyConnection,
    engine: DuckLake,
    plan: Plan,
    run: str,
    balance: Balance,
    *,
    land_raw: bool,
    rekey: bool = False,
) -> None:
    """Writes the run into the lake: raw, standard, quarantine. `rekey`: the contract's key changed."""
    contract = plan.contract
    table = engine.table("standard", contract.id)
    columns = shape(plan)
    con.execute(
        f"CREATE TABLE IF NOT EXISTS {table} ({', '.join(f'{quoted(n)} {k}' for n, k in columns.items())})"
    )
    if rekey:
        con.execute(f"UPDATE {table} SET _key = {plan.key}")
    evolve(con, engine, plan)
    if land_raw:
        _land_raw(con, engine, contract, run)
    if balance.changed:
        con.execute(f"DELETE FROM {table} WHERE _key IN (SELECT _key FROM fate WHERE what = 'changed')")
    if balance.removed:
        con.execute(f"DELETE FROM {table} WHERE _key IN (SELECT _key FROM gone)")
    if balance.new + balance.changed:
        written = f"SELECT g.* EXCLUDE (_n, _row, _as_of, _faults), g._row, {literal(run)} AS _run, g._as_of, g._faults FROM good g"
        if balance.new != balance.accepted:
            written += " JOIN fate f ON f._key = g._key WHERE f.what <> 'unchanged'"
        engine.append(con, "standard", contract.id, written)
    quarantine(con, engine, contract.id, run, rekeyed=rekey)


def _land_raw(con: duckdb.DuckDBPyConnection, engine: DuckLake, contract: Contract, run: str) -> None:
    table = engine.table("raw", contract.id)
    con.execute(
        f"CREATE TABLE IF NOT EXISTS {table} AS SELECT * EXCLUDE (_n), ''::VARCHAR AS _run FROM stage LIMIT 0"
    )
    present = {name.casefold() for name in engine.columns(con, "raw", contract.id)}
    for header in (d[0] for d in con.execute("SELECT * EXCLUDE (_n) FROM stage LIMIT 0").description):
        if header.casefold() not in present:
            con.execute(f"ALTER TABLE {table} ADD COLUMN {quoted(header)} VARCHAR")
    engine.append(con, "raw", contract.id, f"SELECT * EXCLUDE (_n), {literal(run)} AS _run FROM stage")


def quarantine(
    con: duckdb.DuckDBPyConnection,
    engine: DuckLake,
    resource: str,
    run: str,
    *,
    close: bool = True,
    rekeyed: bool = False,
) -> None:
    """Puts `bad` on the list. Earlier entries are closed when their key was accepted now, or came again;
    all of them when the contract's key changed, for they stand under the earlier one."""
    table = engine.table("quarantine", QUARANTINE)
    con.execute(
        f"CREATE TABLE IF NOT EXISTS {table} (resource VARCHAR, run VARCHAR, row BIGINT, key VARCHAR,"
        f" reasons {REASONS}, original VARCHAR, closed_by VARCHAR)"
    )
    if close and _one(
        con, f"SELECT count(*) FROM {table} WHERE resource = {literal(resource)} AND closed_by IS NULL"
    ):
        con.execute(
            f"UPDATE {table} SET closed_by = {literal(run)} WHERE resource = {literal(resource)} AND closed_by IS NULL"
            " AND (key IN (SELECT _key FROM good) OR key IN (SELECT key FROM bad WHERE key IS NOT NULL)"
            f" OR original IN (SELECT original FROM bad) OR {'true' if rekeyed else 'false'})"
        )
    if _one(con, "SELECT count(*) FROM bad"):
        closed = "NULL::VARCHAR" if close else literal(run)
        engine.append(
            con, "quarantine", QUARANTINE,
            f"SELECT {literal(resource)} AS resource, {literal(run)} AS run, row, key, reasons, original, {closed} AS closed_by FROM bad",
        )  # fmt: skip


def receipt(
    con: duckdb.DuckDBPyConnection, engine: DuckLake, resource: str, run: str, noted: dict[str, Any]
) -> None:
    """What the run came to, in the same transaction as the rows: what a killed process leaves to be found."""
    table = engine.table("raw", RUNS)
    con.execute(f"CREATE TABLE IF NOT EXISTS {table} (run VARCHAR, resource VARCHAR, balance VARCHAR)")
    con.execute(f"INSERT INTO {table} VALUES (?, ?, ?)", [run, resource, json.dumps(noted)])


def find_receipt(con: duckdb.DuckDBPyConnection, engine: DuckLake, run: str) -> dict[str, Any] | None:
    if not engine.exists(con, "raw", RUNS):
        return None
    row = con.execute(f"SELECT balance FROM {engine.table('raw', RUNS)} WHERE run = ?", [run]).fetchone()
    return json.loads(row[0]) if row else None
