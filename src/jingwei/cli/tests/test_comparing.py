"""Comparing and colliding from the command line: answers in a file, refusals in words."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from jingwei.cli.commands import jingwei
from jingwei.kernel.errors import JingweiError
from jingwei.kernel.models import LedgerEntry
from jingwei.testing.small_district import LU, small_district

__all__ = ["small_district"]

WHY = "高龄津贴资格年审"


def run(*arguments: str) -> dict[str, object]:
    answer = CliRunner().invoke(jingwei, ["register", *arguments, "--json"], catch_exceptions=True)
    if answer.exception:
        raise answer.exception
    found: dict[str, object] = json.loads(answer.output)
    return found


@pytest.fixture
def list_of_two(small_district, tmp_path, monkeypatch):
    # The home of the district is no home that `jingwei init` made.
    monkeypatch.setattr("jingwei.cli.frame._require_home", lambda: None)
    path = tmp_path / "list.csv"
    path.write_text(f"姓名,证号,电话\n{LU.name},{LU.number},19900000000\n某人,,\n", "utf-8")
    return path


def test_a_list_is_compared_into_a_file(list_of_two, tmp_path):
    target = tmp_path / "answers.csv"
    found = run("compare", "population", str(list_of_two), "--out", str(target), "--purpose", WHY, "--map", "id_number=证号", "--map", "phone=电话")  # fmt: skip
    assert found["found"] == {"found": 1, "not-found": 1, "several": 0}
    lines = target.read_text("utf-8-sig").splitlines()
    assert lines[1].split(",")[:2] == ["2", "找到"] and LU.phone not in "".join(lines)
    assert LedgerEntry.objects.get(action="register.compare").account == "(node)"


def test_a_column_the_list_does_not_have_is_told(list_of_two, tmp_path):
    with pytest.raises(SystemExit):
        run("compare", "population", str(list_of_two), "--out", str(tmp_path / "x.csv"), "--purpose", WHY, "--map", "id_number=没有这列")  # fmt: skip
    assert not (tmp_path / "x.csv").exists()


def test_two_resources_are_counted_and_a_list_needs_a_purpose(list_of_two):
    found = run("collide", "population", "police.resident", "medical.insured")
    assert found["both"] == "< 10" and "list" not in found
    with pytest.raises(JingweiError):
        run("collide", "population", "police.resident", "medical.insured", "--list", "both")
