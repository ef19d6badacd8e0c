"""`orders`, `order` and `mend`: a work order's way out and back on the command line."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from jingwei.cli.commands import jingwei
from jingwei.collection import service
from jingwei.collection.models import WorkOrder
from jingwei.kernel.errors import JingweiError
from jingwei.kernel.models import LedgerEntry

pytestmark = pytest.mark.django_db

CONTRACT = """\
apiVersion: v3.1.0
kind: DataContract
id: trial.person
name: 人员
version: 1.0.0
status: active
servers: [{server: source, type: local, path: person.csv, format: csv}]
schema:
  - name: person
    properties:
      - {name: number, physicalName: 编号, logicalType: string, required: true, primaryKey: true}
      - {name: since, physicalName: 登记日期, logicalType: date, required: true}
customProperties:
  - {property: organization, value: 区数据局}
"""


@pytest.fixture
def run(home, pack):
    (home / "operational.sqlite").touch()
    pack("trial", {"contracts/person.yaml": CONTRACT})
    (home / "sample" / "person.csv").write_text("编号,登记日期\n1,2020-01-02\n2,2020-13-01\n3,\n", "utf-8")
    service.collect("trial.person", started_by="test")

    def invoke(*arguments):
        done = CliRunner().invoke(jingwei, [*arguments, "--json"], standalone_mode=False)
        if isinstance(done.exception, JingweiError):
            return done.exception.exit_code, done.exception.as_dict()
        assert done.exception is None, done.exception
        return done.return_value or 0, json.loads(done.stdout)

    return invoke


def test_orders_are_listed_and_one_is_shown_with_its_rows(run):
    code, listed = run("orders", "trial.person")
    [order] = listed["orders"]
    assert (code, order["remaining"], order["organization"], order["late"]) == (0, 2, "区数据局", False)
    _, shown = run("order", order["order"])
    assert [(row["row"], row["key"]) for row in shown["open"]] == [(3, "2"), (4, "3")]
    assert shown["open"][1]["reasons"][0]["code"] == "missing"
    assert LedgerEntry.objects.get(action="order.read").account == "(node)"


@pytest.mark.parametrize("suffix", ["csv", "xlsx"])
def test_an_order_goes_out_as_a_file(run, tmp_path, suffix):
    order = WorkOrder.objects.get()
    file = tmp_path / f"order.{suffix}"
    code, told = run("order", order.id, "--out", str(file))
    assert (code, told["file"]) == (0, str(file)) and file.stat().st_size > 0


def test_what_was_corrected_comes_back_and_what_was_not_is_told(run, tmp_path):
    order = WorkOrder.objects.get()
    file = tmp_path / "order.csv"
    run("order", order.id, "--out", str(file))
    file.write_text(file.read_text("utf-8").replace(",2,2020-13-01", ",2,2020-12-01"), "utf-8")
    code, told = run("mend", order.id, str(file))
    assert (code, told["mended"], told["still"], told["same"], told["refused"]) == (0, 1, 0, 1, [])
    code, told = run("mend", order.id, str(file))
    assert (code, told["error"]) == (1, "rows-gone")


def test_an_order_nobody_has_is_told(run):
    code, told = run("order", "W-20000101-0001")
    assert (code, told["error"]) == (1, "unknown-order")
