from __future__ import annotations

import pytest

from jingwei.registers.places.doors import Door, parse

KNOWN = {"云溪区", "松涛街道", "听松社区"}
SAME = Door((), "松间路", "8", "2", "1", "301")


@pytest.mark.parametrize(
    "text",
    [
        "松间路8号2幢1单元301室", "松间路8#2栋1单元301", "松间路8号2幢1-301", "松间路8-2-1-301", "松间路 8 号 2 幢 1 单元 301 室",
        "松间路８号２幢１单元３０１室", "松间路八号二幢一单元301室", "松间路8号2号楼1单元0301室",
    ],
)  # fmt: skip
def test_one_dwelling_written_by_many_clerks_is_one_door(text):
    assert parse(text) == SAME


def test_known_areas_are_named_and_unknown_ones_passed_over():
    assert parse("云溪区松涛街道听松社区松间路8号", KNOWN).areas == ("云溪区", "松涛街道", "听松社区")
    assert parse("浙江省杭州市西湖区文三路90号1号楼603") == Door((), "文三路", "90", "1", None, "603")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("浣纱街3号101室", Door((), "浣纱街", "3", None, None, "101")),
        ("翠屏里21号", Door((), "翠屏里", "21")),
        ("松间路12号附3号", Door((), "松间路", "12附3")),
        ("中山三路十二号A座1203室", Door((), "中山三路", "12", "A", None, "1203")),
        ("花园小区3幢402", Door((), "花园小区", None, "3", None, "402")),
        ("松间路", Door((), "松间路")),
        ("", Door()),
    ],
)
def test_what_is_not_said_stays_open(text, expected):
    assert parse(text) == expected


def test_a_shop_is_not_the_dwelling_of_its_number():
    assert parse("松间路8号2幢101号商铺").room != parse("松间路8号2幢101室").room
