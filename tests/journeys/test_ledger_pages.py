"""The ledger's pages in a browser: an auditor finds, a clerk explains, a resident reads on a telephone."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.utils import timezone
from playwright.sync_api import expect

from jingwei.audit import resident, unusual
from jingwei.audit.models import Finding
from jingwei.kernel import ledger
from jingwei.kernel.models import Account, LedgerEntry
from jingwei.testing.small_district import HE_1986

from .conftest import DESK, PASSWORD, PHONE, account_of
from .test_pages import AXE

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def person(username, name, role):
    return Account.objects.create_user(username, PASSWORD, name=name, roles=[role])


@pytest.fixture
def used(small_district):
    """A clerk who looked at night, an auditor with a name of ·, a resident with an over-long purpose in the trace."""
    entity = small_district.entity(HE_1986)
    clerk = account_of("clerk")
    person("auditor", "阿依古丽·买买提", "auditor")
    resident.bind("auditor", person("resident", "㛃𬀩", "resident"), "population", entity)
    given = {"subjects": [entity], "fields": ["name", "id_number", "phone", "address", "sex"]}
    ledger.record(clerk, "window.prefill", "population", purpose="高龄津贴申领", **given)
    ledger.record(clerk, "register.read", f"population/{entity}", purpose="长" * 190, **given)
    night = timezone.localtime().replace(hour=23, minute=5) - timezone.timedelta(days=1)
    LedgerEntry.objects.filter(action="window.prefill").update(at=night)
    unusual.look(None, night.date(), night.date())
    return small_district


def axe(page):
    found = Axe().run(page, options=AXE).response["violations"]
    return [(one["id"], [node["target"] for node in one["nodes"]][:3]) for one in found]


@pytest.mark.parametrize(
    ("language", "theme", "viewport"),
    [("zh-hans", "light", DESK), ("en", "dark", PHONE)],
    ids=["desk", "phone"],
)
def test_no_page_of_the_ledger_shuts_anybody_out_or_is_too_wide(used, reader, language, theme, viewport):
    finding, entry = (
        Finding.objects.get(kind="out-of-hours"),
        LedgerEntry.objects.get(action="window.prefill"),
    )
    pages = {
        "auditor": ["/ledger/", f"/ledger/entries/{entry.pk}/?proof=1", "/ledger/unusual/", f"/ledger/unusual/{finding.pk}/",
                    "/ledger/responsibilities/", "/ledger/suppressions/"],
        "resident": [f"/my-data/?proof={entry.pk}"],
        "clerk": [f"/asked-of-me/{finding.pk}/"],
    }  # fmt: skip
    for who, addresses in pages.items():
        one = reader(None, language=language, theme=theme, viewport=viewport)
        one.sign_in(who)
        for address in addresses:
            page = one.open(address)
            assert axe(page) == [], address
            assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, address


def test_an_auditor_finds_who_looked_at_somebody_by_keyboard(used, reader):
    one = reader(None)
    one.sign_in("auditor")
    page = one.open("/ledger/")
    page.get_by_text("查谁看过某个人").click()
    page.fill("#q", HE_1986.number)
    page.fill("#why", "信访件 2026-18")
    with page.expect_navigation():
        page.press("#why", "Enter")
    with page.expect_navigation():
        page.get_by_role("link", name=HE_1986.name).first.press("Enter")
    expect(page.get_by_text("信访件 2026-18")).to_be_visible()
    # The head, two looks by the clerk, and the tying of the resident's account.
    expect(page.get_by_role("row")).to_have_count(4)


def test_a_resident_asks_about_a_look_they_know_nothing_of(used, reader):
    one = reader(None, viewport=PHONE)
    one.sign_in("resident")
    page = one.open("/my-data/")
    with page.expect_navigation():
        page.get_by_role("button", name="没这回事").last.click()
    expect(page.get_by_text("前答复您")).to_be_visible()
