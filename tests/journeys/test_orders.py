"""The way back, as a department's officer walks it: open the order, mend in the page and in the workbook, done."""

from __future__ import annotations

import io
import re

import pytest
import python_calamine as calamine
import xlsxwriter
from playwright.sync_api import expect

from jingwei.collection import quarantine, service
from jingwei.collection.models import WorkOrder
from jingwei.kernel.models import Account, Organization
from jingwei.testing.small_district import HE_1986

from .conftest import DESK, PASSWORD, PHONE
from .test_pages import faults_of

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PROVIDER, OTHER = "区公安分局", "区医保局"
CONTRACT = """\
apiVersion: v3.1.0
kind: DataContract
id: trial.person
name: 常住人口变动
version: 1.0.0
status: active
servers: [{server: source, type: local, path: person.csv, format: csv}]
schema:
  - name: person
    properties:
      - {name: number, physicalName: 编号, logicalType: string, required: true, primaryKey: true}
      - {name: name, physicalName: 姓名, logicalType: string, required: true, customProperties: [{property: element, value: person_name}]}
      - {name: sex, physicalName: 性别, logicalType: string, customProperties: [{property: element, value: sex}]}
      - {name: since, physicalName: 登记日期, logicalType: date, required: true}
      - {name: note, physicalName: 备注, logicalType: string}
customProperties:
  - {property: organization, value: 区公安分局}
  - {property: title, value: {zh: 常住人口变动, en: Changes of residents}}
"""
LONG = (
    "因户籍地与现住地不一致，经社区民警两次上门核实未见本人，暂按原登记地址登记，待本人持有效证件到派出所更正。"
    * 4
)
ROWS = [
    "1,沈云禾,女,2020-01-02,",
    "2,程既白,男,2020-13-01,",
    "3,,某,2020-01-02,",
    f"4,陆小满,女,1,{LONG}",
]


@pytest.fixture
def order(home, pack, db):
    pack("trial", {"contracts/person.yaml": CONTRACT})
    (home / "sample" / "person.csv").write_text("\n".join(["编号,姓名,性别,登记日期,备注", *ROWS]), "utf-8")
    service.collect("trial.person", started_by="test")
    return WorkOrder.objects.get()


def officer(name: str, organization: str) -> str:
    of, _ = Organization.objects.get_or_create(
        code=organization, defaults={"name_zh": organization, "level": "district"}
    )
    Account.objects.create_user(name, PASSWORD, name="池映川", roles=["officer"], organization=of)
    return name


@pytest.fixture
def enter(reader):
    """Signed in as an officer of an organization."""

    def start(name, organization, **how):
        if not Account.objects.filter(username=name).exists():
            officer(name, organization)
        return reader(name, **how)

    return start


def rewritten(data: bytes, changes: dict[str, dict[str, str]]) -> bytes:
    """The downloaded workbook as a spreadsheet saves it, with cells changed: 编号 → column → text."""
    book = calamine.CalamineWorkbook.from_filelike(io.BytesIO(data))
    file = io.BytesIO()
    written = xlsxwriter.Workbook(file)
    for name in book.sheet_names:
        sheet = written.add_worksheet(name)
        rows = book.get_sheet_by_name(name).to_python()
        for at, row in enumerate(rows):
            wanted = changes.get(str(row[3]), {}) if len(row) > 3 else {}
            for column, value in enumerate(row):
                text = wanted.get(str(rows[0][column]), value)
                if text != "":
                    sheet.write(at, column, text)
    written.close()
    return file.getvalue()


def test_an_officer_mends_in_the_page_and_in_the_workbook_and_the_order_closes(order, enter, tmp_path):
    one = enter("chi", PROVIDER)
    page = one.open("/")
    page.get_by_role("region", name="本单位的数据").get_by_role("link", name=order.id).click()
    page.get_by_role("link", name="在这里改").click()
    cell = page.locator("[data-row]").first.get_by_label("登记日期")
    expect(cell).to_be_focused()
    cell.fill("2020-12-01")
    page.keyboard.press("Enter")
    expect(page.locator(":focus")).to_have_attribute("name", re.compile(r"\.name$"))
    page.wait_for_selector(".o-row.is-right")
    page.keyboard.press("Control+Enter")
    page.wait_for_selector("text=1 行改对了")
    assert quarantine.count("trial.person", open_only=True) == 2

    page.goto(one.site + f"/collection/orders/{order.id}/")
    with page.expect_download() as coming:
        page.get_by_role("button", name="下载 Excel").click()
    path = tmp_path / "order.xlsx"
    coming.value.save_as(path)
    path.write_bytes(rewritten(path.read_bytes(), {"3": {"姓名": "陶知远", "性别": "男"}}))
    page.set_input_files("#file", path)
    page.get_by_role("button", name="上传改好的").click()
    page.wait_for_selector("text=1 行改对了")
    assert quarantine.count("trial.person", open_only=True) == 1

    page.get_by_role("link", name="回工单").click()
    page.get_by_role("link", name="在这里改").click()
    page.locator("[data-row]").first.get_by_label("登记日期").fill("2020-01-02")
    page.get_by_role("button", name="交出改好的行").click()
    page.wait_for_selector("text=办完了")
    order.refresh_from_db()
    assert (order.state, order.closed_by) == (WorkOrder.CLOSED, "chi")


def test_another_departments_officer_cannot_open_it(order, enter):
    one = enter("stranger", OTHER)
    page = one.open(f"/collection/orders/{order.id}/")
    assert "不是您单位的" in page.locator("main").inner_text()
    page = one.open("/collection/orders/")
    assert order.id not in page.locator("main").inner_text()


def test_what_was_typed_is_there_again_after_a_reload(order, enter):
    page = enter("chi", PROVIDER).open(f"/collection/orders/{order.id}/mend/")
    page.locator("[data-row]").nth(1).get_by_label("姓名").fill("陶知远")
    page.keyboard.press("Tab")
    page.wait_for_selector("text=还有 1 处不对")
    page.reload()
    assert page.locator("[data-row]").nth(1).get_by_label("姓名").input_value() == "陶知远"
    page.wait_for_selector("text=改了 1 行")


def test_without_scripts_the_form_mends_too(order, enter):
    page = enter("chi", PROVIDER, scripts=False).open(f"/collection/orders/{order.id}/mend/")
    page.locator("[data-row]").first.get_by_label("登记日期").fill("2020-12-01")
    page.get_by_role("button", name="交出改好的行").click()
    assert "1 行改对了" in page.locator("main").inner_text()


def test_two_officers_on_one_row_the_second_is_told(order, enter):
    first = enter("chi", PROVIDER).open(f"/collection/orders/{order.id}/mend/")
    second = enter("xu", PROVIDER).open(f"/collection/orders/{order.id}/mend/")
    for page, day in ((first, "2020-12-01"), (second, "2020-11-11")):
        page.locator("[data-row]").first.get_by_label("登记日期").fill(day)
        page.get_by_role("button", name="交出改好的行").click()
    second.wait_for_selector("text=已由别人改好")


@pytest.mark.parametrize(
    ("language", "viewport", "theme"),
    [("zh-hans", DESK, "light"), ("en", DESK, "dark"), ("zh-hans", PHONE, "dark"), ("en", PHONE, "light")],
)
def test_no_page_of_the_way_back_shuts_anybody_out_or_is_too_wide(order, enter, language, viewport, theme):
    one = enter("chi", PROVIDER, language=language, viewport=viewport, theme=theme)
    for address in (
        "",
        "?state=closed",
        f"{order.id}/",
        f"{order.id}/mend/",
        "scoreboard/",
        f"scoreboard/figure/?organization={PROVIDER}&by=on_time",
    ):
        page = one.open(f"/collection/orders/{address}")
        assert faults_of(page) == [], address
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, address


def test_a_clerk_disputes_a_value_and_it_is_marked_until_the_provider_answers(small_district, reader, enter):
    entity = small_district.entity(HE_1986)
    clerk = reader("clerk")
    page = clerk.open(f"/registers/population/{entity}/")
    page.get_by_role("button", name="对此值有异议：现住址").click()
    page.locator("#said-address").fill("本人说已搬到松间路 10 号，有租约")
    page.get_by_role("button", name="提出异议").click()
    page.wait_for_selector(".jw-tag:has-text('有争议')")
    assert faults_of(page) == []
    page = clerk.open(f"/window/?item=allowance&register=population&entity={entity}")
    assert "有争议" in page.locator("#work").inner_text()
    dispute = WorkOrder.objects.get(kind=WorkOrder.DISPUTE)

    page = enter("chi", dispute.organization).open(f"/collection/orders/{dispute.id}/")
    assert faults_of(page) == []
    assert "有租约" in page.locator("main").inner_text()
    page.locator("#why").fill("户籍档案未变")
    page.get_by_role("button", name="维持原值").click()
    page.wait_for_selector("text=维持原值")
    page = clerk.open(f"/registers/population/{entity}/")
    assert page.locator(".jw-tag", has_text="有争议").count() == 0
