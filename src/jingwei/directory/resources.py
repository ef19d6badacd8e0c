"""Resources as the catalog shows them: a contract with its theme and level in words, and who uses it.

contracts, elements, registers, items, relations ──▶ Resource ──▶ list, page, export
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from jingwei.catalog import sharing
from jingwei.catalog.codes import CodeList
from jingwei.catalog.contracts import Contract, Field
from jingwei.catalog.elements import Element
from jingwei.collection.service import contract_of
from jingwei.directory.kept import while_unchanged
from jingwei.kernel.text import Text
from jingwei.packs.service import Catalogue
from jingwei.registers.declaration import Register
from jingwei.registers.relations.declaration import Relation
from jingwei.window.items import Item

NO_THEME = Text("未定主题", "No theme")


@dataclass
class Resource:
    """`registers`, `items`, `relations` take values from it; `readers` are resources whose rules look into it."""

    contract: Contract
    pack: str
    elements: Mapping[str, Element]
    theme: Text
    level: int
    registers: list[Register] = field(default_factory=list)
    items: list[Item] = field(default_factory=list)
    relations: list[Relation] = field(default_factory=list)
    readers: list[Contract] = field(default_factory=list)

    @property
    def id(self) -> str:
        return self.contract.id

    @property
    def title(self) -> Text:
        return self.contract.title

    @property
    def sharing(self) -> Text:
        return sharing.SHARING[self.contract.sharing]

    @property
    def level_said(self) -> Text:
        return sharing.LEVELS[self.level]

    @property
    def level_means(self) -> Text:
        return sharing.MEANING[self.level]

    @cached_property
    def used_by(self) -> int:
        """How many others need it."""
        return (
            len(self.registers) + len(self.items) + len(self.relations) + len(self.readers)
            + len(self.contract.consumers)
        )  # fmt: skip

    def element(self, of: Field) -> Element | None:
        return self.elements.get(of.element_name)


@while_unchanged
def _all(known: Catalogue) -> dict[str, Resource]:
    elements: Mapping[str, Element] = known.section("elements")
    themes: CodeList | None = known.section("codes").get(sharing.THEMES)
    declared = known.declared.get("contracts", {})
    found = {
        name: Resource(
            one.value,
            one.pack,
            elements,
            _theme(themes, one.value.theme),
            sharing.level(one.value, elements),
        )
        for name, one in sorted(declared.items())
    }
    for register in known.section("registers").values():
        for source in register.sources:
            if source.resource in found:
                found[source.resource].registers.append(register)
    for relation in known.section("relations").values():
        for source in relation.sources:
            if source.resource in found and relation not in found[source.resource].relations:
                found[source.resource].relations.append(relation)
    for one in found.values():
        fed = {(register.name, name) for register in one.registers for name in _fed(register, one.id)}
        one.items = [item for item in known.section("items").values() if _takes(item, fed)]
        for read in one.contract.reads:
            if read in found and read != one.id:
                found[read].readers.append(one.contract)
    return found


def _theme(themes: CodeList | None, code: str) -> Text:
    return (themes.title_of(code) if themes and code else None) or (Text(code, code) if code else NO_THEME)


def _fed(register: Register, resource: str) -> set[str]:
    """The register's fields that a resource gives values to."""
    return {name for source in register.sources if source.resource == resource for name in source.map}


def _takes(item: Item, fed: set[tuple[str, str]]) -> bool:
    return any((field.register, field.register_field) in fed for field in item.fields)


def resources() -> dict[str, Resource]:
    """Every resource of the installed packs, by id."""
    return _all()


def resource(name: str) -> Resource:
    """One of them. Raises UnknownName."""
    return resources()[contract_of(name).id]
