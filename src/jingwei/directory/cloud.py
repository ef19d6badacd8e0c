"""The whole as one picture (数据云图): departments, their resources, the registers, the items.

    department ─▶ resource ─▶ register ─▶ item

Heights follow what there is; a resource's tint is its sharing type, with its word in the list below.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.urls import reverse

from jingwei.directory.kept import while_unchanged
from jingwei.directory.picture import fit
from jingwei.directory.resources import Resource, resources
from jingwei.kernel.text import Text
from jingwei.packs.service import Catalogue

ROW, GAP, TOP, BLOCK = 24, 8, 26, 10
AT = {"organization": 0, "resource": 290, "register": 680, "item": 1000}
WIDE = {"organization": 200, "resource": 280, "register": 210, "item": 230}
TITLES = {
    "organization": Text("部门", "Departments"),
    "resource": Text("信息资源", "Resources"),
    "register": Text("基础库", "Registers"),
    "item": Text("窗口事项", "Items at the window"),
}
FILLS = {"unconditional": "f-3", "conditional": "f-2", "not_shared": "f-line"}
SIGNS = {"organization": 22, "resource": 35, "register": 24, "item": 28}


@dataclass
class Spot:
    stage: str
    key: str
    title: Text
    address: str
    fill: str
    y: float = 0
    height: float = ROW

    @property
    def x(self) -> int:
        return AT[self.stage]

    @property
    def width(self) -> int:
        return WIDE[self.stage]

    @property
    def middle(self) -> float:
        return self.y + self.height / 2

    @property
    def label(self) -> str:
        return fit(str(self.title), SIGNS[self.stage])


@dataclass(frozen=True)
class Thread:
    path: str
    said: Text


@dataclass(frozen=True)
class Cloud:
    spots: list[Spot]
    threads: list[Thread]
    heads: list[tuple[int, Text, int]]
    width: int
    height: float


@while_unchanged
def _draw(known: Catalogue) -> Cloud:
    found = sorted(resources().values(), key=lambda r: (r.contract.organization, r.id))
    spots: dict[tuple[str, str], Spot] = {}
    y: float = TOP
    for organization, own in _by_department(found):
        top = y
        for one in own:
            spots["resource", one.id] = Spot(
                "resource", one.id, one.title, reverse("directory:resource", args=[one.id]),
                FILLS[one.contract.sharing], y, ROW - 4,
            )  # fmt: skip
            y += ROW
        spots["organization", organization] = Spot(
            "organization", organization, Text(organization, organization) if organization else Text("未写单位", "no department"),
            f"{reverse('directory:start')}?organization={organization}", "f-1", top, y - top - 4,
        )  # fmt: skip
        y += GAP
    height = y
    registers = {r.name: r for one in found for r in one.registers}
    for place, register in zip(_spread(len(registers), height, 3 * ROW), registers.values(), strict=True):
        address = f"{reverse('directory:start')}?register={register.name}"
        spots["register", register.name] = Spot("register", register.name, register.title.text(), address, "f-4", place, 2 * ROW)  # fmt: skip
    items = list(known.section("items").values())
    for place, item in zip(_spread(len(items), height, 2 * ROW), items, strict=True):
        address = reverse("directory:item", args=[item.item])
        spots["item", item.item] = Spot("item", item.item, item.title.text(), address, "f-1", place, ROW + 8)
    threads = [
        _thread(spots["organization", r.contract.organization], spots["resource", r.id]) for r in found
    ]
    threads += [
        _thread(spots["resource", r.id], spots["register", x.name]) for r in found for x in r.registers
    ]
    threads += [
        _thread(spots["register", name], spots["item", item.item])
        for item in items for name in item.registers if ("register", name) in spots
    ]  # fmt: skip
    heads = [
        (AT[stage], title, sum(spot.stage == stage for spot in spots.values()))
        for stage, title in TITLES.items()
    ]
    return Cloud(list(spots.values()), threads, heads, AT["item"] + WIDE["item"] + 2, max(height, *(s.y + s.height + GAP for s in spots.values()), TOP) if spots else TOP)  # fmt: skip


def draw() -> Cloud:
    return _draw()


def _by_department(found: list[Resource]) -> Iterator[tuple[str, list[Resource]]]:
    grouped: dict[str, list[Resource]] = {}
    for one in found:
        grouped.setdefault(one.contract.organization, []).append(one)
    yield from grouped.items()


def _spread(count: int, height: float, least: float) -> list[float]:
    """Tops of `count` boxes over the height, never closer than `least`."""
    step = max(least, (height - TOP) / max(1, count))
    return [TOP + step * n + (step - least) / 2 for n in range(count)]


def _thread(source: Spot, target: Spot) -> Thread:
    x1, x2 = source.x + source.width, target.x
    bend = (x1 + x2) / 2
    # out of a department a line leaves beside its resource
    y1 = target.middle if source.stage == "organization" else source.middle
    path = f"M{x1} {y1:g}C{bend:g} {y1:g} {bend:g} {target.middle:g} {x2} {target.middle:g}"
    return Thread(path, Text("{a} → {b}", "{a} → {b}").fill(a=source.title, b=target.title))
