"""Words and masks that every page of a register shares: titles, shown values, reasons, a department's row.

lake and packs ─ answers ─▶ what a page says of a field, a source or a record, in the reader's language
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.http import HttpRequest

from jingwei.catalog.elements import Element
from jingwei.collection import service as collection
from jingwei.kernel import permissions
from jingwei.kernel.models import Account
from jingwei.kernel.text import Text, listed
from jingwei.packs.service import installed
from jingwei.registers import seeing
from jingwei.registers.answers import Golden, SourceRecord
from jingwei.registers.declaration import Register, RegisterField
from jingwei.registers.errors import NoSuchRegister
from jingwei.registers.showing import element_called, is_number, show

PURPOSE = "quality"
REASONS = {
    "similar": Text("按相似度", "by similarity"),
    "alone": Text("没有别的记录", "no other record"),
    "decided": Text("人工判定", "decided by a person"),
    "stated": Text("刚交存的陈述", "a statement just deposited"),
}
NOTES = {
    "contradicted": Text(
        "{field}像是别人的，没有凭它合并", "its {field} seems to be somebody else's and was not used"
    ),
    "ambiguous": Text("与几个同样像，没有合并", "as like several entities; left alone"),
}


def account_of(request: HttpRequest, action: str, object: str) -> Account:
    """The signed-in account, once it is allowed; `login_required` stands before every view that asks."""
    assert isinstance(request.user, Account)
    permissions.require(request.user, action, object)
    seeing.require(request.user, action, object)
    return request.user


def declared(name: str) -> Register:
    known = installed().section("registers")
    if name not in known:
        raise NoSuchRegister(register=name, known=listed(sorted(known)))
    found: Register = known[name]
    return found


@dataclass(frozen=True)
class RecordRow:
    """A department's row behind the record."""

    organization: str
    source: Text
    key: str
    reason: Text
    score: float | None
    as_of: date | None
    note: Text | None
    values: list[tuple[Text, str]]
    faults: list[Text]


def record_row(register: Register, found: SourceRecord) -> RecordRow:
    fields = {f.name: f for f in register.fields}
    values = [
        (title_of(fields[name]), shown_value(fields[name], value))
        for name, value in found.values.items()
        if name in fields and texts(value)
    ]
    faults = [
        Text("{field} 不收“{original}”", "{field}: “{original}” was set aside").fill(
            field=title_of(fields[f["field"]]) if f.get("field") in fields else f.get("field", ""),
            original=masked_original(fields.get(f.get("field", "")), f["original"]),
        )
        if f.get("original")
        else collection.remark(found.resource, f.get("field", ""), f.get("code", ""))
        for f in found.faults
    ]
    return RecordRow(
        organization=found.organization,
        source=resource_title(found.resource),
        key=tail(found.record_key),
        reason=reason_text(fields, found.reason),
        score=found.score,
        as_of=found.as_of,
        note=note_text(fields, found.note),
        values=values,
        faults=faults,
    )


def reason_text(fields: Mapping[str, RegisterField], reason: str) -> Text:
    if reason in fields:
        return Text("{field}一致", "same {field}").fill(field=title_of(fields[reason]))
    return REASONS.get(reason, Text(reason, reason))


def note_text(fields: Mapping[str, RegisterField], note: str) -> Text | None:
    if not note:
        return None
    kind, _, name = note.partition(":")
    title = title_of(fields[name]) if name in fields else Text(name, name)
    return NOTES.get(kind, Text(note, note)).fill(field=title)


def tail(key: str) -> str:
    """A record key can be an identity number: its last four characters tell rows apart well enough."""
    return f"…{key[-4:]}" if len(key) > 4 else key


def name_of(register: Register, golden: Golden, otherwise: str) -> str:
    found = golden.fields.get(register.card.name)
    return "、".join(texts(found.value)) if found and texts(found.value) else otherwise


def texts(value: Any) -> list[str]:
    """A held value as its canonical texts: none, one, or several."""
    many = value if isinstance(value, list | tuple) else [value]
    return [str(one) for one in many if one not in (None, "")]


def element_of(declaration: RegisterField) -> Element:
    return element_called(declaration.element)


def shown_text(declaration: RegisterField, text: str) -> str:
    return show(element_of(declaration), text)


def shown_value(declaration: RegisterField, value: Any) -> str:
    return "、".join(shown_text(declaration, text) for text in texts(value))


def masked(declaration: RegisterField) -> bool:
    return is_number(element_of(declaration))


def title_of(declaration: RegisterField) -> Text:
    return (declaration.title or element_of(declaration).title).text()


def masked_original(declaration: RegisterField | None, original: str) -> str:
    return element_of(declaration).mask_text(original) if declaration else original


def resource_title(resource: str) -> Text:
    contract = installed().section("contracts").get(resource)
    return contract.title if contract else Text(resource, resource)


def organization_of(resource: str) -> str:
    contract = installed().section("contracts").get(resource)
    return contract.organization if contract else ""
