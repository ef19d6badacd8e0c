"""The page of a register as a whole: what it covers, what its fields are worth, how its records were linked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from jingwei.kernel import permissions
from jingwei.kernel.text import Text
from jingwei.registers import overview, review
from jingwei.registers.declaration import Register
from jingwei.registers.errors import NotLinked
from jingwei.registers.frame import frame
from jingwei.registers.overview import FieldState
from jingwei.registers.presenting import (
    account_of,
    declared,
    note_text,
    organization_of,
    reason_text,
    resource_title,
    title_of,
)

METHODS = {
    "hidden-identifiers": Text(
        "盖住一部分有证件号的记录再找一遍，数对错定的",
        "set by hiding known identifiers from some records and counting right and wrong answers",
    ),
    "model": Text("没有可对照的记录，按模型估的", "estimated from the model: nothing to measure it on"),
}


@dataclass(frozen=True)
class SourceLine:
    resource: str
    title: Text
    organization: str
    records: int
    entities: int


@dataclass(frozen=True)
class FieldLine:
    """A field with its age in days today, None where nothing of it is dated."""

    state: FieldState
    title: Text
    age: int | None


@login_required
@require_GET
def show(request: HttpRequest, register: str) -> HttpResponse:
    account = account_of(request, "register.read", register)
    one = declared(register)
    queue = review.queue(register)
    words = {**frame(account, one, "overview", queue), "found": None, "decided": len(queue.judged)}
    try:
        found = overview.of(register)
    except NotLinked:
        return render(request, "registers/overview.html", words)
    fields = {f.name: f for f in one.fields}
    today = timezone.localdate()
    words |= {
        "found": found,
        "sources": [source_line(s) for s in found.sources],
        "fields": [field_line(one, f, today) for f in found.fields if f.name in fields],
        "linked_by": sorted(
            ((reason_text(fields, reason), n) for reason, n in found.linked_by.items()),
            key=lambda pair: -pair[1],
        ),
        "notes": [(note_text(fields, note), n) for note, n in found.notes.items()],
        "method": METHODS.get(found.matching.get("threshold_method", "")),
        "target": one.matching.precision if one.matching else None,
        "may_review": permissions.allowed(account, "register.review"),
    }
    return render(request, "registers/overview.html", words)


def source_line(one: overview.Coverage) -> SourceLine:
    return SourceLine(
        one.resource, resource_title(one.resource), organization_of(one.resource), one.records, one.entities
    )


def field_line(register: Register, state: FieldState, today: date) -> FieldLine:
    age = max(0, (today - state.middle).days) if state.middle else None
    return FieldLine(state, title_of(register.field(state.name)), age)
