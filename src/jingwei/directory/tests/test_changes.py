"""What changed between two versions of a contract, and which versions a pack leaves behind."""

from dataclasses import replace

import pytest

from jingwei.catalog.contracts import Contract, Field, Rule
from jingwei.directory import history
from jingwei.directory.changes import between
from jingwei.directory.resources import resource
from jingwei.kernel.text import Text
from jingwei.packs import service

RULE = Rule("shape", "length(number) = 5", Text("编号要五位", "five digits"), "conformity", "number")
NUMBER = Field("number", "编号", Text("编号", "Number"), required=True, key=1, rules=(RULE,))
NAME = Field("name", "姓名", Text("姓名", "Name"), element="person_name")
OLD = Contract("trial.person", "1.0.0", Text("人员", "Persons"), "区民政局", "trial", (NUMBER, NAME))


def said(new):
    return [(change.kind, change.words.en, change.breaking) for change in between(OLD, new)]


@pytest.mark.parametrize(
    ("new", "told"),
    [
        (OLD, []),
        (replace(OLD, version="1.0.1"), []),
        (replace(OLD, fields=(NUMBER,)), [("removed", "field Name name", True)]),
        (
            replace(OLD, fields=(NUMBER, NAME, replace(NAME, name="alias", title=Text("别名", "Alias")))),
            [("added", "field Alias alias", False)],
        ),
        (
            replace(OLD, fields=(NUMBER, replace(NAME, element="plain_text"))),
            [("changed", "Name, element: person_name → plain_text", True)],
        ),
        (
            replace(OLD, fields=(NUMBER, replace(NAME, required=True))),
            [("changed", "Name, required: no → yes", True)],
        ),
        (
            replace(OLD, sharing="not_shared", sharing_reason="某法"),
            [("changed", "sharing: Conditional → Not shared", True), ("changed", "condition or reason: — → 某法", False)],
        ),
        (
            replace(OLD, fields=(replace(NUMBER, rules=()), NAME)),
            [("removed", "rule “five digits”", False)],
        ),
        (
            replace(OLD, fields=(replace(NUMBER, rules=(replace(RULE, severity="warning"),)), NAME)),
            [("changed", "rule “five digits”; severity: error → warning", False)],
        ),
        (replace(OLD, consumers=("区人社局",)), [("changed", "who is told: — → 区人社局", False)]),
    ],
)  # fmt: skip
def test_a_change_is_said_in_words(new, told):
    assert said(new) == told


CONTRACT = """
apiVersion: v3.1.0
kind: DataContract
id: trial.person
version: {version}
status: active
schema:
  - name: person
    properties:
      - {{name: number, logicalType: string, required: true, primaryKey: true}}
{more}
"""
FIELD = "      - {name: phone, physicalName: 手机, logicalType: string}"


def installed(tmp_path, pack_version, version, more=""):
    folder = tmp_path / "source"
    (folder / "contracts").mkdir(parents=True, exist_ok=True)
    (folder / "pack.yaml").write_text(f'pack: trial\nversion: "{pack_version}"\ntitle: {{zh: 试, en: Trial}}\nrequires: [standards]\n')  # fmt: skip
    (folder / "contracts" / "a.yaml").write_text(CONTRACT.format(version=version, more=more))
    service.install(folder)


def test_installing_again_keeps_what_was_before(home, tmp_path):
    installed(tmp_path, "1", "1.0.0")
    installed(tmp_path, "2", "1.1.0", FIELD)
    installed(tmp_path, "2", "1.1.0", FIELD)
    newest, first = history.history(resource("trial.person"))
    assert [version.version for version in service.versions("trial")] == ["1", "2"]
    assert (first.version, first.pack_version, first.first) == ("1.0.0", "1", True)
    assert (newest.version, newest.pack_version) == ("1.1.0", "2")
    assert [change.words.zh for change in newest.changes] == ["字段 手机 phone"]
    assert first.since and newest.since and first.since <= newest.since


def test_a_pack_that_leaves_a_contract_alone_makes_no_version_of_it(home, tmp_path):
    installed(tmp_path, "1", "1.0.0")
    installed(tmp_path, "2", "1.0.0")
    assert [one.pack_version for one in history.history(resource("trial.person"))] == ["1"]


def test_a_kept_file_that_cannot_be_read_any_more_is_passed_over(home, tmp_path):
    installed(tmp_path, "1", "1.0.0")
    installed(tmp_path, "2", "1.1.0", FIELD)
    kept = service.versions("trial")[0].folder
    (kept / "contracts" / "a.yaml").write_text("id: [")
    assert [one.version for one in history.history(resource("trial.person"))] == ["1.1.0"]
