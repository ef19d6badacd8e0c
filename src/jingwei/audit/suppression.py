"""Looks that a resident is told of later, because the law says so: who may, for how long, and how it ends.

    one auditor proposes ──▶ another approves ──▶ looks from `starts` on stay unsaid ──`until`──▶ they appear, with a note

Nothing is removed: the ledger and the auditors' pages hold every look. It ends by itself, because an end is
required, and no look stays unsaid longer than `MOST_DAYS` after it happened, whatever was approved meanwhile.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from django.db import transaction
from django.utils import timezone

from jingwei.audit import todos
from jingwei.audit.errors import (
    AlreadyDecided,
    BadPeriod,
    NoSuchSuppression,
    SayWhy,
    SecondPerson,
    UnknownWord,
)
from jingwei.audit.models import Suppression
from jingwei.kernel import ledger, permissions
from jingwei.kernel.models import Account, LedgerEntry
from jingwei.kernel.text import Text
from jingwei.registers import service as registers

ACTION = "ledger.suppress"
MOST_DAYS = 180
AUDITORS = "ledger."
"""Actions of auditors' own looks."""
LEAST_WORDS = 4
LAWS: dict[str, Text] = {
    "pipl-18": Text(
        "《个人信息保护法》第十八条：法律、行政法规规定应当保密或者不需要告知",
        "Personal Information Protection Law, article 18: a law or regulation demands secrecy or needs no notice",
    ),
    "pipl-35": Text(
        "《个人信息保护法》第三十五条：告知将妨碍国家机关履行法定职责",
        "Personal Information Protection Law, article 35: notice would impede a state organ's statutory duty",
    ),
    "supervision-18": Text(
        "《监察法》第十八条：监督、调查过程中应当保密",
        "Supervision Law, article 18: secrecy in supervision and investigation",
    ),
}


@dataclass(frozen=True)
class Told:
    """When a resident is told of a look: `later` is the suppression that held it back, once it is over."""

    now: bool
    later: Suppression | None = None


def propose(
    account: Account,
    *,
    law: str,
    register: str,
    entity_id: str,
    reason: str,
    starts: date | None,
    until: date | None,
    case: str = "",
    organization: str = "",
) -> Suppression:
    permissions.require(account, ACTION, "propose")
    if law not in LAWS:
        raise UnknownWord(value=law, field=Text("法律依据", "laws"))
    reason = reason.replace("\x00", "").strip()
    if len(reason) < LEAST_WORDS:
        raise SayWhy(least=LEAST_WORDS)
    fits = starts and until and starts < until <= starts + timedelta(days=MOST_DAYS)
    if not starts or not until or not fits or until <= timezone.localdate():
        raise BadPeriod(starts=starts or "?", until=until or "?", most=MOST_DAYS)
    golden = registers.golden(register, entity_id)
    with transaction.atomic():
        made = Suppression.objects.create(
            law=law,
            register=register,
            entity_id=golden.entity_id,
            case=case.replace("\x00", "").strip()[:64],
            organization=organization.replace("\x00", "").strip()[:120],
            reason=reason[:200],
            starts=starts,
            until=until,
            proposed_by=account.username,
        )
        todos.proposed(made)
        note(account, made, "propose")
    return made


def decide(account: Account, number: int, approve: bool) -> Suppression:
    """Another than who proposed approves or refuses."""
    permissions.require(account, ACTION, f"suppression {number}")
    if numbered(number).proposed_by == account.username:
        ledger.record(account, ACTION, f"suppression {number} approve", outcome="refused")
        raise SecondPerson
    with transaction.atomic():
        found = numbered(number, hold=True)
        if found.state != Suppression.PROPOSED:
            raise AlreadyDecided(number=number)
        found.state = Suppression.APPROVED if approve else Suppression.REFUSED
        found.decided_by, found.decided = account.username, timezone.now()
        found.save(update_fields=["state", "decided_by", "decided"])
        todos.decided(found, account.username)
        note(account, found, "approve" if approve else "refuse")
    return found


def lift(account: Account, number: int) -> Suppression:
    """Ends it before its day; one person may, because it tells more, not less."""
    permissions.require(account, ACTION, f"suppression {number}")
    with transaction.atomic():
        found = numbered(number, hold=True)
        if found.state not in (Suppression.PROPOSED, Suppression.APPROVED) or over(found):
            raise AlreadyDecided(number=number)
        found.state, found.lifted = Suppression.LIFTED, timezone.now()
        found.save(update_fields=["state", "lifted"])
        todos.decided(found, account.username)
        note(account, found, "lift")
    return found


def note(account: Account, one: Suppression, what: str) -> None:
    """On the ledger without the subject: an entry about the resident would tell what is to be told later."""
    ledger.record(account, ACTION, f"suppression {one.pk} {what}", purpose=one.law, case=one.case)


def numbered(number: int, hold: bool = False) -> Suppression:
    """By its number; `hold` keeps others from it until the transaction ends."""
    all_of_them = Suppression.objects.select_for_update() if hold else Suppression.objects.all()
    found = all_of_them.filter(pk=number).first()
    if found is None:
        raise NoSuchSuppression(number=number)
    return found


def over(one: Suppression) -> bool:
    return one.state == Suppression.LIFTED or timezone.localdate() >= one.until


def of(entity_id: str) -> list[Suppression]:
    """Those that are or were in force for an entity, and those that wait for the second person."""
    found = Suppression.objects.filter(entity_id=entity_id).exclude(state=Suppression.REFUSED)
    return [one for one in found if one.decided or one.state == Suppression.PROPOSED]


def told(entry: LedgerEntry, those: list[Suppression]) -> Told:
    """Whether the resident sees an entry today, and which suppression held it back until then."""
    covering = [one for one in those if covers(one, entry)]
    held = [one for one in covering if not over(one)]
    day = timezone.localtime(entry.at).date()
    if held and timezone.localdate() < day + timedelta(days=MOST_DAYS):
        return Told(now=False)
    return Told(now=True, later=covering[0] if covering else None)


def covers(one: Suppression, entry: LedgerEntry) -> bool:
    """Auditors' own looks are covered from the proposal on and whatever it is limited to: they would give away
    what is to be told later."""
    if not one.starts <= timezone.localtime(entry.at).date() < one.until:
        return False
    if entry.action.startswith(AUDITORS):
        return True
    if one.state == Suppression.PROPOSED or (one.case and one.case not in (entry.case, entry.object)):
        return False
    return not one.organization or one.organization == entry.organization
