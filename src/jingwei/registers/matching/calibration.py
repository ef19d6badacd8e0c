"""How sure is sure enough: the threshold that reaches the declared precision, measured, not guessed.

Where records carry valid identifiers, some of them are asked again with the identifier hidden: the
full register answers, and the identifier tells who was right. The sample has the sources and the
gaps of the records that really lack a number. Where no identifier exists, the model's own
probabilities are all there is; they are held to a higher bar, because models are too sure.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import duckdb

from jingwei.catalog.sql import identifier as quoted
from jingwei.registers.matching.features import Features

SAMPLE = 4000
ENOUGH = 200
MARGIN = 3.0
"""Bits by which the best entity must beat the second: one namesake eight times likelier than the other."""
SURE = 5.0
"""Least weight (32 to 1) where only the model can be asked."""


@dataclass(frozen=True)
class Threshold:
    """`weight` in bits of match weight; `precision` and `reach` (share of askers answered) as measured or expected."""

    weight: float
    method: str
    asked: int
    precision: float
    reach: float

    def as_dict(self) -> dict[str, Any]:
        return {
            "threshold": self.weight,
            "threshold_method": self.method,
            "asked": self.asked,
            "precision": round(self.precision, 5),
            "reach": round(self.reach, 4),
        }


def hide(con: duckdb.DuckDBPyConnection, features: Features) -> int:
    """Adds to `linking` a sample of identified rows as askers with negative rid and no cluster.

    `given` (rid, fields; a part of the identified rows suffices) holds what the sources themselves say: a birth date known only from the
    hidden number must stay hidden too.
    """
    fields = features.fields()
    gaps = " || ".join(f"CASE WHEN {quoted(f)} IS NULL THEN '0' ELSE '1' END" for f in fields)
    seed = features.matching.seed
    row = con.execute("SELECT count(*) FROM linking WHERE asks").fetchone()
    asking = row[0] if row else 0
    con.execute(
        f"""
        INSERT INTO linking BY NAME
        WITH wanted AS (
            SELECT src, {gaps} AS gaps, ceil({SAMPLE} * count(*) / {max(asking, 1)}.0) AS quota
            FROM linking WHERE asks GROUP BY ALL
        ), known AS (
            SELECT rid, src, tie, {", ".join(quoted(f) for f in fields)}, {gaps} AS gaps FROM given
        )
        SELECT -k.rid AS rid, k.src, k.tie, NULL AS cluster, TRUE AS asks, NULL AS barred,
               {", ".join(f"k.{quoted(f)}" for f in fields)}
        FROM known k JOIN wanted w ON w.src = k.src AND w.gaps = k.gaps
        QUALIFY row_number() OVER (PARTITION BY k.src, k.gaps ORDER BY hash(k.tie, {seed}), k.rid) <= w.quota
        """
    )
    counted = con.execute("SELECT count(*) FROM linking WHERE rid < 0").fetchone()
    return int(counted[0]) if counted else 0


def from_answers(answers: Sequence[tuple[float, bool]], asked: int, target: float) -> Threshold | None:
    """The least weight at which the answers reach the target; None where too few asked to tell.

    `answers` are (weight, right) of those the margin lets answer.
    """
    if asked < ENOUGH:
        return None
    best: Threshold | None = None
    right = 0
    ordered = sorted(answers, key=lambda answer: (-answer[0], answer[1]))
    for total, (weight, is_right) in enumerate(ordered, 1):
        right += is_right
        last_of_weight = total == len(ordered) or ordered[total][0] < weight
        if last_of_weight and weight >= 0 and right / (total + 1) >= target:
            best = Threshold(weight, "hidden-identifiers", asked, right / total, total / asked)
    return best or Threshold(float("inf"), "hidden-identifiers", asked, 1.0, 0.0)


def from_model(weights: Sequence[float], target: float) -> Threshold:
    """The least weight, SURE or more, at which the mean probability of the pairs above reaches the target."""
    chosen, expected = SURE, 1.0
    total = summed = 0.0
    for weight in sorted(weights, reverse=True):
        if weight < SURE:
            break
        total += 1
        summed += 1 / (1 + 2.0**-weight)
        if summed / total >= target:
            chosen, expected = weight, summed / total
    return Threshold(chosen, "model", len(weights), expected, total / max(len(weights), 1))
