"""Who is meant by `register/entity`, in a line: name and starred number, as under a search box."""

from __future__ import annotations

from jingwei.packs.service import installed
from jingwei.registers import search
from jingwei.registers import service as registers
from jingwei.registers.answers import Candidate
from jingwei.registers.errors import NoSuchEntity, NotLinked


def card_of(subject: str) -> Candidate | None:
    """None where it names nobody."""
    register, _, entity = subject.partition("/")
    if not entity or register not in installed().section("registers"):
        return None
    try:
        golden = registers.golden(register, entity)
    except (NoSuchEntity, NotLinked):
        return None
    return next(iter(search.cards(register, [golden.entity_id])), None)
