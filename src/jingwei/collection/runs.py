"""The life of a run: made, read, checked, weighed, published; or held, or failed with nothing changed.

collect ─ lock of the resource ─ Run(running) ─ stage ─ work out ─ weigh ─▶ publish ─▶ Run(done)
                                                                 └─▶ Run(held)
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import duckdb
from django.db import transaction
from django.utils import timezone

from jingwei.catalog import sql
from jingwei.catalog.contracts import Contract
from jingwei.catalog.sql import identifier
from jingwei.collection import publishing, sources, staging
from jingwei.collection.connectors.base import Reader, Source
from jingwei.collection.connectors.database.address import masked
from jingwei.collection.connectors.resolve import open_source
from jingwei.collection.errors import NoRows, RuleFaulty, RunKilled
from jingwei.collection.models import Run
from jingwei.collection.standardize import Plan
from jingwei.engines import lake
from jingwei.kernel.errors import Busy, InternalFault, JingweiError
from jingwei.kernel.locks import exclusive
from jingwei.kernel.text import Text
from jingwei.packs.service import installed

Progress = Callable[[str, int], None]
RESOURCE = Text("信息资源", "resource")


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
    source = sources.source_of(contract, location)
    with exclusive(f"collect-{resource}", Text(f"资源 {resource}", f"the resource {resource}")):
        recover(resource)
        run = _begin(contract, masked(source.location), started_by)
        try:
            with _steps(run) as step:
                _collect(contract, source, run, step, progress)
        except BaseException as exc:
            _fail(run, exc)
            raise
    return run


def _collect(contract: Contract, source: Source, run: Run, step: Any, progress: Progress) -> None:
    engine = lake()
    with engine.connect() as con:
        sql.install(con)
        step("read")
        with open_source(source) as reader:
            staged = staging.stage(con, reader, contract, sources.words, lambda n: progress("read", n))
            declared = reader.declared
            run.facts = {**_plain(reader), "checksum": staged.checksum}
        if staged.added:
            run.facts["added_columns"] = list(staged.added)
        read = staged.rows + staged.rejects
        step("read", rows=read)
        if read == 0:
            raise NoRows(location=run.location)
        progress("check", read)
        step("check")
        plan = Plan(contract, staged.columns)
        today = timezone.localdate().isoformat()
        try:
            balance = publishing.work_out(con, plan, engine, today, read)
        except (duckdb.BinderException, duckdb.ParserException, duckdb.ConversionException) as exc:
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
        progress("publish", balance.accepted)
        with engine.transaction(con, f"collect {contract.id} {run.id}"):
            if why:
                publishing.quarantine(con, engine, contract.id, run.id, close=False)
            else:
                step("publish")
                land = not _landed_before(run)
                publishing.publish(con, engine, plan, run.id, balance, land_raw=land)
        run.snapshot = engine.snapshot(con)
        if not why:
            step("publish", rows=balance.new + balance.changed)
    run.state = Run.HELD if why else Run.DONE
    if why:
        run.error = {"error": "run-held", "what": why._asdict()}
    run.ended = timezone.now()
    run.save()


def _name_the_rule(con: duckdb.DuckDBPyConnection, plan: Plan, exc: duckdb.Error) -> None:
    """Raises RuleFaulty with the first rule whose SQL does not hold over the contract's fields."""
    fields = ", ".join(f"NULL::{kind} AS {identifier(name)}" for name, kind in plan.types.items())
    for rule in plan.rules:
        try:
            con.execute(f"EXPLAIN SELECT ({rule.condition}) IS FALSE FROM (SELECT {fields})")
        except duckdb.Error as fault:
            why = str(fault).splitlines()[0]
            raise RuleFaulty(resource=plan.contract.id, rule=rule.name, why=why) from exc
    if isinstance(exc, duckdb.ConversionException):
        names = "、".join(rule.name for rule in plan.rules)
        raise RuleFaulty(resource=plan.contract.id, rule=names, why=str(exc).splitlines()[0]) from exc


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
    with transaction.atomic():
        day = timezone.localdate().strftime("%Y%m%d")
        last = Run.objects.filter(id__startswith=f"R-{day}-").order_by("-id").first()
        number = int(last.id.rsplit("-", 1)[1]) + 1 if last else 1
        return Run.objects.create(
            id=f"R-{day}-{number:04d}",
            resource=contract.id,
            location=location,
            contract_version=contract.version,
            started=timezone.now(),
            started_by=started_by or "(node)",
        )


def _fail(run: Run, exc: BaseException) -> None:
    error = (
        exc
        if isinstance(exc, JingweiError)
        else InternalFault(reference=secrets.token_hex(4), log="logs/jingwei.log")
    )
    run.state = Run.FAILED
    run.ended = timezone.now()
    run.error = _told(error)
    run.save()


def _told(error: JingweiError) -> dict[str, Any]:
    return {
        "error": error.code,
        "what": error.what._asdict(),
        "means": error.means._asdict(),
        "do": error.do._asdict(),
        "retry_helps": error.retry_helps,
    }


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


def recover(resource: str | None = None) -> list[Run]:
    """Settles runs that say running although nobody works on them: their process was killed.

    The lake's receipt tells whether the run was committed. Called with the resource's lock held,
    or for all resources whose lock is free.
    """
    settled = []
    waiting = Run.objects.filter(state=Run.RUNNING)
    if resource is not None:
        waiting = waiting.filter(resource=resource)
    for run in waiting:
        if resource is None:
            try:
                with exclusive(f"collect-{run.resource}", Text("", "")):
                    _settle(run)
            except Busy:
                continue
        else:
            _settle(run)
        settled.append(run)
    return settled


def _settle(run: Run) -> None:
    engine = lake()
    with engine.read() as con:
        found = publishing.find_receipt(con, engine, run.id)
        if found:
            for name, value in found.items():
                setattr(run, name, value)
            run.state = Run.DONE
            run.snapshot = engine.snapshot(con)
        else:
            run.state = Run.FAILED
            run.error = _told(RunKilled())
    run.ended = timezone.now()
    run.save()
