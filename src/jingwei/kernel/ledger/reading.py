"""What pages ask of the ledger: how it stands, and who looked at somebody.

Whom an entry is about is found by an index that sealing writes (`LedgerSubject`); what is not sealed yet is
few and is looked through. So a look costs no index at the moment it is recorded."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from jingwei.kernel.ledger.keys import BYTES, compact, pseudonyms
from jingwei.kernel.models import LedgerEntry, LedgerHead, LedgerSet, LedgerSubject


@dataclass(frozen=True)
class Status:
    """How many entries are sealed and how many wait, the oldest of these, and the newest head."""

    sealed: int
    unsealed: int
    waiting_since: datetime | None
    head: LedgerHead | None


def status() -> Status:
    waiting = LedgerEntry.objects.filter(position__isnull=True).order_by("id")
    head = LedgerHead.objects.order_by("-number").first()
    return Status(
        sealed=head.after if head else 0,
        unsealed=waiting.count(),
        waiting_since=waiting.values_list("at", flat=True).first(),
        head=head,
    )


def about(entity_id: str) -> QuerySet[LedgerEntry]:
    """Every entry that an entity is a subject of, in bulk sets too; newest first, to be filtered further."""
    terms = terms_of(entity_id)
    ids = [
        one.id
        for one in LedgerEntry.objects.filter(position__isnull=True)
        if one.subject_digest in terms or terms.intersection(one.subjects)
    ]
    positions = LedgerSubject.objects.filter(term__in=terms).values("position")
    return LedgerEntry.objects.filter(position__in=positions) | LedgerEntry.objects.filter(pk__in=ids)


def terms_of(entity_id: str) -> set[str]:
    """Its pseudonyms, and the digests of the sets it is in."""
    names = pseudonyms(entity_id)
    terms = set(names)
    by_key = {int(name.partition(".")[0]): compact(name) for name in names}
    for one in LedgerSet.objects.iterator(chunk_size=20):
        wanted = by_key.get(one.key)
        if wanted is not None and holds(bytes(one.members), wanted):
            terms.add(one.digest)
    return terms


def holds(members: bytes, wanted: bytes) -> bool:
    """Whether sorted ten-byte names hold this one."""
    names = range(0, len(members), BYTES)
    at = bisect_left(names, wanted, key=lambda start: members[start : start + BYTES])
    return members[at * BYTES : (at + 1) * BYTES] == wanted
