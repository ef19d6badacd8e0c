"""What became of a division's code: renamed, merged, split or gone between one edition and the next.

Codes last longer than divisions: an identity number keeps the code of its first day, an old table that of
its own. A code leads to today's along declared successors, or along editions in which what disappears is
looked for again by its name. Where several could have followed, all are told and none is chosen.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, Literal

import duckdb

from jingwei.catalog.sql import identifier as quoted
from jingwei.engines import lake
from jingwei.registers.places.declaration import Succession

How = Literal["current", "renamed", "succeeded", "split", "retired", "circle", "unknown"]
NOBODYS = {
    "市辖区",
    "县",
    "自治区直辖县级行政单位",
    "省直辖县级行政单位",
    "省直辖县级行政区划",
    "自治区直辖县级行政区划",
}
_SUFFIX = re.compile(
    r"(?:(?:[一-鿿]{1,3}族)*(?:各族)?自治[县州旗区]|特区|林区|矿区|地区|新区|市|区|县|旗|盟)$"
)


@dataclass(frozen=True)
class Division:
    """One code while it had one name; several of a code follow one another in time."""

    code: str
    name: str
    valid_from: date | None = None
    valid_to: date | None = None
    successors: tuple[str, ...] = ()
    inferred: bool = False


@dataclass(frozen=True)
class Succeeded:
    """`codes` are today's: one where the way is clear, several where it is not (`split`), none where nothing
    followed. `inferred`: somebody compared editions by name, nobody declared it. `way` lists codes passed."""

    asked: str
    how: How
    codes: tuple[str, ...] = ()
    name: str | None = None
    way: tuple[str, ...] = ()
    inferred: bool = False


@dataclass
class Divisions:
    """All codes that are known, with what followed them."""

    known: Mapping[str, tuple[Division, ...]] = field(default_factory=dict)

    @classmethod
    def of(cls, rows: Iterable[Division]) -> Divisions:
        found: dict[str, list[Division]] = defaultdict(list)
        for row in rows:
            found[row.code].append(row)
        first = date.min
        return cls(
            {code: tuple(sorted(some, key=lambda d: d.valid_from or first)) for code, some in found.items()}
        )

    def find(self, code: str, on: date | None = None) -> Succeeded:
        """Today's code or codes of a code of whatever edition; `on` says when it was written down, which
        decides where a code was given to another division later."""
        if code not in self.known:
            return Succeeded(code, "unknown")
        ends: dict[str, tuple[str, ...]] = {}
        inferred, circle = False, False
        open_ways: list[tuple[tuple[str, ...], tuple[Division, ...]]] = [((code,), self._meant(code, on))]
        while open_ways:
            way, here = open_ways.pop()
            if any(one.valid_to is None and not one.successors for one in here):
                ends[way[-1]] = way
            for one in here:
                inferred |= one.inferred
                if renamed := self._renamed(one):
                    open_ways.append((way, (renamed,)))
                for successor in one.successors:
                    if successor in way:
                        circle = True
                    else:
                        open_ways.append(((*way, successor), self._after(successor, one.valid_to)))
        return self._said(code, ends, inferred=inferred, circle=circle)

    def _meant(self, code: str, on: date | None) -> tuple[Division, ...]:
        """The divisions that bore a code, on a day if one is given."""
        every = self.known.get(code, ())
        if on is None:
            return every
        then = tuple(
            d
            for d in every
            if (not d.valid_from or d.valid_from <= on) and (not d.valid_to or on < d.valid_to)
        )
        return then or every

    def _renamed(self, one: Division) -> Division | None:
        """The division that went on under the same code the day one's name ended, where no other followed it."""
        if one.successors or one.valid_to is None or one.valid_to == date.max:
            return None
        until = one.valid_to + timedelta(days=1)
        return next(
            (d for d in self.known[one.code] if d.valid_from and one.valid_to <= d.valid_from <= until), None
        )

    def _after(self, code: str, day: date | None) -> tuple[Division, ...]:
        """The division that bore a code next after a day: what followed then, not what the code means today."""
        every = self.known.get(code, ())
        return next(((d,) for d in every if day and (not d.valid_to or d.valid_to > day)), every)

    def _said(
        self, code: str, ends: dict[str, tuple[str, ...]], *, inferred: bool, circle: bool
    ) -> Succeeded:
        codes = tuple(sorted(ends))
        if not codes:
            return Succeeded(
                code, "circle" if circle else "retired", name=self.known[code][-1].name, inferred=inferred
            )
        if len(codes) > 1:
            return Succeeded(code, "split", codes, None, (), inferred)
        name = self.known[codes[0]][-1].name
        how: How = "succeeded" if codes[0] != code else "renamed" if len(self.known[code]) > 1 else "current"
        return Succeeded(code, how, codes, name, ends[codes[0]], inferred)

    def one(self, code: str) -> str | None:
        """Today's code where there is exactly one; wider codes of a longer one (street, community) pass through."""
        found = self.find(code)
        if len(found.codes) == 1:
            return found.codes[0]
        if found.how == "unknown" and len(code) > 6 and len(wider := self.find(code[:6]).codes) == 1:
            return wider[0] + code[6:]
        return None

    def named(self, name: str) -> tuple[str, ...]:
        """The codes that ever bore this name."""
        return tuple(
            sorted(code for code, some in self.known.items() if any(one.name == name for one in some))
        )


def load(con: duckdb.DuckDBPyConnection, declared: Succession | None) -> Divisions:
    """The declared succession from its standard table; nothing is known before it was collected."""
    if declared is None or not lake().exists(con, "standard", declared.resource):
        return Divisions()
    names = [name for _, name in declared.fields()]
    keys = [key for key, _ in declared.fields()]
    columns = ", ".join(f"CAST({quoted(name)} AS VARCHAR)" for name in names)
    rows = [
        dict(zip(keys, row, strict=True))
        for row in con.execute(
            f"SELECT {columns} FROM {lake().table('standard', declared.resource)}"
        ).fetchall()
    ]
    if declared.revision:
        return Divisions.of(compare(_editions(rows)))
    return Divisions.of(
        Division(
            row["code"],
            row["name"],
            _day(row.get("valid_from")),
            _day(row.get("valid_to")),
            tuple(re.findall(r"[0-9A-Za-z]+", row["successor"] or "")),
        )
        for row in rows
        if row["code"] and row["name"]
    )


def _day(text: Any) -> date | None:
    try:
        return date.fromisoformat(str(text)[:10])
    except ValueError:
        return None


def _editions(rows: Iterable[Mapping[str, Any]]) -> dict[str, dict[str, str]]:
    editions: dict[str, dict[str, str]] = defaultdict(dict)
    for row in rows:
        if row["revision"] and row["code"] and row["name"]:
            editions[row["revision"]][row["code"]] = row["name"]
    return {edition: editions[edition] for edition in sorted(editions)}


@dataclass
class _Edition:
    """One edition, to be asked by name and by name without its kind."""

    day: date | None
    names: Mapping[str, str]
    by_name: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    by_stem: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))

    def __post_init__(self) -> None:
        for code, name in sorted(self.names.items()):
            self.by_name[name].append(code)
            self.by_stem[_stem(name)].append(code)


def compare(editions: Mapping[str, Mapping[str, str]]) -> list[Division]:
    """Codes and what followed them, from editions in order of time (edition → code → name)."""
    order = [_Edition(_edition_day(edition), names) for edition, names in editions.items()]
    found: list[Division] = []
    for code in sorted({code for edition in order for code in edition.names}):
        spans = _spans(code, order)
        for place, (name, first, last) in enumerate(spans):
            followed = place + 1 < len(spans)
            if not followed and last == len(order) - 1:
                found.append(Division(code, name, order[first].day))
                continue
            until = order[last + 1].day or date.max
            # Renamed where the old name stands under no other code; given away where it does.
            moved = _followers(code, name, order[last], order[last + 1 :], moved_only=followed)
            found.append(Division(code, name, order[first].day, until, moved, inferred=bool(moved)))
    return found


def _spans(code: str, order: list[_Edition]) -> list[tuple[str, int, int]]:
    """(name, first edition, last edition) of a code, one for each name in turn."""
    spans: list[tuple[str, int, int]] = []
    for place, edition in enumerate(order):
        name = edition.names.get(code)
        if name is None:
            continue
        if spans and spans[-1][0] == name:
            spans[-1] = (name, spans[-1][1], place)
        else:
            spans.append((name, place, place))
    return spans


def _edition_day(label: str) -> date | None:
    digits = re.sub(r"\D", "", label)
    try:
        return date(int(digits[:4]), int(digits[4:6] or 1), int(digits[6:8] or 1))
    except ValueError:
        return None


def _followers(
    code: str, name: str, before: _Edition, later: list[_Edition], *, moved_only: bool
) -> tuple[str, ...]:
    """Codes under which a vanished division stands again, the surest way that finds any: new codes of its full
    name in its province; of its name with another ending; of a name the country had once; then older codes of
    such a name nearby, into which it went. Of a code that is in use under another name only the first is believed."""
    if name in NOBODYS:
        return ()
    stem = _stem(name)
    once = len(before.by_name[name]) == 1
    for after in later:
        named = [c for c in after.by_name[name] if c not in before.names or before.names[c] != name]
        alike = [c for c in after.by_stem[stem] if c not in before.names]
        level = _level(code)
        ways = [[c for c in named if c[:2] == code[:2] and _level(c) == level]]
        if not moved_only:
            ways += [
                [c for c in alike if c[:2] == code[:2] and _level(c) == level],
                [c for c in named if once and _level(c) == level],
                [c for c in (*named, *alike) if c[:2] == code[:2]],
                [c for c in after.by_stem[stem] if c[:4] == code[:4] and _level(c) == "county" and c != code],
                [
                    c
                    for c in after.by_stem[stem]
                    if c[:2] == code[:2] and level == _level(c) == "prefecture" and c != code
                ],
            ]
        for some in ways:
            if some:
                return tuple(sorted(set(some)))
    return ()


def _level(code: str) -> str:
    return "province" if code.endswith("0000") else "prefecture" if code.endswith("00") else "county"


def _stem(name: str) -> str:
    """A name without its kind: 昌平县 and 昌平区 are 昌平; of two signs nothing is taken off."""
    bare = _SUFFIX.sub("", name)
    return bare if len(bare) >= 2 else name
