"""DBF tables, shapefiles and GeoPackages: every digit, every letter, and parts that are missing."""

from __future__ import annotations

import random
import sqlite3
import struct
from pathlib import Path

import duckdb
import pytest

from jingwei.collection.connectors import errors, file_errors, resolve
from jingwei.collection.connectors.geometry import from_wkb
from jingwei.collection.connectors.shapes import polygons, shape_text
from jingwei.collection.connectors.tests.conftest import read
from jingwei.engines.duckdb import extensions

SQUARE = "POLYGON ((0 0, 0 10, 10 10, 10 0, 0 0), (1 1, 2 1, 2 2, 1 2, 1 1))"


def dbf(
    fields: list[tuple[str, str, int]], rows: list[tuple[bytes, ...]], mark: int = 0, encoding: str = "gbk"
) -> bytes:
    """A DBF table; a row whose first cell begins with `*` is a deleted one."""
    length = 1 + sum(size for _, _, size in fields)
    head = (
        struct.pack("<B3BIHH", 3, 126, 1, 2, len(rows), 33 + 32 * len(fields), length)
        + bytes(17)
        + bytes([mark, 0, 0])
    )
    for name, kind, size in fields:
        head += (
            name.encode(encoding).ljust(11, b"\0") + kind.encode() + bytes(4) + bytes([size, 0]) + bytes(14)
        )
    made = head + b"\r"
    for row in rows:
        deleted = row[0].startswith(b"*")
        cells = [row[0].removeprefix(b"*"), *row[1:]]
        made += b"*" if deleted else b" "
        for cell, (_, kind, size) in zip(cells, fields, strict=True):
            made += cell.rjust(size) if kind == "N" else cell.ljust(size)
    return made + b"\x1a"


FIELDS = [("编号", "N", 20), ("姓名", "C", 12), ("生日", "D", 8), ("在册", "L", 1)]
PEOPLE = [("440301199001011234", "沈云禾", "19900101", "T"), ("12345678901234567890", "许可心社区", "", "?")]


def people(encoding: str = "gbk", mark: int = 0) -> bytes:
    return dbf(FIELDS, [tuple(cell.encode(encoding) for cell in one) for one in PEOPLE], mark, encoding)


@pytest.fixture
def spatial(tmp_path: Path):
    """Runs SQL in an engine that writes shapefiles and GeoPackages: a peer, not what reads them here."""
    con = duckdb.connect(config={"allow_unsigned_extensions": "true"})
    extensions.load(con, "spatial")
    yield con
    con.close()


@pytest.fixture
def shapefile(tmp_path: Path, spatial):
    spatial.execute(
        "CREATE TABLE t AS SELECT 440301199001011234 + i AS n18, 'n' || i AS name,"
        f" CASE WHEN i = 1 THEN NULL ELSE ST_GeomFromText('{SQUARE}') END AS geom FROM range(3) r(i)"
    )
    spatial.execute(
        f"COPY t TO '{tmp_path}/区.shp' WITH (FORMAT gdal, DRIVER 'ESRI Shapefile', SRS 'EPSG:4490')"
    )
    return tmp_path / "区.shp"


@pytest.mark.parametrize("encoding", ["gbk", "utf-8"])
def test_a_dbf_table_keeps_every_digit_and_finds_its_encoding(put, encoding):
    fields = (
        FIELDS
        if encoding == "gbk"
        else [("id", "N", 20), ("name", "C", 15), ("born", "D", 8), ("in", "L", 1)]
    )
    content = dbf(fields, [tuple(cell.encode(encoding) for cell in one) for one in PEOPLE], 0, encoding)
    found = read(put(content, "t.dbf"))
    assert found.rows == [(*PEOPLE[0],), (*PEOPLE[1][:2], None, "?")]
    assert found.columns == tuple(name for name, _, _ in fields)
    assert (found.facts["format"], found.facts["encoding"], found.declared) == (
        "dbf", "GB18030" if encoding == "gbk" else "UTF-8", 2
    )  # fmt: skip


def test_contents_decide_against_a_wrong_cpg_and_a_wrong_name(put, tmp_path):
    put("UTF-8", "t.cpg")
    put(people(), "t.dbf")
    found = read(tmp_path / "t.dbf")
    assert (found.rows[0][1], found.facts["cpg"]) == ("沈云禾", "UTF-8")
    assert read(put(people(), "t.csv")).facts["format"] == "dbf"


@pytest.mark.parametrize("said", ["GBK", "936", "CP936", "OEM 936", "ANSI 936", "gb2312"])
def test_a_cpg_settles_what_few_letters_cannot(put, tmp_path, said):
    put(said, "t.cpg")
    put(dbf([("a", "C", 4)], [("龘".encode("gb18030"),), (b"x",)]), "t.dbf")
    assert read(tmp_path / "t.dbf").rows == [("龘",), ("x",)]


def test_deleted_records_are_counted_and_left_out(put):
    found = read(put(dbf([("a", "C", 3)], [(b"one",), (b"*two",), (b"six",)]), "t.dbf"))
    assert (found.rows, found.numbers, found.declared) == ([("one",), ("six",)], [1, 3], 2)
    assert found.facts["deleted_records"] == 1


def test_a_character_the_width_of_the_field_cut_in_two_is_said(put):
    found = read(
        put(dbf([("a", "C", 5)], [("坪山区".encode("gbk")[:5],), ("坪山".encode("gbk"),)] * 5), "t.dbf")
    )
    assert found.rows[:2] == [("坪山",), ("坪山",)]
    assert found.facts["characters_cut_at_the_width"] == 5


def test_fields_that_hold_no_text_are_written_out(put):
    fields = [("i", "I", 4), ("y", "Y", 8), ("t", "T", 8), ("b", "B", 8)]
    day = 2_461_043  # the Julian day of 2026-01-02
    row = (
        struct.pack("<i", -7), struct.pack("<q", -15_000), struct.pack("<ii", day, 3_600_000), struct.pack("<d", 0.1 + 0.2)
    )  # fmt: skip
    [found] = read(put(dbf(fields, [row]), "t.dbf")).rows
    assert found == ("-7", "-1.5000", "2026-01-02 1:00:00", "0.30000000000000004")


def test_long_texts_beside_the_table_are_read_and_missed(put, tmp_path):
    path = put(dbf([("m", "M", 10)], [(b"         1",), (b"          ",)]), "t.dbf")
    with pytest.raises(file_errors.MemoMissing):
        read(path)
    put(bytes(512) + "事情的经过\x1a\x1a".encode("gbk"), "t.dbt")
    assert read(path, encoding="gbk").rows == [("事情的经过",), (None,)]


@pytest.mark.parametrize("keep", [0.3, 0.8])
def test_a_table_that_is_cut_off_is_refused(put, keep):
    whole = people()
    with pytest.raises(file_errors.DbfDamaged) as refusal:
        read(put(whole[: int(len(whole) * keep)], "t.dbf"))
    assert refusal.value.retry_helps


def test_a_shapefile_is_its_table_with_the_shapes_as_text(shapefile):
    found = read(shapefile)
    assert found.columns == ("n18", "name", "geometry")
    assert found.rows == [
        ("440301199001011234", "n0", SQUARE),
        ("440301199001011235", "n1", None),
        ("440301199001011236", "n2", SQUARE),
    ]
    assert (found.facts["format"], found.facts["crs"]) == (
        "shapefile",
        "GCS_China_Geodetic_Coordinate_System_2000",
    )
    assert found.declared == 3


def test_a_missing_reference_system_is_said_and_a_missing_table_refused(shapefile):
    shapefile.with_suffix(".prj").unlink()
    found = read(shapefile)
    assert "crs" not in found.facts and found.facts["missing_parts"] == [".prj"]
    shapefile.with_suffix(".dbf").rename(shapefile.with_suffix(".DBF"))
    assert len(read(shapefile).rows) == 3
    shapefile.with_suffix(".DBF").unlink()
    with pytest.raises(file_errors.ShapefileIncomplete) as refusal:
        read(shapefile)
    assert ".dbf" in str(refusal.value.what)


def test_shapes_that_are_cut_off_or_do_not_match_the_records_are_refused(shapefile):
    whole = shapefile.read_bytes()
    shapefile.write_bytes(whole[:-20])
    with pytest.raises(file_errors.ShapefileDamaged):
        read(shapefile)
    short = whole[:-20]
    shapefile.write_bytes(short[:24] + struct.pack(">i", len(short) // 2) + short[28:])
    with pytest.raises(file_errors.ShapefileDamaged):
        read(shapefile)
    shapefile.write_bytes(whole)
    shapefile.with_suffix(".dbf").write_bytes(dbf([("a", "C", 3)], [(b"one",)]))
    with pytest.raises(file_errors.ShapefileDamaged):
        read(shapefile)


def test_shapes_of_every_kind_read_as_their_writer_meant_them(tmp_path, spatial):
    chance = random.Random(7)

    def ring(x: float, y: float, size: float) -> str:
        return f"({x} {y}, {x} {y + size}, {x + size} {y + size}, {x + size} {y}, {x} {y})"

    def at() -> float:
        return round(chance.uniform(-99, 99), 6)

    kinds = {
        "Point": lambda: f"POINT ({at()} {at()})",
        "MultiPoint": lambda: f"MULTIPOINT ({at()} {at()}, {at()} {at()})",
        "LineString": lambda: f"LINESTRING ({at()} {at()}, {at()} {at()}, {at()} {at()})",
        "MultiLineString": lambda: (
            f"MULTILINESTRING (({at()} {at()}, {at()} {at()}), ({at()} {at()}, {at()} {at()}))"
        ),
        "Polygon": lambda: f"POLYGON ({ring(at(), at(), 5)})",
        "MultiPolygon": lambda: (
            f"MULTIPOLYGON (({ring(0, 0, 50)}, {ring(5, 5, 3)}), ({ring(200, 200, 9)}), ({ring(300, 300, 2)}))"
        ),
    }
    for kind, made in kinds.items():
        texts = [made() for _ in range(5)]
        spatial.execute(
            "CREATE OR REPLACE TABLE s AS SELECT i AS n, ST_GeomFromText(t) AS geom FROM (SELECT unnest(range(5)) AS i, unnest(?) AS t)",
            [texts],
        )
        wkb = spatial.execute("SELECT ST_AsWKB(geom)::BLOB, ST_AsText(geom) FROM s ORDER BY n").fetchall()
        assert [from_wkb(bytes(blob)) for blob, _ in wkb] == [text for _, text in wkb]
        spatial.execute(
            f"COPY (FROM s ORDER BY n) TO '{tmp_path}/{kind}.shp' WITH (FORMAT gdal, DRIVER 'ESRI Shapefile')"
        )
        shapes = [row[-1] for row in read(tmp_path / f"{kind}.shp").rows]
        same = spatial.execute(
            "SELECT bool_and(ST_Equals(ST_GeomFromText(a), ST_GeomFromText(b))) FROM (SELECT unnest(?) AS a, unnest(?) AS b)",
            [texts, shapes],
        ).fetchone()
        assert same == (True,), (kind, texts, shapes)


def test_a_hole_belongs_to_the_smallest_outline_around_it():
    def square(at: float, size: float, clockwise: bool = True) -> list[list[float]]:
        ring = [[at, at], [at, at + size], [at + size, at + size], [at + size, at], [at, at]]
        return ring if clockwise else ring[::-1]

    outer, inner = square(0, 100), square(10, 20)
    hole = square(12, 3, clockwise=False)
    assert polygons([outer, inner, hole]) == [[outer], [inner, hole]]
    assert polygons([hole]) == [[hole]]


def test_heights_are_kept_and_measures_where_every_point_has_one():
    head = struct.pack("<i4dii", 13, 0, 0, 1, 1, 1, 2) + struct.pack("<i", 0) + struct.pack("<4d", 0, 0, 1, 1)
    heights = struct.pack("<2d2d", 5, 6, 5, 6)
    assert shape_text(head + heights) == "LINESTRING Z (0 0 5, 1 1 6)"
    assert (
        shape_text(head + heights + struct.pack("<2d2d", 0, 9, 0.5, 9))
        == "LINESTRING ZM (0 0 5 0.5, 1 1 6 9)"
    )
    assert shape_text(head + heights + struct.pack("<2d2d", 0, 9, -1e39, 9)) == "LINESTRING Z (0 0 5, 1 1 6)"
    assert shape_text(struct.pack("<i4d", 11, 1, 2, 3, -1e39)) == "POINT Z (1 2 3)"


@pytest.fixture
def geopackage(tmp_path: Path, spatial):
    spatial.execute(
        f"CREATE TABLE g AS SELECT i AS 编号, 0.1 + 0.2 AS v, ST_GeomFromText('{SQUARE}') AS geom FROM range(2) r(i)"
    )
    spatial.execute(f"COPY g TO '{tmp_path}/层.gpkg' WITH (FORMAT gdal, DRIVER 'GPKG', SRS 'EPSG:4490')")
    return tmp_path / "层.gpkg"


def test_a_geopackage_is_read_by_layer_with_its_reference_system(geopackage):
    found = read(geopackage, ("编号", "geometry"))
    assert found.columns == ("fid", "geometry", "编号", "v")
    assert found.rows[1] == ("2", SQUARE, "1", "0.3")
    assert (found.facts["format"], found.facts["layer"], found.facts["crs"]) == (
        "geopackage",
        "层",
        "EPSG:4490",
    )
    assert (found.declared, found.numbers) == (2, [1, 2])


def test_layers_are_named_and_faulty_shapes_cost_only_themselves(geopackage):
    with pytest.raises(file_errors.LayerMissing) as refusal:
        read(geopackage, layer="路")
    assert "层" in str(refusal.value.what)
    con = sqlite3.connect(geopackage)
    con.execute("DROP TRIGGER IF EXISTS rtree_层_geom_update1")
    for (name,) in con.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
        con.execute(f'DROP TRIGGER "{name}"')
    con.execute("UPDATE \"层\" SET geom = x'00' WHERE fid = 1")
    con.execute("CREATE TABLE 表 (a TEXT)")
    con.execute("INSERT INTO 表 VALUES ('甲')")
    con.execute("INSERT INTO gpkg_contents (table_name, data_type) VALUES ('表', 'attributes')")
    con.commit()
    con.close()
    with pytest.raises(file_errors.LayerNotNamed):
        read(geopackage)
    found = read(geopackage, layer="层")
    assert (len(found.rows), found.codes) == (1, [(1, "geometry-faulty")])
    assert read(geopackage, layer="表").rows == [("甲",)]


def test_other_files_of_these_names_are_refused(put):
    with pytest.raises(file_errors.DbfDamaged):
        read(put("a,b\n1,2\n" * 20, "t.dbf"))
    with pytest.raises(errors.NotDatabase):
        read(put("a,b\n1,2\n", "t.gpkg"))
    assert resolve(str(put(people(), "u.dbf"))).format == "dbf"
