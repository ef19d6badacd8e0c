"""Writes a run into the lake: raw, standard, quarantine, and its receipt.

The caller holds a lake transaction, so that a run is in the lake whole or not at all. What is written was
worked out before (`balance`): the views `good` and `bad`, the tables `fate`, `gone` and `remarks`.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import duckdb

from jingwei.catalog.contracts import Contract
from jingwei.collection.balance import Balance, columns_of, digest, kind, shape
from jingwei.collection.listing import quarantine
from jingwei.collection.standardize import Plan
from jingwei.engines.duckdb.lake import DuckLake, literal, quoted

RUNS = "runs"


def evolve(con: duckdb.DuckDBPyConnection, engine: DuckLake, plan: Plan) -> None:
    """Brings the standard table to the contract's columns; a field whose type changed starts empty."""
    table = engine.table("standard", plan.contract.id)
    there = columns_of(con, table)
    wanted = {name: kind(sql_type) for name, sql_type in shape(plan).items()}
    stale = [name for name, sql_type in there.items() if wanted.get(name) != sql_type]
    for name in stale:
        con.execute(f"ALTER TABLE {table} DROP COLUMN {quoted(name)}")
    for name, sql_type in wanted.items():
        if name not in there or name in stale:
            con.execute(f"ALTER TABLE {table} ADD COLUMN {quoted(name)} {sql_type}")


def publish(
    con: duckdb.DuckDBPyConnection,
    engine: DuckLake,
    plan: Plan,
    run: str,
    balance: Balance,
    *,
    land: Path | None,
    complete: bool = False,
    rekey: bool = False,
    redigest: bool = False,
) -> None:
    """`land`: the file with the rows as they came, which raw takes over. `complete`: the run saw the whole
    source. `rekey`: the contract's key changed. `redigest`: the stored rows' digests were made in another way."""
    contract = plan.contract
    table = engine.table("standard", contract.id)
    columns = shape(plan)
    con.execute(
        f"CREATE TABLE IF NOT EXISTS {table} ({', '.join(f'{quoted(n)} {k}' for n, k in columns.items())})"
    )
    if rekey:
        con.execute(f"UPDATE {table} SET _key = {plan.key}")
    evolve(con, engine, plan)
    if redigest:
        con.execute(f"UPDATE {table} SET _digest = {digest(plan)}")
    if land is not None:
        _land_raw(con, engine, contract, run, land)
    if balance.changed:
        con.execute(f"DELETE FROM {table} WHERE _key IN (SELECT _key FROM fate WHERE what = 'changed')")
    if balance.removed:
        con.execute(f"DELETE FROM {table} WHERE _key IN (SELECT _key FROM gone)")
    if balance.new + balance.changed:
        written = f"SELECT g.* EXCLUDE (_n, _row, _as_of, _faults), g._row, {literal(run)} AS _run, g._as_of, g._faults FROM good g"
        if balance.new != balance.accepted:
            # Every row is looked up in `fate`, which is left empty where all are new.
            written += " JOIN fate f ON f._key = g._key WHERE f.what <> 'unchanged'"
        engine.append(con, "standard", contract.id, written)
    quarantine(con, engine, plan, run, complete=complete, rekeyed=rekey)


def prepare_raw(con: duckdb.DuckDBPyConnection, engine: DuckLake, contract: Contract) -> None:
    """Makes raw's table, before the run's own transaction: only a table that is there has a folder for files."""
    if not engine.exists(con, "raw", contract.id):
        engine.make(con, "raw", contract.id, "SELECT * EXCLUDE (_n), ''::VARCHAR AS _run FROM stage")


def _land_raw(
    con: duckdb.DuckDBPyConnection, engine: DuckLake, contract: Contract, run: str, file: Path
) -> None:
    table = engine.table("raw", contract.id)
    present = {name.casefold(): name for name in engine.columns(con, "raw", contract.id)}
    headers = [d[0] for d in con.execute("SELECT * EXCLUDE (_n) FROM stage LIMIT 0").description]
    for header in headers:
        if header.casefold() not in present:
            con.execute(f"ALTER TABLE {table} ADD COLUMN {quoted(header)} VARCHAR")
    if all(present.get(header.casefold(), header) == header for header in headers):
        engine.add_file(con, "raw", contract.id, file)
        late = "late_rows"
    else:
        # A header that changed its case: a file is matched by exact names, rows are not.
        late = "stage"
    if late == "stage" or _there(con, late):
        rows = f"SELECT * EXCLUDE (_n), {literal(run)} AS _run FROM {late}"
        engine.append(con, "raw", contract.id, rows)


def _there(con: duckdb.DuckDBPyConnection, view: str) -> bool:
    asked = f"SELECT count(*) FROM duckdb_views() WHERE temporary AND view_name = {literal(view)}"
    return bool((con.execute(asked).fetchone() or (0,))[0])


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
