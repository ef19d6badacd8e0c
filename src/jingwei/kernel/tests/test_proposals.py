from datetime import timedelta

import pytest
from django.utils import timezone

from jingwei.kernel import proposals
from jingwei.kernel.errors import NotAllowed
from jingwei.kernel.models import Account, Deputy, LedgerEntry, Proposal
from jingwei.kernel.text import Text


@pytest.fixture
def done(monkeypatch):
    """What the deed was called with."""
    calls = []
    monkeypatch.setitem(
        proposals._deeds,
        "role.grant",
        lambda by, second, what: calls.append((by.username, second.username, what)),
    )
    return calls


def keeper(name):
    return Account.objects.create_user(name, "correct horse", name=name, roles=["security"])


def proposed(by, **payload):
    return proposals.propose(by, "role.grant", "account/x", Text("给 x 审计员", "make x an auditor"), payload)


@pytest.fixture
def two(db):
    return keeper("first"), keeper("second")


def test_a_second_person_agrees_and_it_is_done_once(two, done):
    first, second = two
    one = proposed(first, roles=["auditor"])
    assert done == []
    proposals.agree(second, one.pk, one.digest)
    assert done == [("first", "second", {"roles": ["auditor"]})]
    with pytest.raises(proposals.ProposalOver):
        proposals.agree(second, one.pk, one.digest)
    assert list(LedgerEntry.objects.order_by("id").values_list("outcome", flat=True)) == [
        "proposed",
        "agreed",
    ]


def test_nobody_agrees_to_their_own_not_even_through_a_deputy(two, done):
    first = two[0]
    one = proposed(first)
    stand_in = Account.objects.create_user("stand-in", "correct horse", name="代", roles=["analyst"])
    today = timezone.localdate()
    Deputy.objects.create(absent=first, deputy=stand_in, since=today, until=today, by="second")
    for who in (first, stand_in):
        with pytest.raises(proposals.SecondPersonNeeded):
            proposals.agree(who, one.pk, one.digest)
    assert done == [] and LedgerEntry.objects.filter(outcome="refused").count() == 2


def test_who_may_not_do_it_may_not_agree_to_it(two, done, account):
    one = proposed(two[0])
    with pytest.raises(NotAllowed):
        proposals.agree(account("administrator"), one.pk, one.digest)
    assert done == [] and LedgerEntry.objects.filter(account="administrator", outcome="refused").exists()


def test_a_payload_changed_after_it_was_shown_is_refused(two, done):
    one = proposed(two[0], roles=["clerk"])
    Proposal.objects.filter(pk=one.pk).update(payload={"roles": ["auditor"]})
    with pytest.raises(proposals.ProposalChanged):
        proposals.agree(two[1], one.pk, one.digest)
    assert done == [] and Proposal.objects.get().state == Proposal.OPEN


def test_a_proposal_is_void_when_its_time_is_over_or_its_author_lost_the_right(two, done):
    one = proposed(two[0])
    Account.objects.filter(username="first").update(is_active=False)
    with pytest.raises(NotAllowed):
        proposals.agree(two[1], one.pk, one.digest)
    Proposal.objects.update(expires=timezone.now() - timedelta(minutes=1))
    with pytest.raises(proposals.ProposalOver):
        proposals.agree(two[1], one.pk, one.digest)
    assert done == [] and proposals.waiting_for(two[1]) == []
