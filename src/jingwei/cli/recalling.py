"""`jingwei register history`: what a register said of an entity on another day, and what changed since."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date, datetime
from typing import Any

import click
from django.db import transaction
from django.utils import timezone

from jingwei.cli.frame import Output, command
from jingwei.kernel import ledger
from jingwei.kernel.text import Text
from jingwei.packs.service import installed
from jingwei.registers import service
from jingwei.registers.answers import Golden
from jingwei.registers.declaration import Register
from jingwei.registers.history import Moment
from jingwei.registers.showing import element_called, is_number

DAY = click.DateTime(["%Y-%m-%d"])


def shown(register: Register, name: str, value: Any) -> Any:
    """A field's value with its numbers starred."""
    declared = next((one for one in register.fields if one.name == name), None)
    if declared is None or value is None:
        return value
    element = element_called(declared.element)
    if isinstance(value, list):
        return [shown(register, name, one) for one in value]
    return element.mask_text(value) if isinstance(value, str) and is_number(element) else value


def plain(value: Any) -> str:
    if value is None:
        return "—"
    return "、".join(str(one) for one in value) if isinstance(value, list) else str(value)


def tell_moments(out: Output, register: Register, moments: list[Moment]) -> None:
    rows = [
        [
            timezone.localtime(one.known).strftime("%Y-%m-%d %H:%M"),
            one.field,
            one.words,
            plain(shown(register, one.field, one.before)),
            plain(shown(register, one.field, one.after)),
            f"{one.organization} {one.source}".strip(),
            one.as_of or "",
            one.other or one.case,
        ]
        for one in moments
    ]
    heads: list[Text | str] = [
        Text("何时得知", "known"), Text("字段", "field"), Text("事由", "what"), Text("原值", "before"),
        Text("新值", "after"), Text("来自", "source"), Text("截至", "as of"), Text("另一方或办件", "other or case"),
    ]  # fmt: skip
    out.table(Text("经过", "History"), heads, rows)


def tell_golden(out: Output, register: Register, golden: Golden) -> None:
    rows = [
        [name, plain(shown(register, name, v.value)), f"{v.organization} {v.source}", v.as_of, v.reason]
        for name, v in golden.fields.items()
    ]
    heads: list[Text | str] = [
        Text("字段", "field"), Text("值", "value"), Text("来自", "source"), Text("截至", "as of"), Text("为何", "why"),
    ]  # fmt: skip
    out.table(Text("当时的主记录", "Golden record then"), heads, rows)


def masked(register: Register, moment: Moment) -> dict[str, Any]:
    told = asdict(moment)
    return {**told, **{side: shown(register, moment.field, told[side]) for side in ("before", "after")}}


def note(name: str, entity: str, fields: list[str]) -> None:
    with transaction.atomic():
        ledger.record(None, "register.read", f"history {name}", subjects=[entity], fields=fields)


def add_to(group: click.Group) -> None:
    @command(group, "history")
    @click.argument("name", metavar="REGISTER")
    @click.argument("entity")
    @click.option("--on", "on", type=DAY, help="The golden record as the register held it on this day.")
    @click.option("--valid", type=DAY, help="From nothing that was stated as of a later day.")
    @click.option(
        "--builds",
        default=50,
        show_default=True,
        type=click.IntRange(1, 1000),
        help="How many builds to look back.",
    )
    def history(
        out: Output, name: str, entity: str, on: datetime | None, valid: datetime | None, builds: int
    ) -> None:
        """What changed about ENTITY of REGISTER, or what it was on a day."""
        if on or valid:
            day: date = on.date() if on else timezone.localdate()
            golden = service.as_of(name, entity, known=day, valid=valid.date() if valid else None)
            register: Register = installed().section("registers")[name]
            note(name, entity, list(golden.fields))
            tell_golden(out, register, golden)
            fields = {
                field: {**asdict(v), "value": shown(register, field, v.value)}
                for field, v in golden.fields.items()
            }
            out.result({"register": name, "entity": entity, "known": day, "valid": valid, "fields": fields})
            return
        moments = service.history(name, entity, limit=builds)
        register = installed().section("registers")[name]
        note(name, entity, sorted({one.field for one in moments if one.field}))
        tell_moments(out, register, moments)
        out.result(
            {"register": name, "entity": entity, "moments": [masked(register, one) for one in moments]}
        )
