"""Finding by words: whole names first, then beginnings, then words, then parts, then slips of the keyboard."""

import pytest

from jingwei.directory.words import Entry, Index

ENTRIES = [
    Entry("police.resident", ("常住人口登记", "Resident registration", "police.resident"), ((2, "区公安分局"), (1.2, "公民身份号码 id_number"))),
    Entry("police.count", ("人口", "Head count", "police.count")),
    Entry("medical.insured", ("医疗保险参保登记", "Health insurance enrolment", "medical.insured"), ((2, "区医保局"), (1, "基本医疗保险的参保人"), (1.2, "手机号 phone"))),
    Entry("rare.names", ("㛃𬀩·登记", "Rare")),
]  # fmt: skip


@pytest.fixture(scope="module")
def index():
    return Index(ENTRIES)


@pytest.mark.parametrize(
    ("asked", "first"),
    [
        ("人口", "police.count"),
        ("常住", "police.resident"),
        ("POLICE.RESIDENT", "police.resident"),
        ("ｍｅｄｉｃａｌ.insured", "medical.insured"),
        ("身份号", "police.resident"),
        ("份号码", "police.resident"),
        ("医保局 手机", "medical.insured"),
        ("医疗参保人", "medical.insured"),
        ("常驻人口登记", "police.resident"),
        ("㛃𬀩", "rare.names"),
        ("insurance enrol", "medical.insured"),
    ],
)
def test_what_is_meant_comes_first(index, asked, first):
    assert index.find(asked)[0] == first


def test_every_piece_has_to_be_found(index):
    assert index.find("登记 手机") == ["medical.insured"]
    assert index.find("登记 没有这样的词") == []


@pytest.mark.parametrize("asked", ["%", "*", "' OR 1=1", "<script>", "\u202e", "·" * 5000, "\0", "登"])
def test_odd_text_harms_nothing(index, asked):
    assert set(index.find(asked)) <= {entry.key for entry in ENTRIES}


@pytest.mark.parametrize("asked", ["", "  "])
def test_nothing_asked_is_everything_in_its_order(index, asked):
    assert index.find(asked) == [entry.key for entry in ENTRIES]
