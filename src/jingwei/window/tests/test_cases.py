"""What becomes of the texts on a clerk's screen: held values stay whole, wrong ones are told, cases are numbered."""

import pytest
from django.utils import timezone

from jingwei.kernel import ledger
from jingwei.kernel.errors import NotAllowed
from jingwei.kernel.models import LedgerEntry
from jingwei.testing.small_district import HE_1986, LU, OTHER_ADDRESS
from jingwei.window import cases
from jingwei.window.errors import CaseClosed, NoSuchCase
from jingwei.window.models import Case
from jingwei.window.prefill import item_called, prefill


@pytest.fixture
def form(small_district):
    return prefill(item_called("allowance"), "population", small_district.entity(LU))


@pytest.fixture
def contested(small_district):
    return prefill(item_called("allowance"), "population", small_district.entity(HE_1986))


def as_shown(form, **texts):
    """The texts a browser sends back when only `texts` were touched."""
    return {place.name: place.shown for place in form.places} | texts


def filled(form, choices=None, **texts):
    return cases.fill(form, as_shown(form, **texts), choices or {})


def test_asterisks_that_come_back_untouched_mean_the_held_value(form):
    kept = filled(form, bank_account="6222").values["id_number"]
    assert (kept["value"], kept["origin"], kept["organization"]) == (LU.number, "register", "区公安分局")


def test_a_value_sent_back_in_full_is_still_the_registers(form):
    assert filled(form, id_number=LU.number).values["id_number"]["origin"] == "register"


def test_other_asterisks_are_refused_and_never_stored(form):
    result = filled(form, id_number="9901**********0000")
    assert result.faults["id_number"] == cases.ASTERISKS
    assert "id_number" not in result.values


def test_a_typed_value_passes_through_its_element_and_counts_as_said_at_the_window(form):
    kept = filled(form, bank_account="6222", paid_from="2026年3月1日", phone="１９９ 0002 0002").values
    assert kept["paid_from"]["value"] == "2026-03-01"
    assert (kept["phone"]["value"], kept["phone"]["origin"]) == ("19900020002", "stated")


@pytest.mark.parametrize(
    ("name", "text"),
    [("paid_from", "下个月"), ("phone", "123"), ("id_number", LU.number[:-1]), ("bank_account", "")],
)
def test_a_wrong_or_missing_value_is_told_beside_its_field_alone(form, name, text):
    result = filled(form, **{"bank_account": "6222", name: text})
    assert list(result.faults) == [name]


def test_a_text_without_end_is_refused(form):
    assert list(filled(form, bank_account="6" * 501).faults) == ["bank_account"]


def test_a_field_that_may_stay_empty_may_be_emptied(form):
    kept = filled(form, bank_account="6222", sex="").values["sex"]
    assert (kept["value"], kept["origin"]) == ("", "stated")


def test_a_contested_field_has_to_be_settled(contested):
    assert filled(contested, bank_account="6222").faults == {"address": cases.UNSETTLED}


@pytest.mark.parametrize("choice", ["7", "-1", "x", "²"])
def test_a_choice_that_is_none_is_not_taken(contested, choice):
    assert "address" in filled(contested, {"address": choice}, bank_account="6222").faults


def test_the_chosen_side_is_kept_with_its_source(contested):
    kept = filled(contested, {"address": "1"}, bank_account="6222").values["address"]
    assert (kept["value"], kept["organization"]) == (OTHER_ADDRESS, "区医保局")


def test_an_unsure_clerk_goes_on_with_the_held_value_marked(contested):
    kept = filled(contested, {"address": "unsure"}, bank_account="6222").values["address"]
    assert (kept["value"], kept["choice"]) == (HE_1986.address, "unsure")


def test_a_case_is_numbered_by_day_and_put_on_the_ledger(form, account):
    clerk = account("clerk")
    first = cases.submit(clerk, filled(form, bank_account="6222"))
    second = cases.submit(clerk, filled(form, bank_account="6222"))
    day = timezone.localdate().strftime("%Y%m%d")
    assert [first.number, second.number] == [f"YX-{day}-0001", f"YX-{day}-0002"]
    entry = LedgerEntry.objects.filter(action="case.submit").first()
    assert (entry.object, entry.case, entry.subjects, entry.account) == (
        second.number,
        second.number,
        [ledger.pseudonym(one) for one in form.subjects],
        "clerk",
    )


def test_a_case_counts_what_was_spared_and_what_was_asked(form, account):
    case = cases.submit(account("clerk"), filled(form, bank_account="6222"))
    held = [place for place in form.places if place.held]
    assert (case.spared, case.asked) == (len(held), 1)


def test_a_faulty_form_cannot_be_handed_in(form, account):
    with pytest.raises(ValueError, match="faults"):
        cases.submit(account("clerk"), filled(form))
    assert not Case.objects.exists()


def test_a_draft_keeps_faults_and_never_asterisks_or_full_numbers(form, account):
    draft = cases.save_draft(account("clerk"), filled(form, phone="123", id_number=LU.number))
    assert draft.typed["texts"] == {"phone": "123"}
    assert LU.number not in str(draft.typed) and "*" not in str(draft.typed)


def test_a_draft_is_written_over_under_its_number_and_handed_in_once(form, account):
    clerk = account("clerk")
    draft = cases.save_draft(clerk, filled(form))
    assert cases.save_draft(clerk, filled(form), draft.number).number == draft.number
    case = cases.submit(clerk, filled(form, bank_account="6222"), draft.number)
    assert (case.number, case.state, case.typed) == (draft.number, Case.SUBMITTED, {})
    with pytest.raises(CaseClosed):
        cases.submit(clerk, filled(form, bank_account="6222"), draft.number)


def test_a_draft_of_another_person_is_not_written_over(form, contested, account):
    clerk = account("clerk")
    draft = cases.save_draft(clerk, filled(contested))
    with pytest.raises(NoSuchCase):
        cases.save_draft(clerk, filled(form), draft.number)


def test_who_does_not_serve_at_the_window_files_no_case(form, account):
    with pytest.raises(NotAllowed):
        cases.submit(account("steward"), filled(form, bank_account="6222"))
    assert not Case.objects.exists()
    assert LedgerEntry.objects.get().outcome == "refused"
