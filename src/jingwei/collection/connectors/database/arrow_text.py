"""Arrow columns of any type as text, without losing anything: what a driver delivers typed becomes evidence.

Numbers keep every digit, decimals their scale, times their fraction; bytes are written as SQL does: x'FFD8'.
"""

from __future__ import annotations

import json
import re
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc


def opaque(kind: pa.DataType) -> bool:
    """Whether the driver hands a value over in a form of its own, so that the database has to print it."""
    if pa.types.is_interval(kind):
        return True
    return (
        isinstance(kind, pa.BaseExtensionType) and "opaque" in str(kind) and not _is_text(kind.storage_type)
    )


def text(column: pa.Array) -> pa.Array:
    """The column as utf8."""
    kind = column.type
    if isinstance(kind, pa.BaseExtensionType):
        if "uuid" in str(kind):
            return _each(column, str)
        return text(column.storage)
    if pa.types.is_dictionary(kind):
        return text(column.dictionary_decode())
    if _is_text(kind):
        return column.cast(pa.string())
    if pa.types.is_null(kind):
        return pa.nulls(len(column), pa.string())
    if pa.types.is_decimal(kind):
        return _decimal(column)
    if pa.types.is_timestamp(kind) or pa.types.is_time(kind):
        return _time(column)
    if (
        pa.types.is_boolean(kind)
        or pa.types.is_integer(kind)
        or pa.types.is_floating(kind)
        or pa.types.is_date(kind)
    ):
        return column.cast(pa.string())
    if _is_bytes(kind):
        return _each(column, lambda value: f"x'{value.hex().upper()}'")
    if pa.types.is_nested(kind):
        return _each(column, lambda value: json.dumps(value, ensure_ascii=False, default=str))
    return _each(column, str)


def _is_text(kind: pa.DataType) -> bool:
    return pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind)


def _is_bytes(kind: pa.DataType) -> bool:
    return (
        pa.types.is_binary(kind)
        or pa.types.is_large_binary(kind)
        or pa.types.is_fixed_size_binary(kind)
        or pa.types.is_binary_view(kind)
    )


def _each(column: pa.Array, said: Any) -> pa.Array:
    return pa.array([None if value is None else said(value) for value in column.to_pylist()], pa.string())


def _decimal(column: pa.Array) -> pa.Array:
    printed = column.cast(pa.string())
    # very small ones come as 1E-7
    if pc.any(pc.match_substring(printed, "E")).as_py():
        return _each(column, lambda value: format(Decimal(value), "f"))
    return printed


_ZEROS = r"\.0+(Z|[-+][0-9:]+)?$"
_TRAILING = r"(\.[0-9]*[1-9])0+(Z|[-+][0-9:]+)?$"


def _time(column: pa.Array) -> pa.Array:
    """ISO, with as much of a fraction as there is; a time with a zone in UTC, which is what Arrow keeps of it."""
    zoned = pa.types.is_timestamp(column.type) and column.type.tz is not None
    plain = column.cast(pa.timestamp(column.type.unit)) if zoned else column
    printed = pc.replace_substring_regex(plain.cast(pa.string()), pattern=_ZEROS, replacement="")
    printed = pc.replace_substring_regex(printed, pattern=_TRAILING, replacement=r"\1")
    return pc.binary_join_element_wise(printed, "+00:00", "") if zoned else printed


NUMBER = re.compile(r"[-+]?\d+(?:\.\d*)?(?:[eE][-+]?\d+)?")
"""A number as SQL takes it."""
