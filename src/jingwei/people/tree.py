"""Commands on the tree of organizations: make, edit, rename, move, merge, close; each leaves a change in its history.

Who edits needs `organization.edit` within the organization, and within where it is moved to. A merged organization
stays on file with its successor, so that what was kept under its name is still found (`kernel.organizations`).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from jingwei.kernel import ledger, permissions
from jingwei.kernel.models import Account, Organization, OrganizationChange, Post
from jingwei.kernel.organizations import current, line_of, subtree
from jingwei.kernel.text import Text
from jingwei.people.errors import FactsWrong, StillInUse, UnknownOrganization

EDIT = "organization.edit"
RANK = {level: place for place, (level, _) in enumerate(Organization.LEVELS)}
LEVELS = {
    "city": Text("市级", "city"),
    "district": Text("区级", "district"),
    "street": Text("街道", "street"),
    "community": Text("社区", "community"),
}
CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}")
GRIDS = 500


def organization_of(account: Account | None, code: str, action: str = EDIT) -> Organization:
    """The organization, once the account may do this within it. Account None is the node itself."""
    found = Organization.objects.select_related("parent").filter(code=code).first()
    if account is not None:
        permissions.require(account, action, f"organization/{code}"[:200], within=found)
    if found is None:
        raise UnknownOrganization(code=code)
    return found


def visible(account: Account, action: str = EDIT) -> QuerySet[Organization]:
    """All organizations the account has the action in, past ones included."""
    scopes = permissions.scopes(account, action)
    return (
        Organization.objects.all() if scopes is None else Organization.objects.filter(pk__in=subtree(scopes))
    )


def held_in(organization: Organization) -> QuerySet[Post]:
    """Posts held there today or later."""
    return Post.objects.filter(organization=organization).filter(
        Q(until=None) | Q(until__gte=timezone.localdate())
    )


def grids_of(text: str) -> list[str]:
    """Grids as people write them: by line, comma or space."""
    return list(dict.fromkeys(part for part in re.split(r"[\s,，、;；]+", text) if part))


def faults_of(facts: dict[str, Any], parent: Organization | None) -> dict[str, Text]:
    """What is wrong with the facts of an organization, by field."""
    faults: dict[str, Text] = {}
    if not CODE.fullmatch(facts.get("code", "")):
        faults["code"] = Text(
            "代码用字母、数字和 . _ -，最多 40 个",
            "the code is made of letters, digits and . _ -, 40 at most",
        )
    name = facts.get("name_zh", "")
    if not name or len(name) > 120:
        faults["name_zh"] = Text("要有名称，最多 120 个字", "a name of 120 characters at most is needed")
    elif _steers(name):
        faults["name_zh"] = Text("名称里有看不见的控制符", "the name holds invisible control signs")
    if len(facts.get("name_en", "")) > 120 or _steers(facts.get("name_en", "")):
        faults["name_en"] = Text("英文名不能用", "the English name cannot be used")
    level = facts.get("level", "")
    if level not in RANK:
        faults["level"] = Text(
            "层级是 city、district、street 或 community", "the level is city, district, street or community"
        )
    elif parent is not None and RANK[parent.level] > RANK[level]:
        faults["level"] = Text(
            "层级不能高于上级机构", "it cannot stand at a higher level than what it belongs to"
        )
    if len(facts.get("grids", [])) > GRIDS:
        faults["grids"] = Text(f"最多 {GRIDS} 个网格", f"{GRIDS} grids at most")
    return faults


def _steers(text: str) -> bool:
    """Signs that turn the direction of writing or steer a terminal have no place in a name."""
    return any(
        ord(sign) < 32 or sign in "\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
        for sign in text
    )


def make(account: Account | None, parent: Organization | None, facts: dict[str, Any]) -> Organization:
    """A new organization. One without a parent is made by whoever may edit everywhere."""
    if account is not None:
        if parent is None and permissions.scopes(account, EDIT) is not None:
            permissions.require(
                account, EDIT, "organization", within=Organization(code="(top)", level="city")
            )
        permissions.require(account, EDIT, f"organization/{facts.get('code', '')}", within=parent)
    faults = faults_of(facts, parent)
    if Organization.objects.filter(code=facts.get("code", "")).exists():
        faults["code"] = Text("这个代码已经有了", "this code is taken")
    if current().filter(name_zh=facts.get("name_zh", "")).exists():
        faults["name_zh"] = Text("已有同名的机构", "an organization of this name exists")
    if faults:
        raise FactsWrong(faults)
    with transaction.atomic():
        made = Organization.objects.create(
            code=facts["code"],
            name_zh=facts["name_zh"],
            name_en=facts.get("name_en", ""),
            level=facts["level"],
            parent=parent,
            grids=list(facts.get("grids", [])),
            valid_from=facts.get("valid_from") or timezone.localdate(),
        )
        _note(account, made, OrganizationChange.MADE, {}, {"name_zh": made.name_zh})
    return made


def edit(account: Account | None, organization: Organization, **facts: Any) -> None:
    """Changes English name, level and grids; a new Chinese name is a renaming."""
    before = {name: getattr(organization, name) for name in ("name_en", "level", "grids")}
    after = {name: value for name, value in facts.items() if name in before and value != before[name]}
    _allowed(account, organization)
    said = {"code": organization.code, "name_zh": organization.name_zh, **before, **after}
    if faults := faults_of(said, organization.parent):
        raise FactsWrong(faults)
    if after:
        _change(account, organization, OrganizationChange.EDITED, after)


def rename(account: Account | None, organization: Organization, name_zh: str, name_en: str, on: date) -> None:
    """From a day on it bears another name; the old one goes on leading to it."""
    _allowed(account, organization)
    facts = {"code": organization.code, "level": organization.level, "name_zh": name_zh, "name_en": name_en}
    faults = faults_of(facts, organization.parent)
    if current().filter(name_zh=name_zh).exclude(pk=organization.pk).exists():
        faults["name_zh"] = Text("已有同名的机构", "an organization of this name exists")
    if on > timezone.localdate():
        faults["on"] = Text("日期不能在今天之后", "the day cannot lie ahead")
    if faults:
        raise FactsWrong(faults)
    if name_zh != organization.name_zh or name_en != organization.name_en:
        _change(
            account, organization, OrganizationChange.RENAMED, {"name_zh": name_zh, "name_en": name_en}, on
        )


def move(account: Account | None, organization: Organization, parent: Organization) -> None:
    """Hangs it under another one; its own part of the tree goes with it."""
    _allowed(account, organization)
    _allowed(account, parent)
    if any(one.pk == organization.pk for one in line_of(parent)):
        raise FactsWrong({"parent": Text("不能挂到自己下面", "it cannot hang below itself")})
    if RANK[parent.level] > RANK[organization.level]:
        raise FactsWrong({"parent": Text("上级的层级太低", "what it is to hang under stands too low")})
    before = organization.parent.name_zh if organization.parent else ""
    with transaction.atomic():
        organization.parent = parent
        organization.save(update_fields=["parent"])
        _note(account, organization, OrganizationChange.MOVED, {"parent": before}, {"parent": parent.name_zh})


def merge(account: Account | None, organization: Organization, into: Organization, on: date) -> None:
    """It ends on the day; people, grids and what lay below it go on in the other one."""
    _allowed(account, organization)
    _allowed(account, into)
    if into.pk in subtree([organization.pk]):
        raise FactsWrong(
            {"into": Text("不能并入自己或自己的下级", "it cannot be merged into itself or below")}
        )
    if into.valid_until is not None or on > timezone.localdate():
        raise FactsWrong(
            {"into": Text("对方已撤销，或日期在今天之后", "the other one is closed, or the day lies ahead")}
        )
    with transaction.atomic():
        organization.children.update(parent=into)
        held_in(organization).update(organization=into)
        Post.objects.filter(scope=organization).update(scope=into)
        Account.objects.filter(organization=organization).update(organization=into)
        into.grids = list(dict.fromkeys([*into.grids, *organization.grids]))
        into.save(update_fields=["grids"])
        organization.successor, organization.valid_until = into, on
        organization.save(update_fields=["successor", "valid_until"])
        _note(account, organization, OrganizationChange.MERGED, {}, {"into": into.name_zh}, on)
        _note(account, into, OrganizationChange.EDITED, {}, {"took": organization.name_zh}, on)


def close(account: Account | None, organization: Organization, on: date) -> None:
    """Ends it; refused while something or somebody is left in it."""
    _allowed(account, organization)
    children, posts = current().filter(parent=organization).count(), held_in(organization).count()
    if children or posts:
        raise StillInUse(name=organization.name_zh, children=children, posts=posts)
    _change(account, organization, OrganizationChange.CLOSED, {"valid_until": on}, on)


def _allowed(account: Account | None, organization: Organization) -> None:
    if account is not None:
        permissions.require(account, EDIT, f"organization/{organization.code}", within=organization)


def _change(
    account: Account | None,
    organization: Organization,
    kind: str,
    after: dict[str, Any],
    on: date | None = None,
) -> None:
    before = {name: getattr(organization, name) for name in after}
    with transaction.atomic():
        for name, value in after.items():
            setattr(organization, name, value)
        organization.save(update_fields=list(after))
        _note(account, organization, kind, before, after, on)


def _note(
    account: Account | None,
    organization: Organization,
    kind: str,
    before: dict[str, Any],
    after: dict[str, Any],
    on: date | None = None,
) -> None:
    def plain(facts: dict[str, Any]) -> dict[str, Any]:
        return {name: str(value) if isinstance(value, date) else value for name, value in facts.items()}

    by = account.username if account else "(node)"
    OrganizationChange.objects.create(
        organization=organization,
        kind=kind,
        before=plain(before),
        after=plain(after),
        on=on or timezone.localdate(),
        by=by,
    )
    fields: Sequence[str] = sorted(after)
    ledger.record(account, EDIT, f"organization/{organization.code}", fields=fields, purpose=kind)
