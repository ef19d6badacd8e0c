"""The same dwelling as six kinds of clerk write it."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pyarrow as pa

from jingwei.sample.people import World
from jingwei.sample.strings import integers, join, patch, pick
from jingwei.sample.words import COMMUNITIES, DISTRICT, STREET_OF_COMMUNITY

FORMS: dict[str, tuple[str, tuple[str, str, str]]] = {
    # form: how a building is written, and what stands around unit and room
    "official": ("{district}{street}{community}{road}{number}号{block}幢", ("", "单元", "室")),
    "street": ("{street}{road}{number}号{block}幢", ("", "单元", "室")),
    "road": ("{road}{number}号{block}幢", ("", "单元", "室")),
    "district": ("{district}{road}{number}号{block}幢", ("", "-", "")),
    "dashes": ("{road}{number}-{block}", ("-", "-", "")),
    "spaced": ("{road} {number} 号 {block} 幢", (" ", " 单元 ", " 室")),
    "hash": ("{district}{street}{road}{number}#{block}栋", ("", "单元", "")),
}
VARIANTS = {
    "official": "road",
    "street": "hash",
    "road": "dashes",
    "district": "spaced",
    "dashes": "road",
    "spaced": "official",
}
"""What an address in another form than the system's own looks like there."""


def building_texts(world: World, form: str) -> pa.Array:
    pattern = FORMS[form][0]
    blocks = world.buildings
    return pa.array(
        [
            pattern.format(
                district=DISTRICT,
                street=STREET_OF_COMMUNITY[c],
                community=COMMUNITIES[c],
                road=road,
                number=number,
                block=block,
            )
            for c, road, number, block in zip(
                blocks.community.tolist(),
                blocks.road.to_pylist(),
                blocks.number.tolist(),
                blocks.block.tolist(),
                strict=True,
            )
        ]
    )


class Addresses:
    """Writes dwellings; keeps the buildings' texts of a form once made."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._buildings: dict[str, pa.Array] = {}
        self._numbers = integers(np.arange(4000))

    def buildings(self, form: str) -> pa.Array:
        if form not in self._buildings:
            self._buildings[form] = building_texts(self.world, form)
        return self._buildings[form]

    def write(self, house: np.ndarray, form: str) -> pa.Array:
        before_unit, before_room, after_room = FORMS[form][1]
        unit, room = self.world.buildings.rooms(house)
        return join(
            pick(self.buildings(form), self.world.buildings.building_of_house[house]),
            before_unit,
            pick(self._numbers, unit),
            before_room,
            pick(self._numbers, room),
            after_room,
        )

    def shop(self, house: np.ndarray, form: str) -> pa.Array:
        """A shop on the ground floor of the building that the dwelling is in."""
        shop = house % 30 + 101
        before_shop = FORMS[form][1][0]
        return join(
            pick(self.buildings(form), self.world.buildings.building_of_house[house]),
            before_shop,
            pick(self._numbers, shop),
            "号商铺",
        )

    def varied(
        self, write: Callable[[np.ndarray, str], pa.Array], house: np.ndarray, form: str, other: np.ndarray
    ) -> pa.Array:
        """In the system's form, except where `other`."""
        return (
            patch(write(house, form), other, write(house[other], VARIANTS[form]))
            if other.any()
            else write(house, form)
        )
