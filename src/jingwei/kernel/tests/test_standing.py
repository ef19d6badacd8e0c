from datetime import timedelta

import pytest
from django.utils import timezone

from jingwei.kernel import ledger, permissions, standing
from jingwei.kernel.errors import NotAllowed
from jingwei.kernel.models import Account, Deputy, LedgerEntry, Organization, OrganizationChange, Post
from jingwei.kernel.organizations import names_of
from jingwei.kernel.roles import conflicts

DAY = timedelta(days=1)


@pytest.fixture
def tree(db):
    """A district with two streets, one of them with a community."""
    made = {}
    for code, level, parent in (
        ("district", "district", None), ("east", "street", "district"), ("west", "street", "district"),
        ("pine", "community", "east"),
    ):  # fmt: skip
        made[code] = Organization.objects.create(
            code=code, name_zh=code, level=level, parent=made.get(parent)
        )
    return made


def absent(absentee, deputy, since=-1, until=1):
    today = timezone.localdate()
    Deputy.objects.create(
        absent=absentee, deputy=deputy, since=today + since * DAY, until=today + until * DAY, by="security"
    )
    standing.forget(deputy)


def test_a_post_holds_in_its_organization_and_below_and_nowhere_else(account, tree):
    admin = account("administrator")
    Post.objects.create(account=admin, organization=tree["east"], roles=["administrator"], main=True)
    where = [name for name, one in tree.items() if permissions.allowed(admin, "account.edit", within=one)]
    assert where == ["east", "pine"]


def test_a_post_may_hold_in_a_wider_scope_than_where_it_stands(account, tree):
    admin = account("administrator")
    Post.objects.create(
        account=admin, organization=tree["east"], scope=tree["district"], roles=["administrator"]
    )
    assert permissions.allowed(admin, "account.edit", within=tree["west"])


def test_a_post_counts_from_its_first_day_to_its_last(account):
    clerk = account("clerk")
    today = timezone.localdate()
    post = Post.objects.create(account=clerk, roles=["clerk"], since=today, until=today)
    assert permissions.allowed(clerk, "window.serve")
    for since, until in ((today - 9 * DAY, today - DAY), (today + DAY, None)):
        Post.objects.filter(pk=post.pk).update(since=since, until=until)
        clerk.refresh_from_db()
        assert not permissions.allowed(clerk, "window.serve")


def test_a_role_for_streets_gives_nothing_in_a_district(account, tree, monkeypatch):
    of_streets = permissions.ROLES["clerk"]._replace(levels=frozenset({"street"}))
    monkeypatch.setitem(permissions.ROLES, "clerk", of_streets)
    here, there = account("clerk"), account("clerk", "analyst")
    Post.objects.create(account=here, organization=tree["east"], roles=["clerk"])
    Post.objects.create(account=there, organization=tree["district"], roles=["clerk"])
    assert permissions.allowed(here, "window.serve")
    assert not permissions.allowed(there, "window.serve")


def test_a_deputy_has_the_actions_of_the_absent_for_those_days_only(account):
    clerk, helper = account("clerk"), account("grid_worker")
    absent(clerk, helper)
    assert permissions.standing_for(helper, "window.serve").in_stead_of == "clerk"
    assert permissions.standing_for(helper, "notice.read").in_stead_of == ""
    Deputy.objects.all().delete()
    absent(clerk, helper, since=-3, until=-1)
    assert not permissions.allowed(helper, "window.serve")


def test_nobody_stands_in_for_one_whose_account_ended(account):
    clerk, helper = account("clerk"), account("grid_worker")
    clerk.is_active = False
    clerk.save()
    absent(clerk, helper)
    assert not permissions.allowed(helper, "window.serve")


def test_standing_in_is_not_handed_on(account):
    clerk, first, second = account("clerk"), account("grid_worker"), account("analyst")
    absent(clerk, first)
    absent(first, second)
    assert not permissions.allowed(second, "window.serve")


@pytest.mark.parametrize(
    "pair", [("administrator", "auditor"), ("administrator", "security"), ("auditor", "security")]
)
def test_of_the_three_administrators_nobody_is_two(account, pair):
    one, other = account(pair[0]), account(pair[1])
    assert conflicts(pair) == [pair]
    both = account(*pair)
    assert not any(
        permissions.allowed(both, action) for action in ("account.edit", "role.grant", "ledger.read")
    )
    absent(other, one)
    gained = permissions.ROLES[pair[1]].actions - permissions.ROLES[pair[0]].actions
    assert not any(permissions.allowed(one, action) for action in gained)


def test_a_refusal_within_a_scope_is_on_record(account, tree):
    admin = account("administrator")
    Post.objects.create(account=admin, organization=tree["east"], roles=["administrator"])
    with pytest.raises(NotAllowed):
        permissions.require(admin, "organization.edit", "organization/west", within=tree["west"])


def test_what_was_kept_under_an_earlier_name_or_by_a_predecessor_is_still_found(tree):
    east, west = tree["east"], tree["west"]
    OrganizationChange.objects.create(
        organization=east, kind="renamed", before={"name_zh": "老东街"}, after={"name_zh": "east"}, by="admin"
    )
    Organization.objects.filter(pk=west.pk).update(successor=east)
    assert set(names_of(east)) == {"east", "老东街", "west"}
    Organization.objects.create(code="new", name_zh="老东街", level="street")
    assert "老东街" not in names_of(east)


def test_an_account_without_posts_on_file_stands_as_its_fields_say(account, tree):
    clerk = account("clerk")
    assert not Post.objects.exists() and permissions.allowed(clerk, "window.serve")
    assert standing.own_roles(Account.objects.get(pk=clerk.pk)) == {"clerk"}


def test_the_ledger_says_in_whose_stead_and_from_which_post_something_was_done(account, tree):
    clerk, helper = account("clerk"), account("grid_worker")
    for who, place, title in ((clerk, "east", "窗口"), (helper, "west", "网格")):
        Post.objects.create(account=who, organization=tree[place], title=title, roles=who.roles, main=True)
        who.organization, who.post = tree[place], title
        who.save()
    absent(clerk, helper)
    ledger.record(helper, "window.serve", "case")
    ledger.record(helper, "notice.read", "notices")
    found = list(LedgerEntry.objects.order_by("id").values_list("organization", "post"))
    assert found == [("east", "代 clerk 窗口"), ("west", "网格")]
    permissions.require(helper, "window.serve")
    ledger.record(helper, "case.save", "C-1")
    assert LedgerEntry.objects.latest("id").post == "代 clerk 窗口"
