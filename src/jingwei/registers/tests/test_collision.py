"""Colliding two resources: counts with small cells hidden, lists only for a purpose, refusals."""

from __future__ import annotations

import pytest
from django.urls import reverse

from jingwei.kernel import ledger
from jingwei.kernel.models import LedgerEntry
from jingwei.registers import collision
from jingwei.registers.errors import NoSuchCollision, PurposeMissing
from jingwei.testing.small_district import HE_1986, LU, small_district

__all__ = ["small_district"]

BACKEND = "django.contrib.auth.backends.ModelBackend"
POLICE, MEDICAL = "police.resident", "medical.insured"
WHY = "医保参保扩面核查"


@pytest.mark.parametrize(
    ("counts", "told"),
    [
        ([120, 45, 10], ["120", "45", "10"]),
        ([9, 45, 1234], ["< 10", "约 40", "约 1,230"]),
        ([0, 9, 11], ["< 10", "< 10", "约 10"]),
    ],
)
def test_small_counts_are_hidden_and_cannot_be_had_by_subtraction(counts, told):
    assert collision.shown(counts) == told


def test_counts_are_of_entities_and_recorded_without_naming_anybody(small_district):
    found = collision.count(None, "population", POLICE, MEDICAL)
    # Two of the fifteen residents are insured, nobody is insured alone.
    assert (found.both, found.only_right) == ("< 10", "< 10")
    entry = LedgerEntry.objects.get()
    assert (entry.action, entry.subjects) == ("register.collide", [])


def test_a_list_names_exactly_those_in_both_and_its_purpose_is_recorded(small_district):
    found = collision.listing(None, "population", POLICE, MEDICAL, "both", WHY)
    assert {one.name for one in found.cards} == {HE_1986.name, LU.name}
    assert found.total == 2
    assert all(HE_1986.number not in (one.masked_id, *one.facts) for one in found.cards)
    entry = LedgerEntry.objects.get()
    assert entry.purpose == WHY
    assert set(entry.subjects) == {ledger.pseudonym(small_district.entity(one)) for one in (HE_1986, LU)}


def test_a_list_without_a_purpose_is_refused_and_nothing_recorded(small_district):
    with pytest.raises(PurposeMissing):
        collision.listing(None, "population", POLICE, MEDICAL, "both", "  ")
    assert not LedgerEntry.objects.exists()


@pytest.mark.parametrize(("left", "right"), [(POLICE, POLICE), (POLICE, "market.enterprise"), ("", MEDICAL)])
def test_only_two_different_sources_of_the_register_collide(small_district, left, right):
    with pytest.raises(NoSuchCollision):
        collision.count(None, "population", left, right)


def test_a_steward_counts_lists_and_takes_the_list_away(small_district, account, client):
    client.force_login(account("steward"), backend=BACKEND)
    where = reverse("registers:collide", args=["population"])
    asked = {"left": POLICE, "right": MEDICAL}
    assert "常住人口登记" in client.get(where).content.decode()
    assert "&lt; 10" in client.post(where, asked | {"want": "counts"}).content.decode()
    refused = client.post(where, asked | {"want": "list", "part": "both", "purpose": ""})
    assert refused.status_code == 400 and LU.name not in refused.content.decode()
    page = client.post(where, asked | {"want": "list", "part": "both", "purpose": WHY}).content.decode()
    assert LU.name in page and LU.number not in page
    file = client.post(where, asked | {"want": "file", "part": "left", "purpose": WHY}).content.decode()
    assert LU.name not in file and "白甲" in file


@pytest.mark.parametrize("role", ["clerk", "officer", "administrator"])
def test_whoever_may_not_collide_is_refused_on_record(small_district, account, client, role):
    client.force_login(account(role), backend=BACKEND)
    assert client.post(reverse("registers:collide", args=["population"])).status_code == 403
    assert LedgerEntry.objects.get().outcome == "refused"
