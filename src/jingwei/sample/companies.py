"""Companies: credit codes, names, who runs them, where, and who works there.

About three thousand for seventy thousand residents; rather more than half are individually owned
businesses run by a resident. Fills in the residents' employers.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from jingwei.sample.identifiers import LOCAL_DIVISION, credit_codes
from jingwei.sample.people import EMPLOYED, OPERATOR, TODAY, World
from jingwei.sample.strings import blank, day, join, patch, pick
from jingwei.sample.words import DISTRICT, LINES, TRADE_NAME_FIRST, TRADE_NAME_LAST, TRADES

PER_RESIDENT = 3000 / 70_000
LIMITED, SHARES, INDIVIDUAL, COOPERATIVE = range(4)
KINDS = ("有限责任公司", "股份有限公司", "个体工商户", "农民专业合作社")
STATUSES = ("存续", "歇业", "注销", "吊销")


@dataclass
class Companies:
    code: np.ndarray
    kind: np.ndarray
    name: pa.Array
    former_name: pa.Array
    representative: np.ndarray
    former_representative: np.ndarray
    house: np.ndarray
    industry: pa.Array
    scope: pa.Array
    food: np.ndarray
    capital: np.ndarray
    founded: np.ndarray
    changed_on: np.ndarray
    status: np.ndarray
    employees: np.ndarray

    def __len__(self) -> int:
        return len(self.kind)

    def phones(self, world: World, which: np.ndarray) -> pa.Array:
        return world.people.phones(self.representative[which], np.zeros(len(which), dtype=bool))


def make_companies(world: World, seed: int) -> Companies:
    rng = np.random.default_rng([seed, 3])
    people = world.people
    count = max(20, round(len(people) * PER_RESIDENT))
    kind = np.searchsorted(np.cumsum([0.40, 0.015, 0.57, 0.015]), rng.random(count)).clip(0, 3)
    individual = kind == INDIVIDUAL

    grown = np.flatnonzero((people.age >= 20) & (people.age < 68) & (people.phone >= 0))
    representative = (
        grown[rng.permutation(len(grown))[:count]] if len(grown) >= count else rng.choice(grown, count)
    )
    # some run two businesses
    again = rng.random(count) < 0.06
    representative = np.where(again, representative[rng.integers(0, count, count)], representative)
    # the first shop is the one of the screens, run by the second of the namesakes
    shop_of_screens = int(np.flatnonzero(individual)[0])
    representative[shop_of_screens] = world.namesakes[1]
    again[shop_of_screens] = False
    own = individual & ~again
    people.employment[representative[own]] = OPERATOR
    people.employer[representative[own]] = np.flatnonzero(own)
    changed = ~individual & (rng.random(count) < 0.12)
    former_representative = np.where(changed, grown[rng.integers(0, len(grown), count)], representative)

    trade = rng.integers(0, len(TRADES), count)
    line = rng.integers(0, len(LINES), count)

    def brand() -> pa.Array:
        first = rng.integers(0, len(TRADE_NAME_FIRST), count)
        last = rng.integers(0, len(TRADE_NAME_LAST), count)
        return join(pick(list(TRADE_NAME_FIRST), first), pick(list(TRADE_NAME_LAST), last))

    def enterprise_names(brands: pa.Array, extra: pa.Array) -> pa.Array:
        endings = pick(("有限公司", "股份有限公司", "", "专业合作社"), kind)
        return join("云溪", brands, extra, pick([row[0] for row in LINES], line), endings)

    syllable = list("云岚舟川锦瑞德佳") + [""] * 6
    extra = pick(syllable, rng.integers(0, len(syllable), count))
    enterprise = enterprise_names(brand(), extra)
    renamed = ~individual & (rng.random(count) < 0.1)
    former = enterprise_names(brand(), extra)
    by_operator = rng.random(count) < 0.55
    by_operator[shop_of_screens], trade[shop_of_screens] = True, 0
    shop_brand = patch(brand(), by_operator, pick(people.name, representative[by_operator]))
    shop = join(DISTRICT, shop_brand, pick([row[0] for row in TRADES], trade))
    name = patch(enterprise, individual, shop.filter(pa.array(individual)))

    def of_line(place: int) -> pa.Array:
        return patch(
            pick([row[place] for row in LINES], line),
            individual,
            pick([row[place] for row in TRADES], trade[individual]),
        )

    food = np.where(
        individual, np.array([row[3] for row in TRADES])[trade], np.array([row[3] for row in LINES])[line]
    )
    founded = TODAY - (rng.random(count) ** 1.5 * 24 * 365).astype(np.int64) - 20
    status = np.searchsorted(np.cumsum([0.86, 0.04, 0.08, 0.02]), rng.random(count)).clip(0, 3)
    house = rng.integers(0, len(world.buildings.building_of_house), count)
    founded[shop_of_screens], status[shop_of_screens] = day("2025-11-04"), 0
    house[shop_of_screens] = people.house[world.namesakes[1]]
    code = credit_codes(
        np.array([1, 1, 2, 3])[kind],
        np.full(count, LOCAL_DIVISION),
        (np.arange(count) * 524_287 + 7_654_321) % 31**6,
    )

    employed = np.flatnonzero(people.employment == EMPLOYED)
    enterprises = np.flatnonzero(~individual)
    here = employed[rng.random(len(employed)) < 0.8]
    # a few large employers, many small ones
    people.employer[here] = enterprises[(len(enterprises) * rng.random(len(here)) ** 2.2).astype(np.int64)]
    helpers = employed[people.employer[employed] < 0]
    helpers = helpers[rng.random(len(helpers)) < 0.6]
    shops = np.flatnonzero(individual)
    people.employer[helpers] = shops[rng.integers(0, len(shops), len(helpers))]
    employees = np.bincount(people.employer[people.employer >= 0], minlength=count)
    return Companies(
        code,
        kind,
        name,
        blank(patch(name, renamed, former.filter(pa.array(renamed))), ~renamed),
        representative,
        former_representative,
        house,
        of_line(1),
        of_line(2),
        food,
        np.where(
            individual,
            rng.choice([1, 2, 3, 5, 10], count),
            rng.choice([10, 50, 100, 100, 200, 500, 1000, 5000], count),
        ),
        founded,
        np.maximum(founded, TODAY - (rng.random(count) ** 2 * 6 * 365).astype(np.int64)),
        status,
        employees,
    )
