"""Held runs wait for a steward until a run of the resource is done."""

import pytest

from jingwei.collection import service, todos
from jingwei.collection.models import Run
from jingwei.inbox.models import ToDo

from .test_run_notices import CONTRACT, ROWS

pytestmark = pytest.mark.django_db


def test_a_held_run_waits_for_a_steward_until_one_is_done(pack, home):
    pack("trial", {"contracts/person.yaml": CONTRACT.format(sla="")})
    (home / "sample" / "person.csv").write_text("\n".join(["编号,姓名,性别", *ROWS]) + "\n", encoding="utf-8")
    run = service.collect("trial.person")
    contract = service.contract_of("trial.person")
    assert not ToDo.objects.exists()
    held = Run.objects.get(pk=run.pk)
    held.state = Run.HELD
    todos.run_ended(held, contract)
    todos.run_ended(held, contract)
    one = ToDo.objects.get()
    assert (one.role, one.kind, one.link) == ("steward", "held-run", f"/collection/runs/{run.id}/")
    failed = Run(resource="trial.person", state=Run.FAILED)
    todos.run_ended(failed, contract)
    assert ToDo.objects.get().done is None
    todos.run_ended(run, contract)
    assert ToDo.objects.get().done
