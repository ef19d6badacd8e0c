"""The auditor's pages of the ledger: search, one entry, export. Looking at the ledger is in the ledger too.

Filter and page stand in the address. A person is looked for in the body and then known by number only; who
searches by a person says why, and is recorded with that person as the subject.
"""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_POST

from jingwei.audit import proof, unusual, words
from jingwei.audit.cards import card_of
from jingwei.audit.entries import COUNTED, Wanted, count, lines, select, wanted
from jingwei.audit.errors import SayWhy, TooManyToExport
from jingwei.audit.models import Finding
from jingwei.kernel import ledger
from jingwei.kernel.errors import JingweiError
from jingwei.kernel.ledger.errors import NoSuchEntry
from jingwei.kernel.models import Account, LedgerEntry
from jingwei.kernel.paging import Page, page_of
from jingwei.kernel.text import Text
from jingwei.packs.service import installed
from jingwei.registers import lists
from jingwei.registers import service as registers
from jingwei.registers.answers import Candidate
from jingwei.registers.models import ServingState
from jingwei.registers.presenting import account_of

ACTION = "ledger.read"
PURPOSE = "audit"
PAGE = 50
FOUND = 20
LONGEST_QUERY = 60
LEAST_WORDS = 4
MOST_EXPORTED = 50_000
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
HEADS = (
    Text("编号", "number"), Text("时间", "time"), Text("账号", "account"), Text("姓名", "name"), Text("单位", "organization"),
    Text("岗位", "post"), Text("做了什么", "action"), Text("动作", "action code"), Text("对象", "object"),
    Text("涉及人数", "persons"), Text("字段", "fields"), Text("用途", "purpose"), Text("办件", "case"), Text("结果", "outcome"),
)  # fmt: skip


@login_required
@require_GET
def start(request: HttpRequest) -> HttpResponse:
    account = account_of(request, ACTION, "ledger")
    asked = wanted(request.GET)
    fault = None
    try:
        page, more = found(account, asked, request.GET.get("page", ""))
    except JingweiError as exc:
        fault, page, more = exc, nothing(), False
    known = words.vocabulary()
    given = {
        "asked": asked,
        "query": asked.query(),
        "page": page,
        "more": more,
        "counted": COUNTED,
        "most": MOST_EXPORTED,
        "lines": lines(page.rows, known),
        "person": card_of(asked.subject) if not fault else None,
        "fault": fault,
        "actions": words.all_actions(),
        "outcomes": words.OUTCOMES,
        "status": ledger.status(),
    }
    return render(request, "audit/search.html", given, status=400 if fault else 200)


def nothing() -> Page[LedgerEntry]:
    return page_of(0, "", PAGE, lambda offset, limit: [])


def found(account: Account, asked: Wanted, number: str) -> tuple[Page[LedgerEntry], bool]:
    """A page of what fits, once the reading is on the ledger; whether more fit than are counted."""
    checked(asked)
    record(account, asked, f"page {number or 1}")
    entries = select(asked)
    total = count(entries)
    page = page_of(
        min(total, COUNTED), number, PAGE, lambda offset, limit: list(entries[offset : offset + limit])
    )
    return page, total > COUNTED


def checked(asked: Wanted) -> None:
    """Who searches by a person says why."""
    if asked.subject and len(asked.why) < LEAST_WORDS:
        raise SayWhy(least=LEAST_WORDS)


def record(account: Account, asked: Wanted, what: str, action: str = ACTION) -> None:
    ledger.record(
        account,
        action,
        f"{what} {asked.spoken()}",
        subjects=[asked.entity] if asked.entity else [],
        purpose=asked.why or PURPOSE,
    )


@login_required
@require_POST
def find(request: HttpRequest) -> HttpResponse:
    """Candidates for the person whose entries are looked for; seeing them is on record."""
    account = account_of(request, ACTION, "candidates")
    text = request.POST.get("q", "").replace("\x00", "").strip()[:LONGEST_QUERY]
    why = request.POST.get("why", "").replace("\x00", "").strip()[:200]
    fault = SayWhy(least=LEAST_WORDS) if len(why) < LEAST_WORDS else None
    hits: list[Candidate] = []
    if text and fault is None:
        served = ServingState.objects.values_list("register", flat=True)
        hits = registers.search(
            [name for name in installed().section("registers") if name in set(served)], text, FOUND
        )
        ledger.record(account, ACTION, "candidates", subjects=[one.entity_id for one in hits], purpose=why)
    titles = {name: one.title for name, one in installed().section("registers").items()}
    given = {"text": text, "why": why, "found": hits, "fault": fault, "titles": titles}
    return render(request, "audit/find.html", given, status=400 if fault else 200)


def entry_numbered(number: int) -> LedgerEntry:
    entry = LedgerEntry.objects.filter(pk=number).first()
    if entry is None:
        raise NoSuchEntry(entry=number)
    return entry


@login_required
@require_GET
def entry(request: HttpRequest, number: int) -> HttpResponse:
    account = account_of(request, ACTION, f"entry {number}")
    one = entry_numbered(number)
    ledger.record(account, ACTION, f"entry {number}", purpose=PURPOSE)
    (line,) = lines([one], words.vocabulary())
    asked = request.GET.get("proof") == "1"
    same_day = Finding.objects.filter(account=one.account, day=words.local_day(one.at))
    given = {
        "line": line,
        "one": one,
        "proved": proof.prove(one) if asked else None,
        "findings": [(found, unusual.title(found)) for found in same_day if number in found.entries],
    }
    return render(request, "audit/entry.html", given)


@login_required
@require_GET
def entry_proof(request: HttpRequest, number: int) -> HttpResponse:
    account = account_of(request, ACTION, f"proof {number}")
    ledger.record(account, ACTION, f"proof {number}", purpose=PURPOSE)
    return proof_file(entry_numbered(number))


def proof_file(one: LedgerEntry) -> HttpResponse:
    content = proof.as_file(one)
    headers = {"Content-Disposition": f'attachment; filename="proof-{one.pk}.json"'}
    return HttpResponse(content, content_type="application/json", headers=headers)


@login_required
@require_POST
def export(request: HttpRequest) -> HttpResponse:
    """What fits as a file; the filter, the number of entries and the reason go on the ledger."""
    account = account_of(request, ACTION, "export")
    asked = wanted(request.POST)
    checked(asked)
    entries = select(asked)
    total = entries.order_by()[: MOST_EXPORTED + 1].count()
    if total > MOST_EXPORTED:
        raise TooManyToExport(most=f"{MOST_EXPORTED:,}")
    kind = "csv" if request.POST.get("as") == "csv" else "xlsx"
    with transaction.atomic():
        record(account, asked, f"{total} entries", "ledger.export")
        table = [[str(head) for head in HEADS], *rows(list(entries))]
    content, write = {"csv": ("text/csv; charset=utf-8", lists.as_csv), "xlsx": (XLSX, lists.as_workbook)}[
        kind
    ]
    headers = {"Content-Disposition": f'attachment; filename="ledger.{kind}"'}
    return HttpResponse(write(table), content_type=content, headers=headers)


def rows(entries: list[LedgerEntry]) -> list[list[str]]:
    return [
        [
            str(line.entry.pk),
            words.stamp(line.entry.at),
            line.entry.account,
            line.who,
            line.entry.organization,
            line.entry.post,
            str(line.action),
            line.entry.action,
            line.entry.object,
            str(line.entry.subject_count),
            "、".join(map(str, line.fields)),
            str(line.purpose),
            line.entry.case,
            str(line.outcome),
        ]
        for line in lines(entries, words.vocabulary())
    ]
