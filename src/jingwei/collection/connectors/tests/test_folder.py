"""A folder of drops: what is ready, in what order, and what is left alone and why."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jingwei.collection.connectors.files import checksum
from jingwei.collection.connectors.folder import (
    ABANDONED,
    Drops,
    Taken,
    day_of,
    drops,
    look,
    order,
    stamp_of,
)

NOW = 1_800_000_000.0
PATTERN = "resident_*.csv"


def put(folder: Path, name: str, text: str = "x", age: float = 60) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text or name, encoding="utf-8")
    os.utime(path, (NOW - age, NOW - age))
    return path


def took(*paths: Path) -> list[Taken]:
    return [Taken(path.name, checksum(path), stamp_of(path.stat())) for path in paths]


def ready(found: Drops) -> list[str]:
    return [drop.name for drop in found.ready]


def why(found: Drops) -> dict[str, str]:
    return {name: text.en for name, text in found.waiting}


@pytest.mark.parametrize(
    ("name", "day"),
    [
        ("resident_20260102.csv", date(2026, 1, 2)),
        ("20260102093000_居民.csv", date(2026, 1, 2)),
        ("resident_2026-01-02.csv", date(2026, 1, 2)),
        ("resident_2026-1-2.csv", date(2026, 1, 2)),
        ("居民2026年1月2日.xlsx", date(2026, 1, 2)),
        ("居民2026年1月.xlsx", date(2026, 1, 1)),
        ("resident_202601.csv", date(2026, 1, 1)),
        ("2026-01-02/resident.csv", date(2026, 1, 2)),
        ("week_20260101-20260107.csv", date(2026, 1, 7)),
        ("resident_20260231.csv", None),
        ("resident_44030720260102.csv", None),
        ("resident_7.csv", None),
    ],
)
def test_the_day_is_read_from_the_name(name: str, day: date | None):
    assert day_of(name) == day


def test_files_are_ordered_by_day_then_by_name_with_numbers_as_numbers():
    right = ["base.csv", "r_20260101_2.csv", "r_20260101_10.csv", "a_2026-01-02.csv", "r_20260103.csv"]
    assert sorted(reversed(right), key=order) == right


def test_each_file_is_ready_once_in_order(tmp_path: Path):
    second = put(tmp_path, "resident_20260102.csv", "b")
    first = put(tmp_path, "resident_20260101.csv", "a")
    put(tmp_path, "notes.txt")
    found = drops(tmp_path, PATTERN, [], NOW)
    assert ready(found) == [first.name, second.name]
    assert found.others == ("notes.txt",)
    assert ready(drops(tmp_path, PATTERN, took(first), NOW)) == [second.name]
    assert ready(drops(tmp_path, PATTERN, took(first, second), NOW)) == []


def test_a_file_that_was_written_a_moment_ago_waits_and_so_do_those_after_it(tmp_path: Path):
    put(tmp_path, "resident_20260101.csv", "a")
    put(tmp_path, "resident_20260102.csv", "b", age=1)
    put(tmp_path, "resident_20260103.csv", "c")
    found = drops(tmp_path, PATTERN, [], NOW)
    assert ready(found) == ["resident_20260101.csv"]
    assert why(found) == {
        "resident_20260102.csv": "was written to 1 s ago",
        "resident_20260103.csv": "comes after resident_20260102.csv",
    }


def test_a_file_that_stood_still_between_two_looks_is_ready_even_if_its_time_lies_ahead(tmp_path: Path):
    put(tmp_path, "resident_20260101.csv", "a", age=-3600)
    growing = put(tmp_path, "resident_20260102.csv", "b", age=1)
    before = look(tmp_path, PATTERN, NOW - 6)
    growing.write_text("bb")
    os.utime(growing, (NOW, NOW))
    assert ready(drops(tmp_path, PATTERN, [], NOW)) == []
    assert ready(drops(tmp_path, PATTERN, [], NOW, before=before)) == ["resident_20260101.csv"]


@pytest.mark.parametrize("suffix", [".tmp", ".part", ".filepart", ".PART"])
def test_an_unfinished_transfer_is_left_alone_and_keeps_later_files_waiting_for_a_day(tmp_path: Path, suffix):
    put(tmp_path, "resident_20260101.csv" + suffix)
    put(tmp_path, "resident_20260102.csv")
    found = drops(tmp_path, PATTERN, [], NOW)
    assert ready(found) == []
    assert "transferred" in why(found)["resident_20260101.csv"]
    put(tmp_path, "resident_20260101.csv" + suffix, age=ABANDONED + 1)
    assert ready(drops(tmp_path, PATTERN, [], NOW)) == ["resident_20260102.csv"]


def test_leftovers_of_programs_are_no_deliveries(tmp_path: Path):
    for name in ("~$resident_1.csv", ".~lock.resident_1.csv", ".resident_1.csv", "resident_1.csv.ok"):
        put(tmp_path, name)
    found = drops(tmp_path, "*", [], NOW)
    assert (ready(found), found.waiting, found.others) == ([], (), ())


@pytest.mark.parametrize("marker", ["resident_20260101.csv.ok", "resident_20260101.done", "20260101.flag"])
def test_where_markers_are_the_habit_a_file_without_one_waits(tmp_path: Path, marker: str):
    put(tmp_path, "resident_20260101.csv", "a")
    put(tmp_path, "resident_20260102.csv", "b")
    assert len(ready(drops(tmp_path, PATTERN, [], NOW))) == 2
    put(tmp_path, marker)
    found = drops(tmp_path, PATTERN, [], NOW)
    assert ready(found) == ["resident_20260101.csv"]
    assert "marker" in why(found)["resident_20260102.csv"]


def test_an_empty_file_may_still_be_filled(tmp_path: Path):
    (tmp_path / "resident_1.csv").touch()
    os.utime(tmp_path / "resident_1.csv", (NOW - 60, NOW - 60))
    assert why(drops(tmp_path, PATTERN, [], NOW)) == {"resident_1.csv": "is empty so far"}


@pytest.mark.skipif(not Path("/proc/self/fdinfo").is_dir(), reason="needs /proc")
def test_a_file_another_process_writes_to_is_left_alone(tmp_path: Path):
    path = put(tmp_path, "resident_1.csv")
    code = f"f = open({str(path)!r}, 'a'); print('open', flush=True); input()"
    with subprocess.Popen([sys.executable, "-c", code], stdin=-1, stdout=-1, text=True) as writer:
        assert writer.stdout is not None and writer.stdout.readline() == "open\n"
        assert "open for writing" in why(drops(tmp_path, PATTERN, [], NOW))["resident_1.csv"]
        writer.communicate("\n")
    assert ready(drops(tmp_path, PATTERN, [], NOW)) == ["resident_1.csv"]


def test_the_same_content_under_another_name_is_not_read_twice(tmp_path: Path):
    first = put(tmp_path, "resident_20260101.csv", "a")
    put(tmp_path, "resident_20260101 (1).csv", "a")
    put(tmp_path, "resident_copy.csv", "a")
    found = drops(tmp_path, PATTERN, took(first), NOW)
    assert ready(found) == []
    assert dict(found.repeated) == {
        "resident_copy.csv": first.name,
        "resident_20260101 (1).csv": first.name,
    }


def test_copies_that_arrive_together_are_read_once(tmp_path: Path):
    put(tmp_path, "resident_20260101.csv", "a")
    put(tmp_path, "resident_20260102.csv", "a")
    found = drops(tmp_path, PATTERN, [], NOW)
    assert ready(found) == ["resident_20260101.csv"]
    assert found.repeated == (("resident_20260102.csv", "resident_20260101.csv"),)


def test_a_table_that_went_back_to_what_it_was_is_news(tmp_path: Path):
    first = put(tmp_path, "resident_20260101.csv", "a")
    second = put(tmp_path, "resident_20260102.csv", "b")
    put(tmp_path, "resident_20260103.csv", "a")
    assert ready(drops(tmp_path, PATTERN, took(first, second), NOW)) == ["resident_20260103.csv"]


def test_a_file_that_changed_after_it_was_read_is_read_again_and_said(tmp_path: Path):
    path = put(tmp_path, "resident_20260101.csv", "a")
    earlier = took(path)
    put(tmp_path, "resident_20260101.csv", "b")
    [drop] = drops(tmp_path, PATTERN, earlier, NOW).ready
    assert (drop.name, drop.changed) == (path.name, True)
    back = [*earlier, Taken(drop.name, drop.sha256, drop.stamp)]
    put(tmp_path, "resident_20260101.csv", "a")
    assert ready(drops(tmp_path, PATTERN, back, NOW)) == [path.name]


def test_a_file_that_was_only_touched_is_not_read_again(tmp_path: Path):
    path = put(tmp_path, "resident_20260101.csv", "a")
    earlier = took(path)
    put(tmp_path, "resident_20260101.csv", "a", age=30)
    assert ready(drops(tmp_path, PATTERN, earlier, NOW)) == []


def test_two_files_of_a_day_are_read_in_order_and_name_each_other(tmp_path: Path):
    put(tmp_path, "resident_20260101_10.csv", "b")
    put(tmp_path, "resident_20260101_9.csv", "a")
    found = drops(tmp_path, PATTERN, [], NOW).ready
    assert [(drop.name, drop.same_day) for drop in found] == [
        ("resident_20260101_9.csv", ("resident_20260101_10.csv",)),
        ("resident_20260101_10.csv", ("resident_20260101_9.csv",)),
    ]


def test_a_day_that_arrives_late_is_read_and_so_are_the_later_ones_again(tmp_path: Path):
    first, third = put(tmp_path, "resident_20260101.csv", "a"), put(tmp_path, "resident_20260103.csv", "c")
    put(tmp_path, "resident_20260102.csv", "b")
    found = drops(tmp_path, PATTERN, took(first, third), NOW).ready
    assert [(drop.name, drop.again_after) for drop in found] == [
        ("resident_20260102.csv", ""),
        ("resident_20260103.csv", "resident_20260102.csv"),
    ]


def test_a_late_whole_table_is_superseded_by_the_later_one(tmp_path: Path):
    third = put(tmp_path, "resident_20260103.csv", "c")
    put(tmp_path, "resident_20260102.csv", "b")
    found = drops(tmp_path, PATTERN, took(third), NOW, whole=True)
    assert ready(found) == []
    assert found.superseded == (("resident_20260102.csv", "resident_20260103.csv"),)


def test_folders_of_days_are_looked_into_where_the_pattern_says_so(tmp_path: Path):
    put(tmp_path, "2026-01-02/resident.csv", "b")
    put(tmp_path, "2026-01-01/Resident.CSV", "a")
    assert ready(drops(tmp_path, "resident.csv", [], NOW)) == []
    assert ready(drops(tmp_path, "*/resident.csv", [], NOW)) == [
        "2026-01-01/Resident.CSV",
        "2026-01-02/resident.csv",
    ]


@settings(max_examples=200, deadline=None)
@given(
    arrivals=st.lists(st.tuples(st.integers(1, 6), st.sampled_from("abc")), min_size=1, max_size=8),
    stops=st.lists(st.integers(0, 3), min_size=8, max_size=8),
)
def test_whatever_the_order_of_arrival_the_outcome_is_that_of_reading_by_day(
    tmp_path_factory: pytest.TempPathFactory, arrivals: list[tuple[int, str]], stops: list[int]
):
    """Each file sets one value, so the last one read wins. After every arrival the folder is read, and broken
    off after so many files; at the end it is read to its end."""
    folder = tmp_path_factory.mktemp("drops")
    taken: list[Taken] = []
    state: dict[str, str] = {}
    counted = 0

    def read(most: int) -> None:
        nonlocal counted
        for drop in drops(folder, PATTERN, taken, NOW).ready[:most]:
            taken.append(Taken(drop.name, drop.sha256, drop.stamp))
            state["value"] = drop.path.read_text()
            counted += 1

    for (day, text), most in zip(arrivals, stops, strict=False):
        put(folder, f"resident_2026010{day}.csv", text)
        read(most)
    read(100)
    assert state["value"] == sorted(folder.iterdir())[-1].read_text()
    done = counted
    read(100)
    assert counted == done
