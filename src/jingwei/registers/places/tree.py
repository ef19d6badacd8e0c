"""The places of a territory as a tree: every house in its building, grid, community and division.

    register."<r>.golden", levels of its sources ──▶ nodes ──▶ parents ──▶ register."<r>.places"
                                        addresses taken apart ──┘  └── points in shapes, then codes

A place lies where its point falls into a shape; where it has no point or none holds it, where its source
says it lies. Houses take the place of their building. Rows are sorted by road, as `locate` asks them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import duckdb
import pyarrow as pa

from jingwei.catalog.sql import identifier as quoted
from jingwei.catalog.sql import quoted as literal
from jingwei.engines import lake
from jingwei.engines.duckdb import extensions
from jingwei.registers.linking import golden_table, records_table
from jingwei.registers.places.declaration import LEVELS, Territory
from jingwei.registers.places.doors import parse
from jingwei.registers.places.succession import Divisions

DEEPEST = 8
"""More divisions than this do not nest in one another; a circle of parents ends here."""


@dataclass
class Placed:
    """What was placed: `levels` counts places, `by` how buildings and houses found their grid or building,
    `disagree` points that fall into another grid than their source says."""

    levels: dict[str, int] = field(default_factory=dict)
    by: dict[str, int] = field(default_factory=dict)
    disagree: int = 0
    rewritten: bool = False


def places_table(register: str) -> str:
    return lake().table("register", f"{register}.places")


def doors_table(con: duckdb.DuckDBPyConnection, name: str, texts: Iterable[str], areas: set[str]) -> None:
    """Temporary table (text, areas, road, number, block, unit, room) of distinct addresses."""
    found = [(text, parse(text, areas)) for text in texts]
    columns: dict[str, pa.Array] = {
        "text": pa.array([text for text, _ in found], pa.string()),
        "areas": pa.array([list(door.areas) for _, door in found], pa.list_(pa.string())),
    }
    for part in ("road", "number", "block", "unit", "room"):
        columns[part] = pa.array([getattr(door, part) for _, door in found], pa.string())
    con.register("doors_now", pa.table(columns))
    con.execute(f"CREATE OR REPLACE TEMP TABLE {quoted(name)} AS FROM doors_now")
    con.unregister("doors_now")


def make(con: duckdb.DuckDBPyConnection, territory: Territory, divisions: Divisions) -> Placed:
    """Temporary table `tree` of all places; nothing is written."""
    extensions.load(con, "spatial")
    _nodes(con, territory)
    codes = {
        str(code)
        for (code,) in con.execute(
            "SELECT DISTINCT parent_code FROM nodes WHERE parent_code IS NOT NULL"
        ).fetchall()
    }
    known = {str(code) for (code,) in con.execute("SELECT code FROM nodes").fetchall()}
    _codes(con, {code: divisions.one(code) or code for code in codes if code not in known})
    _up_by_code(con)
    placed = Placed()
    placed.disagree = _up_by_shape(con)
    _named_areas(con)
    names = {
        name
        for (name,) in con.execute(
            "SELECT DISTINCT name FROM nodes WHERE level_no < 3 AND name IS NOT NULL"
        ).fetchall()
    }
    texts = [
        text
        for (text,) in con.execute("SELECT DISTINCT address FROM nodes WHERE address IS NOT NULL").fetchall()
    ]
    doors_table(con, "node_doors", texts, names)
    _descend(con)
    placed.levels = dict(con.execute("SELECT level, count(*) FROM tree GROUP BY level").fetchall())
    placed.by = dict(
        con.execute(
            "SELECT level || ':' || coalesce(placed_by, 'nowhere'), count(*) FROM tree "
            "WHERE level_no > 0 GROUP BY ALL ORDER BY ALL"
        ).fetchall()
    )
    con.execute("DROP TABLE nodes; DROP TABLE node_doors; DROP TABLE up; DROP TABLE codes; DROP TABLE named")
    return placed


def _nodes(con: duckdb.DuckDBPyConnection, territory: Territory) -> None:
    fields = territory.fields

    def text(name: str | None) -> str:
        return f"CAST(g.{quoted(name)} AS VARCHAR)" if name else "CAST(NULL AS VARCHAR)"

    def number(name: str | None) -> str:
        return f"TRY_CAST(g.{quoted(name)} AS DOUBLE)" if name else "CAST(NULL AS DOUBLE)"

    levels = ", ".join(
        f"({literal(resource)}, {LEVELS.index(level)})"
        for resource, level in sorted(territory.level_of().items())
    )
    con.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE nodes AS
        SELECT g.entity_id, l.level_no, {text(fields.code)} AS code, {text(fields.name)} AS name,
               {text(fields.address)} AS address, {text(fields.parent)} AS parent_code,
               {number(fields.longitude)} AS longitude, {number(fields.latitude)} AS latitude,
               TRY(ST_MakeValid(ST_GeomFromText({text(fields.shape)}))) AS shape
        FROM {golden_table(territory.register_)} g JOIN (
            SELECT r.entity_id, min(v.level_no) AS level_no
            FROM {records_table(territory.register_)} r JOIN (VALUES {levels}) v (resource, level_no)
            ON v.resource = r.resource GROUP BY r.entity_id) l ON l.entity_id = g.entity_id
        """
    )


def _codes(con: duckdb.DuckDBPyConnection, today: dict[str, str]) -> None:
    """Table `codes`: what a retired code is called today."""
    con.execute("CREATE OR REPLACE TEMP TABLE codes (was VARCHAR, code VARCHAR)")
    if today:
        con.executemany("INSERT INTO codes VALUES (?, ?)", list(today.items()))


def _up_by_code(con: duckdb.DuckDBPyConnection) -> None:
    """Table `up` (entity_id, parent, placed_by): the one place whose code the source gives as parent."""
    con.execute(
        """
        CREATE OR REPLACE TEMP TABLE up AS
        SELECT n.entity_id, p.entity_id AS parent, CASE WHEN p.entity_id IS NOT NULL THEN 'text' END AS placed_by
        FROM nodes n LEFT JOIN codes c ON c.was = n.parent_code LEFT JOIN (
            SELECT code, any_value(entity_id) AS entity_id, min(level_no) AS level_no
            FROM nodes WHERE code IS NOT NULL GROUP BY code HAVING count(*) = 1) p
        ON p.code = coalesce(c.code, n.parent_code) AND p.level_no <= n.level_no AND p.entity_id <> n.entity_id
        """
    )


def _up_by_shape(con: duckdb.DuckDBPyConnection) -> int:
    """Points in shapes: for what lies in a grid (buildings, and houses with a point of their own) the shape
    goes before the source's word, for communities and grids it fills what the source leaves open."""
    con.execute(
        """
        CREATE OR REPLACE TEMP TABLE held AS
        WITH points AS (
            SELECT entity_id, level_no, coalesce(CASE WHEN longitude IS NOT NULL AND latitude IS NOT NULL
                   THEN ST_Point(longitude, latitude) END, ST_PointOnSurface(shape)) AS point FROM nodes
        ), shapes AS (SELECT entity_id AS holder, level_no AS wide, shape FROM nodes WHERE shape IS NOT NULL AND level_no < 3)
        SELECT entity_id, level_no, holder, wide FROM points JOIN shapes ON ST_Contains(shape, point)
        WHERE point IS NOT NULL AND entity_id <> holder AND wide < level_no
        """
    )
    con.execute(
        """
        CREATE OR REPLACE TEMP TABLE narrowest AS
        SELECT h.entity_id, any_value(h.level_no) AS level_no, any_value(h.holder) AS holder FROM held h
        JOIN (SELECT entity_id, max(wide) AS wide FROM held GROUP BY entity_id) m ON m.entity_id = h.entity_id AND m.wide = h.wide
        GROUP BY h.entity_id HAVING count(*) = 1
        """
    )
    row = con.execute(
        "SELECT count(*) FROM narrowest n JOIN up u USING (entity_id) JOIN nodes p ON p.entity_id = u.parent "
        "JOIN nodes h ON h.entity_id = n.holder WHERE n.level_no >= 3 AND p.level_no = h.level_no AND u.parent <> n.holder"
    ).fetchone()
    con.execute(
        """
        UPDATE up SET parent = n.holder, placed_by = 'geometry' FROM narrowest n, nodes h
        WHERE n.entity_id = up.entity_id AND h.entity_id = n.holder AND (up.parent IS NULL OR (n.level_no >= 3
            AND h.level_no >= (SELECT level_no FROM nodes p WHERE p.entity_id = up.parent)))
        """
    )
    con.execute("DROP TABLE held; DROP TABLE narrowest")
    return int(row[0]) if row else 0


def _named_areas(con: duckdb.DuckDBPyConnection) -> None:
    """Table `named`: the names of the divisions, communities and grids that a place of these levels lies in."""
    con.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE named AS
        WITH RECURSIVE above (entity_id, current, depth) AS (
            SELECT entity_id, entity_id, 0 FROM nodes WHERE level_no < 3
            UNION ALL
            SELECT a.entity_id, u.parent, a.depth + 1 FROM above a JOIN up u ON u.entity_id = a.current
            WHERE u.parent IS NOT NULL AND a.depth < {DEEPEST}
        )
        SELECT a.entity_id, list_distinct(list(n.name) FILTER (n.name IS NOT NULL)) AS names FROM above a
        JOIN nodes n ON n.entity_id = a.current GROUP BY a.entity_id
        """
    )


def _descend(con: duckdb.DuckDBPyConnection) -> None:
    """Table `tree`, level by level from the widest: each place inherits what its parent lies in."""
    con.execute(
        "CREATE OR REPLACE TEMP TABLE tree (entity_id VARCHAR, level VARCHAR, level_no INTEGER, code VARCHAR, name VARCHAR, "
        "parent VARCHAR, division VARCHAR, community VARCHAR, grid VARCHAR, building VARCHAR, names VARCHAR[], road VARCHAR, "
        "number VARCHAR, block VARCHAR, unit VARCHAR, room VARCHAR, longitude DOUBLE, latitude DOUBLE, placed_by VARCHAR)"
    )
    con.execute("CREATE OR REPLACE TEMP TABLE by_door (entity_id VARCHAR, building VARCHAR)")
    for number, level in enumerate(LEVELS):
        if level == "house":
            _houses_by_door(con)
        own = {
            name: f"coalesce(p.{name}, b.{name})" for name in ("division", "community", "grid", "building")
        }
        own["building"] = "coalesce(p.building, b.building)"
        if level in own:
            own[level] = "n.entity_id"
        con.execute(
            f"""
            INSERT INTO tree
            SELECT n.entity_id, {literal(level)}, n.level_no, n.code, n.name, coalesce(u.parent, d.building),
                   {own["division"]}, {own["community"]}, {own["grid"]}, {own["building"]},
                   coalesce(a.names, p.names, b.names, []),
                   coalesce(t.road, p.road), coalesce(t.number, p.number), coalesce(t.block, p.block), t.unit, t.room,
                   coalesce(n.longitude, p.longitude), coalesce(n.latitude, p.latitude),
                   CASE WHEN p.level = 'building' THEN p.placed_by WHEN u.parent IS NOT NULL THEN u.placed_by WHEN d.building IS NOT NULL THEN 'door' END
            FROM nodes n LEFT JOIN up u ON u.entity_id = n.entity_id
            LEFT JOIN tree p ON p.entity_id = u.parent
            LEFT JOIN by_door d ON d.entity_id = n.entity_id AND u.parent IS NULL
            LEFT JOIN tree b ON b.entity_id = d.building
            LEFT JOIN named a ON a.entity_id = n.entity_id LEFT JOIN node_doors t ON t.text = n.address
            WHERE n.level_no = {number}
            """
        )
    con.execute("DROP TABLE by_door")


def _houses_by_door(con: duckdb.DuckDBPyConnection) -> None:
    """Houses whose source names no building: the one building of their road, number and block."""
    con.execute(
        """
        CREATE OR REPLACE TEMP TABLE by_door AS
        SELECT n.entity_id, min(b.entity_id) AS building
        FROM nodes n JOIN up u ON u.entity_id = n.entity_id AND u.parent IS NULL
        JOIN node_doors t ON t.text = n.address
        JOIN tree b ON b.level = 'building' AND b.road = t.road AND b.number IS NOT DISTINCT FROM t.number
            AND b.block IS NOT DISTINCT FROM t.block AND list_has_all(b.names, t.areas)
        WHERE n.level_no = 4 GROUP BY n.entity_id HAVING count(*) = 1
        """
    )
