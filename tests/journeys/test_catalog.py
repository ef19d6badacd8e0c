"""The catalog as a reader meets it: found by typing, followed by keyboard, readable by everybody."""

import pytest
from playwright.sync_api import expect

from .conftest import DESK, PHONE
from .test_pages import faults_of

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PAGES = [
    "/catalog/",
    "/catalog/?q=医保",
    "/catalog/tree/",
    "/catalog/map/",
    "/catalog/resources/police.resident/",
    "/catalog/resources/police.resident/?part=versions",
    "/catalog/lineage/?resource=police.resident",
    "/catalog/items/allowance/",
    "/catalog/encyclopedia/",
    "/catalog/encyclopedia/elements/resident_id/",
    "/catalog/encyclopedia/codes/gb2261_1/",
]


@pytest.mark.parametrize(
    ("language", "theme", "viewport"), [("zh-hans", "light", PHONE), ("en", "dark", DESK)]
)
def test_no_page_of_the_catalog_shuts_anybody_out_or_is_too_wide(
    small_district, reader, language, theme, viewport
):
    one = reader("clerk", language=language, theme=theme, viewport=viewport)
    for address in PAGES:
        page = one.open(address)
        assert faults_of(page) == [], address
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, address


def test_a_field_is_found_by_typing_and_its_lineage_followed_by_keyboard(small_district, reader):
    one = reader("clerk")
    page = one.open("/catalog/")
    page.keyboard.type("手机")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    first = page.locator(".d-rows li").first.locator("a")
    expect(first).to_contain_text("常住人口登记")
    with page.expect_navigation():
        first.press("Enter")
    with page.expect_navigation():
        page.locator("tr", has_text="手机").locator("td a").last.press("Enter")
    expect(page.locator("h1")).to_contain_text("手机")
    expect(page.locator(".d-impact")).to_contain_text("表单里的格")
    box = page.locator("svg a", has_text="高龄津贴申领").first
    with page.expect_navigation():
        box.press("Enter")
    expect(page.locator("h1")).to_contain_text("联系电话")
