import re

import pytest
from django.urls import reverse

from jingwei.kernel.models import Account, LedgerEntry, Organization, Post


@pytest.fixture
def admin(tree, person, client):
    found = person("admin", "administrator", at=tree["yunxi"])
    client.force_login(found)
    return found


def test_the_tree_is_searched_by_name_code_and_grid_and_shows_the_way_to_what_fits(admin, client, tree):
    Organization.objects.filter(code="tingsong").update(grids=["G-77"])
    for wanted in ("听松", "TINGSONG", "g-77"):
        text = client.get("/people/", {"q": wanted}).content.decode()
        assert "听松社区" in text and "松涛街道办事处" in text and "浣纱" not in text


def test_an_organization_is_made_below_another_renamed_and_merged_from_its_page(admin, client, tree):
    made = {"code": "cuiping", "name_zh": "翠屏社区", "level": "community", "is_active": "1", "id": "1"}
    assert client.post("/people/organizations/songtao/below/", made).status_code == 302
    client.post("/people/organizations/cuiping/rename/", {"name_zh": "新翠屏社区", "on": "2026-01-01"})
    client.post("/people/organizations/cuiping/merge/", {"into": "听松社区", "on": "2026-02-01"})
    text = client.get("/people/organizations/cuiping/").content.decode()
    assert "翠屏社区 → 新翠屏社区" in text and "听松社区" in text
    assert Organization.objects.get(code="cuiping").successor == tree["tingsong"]


def test_a_wrong_form_says_what_is_wrong_beside_its_field_and_keeps_what_was_typed(admin, client):
    answer = client.post(
        "/people/organizations/songtao/below/", {"code": "有空格", "name_zh": "某社区", "level": "city"}
    )
    text = answer.content.decode()
    assert answer.status_code == 400 and 'value="某社区"' in text and text.count("jw-err") == 2
    assert not Organization.objects.filter(name_zh="某社区").exists()


def test_a_new_account_has_a_password_for_one_sign_in_and_no_roles(admin, client, tree):
    given = {
        "username": "lin.muhe", "name": "林·木禾㛃", "organization": "songtao", "title": "综合窗口",
        "roles": "auditor", "is_active": "", "must_change": "", "password": "mine",
    }  # fmt: skip
    text = client.post("/people/accounts/new/", given).content.decode()
    password = re.search(r"一次性密码：([a-z0-9-]+)", text)[1]
    made = Account.objects.get(username="lin.muhe")
    assert (made.roles, made.is_active, made.name) == ([], True, "林·木禾㛃") and made.check_password(
        password
    )
    assert password not in client.get("/people/accounts/lin.muhe/").content.decode()

    client.logout()
    client.post("/sign-in/", {"username": "lin.muhe", "password": password})
    for address in ("/", "/notices/", "/people/accounts/"):
        assert client.get(address).headers["Location"] == reverse("people:password")
    for new, again in (("short", "short"), ("1234567890123", "1234567890123"), ("lin.muhe.2026", "lin.muhe.2026"), ("a good long one", "another")):  # fmt: skip
        answer = client.post("/people/password/", {"old": password, "new": new, "again": again})
        assert answer.status_code == 400, new
    client.post(
        "/people/password/", {"old": password, "new": "松涛有风 2026 秋", "again": "松涛有风 2026 秋"}
    )
    assert client.get("/people/password/").status_code == 200
    assert Account.objects.get(username="lin.muhe").must_change is False


def test_the_security_administrator_gives_a_post_its_roles_and_a_deputy(admin, client, tree, person):
    lin, wen = person("lin", at=tree["songtao"]), person("wen", "analyst", at=tree["songtao"])
    client.force_login(person("keeper", "security", at=tree["yunxi"]))
    post = Post.objects.get(account=lin)
    client.post(
        "/people/accounts/lin/grant/roles/", {"post": post.pk, "roles": ["clerk", "analyst"], "scope": ""}
    )
    assert set(Account.objects.get(pk=lin.pk).roles) == {"clerk", "analyst"}
    client.post("/people/accounts/lin/grant/deputy/", {"deputy": "wen", "until": "2030-01-01"})
    assert not lin.deputies.exists(), "longer than anybody may stand in"
    text = client.get("/people/accounts/lin/").content.decode()
    assert "综合窗口" in text and wen.name not in text.split("请人代办")[0]


def test_the_role_of_an_auditor_waits_for_a_second_person(tree, client, person):
    lin = person("lin", at=tree["songtao"])
    first, second = (
        person("first", "security", at=tree["yunxi"]),
        person("second", "security", at=tree["yunxi"]),
    )
    client.force_login(first)
    client.post("/people/accounts/lin/grant/roles/", {"post": lin.posts.get().pk, "roles": ["auditor"]})
    assert Account.objects.get(pk=lin.pk).roles == []
    text = client.get("/people/proposals/").content.decode()
    number, digest = (
        re.search(r"/people/proposals/(\d+)/", text)[1],
        re.search(r'name="digest" value="(\w+)"', text)[1],
    )
    agree = {"decision": "agree", "digest": digest}
    assert client.post(f"/people/proposals/{number}/", agree).status_code == 400
    client.force_login(second)
    client.post(f"/people/proposals/{number}/", agree)
    assert Account.objects.get(pk=lin.pk).roles == ["auditor"]


def test_people_and_organizations_elsewhere_are_refused_and_the_try_is_on_record(tree, client, person):
    client.force_login(person("local", "administrator", at=tree["songtao"]))
    person("far", "clerk", at=tree["huansha"])
    for address, given in (
        ("/people/organizations/huansha/", None),
        ("/people/organizations/yunxi/rename/", {"name_zh": "我的区", "on": "2026-01-01"}),
        ("/people/organizations/tingsong/move/", {"parent": "huansha"}),
        ("/people/accounts/far/", None),
        ("/people/accounts/far/edit/reset/", {}),
        ("/people/organizations/new/", {"code": "mine", "name_zh": "另一个市", "level": "city"}),
    ):
        before = LedgerEntry.objects.filter(outcome="refused").count()
        answer = client.get(address) if given is None else client.post(address, given)
        assert answer.status_code == 403, address
        assert LedgerEntry.objects.filter(outcome="refused").count() == before + 1, address
    text = client.get("/people/").content.decode() + client.get("/people/accounts/").content.decode()
    assert "浣纱" not in text and "far" not in text
