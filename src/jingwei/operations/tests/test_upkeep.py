"""Upkeep makes the lake smaller and changes no answer: of now, of then, of what comes next."""

from __future__ import annotations

import shutil
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from jingwei.collection import service as collection
from jingwei.engines import lake
from jingwei.operations.upkeep import Kept, upkeep
from jingwei.registers import service as registers
from jingwei.testing import small_district

ADDRESSES = ("听松里1号", "听松里2号", "听松里3号")


_built: list[small_district.Built] = []


@pytest.fixture
def district(settings, tmp_path: Path, tmp_path_factory, db) -> Path:
    """The small district after some days: addresses moved, each time collected and linked. Built once, then copied."""
    if not _built:
        built = small_district.build(settings, tmp_path_factory.mktemp("moved") / "home")
        for address in ADDRESSES:
            move(built.home, address)
            registers.link("population")
        kept = {model: list(model._default_manager.all()) for model in small_district.KEPT}
        _built.append(small_district.Built(built.home, kept))
        for model in small_district.KEPT:
            model._default_manager.all().delete()
    for model, instances in _built[0].rows.items():
        model._default_manager.bulk_create(instances)
    shutil.copytree(_built[0].home, tmp_path / "home")
    settings.HOME, settings.SOURCES = tmp_path / "home", tmp_path / "home" / "sample"
    return tmp_path / "home"


def move(home: Path, address: str) -> None:
    """Somebody moves, and the police hand their table in anew."""
    text = small_district.POLICE.replace(small_district.LU.address, address)
    (home / "sample" / "police.csv").write_text(text + "\n", "utf-8")
    assert collection.collect("police.resident", started_by="test").changed == 1


def rows(table: str, at: int | None = None) -> list[tuple]:
    version = f" AT (VERSION => {at})" if at else ""
    with lake().read() as con:
        return con.execute(f"SELECT * FROM lake.{table}{version} ORDER BY ALL").fetchall()


def files(home: Path) -> int:
    return len(list((home / "lake" / "data").rglob("*.parquet")))


def after(days: float) -> Kept:
    return upkeep(now=timezone.now() + timedelta(days=days))


TABLES = (
    'standard."police.resident"',
    'raw."police.resident"',
    'register."population.golden"',
    "quarantine.rows",
)


def test_upkeep_merges_lets_go_and_removes_and_every_answer_stays(district):
    before = {table: rows(table) for table in TABLES}
    lu = small_district.SmallDistrict(district).entity(small_district.LU)
    history = registers.history("population", lu)
    many = files(district)
    first = after(40)
    assert first.merged > 0 and len(first.expired) > 0 and first.removed == 0
    second = after(41)
    assert second.removed > 0 and files(district) < many
    assert {table: rows(table) for table in TABLES} == before
    assert registers.history("population", lu) == history
    yesterday = registers.as_of("population", lu, known=timezone.now())
    assert yesterday.fields["address"].value == ADDRESSES[-1]

    move(district, "翠屏里22号")
    report = registers.link("population")
    assert (report.new, report.changed, report.removed) == (0, 1, 0)


def test_what_is_young_is_kept_and_a_dry_run_changes_nothing(district):
    with lake().read() as con:
        snapshots = con.execute("SELECT count(*) FROM lake.snapshots()").fetchone()
    many = files(district)
    told = upkeep(dry=True, now=timezone.now() + timedelta(days=40))
    assert told.expired and files(district) == many
    assert after(0).expired == []
    assert after(0.02).removed == 0  # somebody may read them still
    with lake().read() as con:
        assert con.execute("SELECT count(*) FROM lake.snapshots()").fetchone()[0] == snapshots[0] + 1


def test_scratch_of_killed_processes_goes_and_a_new_file_stays(home, db):
    lake().prepare()
    dead = home / "tmp" / "scratch-1-dead"
    dead.mkdir(parents=True)
    (dead / "spill").write_text("x")
    (home / "tmp" / "new.xlsx").write_text("x")
    upkeep()
    assert not dead.exists() and (home / "tmp" / "new.xlsx").exists()
