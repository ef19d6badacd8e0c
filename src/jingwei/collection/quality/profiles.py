"""Reading profiles: what the values of a resource look like, and what has shifted since the profile before.

A profile is kept as JSON (models.Profile) and read back as these dataclasses. Values of personal fields
are never among them: only codes with at least `SMALL` rows, patterns and lengths.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field as made
from datetime import datetime
from typing import Any

from django.db.models import F, Sum

from jingwei.catalog.contracts import Contract
from jingwei.collection.models import Profile, Run
from jingwei.kernel.text import Text
from jingwei.packs.service import installed

RESOURCE = Text("信息资源", "resource")
WORKING = ("categories", "scale", "bars_as_before", "shapes_of")
"""Of a kept field, what only the next profile needs, to tell shifts by."""
SMALL = 10
"""Values and patterns with fewer rows are not listed one by one: they might tell of a person."""


@dataclass(frozen=True)
class Share:
    """A value, pattern or code with its rows. `title` is what a code is called, None where it is no code.

    Of a sample (FieldProfile.sampled), `rows` are scaled to the table."""

    value: str
    rows: int
    share: float
    title: Text | None = None


@dataclass(frozen=True)
class Bar:
    """One bar of a distribution: from `low` (inclusive) to `high` (the last bar inclusive), as text."""

    low: str
    high: str
    share: float


@dataclass(frozen=True)
class FieldProfile:
    """One field. Figures that make no sense for its kind are None or empty."""

    field: str
    title: Text
    element: str
    kind: str
    """string, date, timestamp, integer, decimal, boolean."""
    rows: int
    missing: int
    distinct: int
    distinct_exact: bool
    """False: estimated (HyperLogLog, about 2 % off)."""
    withheld: Text | None
    """Why single values are not shown; None where they are."""
    least: str | None = None
    most: str | None = None
    mean: str | None = None
    quantiles: Mapping[str, str] = made(default_factory=dict)
    """`0.05`, `0.25`, `0.5`, `0.75`, `0.95` → value as text."""
    shortest: int | None = None
    longest: int | None = None
    length: float | None = None
    """Mean number of characters."""
    bars: tuple[Bar, ...] = ()
    values: tuple[Share, ...] = ()
    """Most frequent values, at most twenty."""
    others: int = 0
    """Rows with a value that is not among `values`."""
    patterns: tuple[Share, ...] = ()
    """Most frequent shapes, at most ten: 9 a digit, A a capital, a a small letter, 中 a Chinese character;
    `9{18}` eighteen of them, `中+` some of them."""
    sampled: int | None = None
    """Rows that distribution and patterns were taken from; None where all rows were."""

    @property
    def missing_share(self) -> float:
        return self.missing / self.rows if self.rows else 0.0


@dataclass(frozen=True)
class Shift:
    """Something that is not as it was in the profile before. `field` is '' for the resource as a whole."""

    field: str
    kind: str
    """rows, missing, appeared, vanished, distribution, pattern."""
    strong: bool
    text: Text
    figure: float | None = None
    """The measure behind it: population stability index, or difference of shares."""


@dataclass(frozen=True)
class TableProfile:
    """A resource as its last profile saw it."""

    resource: str
    title: Text
    run: str
    at: datetime
    rows: int
    fields: tuple[FieldProfile, ...]
    """In the contract's order."""
    shifts: tuple[Shift, ...]
    """Strong ones first."""
    compared_with: str | None
    """Run of the profile before; None for the first."""
    changed_since: int
    """Rows that later runs brought, changed or removed: too few to be worth a new profile."""


def profile(resource: str) -> TableProfile | None:
    """The newest profile; None where there is none yet."""
    contract: Contract = installed().get("contracts", resource, RESOURCE)
    kept = Profile.objects.filter(resource=resource).order_by("-at").first()
    return read(kept, contract) if kept else None


def read(kept: Profile, contract: Contract) -> TableProfile:
    """A kept profile; fields the contract no longer has are left out."""
    told: dict[str, Any] = kept.fields
    titles = {f.name: f.title for f in contract.fields}
    fields = tuple(
        field_of(name, titles[name], told["fields"][name]) for name in titles if name in told["fields"]
    )
    shifts = tuple(
        Shift(s["field"], s["kind"], s["strong"], Text(**s["text"]), s.get("figure")) for s in told["shifts"]
    )
    return TableProfile(
        contract.id, contract.title, kept.run, kept.at, kept.rows, fields, shifts, told["compared_with"],
        changed_since(kept),
    )  # fmt: skip


def field_of(name: str, title: Text, kept: Mapping[str, Any]) -> FieldProfile:
    plain = {key: value for key, value in kept.items() if key not in WORKING}
    plain["withheld"] = Text(**kept["withheld"]) if kept["withheld"] else None
    plain["bars"] = tuple(Bar(**bar) for bar in kept["bars"])
    for many in ("values", "patterns"):
        plain[many] = tuple(
            Share(one["value"], one["rows"], one["share"], Text(**one["title"]) if one.get("title") else None)
            for one in kept[many]
        )
    return FieldProfile(field=name, title=title, **plain)


def changed_since(kept: Profile) -> int:
    """Rows that runs after the profile's brought, changed or removed."""
    later = Run.objects.filter(resource=kept.resource, state=Run.DONE, ended__gt=kept.at)
    total = later.aggregate(n=Sum(F("new") + F("changed") + F("removed")))["n"]
    return int(total or 0)
