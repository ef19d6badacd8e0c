"""Items: the services on offer at the window, as packs declare them (`items/*.yaml`).

An item names the registers a case may start from and the fields of its form. A field bound to a register
(`from: population.name`) is filled by the house; one without is asked of the resident. Asking for what a
register already holds is refused when the pack is checked, unless the field says why (`reason`): nobody is
asked twice by accident.

    item YAML ──shape──▶ Item ──check──▶ known registers, fields, elements ──▶ prefill, cases
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal

from pydantic import Field as Declare
from pydantic import StringConstraints, model_validator

from jingwei.kernel.text import Text
from jingwei.packs import limits
from jingwei.packs.declarations import Declaration, Fault, Words, nearest
from jingwei.packs.sections import Declared, Everything

Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]*$", max_length=60)]
Place = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*$")]
"""`register.field`."""


class ItemField(Declaration):
    """One place of the form.

    `from` is where the value is held; `old_after` how many days a held value stays fresh; `matters` has
    the clerk settle it when sources disagree; `width` is in columns of three.
    """

    name: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$", max_length=60)]
    title: Words
    element: str
    held: Place | None = Declare(default=None, alias="from")
    required: bool = False
    old_after: int | None = Declare(default=None, ge=1)
    matters: bool = False
    reason: Words | None = None
    unit: Words | None = None
    hint: Words | None = None
    width: Literal[1, 2, 3] = 1

    @property
    def register(self) -> str | None:
        return self.held.split(".")[0] if self.held else None

    @property
    def register_field(self) -> str | None:
        return self.held.split(".")[1] if self.held else None


class Promise(Declaration):
    """How long the office may take, in working days: by law, and by its own word."""

    legal: int | None = Declare(default=None, ge=0)
    promised: int = Declare(ge=0)


class Item(Declaration):
    """`starts` are the registers a case may begin with; `follow` leads from one to another: the register
    on the left is looked up by the identifier that the field on the right holds."""

    item: Name
    number: str
    title: Words
    organization: Words
    starts: Annotated[tuple[str, ...], Declare(min_length=1)]
    follow: dict[str, Place] = {}
    promise: Promise
    fee: Words
    fields: Annotated[tuple[ItemField, ...], Declare(min_length=1)]
    place: int = 100

    @model_validator(mode="after")
    def names_once(self) -> Item:
        names = [field.name for field in self.fields]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"{', '.join(twice)} 声明了两次 | declared twice")
        return self

    @property
    def registers(self) -> tuple[str, ...]:
        """Every register the form draws on."""
        return tuple(dict.fromkeys([*self.starts, *self.follow]))


def check(items: Mapping[str, Declared], everything: Everything) -> Iterator[Fault]:
    """Meaning: what an item names must exist, mean the same there, and not be asked without need."""
    registers = everything.get("registers", {})
    elements = everything.get("elements", {})
    for declared in items.values():
        item: Item = declared.value
        for index, name in enumerate(item.starts):
            if name not in registers:
                yield declared.fault(("starts", index), unknown("基础库", "register", name, registers))
        for name, place in item.follow.items():
            if name not in registers:
                yield declared.fault(("follow", name), unknown("基础库", "register", name, registers))
            elif not held_field(registers, place):
                told = unknown("基础库字段", "register field", place, places(registers))
                yield declared.fault(("follow", name), told)
        titled = [(i, text) for i, f in enumerate(item.fields) for text in (f.name, *f.title.text())]
        yield from limits.faults(declared, ((("fields", i), text) for i, text in titled))
        for index, field in enumerate(item.fields):
            for step, text in field_faults(item, field, registers, elements):
                yield declared.fault(("fields", index, step), text)


def field_faults(
    item: Item, field: ItemField, registers: Mapping[str, Declared], elements: Mapping[str, Declared]
) -> Iterator[tuple[str, Text]]:
    if field.element not in elements:
        yield "element", unknown("数据元", "data element", field.element, elements)
    if field.held is None:
        twin = next((p for p in held_alike(item, field, registers)), None)
        if twin and field.reason is None:
            pattern = Text(
                "{name} 政府已有（{twin}），不要再问；要问请写明 reason",
                "{name} is held already ({twin}): bind it with from, or say why it is asked with reason",
            )
            yield "name", pattern.fill(name=field.name, twin=twin)
        return
    if field.register not in item.registers:
        pattern = Text(
            "{place} 来自 {register}，而事项不从它开始，也没有 follow 到它",
            "{place} is of {register}, which the item neither starts from nor follows to",
        )
        yield "from", pattern.fill(place=field.held, register=field.register)
        return
    found = held_field(registers, field.held)
    if found is None:
        if field.register in registers:
            yield "from", unknown("基础库字段", "register field", field.held, places(registers))
    elif found.element and found.element != field.element:
        pattern = Text(
            "{place} 是 {theirs}，这里写成了 {ours}",
            "{place} is of the element {theirs}, but {ours} is written here",
        )
        yield "element", pattern.fill(place=field.held, theirs=found.element, ours=field.element)


def held_field(registers: Mapping[str, Declared], place: str) -> Any:
    register, name = place.split(".")
    declared = registers.get(register)
    return next((f for f in declared.value.fields if f.name == name), None) if declared else None


def held_alike(item: Item, field: ItemField, registers: Mapping[str, Declared]) -> Iterator[str]:
    """Register fields that hold what `field` asks for: the same name, or the same title, and one element."""
    for register in item.registers:
        declared = registers.get(register)
        for held in declared.value.fields if declared else ():
            title = getattr(held, "title", None)
            same_title = title is not None and title.zh == field.title.zh
            if held.element == field.element and (held.name == field.name or same_title):
                yield f"{register}.{held.name}"


def places(registers: Mapping[str, Declared]) -> list[str]:
    return [f"{name}.{field.name}" for name, declared in registers.items() for field in declared.value.fields]


def unknown(zh: str, en: str, name: str, known: Any) -> Text:
    near = nearest(name, known)
    hint = Text(f"，是不是 {near}？", f"; did you mean {near}?") if near else Text("", "")
    return Text("没有叫 {name} 的{zh}{hint}", "there is no {en} called {name}{hint}").fill(
        name=name, zh=zh, en=en, hint=hint
    )
