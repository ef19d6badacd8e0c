"""Ctrl-K from any page, by keyboard, in Chinese, without scripts; and no page asks anything of anybody else."""

import pytest
from playwright.sync_api import expect

from jingwei.kernel.models import LedgerEntry
from jingwei.testing.small_district import HE_1986

from .conftest import DESK, PHONE

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

OPTION = "#palette-found [role=option]"


def test_somebody_is_found_and_opened_without_leaving_the_keyboard(small_district, reader):
    page = reader("steward").open("/collection/")
    page.keyboard.press("Control+k")
    box = page.get_by_role("combobox", name="找房间、资源、人、企业、工单、批次")
    expect(box).to_be_focused()
    page.keyboard.type("police.resident")
    expect(page.locator(OPTION).first).to_contain_text("police.resident")
    expect(page.locator("#palette-found [role=group]").first).to_contain_text("就是它")
    page.keyboard.press("ArrowDown")
    expect(page.locator(OPTION).nth(1)).to_have_attribute("aria-selected", "true")
    expect(box).to_have_attribute("aria-activedescendant", "palette-2")
    page.keyboard.press("ArrowUp")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert page.url.endswith("/resources/police.resident/")


def test_a_look_at_persons_is_on_record_and_stands_in_no_address(small_district, reader):
    one = reader("clerk")
    page = one.open("/window/")
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.keyboard.press("Control+k")
    page.keyboard.type("shenyunhe")
    entity = small_district.entity(HE_1986)
    expect(page.locator(f'{OPTION}[data-address*="{entity}"]')).to_be_visible()
    assert LedgerEntry.objects.filter(action="register.search").exists()
    assert not [address for address in asked if "shenyunhe" in address]


def test_nothing_is_asked_while_an_input_method_composes(small_district, reader):
    page = reader("clerk").open("/window/")
    page.keyboard.press("Control+k")
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    box = page.locator("#palette-q")
    box.evaluate(
        "box => { box.dispatchEvent(new CompositionEvent('compositionstart')); box.value = 'chuang';"
        " box.dispatchEvent(new InputEvent('input', {isComposing: true})) }"
    )
    page.keyboard.press("ArrowRight")
    assert asked == []
    with page.expect_request("**/find/"):
        box.evaluate(
            "box => { box.value = '窗口'; box.dispatchEvent(new CompositionEvent('compositionend')) }"
        )
    expect(page.locator(OPTION).first).to_contain_text("窗口")


def test_escape_gives_the_focus_back(small_district, reader):
    page = reader("clerk").open("/window/")
    page.locator("#finder").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#palette-q")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("#palette")).to_be_hidden()
    expect(page.locator("#finder")).to_be_focused()


def test_the_same_search_is_a_page_without_scripts(small_district, reader):
    page = reader("clerk", scripts=False).open("/window/")
    page.locator("#finder").click()
    page.fill("#find-q", "窗口")
    page.press("#find-q", "Enter")
    expect(page.locator("#main").get_by_role("link", name="窗口")).to_be_visible()
    assert "窗口" not in page.url


@pytest.mark.parametrize("viewport", [DESK, PHONE])
def test_every_room_is_within_reach_and_in_the_window(small_district, reader, viewport):
    one = reader("steward", viewport=viewport)
    page = one.open("/registers/")
    if page.locator(".jw-more > details > summary").is_visible():
        page.locator(".jw-more > details > summary").click()
    rooms = {link.get_attribute("href") for link in page.locator(".jw-rail li a:visible").all()}
    assert {"/window/", "/registers/", "/collection/", "/collection/orders/", "/notices/"} - rooms <= {
        "/window/"
    }
    for link in page.locator(".jw-rail li a:visible").all():
        box = link.bounding_box()
        assert box["x"] >= 0 and box["x"] + box["width"] <= viewport[0]
        assert box["y"] >= 0 and box["y"] + box["height"] <= viewport[1]


def test_no_request_leaves_the_site(small_district, reader):
    """What a page may load at all is watched by every journey; here the main pages, one after the other."""
    one = reader("steward")
    seen = set()
    one.page.on("request", lambda request: seen.add(request.url))
    for address in (
        "/",
        "/collection/",
        "/registers/",
        "/collection/orders/",
        "/notices/",
        "/components/",
        "/find/",
    ):
        one.open(address)
        one.page.wait_for_load_state("networkidle")
    assert {address for address in seen if not address.startswith((one.site, "data:", "blob:"))} == set()
    assert one.strays == []
    assert any(address.endswith("echarts.min.js") for address in seen)
