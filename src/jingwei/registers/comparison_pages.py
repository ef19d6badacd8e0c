"""The pages of comparing a list: hand it in, say which column is which and what it is for, take the answers away.

What a reader finds here is about the own list alone; the list and its answers are kept for a day, for them only.
"""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from jingwei.kernel.errors import JingweiError
from jingwei.kernel.text import Text
from jingwei.packs.service import installed
from jingwei.registers import comparison, lists
from jingwei.registers.comparison import WORDS, Comparison
from jingwei.registers.errors import ListUnreadable
from jingwei.registers.frame import frame
from jingwei.registers.models import ServingState
from jingwei.registers.presenting import account_of, declared
from jingwei.registers.sources import Declared
from jingwei.registers.sources import declared as with_contracts

ACTION = "register.compare"
SHOWN = 100
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
EXPORTS = {"csv": ("text/csv; charset=utf-8", lists.as_csv), "xlsx": (XLSX, lists.as_workbook)}


@login_required
@require_GET
def choose(request: HttpRequest) -> HttpResponse:
    """Which register to compare with: the way in for those who may not open the registers themselves."""
    account_of(request, ACTION, "registers")
    known = installed().section("registers")
    served = set(ServingState.objects.values_list("register", flat=True))
    words = {"registers": [one for name, one in known.items() if name in served]}
    return render(request, "registers/compare_start.html", words)


@login_required
@require_http_methods(["GET", "POST"])
def start(request: HttpRequest, register: str) -> HttpResponse:
    account = account_of(request, ACTION, register)
    one = declared(register)
    fault: JingweiError | None = None
    if request.method == "POST":
        try:
            file = request.FILES.get("file")
            if not isinstance(file, UploadedFile) or not file.name:
                raise ListUnreadable(name="-", why=Text("没有选文件", "no file was chosen"))
            kept = lists.keep(account, file.name, file.size or 0, file.chunks())
            try:
                lists.read(with_contracts(register), kept.path, kept.name)
            except JingweiError:
                lists.drop(kept)
                raise
        except JingweiError as exc:
            fault = exc
        else:
            return redirect("registers:compare-list", register, kept.token)
    words = {"fault": fault, "most": comparison.MOST_ROWS, "megabytes": lists.MOST_MEGABYTES}
    return render(
        request,
        "registers/compare.html",
        frame(account, one, "compare") | words,
        status=400 if fault else 200,
    )


@login_required
@require_http_methods(["GET", "POST"])
def one_list(request: HttpRequest, register: str, token: str) -> HttpResponse:
    account = account_of(request, ACTION, register)
    known = with_contracts(register)
    kept = lists.kept(account, token)
    columns, rows = lists.read(known, kept.path, kept.name)
    chosen = {f.name: request.POST.get(f"field-{f.name}", "") for f in known.register.fields}
    mapping = {name: column for name, column in chosen.items() if column in columns}
    if request.method == "GET":
        mapping = comparison.guess(known, columns)
    purpose = request.POST.get("purpose", "")
    done: Comparison | None = None
    fault: JingweiError | None = None
    if request.method == "POST":
        try:
            done = comparison.compare(account, register, rows, mapping, purpose)
            lists.keep_answers(kept, lists.table(known, done))
        except JingweiError as exc:
            fault = exc
    words: dict[str, Any] = {
        "name": kept.name,
        "token": token,
        "rows": len(rows),
        "columns": columns,
        "fields": [(f.name, known.title(f.name)) for f in known.register.fields],
        "mapping": mapping,
        "purpose": purpose,
        "fault": fault,
    }
    if done:
        words |= outcome(known, done)
    return render(
        request,
        "registers/compare_list.html",
        frame(account, declared(register), "compare") | words,
        status=400 if fault else 200,
    )


def outcome(known: Declared, done: Comparison) -> dict[str, Any]:
    """What the page says of the answers: sums, and the first rows that are not all in order."""
    kinds = (comparison.FOUND, comparison.NOT_FOUND, comparison.SEVERAL)
    answers = (comparison.YES, comparison.DIFFERS, comparison.NO, comparison.UNREADABLE, comparison.BLANK)
    first = [
        one
        for one in done.answers
        if one.found != comparison.FOUND or any(a not in ("yes", "") for a in one.fields.values())
    ]
    return {
        "done": done,
        "words": WORDS,
        "sums": [(WORDS[kind], done.counts[kind]) for kind in kinds],
        "heads": [WORDS[a] if a else Text("名单里空着", "blank in the list") for a in answers],
        "by_field": [
            (known.title(name), [done.field_counts(name)[answer] for answer in answers])
            for name in done.columns
        ],
        "titles": {name: known.title(name) for name in done.columns},
        "first": first[:SHOWN],
        "remarkable": len(first),
    }


@login_required
@require_GET
def download(request: HttpRequest, register: str, token: str, kind: str) -> HttpResponse:
    account = account_of(request, ACTION, register)
    kept = lists.kept(account, token)
    rows = lists.answers(kept)
    content, write = EXPORTS["csv" if kind == "csv" else "xlsx"]
    name = f"compared-{token[:8]}.{'csv' if kind == 'csv' else 'xlsx'}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(write(rows), content_type=content, headers=headers)
