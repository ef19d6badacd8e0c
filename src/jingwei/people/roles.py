"""The section `roles/` of a pack: which role has which actions, at which levels, and what it cannot be held beside.

packs ──shape, check──▶ Declaration ──▶ kernel.roles ──▶ permissions

The built-in roles are read from the shipped pack `standards` when Django starts; those of a node's own packs when
an account bears a name that is not built in.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Annotated, Literal

from pydantic import Field

from jingwei.kernel import proposals
from jingwei.kernel.permissions import ACTIONS
from jingwei.kernel.roles import Role
from jingwei.kernel.text import Text
from jingwei.packs.declarations import Declaration, Fault, Words, nearest, read, shape
from jingwei.packs.errors import PackFaulty
from jingwei.packs.sections import Declared, Everything
from jingwei.packs.service import installed, shipped

log = logging.getLogger(__name__)
Level = Literal["city", "district", "street", "community"]


class RoleDeclaration(Declaration):
    role: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{1,39}$")]
    title: Words
    actions: tuple[str, ...]
    levels: tuple[Level, ...] = ()
    excludes: tuple[str, ...] = ()
    two_person: tuple[str, ...] = ()

    def as_role(self) -> Role:
        return Role(
            self.title.text(),
            frozenset(self.actions),
            frozenset(self.levels),
            frozenset(self.excludes),
            frozenset(self.two_person),
        )


def check(declared: Mapping[str, Declared], everything: Everything) -> Iterator[Fault]:
    """Actions and roles that do not exist, with the nearest that does."""
    known = set(declared)
    for one in declared.values():
        for key, names, of in (
            ("actions", one.value.actions, ACTIONS),
            ("two_person", one.value.two_person, ACTIONS),
            ("excludes", one.value.excludes, known),
        ):
            for index, name in enumerate(names):
                if name not in of:
                    yield one.fault((key, index), _unknown(name, of), "unknown-name")
        for action in sorted(set(one.value.two_person) - set(one.value.actions)):
            text = Text("{action} 不在 actions 里", "{action} is not among its actions").fill(action=action)
            yield one.fault(("two_person",), text)
        for action in sorted(set(one.value.two_person) & set(ACTIONS) - set(proposals.possible())):
            text = Text("{action} 还不能要求第二个人", "{action} cannot be put before a second person").fill(
                action=action
            )
            yield one.fault(("two_person",), text)
        if one.value.role in one.value.excludes:
            yield one.fault(("excludes",), Text("不能排斥自己", "excludes itself"))


def _unknown(name: str, known: object) -> Text:
    near = nearest(name, known)
    hint = Text(f"，是不是 {near}？", f"; did you mean {near}?") if near else Text("", "")
    return Text("不认识 {name}{hint}", "{name} is not known{hint}").fill(name=name, hint=hint)


@lru_cache(maxsize=1)
def built_in() -> dict[str, Role]:
    """The shipped roles. They are read without the packs of the home, so that a faulty pack locks nobody out."""
    found: dict[str, Role] = {}
    for path in sorted((shipped() / "standards" / "roles").glob("*.yaml")):
        document, faults = read(path)
        if document is None:
            raise ValueError(str(faults[0]))
        for index in range(len(document.value)):
            one, faults = shape(document, RoleDeclaration, (index,))
            if one is None:
                raise ValueError(str(faults[0]))
            found[one.role] = one.as_role()
    return found


def of_packs() -> dict[str, Role]:
    """Roles of this node's own packs. While a pack is faulty its roles give nothing, and everybody else goes on."""
    try:
        return {name: one.as_role() for name, one in installed().section("roles").items()}
    except PackFaulty as exc:
        log.warning("roles of packs are left out: %s", exc.code)
        return {}
