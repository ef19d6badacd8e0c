"""The shape of texts: `A999` for a number plate, `中中中` for a name, `9{18}` for an identity number.

Each character becomes the sign of its kind; longer texts have runs of one kind drawn together. A shape tells
of the way of writing and not of the person, so it can be shown where the value cannot.
"""

from __future__ import annotations

import re

from jingwei.catalog.sql import quoted

EXACT = 20
"""Texts up to this length keep the length of every run."""
KINDS = (
    ("[0-9]", "9"),
    ("[A-Z]", "A"),
    ("[a-z]", "a"),
    (r"[\p{Han}〇]", "中"),
    (r"[^\x{0}-\x{7f}中\p{P}\p{S}\p{Z}]", "文"),
)
"""In this order: the last takes letters of any other script, and leaves the signs of the kinds before alone."""


def shape_sql(text: str) -> str:
    """The shape of a VARCHAR expression."""
    return f"CASE WHEN strlen({text}) <= {EXACT} OR length({text}) <= {EXACT} THEN {_replaced(text, '')} ELSE {_replaced(text, '+')} END"


def _replaced(text: str, more: str) -> str:
    for pattern, sign in KINDS:
        text = f"regexp_replace({text}, {quoted(pattern + more)}, {quoted(sign + more)}, 'g')"
    return text


def short(shape: str) -> str:
    """The shape for people: runs of five and more are counted, `9{18}`."""
    return re.sub(r"(.)\1{4,}", lambda run: f"{run[1]}{{{len(run[0])}}}", shape)
