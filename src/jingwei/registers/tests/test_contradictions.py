"""One number used by two people: kept apart, and the department that provides it is asked, once."""

from __future__ import annotations

from jingwei.collection.models import WorkOrder
from jingwei.inbox.models import Notice

from .conftest import Town, person

PARENT = person(1)
CHILD = ("龙小小", "2015-06-07")


def rows(town: Town) -> None:
    number, name, birth, phone = PARENT
    town.put("a.person", [("A1", number, name, birth, phone)])
    town.put("b.person", [("B1", number, name, birth, phone), ("B2", number, *CHILD)])
    town.put("c.person", [("C1", None, "司马相知", "1970-01-01")])


def test_the_provider_of_somebody_elses_number_gets_an_order_and_one_notice(town: Town) -> None:
    rows(town)
    assert town.link().notes == {"contradicted:id_number": 1}
    (order,) = WorkOrder.objects.filter(kind=WorkOrder.DISPUTE)
    assert (order.resource, order.key, order.field, order.value) == ("b.person", "B2", "id_number", PARENT[0])
    assert order.organization == "单位B"
    assert order.subject == f"people/{town.entities()['b.person/B2']}"
    assert Notice.objects.filter(kind="dispute-raised").count() == 1


def test_linking_again_asks_nobody_twice_even_after_an_answer(town: Town) -> None:
    rows(town)
    town.link()
    town.link()
    assert WorkOrder.objects.count() == 1
    WorkOrder.objects.update(state=WorkOrder.CLOSED)
    town.link()
    assert WorkOrder.objects.count() == 1
