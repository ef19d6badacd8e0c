"""What persons decided about pairs of records: one entity, or two.

    review page ─ decide ─▶ Verdict (who, when, why) ─▶ every linking: joined first, or kept apart
                  undo   ─▶ taken back, still on record

A verdict names records, not entities, so it survives every replay. The newest standing verdict on a pair
counts; a pair is the same pair whichever record is named first.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from jingwei.registers.errors import NoSuchVerdict
from jingwei.registers.models import Verdict

Record = tuple[str, str]
"""Resource and record key."""


@dataclass(frozen=True)
class Judged:
    """A standing verdict; `left` is the smaller of the two records."""

    id: int
    left: Record
    right: Record
    same: bool
    by: str
    at: datetime
    why: str


def decide(register: str, one: Record, other: Record, *, same: bool, by: str, why: str = "") -> Judged:
    """Notes a verdict; an earlier standing one on the pair is taken back by it."""
    left, right = sorted((one, other))
    if left == right:
        raise ValueError("a record is always itself")
    now = timezone.now()
    standing = Verdict.objects.filter(
        register=register,
        left_resource=left[0], left_key=left[1],
        right_resource=right[0], right_key=right[1],
        undone_at=None,
    )  # fmt: skip
    standing.update(undone_by=by, undone_at=now)
    made = Verdict.objects.create(
        register=register,
        left_resource=left[0], left_key=left[1],
        right_resource=right[0], right_key=right[1],
        verdict=Verdict.SAME if same else Verdict.DIFFERENT,
        by=by, at=now, why=why,
    )  # fmt: skip
    return _judged(made)


def undo(register: str, number: int, by: str) -> Judged:
    """Takes a verdict back. Raises NoSuchVerdict."""
    found = Verdict.objects.filter(register=register, pk=number, undone_at=None).first()
    if found is None:
        raise NoSuchVerdict(register=register, number=number)
    found.undone_by, found.undone_at = by, timezone.now()
    found.save()
    return _judged(found)


def standing(register: str) -> Sequence[Judged]:
    """All verdicts that hold, oldest first."""
    found = Verdict.objects.filter(register=register, undone_at=None).order_by("at", "pk")
    return [_judged(one) for one in found]


def _judged(one: Verdict) -> Judged:
    return Judged(
        one.pk,
        (one.left_resource, one.left_key),
        (one.right_resource, one.right_key),
        one.verdict == Verdict.SAME,
        one.by,
        one.at,
        one.why,
    )
