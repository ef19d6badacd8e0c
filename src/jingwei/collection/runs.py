"""The life of a run: made, read, checked, weighed, published; or held, or failed with nothing changed.

collect ─ lock of the resource ─ Run(running) ─ stage ─ work out ─ weigh ─▶ publish ─▶ Run(done)
                                                                 └─▶ Run(held)
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import duckdb
from django.db import IntegrityError, transaction
from django.db.models.functions import Length
from django.utils import timezone

from jingwei.catalog import sql
from jingwei.catalog.contracts import Contract
from jingwei.catalog.sql import identifier
from jingwei.catalog.values import standardize_sql
from jingwei.collection import publishing, settling, sources, staging
from jingwei.collection.connectors.base import Reader
from jingwei.collection.connectors.database.address import masked
from jingwei.collection.connectors.resolve import open_source
from jingwei.collection.errors import NoRows, RuleFaulty
from jingwei.collection.models import Run
from jingwei.collection.standardize import Plan
from jingwei.engines import lake
from jingwei.engines.faults import is_disk_full
from jingwei.kernel.locks import exclusive
from jingwei.kernel.text import Text
from jingwei.packs.service import installed

Progress = Callable[[str, int], None]
RESOURCE = Text("信息资源", "resource")
PATIENCE = 1.0
"""Seconds to wait for a resource's lock: whoever only settles an old run holds it for a moment."""
log = logging.getLogger(__name__)


def _quiet(step: str, rows: int) -> None:
    """Progress nobody listens to."""


def contract_of(resource: str) -> Contract:
    found: Contract = installed().get("contracts", resource, RESOURCE)
    return found


def collect(
    resource: str, location: str | None = None, *, started_by: str = "", progress: Progress = _quiet
) -> Run:
    """Collects a resource from its contract's source, or from `location` (a path or URL).

    Returns the run, done or held. Errors of the tree are raised after the run was marked as
    failed; in every case but done the lake is as it was.
    """
    contract = contract_of(resource)
    place = masked(sources.place_of(contract, location))
    with exclusive(
        f"collect-{resource}", Text(f"资源 {resource}", f"the resource {resource}"), wait=PATIENCE
    ):
        settling.recover(resource)
        run = _begin(contract, place, started_by)
        try:
            with _steps(run) as step:
                _collect(contract, location, run, step, progress)
        except BaseException as exc:
            if settling.end(run, exc) and isinstance(exc, Exception):
                return run
            raise
    return run


def _collect(contract: Contract, location: str | None, run: Run, step: Any, progress: Progress) -> None:
    source = sources.source_of(contract, location)
    engine = lake()
    with engine.connect() as con:
        sql.install(con)
        step("read")
        with open_source(source) as reader:
            staged = staging.stage(con, reader, contract, sources.words, lambda n: progress("read", n))
            declared = reader.declared
            run.facts = {**_plain(reader), "checksum": staged.checksum}
        if staged.left_out:
            run.facts["left_out_columns"] = list(staged.left_out)
        if staged.added:
            run.facts["added_columns"] = list(staged.added)
        read = staged.rows + staged.rejects
        step("read", rows=read)
        if read == 0:
            raise NoRows(location=run.location)
        progress("check", read)
        step("check")
        plan = Plan(contract, staged.columns)
        moved = publishing.moved_keys(con, engine, plan)
        if moved:
            run.facts["moved_keys"] = moved
        today = timezone.localdate().isoformat()
        try:
            balance = publishing.work_out(con, plan, engine, today, read, rekey=bool(moved))
        except duckdb.Error as exc:
            _name_the_rule(con, plan, exc)
            raise
        run.declared = declared
        run.reasons = reasons(con)
        for name, value in balance.__dict__.items():
            setattr(run, name, value)
        step("check", rows=balance.accepted)
        step("weigh")
        run.snapshot_before = engine.snapshot(con)
        why = weigh(run, contract)
        land = not why and not _landed_before(run)
        run.error = {"error": "run-held", "what": why._asdict()} if why else None
        state = Run.HELD if why else Run.DONE
        progress("publish", balance.accepted)
        step(settling.PUBLISH)
        with engine.transaction(con, settling.purpose(run)):
            if why:
                publishing.quarantine(con, engine, contract.id, run.id, close=False)
            else:
                publishing.publish(con, engine, plan, run.id, balance, land_raw=land, rekey=bool(moved))
            publishing.receipt(con, engine, contract.id, run.id, _noted(run, state))
        run.state = state
        run.snapshot = engine.committed(con, settling.purpose(run))
        step(settling.PUBLISH, rows=0 if why else balance.new + balance.changed)
    run.ended = timezone.now()
    run.save()


NOTED = (
    *("error", "declared", "facts", "reasons", "snapshot_before"),
    *publishing.Balance.__dataclass_fields__,
)
"""What the lake's receipt keeps of a run, so that nothing is lost with the process."""


def _noted(run: Run, state: str) -> dict[str, Any]:
    return {"state": state, **{name: getattr(run, name) for name in NOTED}}


def _name_the_rule(con: duckdb.DuckDBPyConnection, plan: Plan, exc: duckdb.Error) -> None:
    """Raises RuleFaulty with the first rule whose SQL cannot be run: over the contract's fields, or over
    the values that came. Passes if it was none of them."""
    fields = ", ".join(f"NULL::{kind} AS {identifier(name)}" for name, kind in plan.types.items())
    values = standardize_sql("stage", plan.columns, ["_n"])
    for rule in plan.rules:
        judged = f"({rule.condition}) IS FALSE"
        try:
            con.execute(f"EXPLAIN SELECT {judged} FROM (SELECT {fields})")
            con.execute(f"SELECT count(*) FILTER ({judged}) FROM ({values})")
        except duckdb.Error as fault:
            if is_disk_full(fault) or isinstance(fault, duckdb.OutOfMemoryException):
                return
            why = str(fault).splitlines()[0]
            raise RuleFaulty(resource=plan.contract.id, rule=rule.name, why=why) from exc


def weigh(run: Run, contract: Contract) -> Text | None:
    """Why the run must wait for a person, if it must."""
    if run.declared is not None and run.declared != run.read:
        return Text(
            "源端说有 {declared} 行，读到 {read} 行", "the source says {declared} rows, {read} were read"
        ).fill(declared=f"{run.declared:,}", read=f"{run.read:,}")
    if not run.balances:
        return Text("账不平", "the balance does not hold")
    if run.accepted == 0:
        return Text(
            "{read} 行全都有问题，一行也没有通过", "all {read} rows are faulty, none was accepted"
        ).fill(read=f"{run.read:,}")
    before = run.unchanged + run.changed + run.removed
    if run.removed and run.removed > contract.max_removed * before:
        return Text(
            "要删掉 {removed} 行，占现有 {before} 行的 {share:.1%}，契约只许 {limit:.1%}",
            "{removed} of {before} rows would be removed, {share:.1%}; the contract allows {limit:.1%}",
        ).fill(
            removed=f"{run.removed:,}",
            before=f"{before:,}",
            share=run.removed / before,
            limit=contract.max_removed,
        )
    return None


def reasons(con: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    """Why rows were quarantined, most frequent first; a row with two faults counts under both."""
    rows = con.execute(
        "SELECT r.field, r.code, min(r.zh), min(r.en), count(*) AS n FROM (SELECT unnest(reasons) AS r FROM bad)"
        " GROUP BY r.field, r.code ORDER BY n DESC, 1, 2"
    ).fetchall()
    return [{"field": f, "code": c, "zh": zh, "en": en, "rows": n} for f, c, zh, en, n in rows]


def _landed_before(run: Run) -> bool:
    """Whether the same cells were landed by an earlier run: raw keeps them once."""
    earlier = Run.objects.filter(
        resource=run.resource, state=Run.DONE, facts__checksum=run.facts["checksum"]
    ).first()
    if earlier:
        run.facts["raw_run"] = earlier.facts.get("raw_run", earlier.id)
    return earlier is not None


def _plain(reader: Reader) -> dict[str, Any]:
    return {key: value for key, value in reader.facts.items() if value not in (None, [], {}, "")}


def _begin(contract: Contract, location: str, started_by: str) -> Run:
    while True:
        try:
            with transaction.atomic():
                return Run.objects.create(
                    id=_next_id(),
                    resource=contract.id,
                    location=location,
                    contract_version=contract.version,
                    started=timezone.now(),
                    started_by=started_by[:60] or "(node)",
                )
        except IntegrityError:
            # PostgreSQL lets two processes read the same last number; one of them has to count again.
            continue


def _next_id() -> str:
    day = timezone.localdate().strftime("%Y%m%d")
    today = Run.objects.filter(id__startswith=f"R-{day}-").annotate(length=Length("id"))
    last = today.order_by("-length", "-id").first()
    number = int(last.id.rsplit("-", 1)[1]) + 1 if last else 1
    return f"R-{day}-{number:04d}"


@contextmanager
def _steps(run: Run) -> Iterator[Any]:
    """Notes when each step of a run began and ended, for the run's page."""
    begun: dict[str, float] = {}

    def step(name: str, rows: int | None = None) -> None:
        if name not in begun:
            begun[name] = time.monotonic()
            run.steps = [*run.steps, {"step": name}]
            return
        run.steps[-1].update(seconds=round(time.monotonic() - begun[name], 2), rows=rows)

    yield step
