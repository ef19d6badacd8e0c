"""Parquet: every type as exact text, in row groups, and files that are cut off."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pytest
from pyarrow import parquet

from jingwei.collection.connectors import errors, file_errors
from jingwei.collection.connectors.tests.conftest import Everything, read


@pytest.fixture
def written(tmp_path: Path):
    def write(name: str = "t.parquet", row_group_size: int | None = None, **columns: pa.Array) -> Path:
        parquet.write_table(pa.table(columns), tmp_path / name, row_group_size=row_group_size)
        return tmp_path / name

    return write


def column(found: Everything, name: str) -> list[str | None]:
    return [row[found.columns.index(name)] for row in found.rows]


MOMENT = dt.datetime(2026, 1, 2, 3, 4, 5, 600_000)
TYPES = {
    "long": (pa.array([440301199001011234, -(2**63)]), ["440301199001011234", str(-(2**63))]),
    "unsigned": (pa.array([2**64 - 1, None], pa.uint64()), [str(2**64 - 1), None]),
    "text": (pa.array(["007", ""]), ["007", ""]),
    "code": (pa.array(["男", "女"]).dictionary_encode(), ["男", "女"]),
    "truth": (pa.array([True, None]), ["true", None]),
    "double": (pa.array([0.1 + 0.2, 1e300]), ["0.30000000000000004", "1e+300"]),
    "single": (pa.array([0.1, 2.0], pa.float32()), ["0.1", "2"]),
    "money": (pa.array([Decimal("1.50"), Decimal("-0.01")], pa.decimal128(20, 2)), ["1.50", "-0.01"]),
    "tiny": (pa.array([Decimal("1E-10"), Decimal(0)], pa.decimal128(38, 10)), ["0.0000000001", "0.0000000000"]),
    "wide": (pa.array([Decimal(10**50), None], pa.decimal256(60, 0)), [str(10**50), None]),
    "day": (pa.array([dt.date(1899, 12, 31), dt.date(2026, 1, 2)]), ["1899-12-31", "2026-01-02"]),
    "moment": (pa.array([MOMENT, dt.datetime(1850, 1, 1)]), ["2026-01-02 03:04:05.6", "1850-01-01 00:00:00"]),
    "nano": (pa.array([1, 0], pa.timestamp("ns")), ["1970-01-01 00:00:00.000000001", "1970-01-01 00:00:00"]),
    "utc": (
        pa.array([MOMENT, dt.datetime(2026, 1, 1, 16)], pa.timestamp("us", "UTC")),
        ["2026-01-02 11:04:05.6+08:00", "2026-01-02 00:00:00+08:00"],
    ),
    "zoned": (
        pa.array([MOMENT, None], pa.timestamp("ms", "America/New_York")),
        ["2026-01-01 22:04:05.6-05:00", None],
    ),
    "clock": (pa.array([dt.time(1, 2, 3), dt.time(1, 2, 3, 500)]), ["01:02:03", "01:02:03.0005"]),
    "raw": (pa.array(["汉".encode(), b"\xff\x00"]), ["汉", "x'FF00'"]),
    "list": (pa.array([[1, None], []]), ["[1, null]", "[]"]),
    "struct": (
        pa.array([{"n": 2**53 + 1, "d": Decimal("1.50"), "t": "坪山", "w": dt.date(2026, 1, 2)}, None]),
        ['{"n": 9007199254740993, "d": 1.50, "t": "坪山", "w": "2026-01-02"}', None],
    ),
    "map": (pa.array([[("a", 1)], [("b", None)]], pa.map_(pa.string(), pa.int32())), ['{"a": 1}', '{"b": null}']),
}  # fmt: skip


@pytest.mark.parametrize("name", TYPES)
def test_every_type_is_the_text_that_loses_nothing(written, settings, name):
    settings.TIME_ZONE = "Asia/Shanghai"
    values, texts = TYPES[name]
    assert column(read(written(**{name: values, "other": pa.array([1, 2])})), name) == texts


def test_rows_are_counted_from_one_through_all_row_groups(written):
    found = read(written(n=pa.array(range(50_000)), row_group_size=7_000))
    assert found.numbers == list(range(1, 50_001))
    assert column(found, "n") == [str(at) for at in range(50_000)]
    assert (found.declared, found.facts["row_groups"]) == (50_000, 8)


def test_contents_decide_whatever_the_name(written):
    found = read(written("t.csv", a=pa.array([1])))
    assert (found.rows, found.facts["format"]) == ([("1",)], "parquet")


@pytest.mark.parametrize("keep", [0.3, 0.9, 0.999])
def test_a_file_that_is_cut_off_is_refused_and_may_be_sent_again(written, keep):
    path = written(n=pa.array(range(10_000)))
    whole = path.read_bytes()
    path.write_bytes(whole[: int(len(whole) * keep)])
    with pytest.raises(file_errors.ParquetDamaged) as refusal:
        read(path)
    assert refusal.value.retry_helps


def test_a_page_that_was_overwritten_is_an_error_not_rows(written):
    path = written(n=pa.array([f"{at:09}" for at in range(100_000)]))
    data = bytearray(path.read_bytes())
    data[1000:60_000] = bytes(59_000)
    path.write_bytes(data)
    with pytest.raises(file_errors.ParquetDamaged):
        read(path)


def test_other_columns_than_expected_and_sealed_files_are_refused(written, put):
    with pytest.raises(errors.HeaderMissing):
        read(written(a=pa.array([1])), ("姓名",))
    with pytest.raises(file_errors.ParquetEncrypted):
        read(put(b"PARE" + bytes(100), "t.parquet"))
