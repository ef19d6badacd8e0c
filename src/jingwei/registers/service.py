"""The public face of the registers: link, look up, read, explain, evaluate.

Other rooms import only this module and `answers`. Linking reads the standard tables of the lake
and writes the register there and in the serving copy; looking up reads the serving copy alone;
records and explanations read the lake.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from pathlib import Path

from jingwei.engines import lake
from jingwei.kernel.locks import exclusive
from jingwei.kernel.text import Text
from jingwei.registers import (
    contradictions,
    disputed,
    evaluation,
    forwarding,
    increment,
    linking,
    serving,
    then,
    todos,
)
from jingwei.registers import deposit as depositing
from jingwei.registers import history as past
from jingwei.registers import records as behind
from jingwei.registers import search as looking
from jingwei.registers.answers import (
    Candidate,
    Evaluation,
    Explanation,
    Golden,
    LinkReport,
    SourceRecord,
)
from jingwei.registers.deposit import Deposited
from jingwei.registers.history import Moment
from jingwei.registers.sources import declared
from jingwei.registers.stated import resources_of
from jingwei.registers.then import PAGE

Progress = Callable[[Text], None]

__all__ = [
    "as_of",
    "deposit",
    "evaluate",
    "explain",
    "golden",
    "history",
    "link",
    "records",
    "search",
    "takes_statements",
]


def search(registers: Sequence[str], text: str, limit: int = 20) -> list[Candidate]:
    """Entities that answer to what was typed, exact matches first; `[]` for blank or too short a text."""
    return looking.search(registers, text, limit)


def golden(register: str, entity_id: str) -> Golden:
    """The golden record, every field with its source. Raises NoSuchEntity."""
    return disputed.marked(looking.golden(register, entity_id))


def records(register: str, entity_id: str) -> list[SourceRecord]:
    """The departments' rows behind an entity, from the lake."""
    return behind.records(register, entity_id)


def explain(register: str, entity_id: str) -> list[Explanation]:
    """For each field: which statement won, by which rule, and which lost."""
    return behind.explain(register, entity_id)


def link(
    register: str, progress: Progress | None = None, *, train: bool = False, whole: bool = False
) -> LinkReport:
    """Brings the register up to the standard tables; the same input changes nothing. A large register is linked
    where something changed; `whole` links everything by the kept model, `train` by a model learned anew.

    The lake commits first, then the serving copy follows in a transaction of its own; a link that
    died between the two is finished by the next one.
    """
    say = progress or (lambda text: None)
    started = time.monotonic()
    known = declared(register)
    with exclusive(f"link-{register}", known.register.title.text(), wait=0), lake().connect() as con:
        built = None if train or whole else increment.attempt(con, known, say)
        if built is None:
            built = linking.build(con, known, say, train=train)
        say(Text("更新查询库", "updating the lookup copy"))
        before = time.monotonic()
        difference = serving.update(con, known, built)
        forwarding.serve(con, register)
        contradictions.tell(con, known)
        depositing.reapply(con, known)
        built.seconds["serving"] = round(time.monotonic() - before, 2)
    todos.ask_for_review(register)
    return LinkReport(
        register=register,
        records=built.records,
        entities=built.entities,
        linked_by=built.linked_by,
        seconds=time.monotonic() - started,
        new=difference.new,
        changed=difference.changed,
        removed=difference.removed,
        unchanged=difference.unchanged,
        notes=built.notes,
        matching={**built.matched.facts, "stages": built.seconds},
        build=built.build,
    )


def deposit(
    register: str,
    resource: str,
    values: Mapping[str, str],
    *,
    entity_id: str | None,
    by: str,
    as_of: date,
    case: str = "",
    record_key: str | None = None,
) -> Deposited:
    """What was stated about one entity, in the register at once; see `registers.deposit`."""
    return depositing.deposit(
        register, resource, values, entity_id=entity_id, by=by, as_of=as_of, case=case, record_key=record_key
    )


def takes_statements(register: str, system: str) -> tuple[str, dict[str, str]] | None:
    """The register's source that takes statements of a system such as `window`, and the field of it for each
    register field; None where there is none."""
    known = declared(register)
    for name in resources_of(known):
        if known.contracts[name].source_system == system:
            source = next(one for one in known.register.sources if one.resource == name)
            return name, dict(source.map)
    return None


def as_of(register: str, entity_id: str, *, known: date | datetime, valid: date | None = None) -> Golden:
    """What the register said on a day: as then known, and with `valid` as valid then. Raises NotKnownThen."""
    return then.as_of(register, entity_id, known=known, valid=valid)


def history(
    register: str, entity_id: str, *, before: datetime | None = None, limit: int = PAGE
) -> list[Moment]:
    """What changed about an entity, newest first, `limit` builds at a time. Raises NoSuchEntity."""
    return past.history(register, entity_id, before=before, limit=limit)


def evaluate(register: str, truth_csv: Path, examples: int = 20) -> Evaluation:
    """Pairwise precision, recall and F1 against a CSV of resource, record_key, true_id."""
    return evaluation.evaluate(register, Path(truth_csv), examples)
