"""The day begins: from the home page to one's work on the keyboard, and a to-do that goes from hand to hand."""

import re

import pytest
from playwright.sync_api import expect

from jingwei.inbox import kinds, todos
from jingwei.kernel.models import Account, Organization
from jingwei.kernel.text import Text
from jingwei.testing.small_district import LU

from .conftest import DESK, PASSWORD, PHONE, account_of
from .test_pages import faults_of

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

TRIAL = kinds.register(kinds.Kind("journey", Text("试件", "trial"), "file"))


def asked(number, **more):
    title = Text(f"第 {number} 件事", f"matter {number}")
    return todos.ask(kind="journey", key=f"journey:{number}", title=title, about=f"J-{number}", **more)


def test_a_clerk_finds_somebody_from_the_home_page_and_is_at_the_window(small_district, reader):
    page = reader("clerk").page
    expect(page.locator("#q")).to_be_focused()
    page.keyboard.type(LU.number)
    expect(page.get_by_role("option")).to_have_count(1)
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/window/"))
    expect(page.locator("#f-name")).to_have_value(LU.name)


def test_a_to_do_is_found_on_the_keyboard_and_handed_to_a_colleague(db, reader):
    officer = account_of("officer")
    place = Organization.objects.get(name_zh="区公安分局")
    Account.objects.create_user("wen", PASSWORD, name="闻溪", roles=["officer"], organization=place)
    asked(1, organization=place.name_zh), asked(2, organization=place.name_zh)
    page = reader("officer").open("/todos/")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    expect(page.locator("[data-row]").nth(1)).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("第 2 件事")
    page.get_by_label("转给", exact=True).select_option("wen")
    page.get_by_label("附言").fill("你熟这张表")
    page.get_by_role("button", name="转过去").click()
    expect(page.get_by_text("池映川 转给 闻溪")).to_be_visible()
    page = reader("officer").open("/todos/")
    page.get_by_label("哪一类").select_option("journey")
    expect(page).to_have_url(re.compile("kind=journey"))
    expect(page.get_by_text("闻溪")).to_be_visible()
    assert officer.username == "officer"


@pytest.mark.parametrize(("language", "viewport"), [("zh-hans", DESK), ("en", PHONE)])
def test_home_to_dos_and_settings_shut_nobody_out(small_district, reader, language, viewport):
    one = asked(1, role="steward")
    start = reader("steward", language=language, viewport=viewport)
    for address in ("/", "/todos/", f"/todos/{one.pk}/", "/todos/?state=late", "/notices/settings/"):
        page = start.open(address)
        assert faults_of(page) == [], address
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, address
