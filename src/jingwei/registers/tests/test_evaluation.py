from __future__ import annotations

import pytest

from jingwei.registers import service
from jingwei.registers.errors import BadTruth, NotLinked
from jingwei.registers.tests.conftest import Town, number

ONE, TWO = number("1980-05-06", 1), number("1990-01-02", 2)


@pytest.fixture
def linked(town: Town) -> Town:
    """Linked as {a1 b1 c1} {a2 b2} {c2}."""
    town.put("a.person", [("1", ONE, "王小明"), ("2", TWO, "李大海")])
    town.put("b.person", [("1", ONE, "王小明"), ("2", TWO, "李大海")])
    town.put("c.person", [("1", ONE, "王小明"), ("2", None, "慕容雪")])
    town.link()
    return town


def test_pairs_are_counted_by_their_arithmetic(linked: Town):
    # Truth {a1 b1} {c1} {a2 b2 c2}: 1 + 3 true pairs; linked 3 + 1; in both a1-b1 and a2-b2.
    truth = linked.truth(
        [
            ("a.person", "1", "x"), ("b.person", "1", "x"), ("c.person", "1", "y"),
            ("a.person", "2", "z"), ("b.person", "2", "z"), ("c.person", "2", "z"),
            ("a.person", "unknown", "z"),
        ]
    )  # fmt: skip
    found = service.evaluate("people", truth)
    assert (found.records, found.unknown) == (6, 1)
    assert (found.pairs_true, found.pairs_linked, found.pairs_both) == (4, 4, 2)
    assert (found.precision, found.recall, found.f1) == (0.5, 0.5, 0.5)
    (wrong,) = found.false_pairs
    assert {f"{r.resource}/{r.record_key}" for r in (wrong.left, wrong.right)} <= {
        "a.person/1",
        "b.person/1",
        "c.person/1",
    }
    assert wrong.left_entity == wrong.right_entity
    (missed,) = found.missed_pairs
    assert "c.person" in {missed.left.resource, missed.right.resource}
    assert missed.left_entity != missed.right_entity


def test_a_truth_of_single_records_is_no_division_by_zero(linked: Town):
    found = service.evaluate("people", linked.truth([("c.person", "2", "x")]))
    assert (found.precision, found.recall, found.f1) == (1.0, 1.0, 1.0)


def test_a_truth_file_that_cannot_be_used_says_what_it_should_be(linked: Town):
    with pytest.raises(BadTruth):
        service.evaluate("people", linked.home / "nowhere.csv")
    wrong = linked.home / "wrong.csv"
    wrong.write_text("a,b\n1,2\n")
    with pytest.raises(BadTruth, match="true_id"):
        service.evaluate("people", wrong)


def test_nothing_is_evaluated_before_it_is_linked(town: Town):
    with pytest.raises(NotLinked):
        service.evaluate("people", town.truth([("a.person", "1", "x")]))
