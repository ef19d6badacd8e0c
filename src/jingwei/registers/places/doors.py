"""An address taken apart into the areas it names, its road and its numbers.

Six clerks write one dwelling in six ways (8号2幢1单元301室, 8#2栋1-301, 8-2-1-301); taken apart they
agree. Numbers that say what they are (幢, 单元, 室) go where they belong, the others fill what is left
in the order in which addresses run: house number, building, unit, room.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache

PARTS = ("number", "block", "unit", "room")
MARKS = {
    "号楼": "block", "幢": "block", "栋": "block", "座": "block", "楼": "block",
    "单元": "unit", "门": "unit", "号商铺": "shop", "商铺": "shop", "号铺": "shop", "铺": "shop",
    "号房": "room", "号室": "room", "室": "room", "房": "room", "户": "room",
    "号": "number", "#": "number", "弄": "number", "层": "floor",
}  # fmt: skip
SHOP = "铺"
"""A shop's number is none of a dwelling, so that shop 101 is not taken for room 101."""
ROOM_FROM = 100
_TOKEN = re.compile(
    r"(附)?([A-Z]?\d+[A-Z]?|[A-Z](?=[座栋幢楼]))(" + "|".join(sorted(MARKS, key=len, reverse=True)) + ")?"
)
_NUMERAL = re.compile(
    r"[一二三四五六七八九十百零〇]+(?=(?:号楼|号|幢|栋|单元|室|座|弄|层)(?![一-鿿]*[路街巷道]))"
)
_AREA = re.compile(
    r"[一-鿿]{2,8}?(?:省|自治区)|[一-鿿]{2,5}?(?:自治州|地区|市)|[一-鿿]{1,5}?(?:(?<!小)(?<!社)区|县|旗)"
    r"|[一-鿿]{1,6}?(?:街道|镇|乡)|[一-鿿]{1,8}?(?:社区|村委会|居委会)"
)
_DIGITS = {c: n for n, c in enumerate("〇一二三四五六七八九")} | {"零": 0}


@dataclass(frozen=True)
class Door:
    """`areas` are the known areas that the text begins with, widest first; a part that is not said is None."""

    areas: tuple[str, ...] = ()
    road: str | None = None
    number: str | None = None
    block: str | None = None
    unit: str | None = None
    room: str | None = None


def parse(text: str, areas: Collection[str] = frozenset()) -> Door:
    """Takes one address apart; `areas` are the names of divisions, communities and grids that are known."""
    whole = re.sub(r"\s+", "", unicodedata.normalize("NFKC", text)).upper()
    whole = re.sub(r"\([^)]*\)", "", whole).replace("—", "-").replace("–", "-")
    named, rest = _areas(whole, areas)
    rest = _NUMERAL.sub(lambda found: str(_number(found[0])), rest)
    first = _TOKEN.search(rest)
    road = (rest[: first.start()] if first else rest).strip("-,，、.") or None
    return Door(named, road, **_parts(rest))


def _areas(whole: str, known: Collection[str]) -> tuple[tuple[str, ...], str]:
    """The known areas at the start and what follows; areas nobody knows are passed over."""
    named: list[str] = []
    rest = whole
    while rest:
        length = next((n for n in range(min(12, len(rest)), 1, -1) if rest[:n] in known), 0)
        if length:
            named.append(rest[:length])
            rest = rest[length:]
            continue
        unknown = _AREA.match(rest)
        # What remains must still be an address: 市 and 区 also occur within names of roads and estates.
        if not unknown or not re.match(r"[一-鿿]{2}", rest[unknown.end() :]):
            break
        rest = rest[unknown.end() :]
    return tuple(named), rest


def _parts(rest: str) -> dict[str, str | None]:
    found: dict[str, str | None] = dict.fromkeys(PARTS)
    tokens = list(_TOKEN.finditer(rest))
    for place, token in enumerate(tokens):
        value, mark = token[2].lstrip("0") or "0", MARKS.get(token[3] or "")
        if token[1]:
            found["number"] = f"{found['number'] or ''}附{value}"
        elif mark == "shop":
            found["room"] = SHOP + value
        elif mark == "number" and found["number"] is not None:
            found["block" if found["block"] is None and place + 1 < len(tokens) else "room"] = value
        elif mark in PARTS:
            found[mark] = value
        elif mark is None:
            _fill(found, value, last=place + 1 == len(tokens))
    return found


def _fill(found: dict[str, str | None], value: str, *, last: bool) -> None:
    """A bare number: the next part that nothing after it was said of; a last one of three digits is a room."""
    said = max((place for place, part in enumerate(PARTS) if found[part] is not None), default=-1)
    if last and said >= 0 and value.isdigit() and int(value) >= ROOM_FROM:
        found["room"] = value
    elif said + 1 < len(PARTS):
        found[PARTS[said + 1]] = value


@lru_cache(maxsize=1000)
def _number(text: str) -> int:
    """十二 → 12, 一〇三 → 103, 二百零五 → 205."""
    if not set(text) & set("十百"):
        return int("".join(str(_DIGITS[c]) for c in text))
    total, current = 0, 0
    for c in text:
        if c == "百":
            total, current = total + (current or 1) * 100, 0
        elif c == "十":
            total, current = total + (current or 1) * 10, 0
        else:
            current = _DIGITS[c]
    return total + current
