"""Places: the tree of a territory is built after its register, and answers where an address is.

jingwei link place ─▶ build ─▶ register."place.places" ─▶ locate(address), locate(longitude=, latitude=)
"""

from __future__ import annotations

from datetime import date

import duckdb

from jingwei.engines import lake
from jingwei.packs.service import installed
from jingwei.registers.places import locate as finding
from jingwei.registers.places import succession, tree
from jingwei.registers.places.declaration import Territory
from jingwei.registers.places.locate import PlaceFound
from jingwei.registers.places.succession import Divisions, Succeeded
from jingwei.registers.places.tree import Placed

__all__ = [
    "PlaceFound",
    "Placed",
    "Succeeded",
    "build",
    "division",
    "divisions",
    "locate",
    "territories",
    "territory_of",
]


def territories() -> list[Territory]:
    """All territories the installed packs declare."""
    return list(installed().section("places").values())


def territory_of(register: str) -> Territory | None:
    """The territory whose places a register holds."""
    return next((one for one in territories() if one.register_ == register), None)


def divisions(con: duckdb.DuckDBPyConnection, territory: Territory) -> Divisions:
    return succession.load(con, territory.succession)


def division(code: str, on: date | None = None) -> Succeeded:
    """What became of a division's code, by the first territory that knows it; `on` says when it was written
    down, which decides where the code was given to another division later."""
    with lake().read() as con:
        for territory in territories():
            found = divisions(con, territory).find(code, on)
            if found.how != "unknown":
                return found
    return Succeeded(code, "unknown")


def build(con: duckdb.DuckDBPyConnection, territory: Territory) -> Placed:
    """Leaves the temporary table `tree` of a territory and writes it where it differs from what lies there."""
    placed = tree.make(con, territory, divisions(con, territory))
    table = tree.places_table(territory.register_)
    name = f"{territory.register_}.places"
    total = "SELECT count(*), bit_xor(hash(t)), sum(hash(t)) FROM {} t"
    fresh = con.execute(total.format("tree")).fetchone()
    there = lake().exists(con, "register", name) and con.execute(total.format(table)).fetchone()
    if fresh != there:
        with lake().transaction(con, f"places {territory.register_}"):
            con.execute(f"DROP TABLE IF EXISTS {table}")
            con.execute(
                f"CREATE TABLE {table} AS FROM tree ORDER BY road, number, block, level_no, entity_id"
            )
        placed.rewritten = True
    return placed


def locate(
    address: str | None = None,
    *,
    longitude: float | None = None,
    latitude: float | None = None,
    register: str | None = None,
) -> PlaceFound:
    """Where an address or a point is, in the territory of `register` or the first declared. The address goes
    first; a point answers where there is none or it led no further than an area."""
    for territory in territories():
        if register is None or territory.register_ == register:
            break
    else:
        return PlaceFound()
    with lake().read() as con:
        finding.require(con, territory)
        found = finding.of_address(con, territory, address) if address and address.strip() else PlaceFound()
        if found.by in ("door", "building") or longitude is None or latitude is None:
            return found
        point = finding.of_point(con, territory, longitude, latitude)
        return point if point.by else found
