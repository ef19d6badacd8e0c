"""How a resource may be shared, how sensitive it is, and what it is about.

A contract says `sharing`, `level` and `theme`; what it does not say follows from its fields. Sharing types and
the duty to give a reason are those of the Regulations on the Sharing of Government Data (政务数据共享条例, State
Council decree 809); levels 1 to 4 are those of general data in GB/T 43697-2024. Core and important data are not
kept here at all: state secrets are refused at the door.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from jingwei.catalog.codes import CodeList
from jingwei.catalog.contracts import Contract
from jingwei.catalog.elements import Element
from jingwei.kernel.text import Text
from jingwei.packs.declarations import Fault, nearest

UNCONDITIONAL, CONDITIONAL, NOT_SHARED = "unconditional", "conditional", "not_shared"
SHARING = {
    UNCONDITIONAL: Text("无条件共享", "Unconditional"),
    CONDITIONAL: Text("有条件共享", "Conditional"),
    NOT_SHARED: Text("不予共享", "Not shared"),
}
LEVELS = {
    1: Text("一级", "Level 1"),
    2: Text("二级", "Level 2"),
    3: Text("三级", "Level 3"),
    4: Text("四级", "Level 4"),
}
MEANING = {
    1: Text("公开了也没有损害", "does no harm when known to everybody"),
    2: Text("只在机关内部用", "for use among offices"),
    3: Text("涉及个人", "concerns persons"),
    4: Text("涉及个人，且敏感", "concerns persons, and is sensitive"),
}
LEVEL_OF = {"public": 1, "internal": 2, "personal": 3, "sensitive": 4}
"""The level that a field of an element's classification needs at least."""
PERSONAL = 3
THEMES = "resource_theme"
"""The code list that themes are taken from."""


def least_level(contract: Contract, elements: Mapping[str, Element]) -> int:
    """The level that the most sensitive field needs."""
    known = (elements.get(field.element_name) for field in contract.fields)
    return max((LEVEL_OF[element.classification] for element in known if element), default=2)


def level(contract: Contract, elements: Mapping[str, Element]) -> int:
    """The declared level, else the least."""
    return contract.level or least_level(contract, elements)


def faults(
    contract: Contract,
    elements: Mapping[str, Element],
    themes: CodeList | None,
    path: Path,
    line: Any,
) -> Iterator[Fault]:
    """A level below what the fields need, personal data for everybody, and themes nobody declared."""
    at = ("customProperties",)
    least = least_level(contract, elements)
    if contract.level and contract.level < least:
        text = Text(
            "level 是 {said}，而字段里最敏感的要 {least}",
            "level is {said}, but the most sensitive field needs {least}",
        )
        yield Fault(path, line(at), text.fill(said=contract.level, least=least), "level-too-low")
    if contract.sharing == UNCONDITIONAL and level(contract, elements) >= PERSONAL:
        text = Text(
            "有个人信息的资源不能无条件共享", "a resource with personal data cannot be shared unconditionally"
        )
        yield Fault(path, line(at), text, "personal-unconditional")
    if contract.theme and themes and contract.theme not in themes.by_code:
        near = nearest(contract.theme, themes.by_code)
        hint = Text(f"，是不是 {near}？", f"; did you mean {near}?") if near else Text("", "")
        text = Text(
            "主题 {theme} 不在代码表 {list} 里{hint}",
            "the theme {theme} is not in the code list {list}{hint}",
        )
        yield Fault(path, line(at), text.fill(theme=contract.theme, list=THEMES, hint=hint), "unknown-theme")
