from __future__ import annotations

import math

from jingwei.registers.matching.calibration import ENOUGH, SURE, from_answers, from_model


def test_the_threshold_is_the_least_weight_that_still_reaches_the_target():
    # 900 right above 10; then at 5, 10 wrong among 100: (900 + 90) / 1001 = 0.989; at 2 everything else is wrong.
    answers = [(20.0, True)] * 900 + [(5.0, True)] * 90 + [(5.0, False)] * 10 + [(2.0, False)] * 100
    found = from_answers(answers, 1200, 0.985)
    assert found is not None
    assert (found.weight, found.precision) == (5.0, 990 / 1000)
    assert found.reach == 1000 / 1200
    stricter = from_answers(answers, 1200, 0.995)
    assert stricter is not None
    assert stricter.weight == 20.0


def test_weights_below_even_odds_are_never_enough():
    found = from_answers([(8.0, True)] * 500 + [(-1.0, True)] * 500, 1000, 0.9)
    assert found is not None
    assert found.weight == 8.0


def test_where_no_weight_reaches_the_target_nothing_is_joined():
    found = from_answers([(9.0, False)] * 300, 300, 0.9)
    assert found is not None
    assert math.isinf(found.weight)


def test_too_few_askers_tell_nothing():
    assert from_answers([(9.0, True)] * (ENOUGH - 1), ENOUGH - 1, 0.9) is None


def test_the_model_alone_is_held_to_the_higher_bar():
    # At 5 bits the odds are 32 to 1: probability 32/33.
    assert from_model([20.0] * 10 + [1.0] * 5, 0.99).weight == 20.0
    assert from_model([20.0] * 10 + [SURE], 0.99).weight == SURE
    assert from_model([SURE] * 10, 0.99).weight == SURE
    assert from_model([], 0.99).weight == SURE
