"""The page of notices: to whom, in which order, read by whom, and where they lead."""

import pytest
from django.urls import reverse

from jingwei.inbox import service
from jingwei.inbox.models import Notice
from jingwei.kernel.models import LedgerEntry, Organization
from jingwei.kernel.text import Text

BACKEND = "django.contrib.auth.backends.ModelBackend"
TAX, STREET = "区税务局", "松涛街道办事处"


@pytest.fixture
def officer(account, client):
    found = account("officer")
    found.organization = Organization.objects.create(code="tax", name_zh=TAX, level="district")
    found.save()
    client.force_login(found, backend=BACKEND)
    return found


def told(number, organization=TAX, **more):
    text = Text(f"第 {number} 件事", f"matter {number}")
    return service.tell(about=f"tax.{number}", kind="held", text=text, organization=organization, **more)


def page(client, **query):
    return client.get(reverse("inbox:start"), query).content.decode()


def test_an_officer_reads_what_their_organization_was_told_and_nothing_else(officer, client):
    told(1), told(2, organization=STREET)
    service.tell(about="x", kind="failed", text=Text("管理员的事", "a steward's"), role="steward")
    shown = page(client)
    assert "第 1 件事" in shown and "第 2 件事" not in shown and "管理员的事" not in shown


def test_unread_ones_come_first_and_are_counted_on_the_bell(officer, client):
    old, new = told(1), told(2)
    service.mark_read(officer, [new.pk])
    shown = page(client)
    assert shown.index("第 1 件事") < shown.index("第 2 件事")
    assert 'class="jw-count"' in shown and "officer" in shown
    assert "第 2 件事" not in page(client, which="unread")
    service.mark_read(officer)
    assert 'class="jw-count"' not in page(client) and "都看过了" in page(client, which="unread")
    assert Notice.objects.get(pk=old.pk).read_by == "officer"


def test_going_to_see_marks_it_read_and_leads_there(officer, client):
    one = told(1, link="/collection/runs/R-1/")
    answer = client.post(reverse("inbox:read"), {"notice": one.pk, "next": one.link})
    assert answer.url == "/collection/runs/R-1/" and Notice.objects.get().read_at


@pytest.mark.parametrize(
    "link", ["https://elsewhere.example/", "//elsewhere.example", "javascript:alert(1)", ""]
)
def test_it_never_leads_off_the_site_and_marks_nothing_else(officer, client, link):
    told(1)
    assert client.post(reverse("inbox:read"), {"notice": "x", "next": link}).url == "/notices/"
    assert service.unread(officer) == 1


def test_nobody_marks_what_others_were_told(officer, client):
    theirs = told(1, organization=STREET)
    client.post(reverse("inbox:read"), {"notice": theirs.pk})
    assert Notice.objects.get(pk=theirs.pk).read_at is None


def test_an_empty_page_says_what_will_stand_there(officer, client):
    assert "还没有通知" in page(client)


def test_an_account_without_the_right_is_refused_and_the_try_is_on_record(account, client):
    client.force_login(account(), backend=BACKEND)
    assert client.get(reverse("inbox:start")).status_code == 403
    assert LedgerEntry.objects.get().outcome == "refused"
