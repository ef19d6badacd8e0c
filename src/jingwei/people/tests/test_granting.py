from datetime import timedelta

import pytest
from django.utils import timezone

from jingwei.kernel import permissions, proposals
from jingwei.kernel.errors import NotAllowed
from jingwei.kernel.models import Account, Post, Proposal
from jingwei.packs.service import check
from jingwei.people import accounts, granting, roles
from jingwei.people import tree as commands
from jingwei.people.errors import (
    FactsWrong,
    GuardedAccount,
    NotForOneself,
    RolesExclude,
    StillInUse,
)

DAY = timedelta(days=1)


@pytest.fixture
def keeper(tree, person):
    return person("keeper", "security", at=tree["yunxi"])


def post_of(account):
    return Post.objects.select_related("account", "organization").get(account=account)


def test_nobody_grants_themselves_anything(keeper):
    with pytest.raises(NotForOneself):
        granting.grant(keeper, post_of(keeper), ["clerk", "security"])


def test_the_administrator_grants_no_roles_and_security_makes_no_accounts(keeper, tree, person):
    admin, lin = person("admin", "administrator", at=tree["yunxi"]), person("lin", at=tree["songtao"])
    with pytest.raises(NotAllowed):
        granting.grant(admin, post_of(lin), ["clerk"])
    with pytest.raises(NotAllowed):
        accounts.add(keeper, "wen", "温叙", tree["songtao"])


def test_roles_are_granted_within_the_granters_own_scope(tree, person):
    local, far = person("local", "security", at=tree["songtao"]), person("far", at=tree["huansha"])
    near = person("near", at=tree["tingsong"])
    granting.grant(local, post_of(near), ["clerk"])
    with pytest.raises(NotAllowed):
        granting.grant(local, post_of(far), ["clerk"])
    with pytest.raises(NotAllowed):
        granting.grant(local, post_of(near), ["clerk"], scope=tree["yunxi"])


def test_the_three_administrators_stay_apart_over_all_posts_and_deputies_of_a_person(keeper, tree, person):
    admin, auditor = (
        person("admin", "administrator", at=tree["yunxi"]),
        person("audit", "auditor", at=tree["yunxi"]),
    )
    second = accounts.add_post(None, admin, tree["songtao"], "兼", timezone.localdate(), None)
    with pytest.raises(RolesExclude):
        granting.grant(keeper, second, ["auditor"])
    today = timezone.localdate()
    with pytest.raises(RolesExclude):
        granting.deputize(keeper, auditor, admin, today, today + DAY, "休假")
    clerk = person("clerk", "clerk", at=tree["songtao"])
    granting.deputize(keeper, auditor, clerk, today, today + DAY, "休假")
    with pytest.raises(RolesExclude):
        granting.grant(None, post_of(clerk), ["administrator"])


def test_what_was_proposed_is_weighed_again_when_it_is_agreed_to(keeper, tree, person):
    other, lin = person("other", "security", at=tree["yunxi"]), person("lin", at=tree["songtao"])
    waiting = granting.grant(keeper, post_of(lin), ["auditor"])
    assert isinstance(waiting, Proposal)
    granting.grant(
        None,
        accounts.add_post(None, lin, tree["songtao"], "兼", timezone.localdate(), None),
        ["administrator"],
    )
    with pytest.raises(RolesExclude):
        proposals.agree(other, waiting.pk, waiting.digest)
    assert "auditor" not in Account.objects.get(pk=lin.pk).roles
    assert Proposal.objects.get().state == Proposal.OPEN


def test_no_page_resets_or_disables_one_of_the_three_administrators(tree, person):
    admin, auditor = (
        person("admin", "administrator", at=tree["yunxi"]),
        person("audit", "auditor", at=tree["yunxi"]),
    )
    for deed in (accounts.reset, accounts.disable):
        with pytest.raises(GuardedAccount):
            deed(admin, auditor)
    accounts.disable(None, auditor)
    assert not Account.objects.get(pk=auditor.pk).is_active


def test_an_organization_with_people_is_not_closed_and_its_people_go_along_when_it_is_merged(tree, person):
    lin = person("lin", "clerk", at=tree["tingsong"])
    today = timezone.localdate()
    with pytest.raises(StillInUse):
        commands.close(None, tree["tingsong"], today)
    commands.merge(None, tree["tingsong"], tree["huansha"], today)
    found = Account.objects.get(pk=lin.pk)
    assert found.organization == tree["huansha"] and permissions.allowed(
        found, "window.serve", within=tree["huansha"]
    )


def test_nothing_hangs_below_itself_or_below_what_stands_lower(tree):
    for parent in ("tingsong", "songtao"):
        with pytest.raises(FactsWrong):
            commands.move(None, tree["songtao"], tree[parent])


def test_a_pack_declares_a_role_and_what_it_gets_wrong_is_told_with_the_nearest_name(home, pack, account):
    good = (
        "- role: inspector\n  title: {zh: 巡查员, en: Inspector}\n  actions: [run.read]\n  levels: [street]\n"
    )
    pack("mine", {"roles/more.yaml": good})
    assert permissions.allowed(account("inspector"), "run.read")
    bad = good.replace("run.read", "run.reed") + "  excludes: [auditr]\n  two_person: [run.start]\n"
    folder = pack(
        "mine", {"roles/more.yaml": bad + "- role: clerk\n  title: {zh: 假, en: Fake}\n  actions: []\n"}
    )
    told = " ".join(str(fault.text.en) for fault in check(folder)[1])
    assert "did you mean run.read" in told and "did you mean auditor" in told
    assert "run.start cannot be put before a second person" in told
    assert "not among its actions" in told and "declared by the pack standards" in told


def test_every_node_has_the_roles_of_the_shipped_pack_without_any_of_its_own(home):
    assert set(roles.built_in()) == set(permissions.ROLES) and "auditor" in permissions.ROLES
