"""Choosing entries of the ledger: what an auditor asked for becomes a query, and back into an address.

    address ──read──▶ Wanted ──select──▶ entries, newest first ──▶ Line (in words)

The ledger is long: a list says how many fit up to `COUNTED`, and without a period it looks back `USUAL_DAYS`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone

from jingwei.audit.words import Vocabulary, action_title, outcome_title, when
from jingwei.kernel import ledger
from jingwei.kernel.models import Account, LedgerEntry
from jingwei.kernel.text import Text

USUAL_DAYS = 30
COUNTED = 10_000
LONGEST = 120
OF_THE_LEDGER = "ledger."
"""Reads of the ledger are in it too; a search leaves them out unless they are asked for."""


@dataclass(frozen=True)
class Wanted:
    """What was asked for, as texts of the address; dates that cannot be read are empty."""

    who: str = ""
    organization: str = ""
    action: str = ""
    outcome: str = ""
    object: str = ""
    since: date | None = None
    until: date | None = None
    subject: str = ""
    """`register/entity`: an opaque number, never a name."""
    why: str = ""
    reads: bool = False
    """Also reads of the ledger."""

    def query(self) -> dict[str, str | None]:
        """For the address; what is empty is left out."""
        return {
            "who": self.who or None,
            "organization": self.organization or None,
            "action": self.action or None,
            "outcome": self.outcome or None,
            "object": self.object or None,
            "since": self.since.isoformat() if self.since else None,
            "until": self.until.isoformat() if self.until else None,
            "subject": self.subject or None,
            "why": self.why or None,
            "reads": "1" if self.reads else None,
        }

    def spoken(self) -> str:
        """For the ledger: what was searched by, without the subject, who is recorded as such."""
        told = {
            name: value for name, value in self.query().items() if value and name not in ("why", "subject")
        }
        return " ".join(f"{name}={value}" for name, value in told.items()) or "all"

    @property
    def entity(self) -> str:
        return self.subject.partition("/")[2]


def wanted(asked: Mapping[str, Any]) -> Wanted:
    def text(name: str) -> str:
        return str(asked.get(name, "")).strip().replace("\x00", "")[:LONGEST]

    since, until = day_of(text("since")), day_of(text("until"))
    if since is None and until is None:
        since = timezone.localdate() - timedelta(days=USUAL_DAYS)
    return Wanted(
        who=text("who"),
        organization=text("organization"),
        action=text("action"),
        outcome=text("outcome"),
        object=text("object"),
        since=since,
        until=until,
        subject=text("subject"),
        why=text("why"),
        reads=text("reads") == "1",
    )


def day_of(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time()))


def select(asked: Wanted) -> QuerySet[LedgerEntry]:
    found = LedgerEntry.objects.all()
    if asked.who:
        named = Account.objects.filter(name__icontains=asked.who).values_list("username", flat=True)
        found = found.filter(Q(account__icontains=asked.who) | Q(account__in=list(named[:COUNTED])))
    if asked.organization:
        found = found.filter(organization__icontains=asked.organization)
    if asked.action:
        found = found.filter(action=asked.action)
    elif not asked.reads:
        found = found.exclude(action__startswith=OF_THE_LEDGER)
    if asked.outcome:
        found = found.filter(outcome=asked.outcome)
    if asked.object:
        found = found.filter(object__icontains=asked.object)
    if asked.since:
        found = found.filter(at__gte=midnight(asked.since))
    if asked.until:
        found = found.filter(at__lt=midnight(asked.until + timedelta(days=1)))
    if asked.subject:
        found = found.filter(pk__in=ledger.about(asked.entity).values("pk"))
    return found.order_by("-id")


def marks_of(entity_id: str) -> frozenset[str]:
    """The names under which the ledger knows an entity, under every key it had."""
    return frozenset(ledger.pseudonyms(entity_id))


def count(found: QuerySet[LedgerEntry]) -> int:
    """How many, up to one more than `COUNTED`."""
    return found.order_by()[: COUNTED + 1].count()


@dataclass(frozen=True)
class Line:
    """An entry as a list shows it."""

    entry: LedgerEntry
    when: Text
    who: str
    action: Text
    outcome: Text
    purpose: Text
    fields: list[Text]

    @property
    def refused(self) -> bool:
        return bool(self.entry.outcome == "refused")


def lines(entries: Sequence[LedgerEntry], known: Vocabulary) -> list[Line]:
    names = names_of({entry.account for entry in entries})
    return [
        Line(
            entry=entry,
            when=when(entry.at),
            who=names.get(entry.account, entry.account),
            action=action_title(entry.action),
            outcome=outcome_title(entry.outcome),
            purpose=known.purpose(entry.purpose),
            fields=known.fields(entry.action, entry.fields),
        )
        for entry in entries
    ]


def names_of(accounts: set[str]) -> dict[str, str]:
    """Usernames and the names people know; the node itself has a name too."""
    found = dict(Account.objects.filter(username__in=accounts).values_list("username", "name"))
    return {"(node)": str(Text("系统自己", "the node itself"))} | found
