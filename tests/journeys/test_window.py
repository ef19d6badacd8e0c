"""The clerk's journey: find somebody, get a filled form, complete it, hand it in, without leaving the keyboard."""

import re

import pytest
from playwright.sync_api import expect

from jingwei.kernel.models import LedgerEntry
from jingwei.testing.small_district import HE_1951, HE_1986, LU, OTHER_ADDRESS, SHOP
from jingwei.window.models import Case

from .conftest import PHONE

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def find(page, text, downs=0):
    """Types, waits for the answers, moves down, chooses."""
    page.locator("#q").press_sequentially(text, delay=20)
    page.wait_for_selector('[role="option"]')
    for _ in range(downs):
        page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_selector("form#work")


def test_from_a_name_to_a_receipt_on_the_keyboard_alone(small_district, reader):
    page = reader("clerk").open("/window/")
    expect(page.locator("#q")).to_be_focused()
    page.keyboard.type("沈云禾", delay=30)
    expect(page.get_by_role("option")).to_have_count(3)
    expect(page.locator(".w-hint")).to_contain_text("2 个同名")
    chosen = page.locator('[role="option"][aria-selected="true"]')
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowUp")
    expect(page.locator("#q")).to_have_attribute("aria-activedescendant", chosen.get_attribute("id"))
    while "1986" not in chosen.inner_text():
        page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.locator("#f-name")).to_have_value("沈云禾")
    expect(page.locator("#s-name")).to_have_text("区公安分局 · 2024-06-18")
    expect(page.locator("#f-id_number")).to_have_value(re.compile(r"^9901\*{10}"))
    expect(page.locator("[data-left] b")).to_have_text("还差 2 处")
    expect(page.locator("#f-bank_account")).to_be_focused()

    page.keyboard.press("Control+Enter")
    expect(page.locator("#e-bank_account")).to_be_visible()
    expect(page.locator("#f-bank_account")).to_have_attribute("aria-invalid", "true")
    assert not Case.objects.exists()

    page.locator("#f-bank_account").fill("6222021234")
    page.get_by_role("radio", name=re.compile(OTHER_ADDRESS)).check()
    expect(page.locator("[data-left] b")).to_have_text("都齐了")
    page.keyboard.press("Control+Enter")
    page.wait_for_url(re.compile("/window/cases/YX-"))
    case = Case.objects.get()
    expect(page.locator("h1")).to_have_text("高龄津贴申领")
    assert case.values["id_number"]["value"] == HE_1986.number
    assert case.values["address"]["value"] == OTHER_ADDRESS


def test_while_an_input_method_composes_nothing_is_asked(small_district, reader):
    page = reader("clerk").open("/window/")
    asked = []
    page.on("request", lambda request: asked.append(request.url) if "/search/" in request.url else None)
    keyboard = page.context.new_cdp_session(page)
    page.locator("#q").focus()
    for text in ("s", "sh", "she", "shen"):
        place = {"selectionStart": len(text), "selectionEnd": len(text)}
        keyboard.send("Input.imeSetComposition", {"text": text, **place})
        page.wait_for_timeout(200)
    assert asked == []
    keyboard.send("Input.insertText", {"text": "沈"})
    expect(page.get_by_role("option").first).to_be_visible()
    assert len(asked) == 1


def test_typing_on_forgets_the_answer_that_was_overtaken(small_district, reader):
    page = reader("clerk").open("/window/")
    held = []
    page.route("**/window/search/", lambda route: held.append(route) if not held else route.continue_())
    page.keyboard.type("沈")
    page.wait_for_timeout(300)
    page.keyboard.type("云禾小")
    page.wait_for_timeout(600)
    expect(page.locator("#q")).to_have_value("沈云禾小")
    assert page.locator("#answers").inner_text() != ""
    try:
        held[0].continue_()
    except Exception as gone:
        assert "route" in str(gone).lower() or "request" in str(gone).lower()


def test_a_quick_hand_may_press_enter_before_the_answer_is_there(small_district, reader):
    page = reader("clerk").open("/window/")
    page.keyboard.type(LU.number)
    page.keyboard.press("Enter")
    expect(page.locator("#f-name")).to_have_value(LU.name)


@pytest.mark.parametrize("typed", ["luxiaoman", "lxm", LU.phone, LU.number])
def test_pinyin_initials_phone_and_number_find_the_same_person(small_district, reader, typed):
    page = reader("clerk").open("/window/")
    find(page, typed)
    expect(page.locator("#f-name")).to_have_value(LU.name)


def test_nothing_found_says_what_to_try_and_escape_clears(small_district, reader):
    page = reader("clerk").open("/window/")
    page.keyboard.type("欧阳无人", delay=20)
    expect(page.locator(".w-none")).to_contain_text("没找到")
    page.keyboard.press("Escape")
    expect(page.locator("#q")).to_have_value("")
    expect(page.locator(".w-none")).to_have_count(0)


def test_a_digit_with_alt_chooses_the_item_and_the_address_keeps_the_person(small_district, reader):
    page = reader("clerk").open("/window/")
    find(page, LU.name)
    page.keyboard.press("Alt+2")
    expect(page.locator("h1")).to_have_text("小餐饮经营登记")
    expect(page.locator("#f-operator")).to_have_value(LU.name)
    expect(page.locator('a[aria-current="true"][data-item]')).to_contain_text("小餐饮经营登记")
    page.reload()
    expect(page.locator("#f-operator")).to_have_value(LU.name)
    page.go_back()
    expect(page.locator("h1")).to_have_text("高龄津贴申领")


def test_a_company_opens_the_item_that_begins_with_it_and_brings_its_representative(small_district, reader):
    page = reader("clerk").open("/window/")
    find(page, "云溪区沈云禾小")
    expect(page.locator("h1")).to_have_text("小餐饮经营登记")
    expect(page.locator("#f-shop")).to_have_value(SHOP)
    expect(page.locator("#f-operator")).to_have_value(HE_1986.name)


def test_a_number_is_shown_on_asking_and_the_asking_is_on_record(small_district, reader):
    page = reader("clerk").open("/window/")
    find(page, LU.name)
    page.locator('[data-show="id_number"]').click()
    expect(page.locator("#f-id_number")).to_have_value(LU.number)
    assert LedgerEntry.objects.filter(action="register.reveal", fields=["id_number"]).count() == 1


def test_the_first_key_in_a_masked_number_clears_the_stars(small_district, reader):
    page = reader("clerk").open("/window/")
    find(page, LU.name)
    page.locator("#f-phone").click()
    page.keyboard.type("199")
    expect(page.locator("#f-phone")).to_have_value("199")


def test_a_draft_is_kept_by_a_key_and_found_under_its_address(small_district, reader):
    page = reader("clerk").open("/window/")
    find(page, LU.name)
    page.locator("#f-bank_account").fill("6222")
    page.keyboard.press("Control+S")
    expect(page.locator(".w-head")).to_contain_text("已暂存")
    number = Case.objects.get().number
    assert f"case={number}" in page.url
    page.reload()
    expect(page.locator("#f-bank_account")).to_have_value("6222")


def test_the_line_that_counts_leads_to_the_first_place(small_district, reader):
    page = reader("clerk").open("/window/")
    find(page, LU.name)
    page.locator("#q").focus()
    page.locator("[data-first]").click()
    expect(page.locator("#f-bank_account")).to_be_focused()


def test_without_a_line_to_the_server_the_form_stays_and_says_so(small_district, reader):
    one = reader("clerk")
    page = one.page
    find(page, LU.name)
    page.locator("#f-bank_account").fill("6222")
    page.context.set_offline(True)
    page.keyboard.press("Control+S")
    expect(page.locator("[data-offline]")).to_be_visible()
    expect(page.locator("#f-bank_account")).to_have_value("6222")
    page.context.set_offline(False)
    page.keyboard.press("Control+S")
    expect(page.locator(".w-head")).to_contain_text("已暂存")
    one.faults.clear()  # the browser itself notes that the line was down


def test_without_scripts_the_form_can_still_be_handed_in(small_district, reader):
    one = reader("clerk", scripts=False)
    entity = small_district.entity(LU)
    page = one.open(f"/window/?item=allowance&register=population&entity={entity}")
    page.locator('button[value="submit"]').click()
    expect(page.locator("#e-bank_account")).to_be_visible()
    page.locator("#f-bank_account").fill("6222")
    page.locator('button[value="submit"]').click()
    page.wait_for_url(re.compile("/window/cases/YX-"))
    assert Case.objects.get().values["phone"]["value"] == LU.phone


def test_english_is_one_switch_away_and_stays(small_district, reader):
    page = reader("clerk").open("/window/")
    page.get_by_role("button", name="English").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    find(page, HE_1951.name)
    expect(page.locator("h1")).to_have_text("Old-age allowance")
    page.get_by_role("button", name="中文").click()
    expect(page.locator("h1")).to_have_text("高龄津贴申领")


def test_on_a_phone_the_whole_journey_fits(small_district, reader):
    page = reader("clerk", viewport=PHONE).page
    find(page, LU.name)
    expect(page.locator("form#work h1")).to_be_in_viewport()
    page.locator("#f-bank_account").fill("6222")
    send = page.locator('button[value="submit"]')
    expect(send).to_be_in_viewport()
    assert send.bounding_box()["height"] >= 44
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    send.click()
    page.wait_for_url(re.compile("/window/cases/YX-"))
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
