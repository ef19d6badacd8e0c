"""Edits of a ledger at random, each taken back afterwards: for the test, and in thousands for the benchmark.

The one who edits may write to the database and the files, and has no key. An edit leaves something other than
it found: what writes the same value again is drawn anew.
"""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from django.db import connection, models, transaction

from jingwei.kernel.ledger import checking, segments
from jingwei.kernel.ledger.findings import Report
from jingwei.kernel.models import LedgerEntry, LedgerHead, LedgerSubject

COLUMNS = ("at", "account", "organization", "post", "action", "object", "door", "case", "grant", "purpose",
           "fields", "subjects", "subject_digest", "subject_count", "outcome", "nonce", "mark", "position")  # fmt: skip


class Tampering:
    def __init__(self, seed: int, verify: Callable[[], Report] = checking.verify) -> None:
        self.random = random.Random(seed)
        self.verify = verify

    def is_whole(self) -> bool:
        return self.verify().findings == []

    def is_found(self) -> bool:
        return bool(self.verify().findings)

    @contextmanager
    def edit(self) -> Iterator[str]:
        """One edit, named; the ledger is as before when the block ends."""
        kept = segments.folder().with_name("ledger-kept")
        on_file = self.random.random() < 0.5
        if on_file:
            path = self.random.choice([path for _, path in segments.numbers()])
            copy = kept / path.name
            kept.mkdir(exist_ok=True)
            shutil.copy(path, copy)
            try:
                yield self.file(path)
            finally:
                for _, extra in list(segments.numbers()):
                    if extra.parent.name.endswith("9"):
                        shutil.rmtree(extra.parent)
                copy.replace(path)
                shutil.rmtree(kept)
            return
        with transaction.atomic():
            # a constraint is no hindrance to somebody who may change the table
            what = self.row()
            yield what
            transaction.set_rollback(True)

    def file(self, path: Path) -> str:
        data = path.read_bytes()
        at = self.random.randrange(len(data))
        lines = data.splitlines(keepends=True)
        some, other = self.random.sample(range(1, len(lines)), 2)
        choice = self.random.randrange(8)
        if choice == 0:
            path.write_bytes(data[:at] + bytes([data[at] ^ 1 << self.random.randrange(8)]) + data[at + 1 :])
            return f"{path.name}: byte {at} flipped"
        if choice == 1:
            path.write_bytes(data[:at])
            return f"{path.name}: cut at {at}"
        if choice == 2:
            path.write_bytes(data[:at] + self.random.randbytes(3) + data[at:])
            return f"{path.name}: three bytes put in at {at}"
        if choice == 3:
            path.write_bytes(b"".join(lines[:some] + lines[some + 1 :]))
            return f"{path.name}: line {some} removed"
        if choice == 4:
            path.write_bytes(b"".join([*lines[:some], lines[other], *lines[some:]]))
            return f"{path.name}: line {other} put in at {some}"
        if choice == 5:
            lines[some], lines[other] = lines[other], lines[some]
            path.write_bytes(b"".join(lines))
            return f"{path.name}: lines {some} and {other} swapped"
        if choice == 6:
            path.unlink()
            return f"{path.name}: removed"
        strange = segments.path_of(9_000 + self.random.randrange(100))
        strange.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, strange)
        return f"{path.name}: copied to {strange.name}"

    def row(self) -> str:
        entry = self.random.choice(list(LedgerEntry.objects.filter(position__isnull=False)))
        choice = self.random.randrange(8)
        if choice == 0:
            entry.delete()
            return f"entry {entry.position} removed"
        if choice == 1:
            other = self.random.choice(list(LedgerEntry.objects.exclude(pk=entry.pk).exclude(position=None)))
            _move(entry.pk, 10**6)
            _move(other.pk, entry.position)
            _move(entry.pk, other.position)
            return f"entries {entry.position} and {other.position} swapped"
        if choice == 2:
            entry.pk, entry.position = None, self.random.choice([None, 10**6, -5])
            entry.save(force_insert=True)
            return f"a copy put in at {entry.position}"
        if choice == 3:
            entry.pk, entry.position, entry.account = None, None, "forged"
            entry.save(force_insert=True)
            return "a forged entry put in"
        if choice == 4:
            head = self.random.choice(list(LedgerHead.objects.all()))
            column = self.random.choice(["first", "after", "text", "signature", "hash"])
            LedgerHead.objects.filter(pk=head.pk).update(**{column: _other(getattr(head, column))})
            return f"head {head.number}: {column} changed"
        if choice == 5:
            subject = self.random.choice(list(LedgerSubject.objects.all()))
            LedgerSubject.objects.filter(term=subject.term, position=subject.position).delete()
            return f"index: {subject.position} removed"
        if choice == 6:
            waiting = self.random.choice(list(LedgerEntry.objects.filter(position=None)) or [entry])
            return self.change(waiting)
        return self.change(entry)

    def change(self, entry: LedgerEntry) -> str:
        column = self.random.choice(COLUMNS)
        value = getattr(entry, column)
        if column == "at":
            value = value.replace(microsecond=(value.microsecond + 1) % 10**6)
        elif column == "position" and value is None:
            value = 10**6
        else:
            value = _other(value)
        _column(entry.pk, column, value)
        return f"entry {entry.pk}: {column} changed"


def _move(pk: int, position: int | None) -> None:
    LedgerEntry.objects.filter(pk=pk).update(position=position)


def _column(pk: int, column: str, value: object) -> None:
    field = LedgerEntry._meta.get_field(column)
    if isinstance(field, models.JSONField):
        LedgerEntry.objects.filter(pk=pk).update(**{column: value})
        return
    assert isinstance(field, models.Field)
    prepared = field.get_db_prep_save(value, connection)
    name = connection.ops.quote_name(column)
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE kernel_ledgerentry SET {name} = %s WHERE id = %s", [prepared, pk])


def _other(value: object) -> object:
    if isinstance(value, int):
        return value + 10**6
    if isinstance(value, list):
        return [*value, "x"]
    text = str(value)
    return f"{text[:-1]}{'0' if text[-1:] != '0' else '1'}"
