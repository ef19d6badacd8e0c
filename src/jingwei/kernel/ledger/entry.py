"""The canonical bytes of an entry: one line of JSON that is the same wherever it is made.

What is hashed, kept in segments and handed to a resident is this line: keys in alphabetical order, no spaces,
UTF-8 as it is, times in UTC with six decimals. `mark` and `id` are the database's; the content is without
them, because it is marked before the database has given a number.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from jingwei.kernel.ledger_models import LedgerEntry

CONTENT = (
    "account", "action", "at", "case", "door", "fields", "grant", "nonce", "object", "organization",
    "outcome", "post", "purpose", "subject_count", "subject_digest", "subjects",
)  # fmt: skip
COLUMNS = tuple(sorted((*CONTENT, "id", "mark")))

_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def when(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds")[:-6] + "Z"


def content(values: Mapping[str, Any]) -> bytes:
    """What the mark is made of."""
    return _line({name: values[name] for name in CONTENT})


def leaf(entry: LedgerEntry) -> bytes:
    """What is sealed."""
    return _line({name: getattr(entry, name) for name in COLUMNS})


def leaf_of(row: tuple[Any, ...]) -> bytes:
    """The same from a row of `values_list(*COLUMNS)`."""
    return _line(dict(zip(COLUMNS, row, strict=True)))


def content_of(row: tuple[Any, ...]) -> bytes:
    return _line({name: value for name, value in zip(COLUMNS, row, strict=True) if name in CONTENT})


def _line(values: dict[str, Any]) -> bytes:
    at = values["at"]
    # a row that somebody else wrote may lack its time, and has to be named all the same
    values["at"] = when(at) if isinstance(at, datetime) else str(at)
    return _encode(values).encode("utf-8", "surrogatepass")
