"""What the ledger's pages ask people to do: explain a finding, close it, answer a resident, decide on a suppression."""

from __future__ import annotations

from datetime import date

from django.urls import reverse
from django.utils import timezone

from jingwei.audit.models import Finding, Suppression
from jingwei.inbox import kinds, working_days
from jingwei.inbox import service as inbox
from jingwei.kernel.models import Account
from jingwei.kernel.text import Text

AUDITOR = "auditor"
EXPLAIN_WITHIN, CLOSE_WITHIN, DECIDE_WITHIN = 5, 5, 3
"""Working days."""
EXPLAIN = kinds.Kind("explain-use", Text("请您说明", "please explain"), "question", above=AUDITOR)
CLOSE = kinds.Kind("close-use", Text("异常使用", "unusual use"), "shield", above=AUDITOR)
DECIDE = kinds.Kind("decide-later", Text("暂不告知", "told later"), "scale", above=AUDITOR)

TO_EXPLAIN = Text("请说明 {day} 的一次使用：{title}", "Explain a use of {day}: {title}")
TO_CLOSE = Text("{day}“{title}”已有说明，请了结", "“{title}” of {day} is explained; close it")
TO_ANSWER = Text("居民问起 {day} 的一次查看，请答复", "A resident asks about a look of {day}; answer")
TO_DECIDE = Text("第 {number} 号暂不告知等另一人批准", "Suppression {number} waits for a second person")


def register() -> None:
    for kind in (EXPLAIN, CLOSE, DECIDE):
        kinds.register(kind)


def due(working: int, since: date | None = None) -> date:
    return working_days.after(since or timezone.localdate(), working)


def found(finding: Finding, title: Text) -> None:
    """Asks the person concerned, where that person can still sign in; else the auditors alone."""
    there = Account.objects.filter(username=finding.account, is_active=True).exists()
    if not there:
        explained(finding, title)
        return
    inbox.ask(
        kind=EXPLAIN.name,
        key=_explain(finding),
        title=TO_EXPLAIN.fill(day=f"{finding.day:%m-%d}", title=title),
        about=f"finding {finding.pk}",
        link=reverse("audit:asked-of-me", args=[finding.pk]),
        account=finding.account,
        due=due(EXPLAIN_WITHIN),
    )


def explained(finding: Finding, title: Text) -> None:
    inbox.done(_explain(finding), finding.account)
    _to_auditors(finding, TO_CLOSE.fill(day=f"{finding.day:%m-%d}", title=title), due(CLOSE_WITHIN))


def asked(finding: Finding, until: date) -> None:
    """A resident asked: the auditors answer until the day that the resident was told."""
    _to_auditors(finding, TO_ANSWER.fill(day=f"{finding.day:%m-%d}"), until)


def closed(finding: Finding) -> None:
    inbox.done(_explain(finding), finding.closed_by)
    inbox.done(_close(finding), finding.closed_by)


def proposed(one: Suppression) -> None:
    inbox.ask(
        kind=DECIDE.name,
        key=f"suppression {one.pk}",
        title=TO_DECIDE.fill(number=one.pk),
        about=f"suppression {one.pk}",
        link=reverse("audit:suppressions"),
        role=AUDITOR,
        due=due(DECIDE_WITHIN),
    )


def decided(one: Suppression, by: str) -> None:
    inbox.done(f"suppression {one.pk}", by)


def _to_auditors(finding: Finding, title: Text, until: date) -> None:
    inbox.ask(
        kind=CLOSE.name,
        key=_close(finding),
        title=title,
        about=f"finding {finding.pk}",
        link=reverse("audit:finding", args=[finding.pk]),
        role=AUDITOR,
        due=until,
    )


def _explain(finding: Finding) -> str:
    return f"explain {finding.pk}"


def _close(finding: Finding) -> str:
    return f"close {finding.pk}"
