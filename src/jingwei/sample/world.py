"""Makes the true world: households, then what their members are called, do and live in."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from jingwei.sample.households import (
    CHILD,
    FATHER,
    HEAD,
    MOTHER,
    ONE_PARENT,
    SECOND_CHILD,
    SPOUSE,
    Households,
    make_households,
)
from jingwei.sample.identifiers import LOCAL_DIVISION, identity_numbers
from jingwei.sample.names import person_names, random_surnames
from jingwei.sample.people import EMPLOYED, FLEXIBLE, NONE, RETIRED, STUDENT, TODAY, People, World
from jingwei.sample.places import buildings, territory
from jingwei.sample.strings import parts, patch
from jingwei.sample.words import COMMUNITIES, ELSEWHERE

LIVES_LOCALLY, OWNS_A_PHONE_PAST_75 = 0.72, 0.75


def make_world(residents: int, seed: int) -> World:
    rng = np.random.default_rng([seed, 1])
    homes = make_households(residents, rng)
    household, role, sex, age = homes.household, homes.role, homes.sex, homes.age
    birth = (TODAY - age * 365.25).astype(np.int64)
    birth_year = parts(birth)[0]
    name = person_names(sex, birth_year, _surnames(homes, rng), rng)
    local = (rng.random(len(homes)) < LIVES_LOCALLY)[household]
    # who moved in from elsewhere has another, equally invented, division
    division = np.where(
        local,
        LOCAL_DIVISION + rng.integers(0, 5, residents),
        990110 + rng.integers(0, 40, len(homes))[household],
    )
    number = identity_numbers(division, birth, sex, rng)

    members = homes.members()
    head = members[household, HEAD]
    spouse = np.full(residents, -1, dtype=np.int64)
    for one, other in ((HEAD, SPOUSE), (FATHER, MOTHER)):
        both = (members[:, one] >= 0) & (members[:, other] >= 0)
        spouse[members[both, one]] = members[both, other]
        spouse[members[both, other]] = members[both, one]
    has_phone = (age >= 14) & (rng.random(residents) < np.where(age > 75, OWNS_A_PHONE_PAST_75, 0.98))
    phone = np.where(has_phone, np.arange(residents), -1)
    # whoever has no phone is reached through the head of the household or the spouse
    guardian = np.where(phone[head] >= 0, head, members[household, SPOUSE])
    guardian = np.where((guardian >= 0) & (phone[guardian] >= 0), guardian, -1)

    land = territory()
    blocks = buildings(land, int(len(homes) * 1.12) + 1, np.random.default_rng([seed, 2]))
    dwellings = rng.permutation(len(blocks.building_of_house))
    home = dwellings[: len(homes)]
    before = dwellings[rng.integers(0, len(dwellings), len(homes))]
    years_ago = rng.random(len(homes)) ** 1.3 * 9
    moved_on = np.where(rng.random(len(homes)) < 0.35, TODAY - 20 - (years_ago * 365).astype(np.int64), -1)
    # children born after the move never lived at the address before
    moved_along = (moved_on[household] >= 0) & (birth < moved_on[household] - 400)
    elsewhere = _elsewhere()
    people = People(
        household=household,
        role=role,
        sex=sex,
        birth=birth,
        age=age,
        name=name,
        number=number,
        local=local,
        marital=_marital(homes, spouse, rng),
        education=_education(age, birth_year, rng),
        employment=_employment(sex, age, rng),
        employer=np.full(residents, -1, dtype=np.int64),
        phone=phone,
        phone_changed=has_phone & (rng.random(residents) < 0.3),
        guardian=guardian,
        spouse=spouse,
        house=home[household],
        house_before=np.where(moved_along, before[household], home[household]),
        moved_on=np.where(moved_along, moved_on[household], -1),
        registered_house=np.where(rng.random(len(homes)) < 0.75, home, before)[household],
        registered_elsewhere=np.where(local, -1, rng.integers(0, len(elsewhere), len(homes))[household]),
        head=head,
    )
    world = World(land, blocks, people, elsewhere)
    world.namesakes = _namesakes(world)
    return world


def _surnames(homes: Households, rng: np.random.Generator) -> np.ndarray:
    """Heads share their father's, children mostly their father's; spouses and mothers have their own."""
    head_surname = random_surnames(len(homes), rng)
    spouse_surname = random_surnames(len(homes), rng)
    father_surname = np.where(homes.male_head, head_surname, spouse_surname)
    mother_surname = np.where(homes.male_head, spouse_surname, head_surname)
    child_surname = np.where(rng.random(len(homes)) < 0.08, mother_surname, father_surname)
    child_surname = np.where(homes.present[:, SPOUSE], child_surname, head_surname)
    household, role = homes.household, homes.role
    surname = random_surnames(len(role), rng)
    surname = np.where((role == HEAD) | (role == FATHER), head_surname[household], surname)
    surname = np.where(role == SPOUSE, spouse_surname[household], surname)
    return np.where((role == CHILD) | (role == SECOND_CHILD), child_surname[household], surname)


def _marital(homes: Households, spouse: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Codes of GB/T 2261.2: 10 never married, 20 married, 30 widowed, 40 divorced."""
    age, role = homes.age, homes.role
    marital = np.where(spouse >= 0, 20, np.where((age >= 22) & (role >= FATHER), 30, 10))
    alone = (spouse < 0) & (age >= 30) & (role < CHILD)
    once_married = alone & (rng.random(len(age)) < np.where(age > 65, 0.85, 0.25))
    marital = np.where(once_married, np.where(age > 65, 30, 40), marital)
    return np.where((homes.kind[homes.household] == ONE_PARENT) & (role == HEAD), 40, marital)


def _education(age: np.ndarray, birth_year: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Codes of GB/T 4658, higher for the younger; -1 before school."""
    codes = np.array([10, 20, 30, 40, 60, 70, 80])
    # shares of each generation up to and including that code
    before_1965 = [0.003, 0.04, 0.09, 0.14, 0.25, 0.55]
    before_1987 = [0.02, 0.14, 0.3, 0.42, 0.6, 0.9]
    later = [0.08, 0.45, 0.75, 0.82, 0.95, 0.985]
    shares = np.array([before_1965, before_1987, later])[np.digitize(birth_year, (1965, 1987))]
    education = codes[(rng.random(len(age))[:, None] > shares).sum(axis=1)]
    too_young = [age < 6, age < 12, age < 15, age < 18, (age < 22) & (education == 10)]
    return np.select(too_young, [-1, 80, 70, 60, 20], education)


def _employment(sex: np.ndarray, age: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    size = len(age)
    pension_age = np.where(sex == 1, 60, 55)
    studies = (age >= 3) & ((age < 18) | ((age < 22) & (rng.random(size) < 0.45)))
    works = (age >= 18) & (age < pension_age) & ~studies & (rng.random(size) < 0.88)
    employment = np.where(works, np.where(rng.random(size) < 0.8, EMPLOYED, FLEXIBLE), NONE)
    return np.where(studies, STUDENT, np.where(age >= pension_age, RETIRED, employment))


def _elsewhere() -> pa.Array:
    """Addresses in other invented cities."""
    return pa.array(
        [
            f"{city}{county}{town}{road}{number}号"
            for city, counties in ELSEWHERE
            for county in counties
            for town in ("北塘镇", "青石镇", "芦花乡", "大樟街道")
            for road in ("中心街", "河西路", "新村")
            for number in range(3, 120, 4)
        ]
    )


def _namesakes(world: World) -> tuple[int, ...]:
    """Renames four residents 沈云禾, as in the screens: the demonstration needs namesakes to tell apart."""
    people = world.people
    communities = world.community_of(people.house)
    birth_year = parts(people.birth)[0]
    chosen: list[int] = []
    for sex, year, community in (
        (2, 1951, "浣纱社区"),
        (2, 1986, "听松社区"),
        (1, 1993, "新篁社区"),
        (2, 2008, "翠屏社区"),
    ):
        fitting = (people.sex == sex) & (people.phone >= 0) & ((people.role <= SPOUSE) | (year == 2008))
        there = communities == COMMUNITIES.index(community)
        distance = np.abs(birth_year - year) * 2 + ~there * 7 + ~fitting * 1000
        distance[chosen] = 10_000
        chosen.append(int(distance.argmin()))
    mask = np.zeros(len(people), dtype=bool)
    mask[chosen] = True
    people.name = patch(people.name, mask, pa.array(["沈云禾"] * int(mask.sum())))
    return tuple(chosen)
