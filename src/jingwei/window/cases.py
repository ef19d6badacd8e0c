"""Cases are written here and nowhere else: keep a draft, hand in a form.

What the browser sends is text, and for a masked field the very asterisks it was shown. A text equal to
what was shown means “as held”: the held value is taken, never the asterisks. Everything else goes through
the field's data element; a fault stands beside its field. A case is stored, numbered and put on the ledger
in one transaction, in which what was stated also goes into the registers.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.utils import timezone

from jingwei.catalog.values import standardize_one
from jingwei.kernel import ledger, permissions
from jingwei.kernel.models import Account
from jingwei.kernel.text import Text
from jingwei.registers.showing import is_number
from jingwei.window import depositing
from jingwei.window.errors import CaseClosed, NoSuchCase
from jingwei.window.models import Case
from jingwei.window.prefill import Form, Place

NUMBER_PREFIX = "YX"
UNSURE = "unsure"
"""The clerk cannot tell which source is right: the case goes on and the field stays marked for checking."""

MISSING = Text("必填，还没有填。", "Required, and still empty.")
UNSETTLED = Text(
    "几处说法不一，请选一个，拿不准就选待核实。", "The sources differ: choose one, or leave it for checking."
)
ASTERISKS = Text(
    "号码里有 * 号，存不了。请输完整号码。", "A number with asterisks cannot be kept. Type it in full."
)
TOO_LONG = Text("太长了，最多 {most} 个字。", "Too long: at most {most} characters.")
MOST_CHARACTERS = 500


@dataclass(frozen=True)
class Filled:
    """A form with what the clerk made of it: texts as typed, values to store, faults beside fields."""

    form: Form
    texts: Mapping[str, str]
    choices: Mapping[str, str]
    values: dict[str, dict[str, Any]] = field(default_factory=dict)
    faults: dict[str, Text] = field(default_factory=dict)


def fill(form: Form, texts: Mapping[str, str], choices: Mapping[str, str]) -> Filled:
    """Judges what was typed; nothing is stored."""
    filled = Filled(form, texts, choices)
    for place in form.places:
        if place.contested:
            outcome = settle(place, choices.get(place.name, ""))
        else:
            outcome = judge(place, texts.get(place.name, "").strip())
        if isinstance(outcome, Text):
            filled.faults[place.name] = outcome
        else:
            filled.values[place.name] = outcome
    return filled


def settle(place: Place, choice: str) -> dict[str, Any] | Text:
    """A contested field: one of its sides, or the held value marked for checking."""
    if choice == UNSURE:
        return as_held(place) | {"choice": UNSURE}
    if choice.isdecimal() and int(choice) < len(place.sides):
        side = place.sides[int(choice)]
        return stored(side.value, "register", side.organization, side.as_of) | {"choice": choice}
    return UNSETTLED


def judge(place: Place, text: str) -> dict[str, Any] | Text:
    if text and text in (place.shown, place.value):
        return as_held(place)
    if not text:
        return MISSING if place.field.required else stored("", "stated")
    if len(text) > MOST_CHARACTERS:
        return TOO_LONG.fill(most=MOST_CHARACTERS)
    if is_number(place.element) and "*" in text:
        return ASTERISKS
    result = standardize_one(place.field.element, text)
    if result.fault is not None:
        return result.fault.text
    value = "" if result.value is None else str(result.value)
    if not value:
        return MISSING if place.field.required else stored("", "stated")
    return as_held(place) if value == place.value else stored(value, "stated")


def as_held(place: Place) -> dict[str, Any]:
    return stored(place.value, "register", place.organization, place.as_of)


def stored(value: str, origin: str, organization: str = "", as_of: Any = None) -> dict[str, Any]:
    return {
        "value": value,
        "origin": origin,
        "organization": organization,
        "as_of": as_of.isoformat() if as_of else "",
    }


def case_numbered(number: str) -> Case:
    found = Case.objects.select_related("created_by").filter(pk=number).first()
    if found is None:
        raise NoSuchCase(number=number)
    return found


def save_draft(account: Account, filled: Filled, number: str = "") -> Case:
    """Keeps the form as it stands, faults and all; a later call with its number writes over it."""
    permissions.require(account, "window.serve", filled.form.item.item)
    with transaction.atomic():
        case = open_case(account, filled.form, number)
        # Untouched masked places are kept out: a draft never holds asterisks as if they were a value.
        case.typed = {"texts": touched(filled), "choices": dict(filled.choices)}
        case.updated = timezone.now()
        case.save()
        note(account, "case.draft", filled.form, case)
    return case


def submit(account: Account, filled: Filled, number: str = "") -> Case:
    """Hands the form in. The caller shows `filled.faults` instead when there are any."""
    permissions.require(account, "window.serve", filled.form.item.item)
    if filled.faults:
        raise ValueError("a form with faults cannot be handed in")
    with transaction.atomic():
        case = open_case(account, filled.form, number)
        case.values = filled.values
        case.typed = {}
        case.state = Case.SUBMITTED
        case.updated = case.submitted = timezone.now()
        case.spared = sum(1 for v in filled.values.values() if v["value"] and v["origin"] == "register")
        case.asked = sum(1 for v in filled.values.values() if v["value"] and v["origin"] == "stated")
        depositing.deposit(filled.form, case.values, case=case.number, by=account.username)
        case.save()
        note(account, "case.submit", filled.form, case)
    return case


def touched(filled: Filled) -> dict[str, str]:
    kept = {}
    for place in filled.form.places:
        text = filled.texts.get(place.name, "")
        if text not in (place.shown, place.value):
            kept[place.name] = text[:MOST_CHARACTERS]
    return kept


def open_case(account: Account, form: Form, number: str) -> Case:
    """The draft to go on with, locked, or a new one with the next number of the day."""
    if number:
        found = Case.objects.select_for_update().filter(pk=number).first()
        if found is None or (found.item, found.register, found.entity_id) != (
            form.item.item,
            form.register,
            form.entity_id,
        ):
            raise NoSuchCase(number=number)
        if found.state != Case.DRAFT:
            raise CaseClosed(number=number)
        return found
    return Case(
        number=next_number(),
        item=form.item.item,
        register=form.register,
        entity_id=form.entity_id,
        name=form.name,
        created_by=account,
    )


def next_number() -> str:
    """YX-20261121-0001, counted by day; the caller's transaction makes concurrent clerks wait their turn."""
    day = f"{NUMBER_PREFIX}-{timezone.localdate():%Y%m%d}-"
    last = Case.objects.select_for_update().filter(number__startswith=day).order_by("-number").first()
    return f"{day}{int(last.number.rsplit('-', 1)[1]) + 1 if last else 1:04d}"


def note(account: Account, action: str, form: Form, case: Case) -> None:
    ledger.record(
        account,
        action,
        case.number,
        subjects=form.subjects,
        fields=[p.name for p in form.places if p.held],
        purpose=form.item.title.zh,
        case=case.number,
    )
