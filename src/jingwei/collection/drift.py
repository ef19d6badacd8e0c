"""What a source changed since last time: its columns, the kind of its values, its codes, its keys.

    headers ──columns──▶ added · removed · renamed          before a row is read
    checked rows ──found──▶ retyped · codes · key                 before anything is published

Every finding stands in `run.facts["drift"]` with its evidence; `weigh` says which of them the contract does
not let pass. Shares are compared with those of the last run that was published, so that what a person let
through once is no news the next time.
"""

from __future__ import annotations

from typing import Any

import duckdb

from jingwei.catalog.contracts import Contract, Field
from jingwei.catalog.values import Column
from jingwei.collection import key_drift
from jingwei.collection.drifted import CODES, KEY, RETYPED, Drifted
from jingwei.collection.models import Run
from jingwei.collection.staging import Staged
from jingwei.collection.standardize import Plan
from jingwei.engines.duckdb.lake import DuckLake, quoted
from jingwei.kernel.text import Text, listed

FEWEST = 3
"""So many values have to be wrong before a column is said to have changed: one slip is no drift."""
CODES_KEPT, CODES_SAID, PATTERNS = 100, 5, 3
LOOKED_AT = 10_000
"""Rows whose text is looked at for the patterns of wrong values."""
SHARES = "fault_shares"


def weigh(
    con: duckdb.DuckDBPyConnection,
    engine: DuckLake,
    plan: Plan,
    contract: Contract,
    staged: Staged,
    run: Run,
    *,
    rekey: bool = False,
) -> Text | None:
    """Notes all drift in the run's facts; says why the run must wait for a person, if it must."""
    drifted = found(con, engine, plan, contract, staged, run, rekey=rekey)
    if drifted:
        run.facts["drift"] = [one.as_dict() for one in drifted]
    holding = [one.detail for one in drifted if one.holds]
    if not holding:
        return None
    return Text("；".join(one.zh for one in holding), "; ".join(one.en for one in holding))


def found(
    con: duckdb.DuckDBPyConnection,
    engine: DuckLake,
    plan: Plan,
    contract: Contract,
    staged: Staged,
    run: Run,
    *,
    rekey: bool = False,
) -> list[Drifted]:
    """Everything that changed, as the tables of `publishing.work_out` show it; notes the shares of faults."""
    before = _last(run)
    counts = _counts(con, plan)
    run.facts[SHARES] = {
        name: round(faults / values, 4) for name, (values, faults) in counts.items() if values and faults
    }
    drifted = list(staged.drift)
    for column in plan.columns:
        declared = contract.field(column.name)
        if column.name not in plan.headers:
            continue
        drifted += _retyped(con, plan, declared, column, counts, before)
        drifted += _codes(con, plan, declared, column, counts, before)
    if not rekey:
        drifted += _key(con, engine, plan, run)
    return drifted


def _last(run: Run) -> dict[str, float] | None:
    """The shares of faults in the last published run; None where there is none."""
    earlier = Run.objects.filter(resource=run.resource, state=Run.DONE).exclude(pk=run.pk)
    last = earlier.exclude(kind=Run.REPAIR).first()
    return dict(last.facts.get(SHARES, {})) if last else None


def _code_fault(column: Column) -> int | None:
    """Number of the fault that says a value is not in the code list."""
    element = column.standardizer.element
    return len(element.checks) + 1 if column.standardizer.codes else None


def _by_code(name: str) -> str:
    return f"{name}:codes"


def _counts(con: duckdb.DuckDBPyConnection, plan: Plan) -> dict[str, tuple[int, int]]:
    """Field → values and wrong ones; what is not in the code list is counted under a name of its own."""
    wanted: dict[str, tuple[str, str]] = {}
    for column in plan.columns:
        fault, unknown = column.at("__fault"), _code_fault(column)
        values = f"count({column.at()}) + count({fault})"
        if unknown is None:
            wanted[column.name] = values, f"count({fault})"
        else:
            wanted[column.name] = values, f"count(*) FILTER ({fault} <> {unknown})"
            wanted[_by_code(column.name)] = values, f"count(*) FILTER ({fault} = {unknown})"
    row = con.execute(f"SELECT {', '.join(one for pair in wanted.values() for one in pair)} FROM checked")
    figures = [int(one or 0) for one in row.fetchone() or ()]
    return {name: (figures[2 * at], figures[2 * at + 1]) for at, name in enumerate(wanted)}


def _jumped(name: str, counts: Any, before: dict[str, float] | None, above: float) -> float | None:
    """The share of wrong values, where it is above the limit and was not so last time."""
    values, faults = counts[name]
    share = faults / values if values else 0.0
    news = before is None or before.get(name, 0.0) <= above
    return share if faults >= FEWEST and share > above and news else None


def _retyped(
    con: duckdb.DuckDBPyConnection,
    plan: Plan,
    declared: Field,
    column: Column,
    counts: dict[str, tuple[int, int]],
    before: dict[str, float] | None,
) -> list[Drifted]:
    policy = plan.contract.drift
    share = _jumped(column.name, counts, before, policy.held_above)
    freeze = policy.retyped == "freeze"
    if share is None or (before is None and not freeze):
        return []
    header = plan.headers[column.name]
    was = (before or {}).get(column.name, 0.0)
    unknown = _code_fault(column)
    wrong = f"{column.at('__fault')} <> {unknown}" if unknown else f"{column.at('__fault')} IS NOT NULL"
    patterns = _patterns(con, plan, header, wrong)
    detail = Text(
        "“{header}”有 {share:.0%} 的值不再是{title}（上次 {was:.0%}），现在多是 {patterns}",
        "{share:.0%} of “{header}” are no {title} any more ({was:.0%} last time); they look like {patterns}",
    ).fill(
        header=header,
        share=share,
        was=was,
        title=column.standardizer.element.title.text(),
        patterns=listed(one["pattern"] for one in patterns),
    )
    evidence = {
        "values": counts[column.name][0],
        "faults": counts[column.name][1],
        "share": round(share, 4),
        "before": was,
        "patterns": patterns,
    }
    return [Drifted(RETYPED, declared.name, header, detail, evidence, holds=freeze)]


def _patterns(con: duckdb.DuckDBPyConnection, plan: Plan, header: str, wrong: str) -> list[dict[str, Any]]:
    """What wrong values look like, never the values themselves: digits as 9, letters as A, Han as 文."""
    text = f"left(s.{quoted(header)}, 40)"
    for marks, sign in (("\\p{Han}+", "文"), ("[A-Za-z]", "A"), ("[0-9]", "9")):
        text = f"regexp_replace({text}, '{marks}', '{sign}', 'g')"
    rows = con.execute(
        f"SELECT {text} AS pattern, count(*) AS n FROM (SELECT _n FROM checked WHERE {wrong} LIMIT {LOOKED_AT}) w"
        f" JOIN {plan.source} s ON s._n = w._n GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT {PATTERNS}"
    ).fetchall()
    return [{"pattern": pattern, "rows": n} for pattern, n in rows]


def _codes(
    con: duckdb.DuckDBPyConnection,
    plan: Plan,
    declared: Field,
    column: Column,
    counts: dict[str, tuple[int, int]],
    before: dict[str, float] | None,
) -> list[Drifted]:
    unknown = _code_fault(column)
    if unknown is None or not counts[_by_code(column.name)][1]:
        return []
    values, faults = counts[_by_code(column.name)]
    header, policy = plan.headers[column.name], plan.contract.drift
    rows = con.execute(
        f"SELECT left(trim(s.{quoted(header)}), 40) AS code, count(*) AS n"
        f" FROM (SELECT _n FROM checked WHERE {column.at('__fault')} = {unknown}) w"
        f" JOIN {plan.source} s ON s._n = w._n GROUP BY 1 ORDER BY 2 DESC, 1"
    ).fetchall()
    said = [f"{code} × {n:,}" for code, n in rows[:CODES_SAID]]
    more = len(rows) - len(said)
    detail = Text(
        "“{header}”出现代码表里没有的代码：{codes}{more}",
        "“{header}” has codes that are not in the list: {codes}{more}",
    ).fill(
        header=header,
        codes=listed(said),
        more=Text(f"，另有 {more:,} 种", f", and {more:,} more") if more else Text("", ""),
    )
    evidence = {
        "codes": [{"code": code, "rows": n} for code, n in rows[:CODES_KEPT]],
        "distinct": len(rows),
        "rows": faults,
        "share": round(faults / values, 4),
    }
    jumped = _jumped(_by_code(column.name), counts, before, policy.held_above) is not None
    holds = policy.codes == "freeze" and jumped
    return [Drifted(CODES, declared.name, header, detail, evidence, holds)]


def _key(con: duckdb.DuckDBPyConnection, engine: DuckLake, plan: Plan, run: Run) -> list[Drifted]:
    """A key of another form would store every row a second time: such a run always waits for a person."""
    seen = key_drift.look(con, engine, plan, run)
    if seen is None:
        return []
    names = ", ".join(one.name for one in plan.contract.keys)
    headers = "、".join(plan.headers[one.name] for one in plan.contract.keys if one.name in plan.headers)
    return [Drifted(KEY, names, headers, seen.detail, seen.evidence, holds=True)]
