"""Titles of things (products, projects, documents): words in any order, and the model numbers among them.

A model number mixes digits and letters and is written with and without signs: PDP-6020FD, PDP6020FD. It says
more than all other words, so it has a feature of its own, and two of them serve blocking.

    Sharp AQUOS LC-52SE94U 52' LCD TV → words {sharp, aquos, lc52se94u, 52, lcd, tv}, model lc52se94u
"""

from __future__ import annotations

import re
from collections.abc import Iterable

import pyarrow as pa

WORD = re.compile(r"[0-9a-z]+(?:[-/.][0-9a-z]+)*|[\u3400-\u4dbf\u4e00-\u9fff]")
SIGNS = re.compile(r"[-/.]")
MEASURE = re.compile(
    r"[0-9]+(?:mm|cm|m|km|g|kg|mg|lb|oz|ml|l|gb|mb|tb|mhz|ghz|hz|w|v|mah|in|inch|ft|x|p|mp|k|fps|rpm|btu|bit|pack|pc|pcs|way|th|nd|rd|st|[a-z]{3,})"
)
LEAST = 4
"""Characters of a model number: shorter ones (52in, S2) are sizes as often as names."""


def words(title: str) -> list[str]:
    """Distinct words in order, in small letters, signs within a word dropped."""
    return list(dict.fromkeys(SIGNS.sub("", found) for found in WORD.findall(title.lower())))


def models(title: str) -> list[str]:
    """Words that may be model numbers, the longest first; a plain number needs five digits."""
    found = [word for word in words(title) if _is_model(word)]
    return sorted(found, key=lambda word: (-len(word), word))


def _is_model(word: str) -> bool:
    digits = sum(map(str.isdigit, word))
    if not digits or len(word) < LEAST or MEASURE.fullmatch(word):
        return False
    return digits < len(word) or digits > LEAST


def dictionary(titles: Iterable[str]) -> pa.Table:
    """value; words and models as lists; the two longest models, and the first two words in their order."""
    rows = []
    for title in titles:
        all_words, all_models = words(title), models(title)
        first, second = [*all_models, None, None][:2]
        head = " ".join(sorted(all_words[:2])) or None
        rows.append((title, all_words, all_models or None, first, second, head))
    listed = pa.list_(pa.string())
    types = (pa.string(), listed, listed, pa.string(), pa.string(), pa.string())
    names = ("value", "words", "models", "model", "second_model", "head")
    return pa.table({name: pa.array([row[at] for row in rows], types[at]) for at, name in enumerate(names)})
