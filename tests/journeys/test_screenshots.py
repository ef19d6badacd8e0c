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
from jingwei.collection.uploads import service as uploads
from jingwei.collection.uploads import template
from jingwei.engines import lake
from jingwei.packs import service as packs
from jingwei.registers import service as registers
from jingwei.registers.models import SearchKey
from jingwei.sample import make
from jingwei.window.prefill import item_called, prefill

from .conftest import DESK, PHONE, account_of

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


def an_upload_with_wrong_cells() -> str:
    """Sixty residents in a template of theirs, a few cells wrong, begun by the officer."""
    contract, catalogue = collection.contract_of("police.resident"), packs.installed()
    names = [field.name for field in contract.fields]
    with lake().read() as con:
        cells = ", ".join(f"CAST({name} AS VARCHAR)" for name in names)
        found = con.execute(f'SELECT {cells} FROM lake.standard."police.resident" ORDER BY _key LIMIT 60')
        rows = [{name: cell or "" for name, cell in zip(names, row, strict=True)} for row in found.fetchall()]
    rows[4]["birth_date"], rows[11]["name"], rows[23]["updated_on"] = "1990-02-30", "", "去年"
    rows[17]["id_number"] = rows[17]["id_number"][:-4] + "****"
    data = template.workbook(contract, catalogue.section("elements"), catalogue.section("codes"), rows)
    upload = uploads.begin(account_of("officer"), contract.id, "常住人口登记.xlsx", len(data), [data])
    return upload.id


def test_the_pictures_of_the_documentation(district, reader):
    name, entity = a_contested_namesake()
    company = a_company_with_a_known_representative()
    run = Run.objects.get(resource="police.resident")
    upload = an_upload_with_wrong_cells()
    residence = f"/window/?item=residence-permit&register=population&entity={entity}"
    shots = [
        ("sign-in", None, "/sign-in/", DESK),
        ("window", "clerk", residence, DESK),
        ("window-phone", "clerk", residence, PHONE),
        ("company", "clerk", f"/window/?item=small-catering&register=legal_entity&entity={company}", DESK),
        ("record", "steward", f"/registers/population/{entity}/", DESK),
        ("registers", "steward", "/registers/", DESK),
        ("resources", "steward", "/collection/", DESK),
        ("resource", "steward", "/collection/resources/police.resident/", DESK),
        ("fields", "steward", "/collection/resources/police.resident/?part=fields", DESK),
        ("plan", "steward", "/collection/plan/", DESK),
        ("upload", "officer", f"/collection/uploads/{upload}/", DESK),
        ("upload-phone", "officer", f"/collection/uploads/{upload}/", PHONE),
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
