"""Pairs in doubt: their order, what leaves the queue, what a decision leaves on record."""

import random

import pytest
from django.urls import reverse

from jingwei.engines import lake
from jingwei.inbox.models import ToDo
from jingwei.kernel.models import LedgerEntry
from jingwei.registers import difference, review, todos, verdicts
from jingwei.registers.answers import SourceRecord
from jingwei.registers.errors import NoSuchPair
from jingwei.registers.sources import declared

from .conftest import person

BACKEND = "django.contrib.auth.backends.ModelBackend"


def doubt(register, pairs):
    """Puts pairs (record, other record, probability[, why]) into the lake as a linking leaves them."""
    table = lake().table("register", f"{register}.doubtful")
    with lake().write("doubt") as con:
        con.execute(
            f"CREATE OR REPLACE TABLE {table} (resource VARCHAR, record_key VARCHAR, other_resource VARCHAR, "
            "other_key VARCHAR, weight DOUBLE, probability DOUBLE, why VARCHAR)"
        )
        for one, other, probability, *why in pairs:
            con.execute(
                f"INSERT INTO {table} VALUES (?, ?, ?, ?, 1.5, ?, ?)",
                [*one, *other, probability, *(why or ["below"])],
            )


PAIRS = [
    (("a.person", "1"), ("b.person", "2"), 0.9),
    (("a.person", "3"), ("b.person", "4"), 0.5),
    (("b.person", "6"), ("a.person", "5"), 0.6),
]


@pytest.fixture
def doubts(town):
    """Six people, three pairs of them in doubt."""
    town.put("a.person", [(str(n), *person(n)) for n in (1, 3, 5)])
    town.put("b.person", [(str(n), *person(n)) for n in (2, 4, 6)])
    town.link()
    doubt("people", PAIRS)
    return town


def keys(pairs):
    return [(pair.left[1], pair.right[1]) for pair in pairs]


def test_even_odds_come_first(doubts):
    assert keys(review.queue("people").pairs) == [("3", "4"), ("5", "6"), ("1", "2")]


def test_what_the_machine_cannot_tell_apart_and_what_a_rule_forbids_come_before_odds(doubts):
    doubt("people", [*PAIRS[1:], (*PAIRS[0][:2], 0.99, "ambiguous")])
    assert keys(review.queue("people").pairs)[:2] == [("1", "2"), ("3", "4")]


def test_between_equal_odds_the_pair_with_more_records_comes_first(doubts):
    doubts.put("c.person", [(str(n), *person(5)) for n in (50, 51, 52)])
    doubts.link()
    doubt("people", [(one, other, 0.5) for one, other, _ in PAIRS])
    assert keys(review.queue("people").pairs)[0] == ("5", "6")


def test_the_order_is_that_of_the_pairs_and_not_of_their_rows(doubts):
    expected = keys(review.queue("people").pairs)
    for seed in range(3):
        mixed = list(PAIRS)
        random.Random(seed).shuffle(mixed)
        doubt("people", [(other, one, p) for one, other, p in mixed])
        assert keys(review.queue("people").pairs) == expected


def test_a_pair_with_a_standing_verdict_waits_for_nobody_and_comes_back_when_it_is_undone(doubts):
    judged = verdicts.decide("people", ("b.person", "4"), ("a.person", "3"), same=True, by="steward")
    found = review.queue("people")
    assert keys(found.open) == [("5", "6"), ("1", "2")] and found.waiting == 2
    verdicts.undo("people", judged.id, "steward")
    assert review.queue("people").waiting == 3


def test_a_pair_that_was_joined_meanwhile_is_no_doubt_any_more(doubts):
    doubts.put("b.person", [("2", *person(1)), ("4", *person(4)), ("6", *person(6))])
    doubts.link()
    doubt("people", PAIRS)
    assert keys(review.queue("people").pairs) == [("3", "4"), ("5", "6")]


def test_a_register_without_doubts_has_an_empty_queue(town):
    assert review.queue("people").pairs == []


def test_the_same_key_pressed_twice_leaves_one_verdict(doubts):
    token = review.queue("people").pairs[0].token
    first = review.decide("people", token, same=True, by="steward")[1]
    assert review.decide("people", token, same=True, by="steward")[1].id == first.id
    other = review.decide("people", token, same=False, by="steward")[1]
    assert [one.id for one in verdicts.standing("people")] == [other.id]


def test_an_unknown_pair_is_refused(doubts):
    with pytest.raises(NoSuchPair):
        review.decide("people", "0" * 20, same=True, by="steward")


def test_differing_characters_are_marked_on_both_sides():
    left, right = difference.marked("松间路8号2幢", "松间路18号2幢")
    assert [text for text, differs in right if differs] == ["1"]
    assert [text for text, differs in left if differs] == []
    assert "".join(text for text, _ in right) == "松间路18号2幢"


def test_values_that_differ_only_where_they_are_masked_are_said_to_differ(town):
    number = person(1)[0]
    other = number[:10] + ("0" if number[10] != "0" else "1") + number[11:]
    left, right = (
        SourceRecord("a.person", "", key, "alone", None, None, {"id_number": value, "name": "沈云禾"})
        for key, value in (("1", number), ("2", other))
    )
    found = {line.name: line for line in difference.lines(declared("people").register, left, right)}
    assert (found["id_number"].state, found["id_number"].hidden) == (difference.DIFFERS, True)
    assert (found["name"].state, found["name"].hidden) == (difference.SAME, False)
    assert "phone" not in found


@pytest.fixture
def steward(doubts, account, client):
    client.force_login(account("steward"), backend=BACKEND)
    return client


REVIEW = "/registers/people/review/"


def first_token():
    return review.queue("people").open[0].token


def test_the_page_shows_both_records_masked_and_is_on_record(steward):
    page = steward.get(REVIEW).content.decode()
    for one in (person(3), person(4)):
        assert one[1] in page and one[0] not in page and one[3] not in page
    entry = LedgerEntry.objects.get()
    assert entry.action == "register.review" and len(entry.subjects) == 2
    assert "id_number" in entry.fields


def test_a_decision_is_noted_recorded_and_leads_to_the_next_pair(steward):
    token = first_token()
    answer = steward.post(reverse("registers:decide", args=["people", token]), {"verdict": "different"})
    assert answer.url == f"{REVIEW}?after={token}"
    (judged,) = verdicts.standing("people")
    assert (judged.same, judged.by) == (False, "steward")
    assert LedgerEntry.objects.get().action == "register.decide"
    page = steward.get(answer.url).content.decode()
    assert person(5)[1] in page and 'name="number" value="' in page


def test_undo_takes_the_decision_back_and_shows_its_pair_again(steward):
    token = first_token()
    steward.post(reverse("registers:decide", args=["people", token]), {"verdict": "same"})
    (judged,) = verdicts.standing("people")
    answer = steward.post(reverse("registers:undo", args=["people"]), {"number": judged.id})
    assert answer.url == f"{REVIEW}?pair={token}" and verdicts.standing("people") == []
    assert LedgerEntry.objects.order_by("id").last().action == "register.undo"
    again = steward.post(reverse("registers:undo", args=["people"]), {"number": judged.id})
    assert again.status_code == 400


def test_skipping_goes_through_the_queue_and_says_at_its_end_what_was_skipped(steward):
    last = review.queue("people").pairs[-1].token
    page = steward.get(f"{REVIEW}?after={last}").content.decode()
    assert "跳过的还有 3 对" in page


def test_when_all_is_decided_the_page_says_what_comes_next(steward):
    for pair in review.queue("people").pairs:
        review.decide("people", pair.token, same=False, by="steward")
    assert "jingwei link people" in steward.get(REVIEW).content.decode()


@pytest.mark.parametrize("said", ["", "perhaps"])
def test_an_answer_that_is_none_is_refused_and_changes_nothing(steward, said):
    answer = steward.post(reverse("registers:decide", args=["people", first_token()]), {"verdict": said})
    assert answer.status_code == 400 and verdicts.standing("people") == []


def test_a_full_number_is_shown_once_the_asking_is_on_record(steward):
    address = reverse("registers:review-reveal", args=["people", first_token(), "left"])
    assert steward.post(address, {"field": "id_number"}).json() == {"value": person(3)[0]}
    entry = LedgerEntry.objects.get()
    assert (entry.action, entry.fields) == ("register.reveal", ["id_number"])
    assert steward.post(address, {"field": "shoe_size"}).status_code == 400
    assert steward.post(address.replace("left", "middle"), {"field": "name"}).status_code == 400


def test_pairs_in_doubt_are_one_to_do_for_stewards_until_all_are_decided(doubts, account, client):
    todos.ask_for_review("people")
    one = ToDo.objects.get()
    assert (
        one.role == "steward"
        and "3 对" in one.zh
        and one.link == reverse("registers:review", args=["people"])
    )
    client.force_login(account("steward"), backend=BACKEND)
    for left, pair in enumerate(list(review.queue("people").pairs), 1):
        client.post(reverse("registers:decide", args=["people", pair.token]), {"verdict": "different"})
        one.refresh_from_db()
        assert (f"{3 - left} 对" in one.zh) if left < 3 else one.done
