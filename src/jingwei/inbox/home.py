"""What stands on the home page, put there by the rooms themselves when the apps are ready.

    room ──register(Part)──────────▶ shown to whoever may do the part's action, in the order of `order`
    room ──register_changes(told)──▶ what happened since somebody was last there, one line each
    room ──register_figures(all)───▶ the few figures a leader reads, each with the page that explains it

The page itself (portal) knows no room by name; a new room adds its part and nothing else has to change.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from jingwei.inbox.models import Visit
from jingwei.kernel import permissions
from jingwei.kernel.models import Account
from jingwei.kernel.text import Text

log = logging.getLogger(__name__)
AWAY = timedelta(minutes=30)
"""Who was away so long comes anew: what has changed is counted from when they left."""
MOST_CHANGES = 8


@dataclass(frozen=True)
class Part:
    """`build` gives what the template `inner` draws, None where there is nothing to show to this account."""

    name: str
    title: Text
    action: str
    template: str
    build: Callable[[Account], Mapping[str, Any] | None]
    order: int = 50
    side: bool = False
    scripts: tuple[str, ...] = ()
    modules: tuple[str, ...] = ()
    styles: tuple[str, ...] = ()


@dataclass(frozen=True)
class Shown:
    """A part as it is shown; `given` is None where it could not be made."""

    part: Part
    given: Mapping[str, Any] | None


@dataclass(frozen=True)
class Change:
    at: datetime
    text: Text
    link: str
    icon: str = "info"
    colour: str = ""


@dataclass(frozen=True)
class Row:
    """One line of what a figure is made of."""

    name: Text | str
    value: str
    note: Text | str = ""
    link: str = ""


@dataclass(frozen=True)
class Figure:
    """A number with everything that explains it: definition, when it was true, what it is made of."""

    name: str
    title: Text
    value: str
    unit: Text
    definition: Text
    as_of: datetime | None
    sources: Text
    rows: Sequence[Row] = field(default_factory=tuple)
    columns: tuple[Text, Text, Text] = (
        Text("哪里", "Which"),
        Text("多少", "How much"),
        Text("说明", "Remark"),
    )


Told = Callable[[Account, datetime], Iterable[Change]]
Figures = Callable[[], Iterable[Figure]]
_parts: dict[str, Part] = {}
_changes: dict[str, tuple[str, Told]] = {}
_figures: dict[str, Figures] = {}


def register(part: Part) -> None:
    """Raises ValueError for a name that another part has."""
    if _parts.setdefault(part.name, part) != part:
        raise ValueError(f"a part of the home page called {part.name} is registered already")


def register_changes(name: str, action: str, told: Told) -> None:
    _changes[name] = action, told


def register_figures(name: str, figures: Figures) -> None:
    _figures[name] = figures


def parts(account: Account) -> list[Shown]:
    """What this account is shown. A part that fails says so in its place and takes no other with it."""
    shown = []
    for part in sorted(_parts.values(), key=lambda one: (one.order, one.name)):
        if not permissions.allowed(account, part.action):
            continue
        try:
            given = part.build(account)
        except Exception:
            log.exception("part %s of the home page failed", part.name)
            shown.append(Shown(part, None))
        else:
            shown += [Shown(part, given)] if given is not None else []
    return shown


def changes(account: Account, since: datetime) -> list[Change]:
    """What changed since, newest first."""
    found: list[Change] = []
    for name, (action, told) in _changes.items():
        if permissions.allowed(account, action):
            try:
                found += told(account, since)
            except Exception:
                log.exception("changes of %s could not be told", name)
    return sorted(found, key=lambda one: one.at, reverse=True)[:MOST_CHANGES]


def figures() -> list[Figure]:
    return [one for provider in _figures.values() for one in provider()]


def visit(account: Account, now: datetime | None = None) -> datetime | None:
    """Notes that the account is here; returns when it was last here before this stay, None on the first."""
    now = now or timezone.now()
    known = Visit.objects.filter(account=account.username).first()
    if known is None:
        Visit.objects.get_or_create(account=account.username, defaults={"seen": now})
        return None
    # A clock that was put back must not hide what happened meanwhile.
    before = known.seen if now - known.seen > AWAY else known.before
    if abs(now - known.seen) > timedelta(minutes=1) or before != known.before:
        Visit.objects.filter(account=account.username).update(seen=now, before=before)
    return before
