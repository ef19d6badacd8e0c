"""Which fields of a golden record are disputed: the order stands by the source's row, the record by its winners.

golden field ─ winner (resource, record key) ─ the source's own field ─▶ open dispute?
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from jingwei.collection.workorders import disputes
from jingwei.registers import records
from jingwei.registers.answers import Explanation, Golden
from jingwei.registers.declaration import Register
from jingwei.registers.errors import NoSuchEntity, NotLinked
from jingwei.registers.sources import declared


def source_field(register: Register, told: Explanation) -> str | None:
    """The field of the winner's resource that gave the value; None for one that was derived."""
    source = next((one for one in register.sources if one.resource == told.winner.source), None)
    return source.map.get(told.field) if source else None


def fields(register: Register, told: Sequence[Explanation]) -> dict[str, str]:
    """Disputed field → its order."""
    open_orders = disputes.open_for((one.winner.source, one.winner.record_key) for one in told)
    found: dict[str, str] = {}
    if open_orders:
        for one in told:
            orders = open_orders.get((one.winner.source, one.winner.record_key), {})
            name = source_field(register, one)
            if name in orders:
                found[one.field] = orders[name]
    return found


def marked(golden: Golden) -> Golden:
    """The record with its disputed fields marked. The lake is asked for the winners' rows only where something
    about this entity is disputed."""
    if not disputes.open_about(f"{golden.register}/{golden.entity_id}"):
        return golden
    register = declared(golden.register).register
    try:
        told = records.explain(golden.register, golden.entity_id)
    except (NoSuchEntity, NotLinked):
        # The serving copy is ahead of the lake or behind it; the value is shown as it is held.
        return golden
    found = fields(register, told)
    held = {
        name: replace(value, disputed=True) if name in found else value
        for name, value in golden.fields.items()
    }
    return replace(golden, fields=held)
