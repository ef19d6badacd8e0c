from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import pytest

from jingwei.sample import make
from jingwei.sample.errors import FolderNotWritable, NotASampleFolder, ResidentsOutOfRange
from jingwei.sample.service import MARK


def digests(folder: Path) -> dict[str, str]:
    """SHA-256 of every file but the mark, which says where and how long."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != MARK
    }


def test_the_same_seed_gives_the_same_bytes_in_every_file(tmp_path):
    make(tmp_path / "one", 2_000, seed=3)
    make(tmp_path / "two", 2_000, seed=3)
    assert digests(tmp_path / "one") == digests(tmp_path / "two")


def test_another_seed_gives_other_people_on_the_same_land(tmp_path):
    make(tmp_path / "one", 2_000, seed=3)
    make(tmp_path / "two", 2_000, seed=4)
    one, two = digests(tmp_path / "one"), digests(tmp_path / "two")
    same = {name for name in one if one[name] == two[name]}
    assert same == {
        "place/divisions.geojson",
        "place/communities.geojson",
        "place/grids.geojson",
        "place/division_code.csv",
    }


def test_asking_again_for_the_same_district_does_nothing(tmp_path):
    first = make(tmp_path / "sample", 500, seed=3)
    written = (tmp_path / "sample/police/resident.db").stat().st_mtime_ns
    second = make(tmp_path / "sample", 500, seed=3)
    assert first.fresh and not second.fresh
    assert second.rows == first.rows and second.files == first.files
    assert (tmp_path / "sample/police/resident.db").stat().st_mtime_ns == written


def test_other_parameters_replace_the_district_whole(tmp_path):
    make(tmp_path / "sample", 500, seed=3)
    report = make(tmp_path / "sample", 600, seed=3)
    assert report.fresh and report.residents == 600
    assert [path.name for path in tmp_path.iterdir()] == ["sample"]


def test_a_folder_with_other_things_is_left_alone(tmp_path):
    (tmp_path / "letters").mkdir()
    (tmp_path / "letters/dear.txt").write_text("…")
    with pytest.raises(NotASampleFolder):
        make(tmp_path / "letters", 500)
    assert (tmp_path / "letters/dear.txt").exists()


def test_a_file_in_the_place_of_the_folder_is_refused(tmp_path):
    (tmp_path / "sample").write_text("…")
    with pytest.raises(NotASampleFolder):
        make(tmp_path / "sample", 500)


def test_a_place_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "wall").write_text("a file, not a folder")
    with pytest.raises(FolderNotWritable):
        make(tmp_path / "wall" / "sample", 500)


@pytest.mark.parametrize("residents", [0, 199, 12_000_001])
def test_a_number_of_residents_out_of_bounds_is_refused(tmp_path, residents):
    with pytest.raises(ResidentsOutOfRange):
        make(tmp_path / "sample", residents)
    assert not list(tmp_path.iterdir())


def test_what_a_killed_maker_left_is_swept_and_what_a_living_one_does_is_not(tmp_path):
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    (tmp_path / f".sample.{dead.pid}.partial").mkdir()
    (tmp_path / f".sample.{os.getppid()}.partial").mkdir()
    make(tmp_path / "sample", 500)
    assert sorted(path.name for path in tmp_path.iterdir()) == [f".sample.{os.getppid()}.partial", "sample"]


def test_a_mark_that_nobody_can_read_is_made_anew(tmp_path):
    make(tmp_path / "sample", 500)
    (tmp_path / "sample" / MARK).write_text("{")
    assert make(tmp_path / "sample", 500).fresh


def test_the_report_counts_the_rows_of_every_table(sample, read):
    counted = {resource: None for resource in sample.report.rows}
    paths = {"police.resident": "police/resident.db", "social.insured": "social/insured.csv"}
    for resource, path in paths.items():
        counted[resource] = len(read(path))
        assert sample.report.rows[resource] == counted[resource]
    assert sample.report.total_rows == sum(sample.report.rows.values())
    assert len(sample.report.lines()) == 1 + len(sample.report.rows)


def test_progress_rises_to_one(tmp_path):
    shares: list[float] = []
    make(tmp_path / "sample", 500, progress=lambda what, share: shares.append(share))
    assert shares == sorted(shares) and shares[-1] == 1.0
