"""Who provides, who manages, who uses: one line for each resource, as contracts say it and as the ledger counts it.

Providing is in the contract; managing belongs to the stewards of today; using is what contracts name as
consumers, and beside it what was really read, counted from the ledger by organization. A read of a register
counts for every resource that feeds it, because that is what a golden record is made of.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Count
from django.utils import timezone

from jingwei.audit.entries import midnight
from jingwei.kernel.models import Account, LedgerEntry
from jingwei.kernel.text import Text
from jingwei.packs.service import installed

DAYS = 90


@dataclass(frozen=True)
class Line:
    resource: str
    title: Text
    provides: str
    manages: tuple[str, ...]
    registers: tuple[Text, ...]
    consumers: tuple[str, ...]
    reads: tuple[tuple[str, int], ...]
    """Organization and reads of the last `DAYS`, most first."""

    @property
    def unnamed(self) -> tuple[str, ...]:
        """Who reads without being named in the contract."""
        named = {self.provides, *self.manages, *self.consumers}
        return tuple(organization for organization, _ in self.reads if organization not in named)


def lines() -> list[Line]:
    contracts = installed().section("contracts")
    feeds: dict[str, list[str]] = defaultdict(list)
    titles = {}
    for name, register in installed().section("registers").items():
        titles[name] = register.title.text()
        for source in register.sources:
            feeds[source.resource].append(name)
    reads = reads_by_object(set(titles), set(contracts))
    stewards = managers()
    out = []
    for resource, contract in sorted(contracts.items()):
        total: Counter[str] = Counter(reads.get(resource, {}))
        for name in feeds[resource]:
            total.update(reads.get(name, {}))
        out.append(
            Line(
                resource=resource,
                title=contract.title,
                provides=contract.organization,
                manages=stewards,
                registers=tuple(titles[name] for name in feeds[resource]),
                consumers=tuple(contract.consumers),
                reads=tuple(total.most_common()),
            )
        )
    return out


def managers() -> tuple[str, ...]:
    """Organizations of the stewards who are active."""
    active = Account.objects.filter(is_active=True).select_related("organization")
    found = {str(one.organization) for one in active if "steward" in one.roles and one.organization}
    return tuple(sorted(found))


def reads_by_object(registers: set[str], resources: set[str]) -> dict[str, Counter[str]]:
    """Register or resource → organization → entries about somebody, refused ones left out."""
    since = midnight(timezone.localdate() - timedelta(days=DAYS))
    seen = LedgerEntry.objects.filter(at__gte=since, subject_count__gt=0).exclude(outcome="refused")
    seen = seen.exclude(organization="").order_by()
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for name in sorted(registers | resources):
        named = seen.filter(object__startswith=name).values_list("organization")
        for organization, number in named.annotate(n=Count("id")):
            found[name][organization] += number
    # At the window the object is a case or a candidate, and the purpose the item: it says which registers.
    starts = {item.title.zh: item.starts for item in installed().section("items").values()}
    served = seen.filter(action__startswith="case.", purpose__in=starts)
    for purpose, organization, number in served.values_list("purpose", "organization").annotate(
        n=Count("id")
    ):
        for register in starts[purpose]:
            found[register][organization] += number
    return found
