"""Placeholders are seen by SQL and Python alike, and what people really are called or number is not one."""

from __future__ import annotations

import duckdb
import pytest

from jingwei.registers.matching.placeholders import is_placeholder, is_placeholder_sql, meaningful_sql

SAY_NOTHING = (
    "000000", "000000000000000000", "11111111111111111X", "99999999", "0000-0000-0000", "123456", "12345678",
    "1234567890", "12345678901", "123456789012345678", "123456789123456789", "12345678912345678X", "0123456789",
    "987654321", "9876543210", "654321", "13800000000", "13888888888", "13912345678", "13800138000", "XXXXXX",
    "1900-01-01", "19000101", "9999-12-31", "无", "无名", "无名氏", "测试", "测试1", "测试人员", "不详", "未知", "某某", "张某",
    "李某某", "王某甲", "Test", "TEST 2", "test01", "n/a", "N/A", "None", "null", "unknown", "-", "--", "***", "？", " 无 ", "　",
)  # fmt: skip
SAY_SOMETHING = (
    "111", "4444", "12345", "11", "110101194912310023", "91440300708461136T", "19912345670", "13800138001", "1970-01-01",
    "1911-11-11", "2012-12-12", "1123456", "234567", "王伟", "吴明", "无锡", "无为", "测试仪器厂", "testa rossa", "Nullarbor", "Na", "Xx",
    "谋", "某地公司", "空军", "同上村", "120000", "A", "北京", "未来科技", "", "100000", "200000", "1020304050",
)  # fmt: skip


@pytest.mark.parametrize("value", SAY_NOTHING)
def test_a_value_typed_to_fill_a_cell_is_a_placeholder(value: str) -> None:
    assert is_placeholder(value)


@pytest.mark.parametrize("value", SAY_SOMETHING)
def test_a_real_value_is_no_placeholder(value: str) -> None:
    assert not is_placeholder(value)


def test_sql_and_python_tell_every_value_alike() -> None:
    con = duckdb.connect()
    for value in (*SAY_NOTHING, *SAY_SOMETHING):
        said = con.execute(f"SELECT {is_placeholder_sql('$1')}", [value]).fetchone()
        assert said == (is_placeholder(value),), value


def test_a_placeholder_becomes_missing_and_missing_stays_missing() -> None:
    con = duckdb.connect()
    kept = con.execute(
        f"SELECT {meaningful_sql('v')} FROM (VALUES ('000000'), ('王伟'), (NULL)) t(v)"
    ).fetchall()
    assert kept == [(None,), ("王伟",), (None,)]
    assert not is_placeholder(None)
