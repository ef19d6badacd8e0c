"""Commands of the security administrator: which roles a post has, and who stands in for whom.

Roles that exclude others (the three administrators) are granted and taken by two people. What excludes each other is
looked for over all of a person's posts, over those they stand in for, and over those who stand in for them.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.db import transaction
from django.utils import timezone

from jingwei.kernel import ledger, permissions, proposals, standing
from jingwei.kernel.models import Account, Deputy, Organization, Post, Proposal
from jingwei.kernel.roles import conflicts, guarded, role_named, roles, two_person
from jingwei.kernel.text import Text, listed
from jingwei.people import accounts
from jingwei.people.errors import FactsWrong, NotForOneself, RolesExclude

GRANT = "role.grant"
LONGEST = 180
"""Days somebody may stand in for another at most."""


def register() -> None:
    proposals.register_deed(GRANT, _granted)


def grant(
    actor: Account | None, post: Post, names: Iterable[str], scope: Organization | None = None
) -> Proposal | None:
    """Gives the post exactly these roles, to hold within the scope; a Proposal where a second person has to agree."""
    wanted, target = sorted(set(names)), post.account
    if actor is not None:
        _may(actor, target, post.organization, scope)
    _check(post, wanted)
    changed = set(wanted) ^ set(post.roles)
    if actor is None or not (two_person(GRANT) and any(guarded(name) for name in changed)):
        _apply(actor, post, wanted, scope)
        return None
    said = Text("{name}（{username}）的角色：{roles}", "Roles of {name} ({username}): {roles}").fill(
        name=target.name, username=target.username, roles=titles(wanted)
    )
    payload = {
        "post": post.pk,
        "roles": wanted,
        "scope": scope.pk if scope else None,
        "before": sorted(post.roles),
    }
    return proposals.propose(actor, GRANT, f"account/{target.username}", said, payload, post.organization)


def titles(names: Iterable[str]) -> Text:
    found = [(name, role_named(name)) for name in names]
    return listed(role.title if role else name for name, role in found)


def deputize(
    actor: Account | None, absent: Account, deputy: Account, since: date, until: date, reason: str
) -> Deputy:
    """For those days the deputy has the actions of the absent person's posts, and the ledger says in whose stead."""
    if actor is not None:
        for one in (absent, deputy):
            _may(actor, one, one.organization, None)
    faults: dict[str, Text] = {}
    if absent.pk == deputy.pk:
        faults["deputy"] = Text("不能由本人代自己", "nobody stands in for themselves")
    if not deputy.is_active:
        faults["deputy"] = Text("代办人的账号已停用", "the deputy's account is disabled")
    if until < since or until < timezone.localdate():
        faults["until"] = Text(
            "结束日期不能早于开始或今天", "the last day cannot lie before the first or before today"
        )
    elif (until - since).days > LONGEST:
        faults["until"] = Text(f"最多 {LONGEST} 天", f"{LONGEST} days at most")
    if len(reason) > 200:
        faults["reason"] = Text("事由最多 200 个字", "the reason has 200 characters at most")
    if faults:
        raise FactsWrong(faults)
    _apart(standing.own_roles(absent) | standing.own_roles(deputy) | _stood_in_for(deputy))
    with transaction.atomic():
        made = Deputy.objects.create(
            absent=absent,
            deputy=deputy,
            since=since,
            until=until,
            reason=reason,
            by=actor.username if actor else "(node)",
        )
        ledger.record(
            actor, GRANT, f"account/{deputy.username}", fields=["deputy"],
            purpose=f"stands in for {absent.username} {since} to {until}",
        )  # fmt: skip
    standing.forget(deputy)
    return made


def end_deputy(actor: Account | None, one: Deputy) -> None:
    """From now on nobody stands in."""
    if actor is not None:
        permissions.require(
            actor, GRANT, f"account/{one.deputy.username}", within=accounts.place_of(one.absent.organization)
        )
    with transaction.atomic():
        purpose = f"no longer stands in for {one.absent.username}"
        ledger.record(actor, GRANT, f"account/{one.deputy.username}", fields=["deputy"], purpose=purpose)
        one.delete()


def _may(actor: Account, target: Account, place: Organization | None, scope: Organization | None) -> None:
    object = f"account/{target.username}"
    permissions.require(actor, GRANT, object, within=accounts.place_of(place))
    if scope is not None:
        permissions.require(actor, GRANT, object, within=scope)
    if actor.pk == target.pk:
        ledger.record(actor, GRANT, object, outcome="refused", purpose="for oneself")
        raise NotForOneself()


def _check(post: Post, wanted: list[str]) -> None:
    known = roles()
    faults: dict[str, Text] = {}
    for name in wanted:
        role = known.get(name)
        if role is None:
            faults["roles"] = Text("没有角色 {name}", "there is no role {name}").fill(name=name)
        elif role.levels and post.organization and post.organization.level not in role.levels:
            faults["roles"] = Text("{role}不能设在这一级机构", "{role} cannot stand at this level").fill(
                role=role.title
            )
    if faults:
        raise FactsWrong(faults)
    others = Post.objects.filter(account=post.account).exclude(pk=post.pk)
    today = timezone.localdate()
    held = {name for one in others if one.until is None or one.until >= today for name in one.roles}
    _apart(held | set(wanted) | _stood_in_for(post.account))
    for absence in Deputy.objects.filter(absent=post.account, until__gte=today).select_related("deputy"):
        _apart(set(wanted) | standing.own_roles(absence.deputy))


def _stood_in_for(account: Account) -> set[str]:
    absences = Deputy.objects.filter(deputy=account, until__gte=timezone.localdate()).select_related("absent")
    return {name for one in absences for name in standing.own_roles(one.absent)}


def _apart(names: set[str]) -> None:
    for a, b in conflicts(names):
        raise RolesExclude(a=titles([a]), b=titles([b]))


def _apply(actor: Account | None, post: Post, wanted: list[str], scope: Organization | None) -> None:
    with transaction.atomic():
        post.roles, post.scope = wanted, scope
        post.save(update_fields=["roles", "scope"])
        accounts.project(post.account)
        ledger.record(
            actor,
            GRANT,
            f"account/{post.account.username}",
            fields=["roles"],
            purpose=", ".join(wanted) or "no roles",
        )


def _granted(proposer: Account, agreeing: Account, payload: dict[str, Any]) -> None:
    """The second person agreed. What was true when it was proposed must still be."""
    post = Post.objects.select_related("account", "organization").get(pk=payload["post"])
    if post.account_id in (agreeing.pk, proposer.pk):
        raise NotForOneself()
    if sorted(post.roles) != payload["before"]:
        raise proposals.ProposalChanged()
    _check(post, payload["roles"])
    scope = Organization.objects.get(pk=payload["scope"]) if payload["scope"] else None
    _apply(agreeing, post, payload["roles"], scope)
