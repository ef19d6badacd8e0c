"""The worker brings registers up to date: after its collections, once for all of them, and after verdicts."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from django_q.models import OrmQ, Schedule

from jingwei.kernel.locks import exclusive
from jingwei.kernel.text import Text
from jingwei.registers import renewing, service

from .conftest import Town, person

pytestmark = pytest.mark.django_db


@pytest.fixture
def filled(town: Town) -> Town:
    for at, resource in enumerate(("a.person", "b.person", "c.person")):
        town.put(resource, [[f"{at}1", *person(1)[:3]]])
    return town


def waiting() -> list[tuple[str, tuple[str, ...]]]:
    return [(one.task["func"], tuple(one.task["args"])) for one in OrmQ.objects.order_by("id")]


def test_a_register_waits_once_however_many_of_its_tables_came(filled):
    for resource in ("a.person", "b.person", "c.person", "somewhere.else"):
        renewing.after_collection(resource)
    assert waiting() == [(renewing.PERFORM, ("people",))]


def test_rows_that_come_while_it_is_linked_are_linked_after_it(filled):
    renewing.enqueue("people")
    OrmQ.objects.update(lock=timezone.now() + timedelta(hours=1))  # a worker took it
    assert renewing.enqueue("people") and len(waiting()) == 2


def test_the_worker_links_and_says_which_build(filled):
    assert renewing.perform("people") == service.link("people").build
    assert len(set(filled.entities().values())) == 1


def test_while_somebody_links_it_comes_back_later(filled):
    with exclusive("link-people", Text("人", "people"), wait=0):
        assert renewing.perform("people") == "busy"
    again = Schedule.objects.get(name="link people")
    assert again.next_run > timezone.now() and again.schedule_type == Schedule.ONCE


def test_verdicts_are_linked_after_a_rest_that_each_begins_anew(filled):
    renewing.after_verdict("people")
    first = Schedule.objects.get(name="link people").next_run
    renewing.after_verdict("people")
    assert Schedule.objects.get(name="link people").next_run > first and waiting() == []


def test_what_cannot_be_linked_is_none_of_the_queues(town):
    assert renewing.perform("people") not in ("busy", "") and waiting() == []
