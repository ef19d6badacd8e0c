"""What somebody stands as today: the posts they hold and those they stand in for.

posts, deputies ─▶ standings (cached on the account object, which lives for a request) ─▶ permissions, ledger

This is the one place where roles that exclude each other are kept apart: whatever the store says, nobody acts with
two of them. Of one's own roles that conflict none counts; a deputy leaves aside what conflicts with their own.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date

from django.db.models import Q
from django.utils import timezone

from jingwei.kernel.models import Account, Deputy, Organization, Post
from jingwei.kernel.organizations import names_of
from jingwei.kernel.roles import conflicts, role_named


@dataclass(frozen=True)
class Standing:
    """One post as it counts today. `in_stead_of` is the user name of the absent person, else empty."""

    title: str
    organization_id: int | None
    level: str
    scope_id: int | None
    roles: tuple[str, ...]
    in_stead_of: str = ""

    def has(self, action: str) -> bool:
        return any(self._gives(name, action) for name in self.roles)

    def _gives(self, name: str, action: str) -> bool:
        role = role_named(name)
        if role is None or action not in role.actions:
            return False
        return not role.levels or not self.level or self.level in role.levels


def standings(account: Account) -> tuple[Standing, ...]:
    """Own posts first, then those of absent people."""
    key = (timezone.localdate(), account.is_active, account.organization_id, tuple(account.roles))
    kept = account.__dict__.get("_standings")
    if kept is not None and kept[0] == key:
        return kept[1]
    found = tuple(_today(account, key[0])) if account.is_active else ()
    account.__dict__["_standings"] = (key, found)
    return found


def forget(account: Account) -> None:
    """After a post or a deputy changed: the next question reads anew."""
    account.__dict__.pop("_standings", None)
    account.__dict__.pop("_names", None)


def own_roles(account: Account) -> set[str]:
    """Roles of all posts the account holds today or will hold, as they are on file."""
    today = timezone.localdate()
    posts = Post.objects.filter(account=account).filter(Q(until=None) | Q(until__gte=today))
    found = {role for post in posts for role in post.roles}
    return found if Post.objects.filter(account=account).exists() else set(account.roles)


def acting(account: Account, action: str) -> Standing | None:
    """The standing that gives the action, one's own before another's."""
    return next((one for one in standings(account) if one.has(action)), None)


def roles_today(account: Account) -> list[str]:
    """Roles of one's own posts and of those one stands in for."""
    return list(dict.fromkeys(name for one in standings(account) for name in one.roles if name))


def names_today(account: Account, action: str = "") -> list[str]:
    """Names, past ones included, of the organizations in which the account stands with the action, as a deputy too."""
    ids = {
        one.organization_id
        for one in standings(account)
        if one.organization_id and (not action or one.has(action))
    }
    kept: dict[int, list[str]] = account.__dict__.setdefault("_names", {})
    for organization in Organization.objects.filter(pk__in=ids - set(kept)):
        kept[organization.pk] = names_of(organization)
    return list(dict.fromkeys(name for one in sorted(ids) for name in kept.get(one, [])))


def said(account: Account, action: str) -> tuple[str, str]:
    """For the ledger: the organization and the post by which something is done, and in whose stead where the right is
    an absent person's. A deed that is no action of its own follows the last action that was asked for."""
    found = acting(account, action)
    absent = found.in_stead_of if found else str(account.__dict__.get("_stead", ""))
    if absent:
        other = Account.objects.select_related("organization").get(username=absent)
        return str(other.organization or ""), f"代 {absent} {other.post}".strip()[:60]
    if found is None or found.organization_id is None or found.organization_id == account.organization_id:
        return str(account.organization or ""), found.title if found else account.post
    return str(Organization.objects.filter(pk=found.organization_id).first() or ""), found.title


def _today(account: Account, today: date) -> list[Standing]:
    own = _of(account, today)
    bad = {name for pair in conflicts(name for one in own for name in one.roles) for name in pair}
    found = [replace(one, roles=tuple(name for name in one.roles if name not in bad)) for one in own]
    held = {name for one in found for name in one.roles}
    absences = Deputy.objects.filter(deputy=account, since__lte=today, until__gte=today)
    for absence in absences.filter(absent__is_active=True).select_related("absent"):
        for one in _of(absence.absent, today):
            fitting = _fitting(one.roles, held)
            held |= set(fitting)
            found.append(replace(one, roles=fitting, in_stead_of=absence.absent.username))
    return found


def _fitting(names: Iterable[str], held: set[str]) -> tuple[str, ...]:
    taken: list[str] = []
    for name in names:
        if not any(name in pair for pair in conflicts({name, *held, *taken})):
            taken.append(name)
    return tuple(taken)


def _of(account: Account, today: date) -> list[Standing]:
    """An account that has no post on file stands as its own fields say."""
    posts = [post for post in Post.objects.filter(account=account).select_related("organization")]
    if not posts:
        place = account.organization
        return [
            Standing(
                account.post, account.organization_id, place.level if place else "",
                account.organization_id, tuple(account.roles),
            )
        ]  # fmt: skip
    return [
        Standing(
            post.title,
            post.organization_id,
            post.organization.level if post.organization else "",
            post.scope_id or post.organization_id,
            tuple(post.roles),
        )
        for post in posts
        if post.since <= today and (post.until is None or post.until >= today)
    ]
