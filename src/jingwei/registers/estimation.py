"""Precision and recall from a stratified sample of labelled pairs, with intervals.

    stratum: pairs in all N, labelled n, of these the same k  ─▶  k/n, weighed by N

Precision is the share of the same among the joined pairs, with Wilson's interval (Wilson 1927). Recall is the joined
same pairs over all same pairs; its variance is the delta method's over the strata (Cochran 1977, chapter 5), with
k + 2 of n + 4 (Agresti and Coull 1998) so that a stratum in which nothing was found does not look certain; the interval
is Wilson's for a sample of the size that would have that variance.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

Z = 1.959964
"""95 %."""


@dataclass(frozen=True)
class Stratum:
    """`size` pairs, `labelled` of them by a person, `same` of these one entity."""

    size: float
    labelled: int
    same: int


@dataclass(frozen=True)
class Estimate:
    value: float
    low: float
    high: float


def wilson(share: float, count: float) -> Estimate:
    """The interval for a share found in `count` draws."""
    if count <= 0:
        return Estimate(share, 0.0, 1.0)
    squared = Z * Z
    middle = (share + squared / (2 * count)) / (1 + squared / count)
    half = Z / (1 + squared / count) * math.sqrt(share * (1 - share) / count + squared / (4 * count * count))
    return Estimate(share, max(0.0, middle - half), min(1.0, middle + half))


def precision(joined: Stratum) -> Estimate | None:
    """None before anything of it is labelled, or where nothing was joined."""
    return wilson(joined.same / joined.labelled, joined.labelled) if joined.labelled else None


def recall(joined: Stratum, apart: Mapping[str, Stratum]) -> Estimate | None:
    """None until every stratum that has pairs has labels."""
    strata = [joined, *apart.values()]
    if any(one.size and not one.labelled for one in strata) or not any(one.labelled for one in strata):
        return None
    found = _total(joined)
    missed = sum(_total(one) for one in apart.values())
    if found + missed == 0:
        return None
    # The same with the adjusted shares, for the variance alone.
    found_near, missed_near = _adjusted(joined), sum(_adjusted(one) for one in apart.values())
    whole = found_near + missed_near
    missed_variance = sum(_variance(one) for one in apart.values())
    variance = (missed_near**2 * _variance(joined) + found_near**2 * missed_variance) / whole**4
    share = found_near / whole
    count = share * (1 - share) / variance if variance else float(sum(one.labelled for one in strata))
    return wilson(found / (found + missed), count)


def _total(one: Stratum) -> float:
    return one.size * one.same / one.labelled if one.labelled else 0.0


def _share(one: Stratum) -> float:
    return (one.same + 2) / (one.labelled + 4)


def _adjusted(one: Stratum) -> float:
    return one.size * _share(one)


def _variance(one: Stratum) -> float:
    """Of the stratum's total; a stratum labelled whole has none."""
    share, count = _share(one), one.labelled + 4
    left = max(0.0, 1 - one.labelled / one.size) if one.size else 0.0
    return one.size**2 * share * (1 - share) / count * left
