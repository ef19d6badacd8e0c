"""The catalog's pages: who may look, what is found, what a page says of a resource."""

from datetime import timedelta

import pytest
from django.utils import timezone

from jingwei.catalog.contracts import Contract
from jingwei.collection.models import Run
from jingwei.directory import facts
from jingwei.kernel.models import LedgerEntry
from jingwei.kernel.text import Text

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


def test_a_text_of_a_contract_is_never_markup(reader, small_district):
    path = small_district.home / "packs" / "small" / "contracts" / "police.yaml"
    told = path.read_text("utf-8")
    try:
        path.write_text(told.replace("常住人口登记", "<script>alert(1)</script>"), "utf-8")
        client = reader("analyst")
        for address in ("/catalog/", "/catalog/map/", "/catalog/resources/police.resident/"):
            page = client.get(address).content.decode()
            assert "<script>alert" not in page and "&lt;script&gt;" in page, address
    finally:
        path.write_text(told, "utf-8")


@pytest.mark.parametrize(
    "address",
    [
        "/catalog/resources/no.such/",
        "/catalog/lineage/?node=field:no/such",
        "/catalog/lineage/",
        "/catalog/items/none/",
        "/catalog/encyclopedia/elements/none/",
        "/catalog/encyclopedia/codes/none/",
    ],
)
def test_what_is_not_there_is_said_plainly(reader, address):
    answer = reader("analyst").get(address)
    assert answer.status_code == 400 and "Traceback" not in answer.content.decode()


def test_the_page_of_a_resource_tells_quality_freshness_and_users(reader):
    page = reader("steward").get("/catalog/resources/police.resident/").content.decode()
    for word in ("区公安分局", "人口库", "高龄津贴申领", "有条件共享", "现在的质量", "公民身份号码"):
        assert word in page, word


def test_a_day_is_late_once_the_cycle_has_passed_since_the_last_data(db):
    today = timezone.localdate()
    contract = Contract("a.b", "1", Text("甲", "A"), "", "a", (), cycle=timedelta(days=2))
    came = timezone.now() - timedelta(days=5)
    Run.objects.create(id="R-1", resource="a.b", state=Run.DONE, location="", contract_version="1", started=came, ended=came)  # fmt: skip
    states = [day.state for day in facts.days(contract, today)][-6:]
    assert states == [facts.CAME, facts.QUIET, facts.QUIET, facts.LATE, facts.LATE, facts.LATE]
