"""Sealing: what was appended since the last time becomes a segment that cannot be changed unseen.

    unsealed rows ─▶ marks checked ─▶ tree, signed head ─▶ file on the disk ─▶ head, positions, index in the database

The file comes first. Killed before it, nothing happened; killed behind it, the next sealing finds a segment
that the database does not know and takes it up as it is, so that no number is ever signed twice. Rows whose
mark is wrong were not written by this node: they are left aside, and `checking` names them.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from jingwei.kernel.ledger import segments, signing, stamping, tree
from jingwei.kernel.ledger.entry import COLUMNS, content_of, leaf_of, when
from jingwei.kernel.ledger.errors import KeyChanged, KeyLost, LedgerSetBack
from jingwei.kernel.ledger.keys import mark_of
from jingwei.kernel.ledger.segments import Head
from jingwei.kernel.locks import exclusive
from jingwei.kernel.models import LedgerEntry, LedgerHead, LedgerSubject
from jingwei.kernel.text import Text

log = logging.getLogger(__name__)

WHAT = Text("台账封存", "the sealing of the ledger")
WAIT = 10
ID, AT, MARK, NONCE = (COLUMNS.index(name) for name in ("id", "at", "mark", "nonce"))
SUBJECTS, DIGEST = COLUMNS.index("subjects"), COLUMNS.index("subject_digest")

Row = tuple[Any, ...]
MARK_PLACES = "UPDATE kernel_ledgerentry SET position = %s WHERE id = %s AND position IS NULL"


@dataclass
class Sealed:
    """What one sealing did: the heads it made, and the numbers of entries it left aside."""

    heads: list[Head] = field(default_factory=list)
    aside: list[int] = field(default_factory=list)

    @property
    def entries(self) -> int:
        return sum(head.count for head in self.heads)


def seal() -> Sealed:
    """Seals everything that is committed now. Raises DiskFull, KeyLost, KeyChanged, LedgerSetBack or Busy."""
    done = Sealed()
    with exclusive("ledger", WHAT, wait=WAIT):
        last = newest()
        while (last.number + 1 if last else 1) in (found := dict(segments.numbers())):
            last = take_up(found[last.number + 1 if last else 1], last)
            done.heads.append(last)
        after = -1
        while rows := unsealed(after):
            after = rows[-1][ID]
            good = own(rows, last)
            done.aside += [row[ID] for row in rows if row not in good] if len(good) < len(rows) else []
            if good:
                last = write(good, last)
                done.heads.append(last)
        stamping.catch_up()
    if done.aside:
        log.error("ledger: %d entries were not written by this node and are not sealed", len(done.aside))
    return done


def seal_before_new_key(lost: bool) -> None:
    """What waits is sealed under the old key first, where it still can be: two handovers in a row would leave
    the key between them unknown to the chain."""
    if not lost:
        seal()


def newest() -> Head | None:
    row = LedgerHead.objects.order_by("-number").first()
    return Head.read(row.text) if row else None


def unsealed(after: int) -> list[Row]:
    waiting = LedgerEntry.objects.filter(position__isnull=True, id__gt=after).order_by("id")
    return list(waiting.values_list(*COLUMNS)[: segments.ENTRIES])


def own(rows: Sequence[Row], last: Head | None) -> list[Row]:
    """The rows this node wrote, each once: the mark is right, and no row repeats another."""
    good, seen = [], set()
    for row in rows:
        if row[NONCE] in seen or mark_of(content_of(row)) != row[MARK] or is_repeated(row, last):
            continue
        seen.add(row[NONCE])
        good.append(row)
    return good


def is_repeated(row: Row, last: Head | None) -> bool:
    """Whether a sealed entry was copied into a new row. Only what is older than the newest sealed entry can be."""
    if last is None or when(row[AT]) > last.latest:
        return False
    return LedgerEntry.objects.filter(at=row[AT], nonce=row[NONCE], position__isnull=False).exists()


def write(rows: Sequence[Row], last: Head | None) -> Head:
    key = key_for(last)
    lines = [leaf_of(row) for row in rows]
    now = timezone.now()
    head = Head(
        number=last.number + 1 if last else 1,
        first=last.after if last else 0,
        count=len(lines),
        root=tree.root(map(tree.leaf_hash, lines)).hex(),
        previous=last.hash if last else segments.START,
        sealed=when(now),
        latest=max([when(row[AT]) for row in rows] + ([last.latest] if last else [])),
        back=max(0, round((datetime.fromisoformat(last.sealed) - now).total_seconds())) if last else 0,
        key=key.public,
        handover=key.handover if last and last.key != key.public else "",
    )
    signature = key.sign(head)
    segments.write(head, signature, lines)
    enter(head, signature, [(row[ID], row[SUBJECTS], row[DIGEST]) for row in rows])
    return head


def key_for(last: Head | None) -> signing.Key:
    """The key to sign with: it signed the last head, or was handed over to by the one that did."""
    if last is None and not signing.exists():
        return signing.make()
    if not signing.exists():
        raise KeyLost(path=signing.path())
    key = signing.load()
    if last and not signing.may_follow(last):
        raise KeyChanged(path=signing.path())
    return key


@transaction.atomic
def enter(head: Head, signature: str, entries: Sequence[tuple[int, list[str], str]]) -> None:
    """The head, the entries' positions and the index of whom they are about."""
    LedgerHead.objects.create(
        number=head.number,
        first=head.first,
        after=head.after,
        text=head.text,
        signature=signature,
        hash=head.hash,
        sealed_at=datetime.fromisoformat(head.sealed),
    )
    places = [(head.first + index, entry[0]) for index, entry in enumerate(entries)]
    with connection.cursor() as cursor:
        cursor.executemany(MARK_PLACES, places)
    LedgerSubject.objects.bulk_create(
        [
            LedgerSubject(term=term, position=place)
            for (place, _), (_, subjects, digest) in zip(places, entries, strict=True)
            for term in terms(subjects, digest)
        ],
        batch_size=400,
    )


def terms(subjects: Sequence[str], digest: str) -> set[str]:
    """What an entry is found by."""
    return {*subjects, *([digest] if digest else [])}


def take_up(path: Any, last: Head | None) -> Head:
    """A segment on the disk that the database does not know: sealing was cut off behind it, or the database
    was put back to an earlier day. Entries that the database lacks are put back from the segment."""
    try:
        segment = segments.read(path)
        entries = [json.loads(line) for line in segment.lines]
    except (segments.Unreadable, ValueError):
        raise LedgerSetBack(number=path.stem) from None
    head = segment.head
    roots = tree.root(map(tree.leaf_hash, segment.lines)).hex(), head.root
    fits = head.previous == (last.hash if last else segments.START) and roots[0] == roots[1]
    if not fits or not signing.is_signed(head, segment.signature):
        raise LedgerSetBack(number=head.number)
    with transaction.atomic():
        for entry, line in zip(entries, segment.lines, strict=True):
            row = LedgerEntry.objects.filter(pk=entry["id"]).values_list("position", *COLUMNS).first()
            if row is None:
                LedgerEntry.objects.create(**{**entry, "at": datetime.fromisoformat(entry["at"])})
            elif row[0] is not None or leaf_of(row[1:]) != line:
                raise LedgerSetBack(number=head.number)
        enter(
            head, segment.signature, [(one["id"], one["subjects"], one["subject_digest"]) for one in entries]
        )
    return head
