"""`jingwei contract infer | show` as a person or a script uses them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from jingwei.cli.commands import jingwei

TABLE = (
    "数据库：分省年度数据\n指标：地区生产总值(亿元)\n时间：最近3年\n地区,2023年,2022年,2021年\n"
    "北京市,47353.7,45222.4,44350.7\n天津市,17211.8,16588.5,16093.2\n河北省,45660.0,43198.3,\n数据来源：国家统计局\n"
)


@pytest.fixture
def table(tmp_path: Path) -> str:
    path = tmp_path / "分省年度数据.csv"
    path.write_bytes(TABLE.encode("gb18030"))
    return str(path)


def run(*arguments: str) -> Result:
    return CliRunner().invoke(jingwei, list(arguments))


def test_what_is_printed_is_a_contract_that_passes_its_check(table, tmp_path):
    printed = run("contract", "infer", table, "--id", "stats.gdp")
    assert printed.exit_code == 0
    path = tmp_path / "stats.gdp.yaml"
    path.write_text(printed.output, encoding="utf-8")
    checked = run("contract", "check", str(path), "--json")
    assert (checked.exit_code, json.loads(checked.output)["fields"]) == (0, 3)


def test_into_a_pack_it_goes_among_the_contracts_and_overwrites_nothing(table, tmp_path):
    pack = tmp_path / "trial"
    pack.mkdir()
    (pack / "pack.yaml").write_text(
        "pack: trial\nversion: 1.0.0\ntitle: {zh: 试, en: Trial}\nrequires: [standards]\n", encoding="utf-8"
    )
    first = run("contract", "infer", table, "--id", "stats.gdp", "--out", str(pack), "--json")
    assert first.exit_code == 0
    assert (pack / "contracts" / "stats.gdp.yaml").is_file()
    assert run("pack", "check", str(pack)).exit_code == 0
    again = run("contract", "infer", table, "--id", "stats.gdp", "--out", str(pack))
    assert again.exit_code == 1


def test_json_tells_confidence_and_evidence_of_everything(table):
    (told,) = json.loads(run("contract", "infer", table, "--id", "stats.gdp", "--json").output)["contracts"]
    assert [field["header"] for field in told["fields"]] == ["地区", "年份", "地区生产总值(亿元)"]
    assert all(0 <= field["confidence"] <= 1 and field["evidence"] for field in told["fields"])
    assert (told["key"]["fields"], told["unpivot"]["into"]) == (["region", "year"], "年份")
    assert (told["judged"], told["expected"]) == (9, 9)


def test_show_tells_the_header_what_is_no_record_and_the_long_table(table):
    (told,) = json.loads(run("contract", "show", table, "--json").output)["tables"]
    assert (told["header_row"], told["rows"], told["long_rows"]) == (4, 3, 9)
    assert [row["row"] for row in told["footnotes"]] == [8]
    lines = run("contract", "show", table, "--csv", "--long").output.splitlines()
    assert lines[:2] == ["地区,年份,地区生产总值(亿元)", "北京市,2023,47353.7"]
    assert len(run("contract", "show", table, "--csv").output.splitlines()) == 4
    assert "北京市" in run("contract", "show", table).output


def test_a_table_that_is_not_there_is_refused(table):
    refused = run("contract", "show", table, "--table", "2")
    assert refused.exit_code == 1
