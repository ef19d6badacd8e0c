"""To-dos: put into the inbox and taken away by the room they belong to, taken and handed over by people.

    room ──ask(key)──▶ open ──done(key)──▶ done          (asked again under the same key: open again)
                        │ take, hand_over: who has it     jobs: late ──▶ escalated, once
                        ▼
                      steps: who had it when

Whoever it is meant for sees it: members of the organization, holders of the role, the account; whoever it was
handed to; and, once it is late, whoever is above. Nobody else learns even that it exists.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from jingwei.inbox import kinds, plain
from jingwei.inbox.errors import NotAColleague, ToDoDone, ToDoOfOthers
from jingwei.inbox.models import Step, ToDo
from jingwei.kernel import ledger, permissions, standing
from jingwei.kernel.models import Account
from jingwei.kernel.text import Text

LONGEST_NOTE = 500


@transaction.atomic
def ask(
    *,
    kind: str,
    title: Text,
    about: str,
    key: str,
    link: str = "",
    organization: str = "",
    role: str = "",
    account: str = "",
    due: date | None = None,
) -> ToDo:
    """Puts a to-do there, for exactly one of an organization (its name), a role or an account (its user name).

    Asked again under its key, it is brought up to date; one that was done is open again, and nobody's.
    """
    if sum(map(bool, (organization, role, account))) != 1:
        raise ValueError("a to-do is meant for an organization, a role or an account")
    if not kinds.is_registered(kind):
        raise ValueError(f"no kind of to-do is called {kind}")
    facts: dict[str, Any] = {
        "kind": kind,
        "about": about[:160],
        "zh": title.zh,
        "en": title.en,
        "link": link,
        "organization": organization,
        "role": role,
        "account": account,
        "due": due,
    }
    found = ToDo.objects.select_for_update().filter(key=key).first()
    if found is None:
        found = ToDo.objects.create(key=key, **facts)
        _step(found, Step.ASKED, to=meant(found))
        return found
    changed = {name for name, value in facts.items() if getattr(found, name) != value}
    again = found.done is not None
    if again:
        facts |= {"done": None, "done_by": "", "created": timezone.now()}
    if again or changed & {"organization", "role", "account"}:
        facts |= {"holder": "", "taken": None}
    if again or "due" in changed:
        facts |= {"escalated": None, "above_organization": "", "above_role": ""}
    if again or changed:
        for name, value in facts.items():
            setattr(found, name, value)
        found.save()
    if again or changed & {"organization", "role", "account"}:
        _step(found, Step.ASKED, to=meant(found))
    return found


@transaction.atomic
def done(key: str, by: str = "") -> bool:
    """Takes it away; says whether it was there. `by` is an account's user name, or what else ended it."""
    found = ToDo.objects.filter(key=key, done=None).update(done=timezone.now(), done_by=by[:60])
    if found:
        _step(ToDo.objects.get(key=key), Step.DONE, by=by)
    return bool(found)


def meant(todo: ToDo) -> str:
    return todo.organization or todo.role or todo.account


def scoped(account: Account) -> QuerySet[ToDo]:
    """Everything that is or was meant for the account."""
    if not permissions.allowed(account, "todo.read"):
        return ToDo.objects.none()
    roles, names = standing.roles_today(account), standing.names_today(account)
    found = Q(account=account.username) | Q(holder=account.username)
    found |= Q(role__in=roles) | Q(above_role__in=roles)
    found |= Q(organization__in=names) | Q(above_organization__in=names)
    return ToDo.objects.filter(found)


def is_meant(todo: ToDo, account: Account) -> bool:
    """Whether it is the account's to do, not only to know of because it is late."""
    if account.username in (todo.account, todo.holder) or todo.role in standing.roles_today(account):
        return True
    return bool(todo.organization) and todo.organization in standing.names_today(account)


def open_for(account: Account) -> QuerySet[ToDo]:
    return scoped(account).filter(done=None)


def late(account: Account | None = None) -> QuerySet[ToDo]:
    """Open past their deadline; of all accounts without one."""
    found = ToDo.objects.filter(done=None) if account is None else open_for(account)
    return found.filter(due__lt=timezone.localdate())


def todo_of(account: Account, number: int, action: str = "todo.read") -> ToDo:
    """The to-do, once the account may do this with it; everything else is refused in the same words and recorded."""
    permissions.require(account, action, f"todo/{number}")
    found = scoped(account).filter(pk=number).first()
    if found is None:
        ledger.record(account, action, f"todo/{number}", outcome="refused")
        raise ToDoOfOthers(action=permissions.ACTIONS[action])
    return found


def take(account: Account, number: int) -> ToDo:
    """The account has it from now on."""
    return _give(account, number, account, "")


def hand_over(account: Account, number: int, to: str, note: str = "") -> ToDo:
    """Gives it to a colleague it is meant for too, with a note. Raises NotAColleague, ToDoDone, TextRefused."""
    note = plain.note(note, Text("附言", "The note"), LONGEST_NOTE)
    todo = todo_of(account, number, "todo.hand_over")
    chosen = next((one for one in colleagues(todo, account) if one.username == to), None)
    if chosen is None:
        raise NotAColleague(who=to[:60] or "—")
    return _give(account, number, chosen, note)


def _give(account: Account, number: int, to: Account, note: str) -> ToDo:
    taking = to == account
    # Outside the transaction: a refusal has to stay on record.
    todo = todo_of(account, number, "todo.read" if taking else "todo.hand_over")
    with transaction.atomic():
        todo = ToDo.objects.select_for_update().get(pk=todo.pk)
        if todo.done:
            raise ToDoDone()
        if todo.holder != to.username:
            todo.holder, todo.taken = to.username, timezone.now()
            todo.save(update_fields=["holder", "taken"])
            what = Step.TAKEN if taking else Step.HANDED
            _step(todo, what, by=account.username, to=to.username, note=note)
            ledger.record(account, "todo.take" if taking else "todo.hand_over", todo.key)
    return todo


def colleagues(todo: ToDo, account: Account) -> list[Account]:
    """Who else it may be handed to: whoever it is meant for; of a person's own, those of the same organization."""
    found = Account.objects.filter(is_active=True).exclude(pk=account.pk).select_related("organization")
    organization = todo.organization
    if todo.account:
        owner = Account.objects.filter(username=todo.account).select_related("organization").first()
        organization = str(owner.organization or "") if owner else ""
    if organization:
        found = found.filter(organization__name_zh=organization)
    elif not todo.role:
        return []
    known = [one for one in found.order_by("name") if permissions.allowed(one, "todo.read")]
    return [one for one in known if not todo.role or todo.role in one.roles]


def _step(todo: ToDo, what: str, *, by: str = "", to: str = "", note: str = "") -> None:
    Step.objects.create(todo=todo, what=what, by=by[:60], to=to[:120], note=note)
