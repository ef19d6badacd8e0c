"""Orders open for what a run found wrong, shrink, close, and are seen by whom they concern."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from jingwei.collection.models import Run, WorkOrder
from jingwei.collection.workorders import book, lines, orders
from jingwei.collection.workorders.errors import OrderOfOthers, UnknownOrder
from jingwei.inbox import working_days
from jingwei.inbox.models import Notice
from jingwei.kernel.models import LedgerEntry

from .conftest import GOOD, PROVIDER


def test_a_run_that_finds_wrong_rows_opens_one_order_to_the_provider(order, deliver):
    run = Run.objects.get()
    assert (order.id, order.run, order.organization) == (f"W{run.id[1:]}", run.id, PROVIDER)
    assert (order.rows, order.remaining, order.state) == (2, 2, WorkOrder.OPEN)
    assert order.due == working_days.after(timezone.localdate(), 5)
    [notice] = Notice.objects.filter(kind="order-opened")
    assert (notice.organization, notice.link) == (PROVIDER, f"/collection/orders/{order.id}/")


def test_a_run_without_faults_opens_none(deliver):
    deliver(*GOOD)
    assert WorkOrder.objects.count() == 0


def test_settling_again_changes_nothing(order, deliver):
    run, contract = Run.objects.get(), book.contract_of(order)
    before = WorkOrder.objects.values().get()
    orders.settle(run, contract)
    orders.settle(run, contract)
    assert WorkOrder.objects.values().get() == before
    assert Notice.objects.filter(kind="order-opened").count() == 1


def test_rows_that_come_again_as_wrong_stay_with_the_order_that_is_open(order, deliver):
    deliver(*GOOD, "3,程既白,男,,2020-13-01", "4,,某,,2020-01-02")
    assert WorkOrder.objects.count() == 1
    order.refresh_from_db()
    assert (order.remaining, order.state) == (2, WorkOrder.OPEN)


def test_a_row_mended_at_the_source_leaves_and_the_last_one_closes_the_order(order, deliver):
    deliver(*GOOD, "3,程既白,男,,2020-12-01", "4,,某,,2020-01-02")
    order.refresh_from_db()
    assert (order.remaining, order.state) == (1, WorkOrder.OPEN)
    last = deliver(*GOOD, "3,程既白,男,,2020-12-01", "4,陶知远,男,,2020-01-02")
    order.refresh_from_db()
    assert (order.remaining, order.state, order.closed_by) == (0, WorkOrder.CLOSED, f"run {last.id}")


def test_rows_found_wrong_later_are_another_order(order, deliver):
    later = deliver(*GOOD, "3,程既白,男,,2020-13-01", "4,,某,,2020-01-02", "5,某某,女,,1900-01-01")
    assert sorted(WorkOrder.objects.values_list("run", "remaining")) == [(order.run, 2), (later.id, 1)]


def test_a_run_that_was_held_opens_nothing(deliver):
    held = deliver("3,,某,,x")
    assert held.state == Run.HELD
    assert WorkOrder.objects.count() == 0


def test_an_order_whose_opening_was_cut_off_is_opened_by_the_next_settling(order, deliver):
    run, contract = Run.objects.get(), book.contract_of(order)
    WorkOrder.objects.all().delete()
    orders.settle(run, contract)
    assert WorkOrder.objects.get().remaining == 2


def test_an_officer_sees_the_orders_of_the_own_organization_and_a_steward_all(
    order, officer, stranger, steward
):
    assert [list(book.orders(who)) for who in (officer, stranger, steward)] == [[order], [], [order]]
    assert book.order_of(officer, order.id) == order


def test_another_departments_officer_is_refused_and_that_is_on_record(order, stranger):
    with pytest.raises(OrderOfOthers):
        book.order_of(stranger, order.id)
    entry = LedgerEntry.objects.first()
    assert (entry.account, entry.action, entry.outcome) == ("stranger", "order.read", "refused")


def test_an_order_nobody_has_is_unknown(officer):
    with pytest.raises(UnknownOrder):
        book.order_of(officer, "W-20000101-0001")


def test_the_late_ones_are_found_and_come_first(order, officer):
    later = WorkOrder.objects.create(
        id="W-20000101-0001", resource="trial.person", organization=PROVIDER, run="R-20000101-0001",
        opened_by="x", due=timezone.localdate() - timedelta(days=1), rows=1, remaining=1,
    )  # fmt: skip
    assert list(book.orders(officer, book.LATE)) == [later]
    assert list(book.orders(officer)) == [later, order]
    assert list(book.orders(officer, book.CLOSED)) == []
    assert list(book.orders(officer, resource="other.table")) == []


def test_days_left_are_working_days(db):
    friday, monday = timezone.datetime(2026, 11, 20).date(), timezone.datetime(2026, 11, 23).date()
    assert (book.days_left(monday, friday), book.days_left(friday, friday)) == (1, 0)
    assert book.days_left(friday, monday) == -1


def test_rows_of_an_order_are_read_page_by_page_and_by_reason(order):
    assert lines.count(order) == 2
    [first], [second] = lines.page(order, 0, 1), lines.page(order, 1, 1)
    assert (first.key, second.key) == ("3", "4")
    codes = [code for code, _, _ in lines.reasons(order)]
    assert "name:missing" in codes
    [found] = lines.page(order, reason="name:missing")
    assert found == second
    assert lines.headers(order) == ["编号", "姓名", "性别", "证件号", "登记日期"]
    assert lines.marked(order, [first.mark]) == {first.mark: [first]}
    assert list(lines.each(order)) == [first, second]
