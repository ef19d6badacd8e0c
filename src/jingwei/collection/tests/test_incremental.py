"""Reading what is new: late rows come, gone rows go, a clock that jumps loses nothing."""

from __future__ import annotations

import pytest

from jingwei.collection import service
from jingwei.collection.incremental import before
from jingwei.collection.models import Run

INCREMENTAL = {"refresh": "incremental", "cursor": {"column": "changed", "lookback": "1d"}, "maxRemoved": 0.5}


def figures(run: Run) -> tuple[int, int, int, int]:
    return (run.read, run.new, run.changed, run.removed)


@pytest.fixture
def read(source, rows):
    """The source declared incremental and read once."""
    source.declare(INCREMENTAL)
    source.put(*rows)
    run = source.collect()
    assert (run.kind, run.new, run.verified_through) == (Run.FULL, 10, rows[-1][3])
    return source


def test_only_what_is_newer_than_a_day_before_the_last_row_is_read_again(read):
    read.put(("011", "白露", "19900000011", "2026-01-11 08:00:00"))
    run = read.collect()
    # The last two of the first ten lie within the lookback.
    assert (run.kind, figures(run), run.unchanged) == (Run.INCREMENTAL, (3, 1, 0, 0), 2)
    assert run.verified_through == "2026-01-11 08:00:00" and run.balances


def test_a_changed_row_is_changed(read):
    read.run("UPDATE person SET name = '改名', changed = '2026-01-12 00:00:00' WHERE number = '002'")
    assert figures(read.collect()) == (3, 0, 1, 0)
    assert ("002", "改名") in read.standard()


def test_nothing_new_is_a_run_that_read_the_lookback_only(read):
    run = read.collect()
    assert (run.state, figures(run), run.unchanged) == (Run.DONE, (2, 0, 0, 0), 2)


def test_a_row_stamped_long_ago_but_arrived_now_is_found_by_its_key(read):
    read.put(("000", "迟到", "19900000000", "2020-01-01 00:00:00"))
    run = read.collect()
    assert (run.new, run.facts["keys_compared"]["late"]) == (1, 1)
    assert run.balances and ("000", "迟到") in read.standard()
    assert "keys_compared" not in read.collect().facts


def test_a_deleted_row_is_found_though_another_came(read):
    read.run("DELETE FROM person WHERE number = '001'")
    run = read.collect()
    assert (run.removed, run.facts["keys_compared"]["gone"]) == (1, 1)
    assert "001" not in [number for number, _ in read.standard()]


def test_rows_deleted_beyond_what_the_contract_allows_are_held_and_can_be_let_through(source, rows):
    source.declare({**INCREMENTAL, "maxRemoved": 0.05})
    source.put(*rows)
    source.collect()
    source.run("DELETE FROM person WHERE number < '004'")
    held = source.collect()
    assert (held.state, held.removed, len(source.standard())) == (Run.HELD, 3, 10)
    done = service.release(held.id, by="steward")
    assert (done.state, done.removed, len(source.standard())) == (Run.DONE, 3, 7)
    assert done.facts["released"] == held.id


def test_removals_are_weighed_against_all_rows_not_those_read_again(source, rows):
    source.declare({**INCREMENTAL, "maxRemoved": 0.2})
    source.put(*rows)
    source.collect()
    source.run("DELETE FROM person WHERE number = '001'")
    # one of ten is a tenth; only two rows were read
    run = source.collect()
    assert (run.state, run.read, run.removed) == (Run.DONE, 2, 1)


def test_more_removals_than_were_held_hold_again(source, rows):
    source.declare({**INCREMENTAL, "maxRemoved": 0.05})
    source.put(*rows)
    source.collect()
    source.run("DELETE FROM person WHERE number < '004'")
    held = source.collect()
    source.run("DELETE FROM person WHERE number < '006'")
    assert service.release(held.id, by="steward").state == Run.HELD
    assert len(source.standard()) == 10


def test_a_stamp_in_the_future_does_not_make_later_rows_pass_unseen(read):
    read.put(("099", "时钟快", "19900000099", "2027-05-01 00:00:00"))
    first = read.collect()
    assert (first.new, first.facts["cursor"]["ahead"]) == (1, 1)
    assert first.verified_through < "2026-02"
    read.put(("011", "白露", "19900000011", "2026-01-11 08:00:00"))
    assert read.collect().new == 1


def test_a_row_without_a_stamp_is_read_every_time(read):
    read.put(("012", "无戳", "19900000012", None))
    assert read.collect().new == 1
    read.run("UPDATE person SET name = '有名' WHERE number = '012'")
    assert read.collect().changed == 1


def test_a_wrong_row_is_quarantined_and_counts_as_known(read):
    read.put(("013", "坏行", "199", "2026-01-13 00:00:00"))
    run = read.collect()
    assert (run.quarantined, run.state) == (1, Run.DONE)
    again = read.collect()
    assert "keys_compared" not in again.facts and again.facts["source_rows"] == {"said": 11, "known": 11}


def test_a_wrong_row_that_its_source_deletes_leaves_quarantine(read):
    read.put(("013", "坏行", "199", "2026-01-13 00:00:00"))
    read.collect()
    read.run("DELETE FROM person WHERE number = '013'")
    read.collect()
    assert service.quarantine.count("trial.person", open_only=True) == 0


def test_a_source_whose_clock_went_back_is_read_whole(read):
    last = Run.objects.first()
    last.facts["clock"] = "2099-01-01T00:00:00+00:00"
    last.save()
    run = read.collect()
    assert (run.kind, run.read) == (Run.FULL, 10)
    assert run.facts["clock_went_back"]["before"].startswith("2099")


def test_whole_reads_everything(read):
    assert read.collect(whole=True).read == 10


@pytest.mark.parametrize(
    ("through", "lookback", "since"),
    [
        ("2026-01-10 08:00:00", "1d", "2026-01-09 08:00:00"),
        ("2026-01-10", "2d", "2026-01-08"),
        ("1000", "50", "950"),
        ("2026-01-10 08:00:00+08:00", "30min", "2026-01-10 07:30:00+08:00"),
        ("abc", "1d", "abc"),
        ("2026-01-10 08:00:00", "0", "2026-01-10 08:00:00"),
    ],
)
def test_the_lookback_goes_back_in_the_cursors_own_measure(through, lookback, since):
    assert before(through, lookback) == since
