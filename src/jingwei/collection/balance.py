"""From staged rows to what a run would change: accepted, quarantined, repeated; new, changed, unchanged, gone.

    stage ─Plan─▶ checked ─┬─ wrong ──▶ bad      with reasons, and the row as it came
                           ├─ set aside, warned ─▶ remarks
                           └─ passed ─ one row a key ─▶ good ─ compared with the lake ─▶ fate, gone

Everything is a temporary table; nothing here touches the lake. `publishing` writes it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass

import duckdb

from jingwei.catalog.contracts import ChangeTable, Contract
from jingwei.catalog.sql import identifier
from jingwei.collection import mends
from jingwei.collection.errors import KeyChanged, OperationColumn
from jingwei.collection.quality import duplicates
from jingwei.collection.standardize import FAULTS, MISSING, REASONS, Plan
from jingwei.engines.duckdb.lake import DuckLake, literal, quoted
from jingwei.kernel.text import Text, listed

COMPARISONS = 20_000_000
"""So many keys may be looked for in broken stretches; beyond, none is taken for gone."""
DUPLICATE = Text(
    "主键 {key} 与第 {row} 行相同，内容却不一样", "the key {key} stands in row {row} too, with other values"
)
NO_OPERATION = Text("认不得的操作码", "not an operation anybody declared")


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
    deletions: int = 0
    superseded: int = 0


@dataclass(frozen=True)
class Way:
    """How a run reads: `complete` says that keys which did not come are gone; `changes` that rows are
    operations; `rekey` that stored rows are compared under the key the contract has now; `digests` that their
    digests were made as those of the rows that come."""

    complete: bool = False
    changes: ChangeTable | None = None
    rekey: bool = False
    digests: bool = False


def one(con: duckdb.DuckDBPyConnection, query: str) -> int:
    row = con.execute(query).fetchone()
    return int(row[0]) if row and row[0] is not None else 0


def work_out(
    con: duckdb.DuckDBPyConnection, plan: Plan, engine: DuckLake, today: str, read: int, way: Way
) -> tuple[Plan, Balance]:
    """Fills `checked`, `bad`, `remarks`, `fate` and `gone`, lays the view `good` over them, and counts.

    Returns the plan with the tables it came to need beside the balance.
    """
    deletions = _operations(con, plan, way.changes)
    plan = _own_rows(con, plan, engine, way)
    con.execute(f"CREATE OR REPLACE TEMP TABLE checked AS {plan.checked(plan.source)}")
    plan = mends.apply(con, engine, plan)
    plan = _shared(con, plan, engine, way)
    con.execute(
        "CREATE OR REPLACE TEMP TABLE faulty AS"
        f" SELECT _n, _row, {plan.key} AS _key, {plan.bad} AS bad FROM checked WHERE {plan.bad} OR {plan.void}"
    )
    # The rows as they came are read once more, and only those with a fault: words are made for them alone.
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE faulty_rows AS FROM {plan.source} WHERE _n IN (SELECT _n FROM faulty)"
    )
    con.execute("CREATE OR REPLACE TEMP VIEW wrong AS FROM faulty WHERE bad")
    con.execute("CREATE OR REPLACE TEMP VIEW aside AS FROM faulty WHERE NOT bad")
    con.execute(
        "CREATE OR REPLACE TEMP TABLE bad AS SELECT row, NULL::VARCHAR AS key,"
        f" [{{'field': '', 'code': code, 'zh': zh, 'en': en}}]::{REASONS} AS reasons, text AS original FROM rejects"
    )
    _no_operations(con, plan)
    if one(con, "SELECT count(*) FROM wrong"):
        con.execute(
            f"INSERT INTO bad SELECT w._row, w._key, r.reasons, {original(con, 'faulty_rows')} FROM wrong w"
            f" JOIN ({plan.over('faulty_rows').reasons('wrong')}) r ON r._n = w._n"
            " JOIN faulty_rows s ON s._n = w._n"
        )
    _pass(con, plan, today)
    superseded = _superseded(con) if way.changes else 0
    repeated = superseded + _repeated(con, plan)
    comparison = _compare(con, engine, plan, way)
    accepted = one(con, "SELECT count(*) FROM good")
    return plan, Balance(
        read=read,
        accepted=accepted,
        quarantined=one(con, "SELECT count(*) FROM bad"),
        repeated=repeated,
        voided=one(con, "SELECT count(*) FROM good WHERE _faults IS NOT NULL"),
        deletions=deletions,
        superseded=superseded,
        **comparison,
    )


def _operations(con: duckdb.DuckDBPyConnection, plan: Plan, changes: ChangeTable | None) -> int:
    """Of a change table: takes the rows that say a key is gone (`deletes`), and those whose operation nobody
    knows (`unknown`), out of `stage`'s way: `operated` has what is left. Counts the deletions."""
    if changes is None:
        return 0
    there = [d[0] for d in con.execute("SELECT * FROM stage LIMIT 0").description]
    column = next((name for name in there if name.casefold() == changes.operation.casefold()), None)
    if column is None:
        raise OperationColumn(column=changes.operation, present=listed(there[2:]))
    said = f"upper(trim({quoted(column)}))"

    def among(codes: tuple[str, ...]) -> str:
        return f"{said} IN ({', '.join(literal(code.upper()) for code in codes)})"

    con.execute(
        "CREATE OR REPLACE TEMP TABLE operations AS SELECT _n,"
        f" CASE WHEN {among(changes.delete)} THEN 'delete'"
        f" WHEN {among((*changes.insert, *changes.update))} THEN 'put' END AS what FROM stage"
    )
    con.execute(
        "CREATE OR REPLACE TEMP VIEW operated AS"
        " SELECT * FROM stage WHERE _n IN (SELECT _n FROM operations WHERE what = 'put')"
    )
    keys = plan.keys_only(
        "(SELECT * FROM stage WHERE _n IN (SELECT _n FROM operations WHERE what = 'delete'))"
    )
    con.execute(f"CREATE OR REPLACE TEMP TABLE deletes AS {keys}")
    return one(con, "SELECT count(*) FROM deletes WHERE _key IS NOT NULL")


def _no_operations(con: duckdb.DuckDBPyConnection, plan: Plan) -> None:
    """Rows of a change table that say neither what happened nor to which key."""
    if plan.source != "operated":
        return
    for code, said, rows in (
        ("operation-unknown", NO_OPERATION, "SELECT _n FROM operations WHERE what IS NULL"),
        ("missing", MISSING, "SELECT _n FROM deletes WHERE _key IS NULL"),
    ):
        field = plan.contract.keys[0].name if code == "missing" else ""
        told = f"{{'field': {literal(field)}, 'code': {literal(code)}, 'zh': {literal(said.zh)}, 'en': {literal(said.en)}}}"
        con.execute(
            f"INSERT INTO bad SELECT s._row, NULL, [{told}]::{REASONS}, {original(con, 'stage')}"
            f" FROM stage s WHERE s._n IN ({rows})"
        )


def _own_rows(con: duckdb.DuckDBPyConnection, plan: Plan, engine: DuckLake, way: Way) -> Plan:
    """Rules that look into their own resource see the rows that came, and those that stay."""
    contract = plan.contract
    if not plan.reads_itself:
        return plan
    con.execute(f"CREATE OR REPLACE TEMP TABLE own AS {plan.values(plan.source)}")
    if not way.complete and engine.exists(con, "standard", contract.id):
        there = columns_of(con, engine.table("standard", contract.id))
        kept = [name for name in plan.names if there.get(bare(name)) == kind(plan.types[bare(name)])]
        con.execute(
            f"INSERT INTO own BY NAME SELECT {', '.join(kept)} FROM {engine.table('standard', contract.id)}"
        )
    return plan.with_tables({**plan.tables, contract.id: "own"})


def _shared(con: duckdb.DuckDBPyConnection, plan: Plan, engine: DuckLake, way: Way) -> Plan:
    """Finds the values of unique fields that more than one row has, here or in the lake under another key."""
    shared: dict[str, str] = {}
    for field in plan.contract.fields:
        if not field.unique or plan.contract.keys == (field,):
            continue
        name, table = identifier(field.name), identifier(f"shared {field.name}")
        con.execute(
            f"CREATE OR REPLACE TEMP TABLE {table} AS SELECT {name} AS value FROM checked"
            f" WHERE {name} IS NOT NULL GROUP BY 1 HAVING count(DISTINCT {plan.key}) > 1"
        )
        if not way.complete and engine.exists(con, "standard", plan.contract.id):
            current = engine.table("standard", plan.contract.id)
            if field.name in columns_of(con, current):
                con.execute(
                    f"INSERT INTO {table} SELECT DISTINCT c.{name} FROM checked c JOIN {current} o"
                    f" ON o.{name} = c.{name} WHERE o._key <> {plan.key_of('c')}"
                    f" AND o._key NOT IN (SELECT {plan.key} FROM checked WHERE {plan.key} IS NOT NULL)"
                )
        if one(con, f"SELECT count(*) FROM {table}"):
            shared[field.name] = table
    return plan.with_shared(shared) if shared else plan


def original(con: duckdb.DuckDBPyConnection, table: str) -> str:
    """SQL for a staged row (alias `s`) as JSON, header to text, as it came."""
    headers = [
        d[0] for d in con.execute(f"SELECT * FROM {table} LIMIT 0").description if d[0] not in ("_row", "_n")
    ]
    pairs = ", ".join(f"{literal(header)}, s.{quoted(header)}" for header in headers)
    return f"json_object({pairs})::VARCHAR"


def _pass(con: duckdb.DuckDBPyConnection, plan: Plan, today: str) -> None:
    """Lays `passed` over the rows that are right enough to be accepted, and fills `remarks` about them."""
    contract = plan.contract
    day = f"DATE {literal(today)}"
    as_of = f"coalesce(CAST({quoted(contract.as_of)} AS DATE), {day})" if contract.as_of else day
    good = (
        f"SELECT {', '.join(plan.names)}, {plan.key} AS _key, c._n AS _n, c._row AS _row, {as_of} AS _as_of"
    )
    con.execute(f"CREATE OR REPLACE TEMP TABLE remarks (_n BIGINT, reasons {REASONS})")
    if one(con, "SELECT count(*) FROM aside"):
        over = plan.over("faulty_rows")
        con.execute(f"CREATE OR REPLACE TEMP TABLE noted AS {over.set_aside('aside')}")
        con.execute(f"INSERT INTO remarks {over.remarks('aside')}")
        good += f", a._faults FROM checked c LEFT JOIN noted a ON a._n = c._n WHERE NOT {plan.bad}"
    else:
        good += f", NULL::{FAULTS} AS _faults FROM checked c WHERE NOT {plan.bad}"
    con.execute(f"CREATE OR REPLACE TEMP VIEW passed AS SELECT *, {digest(plan)} AS _digest FROM ({good})")


def _superseded(con: duckdb.DuckDBPyConnection) -> int:
    """Of the operations on one key only the last counts. Replaces `passed`, and keeps the deletions that
    nothing undid in `deletes`; counts the rows that a later one replaced."""
    con.execute(
        "CREATE OR REPLACE TEMP TABLE last AS SELECT _key, max(_n) AS _n FROM"
        " (SELECT _key, _n FROM passed UNION ALL SELECT _key, _n FROM deletes WHERE _key IS NOT NULL)"
        " GROUP BY _key"
    )
    con.execute("CREATE OR REPLACE TEMP TABLE operated_last AS FROM passed WHERE _n IN (SELECT _n FROM last)")
    lost = one(con, "SELECT count(*) FROM passed") - one(con, "SELECT count(*) FROM operated_last")
    con.execute("CREATE OR REPLACE TEMP VIEW passed AS FROM operated_last")
    con.execute("DELETE FROM deletes WHERE _n NOT IN (SELECT _n FROM last)")
    return lost


def _repeated(con: duckdb.DuckDBPyConnection, plan: Plan) -> int:
    """Leaves second and later rows of a key out of `good`: equal ones are counted, others go to `bad`."""
    if not duplicates.some(con, "passed", "_key"):
        con.execute("CREATE OR REPLACE TEMP VIEW good AS FROM passed")
        return 0
    same = " AND ".join(f"g.{name} IS NOT DISTINCT FROM f.{name}" for name in plan.names)
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
        f" {original(con, plan.source)} FROM again a JOIN {plan.source} s ON s._n = a._n WHERE NOT a.same"
    )
    con.execute("CREATE OR REPLACE TEMP VIEW good AS FROM passed WHERE _n NOT IN (SELECT _n FROM again)")
    return one(con, "SELECT count(*) FROM again WHERE same")


def _compare(con: duckdb.DuckDBPyConnection, engine: DuckLake, plan: Plan, way: Way) -> dict[str, int]:
    """Fills `fate` (key, what) of the rows that meet stored ones, and `gone`; counts. The table `fate` is left
    empty where every row is new."""
    con.execute("CREATE OR REPLACE TEMP TABLE fate (_key VARCHAR, what VARCHAR)")
    con.execute("CREATE OR REPLACE TEMP TABLE gone (_key VARCHAR)")
    contract = plan.contract
    accepted = one(con, "SELECT count(*) FROM good")
    exists = engine.exists(con, "standard", contract.id)
    current = engine.table("standard", contract.id)
    if not exists or one(con, f"SELECT count(*) FROM {current}") == 0:
        return {"new": accepted, "changed": 0, "unchanged": 0, "removed": 0}
    if way.rekey:
        current = f"(SELECT * REPLACE ({plan.key} AS _key) FROM {current})"
    compared = told(plan)
    there = columns_of(con, engine.table("standard", contract.id))
    wanted = shape(plan)
    old = {
        name: f"o.{name}" if there.get(bare(name)) == kind(wanted[bare(name)]) else "NULL"
        for name in compared
    }
    different = " OR ".join(f"g.{name} IS DISTINCT FROM {old[name]}" for name in compared)
    if way.digests:
        # One number stands for a row: reading all its columns again is what takes the time.
        different = "g._digest IS DISTINCT FROM o._digest"
    con.execute(
        f"INSERT INTO fate SELECT g._key,"
        f" CASE WHEN o._key IS NULL THEN 'new' WHEN {different} THEN 'changed' ELSE 'unchanged' END AS what"
        f" FROM good g LEFT JOIN {current} o ON o._key = g._key"
    )
    removed = 0
    if way.changes:
        con.execute(f"INSERT INTO gone SELECT _key FROM deletes WHERE _key IN (SELECT _key FROM {current})")
        removed = one(con, "SELECT count(*) FROM gone")
    elif way.complete:
        removed = _gone(con, plan, current)
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
    unread = one(con, "SELECT count(*) FROM bad WHERE key IS NULL")
    if unread * one(con, "SELECT count(*) FROM gone") > COMPARISONS:
        con.execute("DELETE FROM gone")
    elif unread:
        con.execute(
            "DELETE FROM gone WHERE said IN (SELECT g.said FROM gone g JOIN bad b"
            " ON b.key IS NULL AND contains(upper(b.original), g.said))"
        )
    return one(con, "SELECT count(*) FROM gone")


def moved_keys(con: duckdb.DuckDBPyConnection, engine: DuckLake, plan: Plan) -> int:
    """How many stored rows have another key now, because the contract's key is another one.

    Raises KeyChanged if the new key does not tell the stored rows apart.
    """
    if not engine.exists(con, "standard", plan.contract.id):
        return 0
    current = engine.table("standard", plan.contract.id)
    there = columns_of(con, current)
    if all(field.name in there for field in plan.contract.keys):
        moved = one(con, f"SELECT count(*) FROM {current} WHERE _key IS DISTINCT FROM {plan.key}")
        if not moved or not one(con, f"SELECT count(*) - count(DISTINCT {plan.key}) FROM {current}"):
            return moved
    rows = one(con, f"SELECT count(*) FROM {current}")
    if rows:
        names = listed(field.name for field in plan.contract.keys)
        raise KeyChanged(resource=plan.contract.id, key=names, rows=f"{rows:,}")
    return 0


def tables_of(con: duckdb.DuckDBPyConnection, engine: DuckLake, contract: Contract) -> Mapping[str, str]:
    """The resources that rules of this contract read and that the lake has."""
    return {
        name: engine.table("standard", name)
        for name in sorted(contract.reads)
        if name == contract.id or engine.exists(con, "standard", name)
    }


def shape(plan: Plan) -> dict[str, str]:
    """Columns of the resource's standard table."""
    return {
        **plan.types,
        "_key": "VARCHAR",
        "_row": "BIGINT",
        "_run": "VARCHAR",
        "_as_of": "DATE",
        "_faults": FAULTS,
        "_digest": "UBIGINT",
    }


def told(plan: Plan) -> list[str]:
    """The columns by which a row that comes is compared with the stored one of its key."""
    return [*plan.names, "_faults", *(["_as_of"] if plan.contract.as_of else [])]


def digest(plan: Plan) -> str:
    """SQL: one number (UBIGINT) for all of `told`."""
    return f"hash({', '.join(told(plan))})"


def digest_basis(plan: Plan) -> str:
    """What a row's digest depends on beside the row: digests of another basis cannot be compared."""
    types = [plan.types.get(bare(name), "") for name in told(plan)]
    text = json.dumps([duckdb.__version__, told(plan), types])
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def columns_of(con: duckdb.DuckDBPyConnection, table: str) -> dict[str, str]:
    """Name and type of a table's columns."""
    return {row[0]: kind(row[1]) for row in con.execute(f"DESCRIBE {table}").fetchall()}


def kind(sql_type: str) -> str:
    return sql_type.replace(" ", "")


def bare(name: str) -> str:
    return name.strip('"')
