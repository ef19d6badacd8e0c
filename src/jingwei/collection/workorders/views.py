"""The pages of work orders: the list, one order, mending in the page, files out and in, answers, the scoreboard.

Rows are shown masked. Whoever may answer an order sees its rows in full when mending them: that page is asked for
by itself, and every opening is on the ledger before it is drawn.
"""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import FileResponse, HttpRequest, HttpResponse, JsonResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from jingwei.collection import service
from jingwei.collection.errors import NothingToMend
from jingwei.collection.models import WorkOrder
from jingwei.collection.workorders import book, disputes, excel, lines, mending, returned, screen
from jingwei.collection.workorders import scoreboard as ranking
from jingwei.collection.workorders.errors import NothingSaid, RowsGone, ValueRefused
from jingwei.kernel import ledger, permissions
from jingwei.kernel.errors import BadInput
from jingwei.kernel.models import Account
from jingwei.kernel.paging import page_of
from jingwei.kernel.text import Text
from jingwei.packs.service import installed

ORDERS_PAGE, ROWS_PAGE = 20, 25
LARGEST_FILE = 200 << 20
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
STATES = {
    "": Text("全部", "All"),
    book.OPEN: Text("要办", "To do"),
    book.LATE: Text("逾期", "Late"),
    book.CLOSED: Text("办结", "Closed"),
}
KINDS = {
    WorkOrder.QUALITY: Text("改错", "Mend"),
    WorkOrder.DISPUTE: Text("异议", "Dispute"),
}
NO_FILE = Text("没有选文件。", "No file was chosen.")
TOO_LARGE = Text("文件超过 {most} MB。", "The file is larger than {most} MB.")


def account_of(request: HttpRequest) -> Account:
    """The signed-in account; `login_required` stands before every view that asks."""
    assert isinstance(request.user, Account)
    return request.user


@login_required
@require_GET
def orders(request: HttpRequest) -> HttpResponse:
    account = account_of(request)
    permissions.require(account, "order.read", "orders")
    state, resource = request.GET.get("state", ""), request.GET.get("resource", "")
    state = state if state in STATES else ""
    found = book.orders(account, state, resource)
    page = page_of(
        found.count(), request.GET.get("page", ""), ORDERS_PAGE, lambda a, n: list(found[a : a + n])
    )
    contracts = service.resources()
    scoped = book.scoped(account)
    words = {
        "page": page,
        "deadlines": {one.id: screen.deadline(one) for one in page.rows},
        "titles": {name: contract.title for name, contract in contracts.items()},
        "said": mending.unanswered([one.id for one in page.rows]),
        "state": state,
        "states": STATES,
        "kinds": KINDS,
        "counts": {name: book.orders(account, name, resource).count() for name in STATES},
        "resource": resource,
        "resources": sorted(set(scoped.values_list("resource", flat=True))),
        "all_organizations": permissions.allowed(account, "order.read_all"),
        "organization": account.organization,
    }
    return render(request, "collection/orders.html", words)


@login_required
@require_GET
def order(request: HttpRequest, order_id: str) -> HttpResponse:
    account = account_of(request)
    found = book.order_of(account, order_id)
    ledger.record(account, "order.read", order_id, fields=["quarantine"], purpose=found.resource)
    if found.kind == WorkOrder.DISPUTE:
        return render(request, "collection/order_dispute.html", dispute_words(account, found))
    return render(request, "collection/order.html", order_words(request, account, found))


def order_words(request: HttpRequest, account: Account, found: WorkOrder) -> dict[str, Any]:
    contract = installed().section("contracts").get(found.resource)
    reason = request.GET.get("reason", "")
    total = lines.count(found, reason) if found.state == WorkOrder.OPEN else 0
    page = page_of(
        total, request.GET.get("page", ""), ROWS_PAGE, lambda a, n: lines.page(found, a, n, reason)
    )
    reasons = lines.reasons(found) if found.state == WorkOrder.OPEN else []
    statements = mending.statements(found)
    open_rows = lines.marked(found, [note.row for note in statements])
    return {
        **common(account, found),
        "contract": contract,
        "page": page,
        "sheet": screen.masked(contract, page.rows, reason) if contract and page.rows else None,
        "reasons": reasons,
        "reason": reason,
        "reason_name": next((words for code, words, _ in reasons if code == reason), None),
        "most": max((rows for _, _, rows in reasons), default=0),
        "field_titles": {f.name: f.title for f in contract.fields} if contract else {},
        "statements": [
            screen.Statement(note, next(iter(open_rows.get(note.row, [])), None)) for note in statements
        ],
        "may_reply": permissions.allowed(account, "order.read_all"),
    }


def common(account: Account, found: WorkOrder) -> dict[str, Any]:
    contract = installed().section("contracts").get(found.resource)
    return {
        "order": found,
        "title": contract.title if contract else found.resource,
        "kind": KINDS[found.kind],
        "deadline": screen.deadline(found),
        "may_answer": found.state == WorkOrder.OPEN
        and contract is not None
        and permissions.allowed(account, "order.answer"),
        "may_read_runs": permissions.allowed(account, "run.read"),
    }


@login_required
def mend(request: HttpRequest, order_id: str) -> HttpResponse:
    """The rows in full with their wrong cells to correct; `POST` repairs what was changed."""
    account = account_of(request)
    found = book.order_of(account, order_id, "order.answer")
    if found.state == WorkOrder.CLOSED:
        return redirect("collection:order", order_id)
    contract = book.contract_of(found)
    asked = request.POST if request.method == "POST" else request.GET
    where = {"reason": asked.get("reason", ""), "page": asked.get("page", "")}
    fault: BadInput | None = None
    if request.method == "POST":
        cells = screen.cells_of(request.POST, request.POST.getlist("row"), contract)
        try:
            outcome = mending.save(account, order_id, cells)
        except (NothingToMend, RowsGone) as told:
            fault = told
        else:
            done = {"run": outcome.run.id, "still": outcome.still, "gone": outcome.gone}
            if outcome.order is not None and outcome.order.state == WorkOrder.CLOSED:
                return redirect(with_query("collection:order", order_id, done))
            return redirect(with_query("collection:order-mend", order_id, where | done))
    page = page_of(
        lines.count(found, where["reason"]),
        where["page"],
        screen.rows_a_page(contract),
        lambda a, n: lines.page(found, a, n, where["reason"]),
    )
    marks = [line.mark for line in page.rows]
    ledger.record(
        account,
        "order.reveal",
        f"{order_id} rows {','.join(str(line.row) for line in page.rows)}"[:200],
        purpose=found.resource,
    )
    words = {
        **common(account, found),
        "contract": contract,
        "page": page,
        "sheets": screen.sheets(contract, page.rows, mending.notes(found, marks)),
        "reason": where["reason"],
        "fault": fault,
        "done": outcome_of(request),
    }
    return render(request, "collection/order_mend.html", words, status=400 if fault else 200)


def outcome_of(request: HttpRequest) -> dict[str, Any] | None:
    """What the last repair came to, as its run has it."""
    run_id = request.GET.get("run", "")
    if not run_id:
        return None
    run = service.run(run_id)
    told = {name: request.GET.get(name, "0") for name in ("still", "gone")}
    still = {name: int(text) if text.isascii() and text.isdecimal() else 0 for name, text in told.items()}
    return {"run": run, "mended": max(run.read - still["still"], 0), **still}


def with_query(name: str, order_id: str, query: dict[str, Any]) -> str:
    kept = "&".join(f"{key}={value}" for key, value in query.items() if value not in ("", 0))
    return f"{reverse(name, args=[order_id])}?{kept}" if kept else reverse(name, args=[order_id])


@login_required
@require_POST
def check(request: HttpRequest, order_id: str) -> JsonResponse:
    """What would be wrong with one row as typed; what was typed is kept as a draft."""
    account = account_of(request)
    found = book.order_of(account, order_id, "order.answer")
    contract = book.contract_of(found)
    mark = request.POST.get("row", "")
    line = next(iter(lines.marked(found, [mark]).get(mark, [])), None)
    if line is None:
        raise RowsGone(rows=1)
    cells = screen.cells_of(request.POST, [mark], contract)[mark]
    mending.keep_draft(account, found, line, cells, contract)
    faults = {name: str(text) for name, text in mending.check(contract, line, cells).items()}
    return JsonResponse({"faults": faults})


@login_required
@require_POST
def export(request: HttpRequest, order_id: str) -> FileResponse | StreamingHttpResponse:
    """All open rows as .xlsx or CSV; who took them is on record."""
    account = account_of(request)
    found = book.order_of(account, order_id, "order.answer")
    contract = book.contract_of(found)
    rows = lines.count(found)
    ledger.record(account, "order.export", f"{order_id} {rows} rows", purpose=found.resource)
    name = f"{found.resource}-{found.id}"
    if request.POST.get("as") == "csv":
        return StreamingHttpResponse(
            list(excel.csv_lines(found, contract)),
            content_type="text/csv; charset=utf-8",
            headers={"Content-Disposition": f'attachment; filename="{name}.csv"'},
        )
    file = excel.workbook(found, contract, installed().section("codes"))
    return FileResponse(file, as_attachment=True, filename=f"{name}.xlsx", content_type=XLSX)


@login_required
@require_POST
def hand_in(request: HttpRequest, order_id: str) -> HttpResponse:
    """Takes the returned file; says what was mended, what stays, and what could not be taken."""
    account = account_of(request)
    found = book.order_of(account, order_id, "order.answer")
    file = request.FILES.get("file")
    handed: returned.HandedIn | None = None
    fault: Text | BadInput | None = None
    if file is None or not file.name:
        fault = NO_FILE
    elif file.size is not None and file.size > LARGEST_FILE:
        fault = TOO_LARGE.fill(most=LARGEST_FILE >> 20)
    else:
        try:
            handed = returned.hand_in(account, order_id, file.name, file.read())
        except BadInput as told:
            fault = told
    found.refresh_from_db()
    words = {
        **common(account, found),
        "handed": handed,
        "name": file.name if file else "",
        "fault": fault.what if isinstance(fault, BadInput) else fault,
        "fault_do": fault.do if isinstance(fault, BadInput) else None,
    }
    return render(request, "collection/order_returned.html", words, status=400 if fault else 200)


@login_required
@require_POST
def right(request: HttpRequest, order_id: str) -> HttpResponse:
    """The provider holds a row to be right as it stands."""
    account = account_of(request)
    mark = request.POST.get("right", "")
    mending.say_right(account, order_id, mark, request.POST.get(f"why.{mark}", ""))
    return redirect(with_query("collection:order-mend", order_id, {"page": request.POST.get("page", "")}))


@login_required
@require_POST
def reply(request: HttpRequest, order_id: str) -> HttpResponse:
    mending.reply(account_of(request), order_id, request.POST.get("row", ""), request.POST.get("reply", ""))
    return redirect("collection:order", order_id)


def dispute_words(account: Account, found: WorkOrder) -> dict[str, Any]:
    contract = installed().section("contracts").get(found.resource)
    field = next((f for f in contract.fields if f.name == found.field), None) if contract else None
    standing = disputes.standing_of(contract, found.key, found.field) if contract and field else None
    return {
        **common(account, found),
        "contract": contract,
        "field": field,
        "field_title": field.title if field else found.field,
        "standing": standing,
        "shown": screen.hidden(field, standing.value) if field and standing else "",
        "masked": bool(field and standing and screen.hidden(field, standing.value) != standing.value),
        "key": f"…{found.key[-4:]}" if len(found.key) > 4 else found.key,
        "fault": None,
    }


@login_required
@require_POST
def value(request: HttpRequest, order_id: str) -> JsonResponse:
    """The disputed value in full; who asked is on record before it is shown."""
    account = account_of(request)
    found = book.order_of(account, order_id, "order.answer")
    standing = disputes.standing_of(book.contract_of(found), found.key, found.field)
    disputes.record(account, "order.reveal", found)
    return JsonResponse({"value": standing.value if standing else ""})


@login_required
@require_POST
def confirm(request: HttpRequest, order_id: str) -> HttpResponse:
    account = account_of(request)
    try:
        disputes.confirm(account, order_id, request.POST.get("why", ""))
    except NothingSaid as told:
        return dispute_again(request, account, order_id, told.what)
    return redirect("collection:order", order_id)


@login_required
@require_POST
def correct(request: HttpRequest, order_id: str) -> HttpResponse:
    account = account_of(request)
    try:
        run = mending.mend_disputed(account, order_id, request.POST.get("value", ""))
    except (NothingToMend, ValueRefused) as told:
        return dispute_again(request, account, order_id, told.what)
    found = book.order_of(account, order_id)
    if found.state == WorkOrder.OPEN:
        said = next(
            (words for _, words, _ in service.reasons(run)), Text("没有通过检查", "did not pass the checks")
        )
        return dispute_again(request, account, order_id, said)
    return redirect("collection:order", order_id)


def dispute_again(request: HttpRequest, account: Account, order_id: str, fault: Text) -> HttpResponse:
    words = dispute_words(account, book.order_of(account, order_id)) | {"fault": fault}
    return render(request, "collection/order_dispute.html", words, status=400)


@login_required
@require_GET
def scoreboard(request: HttpRequest) -> HttpResponse:
    account = account_of(request)
    permissions.require(account, "order.read", "scoreboard")
    period, by = chosen(request)
    words = {
        "standings": ranking.standings(period, by),
        "period": period,
        "periods": ranking.PERIODS,
        "by": by,
        "figures": ranking.FIGURES,
        "own": account.organization.name_zh if account.organization else "",
    }
    return render(request, "collection/scoreboard.html", words)


@login_required
@require_GET
def figure(request: HttpRequest) -> HttpResponse:
    """How one figure of the scoreboard was computed. The orders behind it are for those who may see them."""
    account = account_of(request)
    permissions.require(account, "order.read", "scoreboard")
    period, by = chosen(request)
    organization = request.GET.get("organization", "")
    one = next((s for s in ranking.standings(period, by) if s.organization == organization), None)
    visible = set(book.scoped(account).values_list("pk", flat=True))
    behind = [o for o in one.orders(by) if o.id in visible] if one else []
    words = {
        "one": one,
        "organization": organization,
        "period": period,
        "periods": ranking.PERIODS,
        "by": by,
        "figure": ranking.FIGURES[by],
        "definition": ranking.DEFINITIONS[by],
        "orders": behind,
        "hidden": len(one.orders(by)) - len(behind) if one else 0,
        "deadlines": {o.id: screen.deadline(o) for o in behind},
        "titles": {name: contract.title for name, contract in service.resources().items()},
        "kinds": KINDS,
    }
    return render(request, "collection/scoreboard_figure.html", words)


def chosen(request: HttpRequest) -> tuple[str, str]:
    period, by = request.GET.get("period", ""), request.GET.get("by", "")
    return (
        period if period in ranking.PERIODS else "90",
        by if by in ranking.FIGURES else ranking.QUALITY,
    )
