"""`jingwei register try`: the outcome as words and as JSON; a faulty file is told by its own path."""

import json

import pytest

from jingwei.cli.commands import jingwei
from jingwei.kernel.models import LedgerEntry
from jingwei.packs.errors import PackFaulty
from jingwei.registers import trial
from jingwei.testing.small_district import PEOPLE, small_district

__all__ = ["small_district"]


@pytest.fixture
def file(small_district, tmp_path):
    (small_district.home / "operational.sqlite").touch()
    path = tmp_path / "changed.yaml"
    path.write_text(trial.declaration("population"), "utf-8")
    return path


def run(*arguments):
    return jingwei.main(["register", "try", "population", *map(str, arguments)], standalone_mode=False)


def test_the_rules_as_they_are_change_nothing_and_the_try_is_on_record(file, capsys):
    run(file, "--json")
    told = json.loads(capsys.readouterr().out)
    # other tests of this process may have collected somebody more
    assert told["before"] == told["after"] >= len(PEOPLE)
    assert told["changed"] == 0
    assert LedgerEntry.objects.get().action == "register.try"


def test_a_faulty_file_is_told_by_its_own_path(file):
    file.write_text(file.read_text("utf-8").replace("sources:", "sourses:", 1), "utf-8")
    with pytest.raises(PackFaulty) as told:
        run(file)
    assert str(file) in str(told.value)
