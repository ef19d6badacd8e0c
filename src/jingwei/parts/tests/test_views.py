"""Views of a table: kept, replaced, forgotten, and never somebody else's."""

import pytest

from jingwei.kernel.models import LedgerEntry
from jingwei.parts import views
from jingwei.parts.models import SavedView

BACKEND = "django.contrib.auth.backends.ModelBackend"
FACTS = {"table": "test.notices", "title": "晚了的", "query": "kind=late", "next": "/notices/?kind=late"}


@pytest.fixture
def clerk(client, account):
    client.force_login(account("clerk"), backend=BACKEND)
    return client


def test_a_view_is_kept_and_one_of_the_same_title_replaced(clerk):
    assert clerk.post("/parts/views/", FACTS).url == "/notices/?kind=late"
    clerk.post("/parts/views/", {**FACTS, "query": "kind=held"})
    assert [(view.title, view.query) for view in SavedView.objects.all()] == [("晚了的", "kind=held")]
    assert LedgerEntry.objects.filter(action="table.view").count() == 2


def test_nobody_forgets_the_view_of_another(clerk, account):
    other = SavedView.objects.create(account=account("officer"), table="x", title="y")
    clerk.post(f"/parts/views/{other.pk}/drop/", {"next": "/"})
    assert SavedView.objects.filter(pk=other.pk).exists()


def test_a_view_without_a_name_or_one_too_many_is_refused(clerk, monkeypatch):
    assert clerk.post("/parts/views/", {**FACTS, "title": "  "}).status_code == 400
    monkeypatch.setattr(views, "MOST_VIEWS", 1)
    clerk.post("/parts/views/", FACTS)
    assert clerk.post("/parts/views/", {**FACTS, "title": "另一个"}).status_code == 400
    assert SavedView.objects.count() == 1


@pytest.mark.parametrize(
    "target", ["//elsewhere.example/", "https://elsewhere.example/", "javascript:alert(1)", ""]
)
def test_the_way_back_stays_on_the_site(clerk, target):
    assert clerk.post("/parts/views/", {**FACTS, "next": target}).url == "/"


def test_whoever_is_signed_out_keeps_nothing(client, db):
    assert "/sign-in/" in client.post("/parts/views/", FACTS).url
    assert not SavedView.objects.exists()
