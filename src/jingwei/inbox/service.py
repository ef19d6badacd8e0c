"""Public names of the room: telling organizations and roles something, and what an account has been told;
asking for something to be done (`ask`, `done`, from `todos`).

A notice belongs to an organization or to a role, not to a person: whoever of them reads it first has read it
for all. A part that tells the same thing after every run tells it once, until somebody has read it.
"""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction
from django.db.models import BooleanField, ExpressionWrapper, Q, QuerySet
from django.utils import timezone

from jingwei.inbox.models import Notice
from jingwei.inbox.todos import ask, done
from jingwei.kernel import permissions, standing
from jingwei.kernel.models import Account
from jingwei.kernel.text import Text

__all__ = ["ask", "count", "done", "mark_read", "notices", "tell", "text", "unread", "visible"]
PAGE = 25


@transaction.atomic
def tell(
    *, about: str, kind: str, text: Text, organization: str = "", role: str = "", link: str = ""
) -> Notice:
    """Puts a notice into the inbox of an organization (its name) or of a role.

    `about` is the resource, run or work order it is about. While the same notice is unread it is not put
    there again; its link is renewed, so that it leads to the newest page.
    """
    if not organization and not role:
        raise ValueError("a notice needs an organization or a role")
    same = Notice.objects.filter(
        organization=organization, role=role, about=about, kind=kind, zh=text.zh, en=text.en, read_at=None
    ).first()
    if same is not None:
        if link and same.link != link:
            same.link = link
            same.save(update_fields=["link"])
        return same
    return Notice.objects.create(
        organization=organization, role=role, about=about, kind=kind, zh=text.zh, en=text.en, link=link
    )


def text(notice: Notice) -> Text:
    return Text(notice.zh, notice.en)


def notices(
    account: Account,
    *,
    unread_only: bool = False,
    unread_first: bool = False,
    offset: int = 0,
    limit: int | None = PAGE,
) -> list[Notice]:
    """What the account's organization and roles were told, newest first, or unread ones before all others."""
    found = _for(account, unread_only)
    if unread_first:
        was_read = ExpressionWrapper(Q(read_at__isnull=False), BooleanField())
        found = found.order_by(was_read, "-at", "-id")
    return list(found[offset:] if limit is None else found[offset : offset + limit])


def count(account: Account, *, unread_only: bool = False) -> int:
    return _for(account, unread_only).count()


def unread(account: Account) -> int:
    """For the mark beside the bell."""
    return count(account, unread_only=True)


def mark_read(account: Account, ids: Sequence[int] | None = None) -> int:
    """Marks notices of the account as read, all of them without `ids`; says how many were unread."""
    permissions.require(account, "notice.read")
    found = _for(account, unread_only=True)
    if ids is not None:
        found = found.filter(pk__in=list(ids))
    return found.update(read_by=account.username, read_at=timezone.now())


def visible(account: Account) -> QuerySet[Notice]:
    """All that the account's organization and roles were told."""
    if not permissions.allowed(account, "notice.read"):
        return Notice.objects.none()
    meant = Q(role__in=standing.roles_today(account)) | Q(organization__in=standing.names_today(account))
    return Notice.objects.filter(meant)


def _for(account: Account, unread_only: bool) -> QuerySet[Notice]:
    found = visible(account)
    return found.filter(read_at=None) if unread_only else found
