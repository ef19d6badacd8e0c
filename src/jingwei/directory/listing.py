"""The list of resources: what a person typed and chose, and what is left to choose.

?q= ──Index──▶ ranked ──facets──▶ shown; each facet counts what the other choices leave
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from jingwei.catalog import sharing
from jingwei.directory.kept import while_unchanged
from jingwei.directory.resources import Resource, resources
from jingwei.directory.words import Entry, Index, within
from jingwei.kernel.text import Text
from jingwei.packs.service import Catalogue

HITS = 3
NONE = "none"
"""In an address: what has no theme, or feeds no register."""


@dataclass(frozen=True)
class Facet:
    """One way to narrow the list: its name in the address, its title, and the values of a resource."""

    name: str
    title: Text
    values: Callable[[Resource], Iterable[tuple[str, Text]]]


@dataclass(frozen=True)
class Choice:
    value: str
    title: Text
    count: int
    chosen: bool


def _registers(one: Resource) -> list[tuple[str, Text]]:
    return [(r.name, r.title.text()) for r in one.registers] or [(NONE, Text("不入库", "in no register"))]


FACETS = (
    Facet("organization", Text("部门", "Department"),
          lambda r: [(r.contract.organization, Text(r.contract.organization, r.contract.organization))]),
    Facet("theme", Text("主题", "Theme"), lambda r: [(r.contract.theme or NONE, r.theme)]),
    Facet("register", Text("基础库", "Register"), _registers),
    Facet("sharing", Text("共享类型", "Sharing"), lambda r: [(r.contract.sharing, r.sharing)]),
    Facet("level", Text("分级", "Level"), lambda r: [(str(r.level), r.level_said)]),
)  # fmt: skip
ORDER = {"sharing": list(sharing.SHARING), "level": [str(level) for level in sharing.LEVELS]}


@while_unchanged
def _index(known: Catalogue) -> Index:
    return Index([entry_of(one) for one in resources().values()])


def entry_of(one: Resource) -> Entry:
    contract = one.contract
    fields = [" ".join((f.name, f.header, *f.title)) for f in contract.fields]
    used = {f.element: e for f in contract.fields if f.element and (e := one.element(f))}
    said = [" ".join((e.element, *e.title.text())) for _, e in sorted(used.items())]
    lists = sorted({e.codes for e in used.values() if e.codes})
    return Entry(
        one.id,
        (*one.title, one.id),
        (
            (2.0, f"{contract.organization} {contract.source_system}"),
            (1.5, f"{one.theme.zh} {one.theme.en}"),
            (1.2, "\n".join(fields)),
            (1.0, contract.purpose),
            (0.8, "\n".join(said)),
            (0.8, " ".join(lists)),
        ),
    )


@dataclass(frozen=True)
class Found:
    """A resource of the list, and the fields that are why it is there."""

    resource: Resource
    fields: tuple[Text, ...]
    more: int


@dataclass(frozen=True)
class Listing:
    found: tuple[Resource, ...]
    facets: tuple[tuple[Facet, tuple[Choice, ...]], ...]


def listing(asked: str, chosen: Mapping[str, str]) -> Listing:
    """`chosen` has at most one value for each facet; what is no value of a facet leaves nothing."""
    known = resources()
    ranked = [known[key] for key in _index().find(asked)]
    values = {(one.id, facet.name): list(facet.values(one)) for one in ranked for facet in FACETS}

    def fits(one: Resource, but: str = "") -> bool:
        return all(
            chosen[facet.name] in {value for value, _ in values[one.id, facet.name]}
            for facet in FACETS
            if facet.name in chosen and facet.name != but
        )

    facets = []
    for facet in FACETS:
        counts: Counter[str] = Counter()
        titles: dict[str, Text] = {}
        for one in ranked:
            if fits(one, facet.name):
                for value, title in values[one.id, facet.name]:
                    counts[value] += 1
                    titles[value] = title
        order = ORDER.get(facet.name)
        if order:
            ordered = sorted(counts, key=order.index)
        else:
            ordered = [
                v for v, _ in sorted(counts.items(), key=lambda pair: (pair[0] == NONE, -pair[1], pair[0]))
            ]
        picked = chosen.get(facet.name)
        choices = [Choice(value, titles[value], counts[value], value == picked) for value in ordered]
        facets.append((facet, tuple(choices)))
    return Listing(tuple(one for one in ranked if fits(one)), tuple(facets))


def why(one: Resource, asked: str) -> Found:
    """The fields that hold what was asked."""
    if not asked.strip():
        return Found(one, (), 0)
    hits = [f.title for f in one.contract.fields if within(" ".join((f.name, f.header, *f.title)), asked)]
    return Found(one, tuple(hits[:HITS]), max(0, len(hits) - HITS))


def tree(by: str) -> list[tuple[Text, str, list[Resource]]]:
    """Resources under the values of a facet: title, value, resources; what has none comes last."""
    facet = next(facet for facet in FACETS if facet.name == by)
    branches: dict[str, tuple[Text, list[Resource]]] = {}
    for one in resources().values():
        for value, title in facet.values(one):
            branches.setdefault(value, (title, []))[1].append(one)
    ordered = sorted(branches.items(), key=lambda pair: (pair[0] == NONE, -len(pair[1][1]), pair[0]))
    return [(title, value, found) for value, (title, found) in ordered]
