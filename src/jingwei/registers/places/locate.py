"""Where an address is: its house, else its building, its road, its area; or the grid a point falls into.

    address ─▶ taken apart ─┐
    register."<r>.places" ──┴▶ houses, buildings, roads that agree ─▶ the narrowest with one answer

One way for one address and for a million: temporary tables in, a temporary table out. What the text does
not say (the unit of a house with one) may be missing; what it says must agree. Several answers are none.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

import duckdb

from jingwei.catalog.sql import identifier as quoted
from jingwei.engines import lake
from jingwei.engines.duckdb import extensions
from jingwei.registers.errors import NotLinked
from jingwei.registers.linking import golden_table
from jingwei.registers.places.declaration import Territory
from jingwei.registers.places.doors import parse
from jingwei.registers.places.tree import doors_table, places_table

By = Literal["door", "building", "road", "area", "geometry"]
COLUMNS = ("division", "community", "grid", "building", "house")


@dataclass(frozen=True)
class PlaceFound:
    """Entities of the place register; `by` is how far the address led, None where nowhere."""

    division: str | None = None
    community: str | None = None
    grid: str | None = None
    building: str | None = None
    house: str | None = None
    by: By | None = None

    @property
    def narrowest(self) -> str | None:
        """The smallest place that is known to be meant."""
        return self.house or self.building or self.grid or self.community or self.division


def require(con: duckdb.DuckDBPyConnection, territory: Territory) -> None:
    """Raises NotLinked before the tree was built."""
    register = territory.register_
    if not lake().exists(con, "register", f"{register}.places"):
        raise NotLinked(register=register)


def use_tree(con: duckdb.DuckDBPyConnection, territory: Territory) -> None:
    """The tree as it was last written, as the view `tree`."""
    con.execute(f"CREATE OR REPLACE TEMP VIEW tree AS FROM {places_table(territory.register_)}")


def areas(con: duckdb.DuckDBPyConnection) -> set[str]:
    """The names of divisions, communities and grids."""
    rows = con.execute("SELECT DISTINCT name FROM tree WHERE level_no < 3 AND name IS NOT NULL").fetchall()
    return {name for (name,) in rows}


def many(con: duckdb.DuckDBPyConnection, texts: Iterable[str]) -> None:
    """Temporary table `located` (text, division, community, grid, building, house, found_by) of distinct
    addresses; `tree` has to be there."""
    doors_table(con, "asked", texts, areas(con))
    same_area = "(len(a.areas) = 0 OR list_has_all(t.names, a.areas))"
    same_building = (
        "t.road = a.road AND t.number IS NOT DISTINCT FROM a.number "
        "AND (a.block IS NULL OR t.block IS NULL OR t.block = a.block)"
    )
    con.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE by_house AS
        SELECT a.text, min(t.entity_id) AS found FROM asked a JOIN tree t ON t.level = 'house' AND t.room = a.room
            AND {same_building} AND (a.unit IS NULL OR t.unit IS NULL OR t.unit = a.unit) AND {same_area}
        GROUP BY a.text HAVING count(*) = 1
        """
    )
    con.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE by_building AS
        SELECT a.text, min(t.entity_id) AS found FROM asked a JOIN tree t ON t.level = 'building' AND {same_building} AND {same_area}
        WHERE a.number IS NOT NULL OR a.block IS NOT NULL GROUP BY a.text HAVING count(*) = 1
        """
    )
    roads = ", ".join(
        f"CASE WHEN min({c}) = max({c}) AND count(*) = count({c}) THEN min({c}) END AS {c}"
        for c in ("division", "community", "grid")
    )
    con.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE by_road AS
        SELECT * FROM (SELECT text, {roads} FROM (
            SELECT a.text, t.division, t.community, t.grid FROM asked a JOIN (
                SELECT DISTINCT road, division, community, grid, names FROM tree WHERE level = 'building' AND road IS NOT NULL) t
            ON t.road = a.road AND {same_area}) GROUP BY text)
        WHERE division IS NOT NULL
        """
    )
    con.execute(
        """
        CREATE OR REPLACE TEMP TABLE by_area AS
        SELECT a.text, any_value(t.entity_id) AS found FROM asked a JOIN tree t ON t.level_no < 3 AND len(a.areas) > 0
            AND t.name = a.areas[-1] AND list_has_all(t.names, a.areas)
        GROUP BY a.text HAVING count(*) = 1
        """
    )
    columns = ", ".join(
        f"CASE WHEN e.entity_id IS NOT NULL THEN e.{c} WHEN w.text IS NOT NULL THEN w.{c} ELSE r.{c} END AS {c}"
        for c in ("division", "community", "grid")
    )
    con.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE located AS
        SELECT a.text, {columns}, e.building,
               h.found AS house,
               CASE WHEN h.found IS NOT NULL THEN 'door' WHEN b.found IS NOT NULL THEN 'building'
                    WHEN w.text IS NOT NULL THEN 'road' WHEN r.entity_id IS NOT NULL THEN 'area' END AS found_by
        FROM asked a LEFT JOIN by_house h ON h.text = a.text LEFT JOIN by_building b ON b.text = a.text
        LEFT JOIN by_road w ON w.text = a.text LEFT JOIN by_area z ON z.text = a.text
        LEFT JOIN tree e ON e.entity_id = coalesce(h.found, b.found) LEFT JOIN tree r ON r.entity_id = z.found
        """
    )
    con.execute(
        "DROP TABLE by_house; DROP TABLE by_building; DROP TABLE by_road; DROP TABLE by_area; DROP TABLE asked"
    )


def of_point(
    con: duckdb.DuckDBPyConnection, territory: Territory, longitude: float, latitude: float
) -> PlaceFound:
    """The narrowest shape that holds a point, with what that lies in."""
    fields = territory.fields
    if fields.shape is None:
        return PlaceFound()
    extensions.load(con, "spatial")
    use_tree(con, territory)
    rows = con.execute(
        f"""
        SELECT t.division, t.community, t.grid, t.building, t.level_no FROM {golden_table(territory.register_)} g
        JOIN tree t ON t.entity_id = g.entity_id
        WHERE g.{quoted(fields.shape)} IS NOT NULL
            AND ST_Contains(TRY(ST_MakeValid(ST_GeomFromText(g.{quoted(fields.shape)}))), ST_Point(?, ?))
        ORDER BY t.level_no DESC, t.code
        """,
        [longitude, latitude],
    ).fetchall()
    if not rows or (len(rows) > 1 and rows[0][4] == rows[1][4] and rows[0][4] > 0):
        return PlaceFound()
    division, community, grid, building, _ = rows[0]
    return PlaceFound(division, community, grid, building, None, "geometry")


def of_address(con: duckdb.DuckDBPyConnection, territory: Territory, text: str) -> PlaceFound:
    """One address: only the areas and its own road are taken out of the lake."""
    table = places_table(territory.register_)
    con.execute(f"CREATE OR REPLACE TEMP TABLE wide AS FROM {table} WHERE level_no < 3")
    names = {name for (name,) in con.execute("SELECT name FROM wide WHERE name IS NOT NULL").fetchall()}
    con.execute("DROP VIEW IF EXISTS tree")
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE tree AS FROM wide UNION ALL FROM {table} WHERE level_no >= 3 AND road = ?",
        [parse(text, names).road or ""],
    )
    many(con, [text])
    row = con.execute(f"SELECT {', '.join(COLUMNS)}, found_by FROM located").fetchone()
    con.execute("DROP TABLE located; DROP TABLE tree; DROP TABLE wide")
    return PlaceFound(*row) if row else PlaceFound()
