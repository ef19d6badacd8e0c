"""A full disk, wherever it strikes: `disk-full`, nothing changed, and all is right once there is space."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from .conftest import Node, line

OLD = {"1": "old"}
MANY = [line(n, f"note {n * 7919 % 1000003}") for n in range(60_000)]


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Callable[[int], Path]]:
    """Mounts a disk of so many megabytes; only root may."""
    mounted: list[Path] = []

    def mount(size: int) -> Path:
        place = tmp_path / f"disk-{len(mounted)}"
        place.mkdir()
        command = ["mount", "-t", "tmpfs", "-o", f"size={size}m", "none", str(place)]
        if os.geteuid() != 0 or subprocess.run(command, capture_output=True, check=False).returncode != 0:
            pytest.skip("only root may mount a small disk; the limit on file sizes is tested instead")
        mounted.append(place)
        return place

    yield mount
    for place in mounted:
        subprocess.run(["umount", "-l", str(place)], check=False)


def fill(disk: Path, leave: int) -> Path:
    """Takes all space but so many bytes; gives the file to remove again."""
    filler = disk / "filler"
    free = shutil.disk_usage(disk).free - leave
    with filler.open("wb") as file:
        file.write(b"x" * max(free, 0))
    return filler


@pytest.fixture
def held(node: Node) -> Node:
    node.deliver(line(1, "old"))
    node.json("collect", "trial.person")
    node.deliver(*MANY)
    return node


def right_again(node: Node) -> None:
    """The next collection takes in everything, and no run is left open."""
    run = node.json("collect", "trial.person")
    assert (run["read"], run["accepted"], run["balances"]) == (len(MANY), len(MANY), True)
    assert len(node.standard()) == len(MANY)
    runs = node.json("runs")["runs"]
    assert {one["state"] for one in runs} <= {"done", "failed"} and runs[0]["state"] == "done"


def test_the_disk_of_the_whole_home_fills_up(held: Node, small_disk, made_home: Path):
    disk = small_disk(40)
    shutil.copytree(held.home, disk / "home")
    node = Node(disk / "home", held.zygote)
    for leave in (0, 100_000, 1_500_000):
        filler = fill(disk, leave)
        assert node.json("collect", "trial.person", code=3)["error"] == "disk-full"
        words = node.run("collect", "trial.person")
        assert words.code == 3 and words.err.startswith("disk-full  ")
        filler.unlink()
        assert node.standard() == OLD
    right_again(node)


def test_the_disk_of_the_operational_store_fills_up(held: Node, small_disk):
    disk = small_disk(4)
    for path in held.home.glob("operational.sqlite*"):
        shutil.move(path, disk)
    (held.home / "operational.sqlite").symlink_to(disk / "operational.sqlite")
    filler = fill(disk, 0)
    assert held.json("collect", "trial.person", code=3)["error"] == "disk-full"
    filler.unlink()
    assert held.standard() == OLD
    right_again(held)


def test_the_disk_of_the_spill_fills_up(held: Node, small_disk):
    disk = small_disk(1)
    shutil.rmtree(held.home / "tmp")
    (held.home / "tmp").symlink_to(disk)
    small = {"JINGWEI_MEMORY": "20MB", "JINGWEI_THREADS": "1"}
    assert held.json("collect", "trial.person", code=3, **small)["error"] == "disk-full"
    assert held.standard() == OLD
    # Rows wait in this folder until they are published: it has to have room for them.
    (held.home / "tmp").unlink()
    (held.home / "tmp").mkdir()
    right_again(held)


def test_a_limit_on_file_sizes_is_told_as_a_full_disk(held: Node):
    limited = held.json("collect", "trial.person", code=3, largest_file=600_000)
    assert limited["error"] == "disk-full"
    assert held.standard() == OLD
    right_again(held)
