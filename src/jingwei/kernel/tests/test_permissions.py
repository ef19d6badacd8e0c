import pytest

from jingwei.kernel.errors import NotAllowed
from jingwei.kernel.models import LedgerEntry
from jingwei.kernel.permissions import allowed, require


def test_a_clerk_serves_at_the_window_but_starts_no_collection(account):
    clerk = account("clerk")
    assert allowed(clerk, "window.serve")
    assert not allowed(clerk, "run.start")


def test_an_administrator_reads_no_residents_record(account):
    assert not allowed(account("administrator"), "register.read")


def test_an_account_that_was_ended_may_do_nothing(account):
    clerk = account("clerk")
    clerk.is_active = False
    assert not allowed(clerk, "window.serve")


def test_a_refusal_is_raised_and_put_on_record(account):
    clerk = account("clerk")
    with pytest.raises(NotAllowed):
        require(clerk, "run.start", "police.resident")
    entry = LedgerEntry.objects.get()
    assert (entry.account, entry.action, entry.object, entry.outcome) == (
        "clerk", "run.start", "police.resident", "refused",
    )  # fmt: skip


def test_an_action_nobody_declared_is_our_mistake(account):
    with pytest.raises(KeyError):
        allowed(account("clerk"), "window.server")
