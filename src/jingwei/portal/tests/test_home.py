"""The home page: every role finds its work, what changed, and the way to every room it may enter."""

from datetime import timedelta

import pytest
from django.utils import timezone

from jingwei.inbox import home
from jingwei.inbox import service as inbox
from jingwei.inbox.models import Visit
from jingwei.kernel.models import LedgerEntry, Organization
from jingwei.kernel.text import Text
from jingwei.portal.context import rooms_of

BACKEND = "django.contrib.auth.backends.ModelBackend"
ROLES = (
    "clerk",
    "officer",
    "steward",
    "leader",
    "administrator",
    "auditor",
    "grid_worker",
    "analyst",
    "security",
)


@pytest.fixture
def enter(account, client):
    def start(role):
        found = account(role)
        client.force_login(found, backend=BACKEND)
        return found

    return start


@pytest.mark.parametrize("role", ROLES)
def test_everybody_finds_every_room_they_may_enter_with_what_it_is_for(enter, client, role):
    who = enter(role)
    page = client.get("/").content.decode()
    listed = page[page.index("能去的地方") :]
    for room in rooms_of(who):
        assert f'href="{room.address}"' in listed
        if room.about:
            assert str(room.about) in listed.replace("&#39;", "'")


def test_each_role_has_its_own_work_before_it(small_district, enter, client):
    told = {}
    for role in ("clerk", "steward", "leader", "administrator"):
        enter(role)
        told[role] = client.get("/").content.decode()
    assert "data-search" in told["clerk"] and "data-search" not in told["steward"]
    assert "质量最低的单位" in told["steward"] and "质量最低的单位" not in told["clerk"]
    assert "这个数怎么来的" in told["leader"] and "这个数怎么来的" not in told["steward"]
    assert "后台作业" in told["administrator"] and "没在跑" in told["administrator"]


def test_an_officer_reads_how_their_organization_stands(small_district, enter, client):
    who = enter("officer")
    who.organization = Organization.objects.create(code="police", name_zh="区公安分局", level="district")
    who.save()
    page = client.get("/").content.decode()
    assert "本单位的数据" in page and "名，共" in page


def test_a_figure_opens_to_how_it_comes_about(small_district, enter, client):
    enter("leader")
    names = [one.name for one in home.figures()]
    assert {"quality", "late-orders", "register-population"} <= set(names)
    for name in names:
        page = client.get(f"/figures/{name}/").content.decode()
        assert "怎么算" in page and "来自" in page and "什么时候的数" in page
    assert client.get("/figures/nothing/").status_code == 404


def test_figures_are_for_those_who_read_figures(enter, client, db):
    enter("clerk")
    assert client.get("/figures/quality/").status_code == 403
    assert LedgerEntry.objects.get().outcome == "refused"


def test_what_changed_since_the_last_visit_is_told_once_one_was_away(enter, client):
    who = enter("steward")
    assert "您第一次来" in client.get("/").content.decode()
    Visit.objects.update(seen=timezone.now() - timedelta(hours=2))
    inbox.tell(about="x", kind="failed", text=Text("没读成", "failed"), role="steward")
    assert "来了 1 条通知" in client.get("/").content.decode()
    # Looking again within the same stay does not forget it.
    assert "来了 1 条通知" in client.get("/").content.decode()
    Visit.objects.filter(account=who.username).update(seen=timezone.now() + timedelta(days=2))
    assert client.get("/").status_code == 200


def test_a_part_that_fails_says_so_in_its_place_and_takes_no_other_with_it(enter, client, monkeypatch):
    def broken(account):
        raise ZeroDivisionError("secret detail")

    part = home.Part("trial", Text("试", "trial"), "todo.read", "x.html", broken)
    monkeypatch.setitem(home._parts, "trial", part)
    enter("clerk")
    page = client.get("/").content.decode()
    assert "没读出来" in page and "等我办" in page and "secret detail" not in page


def test_two_parts_of_one_name_are_a_mistake():
    part = next(iter(home._parts.values()))
    with pytest.raises(ValueError):
        home.register(home.Part(part.name, part.title, "todo.read", "x.html", dict))
