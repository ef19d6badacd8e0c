"""Who joins whom: decisions over scored pairs, made so that no two valid numbers ever meet.

    choices (asker → best entity, second best) ──▶ joined, or ambiguous
    edges (asker — asker)                      ──▶ groups, strongest pair first

A group carries at most one identified entity and at most one row of each source that lists every
entity once; a pair that would break this is passed over. Pairs are taken by weight, ties by the
records' own hashes, so the order of the input decides nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Edge:
    """Two askers and the weight of their being one; `order` breaks ties without looking at row numbers."""

    weight: float
    order: tuple[int, int]
    left: int
    right: int


@dataclass
class Groups:
    """Askers in groups. `entity` of a group is the identified cluster it belongs to, if any."""

    distinct_source: dict[int, int] = field(default_factory=dict)
    parent: dict[int, int] = field(default_factory=dict)
    entity: dict[int, int] = field(default_factory=dict)
    listed: dict[int, frozenset[int]] = field(default_factory=dict)
    barred: dict[int, frozenset[int]] = field(default_factory=dict)
    undecided: set[int] = field(default_factory=set)
    taken: dict[int, set[int]] = field(default_factory=dict)
    apart: dict[int, set[int]] = field(default_factory=dict)
    """Askers that a person told apart: of a group's root, those that no member may meet."""

    def find(self, node: int) -> int:
        root = node
        while self.parent.get(root, root) != root:
            root = self.parent[root]
        while self.parent.get(node, node) != root:
            self.parent[node], node = root, self.parent[node]
        return root

    def _listed(self, root: int) -> frozenset[int]:
        if root in self.listed:
            return self.listed[root]
        source = self.distinct_source.get(root)
        return frozenset() if source is None else frozenset((source,))

    def settle(self, node: int, entity: int) -> bool:
        """The asker joins an identified entity, unless one of its source's rows is there already."""
        if entity in self._barred(node) or self._met(node, entity):
            return False
        source = self.distinct_source.get(node)
        if source is not None:
            there = self.taken.setdefault(entity, set())
            if source in there:
                return False
            there.add(source)
        self.entity[node] = entity
        return True

    def join(self, left: int, right: int) -> bool:
        """One group of two, where nothing forbids it."""
        a, b = self.find(left), self.find(right)
        if a == b:
            return False
        one, other = self.entity.get(a), self.entity.get(b)
        if one is not None and other is not None and one != other:
            return False
        entity = one if one is not None else other
        # An asker that two entities claim alike must not slip into one of them through a third record.
        if entity is not None and (a in self.undecided or b in self.undecided):
            return False
        if entity is not None and entity in self._barred(a) | self._barred(b):
            return False
        mine, theirs = self._listed(a), self._listed(b)
        if mine & theirs:
            return False
        if any(self.find(node) == b for node in self.apart.get(a, ())):
            return False
        if entity is not None and (self._met(a, entity) or self._met(b, entity)):
            return False
        if entity is not None and one != other:
            joining = theirs if one is not None else mine
            there = self.taken.setdefault(entity, set())
            if joining & there:
                return False
            there |= joining
        root, child = min(a, b), max(a, b)
        self.parent[child] = root
        self.parent.setdefault(root, root)
        self.listed[root] = mine | theirs
        if a in self.apart or b in self.apart:
            self.apart[root] = self.apart.get(a, set()) | self.apart.get(b, set())
        self.barred[root] = self._barred(a) | self._barred(b)
        if a in self.undecided or b in self.undecided:
            self.undecided.add(root)
        if entity is not None:
            self.entity[root] = entity
        return True

    def tell_apart(self, left: int, right: int) -> None:
        """The two askers, and whoever joins them, stay apart."""
        self.apart.setdefault(left, set()).add(right)
        self.apart.setdefault(right, set()).add(left)

    def bar(self, node: int, entity: int) -> None:
        """The asker never joins this identified entity."""
        self.barred[node] = self._barred(node) | {entity}

    def _met(self, root: int, entity: int) -> bool:
        """Whether somebody the group is told apart from is in the entity already."""
        return any(self.entity.get(self.find(node)) == entity for node in self.apart.get(root, ()))

    def _barred(self, root: int) -> frozenset[int]:
        return self.barred.get(root, frozenset())


def group(groups: Groups, edges: Iterable[Edge]) -> list[Edge]:
    """Joins along the edges, strongest first; returns those that joined two groups."""
    used = []
    for edge in sorted(edges, key=lambda e: (-e.weight, e.order)):
        if groups.join(edge.left, edge.right):
            used.append(edge)
    return used
