"""Mending: through the same checks, out of quarantine, and for good as long as the source says the same."""

from __future__ import annotations

import pytest

from jingwei.collection import quarantine, service
from jingwei.collection.errors import NothingToMend, RowGone
from jingwei.collection.models import Run
from jingwei.collection.repair import Mend

FULL = {"refresh": "full", "maxRemoved": 0.5}


def open_rows(**how):
    return quarantine.rows("trial.person", open_only=True, **how)


@pytest.fixture
def wrong(source, rows):
    """Ten good rows and one with a wrong telephone, collected."""
    source.declare(FULL)
    source.put(*rows, ("099", "坏话", "199", "2026-02-01 00:00:00"))
    source.first = source.collect()
    return source


def mend(**values):
    [row] = open_rows()
    return service.repair("trial.person", [Mend(row.run, row.row, values, row.text)], by="officer")


def test_a_mended_row_passes_the_same_checks_and_leaves_quarantine(wrong):
    run = mend(phone="19900000099")
    assert (run.kind, run.state, run.new, run.balances) == (Run.REPAIR, Run.DONE, 1, True)
    assert open_rows() == [] and ("099", "坏话") in wrong.standard()


def test_a_row_still_wrong_stays_with_its_new_reason_and_its_first_day(wrong):
    [before] = open_rows()
    run = mend(phone="", name="")
    [after] = open_rows()
    assert run.state == Run.DONE and (after.run, after.since, after.row) == (
        run.id,
        wrong.first.id,
        before.row,
    )
    assert [(r.field, r.code) for r in after.reasons] == [("name", "missing")]


def test_the_mend_stands_while_the_source_sends_the_same_wrong_row(wrong):
    mend(phone="19900000099")
    again = wrong.collect()
    assert (again.quarantined, again.unchanged, again.removed) == (0, 11, 0)
    assert open_rows() == []


def test_a_row_mended_at_the_source_speaks_for_itself(wrong):
    mend(phone="19900000099")
    wrong.run("UPDATE person SET phone = '19900000098' WHERE number = '099'")
    wrong.collect()
    assert ("099", "19900000098") in wrong.standard("number, phone")


def test_a_row_wrong_in_another_way_is_quarantined_anew(wrong):
    mend(phone="19900000099")
    wrong.run("UPDATE person SET phone = '198' WHERE number = '099'")
    again = wrong.collect()
    assert again.quarantined == 1 and ("099", "19900000099") in wrong.standard("number, phone")


def test_a_second_mend_takes_the_place_of_the_first(wrong):
    mend(phone="199000000")
    mend(phone="19900000099")
    assert wrong.collect().quarantined == 0


def test_a_row_whose_key_was_wrong_gets_its_right_key(source, rows):
    source.declare(FULL)
    source.put(*rows, (None, "无号", "19900000099", "2026-02-01 00:00:00"))
    source.collect()
    mend(number="099")
    assert ("099", "无号") in source.standard()
    again = source.collect()
    assert (again.quarantined, again.removed) == (0, 0) and len(source.standard()) == 11


def test_a_wrong_row_that_stays_wrong_keeps_the_run_that_first_found_it(wrong):
    second = wrong.collect()
    [row] = open_rows()
    assert (row.run, row.since) == (second.id, wrong.first.id)


def test_a_wrong_row_that_a_full_source_no_longer_has_leaves_the_list(wrong):
    wrong.run("DELETE FROM person WHERE number = '099'")
    wrong.collect()
    assert open_rows() == []


def test_a_row_that_is_not_on_the_list_any_more_is_told(wrong):
    [row] = open_rows()
    mend(phone="19900000099")
    with pytest.raises(RowGone):
        service.repair("trial.person", [Mend(row.run, row.row + 500, {"phone": "1"}, row.text)], by="x")


def test_no_mends_are_refused(wrong):
    with pytest.raises(NothingToMend):
        service.repair("trial.person", [], by="officer")


def test_an_accepted_row_can_be_mended_from_what_it_said(source, rows):
    source.declare(FULL)
    source.put(*rows)
    run = source.collect()
    done = service.repair("trial.person", [Mend(run.id, 3, {"name": "程济白"})], by="officer")
    assert done.changed == 1 and ("003", "程济白") in source.standard()
    # The source goes on saying what it said; the mend was a decision and stands.
    assert source.collect().changed == 0


def test_a_dry_check_says_what_the_repair_would_say(wrong):
    good, bad = service.check(
        "trial.person",
        [{"number": "1", "name": "沈云禾", "phone": ""}, {"number": "", "name": "沈云禾", "phone": "199"}],
    )
    assert good == () and {(r.field, r.code) for r in bad} >= {("number", "missing")}
    assert "phone" in {r.field for r in bad}
