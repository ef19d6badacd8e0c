"""Notices: told once, to whom they are meant for, and read for all by the first who reads them."""

from __future__ import annotations

import pytest

from jingwei.inbox import service
from jingwei.kernel.errors import NotAllowed
from jingwei.kernel.models import Organization
from jingwei.kernel.text import Text

pytestmark = pytest.mark.django_db
CHANGED = Text("多了一列", "a column more")


@pytest.fixture
def officer(account):
    def of(name, organization):
        one = account("officer")
        one.organization, _ = Organization.objects.get_or_create(
            name_zh=organization, defaults={"code": name, "level": "district"}
        )
        one.username = name
        one.pk = None if name != "officer" else one.pk
        one.save()
        return one

    return of


def test_an_organization_is_told_and_others_are_not(officer, account):
    mine = officer("officer", "区医保局")
    told = service.tell(organization="区医保局", about="medical.insured", kind="drift", text=CHANGED)
    service.tell(organization="区民政局", about="civil.marriage", kind="drift", text=CHANGED)
    assert service.notices(mine) == [told] and service.unread(mine) == 1
    assert service.text(told) == CHANGED
    assert service.notices(account("steward")) == []


def test_a_role_is_told_whatever_the_organization(account):
    steward, clerk = account("steward"), account("clerk")
    service.tell(role="steward", about="medical.insured", kind="held", text=CHANGED)
    assert (service.unread(steward), service.unread(clerk)) == (1, 0)


def test_the_same_unread_notice_is_not_told_twice_and_leads_to_the_newest_page(account):
    steward = account("steward")
    for link in ("/runs/1/", "/runs/2/"):
        service.tell(role="steward", about="a.b", kind="held", text=CHANGED, link=link)
    [one] = service.notices(steward)
    assert one.link == "/runs/2/"


def test_a_notice_that_was_read_is_told_again_when_it_happens_again(account):
    steward = account("steward")
    service.tell(role="steward", about="a.b", kind="held", text=CHANGED)
    assert service.mark_read(steward) == 1 and service.unread(steward) == 0
    service.tell(role="steward", about="a.b", kind="held", text=CHANGED)
    assert (service.unread(steward), service.count(steward)) == (1, 2)


def test_marking_some_leaves_the_others_unread_and_nobody_marks_what_is_not_theirs(account):
    steward, clerk = account("steward"), account("clerk")
    first = service.tell(role="steward", about="a.b", kind="held", text=CHANGED)
    service.tell(role="steward", about="a.c", kind="held", text=CHANGED)
    assert service.mark_read(clerk, [first.pk]) == 0
    assert service.mark_read(steward, [first.pk]) == 1
    first.refresh_from_db()
    assert first.read_by == "steward" and [
        one.about for one in service.notices(steward, unread_only=True)
    ] == ["a.c"]


def test_an_account_without_the_right_has_no_inbox(account):
    service.tell(role="", organization="区数据局", about="a.b", kind="held", text=CHANGED)
    nobody = account()
    assert service.unread(nobody) == 0
    with pytest.raises(NotAllowed):
        service.mark_read(nobody)


def test_a_notice_to_nobody_is_a_mistake():
    with pytest.raises(ValueError):
        service.tell(about="a.b", kind="held", text=CHANGED)
