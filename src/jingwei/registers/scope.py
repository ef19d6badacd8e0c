"""The few rows an incremental linking works on, in the same shape as all rows of the sources.

changes of the lake ─▶ altered (tie, src, _key, present), arrived rows ┐
register records, un-derived and with the numbers they came with ──────┴▶ scope_rows ─ Scoped.mapped ─▶ linking

`rid` of a row is the upper half of its `tie`: row numbers of the lake change when a row is written again.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import duckdb

from jingwei.catalog.sql import identifier as quoted
from jingwei.catalog.sql import quoted as literal
from jingwei.engines import lake
from jingwei.registers.sources import Sources
from jingwei.registers.state import derived_fields, given_columns, state_table

RID = "CAST({} >> 1 AS BIGINT)"


def rid(tie: str) -> str:
    return RID.format(tie)


def records_table(register: str) -> str:
    return lake().table("register", f"{register}.records")


@dataclass
class Scoped(Sources):
    """Sources whose rows are those of the temporary table `scope_rows`."""

    def mapped(self, fields: list[str], others: str = "") -> str:
        columns = ["rid", "src", *([others] if others else []), *(quoted(name) for name in fields)]
        return f"SELECT {', '.join(columns)} FROM scope_rows"


def altered(con: duckdb.DuckDBPyConnection, sources: Sources, since: int) -> bool:
    """Makes `altered` and `scope_rows` from what changed in the sources after a snapshot; False where the lake
    cannot tell (a table was made anew)."""
    con.execute(
        "CREATE OR REPLACE TEMP TABLE altered (tie UBIGINT, src TINYINT, _key VARCHAR, present BOOLEAN)"
    )
    fields = [f.name for f in sources.declared.register.fields]
    types = ", ".join(f"{quoted(n)} {sources.declared.element(n).sql_type}" for n in fields)
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE scope_rows (rid BIGINT, src TINYINT, _key VARCHAR, _as_of DATE, {types})"
    )
    for index in sources.present:
        source = sources.declared.register.sources[index]
        if lake().made_after(con, "standard", source.resource, since):
            return False
        feed = lake().changed("standard", source.resource, since, sources.snapshot)
        came = "change_type IN ('insert', 'update_postimage')"
        columns = []
        for name in fields:
            theirs = source.map.get(name)
            value = quoted(theirs) if theirs else "NULL"
            columns.append(
                f"TRY_CAST({value} AS {sources.declared.element(name).sql_type}) AS {quoted(name)}"
            )
        con.execute(
            f"CREATE OR REPLACE TEMP TABLE feed AS SELECT _key, _as_of, snapshot_id, {came} AS came,"
            f" {', '.join(columns)} FROM {feed}"
        )
        con.execute(
            f"""
            INSERT INTO altered
            SELECT hash({literal(source.resource)}, _key), {index}, _key,
                   coalesce(max(snapshot_id) FILTER (came) >= max(snapshot_id) FILTER (NOT came), bool_or(came))
            FROM feed GROUP BY _key
            """
        )
        named = ", ".join(quoted(name) for name in fields)
        con.execute(
            f"""
            INSERT INTO scope_rows
            SELECT DISTINCT ON (f._key) {rid("a.tie")}, {index}, f._key, f._as_of, {named}
            FROM feed f JOIN altered a ON a.src = {index} AND a._key = f._key
            WHERE a.present AND f.came ORDER BY f._key, f.snapshot_id DESC
            """
        )
    return True


def fetch(con: duckdb.DuckDBPyConnection, sources: Sources, ties: str) -> None:
    """Adds to `scope_rows` the records of a query of ties, as their sources gave them: what was derived is
    taken out, a number that was set aside is put back."""
    register = sources.declared.register
    givens = {
        i.field: column
        for i, column in zip(register.identifiers, given_columns(sources), strict=True)
        if not i.together_with
    }
    derived = derived_fields(sources)
    columns = []
    for field in register.fields:
        name, kind = field.name, sources.declared.element(field.name).sql_type
        value = f"r.{quoted(name)}"
        if name in givens:
            value = f"coalesce(TRY_CAST(s.{givens[name]} AS {kind}), {value})"
        if name in derived:
            value = f"CASE WHEN s.{quoted('derived ' + name)} THEN NULL ELSE {value} END"
        columns.append(f"{value} AS {quoted(name)}")
    con.execute(
        f"""
        INSERT INTO scope_rows
        SELECT {rid("r.tie")}, s.src, r.record_key, r.as_of, {", ".join(columns)}
        FROM (SELECT *, hash(resource, record_key) AS tie FROM {records_table(register.name)}) r
        JOIN (FROM {state_table(register.name)} WHERE tie IN ({ties})) s ON s.tie = r.tie
        WHERE {rid("r.tie")} NOT IN (SELECT rid FROM scope_rows)
        """
    )


def one(con: duckdb.DuckDBPyConnection, query: str) -> int:
    row: Any = con.execute(query).fetchone()
    return int(row[0] or 0)
