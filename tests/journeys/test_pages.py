"""Every page, in both languages and colours, on a desk and a phone: reachable, readable, nothing cut off."""

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from django.utils import timezone

from jingwei.collection.models import Run
from jingwei.collection.uploads import service as uploads
from jingwei.inbox import service as inbox
from jingwei.kernel.text import Text
from jingwei.testing.small_district import HE_1986, LU, POLICE
from jingwei.window import cases
from jingwei.window.prefill import item_called, prefill

from .conftest import DESK, PHONE, account_of

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

AXE = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "resultTypes": ["violations"],
}


FAULTS = """options => axe.run(options).then(found => found.violations.map(
    one => [one.id, one.nodes.slice(0, 3).map(node => node.target)]))"""
"""The faults alone: what a page passed is a thousand times as much to carry out of the browser."""


def faults_of(page):
    page.evaluate(AXE_SCRIPT)
    return page.evaluate(FAULTS, AXE)


def handed_in(district, account):
    form = prefill(item_called("allowance"), "population", district.entity(LU))
    texts = {place.name: place.shown for place in form.places} | {"bank_account": "6222021234"}
    return cases.submit(account, cases.fill(form, texts, {}))


def held_run(district):
    run = district.police_run
    run.pk, run.state, run.declared = "R-20200101-0001", Run.HELD, run.read + 12
    run.error = {"error": "run-held", "what": {"zh": "源端说有 17 行，读到 5 行", "en": "17 said, 5 read"}}
    run.started = timezone.now()
    run.save(force_insert=True)
    return run


def clerks(district, account):
    entity = district.entity(HE_1986)
    draft = f"/window/?item=allowance&register=population&entity={entity}"
    case = handed_in(district, account)
    return [
        "/window/",
        draft,
        f"/window/?register=legal_entity&entity={district.shop}",
        "/window/cases/",
        f"/window/cases/{case.number}/",
        "/registers/",
        f"/registers/population/{entity}/",
        "/nowhere/",
        "/window/?register=population&entity=P0",
        "/collection/",
    ]


def officers(district, account):
    """Handing in, in every state: nothing yet, wrong rows, a column that lacks, taken, and a refusal."""
    officer = account_of("officer")
    lines = POLICE.splitlines()
    wrong, lacking = "\n".join(lines), "\n".join([lines[0].replace("手机", "电话号"), *lines[1:4]])
    found = [begun(officer, text) for text in (wrong, lacking, "\n".join(lines[:4]))]
    uploads.submit(officer, found[2])
    waiting = uploads.again(officer, found[0])
    uploads.submit(officer, waiting)
    uploads.take(found[2].id)
    inbox.tell(
        about="police.resident",
        kind="drift",
        text=Text("多了一列“备注”", "a new column"),
        organization="区公安分局",
        link="/collection/uploads/",
    )
    return [
        "/collection/uploads/",
        *(f"/collection/uploads/{one.id}/" for one in (*found, waiting)),
        f"/collection/uploads/{found[0].id}/?which=remarks",
        "/collection/uploads/U-0/",
        "/notices/",
        "/notices/?which=unread",
    ]


def begun(officer, text):
    data = text.encode()
    return uploads.begin(officer, "police.resident", "常住人口11月.csv", len(data), [data])


def stewards(district, account):
    resource = "/collection/resources/police.resident/"
    run = district.police_run
    held = held_run(district)
    return [
        resource,
        *(f"{resource}?part={part}" for part in ("fields", "contract", "runs")),
        "/collection/plan/",
        "/collection/plan/?state=late",
        "/collection/uploads/",
        "/notices/",
        f"/collection/runs/{held.id}/release/",
        "/collection/",
        "/collection/?q=nothing",
        "/collection/runs/",
        "/collection/runs/?resource=police.resident",
        f"/collection/runs/{run.id}/",
        f"/collection/runs/{held.id}/",
        f"/registers/legal_entity/{district.shop}/",
    ]


@pytest.mark.parametrize(("language", "theme"), [("zh-hans", "light"), ("en", "dark")])
@pytest.mark.parametrize(("who", "pages"), [("clerk", clerks), ("steward", stewards), ("officer", officers)])
def test_no_page_shuts_anybody_out(small_district, reader, account, language, theme, who, pages):
    one = reader(who, language=language, theme=theme)
    for address in pages(small_district, account("clerk", "steward")):
        page = one.open(address)
        assert faults_of(page) == [], address


@pytest.mark.parametrize(("language", "viewport"), [("en", DESK), ("zh-hans", PHONE), ("en", PHONE)])
@pytest.mark.parametrize(("who", "pages"), [("clerk", clerks), ("steward", stewards), ("officer", officers)])
def test_no_page_is_wider_than_its_window(small_district, reader, account, language, viewport, who, pages):
    one = reader(who, language=language, viewport=viewport)
    for address in pages(small_district, account("clerk", "steward")):
        page = one.open(address)
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, address


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_the_sign_in_page_shuts_nobody_out(db, reader, language):
    page = reader(language=language).open("/sign-in/")
    assert faults_of(page) == []


def test_the_candidates_and_a_refused_form_shut_nobody_out(small_district, reader):
    page = reader("clerk").open("/window/")
    page.keyboard.type("沈云禾", delay=20)
    page.wait_for_selector('[role="option"]')
    assert faults_of(page) == []
    page.keyboard.press("Enter")
    page.wait_for_selector("form#work")
    page.keyboard.press("Control+Enter")
    page.wait_for_selector('[aria-invalid="true"]')
    assert faults_of(page) == []


def test_what_lost_unfolds(small_district, reader):
    page = reader("steward").open(f"/registers/population/{small_district.entity(HE_1986)}/")
    lost = page.locator('[data-folded="lost-address"]')
    assert not lost.is_visible()
    page.locator('[data-unfold="lost-address"]').click()
    assert lost.is_visible()


def test_reading_again_says_that_it_waits(small_district, reader):
    one = reader("steward")
    page = one.open("/collection/runs/?resource=police.resident")
    page.get_by_role("button", name="再读一次").click()
    page.wait_for_selector("#waiting")
    assert "排队中" in page.locator("#waiting").inner_text()
