"""Who hears of a run: the provider and the consumers of drift, the stewards of what stopped.

Told is what is new: drift that the last run had too, and a fault that will be tried again by itself, are no
news. The contract names both sides; nothing here decides who they are.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.urls import reverse

from jingwei.catalog.contracts import Contract
from jingwei.collection import schedules
from jingwei.collection.drifted import CODES
from jingwei.collection.models import Run
from jingwei.inbox import service as inbox
from jingwei.kernel.text import Text

DRIFT, HELD, FAILED = "drift", "held", "failed"
STEWARD = "steward"
SHAPE_ERRORS = ("columns-missing", "columns-added", "columns-twice")
"""Errors that are drift: the run was refused before a row was read."""
SAID = 5
OFTEN = 3
"""So often a code must come before it is news to others; a slip of the pen is the provider's own matter."""


def tell(run: Run, contract: Contract) -> None:
    """Puts into inboxes what this run means for others. Called once after every run that ended."""
    changed = _changes(run)
    if not changed and run.state not in (Run.HELD, Run.FAILED):
        # Addresses of pages load every room's pages, which takes as long as a small run.
        return
    link = reverse("collection:run", args=[run.id])
    if changed:
        _to_both_sides(contract, _drift(contract, changed), link)
    error = run.error or {}
    if run.state == Run.HELD:
        held = Text("{title}的一批扣住了，等人处理：{why}", "A run of {title} is held for a person: {why}")
        _to_stewards(contract, HELD, held.fill(title=contract.title, why=_text(error.get("what"))), link)
    if run.state == Run.FAILED and (not contract.schedule or schedules.retry_at(run) is None):
        if error.get("error") in SHAPE_ERRORS:
            _to_both_sides(contract, _drift(contract, [_text(error["what"])]), link)
        failed = Text("{title}没有读成：{why}{do}", "{title} could not be read: {why} {do}").fill(
            title=contract.title, why=_text(error.get("what")), do=_text(error.get("do"))
        )
        _to_stewards(contract, FAILED, failed, link)


def _changes(run: Run) -> list[Text]:
    """What drifted in this run and had not in the one before."""
    found = run.facts.get("drift") or []
    if not found:
        return []
    earlier = Run.objects.filter(resource=run.resource, state__in=(Run.DONE, Run.HELD)).exclude(pk=run.pk)
    before = earlier.filter(started__lte=run.started).exclude(kind=Run.REPAIR).first()
    known = {_mark(one) for one in (before.facts.get("drift") or [])} if before else set()
    return [_text(one["detail"]) for one in found if _mark(one) not in known and _is_news(one)]


def _mark(one: dict[str, Any]) -> tuple[Any, ...]:
    codes = tuple(sorted(code["code"] for code in _codes(one))) if one["kind"] == CODES else ()
    return one["kind"], one["field"], one["header"], codes


def _is_news(one: dict[str, Any]) -> bool:
    return one["kind"] != CODES or bool(_codes(one))


def _codes(one: dict[str, Any]) -> list[dict[str, Any]]:
    return [code for code in one["evidence"].get("codes", []) if code["rows"] >= OFTEN]


def _drift(contract: Contract, changed: Iterable[Text]) -> Text:
    said = list(changed)
    more = len(said) - SAID
    text = Text("{title}的来源变了：{what}{more}", "The source of {title} changed: {what}{more}")
    return text.fill(
        title=contract.title,
        what=Text("；".join(one.zh for one in said[:SAID]), "; ".join(one.en for one in said[:SAID])),
        more=Text(f"；另有 {more} 处", f"; and {more} more") if more > 0 else Text("", ""),
    )


def _to_both_sides(contract: Contract, text: Text, link: str) -> None:
    for organization in dict.fromkeys((contract.organization, *contract.consumers)):
        if organization:
            inbox.tell(about=contract.id, kind=DRIFT, text=text, organization=organization, link=link)


def _to_stewards(contract: Contract, kind: str, text: Text, link: str) -> None:
    inbox.tell(about=contract.id, kind=kind, text=text, role=STEWARD, link=link)


def _text(said: Any) -> Text:
    return Text(said["zh"], said["en"]) if said else Text("", "")
