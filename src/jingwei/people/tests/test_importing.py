import io
import zipfile

import pytest

from jingwei.kernel.models import LedgerEntry, Organization, OrganizationChange
from jingwei.people import importing
from jingwei.people.errors import OrganizationsUnreadable, TableFaulty

HEAD = "代码,名称,层级,上级代码,网格\n"


def take(text, account=None, encoding="utf-8"):
    return importing.take(account, "机构.csv", (HEAD + text).encode(encoding))


def test_a_table_is_taken_whole_in_any_order_and_taking_it_again_changes_nothing(db):
    table = "b,㛃松社区,社区,a,G-1 G-2\na,松涛街道,街道,,\n"
    assert take(table, encoding="gb18030").made == 2
    assert Organization.objects.get(code="b").parent.code == "a"
    again = take(table)
    assert (again.made, again.changed, again.same) == (0, 0, 2)


def test_a_known_code_with_another_name_is_a_renaming_and_with_another_parent_a_move(tree):
    found = take("tingsong,新听松社区,社区,huansha,\n")
    assert found.changed == 1
    kinds = set(OrganizationChange.objects.values_list("kind", flat=True))
    assert {"renamed", "moved"} <= kinds
    assert Organization.objects.get(code="tingsong").parent.code == "huansha"


def test_all_faults_are_told_by_row_and_not_a_row_is_taken(tree):
    with pytest.raises(TableFaulty) as raised:
        take(
            "有 空格,甲,街道,,\nx,浣纱街道办事处,街道,yunxi,\ny,乙,村,yunxi,\ny,丙,街道,nowhere,\nz,丁\u202e,市,z,\n"
        )
    told = {(row, column) for row, column, _ in raised.value.faults}
    assert told == {
        (2, "代码"), (3, "名称"), (4, "层级"), (5, "代码"), (5, "上级代码"), (6, "名称"), (6, "上级代码"),
    }  # fmt: skip
    assert Organization.objects.count() == len(tree)
    assert LedgerEntry.objects.get(outcome="refused").object == "organization/import"


def test_an_administrator_imports_below_their_own_organization_only(tree, person):
    local = person("local", "administrator", at=tree["songtao"])
    assert take("new,新社区,社区,songtao,\nnewer,更新社区,社区,new,\n", local).made == 2
    for line in ("far,远社区,社区,huansha,\n", "top,新区,区,,\n", "huansha,改名街道,街道,songtao,\n"):
        with pytest.raises(TableFaulty):
            take(line, local)


def test_what_is_no_table_or_unpacks_to_too_much_is_refused(db, monkeypatch):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("xl/worksheets/sheet1.xml", b"0" * 200_000)
    monkeypatch.setattr(importing, "MOST_UNPACKED", 100_000)
    for data in (
        packed.getvalue(),
        b"PK\x03\x04broken",
        b"\x00\x01\x02",
        b"one,two\n1,2\n",
        "代码,名称,层级\n".encode(),
    ):
        with pytest.raises(OrganizationsUnreadable):
            importing.take(None, "../../etc/x.xlsx", data)


def test_the_template_can_be_imported_as_it_is(db):
    assert importing.take(None, "organizations.xlsx", importing.template()).made == len(importing.EXAMPLE)
