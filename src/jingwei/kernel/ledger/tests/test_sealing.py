import errno
import os
from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from jingwei.kernel import ledger
from jingwei.kernel.errors import DiskFull
from jingwei.kernel.ledger import checking, sealing, segments, signing
from jingwei.kernel.ledger.errors import KeyChanged, KeyLost, LedgerSetBack
from jingwei.kernel.ledger.tests.conftest import SUBJECTS, kinds
from jingwei.kernel.models import LedgerEntry, LedgerHead


def test_batches_are_chained_heads_over_every_entry_in_order(book):
    heads = [segments.read(path).head for _, path in segments.numbers()]
    assert [(head.first, head.count) for head in heads] == [(0, 8), (8, 8), (16, 4)]
    assert [head.previous for head in heads] == [segments.START, heads[0].hash, heads[1].hash]
    state = ledger.status()
    assert (state.sealed, state.unsealed, state.head.hash) == (20, 3, heads[-1].hash)
    assert ledger.about(SUBJECTS[0]).count() == 3


def test_gaps_of_numbers_and_rows_that_come_late_are_no_matter(book):
    LedgerEntry.objects.filter(position__isnull=True).order_by("id").first().delete()
    assert sealing.seal().entries == 2
    assert kinds() == [] and sealing.seal().entries == 0


def test_a_full_disk_while_sealing_leaves_nothing_half_done(book, monkeypatch):
    def full(descriptor):
        raise OSError(errno.ENOSPC, "No space left on device")

    before = sorted(segments.folder().rglob("*"))
    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(DiskFull):
            sealing.seal()
    assert sorted(segments.folder().rglob("*")) == before and ledger.status().unsealed == 3
    assert sealing.seal().entries == 3 and kinds() == []


def test_a_segment_that_the_database_did_not_hear_of_is_taken_up_as_it_is(book, monkeypatch):
    def killed(*given):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(sealing, "enter", killed)
        with pytest.raises(KeyboardInterrupt):
            sealing.seal()
    written = segments.path_of(4).read_bytes()
    report = checking.verify()
    assert report.findings == [] and "4" in str(report.notes[0])
    ledger.record(None, "run.read", "later")
    assert [head.count for head in sealing.seal().heads] == [3, 1]
    assert segments.path_of(4).read_bytes() == written and kinds() == []


def test_entries_that_an_older_database_lacks_are_put_back_from_their_segment(book):
    newest = LedgerEntry.objects.order_by("-id").first().id
    sealing.seal()
    LedgerEntry.objects.filter(position__gte=20).delete()
    LedgerHead.objects.filter(number=4).delete()
    sealing.seal()
    assert LedgerEntry.objects.get(pk=newest).position == 22
    assert kinds() == ["index"] or kinds() == []


def test_a_database_that_went_another_way_since_is_not_sealed_over(book):
    sealing.seal()
    LedgerHead.objects.filter(number=4).delete()
    LedgerEntry.objects.filter(position__gte=20).update(position=None, purpose="other")
    with pytest.raises(LedgerSetBack):
        sealing.seal()


def test_a_clock_that_steps_back_is_noted_and_not_trusted(book, monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: datetime.now(UTC) - timedelta(hours=2))
    ledger.record(None, "run.read", "earlier")
    head = sealing.seal().heads[-1]
    assert head.number == 4 and 7100 < head.back <= 7200
    report = checking.verify()
    assert report.findings == [] and str(head.back) in str(report.notes[0])


def test_without_its_key_a_node_seals_no_more_but_verifies(book):
    signing.path().unlink()
    with pytest.raises(KeyLost):
        sealing.seal()
    assert kinds() == [] and ledger.status().unsealed == 3


def test_under_another_key_nothing_is_sealed_and_it_is_told(book):
    signing.path().unlink()
    signing.make()
    with pytest.raises(KeyChanged):
        sealing.seal()
    assert kinds() == ["key"]


@pytest.mark.parametrize("lost", [False, True])
def test_a_new_key_goes_on_where_the_old_one_ended(book, lost):
    before = signing.load().public
    signing.renew(lost=lost)
    sealing.seal()
    report = checking.verify()
    assert report.findings == [] and len(report.notes) == 1
    assert report.head.key == signing.load().public != before


def test_the_key_is_for_its_owner_alone(book):
    assert signing.path().stat().st_mode & 0o777 == 0o600
