"""Standardizing tables: what comes out beside a value, and that the two ways to it agree on anything."""

import random

import duckdb
import pytest

from jingwei.catalog.cases import documents
from jingwei.catalog.sql import install
from jingwei.catalog.values import (
    Column,
    faulty_sql,
    reasons_sql,
    standardize_many,
    standardize_one,
    standardize_sql,
    standardizer,
)
from jingwei.kernel.text import Text
from jingwei.packs.errors import UnknownName
from jingwei.packs.service import installed, shipped


def standard_elements() -> list[str]:
    return sorted(name for name, one in installed().declared["elements"].items() if one.pack == "standards")


ODD = "Ａ１　 \t\u200b'-—·•()（）[]*?□，,.。/、年月日时E+Xx×OIZ0123456789零一二十张测试无某先生万元%￥\ue000𠮷é\x00\\\"{}"


@pytest.fixture(scope="module")
def con():
    with duckdb.connect() as connection:
        yield connection


@pytest.fixture(scope="module")
def people(con):
    con.execute(
        """CREATE TABLE people AS SELECT * FROM (VALUES
        (1, '裴 星河', '男', '2026/1/5'), (2, '测试', 'x', '2026-02-30'), (3, NULL, '', '无')
        ) AS t(row, "姓 名", "性别", "登记日期")"""
    )
    return [
        Column("name", standardizer("person_name"), '"姓 名"'),
        Column("sex", standardizer("sex"), '"性别"'),
        Column("registered_on", standardizer("date"), '"登记日期"'),
    ]


def test_all_columns_come_out_typed_and_null_where_refused(con, people):
    rows = con.execute(
        f"SELECT row, name, sex, registered_on::VARCHAR, typeof(registered_on) "
        f"FROM ({standardize_sql('people', people, ['row'])}) ORDER BY row"
    ).fetchall()
    assert rows == [
        (1, "裴星河", "1", "2026-01-05", "DATE"),
        (2, None, None, None, "DATE"),
        (3, None, None, None, "DATE"),
    ]


def test_a_row_tells_every_reason_in_both_languages_and_a_sound_row_none(con, people):
    rows = con.execute(
        f"SELECT {reasons_sql(people)}, {faulty_sql(people)} "
        f"FROM ({standardize_sql('people', people, ['row'])}) ORDER BY row"
    ).fetchall()
    assert [faulty for _, faulty in rows] == [False, True, False]
    assert rows[0][0] is None and rows[2][0] is None
    assert [(r["field"], r["code"]) for r in rows[1][0]] == [
        ("name", "placeholder"),
        ("sex", "unknown-code"),
        ("registered_on", "impossible"),
    ]
    assert rows[1][0][2]["zh"] == "没有 2026-02-30 这一天"
    assert rows[1][0][2]["en"] == "there is no 2026-02-30"


def test_a_message_shows_the_text_as_it_came_and_not_more_than_forty_characters():
    given = "＊" + "很" * 60
    reason = standardize_one("sex", given).fault
    assert reason.text == Text(f"“{given[:40]}”不在代码表里", f"“{given[:40]}” is not in the code list")


def test_an_unknown_element_is_named_with_its_neighbour():
    with pytest.raises(UnknownName) as refused:
        standardize_one("resident_ids", "1")
    assert "resident_id" in str(refused.value)


def test_many_values_keep_their_order_and_their_gaps():
    found = standardize_many("integer", ["3", None, "x", "1,000"])
    assert [one.value for one in found] == [3, None, None, 1000]
    assert [one.fault and one.fault.code for one in found] == [None, None, "not-a-number", None]
    assert standardize_many("integer", []) == []


@pytest.fixture(scope="module")
def written() -> dict[str, list[str]]:
    """The texts of the pack's cases, by element."""
    found: dict[str, list[str]] = {}
    for _, cases, _ in documents(shipped() / "standards"):
        found.setdefault(cases.element, []).extend(case.given for case in cases.cases)
    return found


def slipped(text: str, chance: random.Random) -> str:
    for _ in range(chance.choice([1, 1, 2, 3])):
        at = chance.randrange(len(text) + 1)
        text = text[:at] + chance.choice([*ODD, ""]) + text[at + chance.choice([0, 1]) :]
    return text


@pytest.mark.parametrize("name", standard_elements())
def test_on_any_text_both_ways_agree_and_a_value_is_given_again(name, written):
    """The written cases with slips of the hand: `quick` decides nothing alone, and mending has an end."""
    chance = random.Random(name)
    texts = [slipped(chance.choice(written[name]), chance) for _ in range(600)]
    quick, slow = standardize_many(name, texts), standardize_many(name, texts, quick=False)
    assert [(text, one, two) for text, one, two in zip(texts, quick, slow, strict=True) if one != two] == []
    values = [str(one.value) for one in quick if one.value is not None]
    again = [str(one.value) for one in standardize_many(name, values)]
    assert [(one, two) for one, two in zip(values, again, strict=True) if one != two] == []


@pytest.mark.parametrize("text", [None, "", "990101198402290017", " 990101198402290017", "99010119840229001"])
def test_one_value_comes_out_as_it_would_among_many(text):
    assert [standardize_one("resident_id", text)] == standardize_many("resident_id", [text])


def test_the_macro_for_written_sql_tidies_as_the_levels_do(con):
    install(con)
    texts = ["　Ａ１２  ｂ\t", "无", "N/A", "", "－", "纺织，布", None, "a\u200bb"]
    macro = [con.execute("SELECT tidy(?)", [text]).fetchone()[0] for text in texts]
    assert macro == ["A12 b", None, None, None, None, "纺织，布", None, "ab"]
    # plain_text takes what tidying leaves, and adds nothing to it
    assert macro == [one.value for one in standardize_many("plain_text", texts)]
