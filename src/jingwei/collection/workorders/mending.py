"""Putting rows of an order right: what was typed becomes a repair, that is a run with the same checks.

    cells by row mark ─▶ rows still open? ─▶ really changed? ─▶ service.repair ─▶ accepted rows leave, others stay

Two officers on the same row: a row is known by the text it came with, so the second finds that it is gone, and is
told. The asking is on record before anything is repaired. Cells typed and not yet handed in are kept as a draft.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.utils import timezone

from jingwei.catalog.contracts import Contract, Field
from jingwei.catalog.values import standardize_one
from jingwei.collection import service
from jingwei.collection.errors import NothingToMend
from jingwei.collection.models import RowNote, Run, WorkOrder
from jingwei.collection.standardize import standardizer_of
from jingwei.collection.workorders import book, disputes, lines
from jingwei.collection.workorders.errors import NotDisputable, NothingSaid, RowsGone, ValueRefused
from jingwei.collection.workorders.lines import Line
from jingwei.kernel import ledger
from jingwei.kernel.models import Account
from jingwei.kernel.text import Text

LONGEST = 32_000
"""Characters of a cell; more than a spreadsheet's cell holds is no correction."""
SAID_RIGHT = Text(
    "《{title}》有一行，提供部门说没有错：{order}",
    "“{title}”: the provider holds a row to be right ({order})",
)
REPLIED = Text("对您单位的说明有了答复：{order}", "Your statement was answered: {order}")

Cells = Mapping[str, Mapping[str, str]]
"""Row mark → field name → text."""


@dataclass(frozen=True)
class Outcome:
    """What became of the rows that were handed in."""

    run: Run
    mended: int
    still: int
    gone: int = 0
    same: int = 0
    order: WorkOrder | None = field(default=None, compare=False)


def save(account: Account | None, order_id: str, cells: Cells) -> Outcome:
    """Repairs the rows whose cells were changed. Raises NothingToMend, RowsGone, what a repair raises."""
    order = book.order_of(account, order_id, "order.answer")
    book.still_open(order)
    contract = book.contract_of(order)
    found = lines.marked(order, cells)
    gone = [mark for mark in cells if mark not in found]
    mends: list[service.Mend] = []
    marks: list[str] = []
    same = 0
    for mark, rows in found.items():
        changed = changes(contract, rows[0], cells[mark])
        if not changed:
            same += 1
            continue
        marks.append(mark)
        mends += [mend_of(line, contract, changed) for line in rows]
    if not mends:
        raise RowsGone(rows=len(gone)) if gone else NothingToMend()
    fields = sorted({name for mark in marks for name in changes(contract, found[mark][0], cells[mark])})
    who = account.username if account else "(node)"
    ledger.record(account, "order.mend", f"{order.id} {len(mends)} rows", fields=fields, purpose=contract.id)
    run = service.repair(contract.id, mends, who)
    left = lines.marked(order, marks)
    with transaction.atomic():
        RowNote.objects.filter(order=order.id, row__in=[m for m in marks if m not in left], right="").delete()
    order.refresh_from_db()
    still = lines.of_run(order, run.id)
    return Outcome(run, len(mends) - still, still, len(gone), same, order)


def mend_of(line: Line, contract: Contract, changed: Mapping[str, str]) -> service.Mend:
    """The repair of one row, by the department's own headers."""
    values: dict[str, str | None] = {}
    for f in contract.fields:
        header = line.header(f)
        if f.name in changed or header is None:
            # A stretch that was no record has no cells, and a row may come from before a field was declared.
            values[header or f.header] = changed.get(f.name, "")
    return service.Mend(line.run, line.row, values, original=line.source)


def changes(contract: Contract, line: Line, cells: Mapping[str, str]) -> dict[str, str]:
    """The cells that say something else than the row as it came."""
    return {
        f.name: cells[f.name].strip()[:LONGEST]
        for f in contract.fields
        if f.name in cells and cells[f.name].strip() != line.text(f).strip()
    }


def check(contract: Contract, line: Line, cells: Mapping[str, str]) -> dict[str, Text]:
    """What would be wrong with the row, by field; `""` for the row as a whole. Nothing is written."""
    changed = changes(contract, line, cells)
    row: dict[str, str | None] = {}
    for f in contract.fields:
        row[line.header(f) or f.header] = changed.get(f.name, line.text(f))
    [reasons] = service.check(contract.id, [row])
    known = {f.name for f in contract.fields}
    found: dict[str, Text] = {}
    for reason in reasons:
        found.setdefault(reason.field if reason.field in known else "", reason.text)
    for f in contract.fields:
        # A row is accepted without such a value; it is still to be mended.
        if f.on_fault == "void" and f.name not in found:
            fault = fault_of(f, row[line.header(f) or f.header] or "")
            if fault is not None:
                found[f.name] = fault
    return found


def fault_of(f: Field, text: str) -> Text | None:
    judged = standardize_one(standardizer_of(f), text)
    return judged.fault.text if judged.fault else None


def keep_draft(
    account: Account, order: WorkOrder, line: Line, cells: Mapping[str, str], contract: Contract
) -> None:
    """What was typed is there again after a reload, also for a colleague; an untouched row keeps none."""
    typed = changes(contract, line, cells)
    facts: dict[str, Any] = {"values": typed, "by": account.username, "at": timezone.now()}
    if typed:
        RowNote.objects.update_or_create(order=order.id, row=line.mark, defaults=facts)
    else:
        RowNote.objects.filter(order=order.id, row=line.mark).update(**facts)


def notes(order: WorkOrder, marks: Collection[str]) -> dict[str, RowNote]:
    """Drafts and statements about rows."""
    return {note.row: note for note in RowNote.objects.filter(order=order.id, row__in=list(marks))}


def statements(order: WorkOrder) -> Sequence[RowNote]:
    """Rows the provider holds to be right, those without a reply first."""
    return list(RowNote.objects.filter(order=order.id).exclude(right="").order_by("reply", "at"))


def unanswered(orders: Sequence[str]) -> dict[str, int]:
    """Order → statements that no steward has replied to."""
    waiting = RowNote.objects.filter(order__in=orders, reply="").exclude(right="")
    return dict(Counter(waiting.values_list("order", flat=True)))


def say_right(account: Account, order_id: str, mark: str, why: str) -> RowNote:
    """The provider holds a row to be right as it stands: an answer for the steward. The row stays in quarantine."""
    order = book.order_of(account, order_id, "order.answer")
    book.still_open(order)
    if not why.strip():
        raise NothingSaid()
    if mark not in lines.marked(order, [mark]):
        raise RowsGone(rows=1)
    with transaction.atomic():
        note, _ = RowNote.objects.update_or_create(
            order=order.id,
            row=mark,
            defaults={
                "right": why.strip()[: disputes.LONGEST],
                "reply": "",
                "values": {},
                "by": account.username,
                "at": timezone.now(),
            },
        )
        ledger.record(account, "order.answer", order.id, fields=[mark], purpose=order.resource)
        title = book.contract_of(order).title
        book.tell(order, "row-right", SAID_RIGHT.fill(title=title, order=order.id), role="steward")
    return note


def reply(account: Account, order_id: str, mark: str, text: str) -> None:
    """The steward's word on such a statement; who may read all orders may give it."""
    order = book.order_of(account, order_id, "order.read_all")
    if not text.strip():
        raise NothingSaid()
    with transaction.atomic():
        changed = (
            RowNote.objects.filter(order=order.id, row=mark)
            .exclude(right="")
            .update(reply=text.strip()[: disputes.LONGEST])
        )
        if not changed:
            raise RowsGone(rows=1)
        ledger.record(account, "order.reply", order.id, fields=[mark], purpose=order.resource)
        book.tell(order, "row-right-replied", REPLIED.fill(order=order.id))


def mend_disputed(account: Account, order_id: str, text: str) -> Run:
    """The provider puts another value in the place of a disputed one: a repair of the row, with the same
    checks. The order is closed by the run if the value was accepted."""
    order = book.order_of(account, order_id, "order.answer")
    book.still_open(order)
    contract = book.contract_of(order)
    named = disputes.field_of(order, contract)
    standing = disputes.standing_of(contract, order.key, order.field)
    if standing is None:
        raise NotDisputable(field=named.title)
    if text.strip() in ("", standing.value):
        raise NothingToMend()
    fault = fault_of(named, text)
    if fault is not None:
        raise ValueRefused(field=named.title, why=fault)
    disputes.record(account, "dispute.mend", order)
    change = service.Mend(standing.run, standing.row, {named.header: text.strip()[:LONGEST]})
    return service.repair(contract.id, [change], account.username)
