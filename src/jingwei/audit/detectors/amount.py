"""Far more than usual: a day that stands out both from the account's own days and from those of its role.

The usual is the median of working days, and how far a day may lie from it the median absolute deviation (MAD),
scaled by 1.4826 so that it means a standard deviation where days vary normally (Rousseeuw and Croux, 1993).
Both shrug off single odd days, which a mean would not. A quiet account that varies by nothing is not found for
one look more: the deviation counts at least `LEAST_SPREAD`, and a day of fewer than `LEAST` persons never.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from statistics import median
from typing import Any

from jingwei.audit.detectors.base import HISTORY_DAYS, Detector, Event, Looks
from jingwei.audit.detectors.hours import pick
from jingwei.inbox.working_days import is_working_day
from jingwei.kernel.models import Account
from jingwei.kernel.text import Text

TIMES = 5
LEAST, LEAST_SPREAD = 50, 3.0
DAYS_NEEDED = 10
NORMAL = 1.4826


@dataclass(frozen=True)
class Usual:
    """What is usual on a working day, and above which figure a day stands out."""

    days: int
    middle: float
    spread: float

    @property
    def limit(self) -> float:
        return max(float(LEAST), self.middle + TIMES * max(self.spread, LEAST_SPREAD))


def usual(values: Sequence[int]) -> Usual | None:
    """None where too few days are known to say."""
    if len(values) < DAYS_NEEDED:
        return None
    middle = median(values)
    return Usual(len(values), middle, NORMAL * median(abs(value - middle) for value in values))


class FarMore(Detector):
    name = "far-more"
    title = Text("比平常多得多", "Far more than usual")
    rule = Text(
        f"一天看的人次超过本人和同岗位平常的“中位数 + {TIMES} 倍离差”（前 {HISTORY_DAYS} 天的工作日，绝对中位差），且不少于 {LEAST}。",
        f"Records seen in a day exceed both the account's and its role's median plus {TIMES} deviations (median absolute"
        f" deviation over the working days of {HISTORY_DAYS} days), and number at least {LEAST}.",
    )

    def find(self, looks: Looks) -> Iterator[Event]:
        roles = dict(Account.objects.values_list("username", "roles"))
        usual_of_role: dict[tuple[str, date], Usual | None] = {}
        for (account, day), of_day in looks.by_account_and_day().items():
            seen = looks.counts.get(account, {}).get(day, 0)
            own = usual(before(looks.counts.get(account, {}), day))
            role = ",".join(sorted(roles.get(account) or []))
            if (role, day) not in usual_of_role:
                usual_of_role[role, day] = usual(of_role(looks, roles, role, day))
            others = usual_of_role[role, day]
            known = [one for one in (own, others) if one is not None]
            if known and all(seen > one.limit for one in known):
                facts = {"seen": seen, **told("own", own), **told("role", others)}
                yield Event.of(of_day, **facts)

    def explain(self, figures: dict[str, Any]) -> Text:
        said = Text("这一天看了 {seen} 人次。", "{seen} records were seen that day.")
        for key, who in (("own", Text("本人", "The account's own")), ("role", Text("同岗位", "The role's"))):
            if f"{key}_days" in figures:
                more = Text(
                    "{who}平常 {middle} 人次，离差 {spread}，超过 {limit} 才列出（{days} 个工作日）。",
                    " {who} usual is {middle}, deviation {spread}; listed above {limit} ({days} working days).",
                ).fill(
                    who=who,
                    **{
                        name: f"{figures[f'{key}_{name}']:,}"
                        for name in ("middle", "spread", "limit", "days")
                    },
                )
                said = Text(said.zh + more.zh, said.en + more.en)
        return said.fill(**pick(figures))


def told(key: str, one: Usual | None) -> dict[str, float]:
    if one is None:
        return {}
    facts = {"days": one.days, "middle": one.middle, "spread": one.spread, "limit": one.limit}
    return {f"{key}_{name}": round(value, 1) for name, value in facts.items()}


def before(counts: dict[date, int], day: date) -> list[int]:
    """What was seen on the working days before that somebody worked; a day without a look is a day away."""
    first = day - timedelta(days=HISTORY_DAYS)
    return [n for at, n in counts.items() if first <= at < day and working(at)]


def of_role(looks: Looks, roles: dict[str, list[str]], role: str, day: date) -> list[int]:
    """The days of all accounts of the same roles; one person alone is no role."""
    found: dict[str, list[int]] = defaultdict(list)
    for account, counts in looks.counts.items():
        if ",".join(sorted(roles.get(account) or [])) == role:
            found[account] = before(counts, day)
    return [n for days in found.values() for n in days] if len(found) > 1 else []


@lru_cache(maxsize=4 * HISTORY_DAYS)
def working(day: date) -> bool:
    """The calendar is asked of the same few days for every account."""
    return is_working_day(day)
