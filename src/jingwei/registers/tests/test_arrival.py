"""The same rows give the same register, whatever order and however many batches they come in."""

from __future__ import annotations

import os
import random

import pytest

from jingwei.registers import increment, service, similarity

from .conftest import Town, number, person
from .test_increment import Row, build_name, change, contents

ORDERS = int(os.environ.get("JINGWEI_ORDERS", "1"))
"""`make bench BENCH=arrival` runs fifty."""


def rows() -> list[tuple[str, Row]]:
    """Records of 90 people with every trouble: numbers of two, namesakes, gaps, typing errors."""
    chance = random.Random(7)
    found: list[tuple[str, Row]] = []
    for index in range(90):
        id_number, name, birth, phone = person(index)
        found.append(("a.person", [f"A{index}", id_number, name, birth, phone, None, "2026-01-01"]))
        if index % 3:
            found.append(("b.person", [f"B{index}", id_number, name, birth, None, None, "2026-02-01"]))
        if index % 4 == 0:
            told = phone if index % 8 else None
            found.append(("c.person", [f"C{index}", None, name, birth, told, None, "2026-03-01"]))
        if index % 15 == 0:
            other = person(index + 1)
            found.append(
                ("c.person", [f"D{index}", id_number, other[1], other[2], phone, None, "2026-03-02"])
            )
        if index % 20 == 0:
            twin = number(birth, 900 + index % 50)
            found.append(("b.person", [f"E{index}", twin, name, birth, None, None, "2026-03-03"]))
    chance.shuffle(found)
    return found


@pytest.fixture
def expected(town: Town, monkeypatch: pytest.MonkeyPatch) -> dict[str, list[str]]:
    """The register of all rows at once, and the model it was trained with, which later batches use."""
    monkeypatch.setattr(similarity, "SMALL", 0)
    monkeypatch.setattr(similarity, "STALE", 10.0)
    monkeypatch.setattr(increment, "MOST", 10.0)
    for resource in ("a.person", "b.person", "c.person"):
        town.put(resource, [row for name, row in rows() if name == resource])
    service.link("people")
    return contents()


@pytest.mark.parametrize("order", range(ORDERS))
def test_any_order_and_any_cut_gives_the_same_register(
    town: Town, expected: dict[str, list[str]], order: int
) -> None:
    name = build_name()
    chance = random.Random(order)
    arriving = rows()
    for resource in ("a.person", "b.person", "c.person"):
        change(resource, [], [row[0] for held, row in arriving if held == resource])
    service.link("people")
    assert contents()["records"] == []
    chance.shuffle(arriving)
    while arriving:
        size = chance.choice([3, 50, 90])
        batch, arriving = arriving[:size], arriving[size:]
        for resource in {held for held, _ in batch}:
            change(resource, [row for held, row in batch if held == resource])
        service.link("people")
    assert contents() == expected
    assert build_name() == name
