"""区统计局: macro-economic figures by indicator, area and period, each edition of a figure a row of its own.

Quarterly figures come out as preliminary ones and are revised a quarter later, yearly ones a year later;
the revision stands in the same file, with a later day of publication.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa

from jingwei.sample.people import TODAY
from jingwei.sample.strings import dates, day, numbered
from jingwei.sample.systems.base import Sample, Sheet, System
from jingwei.sample.words import DISTRICT, STREETS
from jingwei.sample.writers import delimited

FIRST_YEAR, LAST_YEAR = 2021, 2026
INDICATORS = (
    # indicator, unit, figure of a quarter in the first year, growth a year, by street offices as well
    ("地区生产总值", "亿元", 96.0, 0.056, False),
    ("第一产业增加值", "亿元", 2.1, 0.031, False),
    ("第二产业增加值", "亿元", 38.0, 0.049, False),
    ("第三产业增加值", "亿元", 55.9, 0.062, False),
    ("规模以上工业增加值", "亿元", 31.5, 0.052, True),
    ("固定资产投资", "亿元", 42.0, 0.037, True),
    ("社会消费品零售总额", "亿元", 40.3, 0.058, True),
    ("一般公共预算收入", "亿元", 11.8, 0.043, False),
    ("城镇居民人均可支配收入", "元", 15_900.0, 0.051, False),
    ("农村居民人均可支配收入", "元", 9_100.0, 0.066, False),
)
SEASON = np.array([0.93, 0.99, 1.01, 1.07])


def make(sample: Sample) -> Sheet:
    rng = sample.rng("statistics.indicator")
    rows: list[tuple[str, str, str, str, str, str, int]] = []
    for name, unit, first, growth, by_street in INDICATORS:
        areas = [(DISTRICT, 1.0)]
        if by_street:
            shares = rng.dirichlet(np.full(len(STREETS), 8.0))
            areas += list(zip(STREETS, shares.tolist(), strict=True))
        for area, share in areas:
            rows += _series(name, unit, first * share, growth, area, rng)
    columns = {
        "指标": pa.array([row[0] for row in rows]),
        "地区": pa.array([row[1] for row in rows]),
        "时期": pa.array([row[2] for row in rows]),
        "数值": pa.array([row[3] for row in rows]),
        "计量单位": pa.array([row[4] for row in rows]),
        "版次": pa.array([row[5] for row in rows]),
        "发布日期": dates(np.array([row[6] for row in rows]), "iso"),
    }
    keys = numbered("TJ", np.arange(len(rows)) + 1, 8)
    return Sheet(
        {"记录编号": keys, **columns},
        keys,
        np.arange(len(rows)),
        np.ones(len(rows), dtype=bool),
        np.empty(0, np.int64),
    )


def _series(
    name: str, unit: str, first: float, growth: float, area: str, rng: np.random.Generator
) -> list[tuple[str, str, str, str, str, str, int]]:
    """One indicator of one area: preliminary figures, and revisions of about a third of them."""
    found = []
    for year in range(FIRST_YEAR, LAST_YEAR + 1):
        for quarter in range(1, 5):
            published = day(f"{year + (quarter == 4)}-{(quarter * 3) % 12 + 1:02d}-20")
            if published > TODAY:
                continue
            figure = first * (1 + growth) ** (year - FIRST_YEAR) * SEASON[quarter - 1] * rng.normal(1, 0.012)
            digits = 0 if unit == "元" else 2
            found.append(
                (
                    name,
                    area,
                    f"{year}年第{'一二三四'[quarter - 1]}季度",
                    f"{figure:,.{digits}f}",
                    unit,
                    "初步核算",
                    published,
                )
            )
            revised = published + 91
            if rng.random() < 0.35 and revised <= TODAY:
                again = figure * rng.normal(1.004, 0.006)
                found.append(
                    (name, area, f"{year}Q{quarter}", f"{again:.{digits}f}", unit, "最终核实", revised)
                )
    return found


def write(sheet: Sheet, path: Path) -> None:
    delimited(sheet.table(), path, "utf-8", quoted=True)


INDICATOR = System("statistics.indicator", None, "statistics/indicator.csv", make, write)
