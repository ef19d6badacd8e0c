"""The life of a run: made, read, checked, weighed, published; or held, or failed with nothing changed.

collect ─ lock of the resource ─ Run(running) ─ stage ─ work out ─ weigh ─▶ publish ─▶ Run(done) ─▶ after
                                                                 └─▶ Run(held)
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
from django.db import IntegrityError, transaction
from django.db.models.functions import Length
from django.utils import timezone

from jingwei.catalog import sql
from jingwei.catalog.contracts import Contract
from jingwei.catalog.sql import identifier
from jingwei.catalog.values import standardize_sql
from jingwei.collection import (
    after,
    drift,
    incremental,
    listing,
    partitions,
    publishing,
    settling,
    sources,
    staging,
)
from jingwei.collection import balance as balance_of
from jingwei.collection.balance import Balance, Way
from jingwei.collection.connectors.base import Reader
from jingwei.collection.connectors.database.address import masked
from jingwei.collection.errors import NoRows, RuleFaulty
from jingwei.collection.models import Run
from jingwei.collection.standardize import Plan
from jingwei.engines import lake
from jingwei.engines.duckdb.lake import DuckLake
from jingwei.engines.faults import is_disk_full
from jingwei.kernel.errors import JingweiError
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
    resource: str,
    location: str | None = None,
    *,
    started_by: str = "",
    progress: Progress = _quiet,
    release: str | None = None,
    planned: datetime | None = None,
    attempt: int = 1,
    facts: Mapping[str, Any] | None = None,
    whole: bool = False,
) -> Run:
    """Collects a resource from its contract's source, or from `location` (a path or URL).

    `whole` reads all of a source that is read incrementally otherwise.
    `release` names a held run: what held it does not hold this one, as long as no more is removed.
    `planned` and `attempt` come from the plan; `facts` are noted with the run from the start.
    Returns the run, done or held. Errors of the tree are raised after the run was marked as
    failed; in every case but done the lake is as it was.
    """
    contract = contract_of(resource)
    place = masked(sources.place_of(contract, location))

    def work(run: Run, step: Any) -> None:
        run.facts = {
            **(facts or {}),
            **({"given": location} if location and masked(location) == location else {}),
        }
        if not _collect(contract, location, run, step, progress, release, whole):
            _collect(contract, location, run, step, progress, release, whole=True)

    made = {"location": place, "started_by": started_by, "planned": planned, "attempt": attempt}
    return live(contract, made, work)


def live(contract: Contract, made: Mapping[str, Any], work: Callable[[Run, Any], None]) -> Run:
    """The life of one run around its `work`: one at a time a resource, settled whatever happens."""
    resource = contract.id
    with exclusive(
        f"collect-{resource}", Text(f"资源 {resource}", f"the resource {resource}"), wait=PATIENCE
    ):
        settling.recover(resource)
        run = _begin(contract, made)
        try:
            with _steps(run) as step:
                work(run, step)
        except BaseException as exc:
            if not (settling.end(run, exc) and isinstance(exc, Exception)):
                after.ended(run, contract)
                raise
        after.ended(run, contract)
    return run


def _collect(
    contract: Contract,
    location: str | None,
    run: Run,
    step: Any,
    progress: Progress,
    release: str | None,
    whole: bool,
) -> bool:
    """Reads, judges and publishes; False if so many rows had been missed that all have to be read."""
    reading = incremental.plan_reading(contract, location)
    if whole and reading.kind == Run.INCREMENTAL:
        reading = reading.whole
    engine = lake()
    with engine.connect() as con:
        sql.install(con)
        # Rows carry their number; kept in their order as well, they could be written by one thread only.
        con.execute("SET preserve_insertion_order = false")
        step("read")
        with incremental.opened(reading, run.facts) as (reading, reader):
            run.kind = reading.kind
            staged = stage(con, reader, contract, run, progress)
            if reading.column:
                run.facts["cursor"] = incremental.through(con, reading, reader)
            read = staged.rows + staged.rejects
            step("read", rows=read)
            if read == 0 and reading.kind == Run.FULL and not reader.may_be_empty:
                raise NoRows(location=run.location)
            progress("check", read)
            step("check")
            plan, balance = judge(con, engine, contract, staged, run, reading.way)
            if reading.kind == Run.INCREMENTAL and incremental.amiss(con, engine, plan, run, reader):
                step("keys")
                missed = incremental.compare_keys(con, engine, plan, reading, run)
                if missed.whole:
                    run.facts["missed_rows"] = missed.late
                    return False
                if missed.late:
                    staged = replace(staged, rows=staged.rows + missed.late)
                    plan, balance = judge(con, engine, contract, staged, run, reading.way)
                if contract.deletions == "keys":
                    removed = incremental.remove_gone(con, engine, plan, run, reader, missed.late)
                    balance = replace(balance, removed=removed)
                step("keys", rows=run.facts.get("keys_compared", {}).get("keys"))
            note(run, balance, None if missed_rows(run) else reader.declared)
            run.reasons = reasons(con)
            run.facts["partitions"] = partitions.of(con, plan, reader)
            run.verified_through = _verified(run, reader)
            step("check", rows=balance.accepted)
            step("weigh")
            run.snapshot_before = engine.snapshot(con)
            why = _held(con, engine, plan, contract, staged, run, reading, release)
            land = not why and read > 0 and not _landed_before(run)
            progress("publish", balance.accepted)
            publish(
                con,
                engine,
                plan,
                run,
                balance,
                step,
                why=why,
                land=staged.file if land else None,
                way=reading.way,
            )
            if not why:
                _acknowledge(run, reader)
    finish(run)
    return True


def finish(run: Run) -> None:
    run.ended = timezone.now()
    run.save()


def missed_rows(run: Run) -> int:
    """Late rows that were fetched by their keys, beside what the source had declared."""
    return int((run.facts.get("keys_compared") or {}).get("late", 0))


def stage(
    con: duckdb.DuckDBPyConnection, reader: Reader, contract: Contract, run: Run, progress: Progress
) -> staging.Staged:
    """Reads everything into `stage`, and notes what the connector saw."""
    staged = staging.stage(con, reader, contract, sources.words, lambda n: progress("read", n), run.id)
    run.facts = {**run.facts, **_plain(reader), "checksum": staged.checksum}
    if reader.clock is not None:
        run.facts["clock"] = reader.clock.isoformat()
    if staged.left_out:
        run.facts["left_out_columns"] = list(staged.left_out)
    if staged.added:
        run.facts["added_columns"] = list(staged.added)
    return staged


def judge(
    con: duckdb.DuckDBPyConnection,
    engine: DuckLake,
    contract: Contract,
    staged: staging.Staged,
    run: Run,
    way: Way,
) -> tuple[Plan, Balance]:
    """Standardizes and checks what is staged; RuleFaulty names a rule that cannot be run."""
    plan = Plan(contract, staged.columns, balance_of.tables_of(con, engine, contract))
    if way.changes:
        plan = plan.over("operated")
    run.facts["key"] = [f"{field.name} {plan.types[field.name]}" for field in contract.keys]
    last = Run.objects.filter(resource=contract.id, state=Run.DONE).first()
    # Stored keys are looked over only where the contract's key is not the one they were made by.
    same = last is not None and last.facts.get("key") == run.facts["key"]
    moved = 0 if same else balance_of.moved_keys(con, engine, plan)
    if moved:
        run.facts["moved_keys"] = moved
    run.facts["digest"] = balance_of.digest_basis(plan)
    digests = last is not None and last.facts.get("digest") == run.facts["digest"]
    if last is not None and not digests:
        run.facts["redigested"] = True
    if plan.unjudged:
        run.facts["unjudged_rules"] = plan.unjudged
    today = timezone.localdate().isoformat()
    try:
        return balance_of.work_out(
            con,
            plan,
            engine,
            today,
            staged.rows + staged.rejects,
            replace(way, rekey=bool(moved), digests=digests),
        )
    except duckdb.Error as exc:
        _name_the_rule(con, plan, exc)
        raise


def note(run: Run, balance: Balance, declared: int | None) -> None:
    run.declared = declared
    for name, value in asdict(balance).items():
        setattr(run, name, value)


def publish(
    con: duckdb.DuckDBPyConnection,
    engine: DuckLake,
    plan: Plan,
    run: Run,
    balance: Balance,
    step: Any,
    *,
    why: Text | None,
    land: Path | None,
    way: Way,
    beside: Callable[[], None] | None = None,
) -> None:
    """Writes the run in one transaction, with its receipt; a held one only lists its wrong rows, closed.
    `land` is the file that raw takes over, `beside` writes what else belongs to the run."""
    rekey = "moved_keys" in run.facts
    run.error = {"error": "run-held", "what": why._asdict()} if why else None
    state = Run.HELD if why else Run.DONE
    step(settling.PUBLISH)
    if land is not None:
        publishing.prepare_raw(con, engine, plan.contract)
    with engine.transaction(con, settling.purpose(run)):
        if why:
            listing.quarantine(con, engine, plan, run.id, published=False)
        else:
            publishing.publish(
                con,
                engine,
                plan,
                run.id,
                balance,
                land=land,
                complete=way.complete,
                rekey=rekey,
                redigest="redigested" in run.facts,
            )
        if beside is not None:
            beside()
        publishing.receipt(con, engine, run.resource, run.id, _noted(run, state))
    run.state = state
    run.snapshot = engine.committed(con, settling.purpose(run))
    step(settling.PUBLISH, rows=0 if why else balance.new + balance.changed)


def _verified(run: Run, reader: Reader) -> str:
    """Up to where the lake holds what the source holds once this run is published: the cursor's value, else
    the source's own time, else when the file was written or the reading began."""
    if run.facts.get("cursor"):
        return str(run.facts["cursor"]["through"] or "")[:64]
    return str(run.facts.get("clock") or run.facts.get("modified") or run.started.isoformat())[:64]


def _held(
    con: duckdb.DuckDBPyConnection,
    engine: DuckLake,
    plan: Plan,
    contract: Contract,
    staged: staging.Staged,
    run: Run,
    reading: incremental.Reading,
    release: str | None,
) -> Text | None:
    """Why the run must wait for a person: drift names the cause, the balance only the effect. A person who
    let a held run through has decided about drift, and about as many removals as were held."""
    drifted = drift.weigh(con, engine, plan, contract, staged, run)
    part = reading.kind != Run.FULL and engine.exists(con, "standard", contract.id)
    stored = (
        balance_of.one(con, f"SELECT count(*) FROM {engine.table('standard', contract.id)}") if part else None
    )
    why = weigh(run, contract, stored)
    if release is not None:
        held = Run.objects.filter(id=release, state=Run.HELD).first()
        run.facts["released"] = release
        drifted = None
        right = run.balances and (run.accepted or part)
        if held and why and right and 0 < run.removed <= held.removed:
            why = None
    return drifted or why


def _acknowledge(run: Run, reader: Reader) -> None:
    """Tells the source that its changes are applied. Where it cannot be told, the same changes come again and
    find everything as they say."""
    try:
        reader.acknowledge()
    except JingweiError as exc:
        log.warning("run %s: the source could not be told: %s", run.id, exc)
        run.facts["not_acknowledged"] = exc.what._asdict()


NOTED = (
    *("error", "declared", "facts", "reasons", "snapshot_before", "kind", "verified_through"),
    *Balance.__dataclass_fields__,
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


def weigh(run: Run, contract: Contract, stored: int | None = None) -> Text | None:
    """Why the run must wait for a person, if it must. `stored`: rows in the lake, of which a run that read a
    part of the source has met only some."""
    if run.declared is not None and run.declared != run.read:
        return Text(
            "源端说有 {declared} 行，读到 {read} 行", "the source says {declared} rows, {read} were read"
        ).fill(declared=f"{run.declared:,}", read=f"{run.read:,}")
    if not run.balances:
        return Text("账不平", "the balance does not hold")
    if run.accepted == 0 and run.read and run.kind == Run.FULL:
        return Text(
            "{read} 行全都有问题，一行也没有通过", "all {read} rows are faulty, none was accepted"
        ).fill(read=f"{run.read:,}")
    before = run.unchanged + run.changed + run.removed if stored is None else stored
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


def _begin(contract: Contract, made: Mapping[str, Any]) -> Run:
    while True:
        try:
            with transaction.atomic():
                return Run.objects.create(
                    id=_next_id(),
                    resource=contract.id,
                    contract_version=contract.version,
                    started=timezone.now(),
                    **{**made, "started_by": str(made.get("started_by") or "(node)")[:60]},
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
