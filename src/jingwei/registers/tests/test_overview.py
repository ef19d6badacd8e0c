"""The overview of a register: what it counts, that it counts once a build, who may see it."""

import pytest
from django.urls import reverse

from jingwei.kernel.models import LedgerEntry
from jingwei.registers import overview, verdicts

from .conftest import person
from .test_review import doubt

BACKEND = "django.contrib.auth.backends.ModelBackend"
ONE, TWO = person(1), person(2)


@pytest.fixture
def two_people(town):
    """Person one in two tables that differ on the phone, person two in one table, without a phone."""
    town.put("a.person", [("1", *ONE, None, "2026-01-10"), ("2", *TWO[:3], None, None, "2026-01-20")])
    town.put("b.person", [("9", *ONE[:3], "19977777777", "溪边路1号", "2026-03-01")])
    town.link()
    return town


def test_coverage_counts_entities_and_not_rows(two_people):
    found = overview.of("people")
    assert (found.entities, found.records) == (2, 3)
    assert [(s.resource, s.records, s.entities) for s in found.sources] == [
        ("a.person", 2, 2),
        ("b.person", 1, 1),
        ("c.person", 0, 0),
    ]


def test_a_field_tells_how_full_how_old_and_how_contested_it_is(two_people):
    fields = {f.name: f for f in overview.of("people").fields}
    phone, address = fields["phone"], fields["address"]
    assert (phone.filled, phone.differing) == (1, 1)
    assert phone.middle.isoformat() == "2026-03-01"
    assert (address.filled, address.differing) == (1, 0)
    assert fields["name"].filled == 2 and fields["name"].differing == 0


def test_the_same_build_is_counted_once_and_another_build_anew(two_people):
    first = overview.of("people")
    kept = overview.folder() / "people.overview.json"
    before = kept.stat().st_mtime_ns
    assert overview.of("people") == first
    assert kept.stat().st_mtime_ns == before
    two_people.put("c.person", [("5", *person(5))])
    two_people.link()
    assert overview.of("people").entities == 3


def test_a_kept_file_that_cannot_be_read_is_counted_anew(two_people):
    first = overview.of("people")
    (overview.folder() / "people.overview.json").write_text("{half", "utf-8")
    assert overview.of("people") == first


def test_the_page_names_sources_and_suspected_duplicates_that_nobody_decided(two_people, account, client):
    client.force_login(account("steward"), backend=BACKEND)
    doubt("people", [(("a.person", "1"), ("a.person", "2"), 0.4)])
    address = reverse("registers:overview", args=["people"])
    assert '<span class="s-count">1</span>' in client.get(address).content.decode()
    verdicts.decide("people", ("a.person", "1"), ("a.person", "2"), same=False, by="steward")
    page = client.get(address).content.decode()
    assert "s-count" not in page and "a.person" in page and "66.7%" not in page
    assert ONE[0] not in page and ONE[1] not in page


def test_a_register_that_was_never_linked_says_what_to_run(town, account, client):
    client.force_login(account("steward"), backend=BACKEND)
    page = client.get(reverse("registers:overview", args=["people"]))
    assert page.status_code == 200 and "jingwei link people" in page.content.decode()


@pytest.mark.parametrize("name", ["overview", "review", "sample", "trial"])
def test_an_administrator_is_refused_on_record(town, account, client, name):
    client.force_login(account("administrator"), backend=BACKEND)
    assert client.get(reverse(f"registers:{name}", args=["people"])).status_code == 403
    assert LedgerEntry.objects.get().outcome == "refused"


@pytest.mark.parametrize("name", ["review", "sample", "trial"])
def test_a_clerk_sees_the_overview_and_not_the_stewards_work(town, account, client, name):
    client.force_login(account("clerk"), backend=BACKEND)
    assert client.get(reverse(f"registers:{name}", args=["people"])).status_code == 403
    page = client.get(reverse("registers:overview", args=["people"])).content.decode()
    assert reverse(f"registers:{name}", args=["people"]) not in page
