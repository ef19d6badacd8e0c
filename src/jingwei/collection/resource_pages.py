"""The page of one resource: how good it is, what its values look like, what has shifted, what it promises.

Four parts of one address (`?part=`): quality, fields, contract, runs. A table of three hundred columns has a
page too: its fields are one line each, narrowed by typing, and what a field's values look like comes when asked.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from jingwei.catalog.contracts import DIMENSIONS, Contract, Field
from jingwei.catalog.elements import Element
from jingwei.collection import cron_words, quarantine, queue, schedules, service, sources, trend
from jingwei.collection.connectors.database.address import masked
from jingwei.collection.drifted import KINDS
from jingwei.collection.models import Run, WorkOrder
from jingwei.collection.quality import service as quality
from jingwei.collection.quality.service import FieldProfile, FieldScore
from jingwei.collection.run_pages import verified
from jingwei.collection.views import STATES, account_of
from jingwei.kernel import permissions
from jingwei.kernel.text import Text
from jingwei.packs.service import installed

PARTS = {
    "quality": Text("质量", "Quality"),
    "fields": Text("字段画像", "Fields"),
    "contract": Text("契约", "Contract"),
    "runs": Text("批次", "Runs"),
}
REFRESH = {
    "upsert": Text("来什么更新什么，没来的留着", "what comes is updated, what does not come stays"),
    "full": Text("每次全量，没来的就是没了", "complete each time; what does not come is gone"),
    "incremental": Text("只读新的", "only what is new is read"),
    "changes": Text("读变更表", "a change table is read"),
}
POLICIES = {
    "notice": Text("告知", "told"),
    "freeze": Text("停下", "the run stops"),
    "evolve": Text("跟着变", "followed"),
    "quarantine": Text("隔离那些行", "rows are quarantined"),
}
RUNS, ORDERS, SHIFTS = 15, 6, 12


@dataclass(frozen=True)
class Line:
    """A field with what is known of it; None where nothing was counted yet."""

    field: Field
    element: Element | None
    profile: FieldProfile | None
    score: FieldScore | None

    @property
    def words(self) -> str:
        """What the filter looks in."""
        told = (self.field.name, self.field.header, self.field.title.zh, self.field.title.en)
        return " ".join(told).lower()

    @property
    def bars(self) -> list[float]:
        """Shares for the small picture: the distribution, else the most frequent values."""
        if self.profile is None:
            return []
        return [bar.share for bar in self.profile.bars] or [one.share for one in self.profile.values[:10]]


@login_required
@require_GET
def resource(request: HttpRequest, resource: str) -> HttpResponse:
    account = account_of(request, "run.read", resource)
    contract = service.contract_of(resource)
    part = request.GET.get("part", "")
    part = part if part in PARTS else "quality"
    found = Run.objects.filter(resource=contract.id)
    given: dict[str, Any] = {
        "contract": contract,
        "part": part,
        "parts": PARTS,
        "card": quality.scores(contract.id),
        "plan": schedules.planned(contract.id),
        "newest": found.first(),
        "done": (done := found.filter(state=Run.DONE).first()),
        "verified": verified(done) if done else "",
        "states": STATES,
        "waiting": queue.waiting(contract.id),
        "may_start": permissions.allowed(account, "run.start") and contract.server is not None,
        "may_hand_in": permissions.allowed(account, "upload.submit"),
        "cycle": quality.span(contract.cycle) if contract.cycle else None,
        "in_words": cron_words.words(contract.schedule) if contract.schedule else None,
    }
    given |= {"quality": of_quality, "fields": of_fields, "contract": of_contract, "runs": of_runs}[part](
        contract, given
    )
    return render(request, f"collection/resource_{part}.html", given)


def of_quality(contract: Contract, given: Mapping[str, Any]) -> dict[str, Any]:
    card, profile = given["card"], quality.profile(contract.id)
    points = quality.history(contract.id)
    newest: Run | None = given["newest"]
    orders = WorkOrder.objects.filter(resource=contract.id, state=WorkOrder.OPEN)
    drift = newest.facts.get("drift", []) if newest else []
    return {
        "dimensions": DIMENSIONS,
        "trend": trend.draw(points),
        "points": points,
        "worst": sorted((one for one in card.fields if one.mark.failed), key=lambda one: one.score)
        if card
        else [],
        "open_rows": quarantine.count(contract.id, open_only=True),
        "remarks": quarantine.count(contract.id, open_only=True, accepted=True),
        "orders": list(orders[:ORDERS]),
        "order_count": orders.count(),
        "drift": [(KINDS.get(one["kind"], Text(one["kind"], one["kind"])), Text(**one["detail"])) for one in drift],
        "profile": profile,
        "shifts": profile.shifts[:SHIFTS] if profile else (),
        "field_titles": {field.name: field.title for field in contract.fields},
    }  # fmt: skip


def of_fields(contract: Contract, given: Mapping[str, Any]) -> dict[str, Any]:
    profile, card = quality.profile(contract.id), given["card"]
    shapes = {one.field: one for one in profile.fields} if profile else {}
    scores = {one.field: one for one in card.fields} if card else {}
    elements = installed().section("elements")
    return {
        "profile": profile,
        "lines": [
            Line(field, elements.get(field.element_name), shapes.get(field.name), scores.get(field.name))
            for field in contract.fields
        ],
    }


def of_contract(contract: Contract, given: Mapping[str, Any]) -> dict[str, Any]:
    elements = installed().section("elements")
    return {
        "lines": [Line(field, elements.get(field.element_name), None, None) for field in contract.fields],
        "source": source_said(contract),
        "refresh": REFRESH[contract.refresh],
        "policies": POLICIES,
        "dimensions": DIMENSIONS,
    }


def of_runs(contract: Contract, given: Mapping[str, Any]) -> dict[str, Any]:
    found = Run.objects.filter(resource=contract.id)
    return {"runs": list(found[:RUNS]), "run_count": found.count()}


def source_said(contract: Contract) -> str:
    """Where the table is read from, without a password and without this machine's folders."""
    if contract.server is None:
        return str(Text("没有固定来源，靠上报", "no source of its own; it is handed in"))
    place = masked(sources.place_of(contract, None)).removeprefix(f"{settings.SOURCES}/")
    return f"{place} · {contract.server.table}" if contract.server.table else place


@login_required
@require_GET
def field(request: HttpRequest, resource: str, field: str) -> HttpResponse:
    """What the values of one field look like: asked for when its line is opened."""
    account_of(request, "run.read", resource)
    contract = service.contract_of(resource)
    profile = quality.profile(contract.id)
    card = quality.scores(contract.id)
    if not any(one.name == field for one in contract.fields):
        raise Http404
    given = {
        "contract": contract,
        "field": contract.field(field),
        "profile": next((one for one in profile.fields if one.field == field), None) if profile else None,
        "score": next((one for one in card.fields if one.field == field), None) if card else None,
        "shifts": [one for one in profile.shifts if one.field == field] if profile else [],
        "dimensions": DIMENSIONS,
        "now": timezone.now(),
    }
    return render(request, "collection/resource_field.html", given)
