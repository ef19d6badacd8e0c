"""A steward's look at a resource: from the list to its quality, its fields, its plan; a held run is let through."""

import re

import pytest
from django_q.models import OrmQ
from playwright.sync_api import expect

from jingwei.collection import queue, service
from jingwei.collection.models import Run
from jingwei.inbox import service as inbox
from jingwei.kernel.text import Text

from .conftest import PHONE
from .test_pages import faults_of

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

RESOURCE = "/collection/resources/police.resident/"


def test_from_the_list_to_a_fields_values(small_district, reader):
    page = reader("steward").open("/collection/")
    page.get_by_role("link", name="常住人口登记").click()
    expect(page).to_have_url(re.compile(RESOURCE))
    expect(page.get_by_role("heading", name="六个方面")).to_be_visible()
    page.get_by_role("link", name=re.compile("字段画像")).click()
    page.get_by_label("按名字找字段").fill("社区")
    expect(page.locator("#field-lines tr:visible")).to_have_count(1)
    page.get_by_role("button", name=re.compile("细看")).locator("visible=true").click()
    expect(page.locator("#field-detail h2")).to_have_text("社区")
    assert faults_of(page) == []
    page.get_by_role("link", name="契约", exact=True).click()
    expect(page.locator("#field-lines")).to_contain_text("公民身份号码")


def test_persons_are_counted_on_the_profile_and_never_named(small_district, reader):
    page = reader("steward").open(f"{RESOURCE}?part=fields")
    for name in ("name", "id_number", "phone", "address"):
        page.locator(f'tr[data-name="{name}"] button').click()
        page.wait_for_selector(f'#field-detail:has-text("· {name}")')
        text = page.locator("#field-detail").inner_text()
        assert "沈云禾" not in text and "1990001" not in text and "松间路" not in text


def test_a_table_of_three_hundred_columns_stays_in_its_card(home, pack, db, reader):
    columns = "\n".join(
        f"      - {{name: c{n}, physicalName: 列{n}, logicalType: string}}" for n in range(1, 300)
    )
    pack("wide", {"contracts/wide.yaml": WIDE.format(columns=columns)})
    rows = [",".join(["编号", *(f"列{n}" for n in range(1, 300))]), ",".join(map(str, range(300)))]
    (home / "sample" / "wide.csv").write_text("\n".join(rows), "utf-8")
    service.collect("wide.table", started_by="test")
    one = reader("steward")
    for part in ("quality", "fields", "contract"):
        page = one.open(f"/collection/resources/wide.table/?part={part}")
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    page.get_by_label("按名字找字段").fill("列299")
    expect(page.locator("#field-lines tr:visible")).to_have_count(1)
    phone = reader("steward", viewport=PHONE).open("/collection/resources/wide.table/?part=fields")
    assert phone.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0


WIDE = """
apiVersion: v3.1.0
kind: DataContract
id: wide.table
name: 很宽的表
version: 1.0.0
status: active
servers: [{{server: source, type: local, path: wide.csv, format: csv}}]
schema:
  - name: table
    properties:
      - {{name: number, physicalName: 编号, logicalType: string, required: true, primaryKey: true, primaryKeyPosition: 1}}
{columns}
customProperties:
  - {{property: organization, value: 区公安分局}}
"""

FULL = """
apiVersion: v3.1.0
kind: DataContract
id: trial.list
name: 名录
version: 1.0.0
status: active
servers: [{server: source, type: local, path: list.csv, format: csv}]
schema:
  - name: table
    properties:
      - {name: number, physicalName: 编号, logicalType: string, required: true, primaryKey: true, primaryKeyPosition: 1}
customProperties:
  - {property: organization, value: 区公安分局}
  - {property: title, value: {zh: 名录, en: A list}}
  - {property: refresh, value: full}
slaProperties:
  - {property: frequency, value: 1, unit: d, schedule: "0 0 * * *", scheduler: cron}
"""


def listed(home, count):
    (home / "sample" / "list.csv").write_text("\n".join(["编号", *map(str, range(count))]), "utf-8")


def test_a_held_run_is_let_through_with_its_numbers_before_the_eyes(home, pack, db, reader):
    pack("trial", {"contracts/list.yaml": FULL})
    listed(home, 10)
    service.collect("trial.list", started_by="test")
    listed(home, 4)
    held = service.collect("trial.list", started_by="test")
    assert held.state == Run.HELD
    page = reader("steward").open(f"/collection/runs/{held.id}/")
    page.get_by_role("link", name="看数放行").click()
    expect(page.locator("dl")).to_contain_text(re.compile(r"删去\s*6\s*占现有 10 行的 60.0%"))
    assert faults_of(page) == []
    page.get_by_role("button", name="放行").click()
    expect(page.locator("#waiting")).to_contain_text("排队中")
    task = OrmQ.objects.get().task
    assert task["func"].endswith("let_through")
    OrmQ.objects.all().delete()
    assert Run.objects.get(pk=queue.let_through(*task["args"])).removed == 6


def test_the_plan_says_what_is_late_and_reads_it_now(home, pack, db, reader):
    pack("trial", {"contracts/list.yaml": FULL})
    listed(home, 3)
    page = reader("steward").open("/collection/plan/")
    line = page.locator("tbody tr", has_text="名录")
    expect(line).to_contain_text("每天 00:00")
    page.get_by_role("link", name=re.compile("^晚了 1")).click()
    expect(page.locator("tbody tr", has_text="名录")).to_have_count(1)
    page.get_by_role("button", name=re.compile("再读一次")).click()
    expect(page.locator("#waiting")).to_contain_text("排队中")
    assert OrmQ.objects.count() == 1


def test_an_officer_is_led_to_what_a_notice_is_about(small_district, reader):
    held = small_district.police_run
    from_the_bell = reader("steward")
    page = from_the_bell.open("/collection/")
    service_notice(held)
    page.reload()
    bell = page.get_by_role("link", name=re.compile("通知"))
    expect(bell).to_contain_text(re.compile(r"\d"))
    bell.click()
    line = page.locator("li.is-new", has_text="试一试")
    line.get_by_role("button", name=re.compile("去看")).click()
    expect(page).to_have_url(re.compile(f"/collection/runs/{held.id}/"))
    page.go_back()
    page.reload()
    expect(page.locator("li", has_text="试一试")).not_to_have_class(re.compile("is-new"))


def service_notice(run):
    inbox.tell(
        about=run.resource, kind="held", text=Text("试一试", "a trial"), role="steward",
        link=f"/collection/runs/{run.id}/",
    )  # fmt: skip
