"""The catalog's pages: who may look, what is found, what a page says of a resource."""

import pytest

from jingwei.kernel.models import LedgerEntry

ADDRESSES = [
    "/catalog/",
    "/catalog/?q=电话&organization=区医保局",
    "/catalog/?q=nothing-of-the-kind",
    "/catalog/tree/",
    "/catalog/tree/?by=register",
    "/catalog/map/",
    "/catalog/resources/police.resident/",
    "/catalog/resources/police.resident/?part=rules",
    "/catalog/resources/police.resident/?part=versions",
    "/catalog/resources/police.resident/contract.yaml",
    "/catalog/lineage/?resource=police.resident",
    "/catalog/lineage/?register=population",
    "/catalog/lineage/?node=field:police.resident/phone",
    "/catalog/items/allowance/",
    "/catalog/encyclopedia/",
    "/catalog/encyclopedia/?q=公民身份&kind=element",
    "/catalog/encyclopedia/elements/resident_id/",
    "/catalog/encyclopedia/codes/gb2261_1/",
    "/catalog/encyclopedia/codes/gb2261_1/?q=男",
]


@pytest.fixture
def reader(small_district, account, client):
    def signed_in(*roles):
        client.force_login(account(*roles))
        return client

    return signed_in


def test_every_page_opens_for_who_may_read_the_catalog(reader):
    client = reader("analyst")
    for address in ADDRESSES:
        assert client.get(address).status_code == 200, address


def test_nobody_else_gets_in_and_the_refusal_is_on_record(reader):
    client = reader("auditor")
    for address in ADDRESSES:
        assert client.get(address).status_code == 403, address
    assert LedgerEntry.objects.filter(action="catalog.read", outcome="refused").count() == len(ADDRESSES)


def test_signed_out_one_is_sent_to_sign_in(small_district, client):
    for address in ADDRESSES:
        assert client.get(address)["Location"].startswith("/sign-in/"), address
