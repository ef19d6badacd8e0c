"""Source and lake side by side, now: how many rows each has, and which keys differ.

The source is read once more and judged like any run, but nothing is written. What a run would add, change or
remove is exactly what differs; rows the source has and the lake keeps in quarantine are told apart.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import duckdb

from jingwei.catalog import sql
from jingwei.catalog.contracts import Contract
from jingwei.collection import balance as balance_of
from jingwei.collection import partitions, runs, sources, watching
from jingwei.collection.balance import Way, one
from jingwei.collection.connectors.resolve import open_source
from jingwei.collection.errors import NotReconcilable
from jingwei.collection.models import Run
from jingwei.collection.standardize import Plan
from jingwei.engines import lake
from jingwei.engines.duckdb.lake import DuckLake, literal

SOURCE, LAKE, DIFFERS, WRONG = "only-in-source", "only-in-lake", "differs", "wrong-in-source"


@dataclass(frozen=True)
class Difference:
    """A key that is not the same on both sides; `fields` are those that differ."""

    key: str
    what: str
    fields: tuple[str, ...] = ()


@dataclass(frozen=True)
class Reconciliation:
    """`source` rows were read, of which `wrong` do not pass the contract and `repeated` stand there twice.
    The two sides agree when there are no differences."""

    resource: str
    source: int
    lake: int
    wrong: int
    repeated: int
    counts: dict[str, int]
    differences: list[Difference]
    partitions: list[dict[str, Any]] = field(default_factory=list)
    verified_through: str = ""

    @property
    def agrees(self) -> bool:
        return not any(self.counts[what] for what in (SOURCE, LAKE, DIFFERS))


def reconcile(
    resource: str,
    location: str | None = None,
    *,
    limit: int | None = 1000,
    progress: Callable[[str, int], None] = lambda step, rows: None,
) -> Reconciliation:
    """Compares the resource's source with the lake. `limit` bounds the keys that are named, not the counts."""
    contract = runs.contract_of(resource)
    if contract.refresh == "changes" and location is None:
        raise NotReconcilable(resource=resource)
    if location is None and watching.is_watched(contract):
        location = watching.newest(contract)
    engine = lake()
    asked = Run(resource=resource, location=sources.place_of(contract, location), facts={})
    with engine.connect() as con:
        sql.install(con)
        with open_source(sources.source_of(contract, location)) as reader:
            staged = runs.stage(con, reader, contract, asked, progress)
            plan, found = runs.judge(con, engine, contract, staged, asked, Way(complete=True))
        _differences(con, engine, plan, found.new if found.unchanged + found.changed == 0 else None)
        counts = {what: 0 for what in (SOURCE, LAKE, DIFFERS, WRONG)}
        counts |= dict(con.execute("SELECT what, count(*) FROM differing GROUP BY what").fetchall())
        bound = "" if limit is None else f" LIMIT {int(limit)}"
        named = con.execute(f"SELECT key, what, fields FROM differing ORDER BY what, key{bound}").fetchall()
        standard = engine.table("standard", contract.id)
        there = engine.exists(con, "standard", contract.id)
        rows = one(con, f"SELECT count(*) FROM {standard}") if there else 0
        parts = _parts(con, plan, standard if there else None)
    newest = Run.objects.filter(resource=resource, state=Run.DONE).first()
    return Reconciliation(
        resource, found.read, rows, found.quarantined, found.repeated, counts,
        [Difference(key, what, tuple(fields or ())) for key, what, fields in named], parts,
        newest.verified_through if newest else "",
    )  # fmt: skip


def _differences(con: duckdb.DuckDBPyConnection, engine: DuckLake, plan: Plan, all_new: int | None) -> None:
    """Fills `differing` (key, what, fields)."""
    contract: Contract = plan.contract
    con.execute("CREATE OR REPLACE TEMP TABLE differing (key VARCHAR, what VARCHAR, fields VARCHAR[])")
    if all_new is not None:
        con.execute(f"INSERT INTO differing SELECT _key, {literal(SOURCE)}, NULL FROM good")
    else:
        con.execute(
            f"INSERT INTO differing SELECT _key, {literal(SOURCE)}, NULL FROM fate WHERE what = 'new'"
        )
        current = engine.table("standard", contract.id)
        there = balance_of.columns_of(con, current)
        told = ", ".join(
            f"CASE WHEN g.{name} IS DISTINCT FROM o.{name} THEN {literal(balance_of.bare(name))} END"
            for name in plan.names
            if balance_of.bare(name) in there
        )
        con.execute(
            f"INSERT INTO differing SELECT f._key, {literal(DIFFERS)}, list_filter([{told}], lambda x: x IS NOT NULL)"
            f" FROM fate f JOIN good g ON g._key = f._key JOIN {current} o ON o._key = f._key"
            " WHERE f.what = 'changed'"
        )
    con.execute(f"INSERT INTO differing SELECT _key, {literal(LAKE)}, NULL FROM gone")
    con.execute(f"INSERT INTO differing SELECT coalesce(key, ''), {literal(WRONG)}, NULL FROM bad")


def _parts(con: duckdb.DuckDBPyConnection, plan: Plan, standard: str | None) -> list[dict[str, Any]]:
    """Counts and checksums of both sides by the contract's partition."""
    if plan.contract.partition is None or standard is None:
        return []
    source = {part["name"]: part for part in partitions.summed(con, plan, "good")}
    here = {part["name"]: part for part in partitions.summed(con, plan, standard)}
    nothing = {"rows": 0, "checksum": ""}
    return [
        {
            "name": name,
            "source": source.get(name, nothing)["rows"],
            "lake": here.get(name, nothing)["rows"],
            "agrees": source.get(name, nothing)["checksum"] == here.get(name, nothing)["checksum"],
        }
        for name in sorted({*source, *here})
    ]
