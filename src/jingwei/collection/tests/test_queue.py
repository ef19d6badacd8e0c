"""The plan at work: what is due is queued once, done once, and tried again as the runs say."""

from __future__ import annotations

import os
from datetime import timedelta

import pytest
from django.utils import timezone
from django_q.models import OrmQ, Schedule
from django_q.signing import SignedPackage

from jingwei.collection import queue, schedules, service
from jingwei.collection.models import Run
from jingwei.kernel.locks import exclusive
from jingwei.kernel.text import Text

pytestmark = pytest.mark.django_db

CONTRACT = """\
apiVersion: v3.1.0
kind: DataContract
id: trial.person
name: 人员
version: 1.0.0
status: active
servers: [{server: source, type: local, path: PATH, format: csv, customProperties: [CUSTOM]}]
schema:
  - name: person
    properties:
      - {name: number, physicalName: 编号, logicalType: string, primaryKey: true}
      - {name: name, physicalName: 姓名, logicalType: string, required: true}
slaProperties: [SLA]
customProperties: [{property: organization, value: 区医保局}]
"""
DAILY = "{property: frequency, value: 1, unit: d, schedule: '0 2 * * *', scheduler: cron}"
ROWS = "编号,姓名\n1,沈云禾\n2,许可心\n"


@pytest.fixture
def resource(pack, home):
    def declare(sla=DAILY, path="person.csv", custom="", text=ROWS):
        contract = CONTRACT.replace("SLA", sla).replace("PATH", path).replace("CUSTOM", custom)
        pack("trial", {"contracts/person.yaml": contract})
        if text is not None:
            place = home / "sample" / "person.csv"
            place.write_text(text, encoding="utf-8")
        return home / "sample"

    return declare


def work() -> list[str]:
    """Does what waits in the queue, as the worker would; returns what came of each."""
    done = []
    for one in OrmQ.objects.order_by("id"):
        task = SignedPackage.loads(one.payload)
        assert task["func"] == queue.COLLECT
        done.append(queue.perform(*task["args"], **task["kwargs"]))
        one.delete()
    return done


def test_what_follows_is_told_of_what_the_worker_collected_and_of_nothing_else(resource, monkeypatch):
    told: list[str] = []
    monkeypatch.setattr(queue, "_then", [told.append])
    resource()
    service.collect("trial.person", started_by="by hand")
    assert told == []
    queue.perform("trial.person", "(plan)")
    assert told == ["trial.person"]
    resource(path="gone.csv")
    queue.perform("trial.person", "(plan)")
    assert told == ["trial.person"]


def test_what_is_due_is_queued_once_done_once_and_then_no_more(resource):
    resource()
    assert [one.resource for one in schedules.tick()] == ["trial.person"]
    assert schedules.tick() == [] and OrmQ.objects.count() == 1
    [run_id] = work()
    run = service.run(run_id)
    assert (run.state, run.started_by, run.attempt) == (Run.DONE, "(plan)", 1)
    assert run.planned == schedules.due_before("0 2 * * *", timezone.now())
    assert schedules.tick() == [] and Run.objects.count() == 1
    assert schedules.past() == [run]


def test_a_task_that_is_handed_out_twice_is_done_once(resource):
    resource()
    schedules.tick()
    payload = OrmQ.objects.get().payload
    first = work()
    OrmQ.objects.create(key="jingwei", payload=payload, lock=timezone.now())
    assert work() == first and Run.objects.count() == 1


def test_a_passing_fault_is_tried_again_as_a_second_attempt(resource, monkeypatch):
    resource()

    def broken(*args, **options):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("jingwei.collection.staging.stage", broken)
        schedules.tick()
        assert work() == ["disk-full"]
    failed = Run.objects.get()
    assert schedules.tick() == []
    [again] = schedules.tick(now=failed.ended + schedules.DELAYS[0])
    assert (again.attempt, again.due) == (2, failed.planned)
    [run_id] = work()
    assert (service.run(run_id).state, service.run(run_id).attempt) == (Run.DONE, 2)


def test_a_lasting_fault_is_not_tried_again(resource):
    folder = resource()
    (folder / "person.csv").write_text("编号,名字大不同\n1,沈云禾\n", encoding="utf-8")
    schedules.tick()
    assert work() == ["columns-missing"]
    assert schedules.tick(now=timezone.now() + timedelta(hours=1)) == []


def test_while_somebody_reads_the_resource_nothing_is_queued_or_begun(resource):
    resource()
    with exclusive("collect-trial.person", Text("x", "x")):
        schedules.tick()
        assert work() == ["busy"] and Run.objects.count() == 0
    assert len(schedules.tick()) == 1


def test_a_run_whose_worker_was_killed_is_settled_and_tried_again(resource):
    resource()
    due = schedules.due_before("0 2 * * *", timezone.now())
    killed = timezone.now()
    Run.objects.create(
        id="R-20260101-0001", resource="trial.person", state=Run.RUNNING, location="x",
        contract_version="1.0.0", started=killed, started_by="(plan)", planned=due,
    )  # fmt: skip
    assert schedules.tick() == []
    settled = Run.objects.get()
    assert (settled.state, settled.error["error"]) == (Run.FAILED, "run-killed")
    [again] = schedules.tick(now=settled.ended + schedules.DELAYS[0])
    assert again.attempt == 2


def test_asking_by_hand_twice_queues_once(resource):
    resource()
    assert queue.enqueue("trial.person", started_by="steward")
    assert not queue.enqueue("trial.person", started_by="steward")
    assert queue.waiting("trial.person").ahead == 0 and queue.waiting("trial.other") is None
    work()
    assert queue.waiting("trial.person") is None


def test_a_watched_folder_is_queued_when_a_file_lies_there_and_not_before(resource):
    folder = resource(sla="", path=".", custom="{property: pattern, value: 'drop-*.csv'}", text=None)
    assert schedules.tick() == []
    drop = folder / "drop-20261120.csv"
    drop.write_text(ROWS, encoding="utf-8")
    old = timezone.now().timestamp() - 60
    os.utime(drop, (old, old))
    [one] = schedules.tick()
    assert one.watched and one.last_due is None
    [runs] = work()
    assert service.run(runs).state == Run.DONE
    assert schedules.tick() == []


def test_a_watched_folder_that_is_gone_is_late_and_says_why(resource):
    resource(sla="", path="nowhere", custom="{property: pattern, value: '*.csv'}", text=None)
    [one] = schedules.plan()
    assert one.late and one.due is None and "nowhere" in str(one.why)
    assert schedules.tick() == []


def test_ticks_that_piled_up_behind_long_work_are_one(resource):
    resource()
    for _ in range(3):
        payload = SignedPackage.dumps({"func": schedules.TICK, "args": (), "id": "1", "name": "t"})
        OrmQ.objects.create(key="jingwei", payload=payload, lock=timezone.now())
    schedules.tick()
    assert [queue.about(one) for one in OrmQ.objects.all()] == ["trial.person"]


def test_starting_a_worker_again_and_again_makes_one_tick(home):
    schedules.prepare()
    schedules.prepare()
    one = Schedule.objects.get(name=schedules.NAME)
    assert (one.func, one.minutes) == (schedules.TICK, 1)


def test_what_a_killed_worker_had_in_hand_is_handed_out_at_once(home):
    later = timezone.now() + timedelta(hours=1)
    OrmQ.objects.create(key="jingwei", payload="x", lock=later)
    with queue.as_worker():
        assert OrmQ.objects.get().lock <= timezone.now()


def test_what_another_living_worker_has_in_hand_is_left_to_it(home):
    later = timezone.now() + timedelta(hours=1)
    with queue.as_worker():
        OrmQ.objects.create(key="jingwei", payload="x", lock=later)
        with queue.as_worker():
            assert OrmQ.objects.get().lock == later
