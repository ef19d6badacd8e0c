"""What collection asks people to do: work orders of an organization, disputed values, held runs.

A work order is a to-do of its own; disputes, of which a check can raise thousands, are one to-do for each resource,
with how many there are. Orders whose provider the contract does not name wait for the stewards.
"""

from __future__ import annotations

from django.db.models import Count, Min
from django.urls import reverse

from jingwei.catalog.contracts import Contract
from jingwei.collection.models import Run, WorkOrder
from jingwei.inbox import kinds
from jingwei.inbox import service as inbox
from jingwei.kernel.text import Text
from jingwei.packs.service import installed

STEWARD = "steward"
ORDER = kinds.Kind("order", Text("工单", "work order"), "ticket", above=STEWARD)
DISPUTE = kinds.Kind("dispute", Text("异议", "dispute"), "question", above=STEWARD)
HELD = kinds.Kind("held-run", Text("扣住的批次", "held run"), "pause", above="administrator")

TO_MEND = Text("《{title}》有 {rows} 行要改", "Mend {rows} rows of “{title}”")
TO_ANSWER = Text("《{title}》有 {n} 个值被提出异议，要答复", "Answer {n} disputed values of “{title}”")
TO_DECIDE = Text("《{title}》的一批扣住了，要人决定放不放行", "Decide on a held run of “{title}”")


def register() -> None:
    for kind in (ORDER, DISPUTE, HELD):
        kinds.register(kind)


def opened(order: WorkOrder) -> None:
    """Asks for an order, or brings what is asked up to date with how many rows are left."""
    if order.kind == WorkOrder.DISPUTE:
        _disputes(order.resource)
        return
    inbox.ask(
        kind=ORDER.name,
        key=_key(order),
        title=TO_MEND.fill(title=_title(order.resource), rows=f"{order.remaining:,}"),
        about=order.id,
        link=reverse("collection:order", args=[order.id]),
        due=order.due,
        **_whose(order.organization),
    )


def closed(order: WorkOrder) -> None:
    if order.kind == WorkOrder.DISPUTE:
        _disputes(order.resource, order.closed_by)
    else:
        inbox.done(_key(order), order.closed_by)


def run_ended(run: Run, contract: Contract) -> None:
    """A held run waits for a steward until a run of its resource is done."""
    key = f"held:{contract.id}"
    if run.state == Run.DONE and run.kind != Run.REPAIR:
        inbox.done(key, run.started_by)
    elif run.state == Run.HELD:
        inbox.ask(
            kind=HELD.name,
            key=key,
            title=TO_DECIDE.fill(title=contract.title),
            about=f"{contract.id} {run.id}",
            link=reverse("collection:run", args=[run.id]),
            role=STEWARD,
        )


def _disputes(resource: str, by: str = "") -> None:
    """One to-do for all open disputes of a resource; gone with the last of them."""
    open_ones = WorkOrder.objects.filter(
        kind=WorkOrder.DISPUTE, state=WorkOrder.OPEN, resource=resource
    ).order_by()
    told = open_ones.aggregate(n=Count("pk"), due=Min("due"))
    key = f"disputes:{resource}"
    if not told["n"]:
        inbox.done(key, by)
        return
    first = open_ones.order_by("due", "id")[0]
    one = told["n"] == 1
    every = f"{reverse('collection:orders')}?state=open&resource={resource}"
    inbox.ask(
        kind=DISPUTE.name,
        key=key,
        title=TO_ANSWER.fill(title=_title(resource), n=f"{told['n']:,}"),
        about=first.id if one else resource,
        link=reverse("collection:order", args=[first.id]) if one else every,
        due=told["due"],
        **_whose(first.organization),
    )


def _whose(organization: str) -> dict[str, str]:
    return {"organization": organization} if organization else {"role": STEWARD}


def _key(order: WorkOrder) -> str:
    return f"order:{order.id}"


def _title(resource: str) -> Text | str:
    contract: Contract | None = installed().section("contracts").get(resource)
    return contract.title if contract else resource
