"""The public face of the registers: link, look up, read, explain, evaluate.

Other rooms import only this module and `answers`. Linking reads the standard tables of the lake
and writes the register there and in the serving copy; looking up reads the serving copy alone;
records and explanations read the lake.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from jingwei.kernel.text import Text
from jingwei.registers.answers import (
    Candidate,
    Evaluation,
    Explanation,
    Golden,
    LinkReport,
    SourceRecord,
)
from jingwei.registers.errors import NoSuchEntity, NotLinked

Progress = Callable[[Text], None]

__all__ = ["evaluate", "explain", "golden", "link", "records", "search"]


def search(registers: Sequence[str], text: str, limit: int = 20) -> list[Candidate]:
    """Entities that answer to what was typed, exact matches first; `[]` for blank or too short a text."""
    raise NotLinked(register=registers[0])


def golden(register: str, entity_id: str) -> Golden:
    """The golden record, every field with its source. Raises NoSuchEntity."""
    raise NoSuchEntity(register=register, entity_id=entity_id)


def records(register: str, entity_id: str) -> list[SourceRecord]:
    """The departments' rows behind an entity, from the lake."""
    raise NotLinked(register=register)


def explain(register: str, entity_id: str) -> list[Explanation]:
    """For each field: which statement won, by which rule, and which lost."""
    raise NotLinked(register=register)


def link(register: str, progress: Progress | None = None) -> LinkReport:
    """Builds the register from the standard tables; the same input changes nothing."""
    raise NotLinked(register=register)


def evaluate(register: str, truth_csv: Path, examples: int = 20) -> Evaluation:
    """Pairwise precision, recall and F1 against a CSV of resource, record_key, true_id."""
    raise NotLinked(register=register)
