"""Residents in households: ages, names, numbers, homes, work. This is the truth that sources blur.

Households come first; a person is a role in one. Everything is an array over persons, in order of
household, made by `world.make_world`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from jingwei.sample.places import Buildings, Territory
from jingwei.sample.strings import blank, day, digits, fixed

TODAY = day("2026-11-20")
"""The sample's present day: the last day of the screens, so that nothing lies in the future."""

NONE, EMPLOYED, FLEXIBLE, OPERATOR, STUDENT, RETIRED = range(6)
EMPLOYMENT = ("", "单位就业", "灵活就业", "个体经营", "", "")


@dataclass
class People:
    """Arrays over persons; `household` counts households, `house` dwellings, -1 is none."""

    household: np.ndarray
    role: np.ndarray
    sex: np.ndarray
    birth: np.ndarray
    age: np.ndarray
    name: pa.Array
    number: np.ndarray
    local: np.ndarray
    marital: np.ndarray
    education: np.ndarray
    employment: np.ndarray
    employer: np.ndarray
    phone: np.ndarray
    phone_changed: np.ndarray
    guardian: np.ndarray
    spouse: np.ndarray
    house: np.ndarray
    house_before: np.ndarray
    moved_on: np.ndarray
    registered_house: np.ndarray
    registered_elsewhere: np.ndarray
    head: np.ndarray

    def __len__(self) -> int:
        return len(self.household)

    def phones(self, who: np.ndarray, old: np.ndarray) -> pa.Array:
        """Phone numbers, the former one where `old`; children answer through a guardian.

        199 and eight digits, by a one-to-one scattering of the count, so no two residents share one.
        """
        owner = np.where(self.phone[who] >= 0, who, self.guardian[who])
        line = self.phone[owner] * 2 + (old & self.phone_changed[owner])
        scattered = (line * 61_803_399 + 31_415_927) % 100_000_000
        return blank(
            fixed(np.hstack([np.tile(np.frombuffer(b"199", np.uint8), (len(who), 1)), digits(scattered, 8)])),
            owner < 0,
        )


@dataclass
class World:
    land: Territory
    buildings: Buildings
    people: People
    elsewhere: pa.Array
    namesakes: tuple[int, ...] = ()

    def community_of(self, house: np.ndarray) -> np.ndarray:
        return self.buildings.community[self.buildings.building_of_house[house]]

    def grid_of(self, house: np.ndarray) -> np.ndarray:
        return self.buildings.grid[self.buildings.building_of_house[house]]
