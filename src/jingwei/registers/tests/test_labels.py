"""Evaluation by clicking: the sample, what labels do and do not do, and what they let one say."""

import math
import random

import pytest
from django.urls import reverse

from jingwei.kernel.models import LedgerEntry
from jingwei.registers import estimation, labels
from jingwei.registers.errors import NoSuchPair, NotLinked
from jingwei.registers.estimation import Stratum
from jingwei.registers.models import Label

from .conftest import person
from .test_review import doubt

BACKEND = "django.contrib.auth.backends.ModelBackend"


@pytest.mark.parametrize(
    ("same", "count", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (29, 29, 0.8830, 1.0)],
)
def test_wilsons_interval_is_that_of_newcombes_table(same, count, low, high):
    """Newcombe 1998, Statistics in Medicine 17, table I, method 3."""
    found = estimation.wilson(same / count, count)
    assert math.isclose(found.low, low, abs_tol=5e-5) and math.isclose(found.high, high, abs_tol=5e-5)


def test_recall_weighs_each_stratum_by_its_pairs():
    found = estimation.recall(
        Stratum(1000, 50, 50), {"near": Stratum(500, 50, 5), "doubtful": Stratum(100, 50, 25)}
    )
    assert found.value == pytest.approx(1000 / (1000 + 50 + 50))
    assert found.low < found.value < found.high


def test_nothing_found_apart_is_no_proof_that_nothing_is_there():
    few = estimation.recall(Stratum(1000, 50, 50), {"near": Stratum(5000, 20, 0)})
    many = estimation.recall(Stratum(1000, 50, 50), {"near": Stratum(5000, 400, 0)})
    assert few.value == many.value == 1.0 and few.low < many.low < 1.0


def test_recall_is_not_told_before_every_stratum_has_labels():
    assert estimation.recall(Stratum(10, 5, 5), {"near": Stratum(10, 0, 0)}) is None
    assert estimation.precision(Stratum(10, 0, 0)) is None


def test_nineteen_of_twenty_intervals_hold_the_truth():
    truth = {"joined": (2000, 0.97), "doubtful": (150, 0.4), "near": (3000, 0.03)}
    whole = sum(size * share for size, share in truth.values())
    recall = 2000 * 0.97 / whole
    drawn = random.Random(7)
    held, turns = 0, 400
    for _ in range(turns):
        strata = {}
        for name, (size, share) in truth.items():
            same = round(size * share)
            strata[name] = Stratum(size, 50, sum(drawn.sample([1] * same + [0] * (size - same), 50)))
        joined = strata.pop("joined")
        found = estimation.recall(joined, strata)
        held += found.low <= recall <= found.high
    assert held / turns >= 0.93


@pytest.fixture
def near(town):
    """Two people without numbers who share name and phone, and one pair in doubt."""
    name, birth = "沈云禾", "1986-04-08"
    town.put("a.person", [("1", None, name, birth, "19900010001"), ("3", *person(3))])
    town.put("b.person", [("2", None, name, None, "19900010001"), ("4", *person(4))])
    town.link()
    doubt("people", [(("b.person", "4"), ("a.person", "3"), 0.5)])
    return town


def strata():
    return {label.stratum for label in Label.objects.filter(register="people")}


def test_a_sample_holds_pairs_in_doubt_and_pairs_near_and_draws_each_once(near):
    before = near.together()
    labels.draw("people", 20)
    assert labels.DOUBTFUL in strata() and (labels.NEAR in strata() or labels.JOINED in strata())
    assert labels.draw("people", 20) == Label.objects.count()
    assert near.together() == before


def test_the_weights_of_a_stratum_add_up_to_its_pairs(town):
    rows = [(str(n), None, "沈云禾", None, "19900010001") for n in range(8)]
    town.put("a.person", rows)
    town.link()
    apart = 28 - sum(len(group) * (len(group) - 1) // 2 for group in town.together())
    labels.draw("people", 20)
    found = labels.quality("people")
    assert sum(one.size for one in found.strata.values()) == pytest.approx(28)
    assert found.strata[labels.NEAR].size == pytest.approx(apart)


def test_drawing_again_keeps_what_was_labelled(near):
    labels.draw("people", 20)
    _, pair = labels.sample("people")[0]
    labels.label("people", pair.token, same=True, by="steward")
    labels.draw("people", 50)
    (kept,) = Label.objects.exclude(same=None)
    assert kept.by == "steward" and kept.weight == 1


def test_a_label_that_is_not_drawn_again_stays_without_weight(near):
    labels.draw("people", 20)
    for _, pair in labels.sample("people"):
        labels.label("people", pair.token, same=True, by="steward")
    doubt("people", [])
    labels.draw("people", 20)
    assert Label.objects.get(weight=None).same is True
    assert labels.quality("people").strata[labels.DOUBTFUL].size == 0


def test_a_label_changes_nothing_in_the_register(near):
    labels.draw("people", 20)
    before = near.entities()
    for _, pair in labels.sample("people"):
        labels.label("people", pair.token, same=True, by="steward")
    near.link()
    assert near.entities() == before


def test_an_unlinked_register_has_nothing_to_draw_from(town):
    with pytest.raises(NotLinked):
        labels.draw("people", 20)


def test_a_pair_that_was_not_drawn_cannot_be_labelled(near):
    labels.draw("people", 20)
    with pytest.raises(NoSuchPair):
        labels.label("people", "0" * 20, same=True, by="steward")


SAMPLE = "/registers/people/sample/"


@pytest.fixture
def steward(near, account, client):
    client.force_login(account("steward"), backend=BACKEND)
    return client


def test_from_drawing_to_the_estimate(steward):
    assert "抽一份样" in steward.get(SAMPLE).content.decode()
    steward.post(reverse("registers:sample-draw", args=["people"]), {"each": "20"})
    page = steward.get(SAMPLE).content.decode()
    assert person(3)[0] not in page and "0.5" not in page
    for _, pair in labels.sample("people"):
        answer = steward.post(
            reverse("registers:sample-label", args=["people", pair.token]), {"verdict": "same"}
        )
        assert answer.url == f"{SAMPLE}?after={pair.token}"
    assert "这份样标完了" in steward.get(SAMPLE).content.decode()
    actions = set(LedgerEntry.objects.values_list("action", flat=True))
    assert actions == {"register.sample", "register.label"}


def test_undo_opens_the_pair_again(steward):
    labels.draw("people", 20)
    _, pair = labels.sample("people")[0]
    address = reverse("registers:sample-label", args=["people", pair.token])
    steward.post(address, {"verdict": "different"})
    assert steward.post(address, {"verdict": "undo"}).url == f"{SAMPLE}?pair={pair.token}"
    assert not Label.objects.exclude(same=None).exists()
    assert steward.post(address, {"verdict": "perhaps"}).status_code == 400


def test_a_full_number_of_a_drawn_pair_is_recorded(steward):
    labels.draw("people", 20)
    pair = next(p for _, p in labels.sample("people") if p.left == ("a.person", "3"))
    address = reverse("registers:sample-reveal", args=["people", pair.token, "left"])
    assert steward.post(address, {"field": "id_number"}).json() == {"value": person(3)[0]}
    assert LedgerEntry.objects.get().action == "register.reveal"
