"""Where a value comes from and what depends on it, as a picture and as a table.

`?node=field:police.resident/phone` is one field with everything before and after it; `?resource=` and
`?register=` are all fields of a whole. The page answers "what depends on this column" in words first.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from jingwei.directory import graph as lineage
from jingwei.directory import picture
from jingwei.directory.errors import NoSuchNode
from jingwei.directory.frame import account_of, frame
from jingwei.directory.resources import resource as resource_called
from jingwei.kernel import permissions
from jingwei.kernel.text import Text
from jingwei.packs.service import installed
from jingwei.window.items import Item

REGISTER, ITEM = Text("基础库", "register"), Text("事项", "item")
SORTS = {
    "field": Text("标准字段", "standard fields"),
    "register": Text("基础库字段", "register fields"),
    "item": Text("表单里的格", "places in forms"),
    "relation": Text("关系", "relations"),
    "page": Text("页面图表", "page figures"),
    "rule": Text("别处的规则", "rules elsewhere"),
}


@dataclass(frozen=True)
class Row:
    """A node of the table: how it is reached from what was asked about."""

    node: lineage.Node
    from_: tuple[lineage.Node, ...]
    how: tuple[str, ...]
    open: bool


@login_required
@require_GET
def lineage_of(request: HttpRequest) -> HttpResponse:
    account = account_of(request)
    whole = lineage.graph()
    title, starts, back = asked_about(request, whole)
    before, after = whole.reach(starts, forward=False), whole.reach(starts, forward=True)
    keys = [*before, *starts, *after]
    counts = Counter(whole.nodes[key].sort for key in after)

    def rows(found: list[str], forward: bool) -> list[Row]:
        kept = set(keys)
        told = []
        for key in found:
            beside = (whole.back if forward else whole.onward).get(key, ())
            near = [other for other in beside if other in kept]
            edge = [(o, key) if forward else (key, o) for o in near]
            how = tuple(str(whole.how[pair]) for pair in edge if pair in whole.how)
            node = whole.nodes[key]
            may = bool(node.address) and permissions.allowed(account, node.action)
            told.append(Row(node, tuple(whole.nodes[o] for o in near), how, may))
        return told

    words = {
        **frame(account, "resources"),
        "title": title,
        "back": back,
        "one": len(starts) == 1,
        "starts": [whole.nodes[key] for key in starts],
        "picture": picture.draw(whole, keys, starts if len(starts) == 1 else ()),
        "before": rows(before, forward=False),
        "after": rows(after, forward=True),
        "impact": [(name, counts[sort]) for sort, name in SORTS.items() if counts[sort]],
    }
    return render(request, "directory/lineage.html", words)


def asked_about(
    request: HttpRequest, whole: lineage.Graph
) -> tuple[Text, list[str], tuple[str, Text] | None]:
    """What the address asks for: its title, the nodes, and the page it belongs to."""
    node = request.GET.get("node", "")
    if node:
        if node not in whole.nodes:
            raise NoSuchNode(node=node)
        found = whole.nodes[node]
        return found.title, [node], (found.address, found.of) if found.sort in ("field", "column") else None
    register = request.GET.get("register", "")
    if register:
        declared = installed().get("registers", register, REGISTER)
        keys = [lineage.register_key(register, f.name) for f in declared.fields]
        return declared.title.text(), keys, None
    one = resource_called(request.GET.get("resource", ""))
    keys = [lineage.field_key(one.id, f.name) for f in one.contract.fields]
    return one.title, keys, (lineage.page("resource", one.id), one.title)


@login_required
@require_GET
def item(request: HttpRequest, item: str) -> HttpResponse:
    """An item's form: which place is filled from where, and which is asked."""
    account = account_of(request, item)
    found: Item = installed().get("items", item, ITEM)
    whole = lineage.graph()
    keys = [key for f in found.fields if (key := f"item:{found.item}/{f.name}") in whole.nodes]
    before = whole.reach(keys, forward=False)
    lines = []
    for f in found.fields:
        key = f"item:{found.item}/{f.name}"
        sources = [whole.nodes[k] for k in whole.reach([key], forward=False) if k.startswith("field:")]
        lines.append((f, whole.nodes.get(key), sources))
    words = {
        **frame(account, "resources"),
        "item": found,
        "lines": lines,
        "held": len(keys),
        "picture": picture.draw(whole, [*before, *keys]),
    }
    return render(request, "directory/item.html", words)
