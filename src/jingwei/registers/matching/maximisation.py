"""Expectation maximisation over agreement patterns, where nobody can say which pairs are one entity.

Pairs are counted by pattern (the level of every comparison), so a step costs the number of
patterns, not of pairs. Each blocking rule is learned from on its own, without the comparisons it
fixes; u is known and stays; no m falls below its floor, so a level that few matches stand at
cannot vanish. Fellegi and Sunter (1969); Winkler (1988).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Probabilities = list[Floats]
"""One array a comparison; index 0 is disagreement, the last the strongest level."""

STEPS, SETTLED = 60, 1e-5
AGREEING = 0.9


@dataclass(frozen=True)
class Patterns:
    """`levels` has a row a pattern and a column a comparison (-1 where nothing could be compared)."""

    levels: NDArray[np.int16]
    counts: Floats

    @classmethod
    def of(cls, rows: Sequence[tuple[int, ...]], comparisons: int) -> Patterns:
        """Rows of levels followed by a count."""
        table = np.array(rows, dtype=np.int64).reshape(len(rows), comparisons + 1)
        return cls(table[:, :-1].astype(np.int16), table[:, -1].astype(np.float64))

    def probability(self, m: Probabilities, u: Probabilities, share: float, used: Sequence[int]) -> Floats:
        """That pairs of each pattern are matches, by the comparisons in `used`."""
        odds = np.full(len(self.counts), np.log(share / (1 - share)))
        for at in used:
            known = self.levels[:, at] >= 0
            levels = self.levels[known, at]
            odds[known] += np.log(m[at][levels]) - np.log(u[at][levels])
        return 1 / (1 + np.exp(-np.clip(odds, -500, 500)))

    def at_levels(self, at: int, size: int, weights: Floats) -> Floats:
        """Sum of the weighted counts at each level of one comparison."""
        known = self.levels[:, at] >= 0
        weighed = np.bincount(self.levels[known, at], weights=(weights * self.counts)[known], minlength=size)
        return weighed.astype(np.float64)


def usual(sizes: Sequence[int]) -> Probabilities:
    """Where to start, and what stays where nothing can be learned: matches agree nine times in ten."""
    found = []
    for size in sizes:
        m = np.full(size, AGREEING / max(size - 1, 1))
        m[0] = 1 - AGREEING
        found.append(m)
    return found


def floored(m: Floats, least: float) -> Floats:
    raised = np.maximum(m, least)
    return raised / raised.sum()


def maximise(
    patterns: Patterns, u: Probabilities, used: Sequence[int], least: float
) -> tuple[Probabilities, Probabilities]:
    """m of the comparisons in `used`, and how many matches each level of them was learned from."""
    sizes = [len(levels) for levels in u]
    m, share = usual(sizes), 0.1
    matched = [np.zeros(size) for size in sizes]
    total = patterns.counts.sum()
    for _ in range(STEPS):
        probability = patterns.probability(m, u, share, used)
        share = float(np.clip((probability * patterns.counts).sum() / total, 1e-6, 1 - 1e-6))
        change = 0.0
        for at in used:
            matched[at] = patterns.at_levels(at, sizes[at], probability)
            if matched[at].sum() > 0:
                better = floored(matched[at] / matched[at].sum(), least)
                change = max(change, float(np.abs(better - m[at]).max()))
                m[at] = better
        if change < SETTLED:
            break
    return m, matched


def together(
    learned: Sequence[tuple[Probabilities, Probabilities]], sizes: Sequence[int], least: float
) -> Probabilities:
    """The rules' findings, each as heavy as the matches it rests on."""
    found = usual(sizes)
    for at in range(len(sizes)):
        matches = sum((matched[at] for _, matched in learned), np.zeros(sizes[at]))
        if matches.sum() > 0:
            found[at] = floored(matches / matches.sum(), least)
    return found
