"""Late to-dos are told to whoever is above: the organization's parent, else the role its kind names. Once.

Asked of the clock every minute; two workers at it at once escalate one to-do once, for the mark is set by the
update that looks for it. A clock that is put back finds the mark and does nothing.
"""

from __future__ import annotations

from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from jingwei.inbox import kinds, service, todos
from jingwei.inbox.models import Step, ToDo
from jingwei.kernel import ledger
from jingwei.kernel.models import Account, Organization
from jingwei.kernel.text import Text

LATE = Text("逾期还没办：{title}（应在 {due} 前办完）", "Late: {title} (due {due})")


def escalate() -> int:
    """Escalates what is late and was not escalated before; says how many."""
    return sum(_escalate(todo) for todo in todos.late().filter(escalated=None))


def _escalate(todo: ToDo) -> bool:
    organization = _above(todo)
    role = "" if organization else kinds.kind_called(todo.kind).above
    with transaction.atomic():
        mine = ToDo.objects.filter(pk=todo.pk, escalated=None, done=None).update(
            escalated=timezone.now(), above_organization=organization, above_role=role
        )
        if not mine:
            return False
        Step.objects.create(todo=todo, what=Step.ESCALATED, to=organization or role)
        ledger.record(None, "todo.escalate", todo.key)
        service.tell(
            about=todo.about,
            kind="late",
            text=LATE.fill(title=todo.title, due=f"{todo.due}"),
            organization=organization,
            role=role,
            link=reverse("todos:one", args=[todo.pk]),
        )
    return True


def _above(todo: ToDo) -> str:
    """The name of the organization above; of a person's to-do, of the person's own organization."""
    if todo.account:
        owner = Account.objects.filter(username=todo.account).select_related("organization").first()
        return str(owner.organization or "") if owner else ""
    if not todo.organization:
        return ""
    found = Organization.objects.filter(name_zh=todo.organization).select_related("parent").first()
    return found.parent.name_zh if found and found.parent else ""
