"""Every component on its own page: for every eye, every hand, every window, and without scripts."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from jingwei.kernel.models import LedgerEntry
from jingwei.parts.models import SavedView

from .conftest import DESK, PHONE

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

WALL = (1920, 1080)
AXE = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
OPEN = "/components/?figure=unresolved"


def faults_of(page):
    found = Axe().run(page, options=AXE).response["violations"]
    return [(one["id"], [node["target"] for node in one["nodes"]][:3]) for one in found]


def drawn(page):
    expect(page.locator("[data-chart][data-drawn]")).to_have_count(2)
    return page


@pytest.mark.parametrize(
    ("language", "theme", "viewport"),
    [
        ("zh-hans", "light", DESK),
        ("en", "dark", WALL),
        ("zh-hans", "contrast", PHONE),
        ("en", "contrast", DESK),
    ],
)
def test_no_component_shuts_anybody_out_or_is_wider_than_its_window(db, reader, language, theme, viewport):
    one = reader("clerk", language=language, theme=theme, viewport=viewport)
    page = drawn(one.open(OPEN))
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    for panel in page.locator("details:visible").all():
        panel.evaluate("panel => { panel.open = true }")
    assert faults_of(page) == []


def test_without_scripts_every_figure_is_there_to_read(db, reader):
    page = reader("clerk", scripts=False).open(OPEN)
    expect(page.locator("#net table tbody tr")).to_have_count(12)
    expect(page.locator("#communities svg").first).to_be_visible()
    expect(page.locator("#side")).to_contain_text("S-20261120-0900")
    page.locator("#table-components-events-filter > summary").click()
    page.select_option("[name=state]", "late")
    page.locator("#table-components-events-filter button[type=submit]").click()
    expect(page.locator("#table-components-events [data-said]")).to_contain_text("行")
    assert "state=late" in page.url


def test_a_table_is_filtered_ordered_and_paged_from_the_keyboard_and_its_address_says_so(db, reader):
    page = reader("clerk").open("/components/")
    page.locator("#table-components-events-filter > summary").press("Enter")
    number = page.get_by_role("textbox", name="编号")
    number.fill("-0007")
    number.press("Enter")
    expect(page.locator("[data-said]").first).to_have_text("1 行")
    expect(page.locator("#said")).to_have_text("1 行")
    expect(page).to_have_url(page.url.partition("?")[0] + "?number=-0007")
    page.get_by_role("link", name="去掉：编号 含有“-0007”").press("Enter")
    expect(page.locator("[data-said]").first).to_have_text("137 行")
    page.get_by_role("link", name="已过分钟").press("Enter")
    expect(page.locator("th[aria-sort=ascending]")).to_have_text("已过分钟")
    expect(page.locator("#table-components-events-by-minutes")).to_be_focused()
    page.get_by_role("link", name="下一页").press("Enter")
    expect(page.locator("nav.jw-pages")).to_contain_text("第 11–20 行")
    page.go_back()
    expect(page.locator("nav.jw-pages")).to_contain_text("第 1–10 行")


def test_a_view_that_was_kept_is_found_again_and_forgotten(db, reader):
    page = reader("clerk").open("/components/?state=late&order=-minutes&columns=number,minutes")
    page.locator("#table-components-events-views > summary").click()
    page.get_by_label("视图的名字").fill("超时的")
    page.get_by_role("button", name="存下").click()
    page.wait_for_url("**/components/**")
    page = reader("clerk").open("/components/")
    page.locator("#table-components-events-views > summary").click()
    page.get_by_role("link", name="超时的").click()
    expect(page.locator("#table-components-events thead th")).to_have_count(2)
    page.locator("#table-components-events-views > summary").click()
    page.get_by_role("button", name="删掉视图“超时的”").click()
    expect(page.locator("#table-components-events-views > summary")).to_have_text("视图")
    assert not SavedView.objects.exists()


def test_an_export_holds_what_is_shown_and_is_on_record(db, reader):
    page = reader("clerk").open("/components/?state=late&columns=number,state")
    page.locator("#table-components-events-export > summary").click()
    with page.expect_download() as waiting:
        page.get_by_role("button", name="CSV").click()
    lines = waiting.value.path().read_text("utf-8-sig").splitlines()
    assert lines[0] == "编号,状态"
    assert {line.partition(",")[2] for line in lines[1:]} == {"超时"}
    assert LedgerEntry.objects.filter(action="table.export", object="components.events").count() == 1


def test_a_figure_opens_beside_the_work_and_pushes_it(db, reader):
    page = reader("clerk", viewport=WALL).open("/components/")
    before = page.locator("#main").bounding_box()["width"]
    page.locator("#figure-unresolved").press("Enter")
    expect(page.locator("#side")).to_contain_text("select count(*)")
    side, main = page.locator("#side").bounding_box(), page.locator("#main").bounding_box()
    assert main["width"] < before
    assert main["x"] + main["width"] <= side["x"] + 1
    page.get_by_role("link", name="关上").press("Enter")
    expect(page.locator("#side")).to_have_count(0)


def test_long_work_tells_how_far_it_is_by_itself_and_is_found_again_done(db, reader):
    page = reader("clerk").open("/components/?work=1")
    expect(page.locator("#work-example [role=status]")).to_have_text("做完了")
    page = reader("clerk").open("/components/")
    first = page.locator("#work-example progress").get_attribute("value")
    expect(page.locator("#work-example progress")).not_to_have_attribute("value", first or "0", timeout=15000)


def test_whoever_may_not_read_the_catalog_sees_no_components(client, account):
    client.force_login(account("resident"), backend="django.contrib.auth.backends.ModelBackend")
    assert client.get("/components/").status_code == 403
    assert client.get("/components/progress/").status_code == 403


def test_on_paper_there_is_the_work_alone_with_who_printed_it_and_from_where(db, reader):
    page = reader("clerk", theme="dark").open("/components/?state=late")
    page.emulate_media(media="print")
    for gone in (".jw-rail", ".jw-bar", ".jw-tools"):
        expect(page.locator(gone).first).to_be_hidden()
    expect(page.locator(".jw-printed")).to_be_visible()
    expect(page.locator(".jw-printed")).to_contain_text("/components/?state=late")
    assert page.evaluate("getComputedStyle(document.body).color") == "rgb(23, 33, 47)"
