"""Arrow columns as text: every digit, every fraction, every byte."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from decimal import Decimal

import pyarrow as pa
import pytest

from jingwei.collection.connectors.database.arrow_text import text


@pytest.mark.parametrize(
    ("values", "kind", "expected"),
    [
        ([990101199001011234, None], pa.int64(), ["990101199001011234", None]),
        ([2**64 - 1], pa.uint64(), ["18446744073709551615"]),
        ([Decimal("1200.50"), Decimal("-0.10")], pa.decimal128(10, 2), ["1200.50", "-0.10"]),
        ([Decimal("0.0000000001")], pa.decimal128(20, 10), ["0.0000000001"]),
        ([Decimal(10**60)], pa.decimal256(76, 0), ["1" + "0" * 60]),
        ([0.1, 1e300, -2.5], pa.float64(), ["0.1", "1e+300", "-2.5"]),
        ([0.1], pa.float32(), ["0.1"]),
        ([True, False, None], pa.bool_(), ["true", "false", None]),
        ([date(1899, 12, 31)], pa.date32(), ["1899-12-31"]),
        ([datetime(2026, 11, 1, 8, 30)], pa.timestamp("us"), ["2026-11-01 08:30:00"]),
        ([datetime(2026, 11, 1, 8, 30, 0, 120000)], pa.timestamp("us"), ["2026-11-01 08:30:00.12"]),
        ([datetime(2026, 11, 1, 8, 30, tzinfo=UTC)], pa.timestamp("us", "Asia/Shanghai"), ["2026-11-01 08:30:00+00:00"]),
        ([time(8, 30, 0, 5)], pa.time64("us"), ["08:30:00.000005"]),
        ([b"\xff\xd8", b"", None], pa.binary(), ["x'FFD8'", "x''", None]),
        (["坪山", ""], pa.large_string(), ["坪山", ""]),
        (["a", "a", None], pa.dictionary(pa.int8(), pa.string()), ["a", "a", None]),
        ([[1, 2], None], pa.list_(pa.int32()), ["[1, 2]", None]),
        ([None, None], pa.null(), [None, None]),
    ],
)  # fmt: skip
def test_a_column_as_text(values, kind, expected):
    assert text(pa.array(values, kind)).to_pylist() == expected
