"""Two resources against each other by entity: how many are in both, in one alone; who they are only for a purpose.

    register's records ─by entity─▶ in the left? in the right? ─▶ counts, small ones hidden
                                                              └─▶ a list of cards, its purpose on the ledger

A count below the floor would point at persons, so it is shown as "fewer than", and its neighbours are rounded:
else whoever knows how large the resources are would have it by subtraction.
"""

from __future__ import annotations

from dataclasses import dataclass

import duckdb
from django.db import transaction

from jingwei.engines import lake
from jingwei.kernel import ledger
from jingwei.kernel.models import Account
from jingwei.kernel.text import Text, listed
from jingwei.registers import search
from jingwei.registers.answers import Candidate
from jingwei.registers.errors import NoSuchCollision, NotLinked, PurposeMissing
from jingwei.registers.linking import records_table
from jingwei.registers.sources import Declared, declared

FLOOR = 10
MOST_LISTED = 10_000
LEAST_PURPOSE = 4
BOTH, LEFT, RIGHT = "both", "left", "right"
PARTS = {BOTH: "l AND r", LEFT: "l AND NOT r", RIGHT: "r AND NOT l"}
ACTION = "register.collide"


@dataclass(frozen=True)
class Collision:
    """Counts as they may be shown: an integer, or a text for a small one and those beside it."""

    register: str
    left: str
    right: str
    both: str
    only_left: str
    only_right: str


@dataclass(frozen=True)
class Listing:
    """`total` is how many there are; `cards` the first of them."""

    part: str
    total: int
    cards: list[Candidate]


def shown(counts: list[int]) -> list[str]:
    """The counts of one table, small cells hidden and then the others rounded to tens."""
    if all(count >= FLOOR for count in counts):
        return [f"{count:,}" for count in counts]
    return [
        f"< {FLOOR}" if count < FLOOR else str(Text("约 {n}", "about {n}").fill(n=f"{round(count, -1):,}"))
        for count in counts
    ]


def count(account: Account | None, register: str, left: str, right: str) -> Collision:
    """How many entities both resources know, and each alone. Recorded as use in bulk."""
    _sources(register, left, right)
    asked = ", ".join(f"count(*) FILTER ({condition})" for condition in PARTS.values())
    with lake().read() as con:
        _require(con, register)
        row = con.execute(f"SELECT {asked} FROM ({_sides(register)})", [left, right, left, right]).fetchone()
    both, only_left, only_right = shown(list(row or (0, 0, 0)))
    with transaction.atomic():
        ledger.record(account, ACTION, f"{register}: {left}, {right}", purpose="counts")
    return Collision(register, left, right, both, only_left, only_right)


def listing(
    account: Account | None, register: str, left: str, right: str, part: str, purpose: str
) -> Listing:
    """Who they are, as the cards of the register show them, once the purpose is on the ledger."""
    _sources(register, left, right)
    if len(purpose.strip()) < LEAST_PURPOSE:
        raise PurposeMissing()
    condition = PARTS[part] if part in PARTS else PARTS[BOTH]
    with lake().read() as con:
        _require(con, register)
        rows = con.execute(
            f"SELECT entity_id, count(*) OVER () FROM ({_sides(register)}) WHERE {condition} ORDER BY entity_id LIMIT {MOST_LISTED}",
            [left, right, left, right],
        ).fetchall()
    ids = [entity for entity, _ in rows]
    with transaction.atomic():
        ledger.record(
            account,
            ACTION,
            f"{register}: {left}, {right}, {part}",
            subjects=ids,
            fields=["card"],
            purpose=purpose.strip(),
        )
    return Listing(part, rows[0][1] if rows else 0, search.cards(register, ids))


def _sides(register: str) -> str:
    return (
        f"SELECT entity_id, bool_or(resource = ?) AS l, bool_or(resource = ?) AS r FROM {records_table(register)} "
        "WHERE resource IN (?, ?) GROUP BY entity_id"
    )


def _sources(register: str, left: str, right: str) -> Declared:
    known = declared(register)
    if left == right or left not in known.resources or right not in known.resources:
        raise NoSuchCollision(
            left=left, right=right, register=known.register.title.text(), known=listed(known.resources)
        )
    return known


def _require(con: duckdb.DuckDBPyConnection, register: str) -> None:
    if not lake().exists(con, "register", f"{register}.records"):
        raise NotLinked(register=register)
