"""A steward at a register: pairs decided by keys and taken back, a sample labelled, rules tried; by eye, key and phone."""

import re

import pytest
from playwright.sync_api import expect

from jingwei.engines import lake
from jingwei.registers import labels, review, trial_jobs, verdicts
from jingwei.registers.models import Label
from jingwei.testing.small_district import HE_1951, HE_1986, LU, OTHERS

from .conftest import PHONE
from .test_pages import faults_of

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

REGISTER = "/registers/population/"
REVIEW, SAMPLE, TRIAL = (f"{REGISTER}{part}/" for part in ("review", "sample", "trial"))


@pytest.fixture
def doubts(small_district):
    """Two namesakes and two pairs of strangers in doubt, as a linking would leave them."""
    records, table = (lake().table("register", f"population.{name}") for name in ("records", "doubtful"))
    pairs = [(HE_1986, HE_1951), (LU, OTHERS[0]), (OTHERS[1], OTHERS[2])]
    with lake().write("doubt") as con:
        con.execute(f"DELETE FROM {table}")
        for place, (one, other) in enumerate(pairs):
            con.execute(
                f"INSERT INTO {table} BY NAME SELECT a.resource, a.record_key, b.resource AS other_resource, "
                f"b.record_key AS other_key, 0.1 AS weight, {0.5 + place / 10} AS probability, 'below' AS why "
                f"FROM {records} a, {records} b WHERE a.id_number = ? AND b.id_number = ? "
                "ORDER BY a.resource DESC, b.resource DESC LIMIT 1",
                [one.number, other.number],
            )
    yield small_district
    with lake().write("doubt") as con:
        con.execute(f"DELETE FROM {table}")


def pressed(page, key):
    with page.expect_navigation():
        page.keyboard.press(key)


def test_pairs_are_decided_and_taken_back_by_keys_alone(doubts, reader):
    page = reader("steward").open(REVIEW)
    expect(page.get_by_role("heading", name="这两条是同一个居民吗？")).to_be_visible()
    first = review.queue("population").open[0].token
    pressed(page, "k")
    pressed(page, "j")
    assert sorted(one.same for one in verdicts.standing("population")) == [False, True]
    pressed(page, "u")
    assert [one.same for one in verdicts.standing("population")] == [False]
    pressed(page, "Control+z")
    assert verdicts.standing("population") == [] and first in page.url
    pressed(page, "Enter")
    pressed(page, "Enter")
    pressed(page, "Enter")
    expect(page.locator(".s-done")).to_contain_text("跳过的还有 3 对")
    assert faults_of(page) == []


def test_without_scripts_the_same_is_done_with_buttons(doubts, reader):
    page = reader("steward", scripts=False).open(REVIEW)
    page.get_by_role("button", name="不是同一个").click()
    assert [one.same for one in verdicts.standing("population")] == [False]
    page.get_by_role("button", name="撤销").click()
    assert verdicts.standing("population") == []
    page.get_by_role("link", name="跳过").click()
    expect(page).to_have_url(re.compile("after="))


def test_a_full_number_comes_when_it_is_asked_for(doubts, reader):
    page = reader("steward").open(REVIEW)
    numbers = {one.number for pair in ((HE_1986, HE_1951), (LU, OTHERS[0])) for one in pair}
    assert not any(number in page.content() for number in numbers)
    page.get_by_role("button", name="显示公民身份号码全号").first.click()
    expect(page.locator('[data-value="id_number"]').first).not_to_contain_text("*")


def test_a_sample_is_drawn_labelled_and_told(doubts, reader):
    page = reader("steward").open(SAMPLE)
    with page.expect_navigation():
        page.get_by_role("button", name="抽样").click()
    assert len(labels.sample("population")) >= 3
    pressed(page, "j")
    pressed(page, "k")
    pressed(page, "u")
    assert Label.objects.exclude(same=None).count() == 1
    assert faults_of(page) == []


def test_a_rule_is_tried_from_its_fault_to_its_outcome(doubts, reader):
    page = reader("steward").open(TRIAL)
    text = page.locator("#text").input_value()
    page.locator("#text").fill(text.replace("card:", "cards:"))
    page.get_by_role("button", name="试算").click()
    expect(page.get_by_role("alert")).to_contain_text("cards")
    assert faults_of(page) == []
    page.locator("#text").fill(f"{text}\n# tried\n")
    page.get_by_role("button", name="试算").click()
    expect(page.get_by_role("status").filter(has_text="排队中")).to_be_visible()
    (asked,) = [one for one in trial_jobs.latest("population") if one.state == trial_jobs.WAITING]
    trial_jobs.perform("population", asked.id)
    expect(page.locator(".s-outcome")).to_contain_text("什么也不会变", timeout=15_000)
    assert faults_of(page) == []


@pytest.mark.parametrize(("language", "theme"), [("zh-hans", "light"), ("en", "dark")])
@pytest.mark.parametrize("address", [REGISTER, REVIEW, SAMPLE, TRIAL])
def test_every_page_is_readable_in_both_languages_and_on_a_phone(doubts, reader, language, theme, address):
    desk = reader("steward", language=language, theme=theme).open(address)
    assert faults_of(desk) == []
    assert desk.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    phone = reader("steward", viewport=PHONE, language=language).open(address)
    assert phone.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
