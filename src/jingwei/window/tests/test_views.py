"""The window over HTTP: who may come in, what leaves for the browser, what goes on the ledger."""

import pytest
from django.test import Client
from django.urls import reverse

from jingwei.kernel import ledger
from jingwei.kernel.models import LedgerEntry
from jingwei.testing.small_district import HE_1986, LU, SHOP
from jingwei.window.models import Case
from jingwei.window.prefill import item_called, prefill


@pytest.fixture
def clerk(account, client):
    found = account("clerk")
    client.force_login(found, backend="django.contrib.auth.backends.ModelBackend")
    return found


def posted(small_district, person=LU, **changed):
    """What a browser sends for the allowance form of a person, unless changed."""
    form = prefill(item_called("allowance"), "population", small_district.entity(person))
    fields = {f"field.{place.name}": place.shown for place in form.places}
    where = {"item": "allowance", "register": "population", "entity": form.entity_id, "case": ""}
    return fields | where | {"action": "submit"} | changed


def actions():
    return list(LedgerEntry.objects.order_by("id").values_list("action", "outcome"))


ADDRESSES = [
    ("get", "window:start", []),
    ("post", "window:search", []),
    ("post", "window:reveal", []),
    ("post", "window:save", []),
    ("get", "window:cases", []),
    ("get", "window:case", ["YX-1"]),
    ("post", "window:reveal-case", ["YX-1"]),
]


@pytest.mark.parametrize(("method", "name", "args"), ADDRESSES)
def test_nobody_comes_in_without_signing_in(db, client, method, name, args):
    response = getattr(client, method)(reverse(name, args=args))
    assert response.status_code == 302 and response.url.startswith("/sign-in/")


@pytest.mark.parametrize(("method", "name", "args"), ADDRESSES)
def test_an_administrator_is_refused_and_the_try_is_on_record(
    small_district, account, client, method, name, args
):
    client.force_login(account("administrator"), backend="django.contrib.auth.backends.ModelBackend")
    response = getattr(client, method)(reverse(name, args=args))
    assert response.status_code == 403
    assert "数据没有改动" in response.content.decode()
    assert LedgerEntry.objects.get().outcome == "refused"


@pytest.mark.parametrize(("method", "name", "args"), [one for one in ADDRESSES if one[0] == "post"])
def test_a_form_from_elsewhere_is_refused(small_district, account, method, name, args):
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(account("clerk"), backend="django.contrib.auth.backends.ModelBackend")
    assert strict.post(reverse(name, args=args)).status_code == 403


def test_the_page_begins_with_the_search_box_and_the_items(small_district, clerk, client):
    page = client.get(reverse("window:start")).content.decode()
    assert 'role="combobox"' in page and "autofocus" in page
    assert page.index("高龄津贴申领") < page.index("小餐饮经营登记")


def test_candidates_are_masked_and_the_search_is_on_record(small_district, clerk, client):
    page = client.post(reverse("window:search"), {"q": HE_1986.name}).content.decode()
    assert page.count('role="option"') == 3
    assert "2 个同名" in page
    assert HE_1986.number not in page and "9901**********" in page
    entry = LedgerEntry.objects.get()
    assert (
        entry.action == "window.search" and ledger.pseudonym(small_district.entity(HE_1986)) in entry.subjects
    )


def test_the_text_searched_for_stands_in_no_ledger_entry(small_district, clerk, client):
    client.post(reverse("window:search"), {"q": HE_1986.number})
    entry = LedgerEntry.objects.get()
    assert HE_1986.number not in " ".join(map(str, vars(entry).values()))


def test_a_search_without_hits_says_what_to_try_and_escapes_what_was_typed(small_district, clerk, client):
    page = client.post(reverse("window:search"), {"q": "<script>甲"}).content.decode()
    assert "没找到" in page and "&lt;script&gt;甲" in page and "<script>" not in page


def test_search_by_get_is_refused_so_that_no_log_keeps_names(small_district, clerk, client):
    assert client.get(reverse("window:search"), {"q": "沈"}).status_code == 405


def test_choosing_fills_the_form_and_no_full_number_leaves_the_server(small_district, clerk, client):
    where = {"item": "allowance", "register": "population", "entity": small_district.entity(LU)}
    page = client.get(reverse("window:start"), where).content.decode()
    assert "区公安分局 · 2026-03-02" in page
    assert LU.number not in page and LU.phone not in page
    assert "还差 1 处" in page
    entry = LedgerEntry.objects.get()
    assert (entry.action, entry.purpose) == ("window.prefill", "高龄津贴申领")
    assert "id_number" in entry.fields


def test_a_script_gets_the_work_area_alone(small_district, clerk, client):
    where = {"item": "allowance", "register": "population", "entity": small_district.entity(LU)}
    page = client.get(reverse("window:start"), where, headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in page and 'id="work"' in page


def test_a_company_chosen_for_an_item_of_persons_opens_an_item_that_begins_with_it(
    small_district, clerk, client
):
    where = {"item": "allowance", "register": "legal_entity", "entity": small_district.shop}
    page = client.get(reverse("window:start"), where).content.decode()
    assert SHOP in page and 'name="item" value="catering"' in page


def test_an_entity_that_is_gone_is_told_in_plain_words(small_district, clerk, client):
    response = client.get(reverse("window:start"), {"register": "population", "entity": "P0"})
    assert response.status_code == 400 and "P0" in response.content.decode()


def test_showing_a_number_is_recorded_with_its_field_and_whose(small_district, clerk, client):
    entity = small_district.entity(LU)
    asked = {"item": "allowance", "register": "population", "entity": entity, "field": "id_number"}
    assert client.post(reverse("window:reveal"), asked).json() == {"value": LU.number}
    entry = LedgerEntry.objects.get()
    assert (entry.action, entry.subjects, entry.fields) == (
        "register.reveal",
        [ledger.pseudonym(entity)],
        ["id_number"],
    )


@pytest.mark.parametrize("name", ["bank_account", "nothing", ""])
def test_what_is_not_held_cannot_be_shown(small_district, clerk, client, name):
    asked = {
        "item": "allowance",
        "register": "population",
        "entity": small_district.entity(LU),
        "field": name,
    }
    assert client.post(reverse("window:reveal"), asked).status_code == 400


def test_an_incomplete_form_comes_back_with_the_fault_beside_its_field(small_district, clerk, client):
    response = client.post(reverse("window:save"), posted(small_district))
    page = response.content.decode()
    assert response.status_code == 422
    assert 'id="e-bank_account"' in page and 'aria-invalid="true"' in page
    assert not Case.objects.exists()


def test_a_refused_form_still_holds_what_was_typed_and_masks_what_was_held(small_district, clerk, client):
    sent = posted(
        small_district, **{"field.bank_account": "", "field.paid_from": "下个月", "field.phone": LU.phone}
    )
    page = client.post(reverse("window:save"), sent).content.decode()
    assert 'value="下个月"' in page
    assert LU.phone not in page and LU.number not in page


def test_a_complete_form_is_handed_in_and_its_receipt_is_masked(small_district, clerk, client):
    sent = posted(small_district, **{"field.bank_account": "6222021234"})
    response = client.post(reverse("window:save"), sent)
    case = Case.objects.get()
    assert response.status_code == 302 and response.url == reverse("window:case", args=[case.number])
    assert case.values["id_number"]["value"] == LU.number
    page = client.get(response.url).content.decode()
    assert case.number in page and "6222021234" in page and LU.number not in page
    assert actions()[-2:] == [("case.submit", "done"), ("case.read", "done")]


def test_a_script_is_sent_on_to_the_receipt(small_district, clerk, client):
    sent = posted(small_district, **{"field.bank_account": "6222"})
    response = client.post(reverse("window:save"), sent, headers={"HX-Request": "true"})
    assert response.status_code == 204
    assert response.headers["HX-Redirect"] == reverse("window:case", args=[Case.objects.get().number])


def test_a_number_on_a_receipt_is_shown_on_record(small_district, clerk, client):
    client.post(reverse("window:save"), posted(small_district, **{"field.bank_account": "6222"}))
    number = Case.objects.get().number
    shown = client.post(reverse("window:reveal-case", args=[number]), {"field": "id_number"})
    assert shown.json() == {"value": LU.number}
    assert actions()[-1] == ("case.reveal", "done")
    assert (
        client.post(reverse("window:reveal-case", args=[number]), {"field": "paid_from"}).status_code == 400
    )


def test_a_draft_is_kept_found_again_and_gone_on_with(small_district, clerk, client):
    sent = posted(small_district, action="draft", **{"field.bank_account": "6222"})
    page = client.post(reverse("window:save"), sent).content.decode()
    draft = Case.objects.get()
    assert draft.state == Case.DRAFT and draft.number in page
    again = client.get(reverse("window:case", args=[draft.number]))
    assert again.status_code == 302
    assert 'value="6222"' in client.get(again.url).content.decode()
    client.post(reverse("window:save"), {**sent, "action": "submit", "case": draft.number})
    draft.refresh_from_db()
    assert draft.state == Case.SUBMITTED


def test_the_list_of_cases_filters_and_an_empty_one_says_what_to_do(small_district, clerk, client):
    assert "还没有办件" in client.get(reverse("window:cases")).content.decode()
    client.post(reverse("window:save"), posted(small_district, action="draft"))
    number = Case.objects.get().number
    assert number in client.get(reverse("window:cases"), {"state": "draft"}).content.decode()
    assert number not in client.get(reverse("window:cases"), {"state": "submitted"}).content.decode()


def test_an_unknown_case_is_told(small_district, clerk, client):
    assert client.get(reverse("window:case", args=["YX-0"])).status_code == 400


def test_in_english_the_page_speaks_english(small_district, clerk, client, settings):
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    where = {"item": "allowance", "register": "population", "entity": small_district.entity(LU)}
    page = client.get(reverse("window:start"), where).content.decode()
    assert '<html lang="en"' in page and "1 to go" in page and "还差" not in page
