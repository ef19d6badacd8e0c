"""A pack is strict: everything wrong with it is told at once, with file, line and the nearest known name."""

import pytest

from jingwei.kernel.text import Text
from jingwei.packs import service
from jingwei.packs.errors import PackFaulty, UnknownName

CONTRACT = """\
apiVersion: v3.1.0
kind: DataContract
id: trial.person
name: 人员
version: 1.0.0
status: active
servers:
  - {server: source, type: local, path: person.csv, format: csv}
schema:
  - name: person
    properties:
      - {name: number, physicalName: 编号, logicalType: string, primaryKey: true}
      - name: name
        physicalName: 姓名
        logicalType: string
        customProperties: [{property: element, value: person_name}]
"""


def faults_of(folder):
    _, faults = service.check(folder)
    return [(fault.path.name, fault.line, fault.code, fault.text.en) for fault in faults]


def test_a_faultless_pack_has_no_faults(pack):
    assert faults_of(pack("trial", {"contracts/person.yaml": CONTRACT})) == []


def test_all_faults_are_told_at_once_with_line_and_nearest_key(pack):
    wrong = CONTRACT.replace("person_name", "persn_name").replace("physicalName: 编号", "physicalNam: 编号")
    other = CONTRACT.replace("trial.person", "trial.other").replace("property: element", "property: elemnt")
    found = faults_of(
        pack("trial", {"contracts/a.yaml": wrong, "contracts/b.yaml": other, "contracs/c.yaml": ""})
    )
    assert [(name, line) for name, line, _, _ in found] == [
        ("contracs", None),
        ("a.yaml", 12),
        ("b.yaml", 16),
    ]
    assert "did you mean contracts?" in found[0][3]
    assert "did you mean physicalName?" in found[1][3]
    assert "did you mean element?" in found[2][3]


def test_an_element_nobody_declared_is_told_with_the_nearest(pack):
    [fault] = faults_of(pack("trial", {"contracts/a.yaml": CONTRACT.replace("person_name", "persn_name")}))
    assert fault[2] == "unknown-element" and "person_name?" in fault[3]


def test_a_key_given_twice_is_a_fault(pack):
    [fault] = faults_of(pack("trial", {"contracts/a.yaml": CONTRACT + "name: again\n"}))
    assert fault[1:3] == (17, "yaml")


def test_a_contract_without_a_key_is_refused(pack):
    [fault] = faults_of(pack("trial", {"contracts/a.yaml": CONTRACT.replace(", primaryKey: true", "")}))
    assert fault[2] == "no-key"


def test_a_file_that_is_no_yaml_at_all_is_told_with_its_line(pack):
    [fault] = faults_of(pack("trial", {"contracts/a.yaml": "a: [1\nb: 2\n"}))
    assert fault[2] == "yaml" and fault[1] == 2


def test_a_folder_without_manifest_is_no_pack(tmp_path):
    [fault] = faults_of(tmp_path)
    assert fault[2] == "no-pack"


def test_a_pack_that_needs_a_missing_one_is_refused(pack):
    folder = pack("trial", {}, requires="[standards, nowhere]")
    assert [code for _, _, code, _ in faults_of(folder)] == ["missing-pack"]


def test_a_faulty_pack_is_not_installed_and_the_earlier_version_stays(pack, home, tmp_path):
    first = pack("elsewhere", {"contracts/person.yaml": CONTRACT})
    source = first.rename(tmp_path / "trial")
    service.install(source)
    assert "trial.person" in service.installed().section("contracts")
    (source / "contracts" / "person.yaml").write_text("id: 1", encoding="utf-8")
    with pytest.raises(PackFaulty):
        service.install(source)
    assert "trial.person" in service.installed().section("contracts")


def test_a_name_nobody_declared_is_told_with_the_nearest(pack):
    pack("trial", {"contracts/person.yaml": CONTRACT})
    with pytest.raises(UnknownName) as told:
        service.installed().get("contracts", "trial.persn", Text("资源", "resource"))
    assert "did you mean trial.person" in told.value.what.en


def test_a_contract_for_what_the_house_does_not_keep_is_refused(pack):
    wanted = CONTRACT.replace("physicalName: 姓名", "physicalName: 民族")
    [fault] = faults_of(pack("trial", {"contracts/a.yaml": wanted}))
    assert fault[1:3] == (13, "not-kept-here")


def test_a_rule_that_is_no_sql_is_told_before_anything_is_collected(pack):
    rule = '        quality: [{name: short, type: custom, engine: jingwei, implementation: "length(nme) < 9", dimension: conformity}]\n'
    wanted = CONTRACT.replace("        physicalName: 姓名\n", "        physicalName: 姓名\n" + rule)
    [fault] = faults_of(pack("trial", {"contracts/a.yaml": wanted}))
    assert fault[2] == "rule-faulty" and "short" in fault[3]


def test_a_contract_may_name_the_database_user_but_never_a_password(pack):
    server = """  - server: own
    type: postgres
    host: db.example
    port: 5432
    database: people
    schema: public
    customProperties: [{property: user, value: reader}]
"""
    folder = pack(
        "trial",
        {
            "contracts/a.yaml": CONTRACT.replace(
                "  - {server: source, type: local, path: person.csv, format: csv}\n", server
            )
        },
    )
    assert faults_of(folder) == []
    found = service.installed().section("contracts")["trial.person"].server
    assert found.location == "postgresql://reader@db.example:5432/people?schema=public"
    wrong = server.replace("property: user", "property: password")
    [fault] = faults_of(
        pack(
            "trial",
            {
                "contracts/a.yaml": CONTRACT.replace(
                    "  - {server: source, type: local, path: person.csv, format: csv}\n", wrong
                )
            },
        )
    )
    assert fault[2] == "unknown-key"
