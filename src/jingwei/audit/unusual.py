"""Unusual use: finding it, explaining it, closing it.

    ledger ──detectors──▶ findings (open) ──the person concerned explains──▶ answered ──an auditor closes──▶ closed

A finding is an event on a day. Looking again over the same days renews the figures of what is open and leaves
what was closed alone. Nobody closes what is about themselves.
"""

from __future__ import annotations

from datetime import date

from django.db import transaction
from django.utils import timezone

from jingwei.audit import todos
from jingwei.audit.detectors import DETECTORS
from jingwei.audit.detectors.base import Detector, Event, gather
from jingwei.audit.errors import FindingClosed, NoSuchFinding, NotYourFinding, OwnFinding, SayWhy, UnknownWord
from jingwei.audit.models import Finding
from jingwei.kernel import ledger, permissions
from jingwei.kernel.models import Account
from jingwei.kernel.text import Text

DAYS = 7
MOST_DAYS = 92
LEAST_WORDS = 4
LONGEST = 1_000
RESIDENT_ASKS = "resident-asks"
ASKED = Text("居民询问", "A resident asks")
STATES: dict[str, tuple[Text, str]] = {
    Finding.OPEN: (Text("待说明", "to be explained"), "warn"),
    Finding.ANSWERED: (Text("已说明，待了结", "explained, to be closed"), "primary"),
    Finding.CLOSED: (Text("已了结", "closed"), "ok"),
}
REASONS: dict[str, Text] = {
    "explained": Text("说得清，属正常工作", "explained: regular work"),
    "arranged": Text("事先安排的加班或专项", "arranged beforehand"),
    "mistaken": Text("误看，已提醒", "by mistake, and pointed out"),
    "handed-on": Text("不当，已转有权处理的单位", "improper, handed on to who decides"),
}


def look(account: Account | None, since: date, until: date) -> int:
    """Goes over the days again with every detector; says how many findings are new."""
    if account is not None:
        permissions.require(account, "ledger.read", "unusual")
    looks = gather(since, until)
    found = [(detector, event) for detector in DETECTORS.values() for event in detector.find(looks)]
    ledger.record(account, "ledger.read", f"unusual {since} {until}", purpose="audit")
    known = {
        (one.kind, one.account, one.day): one
        for one in Finding.objects.filter(day__range=(since, until), about="")
    }
    # One by one: whoever records a look meanwhile does not wait for thousands of findings.
    return sum(_keep(detector, event) for detector, event in found if _tells_more(known, detector, event))


def _tells_more(known: dict[tuple[str, str, date], Finding], detector: Detector, event: Event) -> bool:
    one = known.get((detector.name, event.account, event.day))
    return one is None or (one.state == Finding.OPEN and one.figures != event.figures)


@transaction.atomic
def _keep(detector: Detector, event: Event) -> bool:
    """Whether the finding is new; an open one is brought up to date."""
    facts = {"figures": event.figures, "entries": event.entries, "organization": event.organization}
    found, made = Finding.objects.get_or_create(
        kind=detector.name, account=event.account, day=event.day, about="", defaults=facts
    )
    if made:
        todos.found(found, detector.title)
    elif found.state == Finding.OPEN and found.figures != event.figures:
        for name, value in facts.items():
            setattr(found, name, value)
        found.save(update_fields=list(facts))
    return made


def finding_numbered(number: int) -> Finding:
    found = Finding.objects.filter(pk=number).first()
    if found is None:
        raise NoSuchFinding(number=number)
    return found


def title(finding: Finding) -> Text:
    detector = DETECTORS.get(finding.kind)
    return detector.title if detector else ASKED


def explanation(finding: Finding) -> Text:
    detector = DETECTORS.get(finding.kind)
    if detector is not None:
        return detector.explain(finding.figures)
    return Text(
        "有居民问起这次查看：没办过这件事，或不知道为什么看。",
        "A resident asks about this look: it was for nothing they know of.",
    )


def concerns(account: Account, finding: Finding) -> bool:
    return finding.account == account.username


def answer(account: Account, number: int, text: str) -> Finding:
    """The person concerned says what it was. May be said again until it is closed."""
    permissions.require(account, "todo.read", f"finding {number}")
    if not concerns(account, finding_numbered(number)):
        ledger.record(account, "ledger.answer", f"finding {number}", outcome="refused")
        raise NotYourFinding
    with transaction.atomic():
        found = still_open(number)
        found.answer, found.answered, found.state = said(text), timezone.now(), Finding.ANSWERED
        found.save(update_fields=["answer", "answered", "state"])
        todos.explained(found, title(found))
        ledger.record(account, "ledger.answer", f"finding {number}")
    return found


def close(account: Account, number: int, reason: str, note: str) -> Finding:
    permissions.require(account, "ledger.read", f"finding {number}")
    if concerns(account, finding_numbered(number)):
        ledger.record(account, "ledger.close", f"finding {number}", outcome="refused")
        raise OwnFinding
    with transaction.atomic():
        found = still_open(number)
        if reason not in REASONS:
            raise UnknownWord(value=reason, field=Text("结论", "outcomes"))
        found.reason, found.note, found.state = reason, said(note), Finding.CLOSED
        found.closed_by, found.closed = account.username, timezone.now()
        found.save(update_fields=["reason", "note", "state", "closed_by", "closed"])
        todos.closed(found)
        ledger.record(account, "ledger.close", f"finding {number}", purpose=reason)
    return found


def still_open(number: int) -> Finding:
    """The finding, held for the transaction that changes it."""
    finding = Finding.objects.select_for_update().get(pk=number)
    if finding.state == Finding.CLOSED:
        raise FindingClosed(by=finding.closed_by)
    return finding


def said(text: str) -> str:
    text = text.replace("\x00", "").strip()
    if len(text) < LEAST_WORDS:
        raise SayWhy(least=LEAST_WORDS)
    return text[:LONGEST]
