"""Public names of the room."""

from __future__ import annotations

from typing import Any

from jingwei.catalog.contracts import Contract
from jingwei.collection import quarantine, standardize
from jingwei.collection.errors import NotReleasable, RunHeld, UnknownRun
from jingwei.collection.models import Run
from jingwei.collection.quarantine import QuarantinedRow
from jingwei.collection.reconcile import reconcile
from jingwei.collection.repair import Mend, check, repair
from jingwei.collection.runs import collect, contract_of
from jingwei.collection.settling import recover
from jingwei.kernel.text import Text
from jingwei.packs.service import installed

__all__ = [
    "Mend",
    "check",
    "collect",
    "contract_of",
    "held",
    "in_order",
    "quarantined",
    "reasons",
    "reconcile",
    "recover",
    "release",
    "remark",
    "repair",
    "resources",
    "run",
    "runs",
]


def resources() -> dict[str, Contract]:
    """Every resource of the installed packs, by id."""
    return dict(sorted(installed().section("contracts").items()))


def in_order() -> list[str]:
    """Every resource after those its rules read, as far as they do not read each other."""
    contracts, placed = resources(), {}

    def place(name: str) -> None:
        if name in placed or name not in contracts:
            return
        placed[name] = True
        contract = contracts[name]
        for other in sorted(contract.reads):
            place(other)
        ordered.append(name)

    ordered: list[str] = []
    for name in contracts:
        place(name)
    return ordered


def remark(resource: str, field: str, code: str) -> Text:
    """The words of a remark kept with an accepted row (`_faults` without an original)."""
    contract = resources().get(resource)
    return standardize.remark(contract, field, code) if contract else Text(code, code)


def runs(limit: int = 50, resource: str | None = None, offset: int = 0) -> list[Run]:
    """Runs, newest first."""
    found = Run.objects.filter(resource=resource) if resource else Run.objects.all()
    return list(found[offset : offset + limit])


def run(run_id: str) -> Run:
    try:
        return Run.objects.get(id=run_id)
    except Run.DoesNotExist:
        raise UnknownRun(run=run_id) from None


def reasons(of: Run) -> list[tuple[str, Text, int]]:
    """`field:code`, words and number of rows, most frequent first."""
    return [(f"{r['field']}:{r['code']}", Text(r["zh"], r["en"]), r["rows"]) for r in of.reasons]


def quarantined(
    run_id: str, reason: str | None = None, offset: int = 0, limit: int | None = 20
) -> list[QuarantinedRow]:
    return quarantine.rows(run=run_id, reason=reason, offset=offset, limit=limit)


def held(of: Run) -> RunHeld:
    """The error a held run stands for."""
    error: dict[str, Any] = of.error or {}
    what = error.get("what", {})
    return RunHeld(run=of.id, why=Text(what.get("zh", ""), what.get("en", "")))


def release(run_id: str, by: str) -> Run:
    """A person lets a held run through: its source is read again, and what held it does not hold it now.

    More removals than were held, a source that counts other than what came, or nothing accepted hold it again.
    """
    of = run(run_id)
    newest = Run.objects.filter(resource=of.resource).exclude(state=Run.FAILED).first()
    if of.state != Run.HELD:
        raise NotReleasable(run=run_id, why=Text("它没有扣住。", "it is not held."))
    if newest is not None and newest.pk != of.pk:
        later = Text("之后已有批次 {later}。", "run {later} came after it.").fill(later=newest.pk)
        raise NotReleasable(run=run_id, why=later)
    # a file of a watched folder is taken with that, and not looked at again
    facts = {"file": of.facts["file"]} if "file" in of.facts else None
    return collect(of.resource, of.facts.get("given"), started_by=by, release=run_id, facts=facts)
