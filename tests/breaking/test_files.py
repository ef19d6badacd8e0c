"""Files as they really arrive: in parts, twice, cut off, too large; through the command line as others call it."""

from __future__ import annotations

import gzip
import json
import os
import signal
import struct
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from pyarrow import parquet

from .conftest import HEADER, Node, line
from .test_kill import AT

FOLDER = "servers:\n  - {server: source, type: local, path: person.csv, format: csv}\n"
WATCHED = (
    "servers:\n  - server: source\n    type: local\n    path: drops\n    format: csv\n"
    "    customProperties: [{property: pattern, value: 'person_*.csv'}, {property: settle, value: 0.3}]\n"
)


def serve(node: Node, server: str, **changes: Any) -> None:
    """Declares trial.person with another server entry."""
    node.declare(**changes)
    path = node.home / "packs" / "trial" / "contracts" / "person.yaml"
    text = path.read_text("utf-8")
    assert FOLDER in text
    path.write_text(text.replace(FOLDER, server), encoding="utf-8")


@pytest.fixture
def drop(node: Node) -> Callable[..., Path]:
    """A node that watches a folder; returns a function that drops a finished file into it."""
    serve(node, WATCHED)
    folder = node.home / "sample" / "drops"
    folder.mkdir()

    def dropped(name: str, *lines: str, age: float = 60, header: str = HEADER) -> Path:
        path = folder / name
        path.write_text("\n".join([header, *lines]) + "\n", encoding="utf-8")
        os.utime(path, (time.time() - age,) * 2)
        return path

    return dropped


def files(told: dict[str, Any]) -> list[str]:
    return [run["facts"]["file"]["name"] for run in told["runs"]]


def test_a_key_that_stands_twice_in_a_file_is_said_with_both_rows(node: Node):
    node.deliver(line(1, "one"), line(2), line(1, "two"), line(1, "one"))
    run = node.json("collect", "trial.person")
    assert (run["accepted"], run["quarantined"], run["repeated"]) == (2, 1, 1)
    assert node.standard() == {"1": "one", "2": None}
    [row] = node.json("quarantine", "trial.person")["rows"]
    assert (row["row"], row["key"]) == (4, "1") and "row 2" in row["reasons"][0]["text"]


def test_rows_that_arrive_twice_in_different_files_stand_once(node: Node, drop):
    drop("person_20260101.csv", line(1), line(2, "old"))
    drop("person_20260102.csv", line(2, "new"), line(1), line(3))
    told = node.json("collect", "trial.person")
    assert files(told) == ["person_20260101.csv", "person_20260102.csv"]
    assert [(run["new"], run["changed"], run["unchanged"]) for run in told["runs"]] == [(2, 0, 0), (1, 1, 1)]
    assert node.standard() == {"1": None, "2": "new", "3": None}


def test_of_two_files_for_one_day_the_later_wins_and_each_names_the_other(node: Node, drop):
    drop("person_20260101_10.csv", line(1, "later"))
    drop("person_20260101_9.csv", line(1, "earlier"))
    told = node.json("collect", "trial.person")
    assert files(told) == ["person_20260101_9.csv", "person_20260101_10.csv"]
    assert told["runs"][0]["facts"]["file"]["same_day"] == ["person_20260101_10.csv"]
    assert node.standard() == {"1": "later"}


def test_a_half_written_file_is_left_alone_until_it_is_whole(node: Node, drop):
    drop("person_20260101.csv", line(1))
    half = drop("person_20260102.csv", line(2))
    with half.open("a") as writer:
        writer.write("3,沈")
        writer.flush()
        told = node.json("collect", "trial.person")
        assert files(told) == ["person_20260101.csv"]
        assert [one["name"] for one in told["waiting"]] == ["person_20260102.csv"]
        writer.write("云禾,,2020-01-02\n")
    assert files(node.json("collect", "trial.person")) == ["person_20260102.csv"]
    assert sorted(node.standard()) == ["1", "2", "3"]
    assert node.json("collect", "trial.person")["runs"] == []


def test_a_bad_file_stops_those_after_it_and_is_told_until_it_is_mended(node: Node, drop):
    drop("person_20260101.csv", line(1))
    drop("person_20260102.csv", "x", header="别的,列")
    drop("person_20260103.csv", line(3))
    told = node.json("collect", "trial.person", code=1)
    assert (told["error"], told["after"]) == ("header-missing", ["person_20260103.csv"])
    assert [run["state"] for run in told["runs"]] == ["done", "failed"]
    words = node.run("collect", "trial.person")
    assert words.code == 1 and "person_20260103.csv" in words.out + words.err
    drop("person_20260102.csv", line(2))
    assert files(node.json("collect", "trial.person")) == ["person_20260102.csv", "person_20260103.csv"]
    assert sorted(node.standard()) == ["1", "2", "3"]


def test_a_held_file_stops_those_after_it(node: Node, drop):
    drop("person_20260101.csv", line(1))
    drop("person_20260102.csv", line(2, name=""), line(3, name=""))
    drop("person_20260103.csv", line(4))
    told = node.json("collect", "trial.person", code=2)
    assert (told["error"], told["after"]) == ("run-held", ["person_20260103.csv"])
    assert node.standard() == {"1": None}


def test_the_same_content_under_another_name_and_a_file_that_changed_are_told(node: Node, drop):
    drop("person_20260101.csv", line(1, "old"))
    node.json("collect", "trial.person")
    drop("person_20260101 (1).csv", line(1, "old"))
    told = node.json("collect", "trial.person")
    assert told["runs"] == []
    assert told["repeated"] == [{"name": "person_20260101 (1).csv", "same_as": "person_20260101.csv"}]
    drop("person_20260101.csv", line(1, "new"))
    [run] = node.json("collect", "trial.person")["runs"]
    assert run["facts"]["file"]["changed"] is True
    assert node.standard() == {"1": "new"}


@pytest.mark.parametrize("seconds", [0.05, 0.2, 0.4, 0.7, 1.1])
def test_a_folder_is_gone_on_with_after_a_kill_none_lost_none_twice(node: Node, drop, seconds: float):
    names = [f"person_202601{day:02}.csv" for day in range(1, 7)]
    for day, name in enumerate(names, 1):
        drop(name, line(1, f"day {day}"), line(f"d{day}"))
    assert node.run("collect", "trial.person", before=AT + f"die_soon({seconds})").code == -signal.SIGKILL
    node.json("collect", "trial.person")
    assert node.standard() == {"1": "day 6", **{f"d{day}": None for day in range(1, 7)}}
    done = [run["facts"]["file"]["name"] for run in node.json("runs")["runs"] if run["state"] == "done"]
    assert sorted(done) == names


def rows(*lines: str) -> str:
    return "\n".join([HEADER, *lines]) + "\n"


def a_zip_cut_off(path: Path) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("person.csv", rows(*(line(n, os.urandom(8).hex()) for n in range(500))))
    path.write_bytes(path.read_bytes()[:-200])


def a_gz_cut_off(path: Path) -> None:
    path.write_bytes(gzip.compress(rows(line(1), line(2)).encode())[:-12])


def a_parquet_cut_off(path: Path) -> None:
    parquet.write_table(
        pa.table({"编号": ["1"], "姓名": ["沈云禾"], "备注": ["x"], "登记日期": ["2020-01-02"]}), path
    )
    path.write_bytes(path.read_bytes()[:-9])


def a_json_cut_off(path: Path) -> None:
    whole = json.dumps(
        {"data": [{"编号": n, "姓名": "沈云禾", "备注": "", "登记日期": None} for n in range(50)]}
    )
    path.write_text(whole[:-30])


def an_array_cut_off(path: Path) -> None:
    path.write_text('[{"编号": "1", "姓名": "沈云禾", "备注": "", "登记日期": null}, {"编号": "2", "姓')


def a_shapefile_without_its_table(path: Path) -> None:
    path.write_bytes(struct.pack(">7i", 9994, 0, 0, 0, 0, 0, 50) + struct.pack("<2i", 1000, 1) + bytes(64))


def a_bomb(path: Path) -> None:
    with (
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("person.csv", "w") as member,
    ):
        for _ in range(300):
            member.write(bytes(1_000_000))


def an_archive_within(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("inner.csv.gz", gzip.compress(rows(line(1)).encode()))


def only_photographs(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("照片.jpg", b"\xff\xd8\xff")


WRONG = [
    ("cut.zip", a_zip_cut_off, "archive-damaged", 3),
    ("cut.csv.gz", a_gz_cut_off, "archive-damaged", 3),
    ("cut.parquet", a_parquet_cut_off, "parquet-damaged", 3),
    ("document.json", a_json_cut_off, "json-cut-off", 3),
    ("array.json", an_array_cut_off, "json-cut-off", 3),
    ("parcels.shp", a_shapefile_without_its_table, "shapefile-incomplete", 1),
    ("bomb.zip", a_bomb, "archive-too-large", 1),
    ("within.zip", an_archive_within, "archive-nested", 1),
    ("photographs.zip", only_photographs, "member-missing", 1),
    ("seven.zip", lambda path: path.write_bytes(b"7z\xbc\xaf\x27\x1c" + bytes(99)), "archive-foreign", 1),
    ("register.dbf", lambda path: path.write_bytes(b"\x03" + bytes(99)), "dbf-damaged", 3),
]  # fmt: skip


@pytest.mark.parametrize(("name", "make", "error", "code"), WRONG, ids=[name for name, *_ in WRONG])
def test_files_that_are_damaged_or_not_what_they_should_be_are_refused_by_name(
    node: Node, tmp_path: Path, name, make, error, code
):
    make(tmp_path / name)
    assert node.refused("collect", "trial.person", "--from", tmp_path / name, code=code) == error
    assert not list((node.home / "tmp").glob("scratch-*/[!l]*")), "nothing unpacked may stay"


def test_broken_lines_of_fixed_width_cost_only_themselves(node: Node):
    serve(
        node,
        "servers:\n  - server: source\n    type: local\n    path: person.txt\n    format: fixed\n    customProperties:\n"
        "      - {property: widths, value: [[编号, 1, 4], [姓名, 5, 12], [备注, 13, 18], [登记日期, 19, 28]]}\n",
    )

    def laid_out(number: str, name: str, note: str) -> bytes:
        sizes = zip((number, name, note, "2020-01-02"), (4, 8, 6, 10), strict=True)
        return b"".join(text.encode("gb18030").ljust(size) for text, size in sizes) + b"\r\n"

    whole = [laid_out(str(n), "沈云禾", "坪山") for n in range(20)]
    path = node.home / "sample" / "person.txt"
    path.write_bytes(
        b"".join([*whole, b"21  \xc9\xf2\r\n", whole[0].strip() + b" too long\r\n", b"\r\n", *whole[:1]])
    )
    run = node.json("collect", "trial.person")
    assert run["balances"] and (run["read"], run["accepted"], run["repeated"]) == (23, 20, 1)
    assert run["facts"]["widths_count"] == "bytes"
    quarantined = node.json("quarantine", "trial.person")["rows"]
    assert [(row["row"], row["reasons"][0]["code"]) for row in quarantined] == [
        (21, "too-narrow"),
        (22, "too-wide"),
    ]


def test_dates_before_1900_are_dates_and_serial_numbers_are_not_taken_for_them(node: Node):
    serve(node, FOLDER, rule="since >= DATE '1800-01-01'")
    days = ["1899-12-31", "1850/3/4", "1900-02-29", "1900-02-28", "0", "60"]
    node.deliver(*(f"{n},沈云禾,,{day}" for n, day in enumerate(days)))
    run = node.json("collect", "trial.person")
    found = dict(node.query('SELECT _key, since FROM lake.standard."trial.person"'))
    assert found == {"0": "1899-12-31", "1": "1850-03-04", "3": "1900-02-28"}
    assert (run["quarantined"], run["balances"]) == (3, True)


def test_several_tables_of_an_archive_arrive_as_partitions(node: Node, tmp_path: Path):
    with zipfile.ZipFile(tmp_path / "all.zip", "w") as archive:
        archive.writestr("north.csv", rows(line(1), line(2)))
        archive.writestr("south.csv", rows(line(2, "other"), line(3), "broken"))
    run = node.json("collect", "trial.person", "--from", tmp_path / "all.zip")
    assert [(one["name"], one["rows"]) for one in run["facts"]["partitions"]] == [
        ("north.csv", 2),
        ("south.csv", 3),
    ]
    assert (run["read"], run["accepted"], run["quarantined"], run["balances"]) == (5, 3, 2, True)
    assert run["facts"]["members"][1]["numbers"] == [4, 7]
    assert sorted(row["row"] for row in node.json("quarantine", "trial.person")["rows"]) == [5, 7]


MOST = 650_000_000
"""Bytes a process may hold: what everything imported takes, the engine's 120 MB, and what it takes beside."""


def test_a_file_much_larger_than_the_memory_arrives_whole(node: Node, tmp_path: Path):
    path = tmp_path / "large.csv"
    count = 800_000
    with path.open("w", encoding="utf-8") as file:
        file.write(HEADER + "\n")
        for at in range(0, count, 1000):
            file.writelines(
                f"{n:018},沈云禾,第{n}号材料已核对原件并由窗口登记在册，住松涛街道{n % 97}号大院,2020-01-02\n"
                for n in range(at, at + 1000)
            )
    assert path.stat().st_size > 100_000_000
    ended = node.run("collect", "trial.person", "--from", path, "--json", JINGWEI_MEMORY="120MB")
    path.unlink()
    assert ended.code == 0, ended.out
    assert (ended.json["accepted"], ended.json["balances"]) == (count, True)
    assert ended.rss < MOST


def test_a_spreadsheets_leftovers_of_a_broken_off_upload_do_no_harm(node: Node, drop):
    drop("person_20260101.csv", line(1))
    folder = node.home / "sample" / "drops"
    for name in ("~$person_20260102.csv", ".~lock.person_20260102.csv#", ".person_20260103.csv.swp"):
        (folder / name).write_text("x")
    assert files(node.json("collect", "trial.person")) == ["person_20260101.csv"]
    told = node.json("collect", "trial.person")
    assert told == {"resource": "trial.person", "runs": []}
