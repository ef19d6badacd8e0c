"""`verify`: is the ledger as it was sealed, and if not, what was done to it.

    heads: signature, chain ─▶ segment files: tree against head ─▶ rows: the same lines ─▶ index, sets, stamps
    what waits: the marks         a head the auditor noted: still there, still the same

One segment is held in memory at a time, so that a hundred million entries take no more of it than twenty
thousand. Nothing is locked: what is sealed meanwhile is left to the next time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import connection

from jingwei.kernel.ledger import segments, signing, stamping, tree
from jingwei.kernel.ledger.appending import digest_of
from jingwei.kernel.ledger.comparing import differences
from jingwei.kernel.ledger.entry import COLUMNS, content_of, leaf_of
from jingwei.kernel.ledger.findings import BOTH, DATABASE, FILE, REWRITTEN, TRUNCATED, Finding, Report
from jingwei.kernel.ledger.keys import mark_of
from jingwei.kernel.ledger.sealing import DIGEST, ID, MARK, NONCE, SUBJECTS, is_repeated, terms
from jingwei.kernel.ledger.segments import Head, Segment
from jingwei.kernel.models import LedgerEntry, LedgerHead, LedgerSet, LedgerSubject
from jingwei.kernel.text import Text

STEP = 4000
Row = tuple[Any, ...]
Told = Callable[[int], None]

HANDED_OVER = Text(
    "第 {n} 段起换了密钥，有旧密钥签字。", "From segment {n} another key signs; the old one handed over."
)
KEY_LOST = Text(
    "第 {n} 段起换了密钥，旧密钥没有签字（报失）。请核对新公钥 {key}。",
    "From segment {n} another key signs, and the old one did not hand over (it was lost). Compare the new key {key}.",
)  # fmt: skip
CLOCK = Text("封第 {n} 段时，时钟比上一段退了 {s} 秒。", "At segment {n} the clock had gone back by {s} s.")
NOT_TAKEN_UP = Text(
    "第 {n} 段已写成文件，业务库还没有记上；下一次封存会记上。",
    "Segment {n} is on the disk and not in the database yet; the next sealing takes it up.",
)
KEY_MISSING = Text(
    "密钥文件 {path} 不见了：能核验，不能再封存。",
    "The key file {path} is missing: all can be verified, nothing more can be sealed.",
)


def verify(noted: Head | None = None, told: Told | None = None) -> Report:
    """Checks everything; `told` hears how many entries are done."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            # pages of a mapped file stay in the memory of whoever read them all
            cursor.execute("PRAGMA mmap_size=0")
    return _Check(noted, told or (lambda _: None)).run()


class _Check:
    def __init__(self, noted: Head | None, told: Told) -> None:
        self.report = Report()
        self.noted, self.told = noted, told
        self.last: Head | None = None
        self.broken = False
        """The head before could not be read: there is nothing to chain the next one to."""
        self.after = 0
        self.digests: set[str] = set()

    def run(self) -> Report:
        newest = LedgerHead.objects.order_by("-number").first()
        files = dict(segments.numbers())
        # a number that somebody put up to a billion must not be counted up to
        known = min(newest.number if newest else 0, max([*files, LedgerHead.objects.count()], default=0))
        for row in LedgerHead.objects.exclude(number__gte=1, number__lte=known)[:STEP]:
            self.add("head-changed", DATABASE, row.number, detail="number")
        self.extra_files(files, known)
        for number in range(1, known + 1):
            self.segment(number)
            self.told(self.report.entries)
        while known + 1 in files and self.beyond(known + 1):
            known += 1
        for number in sorted(files):
            if number > known:
                self.add("segment-extra", FILE, number)
        self.strays()
        self.waiting()
        self.sets()
        self.key()
        self.auditors_head()
        return self.report

    def add(self, kind: str, side: Text | None = None, segment: int | None = None, **more: Any) -> None:
        self.report.add(Finding(kind, side, segment, **more))

    # heads

    def segment(self, number: int) -> None:
        row = LedgerHead.objects.filter(pk=number).first()
        segment = self.file(number)
        kept = self.head_of_row(row, number)
        head = self.choose(number, segment, kept, row)
        if head is None:
            self.broken, self.after = True, max(self.after, row.after if row else 0)
            return
        self.chain(head)
        self.stamp(head)
        self.report.segments += 1
        rows = rows_between(head.first, head.after)
        self.body(head, segment, rows)
        self.index(head, rows)
        self.last, self.broken, self.after = head, False, head.after

    def file(self, number: int) -> Segment | None:
        try:
            return segments.read(segments.path_of(number))
        except FileNotFoundError:
            self.add("segment-missing", FILE, number)
        except (segments.Unreadable, OSError) as exc:
            self.add("head-unreadable", FILE, number, detail=str(exc))
        return None

    def head_of_row(self, row: LedgerHead | None, number: int) -> Head | None:
        if row is None:
            self.add("head-missing", DATABASE, number)
            return None
        try:
            head = Head.read(row.text)
        except segments.Unreadable as exc:
            self.add("head-unreadable", DATABASE, number, detail=str(exc))
            return None
        derived = {
            "number": (row.number, head.number),
            "first": (row.first, head.first),
            "after": (row.after, head.after),
            "hash": (row.hash, head.hash),
            "sealed_at": (row.sealed_at, datetime.fromisoformat(head.sealed)),
        }
        wrong = [name for name, (kept, signed) in derived.items() if kept != signed]
        if wrong:
            self.add("head-changed", DATABASE, number, detail=", ".join(wrong))
        return head

    def choose(
        self, number: int, segment: Segment | None, kept: Head | None, row: LedgerHead | None
    ) -> Head | None:
        """The head that is signed: of file and database either may have been changed, and is then told."""
        sides: list[tuple[Text, Head, str]] = []
        if segment:
            sides.append((FILE, segment.head, segment.signature))
        if kept and row:
            sides.append((DATABASE, kept, row.signature))
        good = [one for one in sides if one[1].number == number and signing.is_signed(one[1], one[2])]
        for one in sides:
            if one not in good:
                self.add("signature", one[0], number)
        if len(good) == 2 and good[0][1] != good[1][1]:
            # both are signed: the one that the chain goes on from is the right one
            right = next((one for one in good if self.follows(one[1])), good[0])
            self.add(
                "head-changed", next(one[0] for one in good if one is not right), number, detail="number"
            )
            return right[1]
        return good[0][1] if good else None

    def follows(self, head: Head) -> bool:
        return self.broken or head.previous == (self.last.hash if self.last else segments.START)

    def chain(self, head: Head) -> None:
        if not self.follows(head) or (not self.broken and head.first != self.after):
            self.add("chain", BOTH, head.number)
        before = self.last
        if before and before.key != head.key and not self.broken:
            if head.handover == signing.LOST:
                self.report.notes.append(KEY_LOST.fill(n=head.number, key=head.key))
            elif signing.is_handed_over(before.key, head):
                self.report.notes.append(HANDED_OVER.fill(n=head.number))
            else:
                self.add("signature", BOTH, head.number)
        if head.back:
            self.report.notes.append(CLOCK.fill(n=head.number, s=head.back))

    def stamp(self, head: Head) -> None:
        path = segments.stamp_of(head.number)
        if path.exists():
            self.report.stamps += 1
            fault = stamping.fault(path.read_bytes(), stamping.message(head))
            if fault:
                self.add("stamp", FILE, head.number, detail=fault)

    def beyond(self, number: int) -> bool:
        """A segment that the database does not know. Sealing that was cut off leaves one, and only one."""
        try:
            segment = segments.read(segments.path_of(number))
        except (segments.Unreadable, OSError):
            return False
        head = segment.head
        fits = head.number == number and head.first == self.after and self.follows(head)
        if not fits or not signing.is_signed(head, segment.signature):
            return False
        if LedgerEntry.objects.filter(position__gte=head.first).exists():
            self.add("head-missing", DATABASE, number)
            self.body(head, segment, rows_between(head.first, head.after))
        else:
            self.report.notes.append(NOT_TAKEN_UP.fill(n=number))
        self.last, self.after = head, head.after
        return True

    # entries

    def body(self, head: Head, segment: Segment | None, rows: Sequence[Row]) -> None:
        lines = [leaf_of(row) for row in rows]
        filed = segment.lines if segment else None
        self.report.entries += head.count
        self.digests.update(row[DIGEST] for row in rows if row[DIGEST])
        if segment and not segment.ended:
            self.add("segment-cut", FILE, head.number)
        whole = is_whole(lines, head)
        if whole and filed in (lines, None):
            return
        where: dict[str, Any] = {"segment": head.number, "first": head.first}
        if filed is not None and is_whole(filed, head):
            differing = list(differences(filed, lines, side=DATABASE, **where))
        elif whole and filed is not None:
            differing = list(differences(lines, filed, side=FILE, **where))
        else:
            differing = list(differences(filed, lines, side=BOTH, **where)) if filed is not None else []
            self.add("body", BOTH, head.number, detail=f"{head.first}–{head.after - 1}")
        for one in differing:
            self.report.add(one)
        if not differing and filed is not None and is_whole(filed, head):
            # every line is there in its order, so that the places themselves are wrong
            self.add("reordered", DATABASE, head.number, position=head.first)

    def index(self, head: Head, rows: Sequence[Row]) -> None:
        wanted = {
            (term, head.first + place)
            for place, row in enumerate(rows)
            for term in terms(row[SUBJECTS] if isinstance(row[SUBJECTS], list) else [], row[DIGEST])
        }
        written = LedgerSubject.objects.filter(position__gte=head.first, position__lt=head.after)
        if set(written.values_list("term", "position")) != wanted and len(rows) == head.count:
            self.add("index", DATABASE, head.number)

    def strays(self) -> None:
        """Rows with a place that no segment has."""
        outside = LedgerEntry.objects.filter(position__gte=self.after) | LedgerEntry.objects.filter(
            position__lt=0
        )
        for entry, position in outside.values_list("id", "position").iterator(chunk_size=STEP):
            self.add("inserted", DATABASE, position=position, entry=entry)
        if LedgerSubject.objects.filter(position__gte=self.after).exists():
            self.add("index", DATABASE)

    def waiting(self) -> None:
        seen: set[str] = set()
        rows = LedgerEntry.objects.filter(position__isnull=True).order_by("id").values_list(*COLUMNS)
        for row in rows.iterator(chunk_size=STEP):
            self.report.unsealed += 1
            if mark_of(content_of(row)) != row[MARK]:
                self.add("foreign", DATABASE, entry=row[ID])
            elif row[NONCE] in seen or is_repeated(row, self.last):
                self.add("repeated", DATABASE, entry=row[ID])
            if len(seen) < segments.ENTRIES:
                seen.add(row[NONCE])

    # what stands beside

    def sets(self) -> None:
        held = set()
        for one in LedgerSet.objects.iterator(chunk_size=20):
            held.add(one.digest)
            if digest_of(one.key, bytes(one.members)) != one.digest:
                self.add("set", DATABASE, detail=one.digest[:16])
        for digest in sorted(self.digests - held):
            self.add("set", DATABASE, detail=digest[:16])

    def key(self) -> None:
        self.report.head = self.last
        if self.last is None:
            return
        if not signing.exists():
            self.report.notes.append(KEY_MISSING.fill(path=signing.path()))
        elif not signing.may_follow(self.last):
            self.add("key", FILE, detail=str(signing.path()))

    def auditors_head(self) -> None:
        noted = self.noted
        if noted is None:
            return
        if self.last is None or noted.number > self.last.number:
            self.add("noted", FILE, noted.number, detail=TRUNCATED)
            return
        row = LedgerHead.objects.filter(pk=noted.number).values_list("text", flat=True).first()
        try:
            filed: str | None = segments.read(segments.path_of(noted.number)).head.text
        except (segments.Unreadable, OSError):
            filed = None
        if noted.text not in {row, filed} or not {row, filed} <= {noted.text, None}:
            self.add("noted", BOTH, noted.number, detail=REWRITTEN)

    def extra_files(self, files: dict[int, Path], known: int) -> None:
        for path in sorted(segments.folder().rglob("*.segment")):
            if path not in files.values():
                self.add("segment-extra", FILE, detail=str(path.relative_to(segments.folder())))


def rows_between(first: int, after: int) -> list[Row]:
    rows = LedgerEntry.objects.filter(position__gte=first, position__lt=after).order_by("position")
    return list(rows.values_list(*COLUMNS))


def is_whole(lines: Sequence[bytes], head: Head) -> bool:
    return len(lines) == head.count and tree.root(_hashes(lines)).hex() == head.root


def _hashes(lines: Sequence[bytes]) -> Iterator[bytes]:
    return map(tree.leaf_hash, lines)
