"""Mending in the page: the same checks, nothing lost, nobody overwritten."""

from __future__ import annotations

import pytest

from jingwei.collection import quarantine, service
from jingwei.collection.errors import NothingToMend
from jingwei.collection.models import RowNote, Run, WorkOrder
from jingwei.collection.workorders import book, lines, mending
from jingwei.collection.workorders.errors import NothingSaid, OrderClosed, OrderOfOthers, RowsGone
from jingwei.inbox.models import Notice
from jingwei.kernel.errors import NotAllowed
from jingwei.kernel.models import LedgerEntry

from .conftest import GOOD, standard

WRONG = ("3,程既白,男,,2020-13-01", "4,,某,,2020-01-02")


def line_of(order, key):
    return next(line for line in lines.page(order) if line.key == key)


def test_a_row_put_right_leaves_quarantine_and_stands_in_the_lake(order, officer):
    line = line_of(order, "3")
    outcome = mending.save(officer, order.id, {line.mark: {"since": "2020-12-01"}})
    assert (outcome.mended, outcome.still, outcome.run.kind) == (1, 0, Run.REPAIR)
    assert ("3", "程既白") in standard()
    assert quarantine.count("trial.person", open_only=True) == 1
    order.refresh_from_db()
    assert (order.remaining, order.state) == (1, WorkOrder.OPEN)


def test_the_last_row_put_right_closes_the_order_in_the_officers_name(order, officer):
    cells = {
        line_of(order, "3").mark: {"since": "2020-12-01"},
        line_of(order, "4").mark: {"name": "陶知远", "sex": "男"},
    }
    outcome = mending.save(officer, order.id, cells)
    assert (outcome.mended, outcome.order.state, outcome.order.closed_by) == (2, WorkOrder.CLOSED, "officer")
    with pytest.raises(OrderClosed):
        mending.save(officer, order.id, cells)


def test_a_row_still_wrong_stays_with_the_new_reason(order, officer):
    line = line_of(order, "4")
    outcome = mending.save(officer, order.id, {line.mark: {"name": "陶知远"}})
    assert (outcome.mended, outcome.still) == (0, 1)
    again = line_of(order, "4")
    assert {reason.field for reason in again.reasons} == {"sex"}
    assert again.original["姓名"] == "陶知远"
    order.refresh_from_db()
    assert order.remaining == 2


def test_the_second_of_two_officers_is_told_and_overwrites_nothing(order, officer, colleague):
    line = line_of(order, "3")
    mending.save(officer, order.id, {line.mark: {"since": "2020-12-01"}})
    with pytest.raises(RowsGone):
        mending.save(colleague, order.id, {line.mark: {"since": "2020-11-11"}})
    other = line_of(order, "4")
    outcome = mending.save(
        colleague,
        order.id,
        {line.mark: {"since": "2020-11-11"}, other.mark: {"name": "陶知远", "sex": "男"}},
    )
    assert (outcome.mended, outcome.gone) == (1, 1)
    assert [day.isoformat() for (day,) in standard("since")][2] == "2020-12-01"


def test_a_row_the_source_sent_again_as_wrong_can_still_be_mended(order, officer, deliver):
    line = line_of(order, "3")
    deliver(*GOOD, *WRONG)
    outcome = mending.save(officer, order.id, {line.mark: {"since": "2020-12-01"}})
    assert outcome.mended == 1


def test_a_mend_stands_when_the_source_sends_the_same_wrong_row_again(order, officer, deliver):
    mending.save(officer, order.id, {line_of(order, "3").mark: {"since": "2020-12-01"}})
    deliver(*GOOD, *WRONG)
    assert [line.key for line in lines.page(order)] == ["4"]
    assert WorkOrder.objects.count() == 1


def test_cells_left_as_they_were_are_no_mend(order, officer):
    line = line_of(order, "3")
    with pytest.raises(NothingToMend):
        mending.save(officer, order.id, {line.mark: {"since": "2020-13-01", "name": "程既白"}})


def test_a_stretch_that_was_no_record_is_mended_cell_by_cell(deliver, officer):
    deliver(*GOOD, "3,程既白,男")
    order = WorkOrder.objects.get()
    [line] = lines.page(order)
    assert line.original == "3,程既白,男"
    cells = {"number": "3", "name": "程既白", "sex": "男", "id_number": "", "since": "2020-01-02"}
    assert mending.save(officer, order.id, {line.mark: cells}).mended == 1
    assert ("3", "程既白") in standard()


def test_a_row_is_judged_before_it_is_handed_in_by_elements_and_rules(order):
    contract, line = book.contract_of(order), line_of(order, "4")
    assert set(mending.check(contract, line, {})) == {"name", "sex"}
    assert set(mending.check(contract, line, {"name": "陶知远"})) == {"sex"}
    assert mending.check(contract, line, {"name": "陶知远", "sex": "男"}) == {}
    early = mending.check(contract, line, {"name": "陶知远", "sex": "男", "since": "1900-01-01"})
    assert set(early) == {"since"}
    assert lines.count(order) == 2


def test_what_was_typed_is_kept_until_it_is_handed_in(order, officer):
    contract, line = book.contract_of(order), line_of(order, "3")
    mending.keep_draft(officer, order, line, {"since": "2020-12-01", "name": "程既白"}, contract)
    note = mending.notes(order, [line.mark])[line.mark]
    assert (note.values, note.by) == ({"since": "2020-12-01"}, "officer")
    mending.save(officer, order.id, {line.mark: note.values})
    assert RowNote.objects.count() == 0


def test_another_departments_officer_and_a_clerk_may_not_mend(order, stranger, account):
    cells = {line_of(order, "3").mark: {"since": "2020-12-01"}}
    with pytest.raises(OrderOfOthers):
        mending.save(stranger, order.id, cells)
    with pytest.raises(NotAllowed):
        mending.save(account("clerk"), order.id, cells)
    assert [run.kind for run in service.runs()] == [Run.FULL]


def test_a_mend_is_on_record_with_who_and_which_fields(order, officer):
    mending.save(officer, order.id, {line_of(order, "3").mark: {"since": "2020-12-01"}})
    entry = LedgerEntry.objects.get(action="order.mend")
    assert (entry.account, entry.fields) == ("officer", ["since"])
    assert entry.object == f"{order.id} 1 rows"


def test_the_provider_may_say_that_a_row_is_right_and_the_steward_replies(order, officer, steward):
    line = line_of(order, "3")
    with pytest.raises(NothingSaid):
        mending.say_right(officer, order.id, line.mark, " ")
    mending.say_right(officer, order.id, line.mark, "闰月")
    assert lines.count(order) == 2
    assert Notice.objects.get(kind="row-right").role == "steward"
    with pytest.raises(NotAllowed):
        mending.reply(officer, order.id, line.mark, "好")
    mending.reply(steward, order.id, line.mark, "没有 13 月")
    [note] = mending.statements(order)
    assert (note.right, note.reply) == ("闰月", "没有 13 月")
