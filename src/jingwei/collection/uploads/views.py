"""The pages of handing in: what one may hand in and has handed in; one upload with its wrong rows; templates."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from jingwei.catalog.contracts import Contract
from jingwei.collection import service as collection
from jingwei.collection.models import Upload
from jingwei.collection.uploads import checking, service, sheets, words
from jingwei.collection.uploads import template as templates
from jingwei.collection.uploads.errors import UploadNothingChosen
from jingwei.kernel import ledger, permissions
from jingwei.kernel.errors import JingweiError
from jingwei.kernel.models import Account
from jingwei.kernel.paging import page_of
from jingwei.kernel.text import Text
from jingwei.packs.service import installed

ROWS_PAGE, UPLOADS_PAGE, MANY = 12, 12, 10
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
STAGES = {
    "open": (Text("还没交", "not handed in yet"), "primary", "edit"),
    "waiting": (Text("交了，排队中", "handed in, waiting"), "primary", "clock"),
    "running": (Text("正在收", "being taken"), "primary", "refresh"),
    "done": (Text("收下了", "taken"), "ok", "check"),
    "held": (Text("扣住，等数据管理员", "held for the data steward"), "warn", "pause"),
    "failed": (Text("没收成", "not taken"), "bad", "alert"),
    "dropped": (Text("不要了", "dropped"), "", "x"),
}


def account_of(request: HttpRequest) -> Account:
    assert isinstance(request.user, Account)
    permissions.require(request.user, "upload.submit")
    return request.user


@login_required
@require_http_methods(["GET", "POST"])
def start(request: HttpRequest) -> HttpResponse:
    account = account_of(request)
    fault: JingweiError | None = None
    if request.method == "POST":
        try:
            upload = begin(request, account)
        except JingweiError as exc:
            fault = exc
        else:
            return redirect("collection:upload", upload.id)
    uploads = service.mine(account)
    page = page_of(
        len(uploads),
        request.GET.get("page", ""),
        UPLOADS_PAGE,
        lambda offset, limit: uploads[offset : offset + limit],
    )
    contracts = collection.resources()
    given = {
        "resources": service.resources_for(account),
        "chosen": request.POST.get("resource") or request.GET.get("resource", ""),
        "fault": fault,
        "limit": service.LIMIT,
        "many": MANY,
        "page": page,
        "lines": [(one, contracts.get(one.resource), service.stage_of(one)) for one in page.rows],
        "stages": STAGES,
        "organization": account.organization,
    }
    return render(request, "collection/uploads.html", given, status=400 if fault else 200)


def begin(request: HttpRequest, account: Account) -> Upload:
    file = request.FILES.get("file")
    if not isinstance(file, UploadedFile) or not file.name:
        raise UploadNothingChosen(what=Text("文件", "file"))
    return service.begin(account, request.POST.get("resource", ""), file.name, file.size or 0, file.chunks())


@login_required
@require_GET
def one(request: HttpRequest, number: str) -> HttpResponse:
    account = account_of(request)
    upload = service.find(account, number)
    stage = service.stage_of(upload)
    given: dict[str, Any] = {
        "upload": upload,
        "contract": (contract := collection.contract_of(upload.resource)),
        "stage": stage,
        "stages": STAGES,
        "may_read_runs": permissions.allowed(account, "run.read"),
        "may_read_orders": permissions.allowed(account, "order.read"),
    }
    if stage.code == "open":
        given |= looked(request, upload, contract)
        ledger.record(account, "upload.read", upload.id, purpose="quality")
    return render(request, "collection/upload.html", given)


def looked(request: HttpRequest, upload: Upload, contract: Contract) -> dict[str, Any]:
    """What the page says of an upload that is being looked at; which rows are shown stands in the address."""
    found = checking.verdict(upload, contract)
    reason, remarks = request.GET.get("reason", ""), request.GET.get("which") == "remarks"
    page = page_of(
        checking.count_wrong(upload, reason, remarks) if not found.fault else 0,
        request.GET.get("page", ""),
        ROWS_PAGE,
        lambda offset, limit: checking.wrong_rows(upload, found, contract, offset, limit, reason, remarks),
    )
    catalogue = installed()
    elements = catalogue.section("elements")
    sheet = sheets.sheet(contract, elements, found, page.rows, reason)
    return summed(upload, contract, found) | {
        "reason": reason,
        "which": "remarks" if remarks else None,
        "remarks": sum(one["rows"] for one in found.reasons if one["accepted"]),
        "page": page,
        "sheet": sheet,
        "lists": sheets.lists(sheet.fields, elements, catalogue.section("codes")),
        "facts": words.lines(found.facts),
        "sheets": service.sheets_of(upload) if found.fault else [],
        "field_titles": {field.name: field.title for field in contract.fields},
        "reasons": [
            (f"{one['field']}:{one['code']}", Text(one["zh"], one["en"]), one["rows"])
            for one in found.reasons
            if one["accepted"] == remarks
        ],
    }


def summed(upload: Upload, contract: Contract, found: checking.Verdict) -> dict[str, Any]:
    fault = found.fault
    return {
        "upload": upload,
        "contract": contract,
        "found": found,
        "fault": {name: Text(**fault[name]) for name in ("what", "means", "do")} if fault else None,
        "hold": Text(**found.hold) if found.hold else None,
    }


@login_required
@require_http_methods(["GET", "POST"])
def row(request: HttpRequest, number: str, row: int) -> HttpResponse:
    """GET: all cells of a wrong row. POST: corrections of it, judged at once; a script gets the parts of the
    page that changed, a plain form the page."""
    account = account_of(request)
    upload = service.find(account, number)
    contract = collection.contract_of(upload.resource)
    if request.method == "POST":
        texts = {name[2:]: str(text) for name, text in request.POST.items() if name.startswith("c.")}
        service.correct(account, upload, row, texts)
        if request.headers.get("HX-Request") != "true":
            return redirect("collection:upload", upload.id)
    found = checking.verdict(upload, contract)
    shown = checking.wrong_row(upload, found, contract, row)
    catalogue = installed()
    elements = catalogue.section("elements")
    drawn = sheets.drawn(shown, contract.fields, contract, elements, found) if shown else None
    given = summed(upload, contract, found) | {"number": row, "row": drawn}
    if request.method == "POST":
        given["field_titles"] = {field.name: field.title for field in contract.fields}
        return render(request, "collection/upload_said.html", given)
    given["lists"] = sheets.lists(contract.fields, elements, catalogue.section("codes"))
    return render(request, "collection/upload_cells.html", given)


@login_required
@require_POST
def assign(request: HttpRequest, number: str) -> HttpResponse:
    account = account_of(request)
    upload = service.find(account, number)
    columns = {name[2:]: str(header) for name, header in request.POST.items() if name.startswith("f.")}
    service.assign(account, upload, columns, request.POST.get("sheet"))
    return redirect("collection:upload", upload.id)


@login_required
@require_POST
def submit(request: HttpRequest, number: str) -> HttpResponse:
    account = account_of(request)
    service.submit(account, service.find(account, number))
    return redirect("collection:upload", number)


@login_required
@require_POST
def drop(request: HttpRequest, number: str) -> HttpResponse:
    account = account_of(request)
    service.drop(account, service.find(account, number))
    return redirect("collection:uploads")


@login_required
@require_POST
def again(request: HttpRequest, number: str) -> HttpResponse:
    account = account_of(request)
    fresh = service.again(account, service.find(account, number))
    return redirect("collection:upload", fresh.id)


@login_required
@require_GET
def progress(request: HttpRequest, number: str) -> HttpResponse:
    """The line that says how far an upload is; once over, the page is loaded anew."""
    upload = service.find(account_of(request), number)
    stage = service.stage_of(upload)
    if stage.code not in ("waiting", "running"):
        return HttpResponse(status=204, headers={"HX-Refresh": "true"})
    return render(request, "collection/upload_waiting.html", {"upload": upload, "stage": stage})


@login_required
@require_GET
def template(request: HttpRequest, resource: str) -> HttpResponse:
    """An empty workbook of the contract, ready to be filled and handed in."""
    account = account_of(request)
    contract = service.resource_for(account, resource)
    catalogue = installed()
    made = templates.workbook(contract, catalogue.section("elements"), catalogue.section("codes"))
    name = templates.file_name(contract)
    return HttpResponse(made, content_type=XLSX, headers={"Content-Disposition": name})
