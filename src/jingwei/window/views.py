"""The window's pages: find somebody, fill the form, keep or hand in, look at a case.

One address holds the whole state (`?item=&register=&entity=&case=`), so a page can be left and found
again. A script asks for the work area alone (`HX-Request`); without scripts the same addresses answer with
whole pages. What a clerk types to find somebody travels in the body, never in an address that logs keep.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from jingwei.kernel import ledger, permissions
from jingwei.kernel.models import Account
from jingwei.registers import seeing
from jingwei.registers import service as registers
from jingwei.registers.showing import ready
from jingwei.window import cases as commands
from jingwei.window import depositing
from jingwei.window.errors import NotHeld
from jingwei.window.items import Item
from jingwei.window.models import Case
from jingwei.window.prefill import Form, item_called, items, prefill, register_title
from jingwei.window.queries import cases_of, cases_page, draft_texts
from jingwei.window.screen import CaseRow, Screen

CANDIDATES = 20
LONGEST_QUERY = 60
UNPROCESSABLE = 422


def account_of(request: HttpRequest) -> Account:
    """The signed-in account; `login_required` stands before every view that asks."""
    assert isinstance(request.user, Account)
    return request.user


@login_required
@require_GET
def start(request: HttpRequest) -> HttpResponse:
    account = account_of(request)
    permissions.require(account, "window.serve", "window")
    offered = items()
    asked = request.GET.get("item", "")
    item = item_called(asked) if asked else (offered[0] if offered else None)
    register, entity = request.GET.get("register", ""), request.GET.get("entity", "")
    screen: Screen | None = None
    draft: Case | None = None
    if request.GET.get("case"):
        draft = commands.case_numbered(request.GET["case"])
        if draft.state != Case.DRAFT:
            return redirect("window:case", draft.number)
        item, register, entity = item_called(draft.item), draft.register, draft.entity_id
    if item and register and entity:
        if register not in item.starts:
            # Chosen for another item: keep the person, offer the first item that begins with them.
            item = next((one for one in offered if register in one.starts), item)
        seeing.require(account, "window.serve", f"{register}/{entity}")
        form = prefill(item, register, entity)
        look(account, form)
        texts, choices = draft_texts(draft) if draft else ({}, {})
        screen = Screen(form, texts=texts, choices=choices, draft=draft, others=cases_of(register, entity))
    return page(request, item, screen)


def page(request: HttpRequest, item: Item | None, screen: Screen | None, status: int = 200) -> HttpResponse:
    partial = request.headers.get("HX-Request") == "true"
    words = {
        "items": items(),
        "item": item,
        "screen": screen,
        "searched": sorted({name for one in items() for name in one.starts}),
    }
    return render(request, "window/work.html" if partial else "window/start.html", words, status=status)


def look(account: Account, form: Form) -> None:
    """Filling a form is reading a person's record: it goes on the ledger before anything is shown."""
    ledger.record(
        account,
        "window.prefill",
        f"{form.register}/{form.entity_id}",
        subjects=form.subjects,
        fields=[p.name for p in form.places if p.held],
        purpose=form.item.title.zh,
    )


@dataclass(frozen=True)
class Found:
    """A candidate with its name cut around what was typed, so that the page can mark it."""

    register: str
    entity_id: str
    name: str
    masked_id: str
    facts: list[str]
    before: str
    hit: str
    after: str


@login_required
@require_POST
def search(request: HttpRequest) -> HttpResponse:
    account = account_of(request)
    permissions.require(account, "window.serve", "search")
    text = request.POST.get("q", "").strip()[:LONGEST_QUERY]
    wanted = sorted({name for one in items() for name in one.starts})
    candidates = (
        registers.search(ready(seeing.seen(account, wanted)), text, limit=CANDIDATES)
        if text and wanted
        else []
    )
    found = []
    for one in candidates:
        before, hit, after = one.name.partition(text)
        cut = (before, hit, after) if hit else (one.name, "", "")
        found.append(Found(one.register, one.entity_id, one.name, one.masked_id, one.facts, *cut))
    if found:
        subjects = [one.entity_id for one in found]
        ledger.record(account, "window.search", "candidates", subjects=subjects, purpose="find")
    names = [one.name for one in found]
    namesakes = max((names.count(name) for name in set(names)), default=0)
    words = {
        "text": text,
        "found": found,
        "namesakes": namesakes if namesakes > 1 else 0,
        "more": len(found) == CANDIDATES,
        "titles": {name: register_title(name) for name in wanted},
    }
    return render(request, "window/candidates.html", words)


@login_required
@require_POST
def reveal(request: HttpRequest) -> JsonResponse:
    """The full value of one masked place of a form; who asked is on record before it is shown."""
    account = account_of(request)
    register, entity = request.POST.get("register", ""), request.POST.get("entity", "")
    permissions.require(account, "register.reveal", f"{register}/{entity}")
    seeing.require(account, "register.reveal", f"{register}/{entity}")
    form = prefill(item_called(request.POST.get("item", "")), register, entity)
    name = request.POST.get("field", "")
    found = form.place(name)
    if found is None or not found.held:
        raise NotHeld(field=found.field.title.text() if found else name)
    ledger.record(
        account,
        "register.reveal",
        f"{found.field.held}",
        subjects=[found.subject],
        fields=[found.field.register_field or name],
        purpose=form.item.title.zh,
    )
    return JsonResponse({"value": found.value})


@login_required
@require_POST
def save(request: HttpRequest) -> HttpResponse:
    """Keeps a draft (`action=draft`) or hands the form in (`action=submit`)."""
    account = account_of(request)
    permissions.require(account, "window.serve", "case")
    item = item_called(request.POST.get("item", ""))
    form = prefill(item, request.POST.get("register", ""), request.POST.get("entity", ""))
    texts = {p.name: request.POST.get(f"field.{p.name}", "") for p in form.places}
    choices = {p.name: request.POST.get(f"choice.{p.name}", "") for p in form.contested}
    filled = commands.fill(form, texts, choices)
    number = request.POST.get("case", "")
    others = cases_of(form.register, form.entity_id)
    if request.POST.get("action") != "submit":
        kept = commands.save_draft(account, filled, number)
        screen = Screen(form, texts=texts, choices=choices, draft=kept, others=others)
        return page(request, item, screen)
    if filled.faults:
        draft = commands.case_numbered(number) if number else None
        screen = Screen(form, texts, choices, filled.faults, draft=draft, others=others)
        return page(request, item, screen, UNPROCESSABLE)
    case = commands.submit(account, filled, number)
    target = reverse("window:case", args=[case.number])
    if request.headers.get("HX-Request") == "true":
        return HttpResponse(status=204, headers={"HX-Redirect": target})
    return redirect(target)


@login_required
@require_GET
def cases(request: HttpRequest) -> HttpResponse:
    account = account_of(request)
    permissions.require(account, "window.serve", "cases")
    state = request.GET.get("state", "")
    words = {
        "state": state,
        "page": cases_page(account, state, request.GET.get("page", "1")),
        "titles": {one.item: one.title for one in items()},
    }
    return render(request, "window/cases.html", words)


@login_required
@require_GET
def case(request: HttpRequest, number: str) -> HttpResponse:
    account = account_of(request)
    permissions.require(account, "window.serve", number)
    found = commands.case_numbered(number)
    item = item_called(found.item)
    if found.state == Case.DRAFT:
        return redirect(f"{reverse('window:start')}?case={number}")
    ledger.record(
        account,
        "case.read",
        number,
        subjects=[found.entity_id],
        fields=sorted(found.values),
        purpose=item.title.zh,
        case=number,
    )
    rows = [CaseRow.of(field, found.values.get(field.name, {})) for field in item.fields]
    words = {
        "case": found,
        "item": item,
        "rows": rows,
        "register": register_title(found.register),
        "titles": {row.register: register_title(row.register) for row in rows if row.register},
        "deposited": {
            outcome: [row.title for row in rows if row.deposited == outcome]
            for outcome in (depositing.STANDS, depositing.OUTLIVED, depositing.REFUSED)
        },
    }
    return render(request, "window/case.html", words)


@login_required
@require_POST
def reveal_case(request: HttpRequest, number: str) -> JsonResponse:
    """The full value of one masked field of a stored case."""
    account = account_of(request)
    permissions.require(account, "register.reveal", number)
    found = commands.case_numbered(number)
    name = request.POST.get("field", "")
    value = found.values.get(name, {}).get("value", "")
    if not value:
        raise NotHeld(field=name)
    ledger.record(
        account,
        "case.reveal",
        number,
        subjects=[found.entity_id],
        fields=[name],
        purpose=item_called(found.item).title.zh,
        case=number,
    )
    return JsonResponse({"value": value})
