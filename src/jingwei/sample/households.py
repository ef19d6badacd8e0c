"""Who lives together: kinds of household, the roles in them, sexes and ages that go together."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

HEAD, SPOUSE, CHILD, SECOND_CHILD, FATHER, MOTHER = range(6)
RELATIONS = ("户主", "配偶", "子女", "子女", "父亲", "母亲")

SINGLE, COUPLE, FAMILY, LARGE_FAMILY, ONE_PARENT, THREE_GENERATIONS, OLD_COUPLE, OLD_ALONE = range(8)
_SHARES = (0.22, 0.16, 0.22, 0.09, 0.04, 0.11, 0.09, 0.07)
_ROLES = np.array(
    [
        # head spouse child second father mother
        [1, 0, 0, 0, 0, 0],
        [1, 1, 0, 0, 0, 0],
        [1, 1, 1, 0, 0, 0],
        [1, 1, 1, 1, 0, 0],
        [1, 0, 1, 0, 0, 0],
        [1, 1, 1, 0, 1, 1],
        [1, 1, 0, 0, 0, 0],
        [1, 0, 0, 0, 0, 0],
    ],
    dtype=bool,
)


@dataclass(frozen=True)
class Households:
    """`kind`, `present` (households by roles), `male_head` count households; `household`, `role`,
    `sex` and `age` count persons, in order of household."""

    kind: np.ndarray
    present: np.ndarray
    male_head: np.ndarray
    household: np.ndarray
    role: np.ndarray
    sex: np.ndarray
    age: np.ndarray

    def __len__(self) -> int:
        return len(self.kind)

    def members(self) -> np.ndarray:
        """The person in each role of each household, -1 where there is none."""
        members = np.full((len(self), 6), -1, dtype=np.int64)
        members[self.household, self.role] = np.arange(len(self.household))
        return members


def make_households(residents: int, rng: np.random.Generator) -> Households:
    """Households for exactly so many residents; the last one may be cut short."""
    # a household has 2.3 members on average
    count = int(residents / 2.0) + 40
    kind = np.searchsorted(np.cumsum(_SHARES), rng.random(count)).clip(0, 7)
    present = _ROLES[kind].copy()
    one_elder = (kind == THREE_GENERATIONS) & (rng.random(count) < 0.45)
    present[one_elder, np.where(rng.random(int(one_elder.sum())) < 0.7, FATHER, MOTHER)] = False
    count = int(np.searchsorted(np.cumsum(present.sum(axis=1)), residents)) + 1
    kind, present = kind[:count], present[:count]
    household, role = (places[:residents] for places in np.nonzero(present))

    male_head = np.where(present[:, SPOUSE], rng.random(count) < 0.78, rng.random(count) < 0.5)
    # most elders alone are women
    male_head &= ~((kind == OLD_ALONE) & (rng.random(count) < 0.5))
    head_sex = np.where(male_head, 1, 2)
    sex = np.where(rng.random(residents) < 0.515, 1, 2)
    sex = np.where(role == HEAD, head_sex[household], sex)
    sex = np.where(role == SPOUSE, 3 - head_sex[household], sex)
    sex = np.where(role == FATHER, 1, np.where(role == MOTHER, 2, sex))
    return Households(kind, present, male_head, household, role, sex, _ages(kind, rng)[household, role])


def _ages(kind: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Ages in years as (households, roles); what a household has no role for stays meaningless."""
    size = len(kind)
    head = rng.triangular(20, 34, 62, size)
    head = np.where(kind == COUPLE, rng.uniform(24, 66, size), head)
    head = np.where((kind >= FAMILY) & (kind <= THREE_GENERATIONS), rng.triangular(26, 40, 56, size), head)
    head = np.where(kind >= OLD_COUPLE, 63 + rng.gamma(2.0, 6.5, size), head).clip(18.1, 102)
    spouse = (head + rng.normal(-1.5, 2.5, size)).clip(20.2, 102)
    mother = np.where(kind == ONE_PARENT, head, np.minimum(head, spouse))
    child = mother - rng.triangular(21, 27, 40, size)
    child = np.where(child < 0.01, rng.uniform(0.01, 6, size), child)
    second = child - rng.uniform(1.5, 7, size)
    second = np.where(second < 0.01, rng.uniform(0.01, 1.4, size), second)
    grandfather = (head + rng.triangular(22, 26, 36, size)).clip(0, 103)
    grandmother = (grandfather - rng.normal(2, 2.5, size)).clip(head + 19, 103)
    return np.column_stack([head, spouse, child, second, grandfather, grandmother])
