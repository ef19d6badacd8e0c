"""The two-person rule: what one person wants done waits until another, who may do it too, agrees.

propose ─▶ Proposal (payload and its digest, expires) ─▶ agree by somebody else ─▶ the deed, in the same transaction

A room registers what agreeing does (`register_deed`). Agreed is to exactly what was read: the page sends the digest
of what it showed, and a payload that was changed meanwhile, also by hand in the store, is refused.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from hashlib import sha256
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from jingwei.kernel import ledger, permissions
from jingwei.kernel.errors import BadInput
from jingwei.kernel.models import Account, Organization, Proposal
from jingwei.kernel.organizations import subtree
from jingwei.kernel.text import Text

DAYS = 14
"""A proposal nobody answered is void after so many days."""

Deed = Callable[[Account, Account, dict[str, Any]], None]
"""`deed(proposer, agreeing, payload)` does what was proposed; it raises what forbids it by now."""

_deeds: dict[str, Deed] = {}


class SecondPersonNeeded(BadInput):
    code = "second-person-needed"
    what = Text(
        "这件事要另一个人同意，不能自己提、自己批。",
        "Somebody else has to agree; nobody agrees to their own.",
    )
    do = Text("请另一位有这项权限的同事打开这一条。", "Ask a colleague who may do this to open it.")


class ProposalOver(BadInput):
    code = "proposal-over"
    what = Text("这一条已经办过、撤回或过期了。", "This was decided, withdrawn or has expired.")
    do = Text("还需要的话请重新提出。", "Propose it again if it is still needed.")


class ProposalChanged(BadInput):
    code = "proposal-changed"
    what = Text("这一条和您看到的不一样了。", "This is not what you were shown.")
    do = Text(
        "打开这一条重新看一遍；不是同事改的，请告诉审计员。",
        "Read it again; if no colleague changed it, tell the auditor.",
    )


class UnknownProposal(BadInput):
    code = "unknown-proposal"
    what = Text("没有这一条。", "There is no such proposal.")
    do = Text("从待同意的列表里找。", "Look in the list of what waits for agreement.")


def register_deed(action: str, deed: Deed) -> None:
    _deeds[action] = deed


def possible() -> list[str]:
    """Actions that can be put before a second person."""
    return sorted(_deeds)


def propose(
    account: Account,
    action: str,
    object: str,
    title: Text,
    payload: dict[str, Any],
    within: Organization | None = None,
) -> Proposal:
    """Puts it before a second person; the payload is JSON that the registered deed understands."""
    permissions.require(account, action, object, within=within)
    if action not in _deeds:
        raise KeyError(action)
    with transaction.atomic():
        same = waiting().filter(by=account.username, digest=digest_of(action, object, payload)).first()
        if same is not None:
            return same
        ledger.record(account, action, object, outcome="proposed", purpose=title.en)
        return Proposal.objects.create(
            action=action,
            object=object,
            zh=title.zh[:300],
            en=title.en[:300],
            payload=payload,
            digest=digest_of(action, object, payload),
            scope=within,
            by=account.username,
            expires=timezone.now() + timedelta(days=DAYS),
        )


def digest_of(action: str, object: str, payload: dict[str, Any]) -> str:
    text = json.dumps([action, object, payload], sort_keys=True, ensure_ascii=False)
    return sha256(text.encode()).hexdigest()


def waiting() -> QuerySet[Proposal]:
    return Proposal.objects.filter(state=Proposal.OPEN, expires__gt=timezone.now())


def waiting_for(account: Account) -> list[Proposal]:
    """What the account may agree to, or has proposed itself, newest first."""
    found = []
    for action in {one.action for one in waiting()}:
        scopes = permissions.scopes(account, action)
        mine = waiting().filter(action=action)
        if scopes is not None:
            mine = mine.filter(Q(scope_id__in=subtree(scopes)) | Q(by=account.username))
        found += list(mine)
    return sorted(found, key=lambda one: (one.at, one.pk), reverse=True)


def agree(account: Account, number: int, digest: str) -> Proposal:
    """The second person agrees and the deed is done, or neither happens."""
    shown = _open(number)
    standing = permissions.standing_for(account, shown.action, shown.scope)
    if account.username == shown.by or (standing is not None and standing.in_stead_of == shown.by):
        ledger.record(account, shown.action, shown.object, outcome="refused", purpose="own proposal")
        raise SecondPersonNeeded()
    permissions.require(account, shown.action, shown.object, within=shown.scope)
    proposer = Account.objects.get(username=shown.by)
    permissions.require(proposer, shown.action, shown.object, within=shown.scope)
    with transaction.atomic():
        found = _open(number)
        if digest != found.digest or digest != digest_of(found.action, found.object, found.payload):
            raise ProposalChanged()
        _close(found, account, Proposal.DONE)
        _deeds[found.action](proposer, account, found.payload)
        ledger.record(
            account, found.action, found.object, outcome="agreed", purpose=f"proposed by {found.by}"
        )
    return found


def turn_down(account: Account, number: int) -> Proposal:
    """The second person refuses, or the first takes it back."""
    shown = _open(number)
    own = account.username == shown.by
    if not own:
        permissions.require(account, shown.action, shown.object, within=shown.scope)
    with transaction.atomic():
        found = _open(number)
        _close(found, account, Proposal.WITHDRAWN if own else Proposal.REFUSED)
        ledger.record(account, found.action, found.object, outcome="withdrawn" if own else "turned down")
    return found


def _open(number: int) -> Proposal:
    found = Proposal.objects.select_related("scope").filter(pk=number).first()
    if found is None:
        raise UnknownProposal()
    if found.state != Proposal.OPEN or found.expires <= timezone.now():
        raise ProposalOver()
    return found


def _close(found: Proposal, account: Account, state: str) -> None:
    """Whoever of two comes second finds it closed."""
    given = {"state": state, "decided_by": account.username, "decided_at": timezone.now()}
    if not Proposal.objects.filter(pk=found.pk, state=Proposal.OPEN).update(**given):
        raise ProposalOver()
