"""What a detector is: it goes over the looks of some days and says which events somebody should explain.

    ledger ──gather──▶ Looks (the days asked about, and the counts of the days before) ──find──▶ events

A detector names its rule with its figures, so that whoever is asked to explain can check it by hand. It finds
events on a day; nothing here adds up to a mark on a person, and no order of persons can be made of it.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, ClassVar

from django.db.models import Sum
from django.db.models.functions import TruncDate
from django.utils import timezone

from jingwei.audit.entries import midnight
from jingwei.kernel.models import LedgerEntry
from jingwei.kernel.text import Text

HISTORY_DAYS = 90
MOST_ENTRIES = 200
"""So many numbers of entries a finding keeps; its figures count all."""
SEARCHES = (".search",)
NODE = "(node)"


@dataclass(frozen=True)
class Look:
    """An entry that shows somebody's data."""

    id: int
    at: datetime
    account: str
    organization: str
    action: str
    purpose: str
    case: str
    persons: int
    marks: frozenset[str]

    @property
    def day(self) -> date:
        return timezone.localtime(self.at).date()

    @property
    def opened(self) -> bool:
        """A record was opened, not only listed among candidates."""
        return not self.action.endswith(SEARCHES)


@dataclass(frozen=True)
class Looks:
    """The looks of the days from `since` to `until`, and persons seen by account and day back to `HISTORY_DAYS`
    before."""

    since: date
    until: date
    looks: tuple[Look, ...]
    counts: dict[str, dict[date, int]]

    def by_account_and_day(self) -> dict[tuple[str, date], list[Look]]:
        found: dict[tuple[str, date], list[Look]] = defaultdict(list)
        for look in self.looks:
            found[look.account, look.day].append(look)
        return found


@dataclass(frozen=True)
class Event:
    """What a detector came upon: one account, one day."""

    account: str
    organization: str
    day: date
    figures: dict[str, Any]
    entries: list[int] = field(default_factory=list)

    @classmethod
    def of(cls, looks: list[Look], **figures: Any) -> Event:
        first = looks[0]
        return cls(
            account=first.account,
            organization=first.organization,
            day=first.day,
            figures={"looks": len(looks), "persons": sum(one.persons for one in looks), **figures},
            entries=[one.id for one in looks[:MOST_ENTRIES]],
        )


class Detector(ABC):
    """`rule` says with its threshold what is found; `explain` says of one finding why."""

    name: ClassVar[str]
    title: ClassVar[Text]
    rule: ClassVar[Text]

    @abstractmethod
    def find(self, looks: Looks) -> Iterator[Event]: ...

    @abstractmethod
    def explain(self, figures: dict[str, Any]) -> Text: ...


def gather(since: date, until: date) -> Looks:
    """Everything about people that persons did; what the node does by itself is no look."""
    seen = LedgerEntry.objects.filter(subject_count__gt=0).exclude(account=NODE)
    seen = seen.exclude(action__startswith="trace.")
    of_days = seen.filter(at__gte=midnight(since), at__lt=midnight(until + timedelta(days=1)))
    looks = tuple(
        Look(
            id=entry.pk,
            at=entry.at,
            account=entry.account,
            organization=entry.organization,
            action=entry.action,
            purpose=entry.purpose,
            case=entry.case,
            persons=entry.subject_count,
            marks=frozenset(entry.subjects),
        )
        for entry in of_days.order_by("id").iterator()
    )
    counts: dict[str, dict[date, int]] = defaultdict(dict)
    history = seen.filter(
        at__gte=midnight(since - timedelta(days=HISTORY_DAYS)), at__lt=midnight(until + timedelta(days=1))
    )
    per_day = (
        history.order_by()
        .annotate(of=TruncDate("at"))
        .values("account", "of")
        .annotate(n=Sum("subject_count"))
    )
    for one in per_day.values_list("account", "of", "n"):
        counts[one[0]][one[1]] = one[2]
    return Looks(since, until, looks, dict(counts))
