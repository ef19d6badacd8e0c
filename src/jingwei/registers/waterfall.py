"""Why two records were joined or not, comparison by comparison, as words and as the bars of a waterfall.

matching.stored ─ the model in force ─▶ start (odds of any two records) + bits of each comparison = match weight
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from jingwei.engines import lake
from jingwei.kernel.text import Text
from jingwei.registers.answers import SourceRecord
from jingwei.registers.declaration import Register
from jingwei.registers.matching import stored
from jingwei.registers.presenting import texts, title_of

WIDTH = 200.0
"""Units of the drawing."""
LEVELS = {
    "missing": Text("有一边没写", "one side is silent"),
    "exact": Text("一样", "the same"),
    "different": Text("不同", "different"),
    "alike": Text("像", "alike"),
    "contains": Text("一个含另一个", "one contains the other"),
    "within": Text("一个在另一个里", "one within the other"),
    "one-typo": Text("差一个字符", "one character off"),
    "two-typos": Text("差两个字符", "two characters off"),
    "one-character": Text("差一个字", "one character off"),
    "swapped": Text("两栏写反", "swapped"),
    "homophone": Text("同音", "homophones"),
    "sounds-alike": Text("音近", "sound alike"),
    "variant-characters": Text("异体字", "variant characters"),
    "day-month-swapped": Text("月日写反", "day and month swapped"),
    "two-parts": Text("年月日对上两样", "two of year, month, day"),
    "same-year": Text("同年", "same year"),
    "same-door": Text("同一户", "same door"),
    "same-building": Text("同一幢", "same building"),
    "same-numbers": Text("门牌数字一样", "same numbers"),
    "same-road": Text("同一条路", "same road"),
    "without-area-code": Text("只差区号", "the same but for the area code"),
    "same-name": Text("全名一样", "same full name"),
    "same-core": Text("去掉地名和组织形式后一样", "same without place and form"),
    "same-trade-name": Text("字号一样", "same trade name"),
    "shares-words": Text("有共同的词", "share words"),
    "most-words": Text("多数词一样", "most words"),
    "half-the-words": Text("一半词一样", "half the words"),
    "same-words": Text("词都一样", "same words"),
    "short-is-core": Text("简称正是主干", "short name is the core"),
    "short-within-full": Text("简称在全称里", "short name within the full one"),
    "mentioned": Text("文中提到", "mentioned in the text"),
}
"""Levels of the comparers in words; one that is not here is shown as it is called."""


@dataclass(frozen=True)
class Bar:
    """One step: from where to where it moves the weight, in units of the drawing."""

    title: Text
    level: Text
    bits: float
    left: float
    width: float


@dataclass(frozen=True)
class Waterfall:
    """`start` is the weight before anything is compared, `total` after everything; `zero` and `threshold` are
    places in the drawing."""

    bars: list[Bar]
    start: float
    total: float
    zero: float
    threshold: float | None


def of_pair(
    register: Register, left: SourceRecord, right: SourceRecord, threshold: float | None
) -> Waterfall | None:
    """None where the register matches nothing by similarity, or was linked before models were kept."""
    matching = register.matching
    if matching is None:
        return None
    resources = [source.resource for source in register.sources]
    with lake().read() as con:
        trained = stored.load(con, register.name, stored.basis(matching, resources))
        if trained is None:
            return None
        weighed = stored.explain(con, register.name, matching, resources, left.values, right.values)
    chance = float(trained.settings["probability_two_random_records_match"])
    return drawn(register, weighed, math.log2(chance / (1 - chance)), threshold)


def drawn(
    register: Register, weighed: Sequence[stored.Weighed], start: float, threshold: float | None
) -> Waterfall:
    ends = [start]
    for one in weighed:
        ends.append(ends[-1] + one.bits)
    marks = [0.0, *ends, *([threshold] if threshold is not None else [])]
    low, high = min(marks), max(marks)

    def at(weight: float) -> float:
        return round((weight - low) / ((high - low) or 1) * (WIDTH - 1), 1)

    bars = [
        bar(Text("起点", "start"), Text("随便两条", "any two"), start, at(min(0, start)), at(max(0, start)))
    ]
    for one, before, after in zip(weighed, ends, ends[1:], strict=False):
        level = LEVELS.get(one.level, Text(one.level, one.level))
        title = title_of(register.field(one.field))
        bars.append(bar(title, level, one.bits, at(min(before, after)), at(max(before, after))))
    return Waterfall(bars, start, round(ends[-1], 1), at(0), at(threshold) if threshold is not None else None)


def bar(title: Text, level: Text, bits: float, left: float, right: float) -> Bar:
    return Bar(title, level, round(bits, 1), left, round(right - left, 1))


def nearest(register: Register, record: SourceRecord, others: Sequence[SourceRecord]) -> SourceRecord | None:
    """The record of the same entity that agrees with this one in most compared fields: the likeliest reason."""
    compared = [c.field for c in register.matching.comparisons] if register.matching else []

    def agreeing(other: SourceRecord) -> int:
        return sum(
            1
            for name in compared
            if texts(record.values.get(name))
            and texts(record.values.get(name)) == texts(other.values.get(name))
        )

    return max((other for other in others if other is not record), key=agreeing, default=None)
