"""Looks at one's own record, at namesakes, and at those who live at one's own address.

Whose record is an account's own is known where it was tied to a resident (`Holder`). Where it was not, only the
name tells, and a finding says so: it may be the own record or a namesake's, and how many bear the name.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from jingwei.audit.detectors.base import Detector, Event, Look, Looks
from jingwei.audit.detectors.cases import served
from jingwei.audit.detectors.hours import pick
from jingwei.audit.entries import marks_of
from jingwei.audit.models import Holder
from jingwei.kernel.models import Account
from jingwei.kernel.text import Text
from jingwei.packs.service import installed
from jingwei.registers import service as registers
from jingwei.registers.errors import NoSuchEntity
from jingwei.registers.models import ServingState
from jingwei.registers.presenting import texts

MOST = 50
"""So many of a name or an address are looked at; a name of more tells nothing."""


@dataclass(frozen=True)
class Circle:
    """How the ledger writes down an account's own record, its namesakes and its household's neighbours."""

    own: frozenset[str] = frozenset()
    namesakes: frozenset[str] = frozenset()
    neighbours: frozenset[str] = frozenset()
    bearers: int = 0
    """How many others, or how many at all where the own record is not known, bear the name."""
    sure: bool = False
    """The own record is known, not only the name."""


def circles() -> Callable[[str], Circle]:
    """Asks once for each account; a cache for one pass over the ledger."""
    holders = {one.account.username: one for one in Holder.objects.select_related("account")}
    names = dict(Account.objects.values_list("username", "name"))
    people = people_registers()

    @cache
    def of(account: str) -> Circle:
        holder, name = holders.get(account), names.get(account, "")
        alike = named(people, name) if name else set()
        if holder is None:
            return Circle(namesakes=marks(alike), bearers=len(alike))
        near = beside(people, holder)
        return Circle(
            own=marks_of(holder.entity_id),
            namesakes=marks(alike - {holder.entity_id}),
            neighbours=marks(near - alike - {holder.entity_id}),
            bearers=len(alike - {holder.entity_id}),
            sure=True,
        )

    return of


def marks(entities: set[str]) -> frozenset[str]:
    return frozenset().union(*map(marks_of, entities))


def people_registers() -> list[str]:
    served_now = set(ServingState.objects.values_list("register", flat=True))
    known = installed().section("registers")
    return [name for name, one in known.items() if name in served_now and one.search.person_name]


def named(people: list[str], name: str) -> set[str]:
    if not people:
        return set()
    found = registers.search(people, name, limit=MOST)
    return {one.entity_id for one in found if one.exact and one.name == name}


def beside(people: list[str], holder: Holder) -> set[str]:
    """Those whose address reads like the holder's; asked of the search, whose keys are of whole addresses."""
    declared = installed().section("registers").get(holder.register)
    if declared is None or holder.register not in people:
        return set()
    try:
        golden = registers.golden(holder.register, holder.entity_id)
    except NoSuchEntity:
        return set()
    found: set[str] = set()
    for name in declared.search.address:
        value = golden.fields.get(name)
        for address in texts(value.value) if value else []:
            hits = registers.search([holder.register], address, limit=MOST)
            found |= {one.entity_id for one in hits if one.exact and one.matched == "address"}
    return found


class OwnRecord(Detector):
    name = "own-record"
    title = Text("看自己的记录", "One's own record")
    rule = Text(
        "打开了和本账号对上的那个人的记录，不论有没有办件。自己的事请同事办。",
        "The record was opened of the very resident the account is tied to, with a case or without."
        " One's own matter is a colleague's to serve.",
    )

    def find(self, looks: Looks) -> Iterator[Event]:
        of = circles()
        for (account, _), of_day in looks.by_account_and_day().items():
            own = [one for one in of_day if one.opened and one.marks & of(account).own]
            if own:
                yield Event.of(own)

    def explain(self, figures: dict[str, Any]) -> Text:
        return Text(
            "打开自己的记录 {looks} 次。账号和本人是核对过的，可以肯定。",
            "The own record was opened {looks} times. The account was tied to the resident by a check, so this is certain.",
        ).fill(**pick(figures))


class Namesakes(Detector):
    name = "namesakes"
    title = Text("看同名的人", "Namesakes")
    rule = Text(
        "打开了与本人同名的人的记录，而当天没有这个人的办件。",
        "The record of somebody of the same name was opened, and no case of theirs followed that day.",
    )

    def find(self, looks: Looks) -> Iterator[Event]:
        of, cases = circles(), served(looks)
        for (account, _), of_day in looks.by_account_and_day().items():
            circle = of(account)
            found = [one for one in of_day if stray(one, circle.namesakes, cases)]
            if found:
                yield Event.of(found, bearers=circle.bearers, sure=str(circle.sure))

    def explain(self, figures: dict[str, Any]) -> Text:
        if figures["sure"] == "True":
            return Text(
                "打开同名者的记录 {looks} 次，当天没有办件。另有 {bearers} 人同名，不是本人。",
                "The record of a namesake was opened {looks} times without a case. {bearers} others bear the name.",
            ).fill(**pick(figures))
        return Text(
            "打开同名者的记录 {looks} 次，当天没有办件。只凭姓名：库里 {bearers} 人同名，可能是本人，也可能不是。",
            "The record of somebody of the same name was opened {looks} times without a case. By name alone: {bearers}"
            " residents bear it; it may be the own record or not.",
        ).fill(**pick(figures))


class Neighbours(Detector):
    name = "neighbours"
    title = Text("看同住址的人", "Same address")
    rule = Text(
        "打开了与本人同一住址的人的记录，而当天没有这个人的办件。只查和本人对上的账号。",
        "The record of somebody at the holder's own address was opened, and no case of theirs followed that day."
        " Only for accounts tied to a resident.",
    )

    def find(self, looks: Looks) -> Iterator[Event]:
        of, cases = circles(), served(looks)
        for (account, _), of_day in looks.by_account_and_day().items():
            found = [one for one in of_day if stray(one, of(account).neighbours, cases)]
            if found:
                yield Event.of(found)

    def explain(self, figures: dict[str, Any]) -> Text:
        return Text(
            "打开同住址的人的记录 {looks} 次，当天没有办件。住址写法相同，未必同户。",
            "The record of somebody at the same address was opened {looks} times without a case. The address reads the"
            " same; it need not be one household.",
        ).fill(**pick(figures))


def stray(look: Look, marks: frozenset[str], cases: set[tuple[Any, str]]) -> bool:
    """An opened record among these, and no case of it that day."""
    return look.opened and any((look.day, mark) not in cases for mark in look.marks & marks)
