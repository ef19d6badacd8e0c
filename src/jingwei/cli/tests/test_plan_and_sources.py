"""`schedule` and `source check`: what they print, and their exit codes."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from jingwei.cli.commands import jingwei
from jingwei.collection.models import Run
from jingwei.kernel.errors import JingweiError

pytestmark = pytest.mark.django_db

CONTRACT = """\
apiVersion: v3.1.0
kind: DataContract
id: trial.NAME
name: 人员
version: 1.0.0
status: active
servers: [SERVER]
schema:
  - name: person
    physicalName: person
    properties:
      - {name: number, physicalName: 编号, logicalType: string, primaryKey: true}
slaProperties: [{property: frequency, value: 1, unit: d, schedule: '0 2 * * *', scheduler: cron}]
"""
LOCAL = "{server: source, type: local, path: person.csv, format: csv}"
GONE = "{server: archive, type: postgres, host: 127.0.0.1, port: 1, database: d, schema: public}"


@pytest.fixture
def run(pack, home):
    (home / "operational.sqlite").touch()
    (home / "sample" / "person.csv").write_text("编号\n1\n", encoding="utf-8")
    files = {
        f"contracts/{name}.yaml": CONTRACT.replace("NAME", name).replace("SERVER", server)
        for name, server in (("here", LOCAL), ("gone", GONE))
    }
    pack("trial", files)

    def invoke(*arguments):
        done = CliRunner().invoke(jingwei, [*arguments, "--json"], standalone_mode=False)
        if isinstance(done.exception, JingweiError):
            return done.exception.exit_code, done.exception.as_dict()
        assert done.exception is None, done.exception
        return done.return_value or 0, json.loads(done.stdout)

    return invoke


def test_the_plan_tells_due_and_late_resources_and_running_it_serves_them(run):
    code, told = run("schedule")
    assert (code, told["late"]) == (0, 2)
    assert {one["resource"]: one["attempt"] for one in told["plan"]} == {"trial.here": 1, "trial.gone": 1}
    assert all(one["due"] and one["next_due"] > one["due"] for one in told["plan"])
    code, told = run("schedule", "run")
    assert code == 3 and {one["resource"]: one["state"] for one in told["runs"]} == {
        "trial.here": Run.DONE,
        "trial.gone": Run.FAILED,
    }
    code, told = run("schedule", "run")
    assert (code, told) == (0, {"runs": []})
    code, told = run("schedule")
    assert [one["resource"] for one in told["plan"] if one["late"]] == ["trial.gone"]
    assert len(told["past"]) == 2


def test_queueing_leaves_the_work_to_the_worker(run):
    assert run("schedule", "queue") == (0, {"queued": ["trial.gone", "trial.here"]})
    assert not Run.objects.exists()


def test_a_source_that_can_be_read_is_all_right(run):
    code, told = run("source", "check", "trial.here")
    assert (code, told["ok"]) == (0, True) and all(step["ok"] is not False for step in told["steps"])


def test_a_source_that_cannot_be_reached_says_which_step_what_to_do_and_no_password(run, monkeypatch):
    monkeypatch.setenv("JINGWEI_SECRET_ARCHIVE", "sesame-open")
    code, told = run("source", "check", "trial.gone")
    assert (code, told["ok"]) == (1, False)
    wrong = next(step for step in told["steps"] if step["ok"] is False)
    assert wrong["do"] and "sesame-open" not in json.dumps(told)


def test_all_sources_are_checked_together(run):
    code, told = run("source", "check", "--all")
    assert (code, told["wrong"]) == (1, 1) and len(told["sources"]) == 2


@pytest.mark.parametrize("arguments", [(), ("trial.here", "--all")])
def test_one_resource_or_all_has_to_be_named(run, arguments):
    code, told = run("source", "check", *arguments)
    assert code == 1 and told["error"] == "nothing-named"


def test_an_unknown_resource_is_bad_input(run):
    code, told = run("source", "check", "trial.her")
    assert code == 1 and "trial.here" in told["what"]
