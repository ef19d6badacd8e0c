"""The registers' pages: counts, a record with its sources, what is masked, what goes on the ledger."""

import pytest
from django.urls import reverse
from django.utils import timezone

from jingwei.kernel import ledger
from jingwei.kernel.models import LedgerEntry
from jingwei.registers.models import Forwarding
from jingwei.testing.small_district import FILES, HE_1986, LU, OTHER_ADDRESS, PEOPLE, SHOP, small_district

__all__ = ["small_district"]

BACKEND = "django.contrib.auth.backends.ModelBackend"


@pytest.fixture
def steward(account, client):
    found = account("steward")
    client.force_login(found, backend=BACKEND)
    return found


ADDRESSES = [
    ("get", "registers:start", []),
    ("post", "registers:start", []),
    ("get", "registers:record", ["population", "P1"]),
    ("post", "registers:reveal", ["population", "P1"]),
]


@pytest.mark.parametrize(("method", "name", "args"), ADDRESSES)
def test_nobody_comes_in_without_signing_in(db, client, method, name, args):
    assert getattr(client, method)(reverse(name, args=args)).url.startswith("/sign-in/")


@pytest.mark.parametrize(("method", "name", "args"), ADDRESSES)
def test_an_administrator_is_refused_and_the_try_is_on_record(
    small_district, account, client, method, name, args
):
    client.force_login(account("administrator"), backend=BACKEND)
    assert getattr(client, method)(reverse(name, args=args)).status_code == 403
    assert LedgerEntry.objects.get().outcome == "refused"


def test_every_register_is_counted_with_the_tables_that_feed_it(small_district, steward, client):
    page = client.get(reverse("registers:start")).content.decode()
    assert "人口库" in page and "法人库" in page and "医疗保险参保登记" in page
    assert f'<b class="jw-fig">{len(PEOPLE)}</b>' in page


def test_a_register_that_was_never_linked_says_what_to_run(steward, client, pack):
    pack("small", FILES)
    page = client.get(reverse("registers:start")).content.decode()
    assert "jingwei link population" in page
    searched = client.post(reverse("registers:start"), {"q": "沈云禾"})
    assert searched.status_code == 400 and "jingwei link" in searched.content.decode()


def test_a_search_finds_persons_and_companies_masked_and_is_recorded(small_district, steward, client):
    page = client.post(reverse("registers:start"), {"q": HE_1986.name}).content.decode()
    assert SHOP in page and HE_1986.number not in page
    assert LedgerEntry.objects.get().action == "register.search"


def test_a_search_without_hits_says_so(small_district, steward, client):
    assert "没找到" in client.post(reverse("registers:start"), {"q": "欧阳无人"}).content.decode()


def test_a_record_shows_source_date_reason_and_what_lost(small_district, steward, client):
    entity = small_district.entity(HE_1986)
    page = client.get(reverse("registers:record", args=["population", entity])).content.decode()
    assert HE_1986.address in page and OTHER_ADDRESS in page
    assert "区公安分局" in page and "2024-06-18" in page
    assert "公民身份号码一致" in page
    assert HE_1986.number not in page and HE_1986.phone not in page
    entry = LedgerEntry.objects.get()
    assert (entry.action, entry.subjects) == ("register.read", [ledger.pseudonym(entity)])


def test_a_record_of_a_company_needs_no_person(small_district, steward, client):
    page = client.get(
        reverse("registers:record", args=["legal_entity", small_district.shop])
    ).content.decode()
    assert SHOP in page and HE_1986.number not in page


def test_showing_a_number_is_recorded_before_it_is_shown(small_district, steward, client):
    entity = small_district.entity(LU)
    address = reverse("registers:reveal", args=["population", entity])
    assert client.post(address, {"field": "phone"}).json() == {"value": LU.phone}
    entry = LedgerEntry.objects.get()
    assert (entry.action, entry.subjects, entry.fields) == (
        "register.reveal",
        [ledger.pseudonym(entity)],
        ["phone"],
    )
    assert client.post(address, {"field": "shoe_size"}).status_code == 400


@pytest.mark.parametrize("where", [["population", "P0"], ["populace", "P0"]])
def test_what_is_not_there_is_told(small_district, steward, client, where):
    assert client.get(reverse("registers:record", args=where)).status_code == 400


def test_a_record_joined_by_similarity_offers_its_score_and_the_page_its_history(
    small_district, steward, client
):
    entity = small_district.entity(HE_1986)
    page = client.get(reverse("registers:record", args=["population", entity])).content.decode()
    assert "经过" in page and "第一次入库" in page
    part = client.get(reverse("registers:score", args=["population", entity, 0]))
    assert part.status_code == 200 and HE_1986.number not in part.content.decode()
    assert client.get(reverse("registers:score", args=["population", entity, 99])).status_code == 200


def test_old_identifiers_that_lead_here_are_listed(small_district, steward, client):
    entity = small_district.entity(HE_1986)
    Forwarding.objects.create(
        register="population", entity_id="Pold", to=entity, build="b", at=timezone.now()
    )
    page = client.get(reverse("registers:record", args=["population", entity])).content.decode()
    assert "Pold" in page
    led = client.get(reverse("registers:record", args=["population", "Pold"]))
    assert led.url == reverse("registers:record", args=["population", entity])
