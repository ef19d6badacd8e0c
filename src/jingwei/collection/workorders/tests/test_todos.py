"""A work order is a to-do of its organization; disputes of a resource are one, however many there are."""

from jingwei.collection.models import WorkOrder
from jingwei.collection.workorders import book, disputes
from jingwei.collection.workorders.disputes import Doubt
from jingwei.inbox.models import ToDo

from .conftest import GOOD, PROVIDER


def test_an_order_is_asked_of_its_organization_and_done_with_its_last_row(order, deliver):
    one = ToDo.objects.get()
    assert (one.key, one.organization, one.due) == (f"order:{order.id}", PROVIDER, order.due)
    assert one.link == f"/collection/orders/{order.id}/" and "2 行" in one.zh
    deliver(*GOOD, "3,程既白,男,,2020-12-01", "4,,某,,2020-01-02")
    assert "1 行" in ToDo.objects.get().zh
    last = deliver(*GOOD, "3,程既白,男,,2020-12-01", "4,陶知远,男,,2020-01-02")
    one.refresh_from_db()
    assert one.done and one.done_by == f"run {last.id}"


def test_disputes_of_a_resource_are_one_to_do_with_how_many(order, officer):
    contract = book.contract_of(order)
    rows = [Doubt("1", "population/P1"), Doubt("2", "population/P2")]
    assert disputes.doubt(contract, "name", "与别处矛盾", rows, "register") == 2
    one = ToDo.objects.get(kind="dispute")
    assert "2 个值" in one.zh and one.organization == PROVIDER and "resource=trial.person" in one.link
    first, second = WorkOrder.objects.filter(kind=WorkOrder.DISPUTE).order_by("id")
    disputes.confirm(officer, first.id, "登记如此")
    one.refresh_from_db()
    assert "1 个值" in one.zh and one.link == f"/collection/orders/{second.id}/"
    disputes.confirm(officer, second.id, "登记如此")
    one.refresh_from_db()
    assert one.done and one.done_by == "officer"
