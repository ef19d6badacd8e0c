"""The book of work orders: which ones somebody may see, and what may be done with one.

An officer sees the orders of one's own organization, who may read all of them sees all; refusals are on record.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone

from jingwei.catalog.contracts import Contract
from jingwei.collection import todos
from jingwei.collection.models import WorkOrder
from jingwei.collection.workorders.errors import NotDeclared, OrderClosed, OrderOfOthers, UnknownOrder
from jingwei.inbox import service as inbox
from jingwei.inbox import working_days
from jingwei.kernel import ledger, permissions, standing
from jingwei.kernel.models import Account
from jingwei.kernel.text import Text
from jingwei.packs.service import installed

LATE, OPEN, CLOSED = "late", "open", "closed"


def close(order: WorkOrder, by: str) -> None:
    """Closes an order in the caller's transaction."""
    order.state, order.closed, order.closed_by = WorkOrder.CLOSED, timezone.now(), by[:60]
    order.save()
    todos.closed(order)


def tell(order: WorkOrder, kind: str, text: Text, role: str = "") -> None:
    """A notice to the order's organization, or to a role."""
    organization = "" if role else order.organization
    if organization or role:
        link = reverse("collection:order", args=[order.id])
        inbox.tell(about=order.id, kind=kind, text=text, organization=organization, role=role, link=link)


def orders(
    account: Account | None, state: str = "", resource: str = "", kind: str = ""
) -> QuerySet[WorkOrder]:
    """The orders an account may see, to do first, by deadline. `state` is open, late or closed; account None
    is the node itself."""
    found = scoped(account)
    if resource:
        found = found.filter(resource=resource)
    if kind:
        found = found.filter(kind=kind)
    if state == LATE:
        found = found.filter(state=WorkOrder.OPEN, due__lt=timezone.localdate())
    elif state in (OPEN, CLOSED):
        found = found.filter(state=state)
    if state == CLOSED:
        return found.order_by("-closed", "-id")
    return found.order_by("-state", "due", "-opened", "-id")


def scoped(account: Account | None) -> QuerySet[WorkOrder]:
    """Those of one's own organization; all of them for who may read all."""
    if account is None or permissions.allowed(account, "order.read_all"):
        return WorkOrder.objects.all()
    return WorkOrder.objects.filter(organization__in=standing.names_today(account, "order.read"))


def order_of(account: Account | None, order_id: str, action: str = "order.read") -> WorkOrder:
    """The order, once the account may do this with it. Raises UnknownOrder; NotAllowed and OrderOfOthers are
    put on record."""
    if account is not None:
        permissions.require(account, action, order_id)
    found = WorkOrder.objects.filter(pk=order_id).first()
    if found is None:
        raise UnknownOrder(order=order_id)
    if account is not None and not scoped(account).filter(pk=order_id).exists():
        ledger.record(account, action, order_id, outcome="refused")
        raise OrderOfOthers(order=order_id, action=permissions.ACTIONS[action])
    return found


def still_open(order: WorkOrder) -> None:
    if order.state == WorkOrder.CLOSED:
        raise OrderClosed(order=order.id, by=order.closed_by)


def contract_of(order: WorkOrder) -> Contract:
    """The contract of the order's rows; NotDeclared where its pack is gone."""
    found: Contract | None = installed().section("contracts").get(order.resource)
    if found is None:
        raise NotDeclared(resource=order.resource)
    return found


def days_left(due: date, today: date) -> int:
    """Working days from today to the deadline, negative when it is over; 0 on the day itself."""
    return working_days.left(due, today)


def working_days_taken(orders: Sequence[WorkOrder]) -> list[int]:
    """Of closed orders: working days from opening to closing."""
    return [
        days_left(timezone.localdate(order.closed), timezone.localdate(order.opened))
        for order in orders
        if order.closed
    ]
