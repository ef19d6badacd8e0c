"""A value somebody holds to be wrong becomes an order; it is marked until its provider has answered."""

from __future__ import annotations

import pytest

from jingwei.collection.models import Run, WorkOrder
from jingwei.collection.workorders import disputes, mending
from jingwei.collection.workorders.errors import (
    DisputedAlready,
    NotDisputable,
    NothingSaid,
    OrderClosed,
    OrderOfOthers,
    ValueRefused,
)
from jingwei.inbox.models import Notice
from jingwei.kernel import ledger
from jingwei.kernel.errors import NotAllowed
from jingwei.kernel.models import LedgerEntry
from jingwei.packs.service import installed

from .conftest import GOOD, PROVIDER, standard

SUBJECT = "population/P1"


@pytest.fixture
def contract(deliver):
    deliver(*GOOD)
    return installed().section("contracts")["trial.person"]


@pytest.fixture
def dispute(contract, account):
    return disputes.start(account("clerk"), contract, "1", "since", "2020-01-20，看证", SUBJECT)


def test_a_dispute_is_an_order_to_the_provider_and_marks_the_value(dispute):
    assert (dispute.kind, dispute.organization, dispute.value) == (WorkOrder.DISPUTE, PROVIDER, "2020-01-02")
    assert disputes.open_for([("trial.person", "1"), ("trial.person", "2")]) == {
        ("trial.person", "1"): {"since": dispute.id}
    }
    assert disputes.open_about(SUBJECT)
    assert Notice.objects.get(kind="dispute-raised").organization == PROVIDER
    entry = LedgerEntry.objects.get(action="dispute.raise")
    assert (entry.account, entry.subjects, entry.fields) == (
        "clerk",
        [ledger.pseudonym("P1")],
        ["trial.person.since"],
    )


def test_a_value_is_disputed_once_and_with_a_reason(dispute, contract, steward):
    with pytest.raises(DisputedAlready):
        disputes.start(steward, contract, "1", "since", "还是不对")
    with pytest.raises(NothingSaid):
        disputes.start(steward, contract, "2", "since", "  ")
    with pytest.raises(NotDisputable):
        disputes.start(steward, contract, "9", "since", "没有这一行")
    with pytest.raises(NotDisputable):
        disputes.start(steward, contract, "2", "nowhere", "没有这一项")
    assert WorkOrder.objects.count() == 1


def test_who_may_not_dispute_is_refused(contract, account):
    with pytest.raises(NotAllowed):
        disputes.start(account("administrator"), contract, "1", "since", "不对")
    assert WorkOrder.objects.count() == 0


def test_the_provider_confirms_and_the_mark_goes(dispute, officer):
    with pytest.raises(NothingSaid):
        disputes.confirm(officer, dispute.id, "")
    disputes.confirm(officer, dispute.id, "已核对原始登记")
    dispute.refresh_from_db()
    assert (dispute.state, dispute.answer, dispute.closed_by) == (
        WorkOrder.CLOSED,
        "已核对原始登记",
        "officer",
    )
    assert not disputes.open_about(SUBJECT)
    assert Notice.objects.filter(kind="dispute-answered", role="steward").exists()
    with pytest.raises(OrderClosed):
        disputes.confirm(officer, dispute.id, "再来")


def test_the_provider_mends_the_value_and_the_run_closes_the_dispute(dispute, officer):
    run = mending.mend_disputed(officer, dispute.id, "2020-01-20")
    assert run.kind == Run.REPAIR
    assert standard("since")[0][0].isoformat() == "2020-01-20"
    dispute.refresh_from_db()
    assert (dispute.state, dispute.closed_by, dispute.answer) == (WorkOrder.CLOSED, "officer", "")


def test_a_value_that_does_not_pass_leaves_the_dispute_open(dispute, officer):
    with pytest.raises(ValueRefused):
        mending.mend_disputed(officer, dispute.id, "2020-13-20")
    mending.mend_disputed(officer, dispute.id, "1900-01-20")
    dispute.refresh_from_db()
    assert dispute.state == WorkOrder.OPEN
    assert standard("since")[0][0].isoformat() == "2020-01-02"


def test_a_value_mended_at_the_source_closes_the_dispute_and_another_does_not(dispute, deliver):
    deliver(GOOD[0].replace("沈云禾", "沈云和"), GOOD[1])
    dispute.refresh_from_db()
    assert dispute.state == WorkOrder.OPEN
    run = deliver(GOOD[0].replace("2020-01-02", "2020-01-20"), GOOD[1])
    dispute.refresh_from_db()
    assert (dispute.state, dispute.closed_by) == (WorkOrder.CLOSED, f"run {run.id}")


def test_another_departments_officer_may_not_answer(dispute, stranger):
    with pytest.raises(OrderOfOthers):
        disputes.confirm(stranger, dispute.id, "对")
    with pytest.raises(OrderOfOthers):
        mending.mend_disputed(stranger, dispute.id, "2020-01-20")
