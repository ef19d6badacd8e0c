"""Public names of the room."""

from __future__ import annotations

from typing import Any

from jingwei.catalog.contracts import Contract
from jingwei.collection import quarantine
from jingwei.collection.errors import RunHeld, UnknownRun
from jingwei.collection.models import Run
from jingwei.collection.quarantine import QuarantinedRow
from jingwei.collection.runs import collect, contract_of
from jingwei.collection.settling import recover
from jingwei.kernel.text import Text
from jingwei.packs.service import installed

__all__ = ["collect", "contract_of", "held", "quarantined", "reasons", "recover", "resources", "run", "runs"]


def resources() -> dict[str, Contract]:
    """Every resource of the installed packs, by id."""
    return dict(sorted(installed().section("contracts").items()))


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
