"""The pages of the registers: what there is, and one record with where every value came from.

Reading a record is put on the ledger before it is shown; full identity numbers and telephones come one
at a time, each asking recorded. What a reader types to search travels in the body, not in the address.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from jingwei.collection.workorders import disputes
from jingwei.collection.workorders.errors import NotDisputable
from jingwei.kernel import ledger, permissions
from jingwei.kernel.text import Text
from jingwei.packs.service import installed
from jingwei.registers import disputed, entity, seeing, service
from jingwei.registers.answers import Explanation, Golden
from jingwei.registers.declaration import Fact, Register, RegisterField
from jingwei.registers.errors import NoSuchEntity
from jingwei.registers.models import ServingState
from jingwei.registers.presenting import (
    PURPOSE,
    account_of,
    declared,
    masked,
    name_of,
    record_row,
    resource_title,
    shown_value,
    texts,
    title_of,
)
from jingwei.registers.search import BORN
from jingwei.registers.showing import ready

FOUND = 20
LONGEST_QUERY = 60

WHY = {
    "only": Text("唯一来源", "the only source"),
    "agreed": Text("各来源一致", "all sources agree"),
    "verified": Text("已核实的来源优先", "verified sources first"),
    "sources": Text("按来源次序", "by the order of sources"),
    "newest": Text("取最新", "the newest"),
    "oldest": Text("取最早", "the oldest"),
    "all": Text("全部保留", "all are kept"),
    "derived": Text("由证件号推出", "derived from the identity number"),
}
"""Survivorship rules in words; a reason that is not here is shown as it stands."""


@dataclass(frozen=True)
class Card:
    """A register with how many entities it serves, and the tables that feed it."""

    register: Register
    state: ServingState | None
    sources: list[tuple[str, Text, str]]


@login_required
@require_http_methods(["GET", "POST"])
def start(request: HttpRequest) -> HttpResponse:
    account = account_of(request, "register.read", "registers")
    every = installed().section("registers")
    known = {name: every[name] for name in seeing.seen(account, every)}
    served = {state.register: state for state in ServingState.objects.all()}
    text = request.POST.get("q", "").strip()[:LONGEST_QUERY]
    found = service.search(ready(list(known)), text, limit=FOUND) if text and known else []
    if found:
        subjects = [one.entity_id for one in found]
        ledger.record(account, "register.search", "candidates", subjects=subjects, purpose=PURPOSE)
    words = {
        "overviews": [Card(one, served.get(name), feeds(one)) for name, one in known.items()],
        "titles": {name: one.title for name, one in known.items()},
        "text": text,
        "found": found,
    }
    return render(request, "registers/start.html", words)


def feeds(register: Register) -> list[tuple[str, Text, str]]:
    """Resource, title and organization of every table that feeds a register."""
    contracts = installed().section("contracts")
    out = []
    for source in register.sources:
        contract = contracts.get(source.resource)
        title = contract.title if contract else Text(source.resource, source.resource)
        out.append((source.resource, title, contract.organization if contract else ""))
    return out


@dataclass(frozen=True)
class Loser:
    shown: str
    organization: str
    title: Text
    as_of: date | None


@dataclass(frozen=True)
class GoldenRow:
    """One field of the golden record as its page shows it."""

    name: str
    title: Text
    shown: str
    masked: bool
    organization: str
    source: Text
    as_of: date | None
    why: Text
    losers: list[Loser] = field(default_factory=list)
    disputed: str = ""
    """The order, while the value is disputed."""
    disputable: bool = False


@dataclass(frozen=True)
class CardFact:
    """What tells namesakes apart, as the register's card declares it; `row` is its line in the table."""

    row: GoldenRow
    shown: Text


@login_required
@require_GET
def record(request: HttpRequest, register: str, entity_id: str) -> HttpResponse:
    account = account_of(request, "register.read", f"{register}/{entity_id}")
    one = declared(register)
    golden = service.golden(register, entity_id)
    if golden.forwarded_from:
        return redirect("registers:record", register, golden.entity_id)
    ledger.record(
        account,
        "register.read",
        f"{register}/{entity_id}",
        subjects=[entity_id],
        fields=sorted(golden.fields),
        purpose=PURPOSE,
    )
    told = {explanation.field: explanation for explanation in service.explain(register, entity_id)}
    marks = disputed.fields(one, list(told.values()))
    rows = [golden_row(f, golden, told, one, marks) for f in one.fields if held(golden, f)]
    behind = service.records(register, entity_id)
    records = [record_row(one, found) for found in behind]
    by_name = {row.name: row for row in rows}
    facts = [
        CardFact(by_name[f.field], as_fact(by_name[f.field], f)) for f in one.card.facts if f.field in by_name
    ]
    words = {
        "register": one,
        "entity_id": entity_id,
        "name": name_of(one, golden, entity_id),
        "identifier": by_name.get(one.card.identifier or ""),
        "facts": facts,
        "rows": rows,
        "empty": [title_of(f) for f in one.fields if not held(golden, f)],
        "records": records,
        "scored": [place for place, found in enumerate(behind) if found.reason == "similar"],
        "related": entity.related(one, entity_id),
        "events": entity.events(one, entity_id),
        "formerly": entity.formerly(register, entity_id),
        "organizations": len({found.organization for found in records}),
        "contested": sum(1 for row in rows if row.losers),
        "may_reveal": permissions.allowed(account, "register.reveal"),
        "may_dispute": permissions.allowed(account, "dispute.raise"),
    }
    return render(request, "registers/record.html", words)


@login_required
@require_GET
def score(request: HttpRequest, register: str, entity_id: str, place: int) -> HttpResponse:
    """How one of its records scores, as a part of the page: the model is asked only when somebody wants it."""
    account = account_of(request, "register.read", f"{register}/{entity_id}")
    one = declared(register)
    ledger.record(account, "register.read", f"{register}/{entity_id}", subjects=[entity_id], purpose=PURPOSE)
    found = entity.score(one, service.records(register, entity_id), place)
    drawing, other = found or (None, None)
    return render(request, "registers/score.html", {"drawing": drawing, "other": other})


@login_required
@require_POST
def dispute(request: HttpRequest, register: str, entity_id: str) -> HttpResponse:
    """Somebody holds a value to be wrong: the provider of the row it came from gets a work order."""
    account = account_of(request, "register.read", f"{register}/{entity_id}")
    permissions.require(account, "dispute.raise", f"{register}/{entity_id}")
    one = declared(register)
    name = request.POST.get("field", "")
    told = next((e for e in service.explain(register, entity_id) if e.field == name), None)
    source = disputed.source_field(one, told) if told else None
    contract = installed().section("contracts").get(told.winner.source) if told else None
    if told is None or source is None or contract is None:
        raise NotDisputable(field=name)
    said = request.POST.get("said", "")
    disputes.start(account, contract, told.winner.record_key, source, said, f"{register}/{entity_id}")
    return redirect("registers:record", register, entity_id)


@login_required
@require_POST
def reveal(request: HttpRequest, register: str, entity_id: str) -> JsonResponse:
    """The full value of one field; who asked is on record before it is shown."""
    account = account_of(request, "register.reveal", f"{register}/{entity_id}")
    one = declared(register)
    name = request.POST.get("field", "")
    golden = service.golden(register, entity_id)
    if name not in golden.fields or all(f.name != name for f in one.fields):
        raise NoSuchEntity(register=register, entity_id=f"{entity_id}.{name}")
    ledger.record(
        account,
        "register.reveal",
        f"{register}/{entity_id}",
        subjects=[entity_id],
        fields=[name],
        purpose=PURPOSE,
    )
    return JsonResponse({"value": "、".join(texts(golden.fields[name].value))})


def golden_row(
    declaration: RegisterField,
    golden: Golden,
    told: dict[str, Explanation],
    register: Register,
    marks: dict[str, str],
) -> GoldenRow:
    value = golden.fields[declaration.name]
    shown = shown_value(declaration, value.value)
    explanation = told.get(declaration.name)
    kept = set(texts(value.value))
    losers = [
        Loser(
            shown_value(declaration, lost.value),
            lost.organization,
            resource_title(lost.source),
            lost.as_of,
        )
        for lost in (explanation.losers if explanation else [])
        if not set(texts(lost.value)) <= kept
    ]
    return GoldenRow(
        name=declaration.name,
        title=title_of(declaration),
        shown=shown,
        masked=masked(declaration),
        organization=value.organization,
        source=resource_title(value.source),
        as_of=value.as_of,
        why=WHY.get(value.reason, Text(value.reason, value.reason)),
        losers=losers,
        disputed=marks.get(declaration.name, ""),
        disputable=explanation is not None and disputed.source_field(register, explanation) is not None,
    )


def as_fact(row: GoldenRow, fact: Fact) -> Text:
    if fact.show == "born":
        return BORN.fill(year=row.shown[:4])
    shown = row.shown[:4] if fact.show == "year" else row.shown
    return Text(shown, shown)


def held(golden: Golden, declaration: RegisterField) -> bool:
    found = golden.fields.get(declaration.name)
    return found is not None and bool(texts(found.value))
