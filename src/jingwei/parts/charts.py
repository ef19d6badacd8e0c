"""Charts from declared data: what is to be shown, not how a library draws it.

A chart carries its figures once. The page prints them as a table, which everybody can read, and as JSON that
`parts/chart.js` hands to ECharts in the tokens' colours. One axis, from nothing upwards, unless `floor` says
otherwise, and then the page says so too. `spark` draws a trend without any script.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from jingwei.kernel.text import Text

BAR, LINE = "bar", "line"
MOST_SERIES = 5
"""As many shades as the eye tells apart without reading the legend again."""


@dataclass(frozen=True)
class Series:
    """`values` stand in the order of the chart's labels; None is a gap, never nothing."""

    title: Text
    values: Sequence[float | None]


@dataclass(frozen=True)
class Chart:
    """`name` is the element's id; `promise` a line that was agreed; `floor` where the axis begins."""

    name: str
    title: Text
    unit: Text
    labels: Sequence[str]
    series: Sequence[Series]
    kind: str = BAR
    promise: tuple[Text, float] | None = None
    floor: float | None = None
    stacked: bool = False
    note: Text | None = None

    def __post_init__(self) -> None:
        if self.kind not in (BAR, LINE):
            raise ValueError(f"{self.name}: no chart of kind {self.kind!r}")
        if not 0 < len(self.series) <= MOST_SERIES:
            raise ValueError(f"{self.name}: one to {MOST_SERIES} series, not {len(self.series)}")
        if any(len(one.values) != len(self.labels) for one in self.series):
            raise ValueError(f"{self.name}: a series needs a value for each label")
        if self.kind == BAR and self.floor:
            raise ValueError(f"{self.name}: bars begin at nothing, or their lengths lie")

    @property
    def data(self) -> str:
        """JSON for the script; nothing in it can end the element it stands in."""
        facts = {
            "kind": self.kind,
            "unit": str(self.unit),
            "labels": list(self.labels),
            "series": [{"title": str(one.title), "values": list(one.values)} for one in self.series],
            "promise": {"title": str(self.promise[0]), "value": self.promise[1]} if self.promise else None,
            "floor": self.floor,
            "stacked": self.stacked,
        }
        text = json.dumps(facts, ensure_ascii=False, allow_nan=False)
        return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")

    def summary(self) -> str:
        """What a screen reader hears in the picture's place: first, last, least and most."""
        words = []
        for one in self.series:
            known = [
                (value, label)
                for value, label in zip(one.values, self.labels, strict=True)
                if value is not None
            ]
            if not known:
                continue
            (least, at_least), (most, at_most) = min(known), max(known)
            said = Text(
                "{t}：{a} {x}，到 {b} {y}；最低 {l}（{lw}），最高 {m}（{mw}）",
                "{t}: {x} in {a}, {y} in {b}; least {l} ({lw}), most {m} ({mw})",
            ).fill(
                t=one.title, a=known[0][1], x=known[0][0], b=known[-1][1], y=known[-1][0],
                l=least, lw=at_least, m=most, mw=at_most,
            )  # fmt: skip
            words.append(str(said))
        return str(Text("。", ". ")).join(words)


def spark(values: Sequence[float], width: int = 110, height: int = 32) -> str:
    """The path of a small trend line, for the attribute `d` of an SVG path."""
    if len(values) < 2:
        return ""
    low, high = min(values), max(values)
    span = (high - low) or 1
    edge = 3
    points = [
        (
            edge + place * (width - 2 * edge) / (len(values) - 1),
            height - edge - (value - low) * (height - 2 * edge) / span,
        )
        for place, value in enumerate(values)
    ]
    return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in points)
