"""The proof that an entry is in a sealed batch: the entry, the way up the tree, and the signed head.

Whoever holds it needs neither this node nor this code to check it (`docs/verify_proof.py`)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from jingwei.kernel.ledger import segments, tree
from jingwei.kernel.ledger.errors import EntryNotSealed, NoSuchEntry, SegmentUnusable
from jingwei.kernel.models import LedgerEntry, LedgerHead

FORMAT = "jingwei ledger proof v1"


@dataclass(frozen=True)
class Proof:
    entry: str
    index: int
    path: list[str]
    head: str
    signature: str

    def as_dict(self) -> dict[str, Any]:
        """What is exported as JSON: `entry` and `head` stay texts, because their very bytes are hashed."""
        return {
            "format": FORMAT,
            "entry": self.entry,
            "index": self.index,
            "path": self.path,
            "head": self.head,
            "signature": self.signature,
        }


def proof(entry_id: int) -> Proof | None:
    """The proof of an entry; None while it is not sealed yet. Raises NoSuchEntry, and SegmentUnusable where
    the segment no longer proves it."""
    position = LedgerEntry.objects.filter(pk=entry_id).values_list("position", flat=True).first()
    if position is None:
        if not LedgerEntry.objects.filter(pk=entry_id).exists():
            raise NoSuchEntry(entry=entry_id)
        return None
    row = LedgerHead.objects.filter(first__lte=position).order_by("-first").first()
    if row is None:
        raise SegmentUnusable(number="?")
    try:
        segment = segments.read(segments.path_of(row.number))
    except (OSError, segments.Unreadable):
        raise SegmentUnusable(number=row.number) from None
    index = position - segment.head.first
    hashes = [tree.leaf_hash(line) for line in segment.lines]
    if not 0 <= index < len(hashes) or tree.root(hashes).hex() != segment.head.root:
        raise SegmentUnusable(number=row.number)
    return Proof(
        entry=segment.lines[index].decode(),
        index=index,
        path=[one.hex() for one in tree.path(hashes, index)],
        head=segment.head.text,
        signature=segment.signature,
    )


def require(entry_id: int) -> Proof:
    """The proof, or EntryNotSealed."""
    found = proof(entry_id)
    if found is None:
        raise EntryNotSealed(entry=entry_id)
    return found
