"""The pictures of the documentation, taken from the sample district: `make screenshots`.

Skipped unless JINGWEI_SCREENSHOTS=1, because it makes a district first and writes into docs/images.
"""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path

import pytest

from jingwei.collection import service as collection
from jingwei.collection.models import Run
from jingwei.packs import service as packs
from jingwei.registers import service as registers
from jingwei.registers.models import SearchKey
from jingwei.sample import make
from jingwei.window.prefill import item_called, prefill

from .conftest import DESK, PHONE

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(os.environ.get("JINGWEI_SCREENSHOTS") != "1", reason="set JINGWEI_SCREENSHOTS=1"),
]

IMAGES = Path(__file__).parents[2] / "docs" / "images"
RESIDENTS, SEED = 3000, 20261120
MOST_BYTES = 300_000


@pytest.fixture
def district(home, settings, db):
    make(settings.SOURCES, RESIDENTS, SEED)
    packs.install(packs.shipped() / "district")
    for resource in collection.resources():
        collection.collect(resource, started_by="demo")
    for register in packs.installed().section("registers"):
        registers.link(register)


def a_contested_namesake() -> tuple[str, str]:
    """A name that several share, and one of them about whom the sources differ on a field that matters."""
    names = Counter(SearchKey.objects.filter(register="population", kind="n").values_list("key", flat=True))
    item = item_called("residence-permit")
    for name, many in names.most_common():
        for one in registers.search(["population"], name, limit=many):
            form = prefill(item, "population", one.entity_id)
            if [len(place.sides) for place in form.contested] == [2] and len(form.spared) > 8:
                return name, one.entity_id
    raise AssertionError("no namesake about whom the sources differ in this district")


def a_company_with_a_known_representative() -> str:
    """A company whose representative the population register knows: both fill the form."""
    for (entity,) in SearchKey.objects.filter(register="legal_entity", kind="i").values_list("entity_id"):
        fields = registers.golden("legal_entity", entity).fields
        number = fields.get("legal_representative_id")
        if (
            number
            and "food_permit_until" in fields
            and registers.search(["population"], str(number.value), 2)
        ):
            return entity
    raise AssertionError("no company with a known representative in this district")


def test_the_pictures_of_the_documentation(district, reader):
    name, entity = a_contested_namesake()
    company = a_company_with_a_known_representative()
    run = Run.objects.get(resource="police.resident")
    residence = f"/window/?item=residence-permit&register=population&entity={entity}"
    shots = [
        ("sign-in", None, "/sign-in/", DESK),
        ("window", "clerk", residence, DESK),
        ("window-phone", "clerk", residence, PHONE),
        ("company", "clerk", f"/window/?item=small-catering&register=legal_entity&entity={company}", DESK),
        ("record", "steward", f"/registers/population/{entity}/", DESK),
        ("registers", "steward", "/registers/", DESK),
        ("resources", "steward", "/collection/", DESK),
        ("run", "steward", f"/collection/runs/{run.id}/", DESK),
        ("run-phone", "steward", f"/collection/runs/{run.id}/", PHONE),
    ]
    IMAGES.mkdir(parents=True, exist_ok=True)
    for language, suffix in (("zh-hans", "zh"), ("en", "en")):
        for title, who, address, viewport in shots:
            page = reader(who, viewport=viewport, language=language).open(address)
            if title == "window":
                page.locator("#q").press_sequentially(name)
                page.wait_for_selector('[role="option"]')
                page.locator("#f-residing_for").focus()
            page.wait_for_timeout(300)
            path = IMAGES / f"{title}-{suffix}.png"
            page.screenshot(path=path)
            assert path.stat().st_size < MOST_BYTES
            page.context.close()
