"""Where an identifier leads that was given out once: to the entity that holds its records today.

Forwarding: a ─▶ b ─▶ c        a number that vanished is followed to the one that answers
"""

from __future__ import annotations

from jingwei.registers.errors import NoSuchEntity
from jingwei.registers.models import Forwarding

FARTHEST = 64


def current(register: str, entity_id: str) -> str:
    """The identifier at the end of the chain; the same one where it leads nowhere.

    Raises NoSuchEntity where the chain ends at nobody, or runs in a circle."""
    asked, seen = entity_id, {entity_id}
    while True:
        to = (
            Forwarding.objects.filter(register=register, entity_id=entity_id)
            .values_list("to", flat=True)
            .first()
        )
        if to is None:
            return entity_id
        if not to or to in seen or len(seen) > FARTHEST:
            raise NoSuchEntity(register=register, entity_id=asked)
        seen.add(to)
        entity_id = to
