"""Takes an address apart: division, road, number, building, unit, room; Chinese and Latin spellings.

GB/T 23705 builds a Chinese address from the division down: 云溪区松涛街道松间路12号3幢2单元401室. Departments leave
out the division, or write it twice; what stays is the road's last characters and the numbers. Latin
addresses begin (4444 S. Kedzie Ave) or end (Hauptstrasse 12) with the number; the kind of street is
dropped at will, the direction is not.

    address ──▶ plain ──▶ road, house, block, room ──▶ building (road and house or block), door (with every number)

Every part is an SQL expression over one text, because a register has as many addresses as records; `parse` is the
same in Python, for one address.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

DIVISION = (
    r"^(?:[^0-9A-Za-z路巷弄号栋幢]{1,8}?(?:特别行政区|自治区|自治州|自治县|自治旗|省|市|地区|盟|州|区|县|旗|街道办事处|街道|镇|乡|苏木"
    r"|社区|居民委员会|居委会|村民委员会|村委会))+"
)
HOUSE = r"([0-9]+(?:-[0-9]+)?)号(?:[^楼]|$)"
BLOCK = r"([0-9]+|[A-Z甲乙丙丁])(?:号楼|幢|栋|座|楼)"
UNIT = r"([0-9]+|[A-Z甲乙丙丁])单元"
ROOM = r"([0-9]+[A-Z]?)(?:室|房|户|号)?$"
HAN = "[\u3400-\u4dbf\u4e00-\u9fff]"
TAIL = f"({HAN}{{2,3}})[0-9]"
"""The road as all departments write it: its last characters before the first number."""

KINDS = (
    "STREET|STR|ST|AVENUE|AVENIDA|AVE|AV|ROAD|RD|BOULEVARD|BLVD|DRIVE|DRV|DR|LANE|LN|COURT|CRT|CT|PLACE|PLAZA|PLZ|PL|TERRACE|TCE|TER"
    "|CIRCUIT|CCT|CIRCLE|CIR|CRESCENT|CRES|CLOSE|CL|SQUARE|SQ|PARKWAY|PKWY|HIGHWAY|HWY|WAY|WY|TRAIL|TRL|ALLEY|ALY|EXPRESSWAY|EXPY"
    "|STRASSE|STRAßE|RUE|VIA|CALLE"
)
DIRECTIONS = (
    ("NORTHEAST", "NE"), ("NORTHWEST", "NW"), ("SOUTHEAST", "SE"), ("SOUTHWEST", "SW"),
    ("NORTH", "N"), ("SOUTH", "S"), ("EAST", "E"), ("WEST", "W"),
)  # fmt: skip
ORDINAL = r"\1"
INSIDE = r"(?:APARTMENT|APT|SUITE|STE|UNIT|FLOOR|FLR|FL|ROOM|RM|BUILDING|BLDG|#)"


def _replaced(sql: str, pattern: str, by: str = "") -> str:
    return f"regexp_replace({sql}, '{pattern}', '{by}', 'g')"


def plain(value: str) -> str:
    """SQL of the address in capitals without signs; Latin ones keep one space between words."""
    capitals = f"upper({value})"
    han = _replaced(capitals, "[[:space:],，.。()（）#-]")
    return f"CASE WHEN {_is_chinese(value)} THEN {han} ELSE {_words(value)} END"


def numbers(value: str) -> str:
    """SQL of every number of the address, in order, joined by hyphens."""
    return f"nullif(array_to_string(regexp_extract_all({value}, '[0-9]+'), '-'), '')"


def _words(value: str) -> str:
    signs = _replaced(f"upper({value})", "[.,;:()]+", " ")
    return f"trim({_replaced(signs, '[[:space:]]+', ' ')})"


def _street(value: str) -> str:
    """SQL of a Latin street without its number, its kind and what lies inside the building: `S KEDZIE`, `W 103`."""
    sql = _replaced(_words(value), rf" {INSIDE} ?[0-9A-Z-]*( .*)?$")
    sql = _replaced(sql, "^[0-9]+[A-Z]?(-[0-9]+[A-Z]?)? | [0-9]+[A-Z]?$")
    for word, letter in DIRECTIONS:
        sql = _replaced(sql, rf"\b{word}\b", letter)
    sql = _replaced(sql, rf"( ({KINDS}))+$")
    return f"nullif({_replaced(sql, '([0-9]+) ?(ST|ND|RD|TH)$', ORDINAL)}, '')"


def _is_chinese(value: str) -> str:
    return f"regexp_matches({value}, '{HAN}')"


def road(value: str) -> str:
    """SQL of the road: its last two or three characters in Chinese, the bare street in Latin letters."""
    return f"CASE WHEN {_is_chinese(value)} THEN nullif(regexp_extract({value}, '{TAIL}', 1), '') ELSE {_street(value)} END"


def house(value: str) -> str:
    """SQL of the number on the street."""
    latin = f"coalesce(nullif(regexp_extract({value}, '^ *([0-9]+[A-Za-z]?)[ ,-]', 1), ''), nullif(regexp_extract({value}, ' ([0-9]+[A-Za-z]?) *$', 1), ''))"
    return f"CASE WHEN {_is_chinese(value)} THEN nullif(regexp_extract({value}, '{HOUSE}', 1), '') ELSE {latin} END"


def block(value: str) -> str:
    """SQL of the building in its compound: 3 of 3幢."""
    return f"nullif(regexp_extract({value}, '{BLOCK}', 1), '')"


def building(value: str) -> str:
    """SQL of the key of a building: road, number, building of a compound; NULL where neither number is there."""
    return (
        f"CASE WHEN {road(value)} IS NOT NULL AND ({house(value)} IS NOT NULL OR {block(value)} IS NOT NULL) "
        f"THEN concat({road(value)}, '|', {house(value)}, '|', {block(value)}) END"
    )


@dataclass(frozen=True)
class Address:
    """Parts are empty where the address has none; `road` is written out in full."""

    division: str
    road: str
    number: str
    building: str
    unit: str
    room: str


def parse(address: str) -> Address:
    """A Chinese address, normalized by its element, taken apart."""
    text = re.sub(r"[\s,，.。()（）#]", "", address).upper()
    division = re.match(DIVISION, text)
    rest = text[division.end() :] if division else text
    first = re.search(r"[0-9]", rest)
    named = rest[: first.start()] if first else rest
    number, block_, unit = (_found(pattern, rest) for pattern in (HOUSE, BLOCK, UNIT))
    after = max((found.end() for p in (HOUSE, BLOCK, UNIT) if (found := re.search(p, rest))), default=0)
    # The sign after 号 was looked at, not taken.
    return Address(
        division.group(0) if division else "",
        re.sub(r"[A-Z甲乙丙丁]$", "", named),
        number,
        block_,
        unit,
        _found(ROOM, rest[max(after - 1, 0) :]) if after and after < len(rest) else "",
    )


def _found(pattern: str, text: str) -> str:
    found = re.search(pattern, text)
    return found.group(1) if found else ""
