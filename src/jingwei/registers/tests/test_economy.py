"""A macro-economic figure is named by its indicator, area and period together, and is revised, not replaced."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from jingwei.engines import lake
from jingwei.packs.service import install, shipped
from jingwei.registers import service

COLUMNS = "record_number, indicator, area, period, value, unit, edition, published_on"
ROWS = [
    ("1", "地区生产总值", "云溪区", "2026Q1", 96.1, "亿元", "初步核算", "2026-04-20"),
    ("2", "地区生产总值", "云溪区", "2026Q1", 97.3, "亿元", "最终核实", "2026-07-20"),
    ("3", "地区生产总值", "云溪区", "2026Q2", 98.0, "亿元", "初步核算", "2026-07-20"),
    ("4", "地区生产总值", "松涛街道", "2026Q1", 11.5, "亿元", "初步核算", "2026-04-20"),
    ("5", "固定资产投资", "云溪区", "2026Q1", 40.0, "亿元", "初步核算", "2026-04-20"),
]


@pytest.fixture
def linked(home: Path, db: None) -> dict[tuple[str, str, str], str]:
    """Entities by what names them, after linking the district's own register of the economy."""
    install(shipped() / "district")
    table = lake().table("standard", "statistics.indicator")
    with lake().write("put") as con:
        con.execute(
            "CREATE TEMP TABLE put (record_number VARCHAR, indicator VARCHAR, area VARCHAR, period VARCHAR, "
            "value DECIMAL(18, 4), unit VARCHAR, edition VARCHAR, published_on DATE)"
        )
        con.executemany("INSERT INTO put VALUES (?, ?, ?, ?, ?, ?, ?, ?)", ROWS)
        con.execute(
            f"CREATE TABLE {table} AS SELECT *, record_number AS _key, CAST(row_number() OVER () AS BIGINT) AS _row, 'R' AS _run, "
            "published_on AS _as_of, CAST(NULL AS STRUCT(field VARCHAR, code VARCHAR, original VARCHAR)[]) AS _faults FROM put"
        )
    service.link("economy")
    with lake().read() as con:
        rows = con.execute(
            f"SELECT indicator, area, period, entity_id FROM {lake().table('register', 'economy.golden')}"
        ).fetchall()
    return {(indicator, area, period): entity for indicator, area, period, entity in rows}


def test_another_area_or_period_is_another_figure(linked):
    assert len(linked) == len({row[1:4] for row in ROWS}) == 4


def test_the_figure_published_last_stands_and_the_one_before_stays_as_what_was_said(linked):
    entity = linked[("地区生产总值", "云溪区", "2026Q1")]
    assert float(service.golden("economy", entity).fields["value"].value) == 97.3
    said = {
        row.values["edition"]: (float(row.values["value"]), str(row.as_of))
        for row in service.records("economy", entity)
    }
    assert said == {"初步核算": (96.1, "2026-04-20"), "最终核实": (97.3, "2026-07-20")}
    (value,) = [one for one in service.explain("economy", entity) if one.field == "value"]
    assert [float(loser.value) for loser in value.losers] == [96.1]


def test_the_register_names_a_figure_by_all_three():
    declared = yaml.safe_load((shipped() / "district/registers/economy.yaml").read_text(encoding="utf-8"))
    assert declared["identifiers"] == [{"field": "indicator", "together_with": ["area", "period"]}]
