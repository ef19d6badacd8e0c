"""A change table of an exchange database: operations in order, applied once, acknowledged when applied."""

from __future__ import annotations

import pytest

from jingwei.collection import quarantine
from jingwei.collection.errors import OperationColumn
from jingwei.collection.models import Run

CHANGES = {
    "refresh": "changes",
    "maxRemoved": 1,
    "changes": {"sequence": "seq", "operation": "op", "acknowledge": "taken", "acknowledged": "Y"},
}


@pytest.fixture
def queue(source):
    """`queue(op, number, name, phone)` adds a change."""
    source.declare(CHANGES, table="change")

    def add(op, number, name=None, phone=None):
        source.run(
            "INSERT INTO change (op, number, name, phone, changed) VALUES (?, ?, ?, ?, '2026-01-01 00:00:00')",
            op, number, name, phone,
        )  # fmt: skip

    source.add = add
    return source


def test_inserts_updates_and_deletes_are_applied_in_their_order_and_acknowledged(queue):
    queue.add("I", "1", "沈云禾")
    queue.add("I", "2", "许可心")
    queue.add("U", "1", "沈云和")
    queue.add("D", "2")
    run = queue.collect()
    assert queue.standard() == [("1", "沈云和")]
    assert (run.kind, run.read, run.accepted, run.superseded, run.deletions) == (Run.CHANGES, 4, 1, 2, 1)
    assert run.balances
    assert queue.ask("SELECT count(*) FROM change WHERE taken = 'Y'") == [(4,)]


def test_the_columns_by_which_changes_are_read_are_no_drift(queue):
    queue.add("I", "1", "沈云禾")
    run = queue.collect()
    assert "drift" not in run.facts and "added_columns" not in run.facts


def test_a_delete_removes_what_an_earlier_run_brought(queue):
    queue.add("I", "1", "沈云禾")
    queue.collect()
    queue.add("D", "1")
    run = queue.collect()
    assert (run.removed, run.deletions, queue.standard()) == (1, 1, [])


def test_nothing_to_take_is_a_run_without_rows(queue):
    queue.add("I", "1", "沈云禾")
    queue.collect()
    run = queue.collect()
    assert (run.state, run.read, queue.standard()) == (Run.DONE, 0, [("1", "沈云禾")])


def test_changes_that_were_not_acknowledged_come_again_and_change_nothing(queue):
    queue.add("I", "1", "沈云禾")
    queue.add("U", "1", "沈云和")
    queue.collect()
    queue.run("UPDATE change SET taken = NULL")
    again = queue.collect()
    assert (again.read, again.unchanged, again.superseded) == (2, 1, 1)
    assert queue.standard() == [("1", "沈云和")]


def test_a_wrong_change_is_quarantined_and_acknowledged_and_the_last_good_one_stands(queue):
    queue.add("I", "1", "沈云禾")
    queue.add("U", "1", "沈云禾", "199")
    queue.add("X", "1", "沈云禾")
    queue.add("D", None)
    run = queue.collect()
    codes = sorted(r.code for row in quarantine.rows("trial.person") for r in row.reasons)
    assert (run.read, run.accepted, run.quarantined) == (4, 1, 3) and run.balances
    assert {"operation-unknown", "missing"} <= set(codes)
    assert queue.standard() == [("1", "沈云禾")]
    assert queue.ask("SELECT count(*) FROM change WHERE taken = 'Y'") == [(4,)]


def test_a_held_run_is_not_acknowledged(source, queue):
    source.declare({**CHANGES, "maxRemoved": 0.05}, table="change")
    for number in "123":
        queue.add("I", number, "沈云禾")
    queue.collect()
    queue.add("D", "1")
    assert queue.collect().state == Run.HELD
    assert queue.ask("SELECT count(*) FROM change WHERE taken IS NULL") == [(1,)]
    assert len(queue.standard()) == 3


def test_a_table_without_the_operation_column_is_refused(source, queue):
    source.declare({**CHANGES, "changes": {**CHANGES["changes"], "operation": "what"}}, table="change")
    queue.add("I", "1", "沈云禾")
    with pytest.raises(OperationColumn):
        queue.collect()
