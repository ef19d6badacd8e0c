"""Lineage: what every value is made from and goes into, down to the field, worked out from declarations.

    source column ─▶ field of a resource (element) ─▶ register field ─▶ item's form, relation, page figure
         contract        contract, rules, references      register         item, relation

Nothing is observed: a lineage from declarations is true before the first run and cannot fall behind. A node is
called `kind:place`, `field:police.resident/phone`; edges lead from what is read to what is made.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from urllib.parse import urlencode

from django.urls import reverse

from jingwei.catalog.contracts import Contract
from jingwei.directory.kept import while_unchanged
from jingwei.directory.resources import Resource, resources
from jingwei.kernel.text import Text
from jingwei.packs.service import Catalogue
from jingwei.registers.declaration import Register
from jingwei.registers.relations.declaration import End, Relation
from jingwei.window.items import Item

COLUMN, FIELD, REGISTER, USE = "column", "field", "register", "use"
NAMES = re.compile(r"[a-z][a-z0-9_]*")
COLUMNS = (COLUMN, FIELD, REGISTER, USE)
TITLES = {
    COLUMN: Text("业务系统的列", "Source column"),
    FIELD: Text("标准字段", "Standard field"),
    REGISTER: Text("基础库字段", "Register field"),
    USE: Text("用在哪里", "Used in"),
}


@dataclass(frozen=True)
class Node:
    """`stage` is its column in the picture; `sort` tells uses apart: item, relation, page, rule."""

    key: str
    stage: str
    title: Text
    of: Text
    """What it belongs to: system, resource, register, item."""
    said: Text
    address: str
    sort: str = ""

    @property
    def action(self) -> str:
        """What somebody must be allowed to do to open its page."""
        return {"item": "window.serve", "register": "register.read", "relation": "register.read",
                "page": "register.read"}.get(self.sort, "catalog.read")  # fmt: skip


@dataclass
class Graph:
    nodes: dict[str, Node] = field(default_factory=dict)
    onward: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    back: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    how: dict[tuple[str, str], Text] = field(default_factory=dict)
    """What an edge does, where it does more than carry a value."""

    def add(self, node: Node) -> Node:
        return self.nodes.setdefault(node.key, node)

    def join(self, source: str, target: str, how: Text | None = None) -> None:
        if source in self.nodes and target in self.nodes and target not in self.onward[source]:
            self.onward[source].append(target)
            self.back[target].append(source)
            if how:
                self.how[source, target] = how

    def reach(self, starts: Iterable[str], forward: bool) -> list[str]:
        """Everything that can be reached one way, nearest first, without the starts."""
        step = self.onward if forward else self.back
        seen = dict.fromkeys(starts)
        queue, found = list(seen), []
        for key in queue:
            for other in step.get(key, ()):
                if other not in seen:
                    seen[other] = None
                    queue.append(other)
                    found.append(other)
        return found

    def around(self, starts: Iterable[str]) -> list[str]:
        """The starts with all they come from and all that comes of them."""
        starts = list(starts)
        return [*self.reach(starts, forward=False), *starts, *self.reach(starts, forward=True)]

    def edges(self, among: Iterable[str]) -> Iterator[tuple[str, str]]:
        kept = set(among)
        for source in kept:
            for target in self.onward.get(source, ()):
                if target in kept:
                    yield source, target


def column_key(resource: str, name: str) -> str:
    return f"column:{resource}/{name}"


def field_key(resource: str, name: str) -> str:
    return f"field:{resource}/{name}"


def register_key(register: str, name: str) -> str:
    return f"register:{register}/{name}"


@while_unchanged
def _build(known: Catalogue) -> Graph:
    graph = Graph()
    found = resources()
    for one in found.values():
        _resource(graph, one)
    registers: Mapping[str, Register] = known.section("registers")
    for register in registers.values():
        _register(graph, register, known)
    for one in found.values():
        _reads(graph, one.contract, found)
    for relation in known.section("relations").values():
        _relation(graph, relation, registers)
    for item in known.section("items").values():
        _item(graph, item)
    return graph


def graph() -> Graph:
    """The lineage of everything that is declared."""
    return _build()


def _resource(graph: Graph, one: Resource) -> None:
    contract = one.contract
    page = reverse("directory:resource", args=[one.id])
    for f in contract.fields:
        element = one.element(f)
        system = Text(contract.source_system, contract.source_system)
        graph.add(
            Node(
                column_key(one.id, f.name), COLUMN, Text(f.header, f.header), system,
                Text("{org}", "{org}").fill(org=contract.organization), page, "column",
            )
        )  # fmt: skip
        said = element.title.text() if element else Text("", "")
        graph.add(Node(field_key(one.id, f.name), FIELD, f.title, one.title, said, page, "field"))
        graph.join(column_key(one.id, f.name), field_key(one.id, f.name))


def _register(graph: Graph, register: Register, known: Catalogue) -> None:
    elements = known.section("elements")
    page = reverse("registers:overview", args=[register.name])
    for f in register.fields:
        element = elements.get(f.element)
        title = f.title.text() if f.title else element.title.text() if element else Text(f.name, f.name)
        said = element.title.text() if element else Text("", "")
        for role in roles(register, f.name):
            said = Text("{a} · {b}", "{a} · {b}").fill(a=said, b=role)
        graph.add(
            Node(register_key(register.name, f.name), REGISTER, title, register.title.text(), said, page, "register")
        )  # fmt: skip
    figure = f"page:registers/{register.name}"
    graph.add(
        Node(
            figure, USE, Text("各字段有多少、多新", "how full and how fresh each field is"),
            Text("页面 {r}概况", "Page {r}, overview").fill(r=register.title.text()),
            Text("图表", "figures"), page, "page",
        )
    )  # fmt: skip
    for f in register.fields:
        if f.derived_from:
            graph.join(
                register_key(register.name, f.derived_from), register_key(register.name, f.name),
                Text("推出", "implies"),
            )  # fmt: skip
        graph.join(register_key(register.name, f.name), figure)
    for source in register.sources:
        for target, name in source.map.items():
            graph.join(field_key(source.resource, name), register_key(register.name, target))


def roles(register: Register, name: str) -> Iterator[Text]:
    """What a register does with a field beyond keeping it."""
    if any(name in (one.field, *one.together_with) for one in register.identifiers):
        yield Text("认定同一", "identifies")
    elif register.matching and any(name in (c.field, c.also) for c in register.matching.comparisons):
        yield Text("比对同一", "compared to match")
    searched = register.search.model_dump().values()
    if any(name in fields for fields in searched):
        yield Text("检索", "searched by")


def _reads(graph: Graph, contract: Contract, found: Mapping[str, Resource]) -> None:
    """References between tables, and rules that look into another."""
    for f in contract.fields:
        if f.references:
            resource, _, name = f.references.rpartition(".")
            graph.join(
                field_key(resource, name), field_key(contract.id, f.name), Text("对照", "is checked against")
            )
    for rule in contract.all_rules:
        for other in rule.resources:
            if other not in found or other == contract.id:
                continue
            key = f"rule:{contract.id}/{rule.name}"
            graph.add(
                Node(
                    key, USE, rule.message, Text("规则 {r}", "Rule of {r}").fill(r=contract.title),
                    Text("核对", "check"), reverse("directory:resource", args=[contract.id]), "rule",
                )
            )  # fmt: skip
            named = set(NAMES.findall(rule.condition))
            for f in found[other].contract.fields:
                if f.name in named:
                    graph.join(field_key(other, f.name), key)


def _relation(graph: Graph, relation: Relation, registers: Mapping[str, Register]) -> None:
    key = f"relation:{relation.relation}"
    ends = [registers[name].title.text() for name in (relation.from_, relation.to) if name in registers]
    between = Text("、".join(e.zh for e in ends), " – ".join(e.en for e in ends))
    graph.add(
        Node(key, USE, relation.title.text(), Text("关系", "Relation"), between,
             reverse("registers:overview", args=[relation.from_]), "relation")
    )  # fmt: skip
    for source in relation.sources:
        names = [source.role, source.since, source.until]
        for end in (source.from_, source.to):
            names += list(_fields_of(end))
        for name in names:
            if name:
                graph.join(field_key(source.resource, name), key)


def _fields_of(end: End) -> Iterator[str]:
    yield from end.fields().values()
    yield from end.within.values()


def _item(graph: Graph, item: Item) -> None:
    page = reverse("window:start")
    for f in item.fields:
        if not f.held or not f.register or not f.register_field:
            continue
        key = f"item:{item.item}/{f.name}"
        graph.add(
            Node(key, USE, f.title.text(), Text("窗口 {i}", "Window, {i}").fill(i=item.title.text()),
                 Text("表单", "form"), page, "item")
        )  # fmt: skip
        graph.join(register_key(f.register, f.register_field), key)


def address(**query: str) -> str:
    """The page of a lineage: `address(node=...)`, `address(resource=...)`."""
    return f"{reverse('directory:lineage')}?{urlencode(query)}"


def page(kind: str, name: str) -> str:
    return reverse(f"directory:{kind}", args=[name])
