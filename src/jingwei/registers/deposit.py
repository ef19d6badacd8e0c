"""Depositing a statement: what was said at the window or in a grid is in the register at once.

    values ─the contract's elements and rules─▶ one row ─identifiers, the entity named─▶ entity
         ─▶ Statement (and a verdict, where only the caller knew the entity)
         ─▶ survivorship over the entity's records and statements ─▶ serving copy
    at night: the connector `statements` ─▶ standard table ─▶ link: the same golden record

Everything is written in the caller's transaction; the lake is only read. Where a value is refused nothing
is written at all.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import duckdb
from django.db import transaction
from django.utils import timezone

from jingwei.catalog.contracts import Contract
from jingwei.collection.connectors.statements import Shape, shape_of
from jingwei.engines import lake
from jingwei.kernel import ledger
from jingwei.kernel.models import Account
from jingwei.kernel.text import Text, listed
from jingwei.registers import following, packing, search, serving, verdicts
from jingwei.registers.belonging import NEW, Belonging, belonging
from jingwei.registers.errors import (
    LinkFirst,
    NoSourceOfRegister,
    NotAFieldToState,
    NothingStated,
    NotLinked,
    TwoEntities,
)
from jingwei.registers.models import Entity, Forwarding, ServingState, Statement
from jingwei.registers.sources import Declared, declared
from jingwei.registers.stated import (
    HELD,
    as_stated,
    gather_current,
    resources_of,
    stage,
    standing,
)
from jingwei.registers.survivorship import golden_sql

FUTURE = Text("日期 {day} 还没有到", "the day {day} has not come yet")
TOO_LONG = Text("太长了，最多 {most} 个字", "too long: at most {most} characters")
LONGEST = 2000
WHY = Text("交存时由经办人指明", "the depositor named the entity")


@dataclass(frozen=True)
class Deposited:
    """What a deposit did. `changed`: register field → its value before and after. `refused`: field of the
    resource → why; then nothing was written and `entity_id` is empty. `outlived`: register field → the value
    that stands although another was stated. `record_key` names the statement's record in its resource."""

    entity_id: str
    changed: dict[str, tuple[Any, Any]] = field(default_factory=dict)
    refused: dict[str, Text] = field(default_factory=dict)
    outlived: dict[str, Any] = field(default_factory=dict)
    record_key: str = ""
    created: bool = False


def deposit(
    register: str,
    resource: str,
    values: Mapping[str, str],
    *,
    entity_id: str | None,
    by: str,
    as_of: date,
    case: str = "",
    record_key: str | None = None,
) -> Deposited:
    """Deposits what was stated about one entity. `values` are texts by field of the resource; without a
    `record_key` they join what the resource was told about the entity on the same day.

    Raises NoSourceOfRegister, NotForStatements, NotAFieldToState, NothingStated, NoSuchEntity, TwoEntities,
    NumberContradicted, NotLinked, LinkFirst; nothing is written then.
    """
    known = declared(register)
    contract, shape = _admitted(known, resource)
    stated = _stated(contract, shape, values)
    state = ready(known)
    with transaction.atomic(), lake().read() as con:
        # Whoever deposits about the same entity meanwhile waits here, and then sees this statement.
        named = standing(register, entity_id) if entity_id else None
        list(Entity.objects.select_for_update().filter(register=register, entity_id=named or ""))
        earlier = _newest(resource, record_key) if record_key else None
        if earlier is not None:
            about = standing(register, earlier.entity_id)
            if named and named != about:
                raise TwoEntities(by_number=about, named=named)
            named = about
        one = Statement(
            resource=resource, record_key=record_key or _fresh_key(as_of), register=register, entity_id=NEW,
            values=stated, as_of=as_of, by=by, case=case, at=timezone.now(),
        )  # fmt: skip
        refused = _refused(con, contract, shape, one)
        if refused:
            return Deposited("", refused=refused)
        found = belonging(con, known, contract, one, named, joins=record_key is None)
        if found.joined is not None:
            one.record_key = found.joined.record_key
            one.values = {**found.joined.values, **stated}
        before = search.golden(register, found.entity).fields if found.entity else {}
        _write(known, one, found, state)
        renew(con, known, [found.entity_id], moved=found.entity or "")
        _note(one, found)
        after = search.golden(register, found.entity_id).fields
    names = [f.name for f in known.register.fields]
    pairs = {
        name: (before[name].value if name in before else None, after[name].value if name in after else None)
        for name in names
    }
    return Deposited(
        entity_id=found.entity_id,
        changed={name: pair for name, pair in pairs.items() if pair[0] != pair[1]},
        outlived=_outlived(known, one, found, {name: pair[1] for name, pair in pairs.items()}, stated),
        record_key=one.record_key,
        created=found.entity is None,
    )


def _admitted(known: Declared, resource: str) -> tuple[Contract, Shape]:
    if resource not in known.resources or resource not in known.contracts:
        raise NoSourceOfRegister(
            resource=resource, register=known.register.title.text(), known=listed(resources_of(known)) or "—"
        )
    contract = known.contracts[resource]
    return contract, shape_of(contract)


def _stated(contract: Contract, shape: Shape, values: Mapping[str, str]) -> dict[str, str]:
    for name in values:
        if name not in shape.stated:
            raise NotAFieldToState(resource=contract.id, field=name, known=listed(shape.stated))
    stated = {name: text.replace("\x00", "").strip() for name, text in values.items()}
    stated = {name: text for name, text in stated.items() if text}
    if not stated:
        raise NothingStated()
    return stated


def ready(known: Declared) -> ServingState:
    """The serving copy's state. Raises NotLinked, or LinkFirst where the declaration is newer than the copy."""
    state = ServingState.objects.filter(register=known.name).first()
    if state is None:
        raise NotLinked(register=known.name)
    if state.sources != known.resources or state.keys_version != packing.version(known):
        raise LinkFirst(register=known.name)
    return state


def _newest(resource: str, record_key: str) -> Statement | None:
    return Statement.objects.filter(resource=resource, record_key=record_key).order_by("-pk").first()


def _fresh_key(as_of: date) -> str:
    return f"{as_of:%Y%m%d}-{uuid.uuid4().hex[:16]}"


def _refused(
    con: duckdb.DuckDBPyConnection, contract: Contract, shape: Shape, one: Statement
) -> dict[str, Text]:
    """What collection would send to quarantine or set aside, in its words."""
    told: dict[str, Text] = {}
    if one.as_of > timezone.localdate():
        told[shape.as_of] = FUTURE.fill(day=one.as_of.isoformat())
    told |= {name: TOO_LONG.fill(most=LONGEST) for name, text in one.values.items() if len(text) > LONGEST}
    if told:
        return told
    plan = stage(con, contract, [as_stated(one)])
    con.execute(f"CREATE OR REPLACE TEMP TABLE judged AS {plan.checked('stage')}")
    wrong, remarked, key = con.execute(f"SELECT {plan.bad}, {plan.void}, {plan.key} FROM judged").fetchall()[
        0
    ]
    asked = [plan.reasons("judged")] if wrong else []
    asked += [plan.remarks("judged")] if remarked else []
    for query in asked:
        for _, reasons in con.execute(query).fetchall():
            for reason in reasons or []:
                if _refuses(plan.contract, reason["code"]):
                    told[reason["field"] or reason["code"]] = Text(reason["zh"], reason["en"])
    one.record_key = str(key) if key is not None else one.record_key
    return told


def _refuses(contract: Contract, code: str) -> bool:
    """A warning is noted with the row when it is collected; everything else refuses the statement."""
    warnings = {rule.name for rule in contract.all_rules if rule.severity == "warning"}
    warnings |= {f"{one.name}-reference" for one in contract.fields if one.references}
    return code not in warnings


def _write(known: Declared, one: Statement, found: Belonging, state: ServingState) -> None:
    one.entity_id = found.entity_id
    one.save()
    if found.vouched:
        pair = sorted(((one.resource, one.record_key), found.vouched))
        same = any((v.left, v.right) == tuple(pair) and v.same for v in verdicts.standing(known.name))
        if not same:
            record = (one.resource, one.record_key)
            verdicts.decide(known.name, record, found.vouched, same=True, by=one.by, why=one.case or WHY.zh)
    if found.entity and found.entity != found.entity_id:
        moved = {"to": found.entity_id, "build": state.build, "at": one.at}
        Forwarding.objects.filter(register=known.name, entity_id=found.entity_id).delete()
        Forwarding.objects.update_or_create(register=known.name, entity_id=found.entity, defaults=moved)
        Statement.objects.filter(register=known.name, entity_id=found.entity).update(
            entity_id=found.entity_id
        )


def renew(con: duckdb.DuckDBPyConnection, known: Declared, entities: list[str], moved: str = "") -> None:
    """Golden records of these entities from the lake's records and the statements, put into the serving copy;
    `moved` is what the first of them was called until now."""
    gather_current(con, known, entities, moved)
    con.execute(f"CREATE OR REPLACE TEMP TABLE renewed AS {golden_sql(known, HELD, 'TRUE')}")
    serving.renew(con, known, "renewed", list(dict.fromkeys([*entities, *([moved] if moved else [])])))


def _note(one: Statement, found: Belonging) -> None:
    ledger.record(
        Account.objects.filter(username=one.by).first(),
        "register.deposit",
        f"{one.resource}/{one.record_key}",
        subjects=list(dict.fromkeys([found.entity_id, *([found.entity] if found.entity else [])])),
        fields=sorted(one.values),
        purpose=one.case,
        case=one.case,
    )


def _outlived(
    known: Declared, one: Statement, found: Belonging, stands: Mapping[str, Any], stated: Mapping[str, str]
) -> dict[str, Any]:
    """Register fields for which something was stated now, and another value stands."""
    source = next(s for s in known.register.sources if s.resource == one.resource)
    told = {}
    for name, theirs in source.map.items():
        if theirs in stated and not known.register.field(name).multiple:
            said = found.values.get(name)
            if said is not None and stands.get(name) != said:
                told[name] = stands.get(name)
    return told


def reapply(con: duckdb.DuckDBPyConnection, known: Declared) -> int:
    """After a link: statements that no collection has brought into the lake yet are laid over its golden
    records again, and every statement learns where the link put its record. Returns how many are open."""
    opened = 0
    entities: dict[str, None] = {}
    for resource in resources_of(known):
        there = _collected(con, known, resource)
        newest: dict[str, Statement] = {}
        for one in Statement.objects.filter(register=known.name, resource=resource).order_by("pk"):
            newest[one.record_key] = one
        for one in newest.values():
            row, entity_id = there.get(one.record_key, (0, ""))
            if entity_id and entity_id != one.entity_id:
                Statement.objects.filter(resource=resource, record_key=one.record_key).update(
                    entity_id=entity_id
                )
            if row < one.pk:
                opened += 1
                entities[_placed(known, one, entity_id)] = None
    if entities:
        with transaction.atomic():
            renew(con, known, list(entities))
    return opened


def _placed(known: Declared, one: Statement, entity_id: str) -> str:
    """Where an open statement belongs by now: its entity may have been given another name meanwhile."""
    placed = entity_id or following.current(known.name, one.entity_id)
    if placed != one.entity_id:
        Statement.objects.filter(resource=one.resource, record_key=one.record_key).update(entity_id=placed)
    return placed


def _collected(con: duckdb.DuckDBPyConnection, known: Declared, resource: str) -> dict[str, tuple[int, str]]:
    """Record key → number of the statement the lake has, and the entity the register put it with."""
    engine = lake()
    if not engine.exists(con, "standard", resource):
        return {}
    rows = con.execute(
        f"SELECT s._key, s._row, r.entity_id FROM {engine.table('standard', resource)} s "
        f"LEFT JOIN (SELECT record_key, entity_id FROM {engine.table('register', known.name + '.records')} "
        "WHERE resource = ?) r ON r.record_key = s._key",
        [resource],
    ).fetchall()
    return {key: (int(row), entity_id or "") for key, row, entity_id in rows}
