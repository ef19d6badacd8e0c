from __future__ import annotations

import numpy as np

from jingwei.registers.matching.maximisation import Patterns, maximise, together, usual

# Two comparisons of two levels. Strangers agree by chance once in 10 and once in 20.
U = [np.array([0.9, 0.1]), np.array([0.95, 0.05])]


def patterns(matches: float, strangers: float, m: tuple[float, float]) -> Patterns:
    """The counts that exactly follow from these probabilities."""
    rows, counts = [], []
    for first in (0, 1):
        for second in (0, 1):
            of_matches = (m[0] if first else 1 - m[0]) * (m[1] if second else 1 - m[1])
            rows.append((first, second))
            counts.append(matches * of_matches + strangers * U[0][first] * U[1][second])
    return Patterns(np.array(rows, dtype=np.int16), np.array(counts))


def test_what_matches_agree_on_is_found_again_from_a_mixture():
    learned, matched = maximise(patterns(1000, 9000, (0.95, 0.8)), U, [0, 1], 1e-3)
    assert np.allclose([learned[0][1], learned[1][1]], [0.95, 0.8], atol=0.02)
    assert np.isclose(matched[0].sum(), 1000, rtol=0.05)


def test_a_level_no_pair_stands_at_keeps_its_floor():
    always = Patterns(np.array([[1, 1], [0, 0]], dtype=np.int16), np.array([500.0, 500.0]))
    learned, _ = maximise(always, U, [0, 1], 2e-3)
    assert all(levels.min() > 1e-3 and np.isclose(levels.sum(), 1) for levels in learned)


def test_a_comparison_nobody_could_make_stays_as_usual():
    blank = Patterns(np.array([[1, -1], [0, -1]], dtype=np.int16), np.array([500.0, 500.0]))
    learned = maximise(blank, U, [0, 1], 2e-3)
    assert np.allclose(together([learned], [2, 2], 2e-3)[1], usual([2, 2])[1])
    assert np.allclose(together([], [2, 2], 2e-3)[0], usual([2, 2])[0])
