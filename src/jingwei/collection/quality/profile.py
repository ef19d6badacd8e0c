"""Taking a profile: what the values of a resource's standard table look like after a run.

    table ──one pass──▶ counts, extremes, lengths, distinct values (estimated)
    table ──a sample by key──▶ quantiles, bars, patterns
    columns of few values ──▶ all their values, counted
    this and the profile before ──shifts──▶ what has changed

The sample is taken by the key's number, so that the same rows are in it each time and a shift is one of the
data. Values with few rows are not kept, and of personal fields that are no codes no value is.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.utils import timezone

from jingwei.catalog.contracts import Contract
from jingwei.catalog.sql import identifier
from jingwei.catalog.values import Standardizer, standardizer
from jingwei.collection.models import Profile, Run
from jingwei.collection.quality import shifts
from jingwei.collection.quality.profiles import SMALL, changed_since
from jingwei.collection.quality.shapes import shape_sql, short
from jingwei.engines import lake
from jingwei.kernel.text import Text

SAMPLE, SHAPED = 50_000, 10_000
"""Rows of the sample, and how many of it patterns are made of."""
FEW = 1_000
"""A field with fewer distinct values (estimated) has them counted."""
LISTED, KEPT, PATTERNS, BARS = 20, 200, 10, 20
WORTH = 0.01
"""A new profile is taken when this share of the rows changed since the last."""
QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
PERSONAL = ("personal", "sensitive")
WITHHELD = Text("个人信息：只看写法和长短，不列出值", "personal: shapes and lengths only, no values")
EPOCH = date(1970, 1, 1)

Kept = dict[str, Any]


@dataclass(frozen=True)
class Subject:
    """A field with what it takes to profile it."""

    name: str
    standardizer: Standardizer

    @property
    def at(self) -> str:
        return identifier(self.name)

    @property
    def kind(self) -> str:
        return str(self.standardizer.element.type)

    @property
    def measured(self) -> bool:
        """Whether its values lie on a line."""
        return self.kind in ("date", "timestamp", "integer", "decimal")

    @property
    def withheld(self) -> bool:
        element = self.standardizer.element
        return element.classification in PERSONAL and not element.codes and self.kind != "boolean"

    @property
    def number(self) -> str:
        """SQL: the value as a DOUBLE; days of a date, seconds of a time, since 1970."""
        if self.kind == "date":
            return f"CAST({self.at} - DATE '1970-01-01' AS DOUBLE)"
        if self.kind == "timestamp":
            return f"CAST(epoch({self.at}) AS DOUBLE)"
        return f"CAST({self.at} AS DOUBLE)"

    def said(self, number: float) -> str:
        """That number as the value it stands for."""
        if self.kind == "date":
            return (EPOCH + timedelta(days=round(number))).isoformat()
        if self.kind == "timestamp":
            moment = datetime(1970, 1, 1) + timedelta(seconds=round(number))
            return moment.isoformat(sep=" ", timespec="minutes")
        if self.kind == "integer":
            return str(round(number))
        return f"{number:.{self.standardizer.element.scale}f}"


def note(run: Run, contract: Contract) -> None:
    """Takes a profile of a run that was done, unless too little changed since the last to be worth it."""
    before = Profile.objects.filter(resource=contract.id).exclude(run=run.id).order_by("-at").first()
    if before and not _worth(before, run, contract):
        return
    taken = take(contract, before)
    if taken is None:
        return
    rows, kept = taken
    at = run.ended or timezone.now()
    fields = {"resource": contract.id, "at": at, "rows": rows, "fields": kept}
    Profile.objects.update_or_create(run=run.id, defaults=fields)


def _worth(before: Profile, run: Run, contract: Contract) -> bool:
    if set(before.fields["fields"]) != {field.name for field in contract.fields}:
        return True
    changed = changed_since(before)
    return changed > 0 and changed >= WORTH * before.rows


def take(contract: Contract, before: Profile | None) -> tuple[int, Kept] | None:
    """Rows and the kept form of the profile (fields, shifts, compared_with); None where there are no rows."""
    engine = lake()
    with engine.read() as con:
        if not engine.exists(con, "standard", contract.id):
            return None
        table = engine.table("standard", contract.id)
        there = set(engine.columns(con, "standard", contract.id))
        subjects = [Subject(f.name, standardizer(f.element_name)) for f in contract.fields if f.name in there]
        counted = con.execute(f"SELECT count(*) FROM {table}").fetchone()
        rows = int(counted[0]) if counted else 0
        if not rows or not subjects:
            return None
        sampled = _sample(con, table, subjects, rows)
        old = before.fields["fields"] if before else {}
        plain = _plain(con, table, subjects)
        fields = {s.name: {**_empty(s), **plain[s.name], "rows": rows, "sampled": sampled} for s in subjects}
        _measure(con, [s for s in subjects if s.measured], fields, old)
        for subject in subjects:
            kept = fields[subject.name]
            if not subject.withheld and not subject.measured and kept["distinct"] <= FEW:
                _count(con, table, subject, kept)
            elif not subject.withheld and subject.kind == "string":
                _frequent(con, subject, kept, sampled)
            if subject.kind == "string":
                _shape(con, subject, kept)
    titles = {f.name: f.title for f in contract.fields}
    told = shifts.between(old, fields, (before.rows if before else rows, rows), titles)
    return rows, {"fields": fields, "shifts": told, "compared_with": before.run if before else None}


def _empty(subject: Subject) -> Kept:
    return {
        "element": subject.standardizer.element.element, "kind": subject.kind,
        "withheld": WITHHELD._asdict() if subject.withheld else None,
        "least": None, "most": None, "mean": None, "quantiles": {}, "shortest": None, "longest": None,
        "length": None, "bars": [], "values": [], "others": 0, "patterns": [], "distinct_exact": False,
        "categories": None, "scale": None, "bars_as_before": None, "shapes_of": 0,
    }  # fmt: skip


def _sample(con: Any, table: str, subjects: Sequence[Subject], rows: int) -> int | None:
    """Fills `sample`; the rows it has, None where it has all."""
    each = math.ceil(rows / SAMPLE)
    names = ", ".join(subject.at for subject in subjects)
    only = f" WHERE hash(_key) % {each} = 0" if each > 1 else ""
    con.execute(f"CREATE OR REPLACE TEMP TABLE sample AS SELECT {names} FROM {table}{only}")
    row = con.execute("SELECT count(*) FROM sample").fetchone()
    return int(row[0]) if each > 1 else None


def _plain(con: Any, table: str, subjects: Sequence[Subject]) -> dict[str, Kept]:
    """Counts, extremes and lengths of all fields, in one pass over the table."""
    wanted: list[tuple[str, str, str]] = []
    for s in subjects:
        wanted += [
            (s.name, "missing", f"count(*) - count({s.at})"),
            (s.name, "distinct", f"approx_count_distinct({s.at})"),
        ]
        if s.measured:
            wanted += [(s.name, "mean", f"avg({s.number})")]
            if not s.withheld:
                wanted += [
                    (s.name, "least", f"CAST(min({s.at}) AS VARCHAR)"),
                    (s.name, "most", f"CAST(max({s.at}) AS VARCHAR)"),
                ]
        elif s.kind == "string":
            wanted += [
                (s.name, "shortest", f"min(length({s.at}))"),
                (s.name, "longest", f"max(length({s.at}))"),
                (s.name, "length", f"round(avg(length({s.at})), 2)"),
            ]
    values = con.execute(f"SELECT {', '.join(sql for _, _, sql in wanted)} FROM {table}").fetchone()
    found: dict[str, Kept] = {s.name: {} for s in subjects}
    for (name, figure, _), value in zip(wanted, values, strict=True):
        found[name][figure] = value
    for s in subjects:
        if s.measured and found[s.name]["mean"] is not None:
            found[s.name]["mean"] = s.said(found[s.name]["mean"])
    return found


def _measure(
    con: Any, subjects: Sequence[Subject], fields: dict[str, Kept], before: Mapping[str, Kept]
) -> None:
    """Quantiles and bars of the fields whose values lie on a line; and the earlier profile's bars anew."""
    if not subjects:
        return
    wanted = [0.005, *QUANTILES, 0.995]
    asked = ", ".join(f"quantile_cont({s.number}, {wanted})" for s in subjects)
    spans = con.execute(f"SELECT {asked} FROM sample").fetchone()
    asked_bars: list[tuple[Kept, str, str]] = []
    for s, found in zip(subjects, spans, strict=True):
        kept = fields[s.name]
        if not found:
            continue
        kept["quantiles"] = {f"{q:g}": s.said(v) for q, v in zip(QUANTILES, found[1:-1], strict=True)}
        low, high = found[0], found[-1]
        width = (high - low) / BARS
        if s.kind in ("date", "integer"):
            width = math.ceil(width)
        kept["scale"] = {"low": low, "width": width or 1.0}
        asked_bars.append((kept, "bars", _bars_sql(s, kept["scale"])))
        earlier = before.get(s.name) or {}
        if earlier.get("scale") and earlier["kind"] == s.kind:
            asked_bars.append((kept, "bars_as_before", _bars_sql(s, earlier["scale"])))
    if not asked_bars:
        return
    counted = con.execute(f"SELECT {', '.join(sql for _, _, sql in asked_bars)} FROM sample").fetchone()
    of = {id(fields[s.name]): s for s in subjects}
    for (kept, name, _), found in zip(asked_bars, counted, strict=True):
        total = sum(found.values())
        shares = [round(found.get(bar, 0) / total, 6) for bar in range(BARS)]
        subject = of[id(kept)]
        kept[name] = shares if name == "bars_as_before" else _bars(subject, kept["scale"], shares)


def _bars_sql(subject: Subject, scale: Mapping[str, float]) -> str:
    """MAP of bar to rows; what lies beyond the first and last belongs to them."""
    bar = f"floor(({subject.number} - {scale['low']!r}) / {scale['width']!r})"
    return (
        f"histogram(CAST(greatest(0, least({BARS - 1}, {bar})) AS INTEGER)) FILTER ({subject.at} IS NOT NULL)"
    )


def _bars(subject: Subject, scale: Mapping[str, float], shares: Sequence[float]) -> list[Kept]:
    edges = [scale["low"] + scale["width"] * at for at in range(BARS + 1)]
    return [
        {"low": subject.said(edges[at]), "high": subject.said(edges[at + 1]), "share": share}
        for at, share in enumerate(shares)
    ]


def _count(con: Any, table: str, subject: Subject, kept: Kept) -> None:
    """All values of a field that has few; those with few rows are counted together."""
    found = con.execute(
        f"SELECT CAST({subject.at} AS VARCHAR) AS value, count(*) AS n FROM {table} WHERE {subject.at} IS NOT NULL"
        f" GROUP BY 1 ORDER BY n DESC, 1 LIMIT {FEW * 2}"
    ).fetchall()
    kept["distinct"], kept["distinct_exact"] = len(found), len(found) < FEW * 2
    common = [(value, n) for value, n in found if n >= SMALL]
    if len(common) <= KEPT:
        kept["categories"] = dict(common)
    total = sum(n for _, n in found)
    kept["values"] = [_share(subject, value, n, total) for value, n in common[:LISTED]]
    kept["others"] = total - sum(n for _, n in common[:LISTED])


def _frequent(con: Any, subject: Subject, kept: Kept, sampled: int | None) -> None:
    """The most frequent of many values, out of the sample."""
    found = con.execute(
        f"SELECT {subject.at} AS value, count(*) AS n FROM sample WHERE {subject.at} IS NOT NULL"
        f" GROUP BY 1 HAVING n >= {SMALL} ORDER BY n DESC, 1 LIMIT {LISTED}"
    ).fetchall()
    each = kept["rows"] / sampled if sampled else 1.0
    total = kept["rows"] - kept["missing"]
    kept["values"] = [_share(subject, value, round(n * each), total) for value, n in found]
    kept["others"] = max(0, total - sum(value["rows"] for value in kept["values"]))


def _share(subject: Subject, value: str, rows: int, total: int) -> Kept:
    codes = subject.standardizer.codes
    title = codes.title_of(value) if codes else None
    share = round(rows / total, 6) if total else 0.0
    return {"value": value, "rows": rows, "share": share, "title": title._asdict() if title else None}


def _shape(con: Any, subject: Subject, kept: Kept) -> None:
    """The most frequent shapes of a text field."""
    found = con.execute(
        f"SELECT shape, count(*) AS n, sum(n) OVER () FROM (SELECT {shape_sql(subject.at)} AS shape"
        f" FROM (SELECT {subject.at} FROM sample WHERE {subject.at} IS NOT NULL LIMIT {SHAPED}))"
        " GROUP BY shape ORDER BY n DESC, shape"
    ).fetchall()
    total = int(found[0][2]) if found else 0
    kept["shapes_of"] = total
    each = (kept["rows"] - kept["missing"]) / total if total else 1.0
    common = [(shape, n) for shape, n, _ in found if n >= SMALL][:PATTERNS]
    kept["patterns"] = [
        {"value": short(shape), "rows": round(n * each), "share": round(n / total, 6), "title": None}
        for shape, n in common
    ]
