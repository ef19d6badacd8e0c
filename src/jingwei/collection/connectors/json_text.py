"""Values of JSON as the text of a cell, numbers with the digits they came with."""

from __future__ import annotations

import json
from typing import Any


class Literal(str):
    """A number as it is written, which must not gain quotation marks when it is written again."""


def text_of(value: Any) -> str | None:
    """A cell's text: strings and numbers as they are, null as none, anything else as JSON."""
    if value is None or type(value) is str:
        return value
    if isinstance(value, str):
        return str(value)
    if value is True:
        return "true"
    if value is False:
        return "false"
    return written(value)


def written(value: Any) -> str:
    """The value as JSON."""
    if isinstance(value, Literal):
        return str(value)
    if isinstance(value, dict):
        return (
            "{"
            + ", ".join(
                f"{json.dumps(key, ensure_ascii=False)}: {written(inner)}" for key, inner in value.items()
            )
            + "}"
        )
    if isinstance(value, list):
        return "[" + ", ".join(map(written, value)) + "]"
    return json.dumps(value, ensure_ascii=False)
