"""The page of one resource: its contract in readable form, how it stands today, who uses it, what changed.

Parts of one address (`?part=`): fields, rules, versions. Nothing of the table's rows is shown here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import yaml
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from jingwei.catalog.contracts import DIMENSIONS, Field
from jingwei.catalog.elements import Element
from jingwei.collection import cron_words, trend
from jingwei.collection.views import STATES
from jingwei.directory import facts as known
from jingwei.directory import graph as lineage
from jingwei.directory import history, picture
from jingwei.directory.export.audience import OPEN, visible
from jingwei.directory.frame import account_of, frame
from jingwei.directory.resources import Resource
from jingwei.directory.resources import resource as resource_called
from jingwei.kernel.text import Text
from jingwei.packs.service import installed

PARTS = {
    "fields": Text("字段", "Fields"),
    "rules": Text("规则", "Rules"),
    "versions": Text("版本", "Versions"),
}
STAGES = {
    lineage.COLUMN: Text("业务系统", "Source system"),
    lineage.FIELD: Text("信息资源", "Resource"),
    lineage.REGISTER: Text("基础库", "Register"),
    lineage.USE: Text("用在哪里", "Used in"),
}
TYPES = {
    "string": Text("文本", "text"),
    "date": Text("日期", "date"),
    "timestamp": Text("日期时间", "date and time"),
    "integer": Text("整数", "whole number"),
    "number": Text("小数", "decimal number"),
    "boolean": Text("是否", "yes or no"),
}


@dataclass(frozen=True)
class Line:
    """A field as the contract's table shows it; `score` is None where nothing was judged."""

    field: Field
    element: Element | None
    shown: Text
    score: float | None
    used: int

    @property
    def kind(self) -> Text:
        return TYPES[self.field.logical_type]


def shown(element: Element | None) -> Text:
    """What of a value people see before they ask for all of it."""
    if element is None or element.mask is None:
        return Text("原值", "as it is")
    mask = element.mask
    if mask.first and mask.last:
        return Text("前 {a} 后 {b} 位", "first {a}, last {b}").fill(a=mask.first, b=mask.last)
    if mask.first or mask.last:
        side = Text("前 {n} 位", "first {n}") if mask.first else Text("后 {n} 位", "last {n}")
        return side.fill(n=mask.first or mask.last)
    return Text("全部遮住", "hidden")


@login_required
@require_GET
def resource(request: HttpRequest, resource: str) -> HttpResponse:
    account = account_of(request, resource)
    one = resource_called(resource)
    part = request.GET.get("part", "")
    part = part if part in PARTS else "fields"
    now = known.facts(one.contract)
    whole = lineage.graph()
    versions = history.history(one)
    words: dict[str, Any] = {
        **frame(account, "resources"),
        "one": one,
        "contract": one.contract,
        "part": part,
        "parts": PARTS,
        "stand": now,
        "states": STATES,
        "trend": trend.draw(now.points),
        "dimensions": DIMENSIONS,
        "versions": versions,
        "rules": one.contract.all_rules,
        "picture": overview(one, now),
        "lines": lines(one, now, whole) if part == "fields" else (),
        "reads": [resource_called(name) for name in sorted(one.contract.reads) if name != one.id and name in installed().section("contracts")],
        "in_words": cron_words.words(one.contract.schedule) if one.contract.schedule else None,
    }  # fmt: skip
    return render(request, "directory/resource.html", words)


def lines(one: Resource, now: known.Facts, whole: lineage.Graph) -> list[Line]:
    scores = {f.field: f.score for f in now.card.fields} if now.card else {}
    found = []
    for f in one.contract.fields:
        element = one.element(f)
        used = len(whole.onward.get(lineage.field_key(one.id, f.name), ()))
        found.append(Line(f, element, shown(element), scores.get(f.name), used))
    return found


def overview(one: Resource, now: known.Facts) -> picture.Picture:
    """The resource among its neighbours: system, resource, registers, uses; a box stands for a whole table."""
    small = lineage.Graph()
    contract = one.contract
    page = lineage.address(resource=one.id)

    def box(key: str, stage: str, title: Text, of: Text, said: Text, address: str) -> None:
        small.add(lineage.Node(key, stage, title, of, said, address))

    system = Text("业务系统 {s}", "system {s}").fill(s=contract.source_system)
    box(
        "system", lineage.COLUMN, Text(contract.organization, contract.organization), system, Text("", ""), ""
    )
    rows = (
        Text("{n} 行", "{n} rows").fill(n=f"{now.rows:,}")
        if now.rows is not None
        else Text("还没读过", "never read")
    )
    box("this", lineage.FIELD, Text("本资源", "This resource"), rows, Text("", ""), page)
    small.join("system", "this")
    for read in sorted(contract.reads - {one.id}):
        if read in installed().section("contracts"):
            other = resource_called(read)
            box(
                read,
                lineage.COLUMN,
                other.title,
                Text("规则要对照", "checked against"),
                Text("", ""),
                lineage.page("resource", other.id),
            )
            small.join(read, "this")
    for register in one.registers:
        of = Text("{n} 源之一", "one of {n} sources").fill(n=len(register.sources))
        box(
            register.name,
            lineage.REGISTER,
            register.title.text(),
            of,
            Text("", ""),
            lineage.address(register=register.name),
        )
        small.join("this", register.name)
    if one.items:
        first = one.items[0].title.text()
        box(
            "items",
            lineage.USE,
            several("窗口", "Window", first, len(one.items)),
            Text("用它填表", "forms filled from it"),
            Text("", ""),
            page,
        )
        for name in sorted({name for item in one.items for name in item.registers}):
            small.join(name, "items")
    if one.relations:
        first = one.relations[0].title.text()
        box(
            "relations",
            lineage.USE,
            several("关系", "Relation", first, len(one.relations)),
            Text("从这里来", "said here"),
            Text("", ""),
            page,
        )
        small.join("this", "relations")
    if one.readers:
        first = one.readers[0].title
        address = lineage.page("resource", one.readers[0].id)
        box(
            "readers",
            lineage.USE,
            several("核对", "Checks", first, len(one.readers)),
            Text("规则用它", "its rules look here"),
            Text("", ""),
            address,
        )
        small.join("this", "readers")
    return picture.draw(small, small.nodes, {"this"}, picture.SLIM, STAGES)


def several(zh: str, en: str, first: Text, count: int) -> Text:
    """The first by name, the rest by number."""
    if count == 1:
        return Text(f"{zh}：{first.zh}", f"{en}: {first.en}")
    return Text(f"{zh}：{first.zh} 等 {count} 项", f"{en}: {first.en} and {count - 1} more")


@require_GET
def contract(request: HttpRequest, resource: str) -> HttpResponse:
    """The contract as a file of the standard; of what is shared unconditionally, for everybody."""
    open_one = visible(OPEN).get(resource)
    return file_of(open_one) if open_one else contract_for_staff(request, resource)


@login_required
def contract_for_staff(request: HttpRequest, resource: str) -> HttpResponse:
    account_of(request, resource)
    return file_of(resource_called(resource))


def file_of(one: Resource) -> HttpResponse:
    """Where its table lies is the provider's business and left out."""
    declared = installed().declared["contracts"][one.id]
    told = yaml.safe_load(declared.path.read_text(encoding="utf-8"))
    if isinstance(told, list):
        told = next(entry for entry in told if str(entry.get("id")) == one.id)
    told.pop("servers", None)
    text = yaml.safe_dump(told, allow_unicode=True, sort_keys=False, width=110)
    response = HttpResponse(text, content_type="application/yaml; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{one.id}.odcs.yaml"'
    return response
