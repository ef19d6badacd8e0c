"""One form of a character: traditional and variant forms are folded into the standard one before names are compared.

A resident's card says 劉昇, the insurance 刘升: the same name in two scripts. Folding is for comparison only; no
record's value is changed by it. Of forms that are standard characters of their own in given names (昇 and 升 since
2013) the fold says "may be the same", which is why it has a level of its own below equality.
"""

from __future__ import annotations

from pathlib import Path


def _table() -> dict[int, str]:
    lines = (Path(__file__).parent / "variants.txt").read_text(encoding="utf-8").splitlines()
    pairs = [pair for line in lines if not line.startswith("#") for pair in line.split()]
    return {ord(pair[0]): pair[1] for pair in pairs}


STANDARD = _table()


def folded(text: str) -> str:
    """The text in standard characters."""
    return text.translate(STANDARD)
