"""Rules over more than a row: other resources, its own, values that must not be shared; warnings."""

from __future__ import annotations

import pytest

from jingwei.collection import quarantine, service
from jingwei.collection.models import Run
from jingwei.packs.errors import PackFaulty

RULE = (
    "    quality:\n      - {{name: {name}, type: custom, engine: jingwei, severity: {severity}, dimension: consistency,"
    ' implementation: "{sql}", description: "不成立 | does not hold"}}\n'
)


def rule(sql, severity="error", name="holds"):
    return RULE.format(sql=sql, severity=severity, name=name)


def reasons(**how):
    return {(row.key, r.field, r.code) for row in quarantine.rows("trial.person", **how) for r in row.reasons}


def test_a_broken_warning_is_listed_and_its_row_accepted(source, rows):
    source.declare({"refresh": "full"}, more=rule("number <> '003'", "warning"))
    source.put(*rows)
    run = source.collect()
    assert (run.accepted, run.quarantined, run.voided) == (10, 0, 1)
    assert reasons(accepted=True) == {("003", "", "holds")}
    assert source.standard("number, _faults")[2] == (
        "003",
        [{"field": "", "code": "holds", "original": None}],
    )
    assert source.collect().unchanged == 10
    assert quarantine.count("trial.person", open_only=True, accepted=True) == 1


def test_a_remark_leaves_the_list_when_its_row_is_right(source, rows):
    source.declare({"refresh": "full"}, more=rule("name <> '程既白'", "warning"))
    source.put(*rows)
    source.collect()
    source.run("UPDATE person SET name = '程济白' WHERE number = '003'")
    source.collect()
    assert quarantine.count("trial.person", open_only=True, accepted=None) == 0


def test_a_value_that_must_be_unique_condemns_all_who_share_it(source, rows):
    source.declare({"refresh": "full"}, phone=", unique: true")
    source.put(*rows, ("011", "同号", rows[0][2], "2026-01-01 00:00:00"))
    run = source.collect()
    assert run.quarantined == 2
    assert reasons() == {("001", "phone", "not-unique"), ("011", "phone", "not-unique")}


def test_a_shared_value_is_found_in_rows_that_did_not_come_again(source, rows):
    source.declare({"refresh": "incremental", "cursor": {"column": "changed"}}, phone=", unique: true")
    source.put(*rows)
    source.collect()
    source.put(("011", "同号", rows[0][2], "2026-02-01 00:00:00"))
    run = source.collect()
    assert reasons(run=run.id) == {("011", "phone", "not-unique")}


OTHER = """\
apiVersion: v3.1.0
kind: DataContract
id: trial.registry
name: 名册
version: 1.0.0
status: active
servers:
  - {server: source, type: local, path: registry.csv, format: csv}
schema:
  - name: registry
    properties:
      - {name: number, physicalName: 编号, logicalType: string, primaryKey: true}
"""


@pytest.fixture
def registry(home, pack):
    """Another department's table with the numbers 001 to 009."""
    numbers = "\n".join(f"{n:03d}" for n in range(1, 10))
    (home / "sample" / "registry.csv").write_text(f"编号\n{numbers}\n", encoding="utf-8")
    pack("other", {"contracts/registry.yaml": OTHER})


def test_a_rule_reads_another_departments_table(source, rows, registry):
    source.declare({"refresh": "full"}, more=rule("number IN (SELECT number FROM {trial.registry})"))
    source.put(*rows)
    first = source.collect()
    assert (first.quarantined, first.facts["unjudged_rules"]) == (0, ["holds"])
    service.collect("trial.registry")
    second = source.collect()
    assert (second.quarantined, reasons(run=second.id)) == (1, {("010", "", "holds")})
    assert "unjudged_rules" not in second.facts


def test_a_relationship_is_a_warning_on_the_field(source, rows, registry):
    service.collect("trial.registry")
    source.declare({"refresh": "full"}, phone=", relationships: [{to: trial.registry.number}]")
    source.put(*rows)
    run = source.collect()
    # No telephone stands in the registry: all ten rows are accepted with a remark.
    assert (run.accepted, len(reasons(accepted=True))) == (10, 10)
    assert ("001", "phone", "phone-reference") in reasons(accepted=True)


def test_a_rule_over_its_own_resource_sees_the_rows_that_come_with_it(source, rows):
    sql = "phone IS NULL OR phone IN (SELECT phone FROM {trial.person} p WHERE p.number <= '005')"
    source.declare({"refresh": "full"}, more=rule(sql, "warning"))
    source.put(*rows)
    run = source.collect()
    assert (run.accepted, len(reasons(accepted=True))) == (10, 5)


def test_a_rule_on_a_resource_nobody_declared_is_refused(source, rows):
    source.declare({"refresh": "full"}, more=rule("number IN (SELECT number FROM {trial.nowhere})"))
    with pytest.raises(PackFaulty) as refused:
        source.collect()
    assert "trial.nowhere" in str(refused.value)
    assert Run.objects.count() == 0
