"""One search over everything: only what one may see, exact answers first, looks at persons on record."""

import pytest

from jingwei.kernel.errors import NotAllowed
from jingwei.kernel.models import LedgerEntry
from jingwei.kernel.text import Text
from jingwei.parts import finding
from jingwei.parts.finding import Finder, Hit, find, fitting, may_find, register_finder


@pytest.fixture
def finders(monkeypatch):
    monkeypatch.setattr(finding, "_finders", {})
    asked = []

    def finder(name, action, *hits):
        def answer(account, text, limit):
            asked.append((name, text))
            return [hit for hit in hits if text in hit.title]

        register_finder(Finder(name, Text(name, name), action, answer))

    finder("order", "order.read", Hit("W-1", "/w1/"), Hit("W-12", "/w12/"))
    finder("register", "register.read", Hit("张伟 W-1", "/p/", subject="P1", exact=True))
    return asked


def test_a_room_that_is_closed_to_somebody_is_not_even_asked(finders, account):
    officer = account("officer")
    assert [group.title.en for group in find(officer, "W-1")] == ["order"]
    assert [name for name, _ in finders] == ["order"]


def test_what_answers_exactly_comes_first_and_once(finders, account):
    groups = find(account("steward"), "W-1")
    assert [[hit.title for hit in group.hits] for group in groups] == [["张伟 W-1"], ["W-1", "W-12"]]


def test_looks_at_persons_are_on_record_before_they_are_shown(finders, account):
    find(account("steward"), "W-1")
    entry = LedgerEntry.objects.get(action="register.search")
    assert (entry.object, entry.purpose) == ("candidates", "find")
    find(account("officer"), "W-1")
    assert LedgerEntry.objects.filter(action="register.search").count() == 1


def test_blanks_and_full_width_signs_do_not_matter_and_nothing_typed_asks_nobody(finders, account):
    steward = account("steward")
    find(steward, "  Ｗ－１ ")
    assert {text for _, text in finders} == {"W-1"}
    finders.clear()
    assert find(steward, " 　 ") == []
    assert finders == []


def test_a_room_that_cannot_answer_leaves_the_others_to_answer(finders, account):
    def broken(account, text, limit):
        raise NotAllowed(action="x")

    register_finder(Finder("broken", Text("坏", "broken"), "order.read", broken))
    assert [group.title.en for group in find(account("officer"), "W")] == ["order"]


def test_two_finders_of_one_name_are_refused(finders):
    with pytest.raises(ValueError, match="already"):
        register_finder(Finder("order", Text("另", "another"), "order.read", lambda *_: []))


def test_a_resident_has_nothing_to_find(finders, account):
    assert not may_find(account("resident"))
    assert may_find(account("officer"))


def test_a_name_fits_whole_at_its_beginning_or_within():
    assert [fitting(text, "Uploads", "上报") for text in ("上报", "up", "oads", "x")] == [0, 1, 2, None]
