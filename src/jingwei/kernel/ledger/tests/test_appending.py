import pytest
from django.db import transaction

from jingwei.kernel import ledger, permissions
from jingwei.kernel.errors import NotAllowed
from jingwei.kernel.ledger.appending import BULK
from jingwei.kernel.ledger.entry import COLUMNS, leaf_of
from jingwei.kernel.ledger.keys import rotate
from jingwei.kernel.models import LedgerEntry, LedgerSet


def appended(*given, **more) -> LedgerEntry:
    return LedgerEntry.objects.get(pk=ledger.record(*given, **more))


SOMEBODY = "Pabcdefghijklmnop"
OTHER = "Pponmlkjihgfedcba"


def test_no_entity_number_stands_in_an_entry(home, account):
    entry = appended(account("clerk"), "register.read", f"population/{SOMEBODY}", subjects=[SOMEBODY])
    name = ledger.pseudonym(SOMEBODY)
    assert (entry.subjects, entry.object, entry.subject_count) == ([name], f"population/{name}", 1)
    assert SOMEBODY.encode() not in leaf_of(LedgerEntry.objects.values_list(*COLUMNS).get())


def test_a_refused_look_says_whom_it_was_about(home, account):
    with pytest.raises(NotAllowed):
        permissions.require(account("officer"), "register.read", f"population/{SOMEBODY}")
    entry = ledger.about(SOMEBODY).get()
    assert (entry.outcome, entry.subjects) == ("refused", [ledger.pseudonym(SOMEBODY)])


def test_an_entry_says_post_case_and_door(home, account):
    clerk = account("clerk")
    clerk.post = "综合窗口"
    entry = appended(clerk, "case.read", "YX-1", case="YX-1", grant="G-2")
    assert (entry.post, entry.case, entry.grant, entry.door) == ("综合窗口", "YX-1", "G-2", "page")
    assert appended(None, "run.read", "x").door == "node"


def test_what_is_taken_back_leaves_no_entry(home, db):
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        ledger.record(None, "run.read", "x")
        _ = 1 / 0
    assert not LedgerEntry.objects.exists()


def test_a_bulk_set_is_a_digest_and_a_count_and_each_of_them_finds_it(home, db):
    many = [f"P{n:016d}".translate(str.maketrans("0189", "abcd")) for n in range(BULK + 1)]
    entry = appended(None, "register.compare", "population", subjects=many)
    assert (entry.subjects, entry.subject_count, len(entry.subject_digest)) == ([], BULK + 1, 64)
    assert LedgerSet.objects.get().digest == entry.subject_digest
    assert all(ledger.about(one).get() == entry for one in (many[0], many[BULK // 2], many[-1]))
    assert not ledger.about(SOMEBODY).exists()


def test_after_a_new_key_of_pseudonyms_older_entries_are_still_found(home, db):
    before = appended(None, "register.read", "x", subjects=[SOMEBODY])
    rotate()
    after = appended(None, "register.read", "x", subjects=[SOMEBODY])
    assert before.subjects != after.subjects
    assert set(ledger.about(SOMEBODY)) == {before, after} and not ledger.about(OTHER).exists()


def test_text_that_no_store_would_keep_is_kept_as_far_as_it_can_be(home, db):
    entry = appended(None, "register.find", "a\x00b\ud800" + "字" * 300, purpose="途" * 300)
    assert entry.object.startswith("ab?字") and (len(entry.object), len(entry.purpose)) == (200, 200)
