"""JSON documents with the records somewhere inside, and GeoJSON."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from jingwei.collection.connectors import errors, file_errors
from jingwei.collection.connectors.geometry import NotAShape, from_geojson
from jingwei.collection.connectors.json_stream import Stream
from jingwei.collection.connectors.tests.conftest import read

PEOPLE = [
    {"姓名": "沈云禾", "地址": {"街道": "松涛", "门牌": {"号": 7}}},
    {"姓名": "许可心", "标签": [1, {"a": 2}]},
]
POINT = {"type": "Point", "coordinates": [114.5, 22.25]}


def put_json(put, value: object, name: str = "t.json", **style) -> Path:
    return put(json.dumps(value, ensure_ascii=False, **style), name)


@pytest.mark.parametrize("style", [{}, {"indent": 2}, {"separators": (",", ":")}])
def test_the_records_of_a_document_are_found_and_flattened(put, style):
    document = {"code": 0, "data": {"pages": [1, 2], "items": PEOPLE, "few": [{"x": 1}]}, "total": 2}
    found = read(put_json(put, document, **style))
    assert found.columns == ("姓名", "地址.街道", "地址.门牌.号", "标签")
    assert found.rows == [("沈云禾", "松涛", "7", None), ("许可心", None, None, '[1, {"a": 2}]')]
    assert found.facts["records"] == "data.items"
    assert found.facts["document"] == {"code": "0", "total": "2"}
    assert found.facts["format"] == "json"


def test_the_list_with_the_expected_columns_is_meant_even_if_another_is_longer(put):
    document = {"long": [{"x": 1}] * 9, "people": PEOPLE}
    assert len(read(put_json(put, document), ("姓名",)).rows) == 2
    assert len(read(put_json(put, document)).rows) == 9


def test_a_named_list_is_read_and_a_wrong_name_tells_the_right_ones(put):
    path = put_json(put, {"a": {"b": [{"x": 1}]}, "c": [{"x": 2}, {"x": 3}]})
    assert read(path, records="a.b").rows == [("1",)]
    with pytest.raises(file_errors.RecordsMissing) as refusal:
        read(path, records="a.d")
    assert "a.b (1)" in str(refusal.value.what)


def test_lists_of_one_length_that_cannot_be_told_apart_are_refused(put):
    with pytest.raises(file_errors.RecordsAmbiguous):
        read(put_json(put, {"a": [{"x": 1}], "b": [{"y": 1}]}))


def test_numbers_inside_a_document_keep_their_digits_and_rows_their_lines(put):
    found = read(put('{\n "rows": [\n  {"id": 440301199001011234, "v": 1.50},\n  {"id": 2}\n ]\n}', "t.json"))
    assert found.rows == [("440301199001011234", "1.50"), ("2", None)]
    assert found.numbers == [3, 4]


def test_damaged_records_inside_a_document_cost_only_themselves(put):
    found = read(put('{"rows": [{"a": 1}, {"a" 2}, 5, {"a": "x\n}, {"a": 4}, {"a": 1, "a": 2}]}', "t.json"))
    assert found.rows[0] == ("1",) and found.rows[-1] == ("4",)
    assert [code for _, code in found.codes][:2] == ["malformed-json", "not-object"]
    assert found.codes[-1][1] == "repeated-key"


@pytest.mark.parametrize("cut", [30, 60, 85, -1])
def test_a_document_that_is_cut_off_is_refused_wherever_it_ends(put, cut):
    text = json.dumps({"rows": [{"a": at, "b": "文"} for at in range(9)], "after": {"x": 1}})
    assert len(text) > 90
    with pytest.raises((errors.JsonCutOff, errors.JsonNotTable)):
        read(put(text[:cut], "t.json"))


def test_null_in_one_record_and_an_object_in_another_is_one_family_of_columns(put):
    found = read(put_json(put, {"rows": [{"a": None, "b": 1}, {"a": {"c": 2}, "b": {}}]}))
    assert found.columns == ("b", "a.c")
    assert found.rows == [("1", None), (None, "2")]


def test_two_names_that_flatten_to_the_same_are_set_aside(put):
    found = read(put_json(put, {"rows": [{"a.b": 1, "a": {"b": 2}}, {"a": {"b": 3}}]}))
    assert (found.rows, [code for _, code in found.codes]) == ([("3",)], ["repeated-key"])


def test_a_page_a_line_is_one_table(put):
    lines = "\n".join(json.dumps({"data": {"items": [{"a": at}]}}) for at in range(3))
    assert read(put(lines, "t.json"), records="data.items").rows == [("0",), ("1",), ("2",)]
    assert read(put(lines, "t.json"), ("a",)).rows == [("0",), ("1",), ("2",)]


def test_objects_one_after_the_other_over_several_lines_are_records(put):
    text = "\n".join(json.dumps({"a": at, "b": "x"}, indent=1) for at in range(3))
    assert read(put(text, "t.json")).rows == [("0", "x"), ("1", "x"), ("2", "x")]


def test_an_array_on_one_endless_line_is_read(put, monkeypatch):
    monkeypatch.setattr("jingwei.collection.connectors.json_stream.BLOCK", 1_000)
    records = [{"n": at, "t": "坪山" * 20} for at in range(500)]
    assert [row[0] for row in read(put_json(put, records)).rows] == [str(at) for at in range(500)]
    assert len(read(put_json(put, {"rows": records})).rows) == 500


@pytest.mark.parametrize("block", [1, 7, 64])
def test_values_are_cut_out_alike_however_the_file_is_chunked(block):
    text = '[{"a": "]}\\"{,"}, 123456, -1.5e3 , true, {"b" 2}, [1,\n2], "x,y" , null]'

    class Characters:
        def __init__(self) -> None:
            self.at = 0

        def read(self, size: int) -> str:
            self.at += block
            return text[self.at - block : self.at]

    stream = Stream("t", Characters())
    stream.take("[")
    assert [value for _, value in stream.elements()] == [
        '{"a": "]}\\"{,"}', "123456", "-1.5e3", "true", '{"b" 2}', "[1,\n2]", '"x,y"', "null"
    ]  # fmt: skip


def feature(properties: object, geometry: object = POINT, **more: object) -> dict[str, object]:
    return {"type": "Feature", "properties": properties, "geometry": geometry, **more}


def test_the_properties_of_features_are_columns_and_the_shape_is_text(put):
    collection = {
        "type": "FeatureCollection",
        "crs": {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::4490"}},
        "features": [
            feature({"名称": "坪山区", "中心": [114.3, 22.6]}, id=7),
            feature({"名称": "无形"}, None),
            feature({"名称": "坏"}, {"type": "Point", "coordinates": ["x", 1]}),
            {"type": "Other"},
        ],
    }
    found = read(put_json(put, collection, "t.geojson"))
    assert found.columns == ("名称", "中心", "id", "geometry")
    assert found.rows == [("坪山区", "[114.3, 22.6]", "7", "POINT (114.5 22.25)"), ("无形", None, None, None)]
    assert [code for _, code in found.codes] == ["geometry-faulty", "not-feature"]
    assert found.facts["crs"] == "urn:ogc:def:crs:EPSG::4490"


@pytest.mark.parametrize("shape", ["list", "lines", "one", "airy"])
def test_features_are_known_by_their_contents_in_any_wrapping(put, shape):
    features = [feature({"a": at}) for at in range(1 if shape == "one" else 3)]
    text = {
        "list": json.dumps(features),
        "lines": "\n".join(map(json.dumps, features)),
        "one": json.dumps(features[0], indent=1),
        "airy": "\n".join(json.dumps(one, indent=1) for one in features),
    }[shape]
    found = read(put(text, "t.json"))
    assert found.rows == [(str(at), "POINT (114.5 22.25)") for at in range(len(features))]
    assert (found.facts["format"], found.facts["crs"], found.facts["crs_said"]) == (
        "geojson",
        "OGC:CRS84",
        False,
    )


def test_a_property_named_geometry_keeps_its_column(put):
    found = read(put_json(put, [feature({"geometry": "是", "id": 3}, id=9)]))
    assert found.columns == ("geometry", "id", "id_2", "geometry_2")
    assert found.rows == [("是", "3", "9", "POINT (114.5 22.25)")]


def test_coordinates_keep_every_digit_they_are_written_with(put):
    text = '[{"type":"Feature","properties":{"a":1},"geometry":{"type":"Point","coordinates":[114.430728123456789,22.10]}}]'
    assert read(put(text, "t.json")).rows == [("1", "POINT (114.430728123456789 22.10)")]


@pytest.mark.parametrize(
    ("kind", "coordinates", "text"),
    [
        ("Point", [1, 2.5, 3], "POINT Z (1 2.5 3)"),
        ("Point", [], "POINT EMPTY"),
        ("MultiPoint", [[1, 2], [3, 4]], "MULTIPOINT (1 2, 3 4)"),
        ("LineString", [[0, 0], [1, 1]], "LINESTRING (0 0, 1 1)"),
        ("Polygon", [[[0, 0], [1, 0], [0, 1], [0, 0]]], "POLYGON ((0 0, 1 0, 0 1, 0 0))"),
        ("MultiPolygon", [[[[0, 0], [1, 0], [0, 0]]]], "MULTIPOLYGON (((0 0, 1 0, 0 0)))"),
    ],
)
def test_every_kind_of_shape_has_its_text(kind, coordinates, text):
    assert from_geojson({"type": kind, "coordinates": coordinates}) == text


@pytest.mark.parametrize(
    "shape",
    [
        {"type": "Point", "coordinates": [1]},
        {"type": "Point", "coordinates": [[1, 2]]},
        {"type": "LineString", "coordinates": [[1, 2], [3]]},
        {"type": "Polygon", "coordinates": [[1, 2], [3, 4]]},
        {"type": "Point", "coordinates": [1, True]},
        {"type": "Cube", "coordinates": [1, 2]},
        {"type": "Point"},
        "POINT (1 2)",
    ],
)
def test_what_is_no_shape_is_refused(shape):
    with pytest.raises(NotAShape):
        from_geojson(shape)


def test_real_shapes_match_pythons_own_reading(shared: Path):
    for path in [*shared.glob("places/gmap_*.json"), *shared.glob("disaster/*/*.geojson")]:
        document = json.loads(path.read_text("utf-8"), parse_float=str, parse_int=str)
        features = document if isinstance(document, list) else document["features"]
        found = read(path)
        assert (len(found.rows), found.rejects) == (len(features), [])
        at = found.columns.index("geometry")
        for row, one in zip(found.rows, features, strict=True):
            numbers = json.dumps(one["geometry"]["coordinates"]).replace('"', "")
            flat = numbers.translate(str.maketrans("[],", "   ")).split()
            text = row[at].translate(str.maketrans("(),", "   ")).split()
            assert text[1:] == flat
