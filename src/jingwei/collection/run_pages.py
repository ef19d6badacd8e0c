"""The page of one run: its balance, how far it came, what was read, the rows it set aside; letting a held one through.

Cells of quarantined rows are masked until somebody with the right asks; the asking is recorded.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.db.models import Q
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from jingwei.catalog.contracts import Contract
from jingwei.collection import picture, quarantine, queue, rows, service
from jingwei.collection.drifted import KINDS
from jingwei.collection.errors import NotReleasable, RunHeld, UnknownRun
from jingwei.collection.models import Run
from jingwei.collection.views import STATES, account_of
from jingwei.kernel import ledger, permissions
from jingwei.kernel.models import Account
from jingwei.kernel.paging import page_of
from jingwei.kernel.text import Text, listed
from jingwei.packs.service import installed

ROWS_PAGE, HISTORY = 9, 14
BETWEEN = re.compile(r"\{[a-z_]+\}")
COMPLETE_IT = Text(
    "来源补齐后再读一次；确实就是这样的，看过数再放行。",
    "Read it again once the source is complete; where it really is so, look at the numbers and let it through.",
)
KIND = {
    Run.FULL: Text("整表", "whole table"),
    Run.INCREMENTAL: Text("只读新的", "what is new"),
    Run.CHANGES: Text("变更表", "change table"),
    Run.REPAIR: Text("改错重验", "repair"),
}
STEPS = {
    "read": Text("读取", "Read"),
    "check": Text("标准化、检查", "Standardize and check"),
    "keys": Text("对主键", "Compare keys"),
    "weigh": Text("对账", "Balance"),
    "publish": Text("发布", "Publish"),
}


@login_required
@require_GET
def run(request: HttpRequest, run_id: str) -> HttpResponse:
    account = account_of(request, "run.read", run_id)
    found = service.run(run_id)
    ledger.record(account, "run.read", run_id, fields=["quarantine"], purpose="quality")
    return render(request, "collection/run.html", run_words(request, account, found))


@login_required
@require_POST
def reveal(request: HttpRequest, run_id: str) -> HttpResponse:
    """The same page with the cells as the department wrote them; recorded before they are shown."""
    account = account_of(request, "run.read", run_id)
    permissions.require(account, "register.reveal", run_id)
    found = service.run(run_id)
    words = run_words(request, account, found, in_full=True)
    shown = [str(row.number) for row in words["sheet"].rows] if words["sheet"] else []
    ledger.record(account, "run.reveal", f"{run_id} rows {','.join(shown)}"[:200], purpose="quality")
    return render(request, "collection/run.html", words)


def run_words(request: HttpRequest, account: Account, found: Run, in_full: bool = False) -> dict[str, Any]:
    """What a run's page says; filter and page come from the address, or from the form that reveals."""
    asked = request.POST if request.method == "POST" else request.GET
    reason, remarks = asked.get("reason", ""), asked.get("which") == "remarks"
    contract = service.resources().get(found.resource)
    total = quarantine.count(run=found.id, reason=reason or None, accepted=remarks)
    page = page_of(
        total,
        asked.get("page", ""),
        ROWS_PAGE,
        lambda offset, limit: quarantine.rows(
            run=found.id, reason=reason or None, offset=offset, limit=limit, accepted=remarks
        ),
    )
    may_see = permissions.allowed(account, "register.reveal")
    reasons = [(code, general(contract, code, words), count) for code, words, count in service.reasons(found)]
    return {
        "run": found,
        "contract": contract,
        "title": contract.title if contract else found.resource,
        "state": STATES[found.state],
        "error": told(found),
        "picture": picture.draw(found),
        "reasons": reasons,
        "reason": reason,
        "which": "remarks" if remarks else None,
        "remarks": total if remarks else quarantine.count(run=found.id, accepted=True),
        "kind": KIND[found.kind],
        "drift": [(KINDS[one["kind"]], Text(**one["detail"])) for one in found.facts.get("drift", [])],
        "verified": verified(found),
        "partitions": found.facts.get("partitions", []),
        "may_release": found.state == Run.HELD
        and overtaken(found) is None
        and permissions.allowed(account, "run.release"),
        "waiting": queue.waiting(found.resource) if found.state == Run.HELD else None,
        "reason_name": next((words for code, words, _ in reasons if code == reason), None),
        "field_titles": {f.name: f.title for f in contract.fields} if contract else {},
        "most": max((count for _, _, count in reasons), default=0),
        "page": page,
        "sheet": sheet_of(contract, page.rows, reason=reason, in_full=in_full, persons=may_see),
        "in_full": in_full,
        "may_see": may_see,
        "may_start": permissions.allowed(account, "run.start"),
        "steps": steps(found),
        "facts": facts(found),
        "history": history(found),
        "before": neighbour(found, older=True),
        "after": neighbour(found, older=False),
    }


def sheet_of(contract: Contract | None, found: Any, **how: Any) -> rows.Sheet | None:
    """None where the resource is not declared any more: without a contract nobody knows what to mask."""
    return rows.sheet(contract, installed().section("elements"), found, **how) if contract else None


def told(found: Run) -> dict[str, Text] | None:
    """The error of a run in both languages; a held one says so in the words of its error."""
    if not found.error:
        return None
    kept = {key: Text(**value) for key, value in found.error.items() if isinstance(value, dict)}
    if found.state == Run.HELD:
        held = RunHeld(run=found.id, why=kept["what"])
        return {"what": kept["what"], "means": held.means, "do": COMPLETE_IT}
    return kept


def general(contract: Contract | None, reason: str, example: Text) -> Text:
    """What a reason says of all its rows: the check's own words with … for what differs from row to row.

    A rule of the contract speaks the same of every row already.
    """
    name, _, code = reason.rpartition(":")
    field = next((f for f in contract.fields if f.name == name), None) if contract else None
    element = installed().section("elements").get(field.element or "") if field else None
    pattern = dict(element.reasons).get(code) if element else None
    return Text(*(BETWEEN.sub("…", words) for words in pattern)) if pattern else example


@dataclass(frozen=True)
class Step:
    title: Text
    mark: str
    kind: str
    rows: int | None
    seconds: float | None


def steps(found: Run) -> list[Step]:
    """How far a run came: done, where it stopped, not begun."""
    reached = {one["step"]: one for one in found.steps}
    out = []
    for name, title in STEPS.items():
        one = reached.get(name)
        if name == "keys" and one is None:
            continue  # only an incremental run compares keys, and not each time
        last = bool(found.steps) and found.steps[-1]["step"] == name
        if one is None:
            mark, kind = "flat", "3rd"
        elif last and found.state == Run.FAILED:
            mark, kind = "alert", "bad"
        elif name == "weigh" and found.state == Run.HELD:
            mark, kind = "pause", "warn"
        elif last and found.state == Run.RUNNING:
            mark, kind = "refresh", "2nd"
        else:
            mark, kind = "check", "ok"
        out.append(Step(title, mark, kind, (one or {}).get("rows"), (one or {}).get("seconds")))
    return out


FACTS = {
    "encoding": Text("编码", "Encoding"),
    "delimiter": Text("分隔符", "Delimiter"),
    "sheet": Text("工作表", "Sheet"),
    "table": Text("表", "Table"),
    "header_row": Text("表头行", "Header row"),
    "title_rows": Text("标题行", "Title rows"),
    "added_columns": Text("多出的列", "Added columns"),
    "left_out_columns": Text("门口没收的列", "Columns left out at the door"),
    "raw_run": Text("原文同批次", "Same text as run"),
    "checksum": Text("校验和", "Checksum"),
    "upload_file": Text("上报的文件", "File handed in"),
    "handed_in_by": Text("上报人", "Handed in by"),
    "corrected_cells": Text("上报时改过的格子", "Cells corrected when handing in"),
    "assigned_columns": Text("上报时指定的列", "Columns assigned when handing in"),
    "released": Text("放行的批次", "Run that was let through"),
    "unjudged_rules": Text("没能查的规则", "Rules that could not be judged"),
    "clock": Text("源端的时钟", "The source's clock"),
}


def facts(found: Run) -> list[tuple[Text, str]]:
    """What the connector noticed about the source, in words; long sums are cut for the page."""
    out = [
        # Sources lie in one folder of the node, which a reader of the page need not know.
        (Text("来源", "Source"), found.location.removeprefix(f"{settings.SOURCES}/")),
        (Text("契约版本", "Contract version"), found.contract_version),
    ]
    for name, title in FACTS.items():
        value = found.facts.get(name)
        if value not in (None, "", [], {}):
            said = str(listed(map(str, value))) if isinstance(value, list | dict) else str(value)
            out.append((title, repr(said)[1:-1] if name == "delimiter" else said))
    return out


@login_required
@require_http_methods(["GET", "POST"])
def release(request: HttpRequest, run_id: str) -> HttpResponse:
    """Asks with the numbers before it is done; then the worker reads the source again and lets it through."""
    account = account_of(request, "run.release", run_id)
    found = service.run(run_id)
    later = overtaken(found)
    if found.state != Run.HELD:
        raise NotReleasable(run=run_id, why=Text("它没有扣住。", "it is not held."))
    if later is not None:
        came = Text("之后已有批次 {later}。", "run {later} came after it.")
        raise NotReleasable(run=run_id, why=came.fill(later=later.id))
    if request.method == "POST":
        if queue.enqueue_release(found, account.username):
            ledger.record(account, "run.release", run_id)
        return redirect(f"{reverse('collection:runs')}?resource={found.resource}")
    contract = service.resources().get(found.resource)
    given = {
        "run": found,
        "contract": contract,
        "title": contract.title if contract else found.resource,
        "error": told(found),
        "stored": found.unchanged + found.changed + found.removed,
        "drift": [(KINDS[one["kind"]], Text(**one["detail"])) for one in found.facts.get("drift", [])],
    }
    return render(request, "collection/release.html", given)


def history(found: Run) -> list[Run]:
    """The runs of the resource up to this one, oldest first, for the row of bars."""
    earlier = Run.objects.filter(resource=found.resource, started__lte=found.started)
    return list(earlier.exclude(state=Run.FAILED)[:HISTORY])[::-1]


def neighbour(found: Run, older: bool) -> Run | None:
    same = Run.objects.filter(resource=found.resource).exclude(pk=found.pk)
    if older:
        return same.filter(Q(started__lt=found.started)).order_by("-started", "-id").first()
    return same.filter(Q(started__gt=found.started)).order_by("started", "id").first()


def verified(run: Run) -> str:
    """Up to where the lake holds what the source holds: a time as readers write it, else the cursor's value."""
    try:
        moment = datetime.fromisoformat(run.verified_through)
    except ValueError:
        return run.verified_through
    return f"{timezone.localtime(moment) if timezone.is_aware(moment) else moment:%Y-%m-%d %H:%M}"


def overtaken(found: Run) -> Run | None:
    """A later run that was no failure: what a held one said of the table holds no longer."""
    later = Run.objects.filter(resource=found.resource, started__gt=found.started)
    return later.exclude(state=Run.FAILED).exclude(pk=found.pk).first()


@login_required
@require_POST
def export(request: HttpRequest, run_id: str) -> StreamingHttpResponse:
    """All quarantined rows (of one reason) as they came, for the provider; who took them is on record."""
    account = account_of(request, "run.read", run_id)
    permissions.require(account, "register.reveal", run_id)
    found = service.run(run_id)
    contract = service.resources().get(found.resource)
    if contract is None:
        raise UnknownRun(run=run_id)
    reason = request.POST.get("reason", "")
    taken = quarantine.rows(run=found.id, reason=reason or None)
    ledger.record(account, "run.export", f"{run_id} {len(taken)} rows", purpose=reason or "quality")
    heads = [str(Text("源行", "Source row")), str(Text("错在哪里", "What is wrong"))]
    name = f"{found.resource}-{found.id}.csv"
    return StreamingHttpResponse(
        list(rows.csv_lines(contract, taken, heads)),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )
