"""Whether an entry can be proved, in the five states that its page knows.

Checked here: the sealed segment still leads from the entry to its signed head, and the row in the database says
what the sealed one says. Who does not want to take our word takes the proof away and checks it alone.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime

from jingwei.audit.errors import NotSealedYet
from jingwei.kernel import ledger
from jingwei.kernel.ledger.entry import leaf
from jingwei.kernel.ledger.errors import SegmentUnusable
from jingwei.kernel.models import LedgerEntry, LedgerHead

VALID, UNSEALED, BROKEN = "valid", "unsealed", "broken"


@dataclass(frozen=True)
class Proved:
    """`steps` up the tree to the head whose `seal` begins and ends so."""

    state: str
    sealed: datetime | None = None
    steps: int = 0
    seal: str = ""


def prove(entry: LedgerEntry) -> Proved:
    try:
        found = ledger.proof(entry.pk)
    except SegmentUnusable:
        return Proved(BROKEN)
    if found is None:
        return Proved(UNSEALED)
    if leaf(entry).decode("utf-8", "surrogatepass") != found.entry:
        return Proved(BROKEN)
    head = LedgerHead.objects.filter(first__lte=entry.position or 0).order_by("-first").first()
    if head is None or head.text != found.head:
        return Proved(BROKEN)
    return Proved(VALID, head.sealed_at, len(found.path), head.hash)


def as_file(entry: LedgerEntry) -> bytes:
    """The proof as JSON to take away. Raises NotSealedYet."""
    found = ledger.proof(entry.pk)
    if found is None:
        raise NotSealedYet(number=entry.pk)
    return json.dumps(found.as_dict(), ensure_ascii=False, indent=1).encode()
