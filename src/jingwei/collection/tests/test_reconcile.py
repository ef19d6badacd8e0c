"""Reconciling names the keys that differ, and writes nothing."""

from __future__ import annotations

import pytest

from jingwei.collection import service
from jingwei.collection.errors import NotReconcilable
from jingwei.collection.models import Run


@pytest.fixture
def read(source, rows):
    source.declare({"refresh": "full", "partition": "changed"})
    source.put(*rows, ("099", "坏话", "199", "2026-02-01 00:00:00"))
    source.collect()
    return source


def named(found):
    return {(d.key, d.what, d.fields) for d in found.differences}


def test_two_sides_that_agree(read):
    found = service.reconcile("trial.person")
    assert found.agrees and (found.source, found.lake, found.wrong) == (11, 10, 1)
    assert named(found) == {("099", "wrong-in-source", ())}
    assert [(p["name"], p["source"], p["lake"], p["agrees"]) for p in found.partitions] == [
        ("2026-01", 10, 10, True)
    ]


def test_keys_that_differ_are_named_with_their_fields(read):
    read.run("DELETE FROM person WHERE number = '001'")
    read.run("UPDATE person SET name = '改名', phone = NULL WHERE number = '002'")
    read.put(("011", "新来", None, "2026-03-01 00:00:00"))
    runs = Run.objects.count()
    found = service.reconcile("trial.person")
    assert not found.agrees and Run.objects.count() == runs and len(read.standard()) == 10
    assert named(found) - {("099", "wrong-in-source", ())} == {
        ("001", "only-in-lake", ()),
        ("002", "differs", ("name", "phone")),
        ("011", "only-in-source", ()),
    }
    assert {p["name"]: p["agrees"] for p in found.partitions} == {"2026-01": False, "2026-03": False}


def test_a_resource_never_collected_is_wholly_missing(source, rows):
    source.declare({"refresh": "full"})
    source.put(*rows)
    found = service.reconcile("trial.person")
    assert (found.lake, found.counts["only-in-source"]) == (0, 10)


def test_a_change_table_has_no_whole_to_compare_with(source):
    source.declare({"refresh": "changes", "changes": {"sequence": "seq", "operation": "op"}}, table="change")
    with pytest.raises(NotReconcilable):
        service.reconcile("trial.person")


def test_partitions_are_counted_and_summed_with_the_run(read):
    [part] = Run.objects.get().facts["partitions"]
    assert (part["name"], part["rows"]) == ("2026-01", 10)
