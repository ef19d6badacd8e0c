"""Which register fields the items on offer read, for those who are about to change a register."""

from __future__ import annotations

from collections.abc import Iterator

from jingwei.packs.service import installed
from jingwei.registers.readers import Reader
from jingwei.window.items import Item


def readers() -> Iterator[Reader]:
    items: dict[str, Item] = dict(installed().section("items"))
    for item in items.values():
        for field in item.fields:
            if field.register and field.register_field:
                yield Reader(field.register, field.register_field, item.title.text())
