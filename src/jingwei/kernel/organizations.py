"""Questions about the tree of organizations: what lies above and below, and under which names something was kept.

Departments merge and are renamed, while tables, work orders and notices go on carrying the name of their day. Whoever
looks for an organization's things asks for all its names (`names_of`).
"""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Q, QuerySet
from django.utils import timezone

from jingwei.kernel.models import Organization, OrganizationChange

DEPTH = 12
"""No tree is deeper; a loop that got into the store by hand must not hang a page."""


def line_of(organization: Organization) -> list[Organization]:
    """The organization and all above it, itself first."""
    found = [organization]
    while found[-1].parent is not None and len(found) < DEPTH:
        found.append(found[-1].parent)
    return found


def contains(scope_id: int | None, organization: Organization) -> bool:
    """Whether the organization lies in the subtree of the scope; the scope None holds everything."""
    return scope_id is None or any(one.pk == scope_id for one in line_of(organization))


def subtree(ids: Iterable[int]) -> set[int]:
    """The given organizations and everything below them, by id."""
    found: set[int] = set()
    fresh = set(ids)
    while fresh and len(found) < 1_000_000:
        found |= fresh
        fresh = set(Organization.objects.filter(parent_id__in=fresh).values_list("pk", flat=True)) - found
    return found


def current() -> QuerySet[Organization]:
    """Those that exist today."""
    today = timezone.localdate()
    return Organization.objects.filter(Q(valid_until=None) | Q(valid_until__gte=today))


def names_of(organization: Organization | None) -> list[str]:
    """Its name, its earlier names, and the names of all that were merged into it."""
    if organization is None:
        return []
    family, fresh = {organization.pk}, {organization.pk}
    while fresh:
        fresh = set(Organization.objects.filter(successor_id__in=fresh).values_list("pk", flat=True)) - family
        family |= fresh
    names = [organization.name_zh]
    names += Organization.objects.filter(pk__in=family).values_list("name_zh", flat=True)
    renamed = OrganizationChange.objects.filter(organization_id__in=family, kind=OrganizationChange.RENAMED)
    names += [str(one["name_zh"]) for one in renamed.values_list("before", flat=True) if one.get("name_zh")]
    taken = set(
        Organization.objects.filter(name_zh__in=names)
        .exclude(pk__in=family)
        .values_list("name_zh", flat=True)
    )
    # A name that somebody else bears today is theirs.
    return [name for name in dict.fromkeys(names) if name not in taken]
