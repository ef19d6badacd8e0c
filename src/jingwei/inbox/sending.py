"""Messages about what waits: only that something waits, how much, and where to look. Never what, or about whom.

    steps, notices newer than the last message ─▶ counted for the address ─▶ at once, or in the daily digest ─▶ carrier

Nothing is queued: what an address has not been told follows from where its last message stood. A message that is
not taken is tried again after DELAYS; then the address is left alone and its owner told in the page. A process that
dies while sending leaves its claim behind, which lapses: sent at least once.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import F, Max, Q, QuerySet
from django.urls import reverse
from django.utils import timezone

from jingwei.inbox import addresses, carrier, service, todos
from jingwei.inbox.models import Address, Notice, Step, ToDo
from jingwei.kernel.models import Account
from jingwei.kernel.text import Text

DELAYS = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60))
CLAIM = timedelta(minutes=5)
TITLE = Text("经纬：有事等您办", "Jingwei: something waits for you")
TRIAL = Text("经纬：这个地址收得到", "Jingwei: this address works")
TRIED = Text("这是一条试发的消息。", "This is a trial message.")
BROKEN = Text("通知发不到 {shown}，已停发", "Messages to {shown} fail; none is sent any more")

Send = Callable[[Address, Text, Text], bool]


@dataclass(frozen=True)
class News:
    """What an address has not been told (`new`), what waits in all, and how far that reaches."""

    new_todos: int
    new_notices: int
    open: int
    late: int
    unread: int
    step: int
    notice: int

    def body(self, digest: bool) -> Text:
        waiting, unread = (self.open, self.unread) if digest else (self.new_todos, self.new_notices)
        said = [Text("{n} 件待办", "to-dos: {n}").fill(n=waiting)] if waiting else []
        said += [Text("{n} 条通知", "notices: {n}").fill(n=unread)] if unread else []
        late = (
            Text("，其中逾期 {n} 件", ", of them late: {n}").fill(n=self.late)
            if digest and self.late
            else Text("", "")
        )
        words = Text("、".join(one.zh for one in said), ", ".join(one.en for one in said))
        pattern = Text("有{words}等您看{late}。{where}", "Waiting for you: {words}{late}. {where}")
        return pattern.fill(words=words, late=late, where=where())


def where() -> Text | str:
    """The page to look at; where the site's own address is not set, its name alone."""
    if settings.SITE:
        return f"{settings.SITE.rstrip('/')}{reverse('todos:start')}"
    return Text("请打开经纬查看。", "Open Jingwei to see.")


def send_due(now: datetime | None = None, send: Send = carrier.send) -> int:
    """Sends what is due now; says how many messages were taken."""
    now = now or timezone.now()
    waiting = Address.objects.filter(broken=None).exclude(digest=Address.NONE)
    # A clock that was put back must not leave an address waiting for the hours it was ahead.
    waiting = waiting.filter(Q(next_try=None) | Q(next_try__lte=now) | Q(next_try__gt=now + 2 * DELAYS[-1]))
    return sum(_tell(address, now, send) for address in waiting)


def _tell(address: Address, now: datetime, send: Send) -> bool:
    local = timezone.localtime(now)
    digest = address.digest == Address.DAILY
    if digest:
        # A day that lies ahead was noted while the clock was wrong.
        served = address.last_day is not None and address.last_day == local.date()
        if served or local.hour < address.hour:
            return False
    elif addresses.is_quiet(address.quiet_from, address.quiet_until, local.hour):
        return False
    found = news(address)
    fresh = found.open or found.unread if digest else found.new_todos or found.new_notices
    if not fresh:
        return False
    claimed = Address.objects.filter(pk=address.pk, next_try=address.next_try, broken=None)
    if not claimed.update(next_try=now + CLAIM):
        return False
    if not send(address, TITLE, found.body(digest)):
        _failed(address, now)
        return False
    Address.objects.filter(pk=address.pk).update(
        told_step=found.step,
        told_notice=found.notice,
        last_day=local.date(),
        last_sent=now,
        failures=0,
        next_try=None,
    )
    return True


def news(address: Address) -> News:
    owner = (
        Account.objects.filter(username=address.account, is_active=True).first() if address.account else None
    )
    if address.account and owner is None:
        # Whoever left is told nothing more.
        return News(0, 0, 0, 0, 0, address.told_step, address.told_notice)
    waiting = todos.open_for(owner) if owner else _of_organization(address.organization)
    # That an address fails is no news for that address.
    waiting = waiting.exclude(key=addresses.key_of(address))
    steps = Step.objects.filter(todo__in=waiting, id__gt=address.told_step).exclude(what=Step.TAKEN)
    if owner:
        steps = steps.exclude(by=owner.username).filter(~Q(what=Step.HANDED) | Q(to=owner.username))
    told = service.visible(owner) if owner else Notice.objects.filter(organization=address.organization)
    unread = told.filter(read_at=None)
    return News(
        new_todos=steps.values("todo").distinct().count(),
        new_notices=unread.filter(id__gt=address.told_notice).count(),
        open=waiting.count(),
        late=waiting.filter(due__lt=timezone.localdate()).count(),
        unread=unread.count(),
        step=Step.objects.aggregate(last=Max("id"))["last"] or 0,
        notice=Notice.objects.aggregate(last=Max("id"))["last"] or 0,
    )


def _of_organization(name: str) -> QuerySet[ToDo]:
    return ToDo.objects.filter(Q(organization=name) | Q(above_organization=name), done=None)


def _failed(address: Address, now: datetime) -> None:
    failures = address.failures + 1
    if failures <= len(DELAYS):
        Address.objects.filter(pk=address.pk).update(failures=failures, next_try=now + DELAYS[failures - 1])
        return
    Address.objects.filter(pk=address.pk).update(failures=F("failures") + 1, broken=now, next_try=None)
    todos.ask(
        kind=addresses.FAILED.name,
        key=addresses.key_of(address),
        title=BROKEN.fill(shown=address.shown),
        about=address.shown,
        link=reverse("inbox:settings"),
        account=address.account,
        organization=address.organization,
    )


def try_now(number: int, by: str = "") -> bool:
    """Sends a trial message; one that is taken mends an address that was given up. Called by the worker."""
    address = Address.objects.filter(pk=number).first()
    if address is None:
        return False
    if carrier.send(address, TRIAL, TRIED):
        Address.objects.filter(pk=number).update(
            failures=0, next_try=None, broken=None, last_sent=timezone.now()
        )
        todos.done(addresses.key_of(address), by)
        return True
    Address.objects.filter(pk=number).update(failures=F("failures") + 1)
    return False
