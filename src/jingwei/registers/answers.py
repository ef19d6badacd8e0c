"""What the registers answer: plain values that pages, forms and the command line show.

They carry no rules. The service builds them from the serving copy (candidates, golden records)
or from the lake (source records, explanations, evaluations).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any


@dataclass(frozen=True, slots=True)
class Candidate:
    """One line under the search box; `matched` names what answered: identifier, name, pinyin, phone, address.
    `fuzzy`: what was typed answers to nobody, and this one may have been meant."""

    register: str
    entity_id: str
    name: str
    masked_id: str
    facts: list[str]
    matched: str
    exact: bool = False
    fuzzy: bool = False


@dataclass(frozen=True)
class GoldenValue:
    """One field of a golden record and where it came from.

    `reason` is the survivorship rule that decided (`only`, `agreed`, `verified`, `sources`, `newest`,
    `all` where every distinct value is kept); `differs` says that another source holds another value,
    `disputed` that somebody holds it to be wrong and its provider has not answered yet.
    """

    value: Any
    source: str
    organization: str
    as_of: date | None
    verified: bool
    reason: str
    differs: bool = False
    disputed: bool = False


@dataclass(frozen=True)
class Golden:
    """`forwarded_from` is the identifier that was asked for, where it leads to another entity today."""

    register: str
    entity_id: str
    fields: dict[str, GoldenValue]
    forwarded_from: str | None = None


@dataclass(frozen=True)
class SourceRecord:
    """A department's row as it was linked; `reason` is the identifier's field name, `similar` or `alone`.

    `note` tells what stood in the way: `contradicted:<field>`, `ambiguous`.
    """

    resource: str
    organization: str
    record_key: str
    reason: str
    score: float | None
    as_of: date | None
    values: dict[str, Any]
    faults: list[dict[str, str]] = field(default_factory=list)
    note: str = ""


@dataclass(frozen=True)
class Statement:
    """A source says: this field has this value, as of then."""

    value: Any
    source: str
    organization: str
    record_key: str
    as_of: date | None
    verified: bool


@dataclass(frozen=True)
class Explanation:
    """Why a field has its value: the winner, the rule that decided, and the statements that lost."""

    field: str
    winner: Statement
    reason: str
    losers: list[Statement]


@dataclass(frozen=True)
class LinkReport:
    """What one linking did. `linked_by` counts records by reason; `matching` tells threshold and quality."""

    register: str
    records: int
    entities: int
    linked_by: dict[str, int]
    seconds: float
    new: int
    changed: int
    removed: int
    unchanged: int
    notes: dict[str, int] = field(default_factory=dict)
    matching: dict[str, Any] = field(default_factory=dict)
    build: str = ""
    """Names the content: the same name stands for the same register."""


@dataclass(frozen=True)
class Pair:
    """Two records that linking and truth judge differently, with their fields, for a person to look at."""

    left: SourceRecord
    right: SourceRecord
    left_entity: str
    right_entity: str


@dataclass(frozen=True)
class Evaluation:
    """Pairwise quality against a truth file; a pair is two records of one entity."""

    register: str
    records: int
    unknown: int
    pairs_true: int
    pairs_linked: int
    pairs_both: int
    precision: float
    recall: float
    f1: float
    false_pairs: list[Pair] = field(default_factory=list)
    missed_pairs: list[Pair] = field(default_factory=list)
