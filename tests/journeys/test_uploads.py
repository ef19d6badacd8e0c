"""Handing in a table, as a department's officer does it: drop the file, mend cells in place, hand it in, see what came of it."""

import re

import pytest
from playwright.sync_api import expect

from jingwei.collection.models import Run, Upload
from jingwei.collection.uploads import service
from jingwei.testing.small_district import LU, POLICE

from .conftest import PHONE
from .test_pages import faults_of

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

RIGHT = LU.number
FILE = {"name": "常住人口11月.csv", "mimeType": "text/csv", "buffer": POLICE.encode()}


def chosen(page, file=FILE):
    """The file is looked at, and its page is open."""
    page.set_input_files("#file", file)
    page.get_by_role("button", name="看看能不能用").click()
    page.wait_for_url(re.compile(r"/uploads/U-"))


def wrong_row(page, number):
    return page.locator(f'[data-row="{number}"]')


def test_from_a_file_to_rows_taken_with_the_wrong_ones_mended_in_place(small_district, reader):
    one = reader("officer")
    page = one.page
    page.get_by_role("navigation", name="能去的地方").get_by_role("link", name="上报").click()
    chosen(page)
    rows = len(POLICE.splitlines()) - 1
    expect(page.locator("#sums")).to_contain_text(re.compile(rf"读到\s*{rows}\s*=\s*能收\s*{rows - 2}"))
    number = page.locator('tbody[data-row] input[name="c.id_number"][aria-invalid="true"]')
    row = number.evaluate("one => one.closest('tbody').dataset.row")
    number.fill(RIGHT[:-1] + "0")
    number.press("Tab")
    expect(wrong_row(page, row).locator(".u-why")).to_contain_text("第 18 位")
    number.fill(RIGHT)
    number.press("Tab")
    # The number is Lu's own, who stands in the file already, with another name: said about the row, not the cell.
    expect(wrong_row(page, row).locator(".u-why")).to_contain_text("主键")
    name = wrong_row(page, row).locator('input[name="c.name"]')
    assert name.input_value() == "王五"
    wrong_row(page, row).get_by_role("button", name=f"第 {row} 行的全部格子").click()
    expect(wrong_row(page, row).locator(".u-grid")).to_contain_text("社区")
    assert faults_of(page) == []
    date = page.locator('input[name="c.updated_on"][aria-invalid="true"]').first
    other = date.evaluate("one => one.closest('tbody').dataset.row")
    address = wrong_row(page, other).locator('input[name="c.address"]')
    address.focus()
    page.keyboard.press("Enter")
    expect(date).to_be_focused()
    date.fill("2026-03-02")
    date.press("Tab")
    address.fill("翠屏里22号")
    address.press("Enter")
    expect(page.locator(".u-why", has_text="改好了")).to_have_count(1)
    expect(page.locator("#hand-in")).to_contain_text("1 行有错的先留下")
    page.get_by_role("button", name=re.compile("交上去")).click()
    expect(page.locator("#waiting")).to_contain_text("排队中")
    upload = Upload.objects.get()
    service.take(upload.id)
    expect(page.get_by_text(f"收下了 {rows - 1} 行")).to_be_visible(timeout=15_000)
    assert faults_of(page) == []
    run = Run.objects.get(pk=Upload.objects.get().run)
    assert (run.accepted, run.quarantined, run.started_by) == (rows - 1, 1, "officer")
    page.get_by_role("link", name="上报", exact=True).first.click()
    expect(page.locator("table")).to_contain_text("收下了")


def test_a_file_is_dropped_on_the_page(small_district, reader):
    page = reader("officer").open("/collection/uploads/")
    data = page.evaluate_handle(
        "text => { const all = new DataTransfer(); all.items.add(new File([text], '扔进来的.csv')); return all; }",
        POLICE,
    )
    page.dispatch_event("[data-drop]", "drop", {"dataTransfer": data})
    expect(page.locator("[data-name]")).to_contain_text("扔进来的.csv")
    page.get_by_role("button", name="看看能不能用").click()
    expect(page.locator("#sums")).to_contain_text("读到")


def test_a_file_that_is_too_large_is_told_before_it_is_sent(small_district, reader):
    page = reader("officer").open("/collection/uploads/")
    page.set_input_files("#file", {"name": "大.csv", "mimeType": "text/csv", "buffer": b"x" * 20_000_001})
    expect(page.locator("[data-fault]")).to_contain_text("只收 20 MB 以内的")
    page.get_by_role("button", name="看看能不能用").click()
    expect(page).to_have_url(re.compile("/uploads/$"))
    assert not Upload.objects.exists()


def test_a_wrong_file_is_told_on_the_page_and_the_choice_stays(small_district, reader):
    page = reader("officer").open("/collection/uploads/")
    page.set_input_files("#file", {"name": "照片.xlsx", "mimeType": "", "buffer": b"\xff\xd8\xff\xe0" * 50})
    page.get_by_role("button", name="看看能不能用").click()
    expect(page.get_by_role("alert").first).to_contain_text("照片.xlsx")
    assert faults_of(page) == []


def test_a_column_with_another_name_is_pointed_at(small_district, reader):
    page = reader("officer").open("/collection/uploads/")
    text = POLICE.replace("公民身份号码", "证照编号")
    chosen(page, {**FILE, "buffer": text.encode()})
    expect(page.get_by_role("button", name=re.compile("交上去"))).to_have_count(0)
    page.select_option("#f-id_number", "证照编号")
    page.get_by_role("button", name="就这样对上").click()
    expect(page.locator("#sums")).to_contain_text("能收")


def test_it_works_without_a_script(small_district, reader):
    page = reader("officer", scripts=False).open("/collection/uploads/")
    chosen(page)
    number = page.locator('input[name="c.id_number"][aria-invalid="true"]')
    row = number.get_attribute("form")
    number.fill("123")
    page.locator(f'form[id="{row}"] button[type="submit"]').click()
    expect(page.locator(f'input[form="{row}"][name="c.id_number"]')).to_have_value("123")
    page.get_by_role("button", name=re.compile("交上去")).click()
    expect(page.locator("#waiting")).to_contain_text("排队中")


def test_it_fits_a_telephone(small_district, reader):
    page = reader("officer", viewport=PHONE).open("/collection/uploads/")
    chosen(page)
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    expect(page.get_by_role("button", name=re.compile("交上去"))).to_be_in_viewport()


def test_a_template_is_downloaded_under_the_tables_name(small_district, reader):
    page = reader("officer").open("/collection/uploads/")
    with page.expect_download() as download:
        page.locator("#templates-list a").first.click()
    assert download.value.suggested_filename == "常住人口登记.xlsx"
