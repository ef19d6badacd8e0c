"""Who hears of a run: both sides of drift, stewards of what stopped, nobody of what is no news."""

from __future__ import annotations

import pytest

from jingwei.collection import service
from jingwei.inbox.models import Notice
from jingwei.kernel.errors import JingweiError

pytestmark = pytest.mark.django_db

CONTRACT = """\
apiVersion: v3.1.0
kind: DataContract
id: trial.person
name: 人员
version: 1.0.0
status: active
servers:
  - {{server: source, type: local, path: person.csv, format: csv}}
schema:
  - name: person
    properties:
      - {{name: number, physicalName: 编号, logicalType: string, primaryKey: true}}
      - {{name: name, physicalName: 姓名, logicalType: string, required: true}}
      - {{name: sex, physicalName: 性别, logicalType: string, customProperties: [{{property: element, value: sex}}]}}
slaProperties: [{sla}]
customProperties:
  - {{property: organization, value: 区医保局}}
  - {{property: consumers, value: [区民政局, 区教育局]}}
  - {{property: refresh, value: full}}
"""
ROWS = [f"{n},沈云禾,男" for n in range(1, 31)]


@pytest.fixture
def deliver(pack, home):
    pack("trial", {"contracts/person.yaml": CONTRACT.format(sla="")})

    def put(lines, header="编号,姓名,性别"):
        (home / "sample" / "person.csv").write_text("\n".join([header, *lines]) + "\n", encoding="utf-8")

    return put


def told(kind):
    return sorted(
        (one.organization or one.role, one.zh, one.link) for one in Notice.objects.filter(kind=kind)
    )


def collect():
    try:
        return service.collect("trial.person")
    except JingweiError:
        return service.runs(1)[0]


def test_drift_is_told_to_the_provider_and_every_consumer_with_the_runs_page(deliver):
    deliver([f"{line},甲街" for line in ROWS], header="编号,姓名,性别,地址")
    run = collect()
    assert [who for who, _, _ in told("drift")] == ["区医保局", "区教育局", "区民政局"]
    assert all("地址" in words and link == f"/collection/runs/{run.id}/" for _, words, link in told("drift"))


def test_the_same_drift_again_is_no_news_even_after_it_was_read(deliver):
    deliver([f"{line},甲街" for line in ROWS], header="编号,姓名,性别,地址")
    collect()
    Notice.objects.update(read_at="2026-11-21T00:00:00Z", read_by="x")
    deliver([f"{line},乙街" for line in ROWS], header="编号,姓名,性别,地址")
    collect()
    assert Notice.objects.count() == 3
    deliver([f"{line},乙街,1" for line in ROWS], header="编号,姓名,性别,地址,组")
    collect()
    assert [
        ("组" in words, "地址" in words) for _, words, _ in told("drift")[:1]
    ] and Notice.objects.count() == 6


def test_a_slip_in_a_code_is_no_news_and_a_new_code_is(deliver):
    deliver([ROWS[0].replace("男", "雌"), *ROWS[1:]])
    collect()
    assert told("drift") == []
    deliver([*(line.replace("男", "雌") for line in ROWS[:3]), *ROWS[3:]])
    collect()
    assert len(told("drift")) == 3 and "雌 × 3" in told("drift")[0][1]


def test_a_table_that_was_refused_for_its_columns_is_told_to_both_sides_and_to_stewards(deliver):
    deliver(ROWS)
    collect()
    deliver([line.rpartition(",")[0] for line in ROWS], header="编号,姓名")
    collect()
    assert len(told("drift")) == 3 and "性别" in told("drift")[0][1]
    [(who, words, _)] = told("failed")
    assert who == "steward" and "性别" in words


def test_a_held_run_is_told_to_stewards_with_its_reason(deliver):
    deliver(ROWS)
    collect()
    deliver(ROWS[:10])
    run = collect()
    [(who, words, link)] = told("held")
    assert who == "steward" and "20" in words and run.id in link


def test_a_passing_fault_of_a_planned_resource_is_told_only_when_trying_again_has_ended(
    pack, home, monkeypatch
):
    sla = "{property: frequency, value: 1, unit: d, schedule: '0 2 * * *', scheduler: cron}"
    pack("trial", {"contracts/person.yaml": CONTRACT.format(sla=sla)})
    (home / "sample" / "person.csv").write_text("编号,姓名,性别\n" + "\n".join(ROWS), encoding="utf-8")

    def broken(*args, **options):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("jingwei.collection.staging.stage", broken)
    for attempt in range(1, 6):
        assert told("failed") == []
        with pytest.raises(JingweiError):
            service.collect("trial.person", attempt=attempt)
    assert len(told("failed")) == 1
