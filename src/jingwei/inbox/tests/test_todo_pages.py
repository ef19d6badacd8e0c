"""The pages of to-dos: the list with its filters in the address, one to-do, taking it and handing it over."""

import pytest

from jingwei.inbox import escalating, todos
from jingwei.inbox.models import ToDo
from jingwei.kernel.models import LedgerEntry

from .conftest import DISTRICT, STREET, TAX, days

BACKEND = "django.contrib.auth.backends.ModelBackend"


@pytest.fixture
def zhou(person, client):
    found = person("zhou", TAX)
    client.force_login(found, backend=BACKEND)
    return found


def page(client, **query):
    return client.get("/todos/", query).content.decode()


def shown(client, **query):
    text = page(client, **query)
    found = [number for number in range(1, 7) if f"第 {number} 件事" in text]
    return sorted(found, key=lambda number: text.index(f"第 {number} 件事"))


def test_the_nearest_deadline_stands_first_and_late_ones_say_so(zhou, client, asked):
    (
        asked(1),
        asked(2, due=days(5)),
        asked(3, due=days(-2)),
        asked(4, due=days(0)),
        asked(5, organization=STREET),
    )
    text = page(client)
    assert shown(client) == [3, 4, 2, 1] and shown(client, sort="new") == [4, 3, 2, 1]
    assert "逾期" in text and "今天要办完" in text and 'class="is-late"' in text


@pytest.mark.parametrize(
    ("query", "numbers"),
    [
        ({"state": "late"}, [3]),
        ({"state": "mine"}, [2]),
        ({"state": "free"}, [3, 4, 1]),
        ({"state": "done"}, [5]),
        ({"due": "today"}, [4]),
        ({"due": "week"}, [3, 4, 2]),
        ({"due": "none"}, [1]),
        ({"kind": "trial", "organization": TAX}, [3, 4, 2, 1]),
        ({"kind": "other"}, []),
        ({"state": "<b>", "due": "x", "sort": "'", "page": "9999999"}, [3, 4, 2, 1]),
    ],
)
def test_the_address_holds_what_is_asked_for(zhou, client, asked, query, numbers):
    asked(1), asked(3, due=days(-2)), asked(4, due=days(0)), asked(5)
    todos.take(zhou, asked(2, due=days(5)).pk)
    todos.done("trial:5", "zhou")
    assert shown(client, **query) == numbers


def test_an_empty_list_says_what_it_means(zhou, client, asked):
    assert "现在没有等您办的事" in page(client)
    assert "没有逾期的" in page(client, state="late") and "看全部要办的" in page(client, kind="other")


def test_taking_one_leads_to_where_it_is_done(zhou, client, asked):
    one = asked(link="/collection/orders/W-1/")
    assert client.post(f"/todos/{one.pk}/take/").url == "/collection/orders/W-1/"
    assert "接着办" in page(client) and ToDo.objects.get().holder == "zhou"


def test_it_is_handed_over_on_its_page_and_the_past_is_told(zhou, client, asked, person):
    person("wu", TAX)
    one = asked(due=days(3))
    sent = client.post(f"/todos/{one.pk}/hand-over/", {"to": "wu", "note": "<b>你熟</b>"})
    text = client.get(sent.url).content.decode()
    assert "Zhou 转给 Wu" in text and "&lt;b&gt;你熟&lt;/b&gt;" in text and "<b>你熟" not in text


@pytest.mark.parametrize("deed", ["", "take/", "hand-over/"])
def test_anothers_to_do_is_refused_and_recorded_and_tells_nothing(zhou, client, asked, deed):
    one = asked(organization=STREET)
    answers = []
    for number in (one.pk, one.pk + 1):
        path = f"/todos/{number}/{deed}"
        answer = client.post(path, {"to": "zhou"}) if deed else client.get(path)
        answers.append((answer.status_code, "第 1 件事" in answer.content.decode()))
    assert answers == [(403, False)] * 2
    assert LedgerEntry.objects.filter(account="zhou", outcome="refused").count() == 2


def test_whoever_is_above_reads_of_a_late_one_and_does_not_take_it_by_a_slip(zhou, client, asked, person):
    one = asked(due=days(-1), link="/x/")
    escalating.escalate()
    client.force_login(person("chief", DISTRICT), backend=BACKEND)
    text = page(client)
    assert "第 1 件事" in text and "我来办" not in text and "去看" in text
    assert "我来办" not in client.get(f"/todos/{one.pk}/").content.decode()


def test_the_notices_page_leads_to_the_settings(zhou, client):
    assert "/notices/settings/" in client.get("/notices/").content.decode()
    answer = client.post("/notices/settings/add/", {"address": "https://x.example/", "digest": "now"})
    assert answer.status_code == 422 and "管理员没有放行" in answer.content.decode()
