"""`kill -9` while a register is built: lookups go on answering, and the next link is right."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from jingwei.testing.small_district import FILES, HE_1986, SOURCES

from .conftest import Node
from .test_kill import AT

OTHER_PHONE = "19900019999"
POINTS = {
    "before": "from jingwei.registers import linking; linking.build = die",
    "lake written": "DuckLake._commit = die",
    "in the commit": "die_in_commit(0.004)",
    "lake committed": "from jingwei.registers import serving; serving.update = die",
    "copy half written": "from jingwei.registers import serving; serving._add = die",
}


def write(node: Node, name: str, text: str) -> None:
    (node.home / "sample" / name).write_text(text + "\n", "utf-8")


@pytest.fixture(scope="module")
def linked(made_home: Path, zygote, tmp_path_factory) -> Path:
    """A home whose population register is built, and one resident's phone changed since."""
    home = tmp_path_factory.mktemp("linked") / "home"
    shutil.copytree(made_home, home)
    node = Node(home, zygote)
    folder = home / "packs" / "trial"
    for path, text in FILES.items():
        if not path.startswith("items/"):
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_text(text, "utf-8")
    for name, text in SOURCES.items():
        write(node, name, text)
    for resource in ("police.resident", "medical.insured", "market.enterprise"):
        node.json("collect", resource)
    node.json("link", "population")
    write(node, "police.csv", SOURCES["police.csv"].replace(HE_1986.phone, OTHER_PHONE))
    write(node, "medical.csv", SOURCES["medical.csv"].replace(HE_1986.phone, OTHER_PHONE))
    for resource in ("police.resident", "medical.insured"):
        node.json("collect", resource)
    return home


def phone(node: Node) -> Any:
    """What lookup shows of the resident's phone: its last four digits."""
    found = node.json("lookup", "population", HE_1986.number, "--golden")
    assert len(found["answers"]) == 1
    return found["golden"]["fields"]["phone"]["value"][-4:]


@pytest.mark.parametrize("point", POINTS)
def test_a_link_killed_on_its_way(linked: Path, zygote, tmp_path: Path, point: str):
    shutil.copytree(linked, tmp_path / "home")
    node = Node(tmp_path / "home", zygote)
    assert node.run("link", "population", before=AT + POINTS[point]).code == -9
    assert phone(node) == HE_1986.phone[-4:]
    node.json("link", "population")
    assert phone(node) == OTHER_PHONE[-4:]
    again = node.json("link", "population")
    assert (again["new"], again["changed"], again["removed"]) == (0, 0, 0)
    found = node.json("lookup", "population", OTHER_PHONE)["answers"]
    assert len(found) == 1
    assert not (node.home / "locks" / "lake.unfinished").exists()
