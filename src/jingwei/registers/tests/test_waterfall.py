"""The bars of a waterfall start where the last one ended, and end at the sum."""

import pytest

from jingwei.registers import waterfall
from jingwei.registers.matching.stored import Weighed
from jingwei.registers.sources import declared


def test_each_bar_begins_where_the_last_one_ended(town):
    weighed = [
        Weighed("name", "person_name", "exact", 12.0, "沈云禾", "沈云禾"),
        Weighed("phone", "phone", "different", -4.0, "19900010001", "19900010002"),
    ]
    found = waterfall.drawn(declared("people").register, weighed, -10.0, 5.0)
    assert found.total == -10.0 + 12.0 - 4.0
    start, name, phone = found.bars
    assert (start.left, start.left + start.width) == pytest.approx((0, found.zero))
    assert name.left == start.left
    assert phone.left + phone.width == pytest.approx(name.left + name.width, abs=0.2)
    assert found.threshold == waterfall.WIDTH - 1
    assert [str(one.level) for one in (name, phone)] == ["一样", "不同"]
