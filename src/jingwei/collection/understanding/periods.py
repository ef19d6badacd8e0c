"""Which columns of a wide table are one thing at several times, and the pattern that says so.

`2012年, 2011年, …`, `2019/1`, `2020Q1`, `1月 … 12月`, and two levels as `2012年-人口`. The proposal is a contract's
`unpivot`: a pattern written so that next year's column fits it too.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from jingwei.catalog.contracts import Unpivot
from jingwei.collection.connectors.headers import tidy
from jingwei.kernel.text import Text


@dataclass(frozen=True)
class Kind:
    """A way of writing a span of time: pattern with the part that is kept, the column's header, its element."""

    pattern: str
    into: str
    element: str


_MONTHS = "(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*"
_YEAR = r"(?:1[89]|20|21)\d{2}"
KINDS = (
    Kind(rf"({_YEAR})年", "年份", "integer"),
    Kind(rf"({_YEAR})", "年份", "integer"),
    Kind(rf"({_YEAR})年度", "年份", "integer"),
    Kind(rf"({_YEAR})(?:年度?)?", "年份", "integer"),
    Kind(rf"(FY{_YEAR})", "年度", "plain_text"),
    Kind(rf"({_YEAR}[-/]\d{{2,4}})(?:学年|年度)?", "年度", "plain_text"),
    Kind(rf"({_YEAR}[-/]\d{{1,2}})-0?1(?: 00:00:00)?", "年月", "year_month"),
    Kind(rf"({_YEAR}年\d{{1,2}}月)份?", "年月", "year_month"),
    Kind(rf"({_YEAR}[-/.]\d{{1,2}})", "年月", "year_month"),
    Kind(rf"({_YEAR}(?:0[1-9]|1[0-2]))", "年月", "year_month"),
    Kind(rf"({_YEAR}年(?:\d{{1,2}}-)?\d{{1,2}}月)", "期间", "plain_text"),
    Kind(rf"({_MONTHS}[-/ ](?:{_YEAR}|\d{{2}}))", "年月", "plain_text"),
    Kind(rf"({_YEAR}年第?[一二三四1-4]季度?)", "季度", "plain_text"),
    Kind(rf"({_YEAR}[-/. ]?[Qq][1-4])", "季度", "plain_text"),
    Kind(rf"([Qq][1-4][-/. ]?{_YEAR})", "季度", "plain_text"),
    Kind(rf"({_YEAR}年?[上下]半年)", "半年", "plain_text"),
    Kind(rf"({_YEAR}[-/]\d{{1,2}}[-/]\d{{1,2}})(?: 00:00:00)?", "日期", "date"),
    Kind(rf"({_YEAR}年\d{{1,2}}月\d{{1,2}}日)", "日期", "date"),
    Kind(r"(\d{1,2})月份?", "月份", "integer"),
    Kind(r"([一二三四五六七八九十]{1,2}月)份?", "月份", "plain_text"),
    Kind(r"(第?[一二三四1-4]季度|[Qq][1-4])", "季度", "plain_text"),
)

LEAST = 2
"""Columns of one kind that make a table wide, where they are most of its figures; else three."""


@dataclass(frozen=True)
class Wide:
    """The proposal: `measures` are what the columns hold where the headers say so on a second level."""

    unpivot: Unpivot
    kind: Kind
    columns: tuple[int, ...]
    periods: tuple[str, ...]
    measures: tuple[str, ...]
    said: Text


def find_wide(names: Sequence[str], figures: Collection[int], value: str) -> Wide | None:
    """How the table is made long, None where it is long already. `figures` are places of columns of
    figures (or of nothing at all); `value` is what the cells are called where the headers do not say."""
    tidied = [tidy(name) for name in names]
    return _plain(tidied, figures, value) or _levelled(tidied, figures)


def _plain(names: Sequence[str], figures: Collection[int], value: str) -> Wide | None:
    best: Wide | None = None
    for kind in KINDS:
        pattern = re.compile(kind.pattern)
        found = {at: match[1] for at, name in enumerate(names) if (match := pattern.fullmatch(name))}
        if not _enough(found, figures) or len(set(found.values())) < len(found):
            continue
        if best is None or len(found) > len(best.columns):
            periods = tuple(found.values())
            said = Text(
                "{n} 列的表头是{into}（{first} … {last}），改成一行一个{into}",
                "{n} columns are headed with a time ({first} … {last}): a row for each",
            ).fill(n=len(found), into=kind.into, first=periods[0], last=periods[-1])
            made = Unpivot(kind.pattern, kind.into, value)
            best = Wide(made, kind, tuple(found), periods, (), said)
    return best


_APART = "[-_ ]?"


def _levelled(names: Sequence[str], figures: Collection[int]) -> Wide | None:
    """Names that hold a time and a measure: `2012年-人口`, `人口-2012年`, `2012年人口数`."""
    best: Wide | None = None
    for kind in KINDS[:16]:
        for shape in (rf"{kind.pattern}{_APART}(?P<rest>\D.*)", rf"(?P<rest>.*\D){_APART}{kind.pattern}"):
            made = _crossed(names, figures, kind, shape)
            if made and (best is None or len(made.columns) > len(best.columns)):
                best = made
    return best


def _crossed(names: Sequence[str], figures: Collection[int], kind: Kind, shape: str) -> Wide | None:
    pattern = re.compile(shape)
    found = {at: match for at, name in enumerate(names) if (match := pattern.fullmatch(name))}
    own = next((group for group in (1, 2) if group != pattern.groupindex["rest"]), 1)
    places = {at: (match[own], match["rest"].strip("-_ ")) for at, match in found.items()}
    periods = list(dict.fromkeys(period for period, _ in places.values()))
    measures = list(dict.fromkeys(rest for _, rest in places.values()))
    # each measure at each time, but for a few: else the times are part of the names
    if len(periods) < LEAST or not all(measures) or len(places) * 10 < len(periods) * len(measures) * 8:
        return None
    if not _enough(places, figures) or len(set(places.values())) < len(places):
        return None
    leading = shape.startswith(kind.pattern)
    time = kind.pattern if len(measures) == 1 else f"(?P<{kind.into}>{kind.pattern[1:]}"
    rest = (
        re.escape(measures[0])
        if len(measures) == 1
        else "(?P<指标>" + "|".join(map(re.escape, measures)) + ")"
    )
    text = f"{time}{_APART}{rest}" if leading else f"{rest}{_APART}{time}"
    value = measures[0] if len(measures) == 1 else "数值"
    said = Text(
        "{n} 列的表头是{into}乘指标（{times} 个{into}，{measures} 个指标），改成一行一个{into}和指标",
        "{n} columns are headed with a time and a measure ({times} times {measures}): a row for each",
    ).fill(n=len(places), into=kind.into, times=len(periods), measures=len(measures))
    told = tuple(measures) if len(measures) > 1 else ()
    return Wide(Unpivot(text, kind.into, value), kind, tuple(places), tuple(periods), told, said)


def _enough(found: Collection[int], figures: Collection[int]) -> bool:
    """Whether these columns are what the table is about: all figures, and most of its figures."""
    inside = sum(1 for at in found if at in figures)
    least = LEAST if inside * 2 > len(figures) else LEAST + 1
    return len(found) >= least and inside == len(found)
