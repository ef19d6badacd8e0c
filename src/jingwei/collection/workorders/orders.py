"""Work orders: opened for rows a run found wrong, closed when none of them is left.

One order stands for the rows that one run was the first to find wrong (`since` in the lake). Its number is the
run's own with another letter, so opening it twice is impossible however often, and in however many processes,
`settle` is called. What is open is asked of the lake each time, never counted along.
"""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from jingwei.catalog.contracts import Contract
from jingwei.collection import todos
from jingwei.collection.models import Run, WorkOrder
from jingwei.collection.workorders import book, disputes, lines
from jingwei.inbox import working_days
from jingwei.kernel.locks import exclusive
from jingwei.kernel.text import Text

PATIENCE = 60
OPENED = Text("《{title}》有 {rows} 行要改，{due} 前办结", "“{title}”: rows to mend: {rows}, by {due}")


def settle(run: Run, contract: Contract) -> None:
    """Brings the orders of the run's resource to what the lake says after it. A run that was held or failed
    changed nothing and opens nothing."""
    if run.state != Run.DONE:
        return
    what = Text(f"{contract.id} 的工单", f"the work orders of {contract.id}")
    with exclusive(f"orders-{contract.id}", what, wait=PATIENCE):
        left = lines.counts(contract.id)
        with transaction.atomic():
            known = {
                order.run: order
                for order in WorkOrder.objects.filter(resource=contract.id, kind=WorkOrder.QUALITY)
                if order.state == WorkOrder.OPEN or order.run in left
            }
            for since, rows in left.items():
                if since in known:
                    _update(known[since], rows, run)
                else:
                    _open(contract, since, rows)
            for since, order in known.items():
                if since not in left:
                    _update(order, 0, run)
            disputes.settle(run, contract)


def number_of(run: str) -> str:
    """The number of the order for what a run was the first to find wrong."""
    return f"W-{run.partition('-')[2]}"


def _open(contract: Contract, since: str, rows: int) -> None:
    today = timezone.localdate()
    order, made = WorkOrder.objects.get_or_create(
        id=number_of(since),
        defaults={
            "kind": WorkOrder.QUALITY,
            "resource": contract.id,
            "organization": contract.organization,
            "run": since,
            "opened_by": f"run {since}",
            "due": working_days.after(today, contract.deadline),
            "rows": rows,
            "remaining": rows,
        },
    )
    if made:
        told = OPENED.fill(title=contract.title, rows=f"{rows:,}", due=order.due.isoformat())
        book.tell(order, "order-opened", told)
        todos.opened(order)


def _update(order: WorkOrder, rows: int, run: Run) -> None:
    """Notes how many rows are left; closes the order when none is, opens it again when some are after all."""
    if rows == order.remaining and (rows == 0) == (order.state == WorkOrder.CLOSED):
        return
    order.remaining = rows
    order.rows = max(order.rows, rows)
    if rows == 0 and order.state == WorkOrder.OPEN:
        book.close(order, run.started_by if run.kind == Run.REPAIR else f"run {run.id}")
        return
    if rows and order.state == WorkOrder.CLOSED:
        order.state, order.closed, order.closed_by = WorkOrder.OPEN, None, ""
    order.save()
    if order.state == WorkOrder.OPEN:
        todos.opened(order)
