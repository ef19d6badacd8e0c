"""Whether two sources that write a value differently mean the same thing.

A clerk should settle what differs in fact, not in spelling: one office writes an address with street office
and community, another leaves them out, a third shortens 2单元604室 to 2-604. Two addresses are the same place
when all their numbers agree in order and the name before the first number ends alike. Brackets and spaces
in a company's name are spelling too.
"""

from __future__ import annotations

import re
from itertools import takewhile

ADDRESS, ORGANIZATION = "address", "organization_name"
SIGNS = re.compile(r"[()（）\s·]")
NUMBERS = re.compile(r"\d+")
LEAST_NAME = 2


def same(element: str, one: str, other: str) -> bool:
    if element == ADDRESS:
        return one == other or same_place(one, other)
    if element == ORGANIZATION:
        return SIGNS.sub("", one) == SIGNS.sub("", other)
    return one == other


def same_place(one: str, other: str) -> bool:
    numbers = NUMBERS.findall(one)
    if not numbers or numbers != NUMBERS.findall(other):
        return False
    first, second = NUMBERS.split(one)[0], NUMBERS.split(other)[0]
    ending = takewhile(lambda pair: pair[0] == pair[1], zip(first[::-1], second[::-1], strict=False))
    return sum(1 for _ in ending) >= LEAST_NAME
