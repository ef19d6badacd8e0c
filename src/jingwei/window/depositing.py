"""What a resident stated or corrected at the window goes into the registers with the case.

    stated values of fields bound to a register ─▶ registers.deposit, once for each register ─▶ marks for the receipt

Only fields that the item asks for can be stated, so only those are deposited; what the registers held
already, a side the clerk chose and fields bound to no register stay with the case alone. A register that
takes no statements of the window is left as it is, and a refused deposit does not keep the case from being
handed in: the receipt says so.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils import timezone

from jingwei.kernel.errors import JingweiError
from jingwei.kernel.text import Text, listed
from jingwei.registers import service as registers
from jingwei.window.prefill import Form, Place

SYSTEM = "window"
STANDS, OUTLIVED, REFUSED = "stands", "outlived", "refused"


def deposit(form: Form, values: Mapping[str, dict[str, Any]], *, case: str, by: str) -> None:
    """Deposits, and notes with each value what became of it (`deposited`, and `why` where it was refused)."""
    stated = [
        place
        for place in form.places
        if place.field.held and values[place.name]["value"] and values[place.name]["origin"] == "stated"
    ]
    for register in dict.fromkeys(str(place.field.register) for place in stated):
        entity = subject_of(form, register)
        taken = registers.takes_statements(register, SYSTEM)
        if entity and taken is not None:
            resource, names = taken
            places = [p for p in stated if p.field.register == register and p.field.register_field in names]
            if places:
                _deposit(register, resource, names, entity, places, values, case, by)


def _deposit(
    register: str,
    resource: str,
    names: Mapping[str, str],
    entity: str,
    places: list[Place],
    values: Mapping[str, dict[str, Any]],
    case: str,
    by: str,
) -> None:
    said = {names[str(p.field.register_field)]: values[p.name]["value"] for p in places}
    try:
        done = registers.deposit(
            register, resource, said, entity_id=entity, by=by, as_of=timezone.localdate(), case=case
        )
    except JingweiError as error:
        for p in places:
            values[p.name] |= {"deposited": REFUSED, "why": error.what._asdict()}
        return
    if done.refused:
        told = Text("{list}", "{list}").fill(list=listed([text for text in done.refused.values()]))
        for p in places:
            why = done.refused.get(names[str(p.field.register_field)], told)
            values[p.name] |= {"deposited": REFUSED, "why": why._asdict()}
        return
    for p in places:
        values[p.name]["deposited"] = OUTLIVED if p.field.register_field in done.outlived else STANDS


def subject_of(form: Form, register: str) -> str:
    """The entity of this register whose data the form shows; empty where none was found."""
    if register == form.register:
        return form.entity_id
    return next((p.subject for p in form.places if p.field.register == register and p.subject), "")
