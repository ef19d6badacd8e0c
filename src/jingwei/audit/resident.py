"""What a resident may know: who looked at their data, when, for what, which fields.

    ledger.about(own record, and what joined it) ─ minus own looks and what the law holds back ─▶ looks, newest first

What is held back leaves no trace in counts, pages or numbers: every resident reads the same sentence, that the
law lets some looks be told later, and until which day everything is told by now.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta

from django.db import transaction
from django.utils import timezone

from jingwei.audit import suppression, todos, unusual
from jingwei.audit.entries import names_of
from jingwei.audit.errors import NotBound
from jingwei.audit.models import Finding, Holder, Suppression
from jingwei.audit.words import KINDS, Vocabulary, action_title, day, kind_of, when
from jingwei.kernel import ledger, permissions
from jingwei.kernel.ledger.errors import NoSuchEntry
from jingwei.kernel.models import Account, LedgerEntry
from jingwei.kernel.text import Text
from jingwei.registers import service as registers
from jingwei.registers.models import Forwarding

ACTION = "trace.own"
DAYS = 90
ANSWER_WITHIN = 5
"""Working days."""
NO_LOOKS = ("trace.", "account.")


@dataclass(frozen=True)
class Look:
    """One look as the resident reads it."""

    entry: LedgerEntry
    when: Text
    kind: str
    who: str
    purpose: Text
    action: Text
    fields: list[Text]
    together: int
    """How many people the look was about at once."""
    later: Suppression | None
    question: Finding | None

    @property
    def refused(self) -> bool:
        return bool(self.entry.outcome == "refused")

    @property
    def answer_by(self) -> Text | None:
        """Until when an auditor answers the resident's question."""
        return day(answer_by(self.question)) if self.question else None


@dataclass(frozen=True)
class Trace:
    looks: list[Look]
    organizations: int
    kinds: list[tuple[str, Text, int]]
    complete_until: date
    """Looks before this day are all told."""


def answer_by(question: Finding) -> date:
    return todos.due(ANSWER_WITHIN, timezone.localtime(question.found).date())


@transaction.atomic
def bind(by: str, account: Account, register: str, entity_id: str) -> Holder:
    """Ties an account to a resident's record, once somebody has checked that they are the same person."""
    golden = registers.golden(register, entity_id)
    facts = {"register": register, "entity_id": golden.entity_id, "by": by, "at": timezone.now()}
    holder, _ = Holder.objects.update_or_create(account=account, defaults=facts)
    ledger.record(None, "account.bind", account.username, subjects=[golden.entity_id], purpose=by)
    return holder


def holder_of(account: Account) -> Holder:
    found = Holder.objects.filter(account=account).first()
    if found is None:
        raise NotBound
    return found


def entities_of(holder: Holder) -> list[str]:
    """The record's number today and those that joined it, under which older looks stand."""
    now = registers.golden(holder.register, holder.entity_id).entity_id
    joined = Forwarding.objects.filter(register=holder.register, to=now).values_list("entity_id", flat=True)
    return list(dict.fromkeys([now, holder.entity_id, *joined]))


def visible(holder: Holder, since: date | None = None) -> list[tuple[LedgerEntry, Suppression | None]]:
    """Entries the resident sees today, newest first, with what had held one back."""
    entities = entities_of(holder)
    those = [one for entity in entities for one in suppression.of(entity)]
    found: dict[int, LedgerEntry] = {}
    for entity in entities:
        seen = ledger.about(entity).exclude(account=holder.account.username)
        found |= {entry.pk: entry for entry in seen}
    out = []
    for entry in sorted(found.values(), key=lambda one: one.pk, reverse=True):
        if entry.action.startswith(NO_LOOKS):
            continue
        if since and timezone.localtime(entry.at).date() < since:
            continue
        told = suppression.told(entry, those)
        if told.now:
            out.append((entry, told.later))
    return out


def trace(account: Account, known: Vocabulary, *, whole: bool = False, kind: str = "") -> Trace:
    """The looks of the last `DAYS`, or all; `kind` narrows the list, not the counts."""
    holder = holder_of(account)
    since = None if whole else timezone.localdate() - timedelta(days=DAYS)
    found = visible(holder, since)
    questions = {
        number: one
        for one in Finding.objects.filter(kind=unusual.RESIDENT_ASKS, asked_by=account)
        for number in one.entries
    }
    names = names_of({entry.account for entry, _ in found})
    looks = [
        Look(
            entry=entry,
            when=when(entry.at),
            kind=kind_of(entry.action),
            who=who(entry, names),
            purpose=known.purpose(entry.purpose),
            action=action_title(entry.action),
            fields=known.fields(entry.action, entry.fields),
            together=entry.subject_count,
            later=later,
            question=questions.get(entry.pk),
        )
        for entry, later in found
    ]
    sums = Counter(look.kind for look in looks)
    return Trace(
        looks=[look for look in looks if kind in ("", look.kind)],
        organizations=len({look.entry.organization or look.entry.account for look in looks}),
        kinds=[(name, title, sums[name]) for name, title in KINDS.items() if sums[name]],
        complete_until=timezone.localdate() - timedelta(days=suppression.MOST_DAYS),
    )


def who(entry: LedgerEntry, names: dict[str, str]) -> str:
    """Office, post and person, as far as the entry has them."""
    person = " ".join(part for part in (entry.post, names.get(entry.account, entry.account)) if part)
    return " · ".join(part for part in (entry.organization, person) if part)


def entry_of(account: Account, number: int) -> LedgerEntry:
    """One of the looks the resident sees; any other number is as if it were none."""
    for entry, _ in visible(holder_of(account)):
        if entry.pk == number:
            return entry
    raise NoSuchEntry(entry=number)


def ask(account: Account, number: int) -> Finding:
    """The resident knows of no such matter: an auditor explains within `ANSWER_WITHIN` working days."""
    permissions.require(account, ACTION, "ask")
    entry = entry_of(account, number)
    with transaction.atomic():
        found, made = Finding.objects.get_or_create(
            kind=unusual.RESIDENT_ASKS,
            account=entry.account,
            day=timezone.localtime(entry.at).date(),
            about=f"{entry.pk} {account.pk}",
            defaults={"organization": entry.organization, "entries": [entry.pk], "asked_by": account},
        )
        if made:
            ledger.record(account, "trace.ask", f"entry {entry.pk}", subjects=[holder_of(account).entity_id])
            todos.asked(found, answer_by(found))
    return found
