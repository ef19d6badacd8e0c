"""A watched folder through whole runs: each file once, in order, going on where it stopped."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from jingwei.collection import runs, service, watching
from jingwei.collection.connectors.errors import HeaderMissing, SourceMissing
from jingwei.collection.connectors.file_errors import FolderInParts, NotAFolder
from jingwei.collection.models import Run
from jingwei.engines import lake
from jingwei.kernel.errors import Busy
from jingwei.kernel.locks import exclusive
from jingwei.kernel.text import Text

pytestmark = pytest.mark.django_db

CONTRACT = """\
apiVersion: v3.1.0
kind: DataContract
id: trial.person
name: 人员
version: 1.0.0
status: active
servers:
  - server: source
    type: local
    path: drops
    format: csv
    customProperties: [{{property: pattern, value: "person_*.csv"}}]
schema:
  - name: person
    properties:
      - {{name: number, physicalName: 编号, logicalType: string, primaryKey: true}}
      - {{name: name, physicalName: 姓名, logicalType: string, required: true}}
customProperties:
  - {{property: organization, value: 区数据局}}
  - {{property: refresh, value: {refresh}}}
  - {{property: maxRemoved, value: {most}}}
"""


@pytest.fixture
def declare(pack, home: Path):
    (home / "sample" / "drops").mkdir()

    def declared(refresh: str = "upsert", most: float = 1) -> None:
        pack("trial", {"contracts/person.yaml": CONTRACT.format(refresh=refresh, most=most)})

    return declared


@pytest.fixture
def drop(home: Path, declare):
    declare()

    def dropped(name: str, *lines: str, header: str = "编号,姓名") -> Path:
        path = home / "sample" / "drops" / name
        path.write_text("\n".join([header, *lines]) + "\n", encoding="utf-8")
        os.utime(path, (time.time() - 60,) * 2)
        return path

    return dropped


def collect() -> watching.Collected:
    return watching.collect_folder("trial.person", settle=0.1)


def names() -> dict[str, str]:
    with lake().read() as con:
        return dict(con.execute('SELECT _key, name FROM lake.standard."trial.person"').fetchall())


def files(collected: watching.Collected) -> list[str]:
    return [run.facts["file"]["name"] for run in collected.runs]


def test_each_file_is_read_once_in_the_order_of_its_day(drop):
    drop("person_20260102.csv", "1,后来", "3,丙")
    drop("person_20260101.csv", "1,起初", "2,乙")
    first = collect()
    assert files(first) == ["person_20260101.csv", "person_20260102.csv"]
    assert all(run.balances and run.state == Run.DONE for run in first.runs)
    assert names() == {"1": "后来", "2": "乙", "3": "丙"}
    assert collect().runs == []
    drop("person_20260103.csv", "2,改")
    assert files(collect()) == ["person_20260103.csv"]


def test_a_file_that_cannot_be_read_stops_those_after_it_until_it_is_mended(drop):
    drop("person_20260101.csv", "1,甲")
    drop("person_20260102.csv", "9", header="别的")
    drop("person_20260103.csv", "3,丙")
    stopped = collect()
    assert isinstance(stopped.error, HeaderMissing)
    assert [run.state for run in stopped.runs] == [Run.DONE, Run.FAILED]
    assert stopped.after == ("person_20260103.csv",)
    assert "person_20260103.csv" in stopped.said()[-1].en
    assert names() == {"1": "甲"}
    drop("person_20260102.csv", "2,乙")
    assert files(collect()) == ["person_20260102.csv", "person_20260103.csv"]
    assert names() == {"1": "甲", "2": "乙", "3": "丙"}


def test_where_each_file_is_the_whole_table_a_later_one_makes_up_for_a_bad_one(drop, declare):
    declare(refresh="full")
    drop("person_20260101.csv", "1,甲", "2,乙")
    drop("person_20260102.csv", "9", header="别的")
    drop("person_20260103.csv", "1,甲", "3,丙")
    collected = collect()
    assert isinstance(collected.error, HeaderMissing) and not collected.after
    assert [run.state for run in collected.runs] == [Run.DONE, Run.FAILED, Run.DONE]
    assert names() == {"1": "甲", "3": "丙"}
    again = collect()
    assert (again.runs, again.error) == ([], None)
    assert "person_20260102.csv" in str(again.looked.superseded)


def test_a_held_file_stops_those_after_it(drop):
    drop("person_20260101.csv", "1,甲")
    collect()
    drop("person_20260102.csv", "2,", "3,")
    drop("person_20260103.csv", "4,丁")
    stopped = collect()
    assert stopped.held is not None and stopped.held.state == Run.HELD
    assert (stopped.error, stopped.after) == (None, ("person_20260103.csv",))
    assert names() == {"1": "甲"}


def test_the_newest_whole_table_is_what_the_lake_is_compared_with(drop, declare):
    drop("person_20260101.csv", "1,甲")
    drop("person_20260102.csv", "2,乙")
    collect()
    with pytest.raises(FolderInParts):
        service.reconcile("trial.person")
    declare(refresh="full")
    drop("person_20260103.csv", "1,甲", "2,乙")
    collect()
    assert service.reconcile("trial.person").agrees


def test_a_released_file_is_taken_and_those_after_it_go_on(drop, declare):
    declare(refresh="full", most=0.1)
    drop("person_20260101.csv", "1,甲", "2,乙", "3,丙")
    collect()
    drop("person_20260102.csv", "1,甲")
    held = collect().held
    assert held is not None
    assert service.release(held.id, by="数据管理员").state == Run.DONE
    assert names() == {"1": "甲"}
    drop("person_20260103.csv", "1,甲", "4,丁")
    assert files(collect()) == ["person_20260103.csv"]


def test_a_run_that_was_killed_between_two_files_is_gone_on_with(drop, monkeypatch):
    drop("person_20260101.csv", "1,甲")
    drop("person_20260102.csv", "2,乙")
    real = runs.collect
    calls: list[str] = []

    def killed(resource: str, location: str, **options):
        calls.append(location)
        if len(calls) == 2:
            raise SystemExit(137)
        return real(resource, location, **options)

    monkeypatch.setattr(runs, "collect", killed)
    with pytest.raises(SystemExit):
        collect()
    monkeypatch.setattr(runs, "collect", real)
    assert files(collect()) == ["person_20260102.csv"]
    assert Run.objects.filter(state=Run.DONE).count() == 2


def test_rows_that_arrive_twice_in_different_files_stand_once(drop):
    drop("person_20260101.csv", "1,甲", "2,乙")
    drop("person_20260102.csv", "2,乙", "3,丙")
    [_, second] = collect().runs
    assert (second.new, second.unchanged) == (1, 1)
    assert names() == {"1": "甲", "2": "乙", "3": "丙"}


def test_a_copy_is_noted_and_a_changed_file_is_read_again(drop):
    drop("person_20260101.csv", "1,甲")
    collect()
    drop("person_20260101_副本.csv", "1,甲")
    copied = collect()
    assert copied.runs == []
    assert "same content as person_20260101.csv" in copied.said()[0].en
    drop("person_20260101.csv", "1,改")
    [again] = collect().runs
    assert again.facts["file"]["changed"] is True
    assert [one["name"] for one in again.facts["folder"]["repeated"]] == ["person_20260101_副本.csv"]
    assert names() == {"1": "改"}


def test_what_lies_beside_is_said_with_the_run(drop, home):
    drop("person_20260101.csv", "1,甲")
    drop("person_20260101_2.csv", "1,乙")
    drop("other_20260101.csv", "1,甲")
    (home / "sample" / "drops" / "person_20260102.csv.part").write_text("编")
    first, second = collect().runs
    assert first.facts["folder"]["others"] == ["other_20260101.csv"]
    [waiting] = first.facts["folder"]["waiting"]
    assert waiting["name"] == "person_20260102.csv"
    assert second.facts["file"]["same_day"] == ["person_20260101.csv"]
    assert names() == {"1": "乙"}


def test_a_file_written_a_moment_ago_is_read_once_it_has_held_still(drop, home):
    path = drop("person_20260101.csv", "1,甲")
    os.utime(path)
    assert files(watching.collect_folder("trial.person", settle=0.2)) == ["person_20260101.csv"]


def test_one_at_a_time_looks_into_the_folder(drop):
    with exclusive("folder-trial.person", Text("x", "x")), pytest.raises(Busy):
        collect()


def test_a_missing_folder_or_a_file_in_its_place_is_refused(drop, home):
    (home / "sample" / "drops").rmdir()
    with pytest.raises(SourceMissing):
        collect()
    (home / "sample" / "drops").write_text("x")
    with pytest.raises(NotAFolder):
        collect()


def test_only_a_contract_with_a_pattern_is_watched(drop):
    contract = service.contract_of("trial.person")
    assert watching.is_watched(contract)
    assert [d.name for d in watching.waiting(contract).ready] == []
