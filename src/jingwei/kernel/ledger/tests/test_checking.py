"""Everything somebody could do to the ledger, one thing at a time: it is found, and named for what it is."""

import shutil

import pytest
from django.db import connection

from jingwei.kernel import ledger
from jingwei.kernel.ledger import checking, sealing, segments
from jingwei.kernel.ledger.segments import Head
from jingwei.kernel.ledger.tests.conftest import kinds
from jingwei.kernel.models import LedgerEntry, LedgerHead, LedgerSet, LedgerSubject


def row(position: int) -> LedgerEntry:
    return LedgerEntry.objects.get(position=position)


def findings(**given):
    return [(one.kind, one.segment, one.position) for one in checking.verify(**given).findings]


def test_a_row_that_was_changed_is_named_with_what_was_changed(book):
    LedgerEntry.objects.filter(position=9).update(account="somebody", purpose="nothing")
    (found,) = checking.verify().findings
    assert (found.kind, found.segment, found.position, found.entry) == ("changed", 2, 9, row(9).id)
    assert found.detail == "account, purpose" and "account, purpose" in str(found.means)


def test_a_row_that_was_removed_is_named(book):
    gone = row(17)
    LedgerEntry.objects.filter(position=17).delete()
    (found,) = checking.verify().findings
    assert (found.kind, found.position, found.entry) == ("removed", 17, gone.id)


def test_two_rows_that_changed_places_are_both_named(book):
    one, other = row(1), row(2)
    for entry, place in ((one, 99), (other, 1), (one, 2)):
        LedgerEntry.objects.filter(pk=entry.pk).update(position=place)
    assert findings() == [("reordered", 1, 1), ("reordered", 1, 2), ("index", 1, None)]


def test_two_rows_that_changed_numbers_are_told(book):
    one, other = row(1).id, row(2).id
    for before, after in ((one, 10_000), (other, one), (10_000, other)):
        with connection.cursor() as cursor:
            cursor.execute("UPDATE kernel_ledgerentry SET id = %s WHERE id = %s", [after, before])
    assert "changed" in kinds()


@pytest.mark.parametrize(
    ("place", "mark", "kind"),
    [(99, "0" * 32, "inserted"), (-1, "0" * 32, "inserted"), (None, "0" * 32, "foreign"), (None, None, "repeated")],
)  # fmt: skip
def test_a_row_that_was_put_in_is_named(book, place, mark, kind):
    copy = row(5)
    copy.pk, copy.position, copy.mark = None, place, mark or copy.mark
    copy.save(force_insert=True)
    (found,) = checking.verify().findings
    assert (found.kind, found.entry) == (kind, copy.pk)
    assert copy.pk in sealing.seal().aside or place is not None


def test_a_row_changed_while_it_waits_is_left_aside_and_named(book):
    waits = LedgerEntry.objects.filter(position__isnull=True).first()
    LedgerEntry.objects.filter(pk=waits.pk).update(account="somebody")
    assert kinds() == ["foreign"] and sealing.seal().aside == [waits.pk]
    assert ledger.status().unsealed == 1


def swapped(path):
    head, *lines = path.read_bytes().splitlines(keepends=True)
    return b"".join([head, lines[1], lines[0], *lines[2:]])


def flipped(data: bytes, at: int) -> bytes:
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda p: p.read_bytes()[:-1], {"segment-cut"}),
        (lambda p: p.read_bytes()[:-40], {"changed", "segment-cut"}),
        (lambda p: b"".join(p.read_bytes().splitlines(keepends=True)[:-2]), {"removed"}),
        (lambda p: p.read_bytes() + p.read_bytes().splitlines()[1] + b"\n", {"inserted"}),
        (swapped, {"reordered"}),
        (lambda p: flipped(p.read_bytes(), -50), {"changed"}),
        (lambda p: flipped(p.read_bytes(), 9), {"head-unreadable"}),
        (lambda p: p.read_bytes().replace(b'"count":8', b'"count":9'), {"signature"}),
        (lambda p: flipped(p.read_bytes(), p.read_bytes().index(b"\t") + 5), {"signature"}),
        (lambda p: segments.path_of(1).read_bytes(), {"signature", "removed", "changed", "inserted"}),
        (lambda p: b"", {"head-unreadable"}),
        (lambda p: b"\n" * 20, {"head-unreadable"}),
        (lambda p: b"\xff" * 99, {"head-unreadable"}),
    ],
)
def test_a_segment_file_that_was_changed_is_named(book, change, expected):
    path = segments.path_of(2)
    path.write_bytes(change(path))
    report = checking.verify()
    assert {one.kind for one in report.findings} <= expected
    assert {one.segment for one in report.findings} <= {2}
    assert report.findings


def test_a_segment_file_that_is_gone_renamed_or_copied_is_named(book):
    path = segments.path_of(2)
    shutil.copy(path, path.with_name("000000002 (copy).segment"))
    assert kinds() == ["segment-extra"]
    path.rename(segments.path_of(9))
    path.with_name("000000002 (copy).segment").unlink()
    assert findings() == [("segment-missing", 2, None), ("segment-extra", 9, None)]


def test_an_entry_changed_in_database_and_file_alike_is_told_by_its_range(book):
    path = segments.path_of(2)
    path.write_bytes(path.read_bytes().replace(b'"YX-9"', b'"YX-0"'))
    LedgerEntry.objects.filter(position=9).update(case="YX-0")
    (found,) = checking.verify().findings
    assert (found.kind, found.segment) == ("body", 2) and "8–15" in str(found.means)


@pytest.mark.parametrize(
    ("column", "value", "kind"),
    [("text", "{}", "head-unreadable"), ("signature", "00", "signature"), ("first", 3, "head-changed"),
     ("hash", "0" * 64, "head-changed"), ("sealed_at", "2020-01-01T00:00:00Z", "head-changed")],
)  # fmt: skip
def test_a_head_changed_in_the_database_is_told(book, column, value, kind):
    LedgerHead.objects.filter(number=2).update(**{column: value})
    assert kinds() == [kind]


@pytest.mark.parametrize("number", [1, 2, 3])
def test_a_head_removed_from_the_database_is_told(book, number):
    LedgerHead.objects.filter(number=number).delete()
    assert "head-missing" in kinds()


def test_the_newest_segments_cut_off_are_told_by_the_database(book):
    segments.path_of(3).unlink()
    assert findings() == [("segment-missing", 3, None)]


def test_a_ledger_cut_short_everywhere_is_told_by_a_noted_head(book):
    noted = Head.read(LedgerHead.objects.get(number=3).text)
    assert kinds(noted=noted) == []
    segments.path_of(3).unlink()
    LedgerHead.objects.filter(number=3).delete()
    LedgerSubject.objects.filter(position__gte=16).delete()
    LedgerEntry.objects.filter(position__gte=16).delete()
    assert kinds() == [] and kinds(noted=noted) == ["noted"]


def test_an_index_that_hides_a_look_from_a_resident_is_told(book):
    LedgerSubject.objects.filter(position=4).delete()
    assert findings() == [("index", 1, None)]


@pytest.mark.parametrize(
    "change", [lambda: LedgerSet.objects.all().delete(), lambda: LedgerSet.objects.update(members=b"")]
)
def test_a_bulk_set_that_was_changed_or_removed_is_told(book, change):
    ledger.record(None, "register.compare", "population", subjects=[f"P{n}" for n in range(100)])
    sealing.seal()
    assert kinds() == []
    change()
    assert set(kinds()) == {"set"}
